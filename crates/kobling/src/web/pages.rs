//! The pages for people.

mod agreement;
mod agreements;
mod audit;
pub(super) mod brakes;
mod deliveries;
mod delivery;
mod drift;
mod extract;
mod group;
mod groups;
mod here;
mod my_people;
mod overview;
mod people;
mod person;
mod plan_refused;
mod plans;
mod preview;
mod refusal;
mod reveal;
pub(super) mod runs;
mod settings;
mod sign_in;
#[cfg(test)]
mod tests;
mod timelines;
mod units;
mod values;
mod words;

pub(super) use refusal::page as refusal;
pub(super) use sign_in::{employers, path as sign_in_path};

use super::route::Route;

pub(super) fn routes() -> Vec<Route> {
    [
        overview::routes(),
        runs::routes(),
        plans::routes(),
        preview::routes(),
        people::routes(),
        person::routes(),
        reveal::routes(),
        extract::routes(),
        my_people::routes(),
        units::routes(),
        groups::routes(),
        group::routes(),
        agreements::routes(),
        agreement::routes(),
        deliveries::routes(),
        delivery::routes(),
        audit::routes(),
        settings::routes(),
        sign_in::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
