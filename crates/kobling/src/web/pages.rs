//! The pages for people.

mod overview;
mod refusal;
mod sign_in;

pub(super) use refusal::page as refusal;
pub(super) use sign_in::path as sign_in_path;

use super::route::Route;

pub(super) fn routes() -> Vec<Route> {
    [overview::routes(), sign_in::routes()].into_iter().flatten().collect()
}
