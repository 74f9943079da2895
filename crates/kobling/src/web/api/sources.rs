//! `GET /api/v1/sources` and `/api/v1/sources/{key}`: what the hub reads from; and having it read now.

use super::asked::{Asked, Asker, accept, get};
use super::configured::Configured;
use super::known::{Known, KnownPage};
use super::page::{ByKey, Page};
use crate::web::described::Nothing;
use crate::web::problem::{Kind, Problem};
use crate::web::route::Route;
use jiff::Timestamp;
use kobling_domain::access::Operation;
use kobling_formats::opus::Mode;
use kobling_hub::access::configuration::SourceFormat;
use kobling_hub::exchange::asking::{self, AskError, Standing};
use schemars::JsonSchema;
use serde::Serialize;

pub(super) fn routes() -> Vec<Route> {
    let read = Operation::ReadSources;
    let reading_told = ("show_reading", "Whether a source is being read, and its last runs.");
    let run_told = ("run_source", "Asks that a source's place be looked at now.");
    let told = ("list_sources", "What the hub reads from, by key.");
    vec![
        get("/api/v1/sources", read, told, list),
        get("/api/v1/sources/{key}", read, ("show_source", "One of them."), show),
        get("/api/v1/sources/{key}/runs", Operation::ReadRuns, reading_told, reading),
    ]
    .into_iter()
    .map(|it| it.refusing(&[Kind::NotFound]))
    .chain([accept("/api/v1/sources/{key}/runs", Operation::RunSource, run_told, run_now)
        .refusing(&[Kind::NotFound, Kind::Conflict])])
    .collect()
}

/// A connection the hub reads from.
#[derive(Serialize, JsonSchema)]
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

async fn list(asked: Asked<Nothing, KnownPage>) -> Result<Page<Source>, Problem> {
    let all = visible(&asked.by, asked.query.known_at).await?;
    Ok(Page::by_key(all, &asked.query.page(), |it| &it.key))
}

async fn show(asked: Asked<ByKey, Known>) -> Result<Source, Problem> {
    let all = visible(&asked.by, asked.query.known_at).await?;
    asked.path.among("source", all, |it| &it.key)
}

async fn reading(asked: Asked<ByKey>) -> Result<Standing, Problem> {
    let Asked { by, path: ByKey { key }, .. } = asked;
    reach(&by, &key).await?;
    asking::standing(by.hub(), by.tenant(), &key).await.map_err(refused)
}

async fn run_now(asked: Asked<ByKey>) -> Result<Standing, Problem> {
    let Asked { by, path: ByKey { key }, .. } = asked;
    reach(&by, &key).await?;
    asking::ask(by.hub(), by.tenant(), &key, by.who()).await.map_err(refused)
}

async fn reach(by: &Asker, key: &str) -> Result<(), Problem> {
    let is_there = visible(by, None).await?.iter().any(|it| it.key == key);
    is_there.then_some(()).ok_or_else(|| refused(AskError::Unknown { key: key.to_owned() }))
}

fn refused(error: AskError) -> Problem {
    let kind = match &error {
        AskError::Unknown { .. } => Kind::NotFound,
        AskError::SendsItself { .. } | AskError::NoPlace { .. } => Kind::Conflict,
        AskError::Configure(_) | AskError::Store(_) => return Problem::internal(error),
    };
    Problem::new(kind, &error.to_string())
}

/// The sources within the caller's reach.
async fn visible(by: &Asker, known_at: Option<Timestamp>) -> Result<Vec<Source>, Problem> {
    let configured = Configured::at(by, known_at).await?;
    let sources = configured.text.sources.iter().map(|it| Source {
        key: it.key.clone(),
        system: it.system.clone(),
        party: configured.party_of(&it.system).to_owned(),
        format: it.format,
        mode: it.mode,
    });
    Ok(sources.filter(|it| configured.reaches_party(&it.party)).collect())
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
