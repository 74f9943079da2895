//! `GET /api/v1/units/{id}`: one unit, by the hub's own id or a source's number of it.

use super::subject::{When, shown};
use crate::web::caller::Caller;
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::state::Server;
use axum::Json;
use axum::extract::{Path, State};
use kobling_domain::access::Operation;
use kobling_domain::people::Kind;
use kobling_hub::people::Shown;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::api(Verb::Get, "/api/v1/units/{id}", Gate::For(Operation::ReadUnits), show)]
}

async fn show(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
    Query(when): Query<When>,
) -> Result<Json<Shown>, Problem> {
    Ok(Json(shown(&server, &caller, (Kind::Unit, &id), when).await?))
}
