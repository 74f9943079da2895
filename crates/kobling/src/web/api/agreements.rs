//! `GET /api/v1/agreements` and `/api/v1/agreements/{key}`: who may receive what.

use super::asked::{Asked, get};
use super::configured::Configured;
use super::known::{Known, KnownPage};
use super::page::Page;
use crate::web::described::Nothing;
use crate::web::problem::{Kind, Problem};
use crate::web::route::Route;
use kobling_domain::access::Operation;
use kobling_domain::agreement::AgreementText;
use schemars::JsonSchema;
use serde::Deserialize;

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

/// Which agreement.
#[derive(Deserialize, JsonSchema)]
struct Which {
    /// Its key.
    key: String,
}

async fn list(asked: Asked<Nothing, KnownPage>) -> Result<Page<AgreementText>, Problem> {
    let configured = Configured::at(&asked.by, asked.query.known_at).await?;
    let all = configured.text.agreements.iter();
    let all = all.filter(|it| configured.reaches_agreement(it)).cloned().collect();
    Ok(Page::by_key(all, &asked.query.page(), |it| &it.key))
}

async fn show(asked: Asked<Which, Known>) -> Result<AgreementText, Problem> {
    let key = &asked.path.key;
    let configured = Configured::at(&asked.by, asked.query.known_at).await?;
    let found = configured.text.agreements.iter().find(|it| it.key == *key);
    let found = found.filter(|it| configured.reaches_agreement(it));
    let unknown = || Problem::new(Kind::NotFound, &format!("there is no agreement {key:?}"));
    found.cloned().ok_or_else(unknown)
}
