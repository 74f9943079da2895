//! `GET /api/v1/interfaces` and `/api/v1/interfaces/{key}`: what systems offer.

use super::asked::{Asked, Asker, get};
use super::configured::Configured;
use super::known::{Known, KnownPage};
use super::page::{ByKey, Page};
use crate::web::described::Nothing;
use crate::web::problem::{Kind, Problem};
use crate::web::route::Route;
use jiff::Timestamp;
use kobling_domain::access::Operation;
use kobling_hub::access::configuration::InterfaceText;

pub(super) fn routes() -> Vec<Route> {
    let read = Operation::ReadParties;
    let told = ("list_interfaces", "What systems offer, by key.");
    vec![
        get("/api/v1/interfaces", read, told, list),
        get("/api/v1/interfaces/{key}", read, ("show_interface", "One interface."), show),
    ]
    .into_iter()
    .map(|it| it.refusing(&[Kind::NotFound]))
    .collect()
}

async fn list(asked: Asked<Nothing, KnownPage>) -> Result<Page<InterfaceText>, Problem> {
    let all = visible(&asked.by, asked.query.known_at).await?;
    Ok(Page::by_key(all, &asked.query.page(), |it| &it.key))
}

async fn show(asked: Asked<ByKey, Known>) -> Result<InterfaceText, Problem> {
    let all = visible(&asked.by, asked.query.known_at).await?;
    asked.path.among("interface", all, |it| &it.key)
}

/// The interfaces of systems within the caller's reach, and those that an agreement within it names.
async fn visible(by: &Asker, known_at: Option<Timestamp>) -> Result<Vec<InterfaceText>, Problem> {
    let configured = Configured::at(by, known_at).await?;
    let agreements = configured.text.agreements.iter();
    let agreed = agreements.filter(|it| configured.reaches_agreement(it));
    let agreed: Vec<&String> = agreed.flat_map(|it| &it.interfaces).collect();
    let all = configured.text.interfaces.iter();
    let all = all.filter(|it| configured.reaches_system(&it.system) || agreed.contains(&&it.key));
    Ok(all.cloned().collect())
}
