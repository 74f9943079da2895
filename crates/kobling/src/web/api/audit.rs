//! `GET /api/v1/audit`: who did what, the newest first.

use crate::web::caller::Caller;
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::state::Server;
use axum::Json;
use axum::extract::State;
use kobling_domain::access::Operation;
use kobling_hub::access::audit::{self, Told};
use serde::{Deserialize, Serialize};

/// Entries told at once.
const ENTRIES_MAX: u32 = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::api(Verb::Get, "/api/v1/audit", Gate::For(Operation::ReadAudit), list)]
}

/// Which entries.
#[derive(Deserialize)]
struct Wanted {
    before: Option<i64>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Entries {
    items: Vec<Told>,
    /// The `before` that gives the next ones; none after the first entry of all.
    next: Option<i64>,
}

async fn list(
    State(server): State<Server>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Entries>, Problem> {
    let limit = wanted.limit.unwrap_or(ENTRIES_MAX).clamp(1, ENTRIES_MAX);
    let items = audit::list(server.hub(), caller.signed.tenant, wanted.before, limit).await;
    let items = items.map_err(Problem::internal)?;
    let next = items.last().map(|it| it.no).filter(|no| *no > 1);
    Ok(Json(Entries { items, next }))
}

#[cfg(test)]
mod tests {
    use crate::web::testing::App;
    use kobling_domain::access::Role;

    #[tokio::test]
    async fn the_audit_is_read_page_by_page_the_newest_first() {
        let app = App::new().await;
        let auditor = app.signed_in(Role::Auditor).await;
        let first = app.get("/api/v1/audit?limit=2", Some(&auditor)).await.json();
        let actions = |page: &serde_json::Value| {
            let items = page["items"].as_array().unwrap();
            items.iter().map(|it| it["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(actions(&first), ["session.open", "user.add"]);
        let next = format!("/api/v1/audit?limit=2&before={}", first["next"]);
        let second = app.get(&next, Some(&auditor)).await.json();
        assert_eq!(
            (actions(&second), second["next"].is_null()),
            (vec!["configuration.apply".to_owned()], true)
        );
    }
}
