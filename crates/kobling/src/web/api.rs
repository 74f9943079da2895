//! The API for programs, under `/api/v1`.

mod agreements;
mod asked;
mod audit;
mod changes;
mod clients;
mod closings;
mod condition;
mod configured;
mod deliveries;
mod groups;
mod interfaces;
mod known;
mod once;
mod openapi;
mod page;
mod parties;
mod people;
mod plans;
mod push;
mod runs;
mod session;
mod sources;
mod subjects;
mod targets;
mod users;
mod word;

use super::route::Route;

pub(super) fn routes() -> Vec<Route> {
    [
        agreements::routes(),
        audit::routes(),
        changes::routes(),
        clients::routes(),
        closings::routes(),
        deliveries::routes(),
        groups::routes(),
        interfaces::routes(),
        openapi::routes(),
        parties::routes(),
        people::routes(),
        plans::routes(),
        push::routes(),
        runs::routes(),
        session::routes(),
        sources::routes(),
        subjects::routes(),
        targets::routes(),
        users::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
