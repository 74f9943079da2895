//! `GET /api/v1/agreements` and `/api/v1/agreements/{key}`: who may receive what.

use super::asked::{Asked, Asker, get};
use super::configured::Configured;
use super::known::{Known, KnownPage};
use super::page::{ByKey, Page};
use crate::web::described::Nothing;
use crate::web::problem::{Kind, Problem};
use crate::web::route::Route;
use jiff::Timestamp;
use kobling_domain::access::Operation;
use kobling_domain::agreement::AgreementText;

pub(super) fn routes() -> Vec<Route> {
    let read = Operation::ReadAgreements;
    vec![
        get("/api/v1/agreements", read, ("list_agreements", "Who may receive what, by key."), list),
        get("/api/v1/agreements/{key}", read, ("show_agreement", "One agreement."), show),
    ]
    .into_iter()
    .map(|it| it.refusing(&[Kind::NotFound]))
    .collect()
}

async fn list(asked: Asked<Nothing, KnownPage>) -> Result<Page<AgreementText>, Problem> {
    let all = visible(&asked.by, asked.query.known_at).await?;
    Ok(Page::by_key(all, &asked.query.page(), |it| &it.key))
}

async fn show(asked: Asked<ByKey, Known>) -> Result<AgreementText, Problem> {
    let all = visible(&asked.by, asked.query.known_at).await?;
    asked.path.among("agreement", all, |it| &it.key)
}

/// The agreements within the caller's reach.
async fn visible(by: &Asker, known_at: Option<Timestamp>) -> Result<Vec<AgreementText>, Problem> {
    let configured = Configured::at(by, known_at).await?;
    let all = configured.text.agreements.iter();
    Ok(all.filter(|it| configured.reaches_agreement(it)).cloned().collect())
}
