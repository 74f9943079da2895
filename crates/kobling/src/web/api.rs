//! The API for programs, under `/api/v1`.

mod audit;
mod employments;
mod persons;
mod session;
mod sources;
mod subject;
mod units;

use super::route::Route;

pub(super) fn routes() -> Vec<Route> {
    [
        audit::routes(),
        employments::routes(),
        persons::routes(),
        session::routes(),
        sources::routes(),
        units::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
