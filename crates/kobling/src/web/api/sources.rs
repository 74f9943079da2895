//! `GET /api/v1/sources` and `/api/v1/sources/{key}`: what the hub reads from.

use crate::web::caller::Caller;
use crate::web::problem::{Kind, Problem};
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::state::Server;
use axum::Json;
use axum::extract::{Path, State};
use jiff::Timestamp;
use kobling_domain::access::Operation;
use kobling_formats::opus::Mode;
use kobling_hub::access;
use kobling_hub::access::configuration::SourceFormat;
use serde::{Deserialize, Serialize};

pub(super) fn routes() -> Vec<Route> {
    let gate = Gate::For(Operation::ReadSources);
    vec![
        Route::api(Verb::Get, "/api/v1/sources", gate, list),
        Route::api(Verb::Get, "/api/v1/sources/{key}", gate, show),
    ]
}

/// As the hub knew it when.
#[derive(Deserialize)]
struct When {
    known_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct Sources {
    items: Vec<Source>,
}

/// A connection the hub reads from.
#[derive(Serialize)]
struct Source {
    /// Its key.
    key: String,
    /// The system it reads.
    system: String,
    /// The party that operates the system.
    party: String,
    /// How its files are written.
    format: SourceFormat,
    /// Whether a file speaks about what it does not mention.
    mode: Mode,
}

async fn list(
    State(server): State<Server>,
    caller: Caller,
    Query(when): Query<When>,
) -> Result<Json<Sources>, Problem> {
    Ok(Json(Sources { items: visible(&server, &caller, &when).await? }))
}

async fn show(
    State(server): State<Server>,
    caller: Caller,
    Path(key): Path<String>,
    Query(when): Query<When>,
) -> Result<Json<Source>, Problem> {
    let found = visible(&server, &caller, &when).await?.into_iter().find(|it| it.key == key);
    let unknown = || Problem::new(Kind::NotFound, &format!("there is no source {key:?}"));
    found.map(Json).ok_or_else(unknown)
}

/// The sources within the caller's reach, by key.
async fn visible(server: &Server, caller: &Caller, when: &When) -> Result<Vec<Source>, Problem> {
    let configuration = access::configured(server.hub(), caller.signed.tenant, when.known_at)
        .await
        .map_err(Problem::internal)?;
    let party_of = |system: &str| {
        let found = configuration.systems.iter().find(|it| it.key == system);
        found.map(|it| it.party.clone()).unwrap_or_default()
    };
    let sources = configuration.sources.iter().map(|it| Source {
        key: it.key.clone(),
        system: it.system.clone(),
        party: party_of(&it.system),
        format: it.format,
        mode: it.mode,
    });
    Ok(sources.filter(|it| caller.access.has_party(&it.party)).collect())
}

#[cfg(test)]
mod tests {
    use crate::web::testing::App;
    use kobling_domain::access::Role;

    #[tokio::test]
    async fn a_supplier_sees_the_sources_of_its_own_systems_only() {
        let app = App::new().await;
        let owner = app.signed_in(Role::EmployerOwner).await;
        let supplier = app.signed_in(Role::SupplierTechnician).await;
        let all = app.get("/api/v1/sources", Some(&owner)).await.json();
        assert_eq!(all["items"][0]["party"], "payroll");
        assert_eq!(app.get("/api/v1/sources/opus", Some(&owner)).await.json()["format"], "opus");
        let own = app.get("/api/v1/sources", Some(&supplier)).await.json();
        assert_eq!(own["items"].as_array().unwrap().len(), 0);
        assert_eq!(app.get("/api/v1/sources/opus", Some(&supplier)).await.status, 404);
    }

    #[tokio::test]
    async fn a_parameter_that_is_not_understood_is_told_of() {
        let app = App::new().await;
        let owner = app.signed_in(Role::EmployerOwner).await;
        let refused = app.get("/api/v1/sources?known_at=yesterday", Some(&owner)).await;
        assert_eq!(
            (refused.status, refused.json()["type"].as_str()),
            (400, Some("urn:kobling:problem:bad-request"))
        );
        assert!(refused.json()["detail"].as_str().unwrap().contains("known_at"));
    }
}
