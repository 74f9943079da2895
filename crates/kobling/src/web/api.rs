//! The API for programs, under `/api/v1`.

mod session;
mod sources;

use super::route::Route;

pub(super) fn routes() -> Vec<Route> {
    [session::routes(), sources::routes()].into_iter().flatten().collect()
}
