//! `GET /api/v1/parties` and `/api/v1/systems`: organisations, and what they run.

use super::asked::{Asked, Asker, get};
use super::configured::Configured;
use super::known::{Known, KnownPage};
use super::page::{ByKey, Page};
use crate::web::described::Nothing;
use crate::web::problem::{Kind, Problem};
use crate::web::route::Route;
use jiff::Timestamp;
use kobling_domain::access::Operation;
use kobling_hub::access::configuration::{PartyText, SystemText};

pub(super) fn routes() -> Vec<Route> {
    let read = Operation::ReadParties;
    vec![
        get("/api/v1/parties", read, ("list_parties", "Organisations, by key."), parties),
        get("/api/v1/parties/{key}", read, ("show_party", "One of them."), party),
        get("/api/v1/systems", read, ("list_systems", "Running systems, by key."), systems),
        get("/api/v1/systems/{key}", read, ("show_system", "One of them."), system),
    ]
    .into_iter()
    .map(|it| it.refusing(&[Kind::NotFound]))
    .collect()
}

async fn parties(asked: Asked<Nothing, KnownPage>) -> Result<Page<PartyText>, Problem> {
    let all = visible_parties(&asked.by, asked.query.known_at).await?;
    Ok(Page::by_key(all, &asked.query.page(), |it| &it.key))
}

async fn party(asked: Asked<ByKey, Known>) -> Result<PartyText, Problem> {
    let all = visible_parties(&asked.by, asked.query.known_at).await?;
    asked.path.among("party", all, |it| &it.key)
}

async fn systems(asked: Asked<Nothing, KnownPage>) -> Result<Page<SystemText>, Problem> {
    let all = visible_systems(&asked.by, asked.query.known_at).await?;
    Ok(Page::by_key(all, &asked.query.page(), |it| &it.key))
}

async fn system(asked: Asked<ByKey, Known>) -> Result<SystemText, Problem> {
    let all = visible_systems(&asked.by, asked.query.known_at).await?;
    asked.path.among("system", all, |it| &it.key)
}

async fn visible_parties(
    by: &Asker,
    known_at: Option<Timestamp>,
) -> Result<Vec<PartyText>, Problem> {
    let configured = Configured::at(by, known_at).await?;
    let all = configured.text.parties.iter();
    Ok(all.filter(|it| configured.reaches_party(&it.key)).cloned().collect())
}

async fn visible_systems(
    by: &Asker,
    known_at: Option<Timestamp>,
) -> Result<Vec<SystemText>, Problem> {
    let configured = Configured::at(by, known_at).await?;
    let all = configured.text.systems.iter();
    Ok(all.filter(|it| configured.reaches_party(&it.party)).cloned().collect())
}
