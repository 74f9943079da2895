//! `GET /api/v1/targets` and `/api/v1/targets/{key}`: what the hub delivers to.

use super::asked::{Asked, get};
use super::configured::Configured;
use super::known::{Known, KnownPage};
use super::page::{ByKey, Page};
use crate::web::described::Nothing;
use crate::web::problem::{Kind, Problem};
use crate::web::route::Route;
use kobling_domain::access::Operation;
use kobling_hub::access::configuration::{
    EndedEmployments, FutureEmployments, HoldsData, Profile, TargetFormat, TargetText, TextEncoding,
};
use schemars::JsonSchema;
use serde::Serialize;

pub(super) fn routes() -> Vec<Route> {
    let read = Operation::ReadTargets;
    vec![
        get("/api/v1/targets", read, ("list_targets", "What the hub delivers to, by key."), list),
        get("/api/v1/targets/{key}", read, ("show_target", "One of them."), show),
    ]
    .into_iter()
    .map(|it| it.refusing(&[Kind::NotFound]))
    .collect()
}

/// A connection the hub delivers to.
#[derive(Serialize, JsonSchema)]
struct Target {
    /// Its key.
    key: String,
    /// The system it delivers to.
    system: String,
    /// The party that operates the system.
    party: String,
    /// What its files look like.
    format: TargetFormat,
    /// The variant of the files.
    profile: Option<Profile>,
    /// Where it delivers to.
    place: Option<String>,
    /// In which bytes it wants its text.
    encoding: TextEncoding,
    /// Keys of the target groups it is told of.
    groups: Vec<String>,
    /// How employments that have not begun are marked.
    future: FutureEmployments,
    /// What becomes of employments that have ended.
    ended: EndedEmployments,
    /// Whether it holds data that somebody typed there, which is taken over first.
    holds_data: HoldsData,
    /// Who sees to dead letters.
    owner: String,
}

async fn list(asked: Asked<Nothing, KnownPage>) -> Result<Page<Target>, Problem> {
    let configured = Configured::at(&asked.by, asked.query.known_at).await?;
    let all = configured.text.targets.iter().filter(|it| configured.reaches_system(&it.system));
    let all = all.map(|it| told(&configured, it)).collect();
    Ok(Page::by_key(all, &asked.query.page(), |it| &it.key))
}

async fn show(asked: Asked<ByKey, Known>) -> Result<Target, Problem> {
    let configured = Configured::at(&asked.by, asked.query.known_at).await?;
    Ok(told(&configured, configured.target(&asked.path.key)?))
}

fn told(configured: &Configured, it: &TargetText) -> Target {
    let party = configured.party_of(&it.system).to_owned();
    let url = it.http.as_ref().map(|it| it.url.clone());
    Target {
        key: it.key.clone(),
        system: it.system.clone(),
        owner: it.owner.clone().unwrap_or_else(|| party.clone()),
        party,
        format: it.format,
        profile: it.profile,
        place: url.or_else(|| it.place().map(|it| it.to_string())),
        encoding: it.encoding,
        groups: it.groups.clone(),
        future: it.future,
        ended: it.ended,
        holds_data: it.holds_data,
    }
}
