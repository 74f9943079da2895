//! For those who keep the server running: is it there, and can it work?

use super::described::{Described, Nothing};
use super::problem::{Kind, Problem};
use super::route::{Gate, Route, Verb};
use super::state::Server;
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

pub(super) fn routes() -> Vec<Route> {
    let live_told = ("is_live", "Whether the process answers.");
    let ready_told = ("is_ready", "Whether the store answers too, and is of this version.");
    vec![
        Route::api(Verb::Get, "/health/live", Gate::Free, told(live_told), live),
        Route::api(Verb::Get, "/health/ready", Gate::Free, told(ready_told), ready)
            .refusing(&[Kind::NotReady]),
    ]
}

fn told((name, summary): (&'static str, &'static str)) -> Described {
    Described::of::<Nothing, Nothing, Nothing, Health>(name, summary)
}

/// How the server is.
#[derive(Serialize, JsonSchema)]
struct Health {
    /// `live` or `ready`.
    status: &'static str,
}

/// The process answers.
async fn live() -> Json<Health> {
    Json(Health { status: "live" })
}

/// The store answers too, and its tables are of this version.
async fn ready(State(server): State<Server>) -> Result<Json<Health>, Problem> {
    match server.hub().db.is_current().await {
        Ok(true) => Ok(Json(Health { status: "ready" })),
        Ok(false) => Err(Problem::new(Kind::NotReady, "the store's tables are of another version")),
        Err(error) => {
            let _logged = Problem::internal(error);
            Err(Problem::new(Kind::NotReady, "the store does not answer"))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::web::testing::App;

    #[tokio::test]
    async fn a_server_with_its_store_is_live_and_ready() {
        let app = App::new().await;
        for (path, status) in [("/health/live", "live"), ("/health/ready", "ready")] {
            let answer = app.get(path, None).await;
            assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some(status)));
        }
    }
}
