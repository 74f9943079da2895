//! The API for programs, under `/api/v1`.

mod asked;
mod audit;
mod openapi;
mod page;
mod session;
mod sources;
mod subjects;

use super::route::Route;

pub(super) fn routes() -> Vec<Route> {
    [audit::routes(), openapi::routes(), session::routes(), sources::routes(), subjects::routes()]
        .into_iter()
        .flatten()
        .collect()
}
