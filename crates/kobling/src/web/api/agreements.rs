//! `GET /api/v1/agreements` and `/api/v1/agreements/{key}` with its `/versions` and `/steps`: who may
//! receive what, since when and by whose word; doing a step of a draft; and closing an agreement.

use super::asked::{Asked, Asker, get, post};
use super::configured::Configured;
use super::known::{Known, KnownPage};
use super::page::{ByKey, Page, count, number};
use super::word::decision;
use crate::web::described::Nothing;
use crate::web::problem::{Kind, Problem};
use crate::web::route::Route;
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::access::Operation;
use kobling_domain::agreement::{Step, Template, Verdict};
use kobling_hub::access;
use kobling_hub::agreement::{self, AgreementError, Closing, Listed, Said, Stands, State, Version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How what changes an agreement may be refused.
const REFUSING: &[Kind] =
    &[Kind::NotFound, Kind::Conflict, Kind::ConditionMissing, Kind::ChangedMeanwhile];

pub(super) fn routes() -> Vec<Route> {
    let read = Operation::ReadAgreements;
    let told_list = ("list_agreements", "Who may receive what, and what waits for whom, by key.");
    let told_versions = ("list_agreement_versions", "The versions of an agreement, in order.");
    let told_steps = ("show_agreement_steps", "The steps of an agreement's latest version.");
    let told_step = ("do_agreement_step", "Releases or rejects a draft for one of its parties.");
    let told_close = ("close_agreement", "Ends an agreement on a day.");
    let step = "/api/v1/agreements/{key}/steps/{step}";
    let (release, close_by) = (Operation::ReleaseAgreement, Operation::CloseAgreement);
    vec![
        get("/api/v1/agreements", read, told_list, list),
        get("/api/v1/agreements/{key}", read, ("show_agreement", "One agreement."), show),
        get("/api/v1/agreements/{key}/versions", read, told_versions, versions),
        get("/api/v1/agreements/{key}/steps", read, told_steps, steps),
    ]
    .into_iter()
    .map(|it| it.refusing(&[Kind::NotFound]))
    .chain([
        post(step, release, told_step, say).refusing(REFUSING),
        post("/api/v1/agreements/{key}/close", close_by, told_close, close).refusing(REFUSING),
    ])
    .collect()
}

async fn list(asked: Asked<Nothing, KnownPage>) -> Result<Page<Listed>, Problem> {
    let all = visible(&asked.by, asked.query.known_at).await?;
    Ok(Page::by_key(all, &asked.query.page(), |it| &it.text.key))
}

async fn show(asked: Asked<ByKey, Known>) -> Result<Listed, Problem> {
    let all = visible(&asked.by, asked.query.known_at).await?;
    asked.path.among("agreement", all, |it| &it.text.key)
}

/// The agreements within the caller's reach.
async fn visible(by: &Asker, known_at: Option<Timestamp>) -> Result<Vec<Listed>, Problem> {
    let found = agreement::list(by.hub(), by.tenant(), known_at).await;
    let (configuration, mut all) = found.map_err(refused)?;
    let configured = Configured::of(by, configuration);
    all.retain(|it| configured.reaches_agreement(&it.text) || waits_for(by, it));
    Ok(all)
}

/// Whether a draft waits for the caller: one that hands the target to another party waits for that.
fn waits_for(by: &Asker, it: &Listed) -> bool {
    let awaited = it.draft.as_ref().and_then(|it| it.awaits.as_ref());
    awaited.is_some_and(|it| by.caller.access.has_party(&it.owner))
}

async fn versions(asked: Asked<ByKey, KnownPage>) -> Result<Page<Version>, Problem> {
    let wanted = asked.query.page();
    let after = number(wanted.after.as_deref())?;
    let mut all = found(&asked.by, &asked.path.key, asked.query.known_at).await?;
    all.retain(|it| after.is_none_or(|after| i64::from(it.number) > after));
    Ok(Page::of(all, count(wanted.limit), |it| it.number.to_string()))
}

/// The versions of an agreement that is, or at last was, within the caller's reach.
async fn found(
    by: &Asker,
    key: &str,
    known_at: Option<Timestamp>,
) -> Result<Vec<Version>, Problem> {
    let found = agreement::versions(by.hub(), by.tenant(), key, known_at).await;
    let found = found.map_err(refused)?;
    let configured = Configured::at(by, None).await?;
    let last = found.last().map(|it| &it.text);
    if last.is_some_and(|it| configured.reaches_agreement(it)) {
        return Ok(found);
    }
    let shown = agreement::show(by.hub(), by.tenant(), key).await;
    if shown.is_ok_and(|(_, it)| waits_for(by, &it)) {
        return Ok(found);
    }
    Err(Problem::new(Kind::NotFound, &format!("there is no agreement {key:?}")))
}

async fn steps(asked: Asked<ByKey, Known>) -> Result<Stands, Problem> {
    stands(&asked.by, &asked.path.key, asked.query.known_at).await
}

async fn stands(by: &Asker, key: &str, known_at: Option<Timestamp>) -> Result<Stands, Problem> {
    found(by, key, known_at).await?;
    agreement::stands(by.hub(), by.tenant(), key, known_at).await.map_err(refused)
}

/// Which step of which agreement.
#[derive(Deserialize, JsonSchema)]
struct Which {
    /// The agreement's key.
    key: String,
    /// The step.
    step: Step,
}

/// What is said to a step.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Word {
    /// What the party says.
    verdict: Verdict,
    /// Why; kept with the step and in the audit for ever. No national number may stand in it.
    reason: String,
}

async fn say(asked: Asked<Which, Nothing, Word>) -> Result<Stands, Problem> {
    let Asked { by, path: Which { key, step }, body: Word { verdict, reason }, condition, .. } =
        asked;
    let before = stands(&by, &key, None).await?;
    condition.check(Some(&before))?;
    let owner = before.steps.iter().find(|it| it.step == step).map(|it| it.owner.as_str());
    let own = owner.filter(|it| by.caller.access.has_party(it));
    // Whose step it is not is told so, by the party that they are of.
    let party = own.or_else(|| by.caller.access.parties().next()).unwrap_or_default();
    let today = access::civil_now(by.hub(), by.tenant()).await.map_err(Problem::internal)?.date();
    let decision = decision(by.who(), &reason, today)?;
    let said = Said { version: before.version, step, party, verdict };
    agreement::say(by.hub(), by.tenant(), &key, &said, &decision).await.map_err(refused)
}

/// When an agreement ends, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct End {
    /// The first day on which it no longer holds; the employer's today without it.
    until: Option<Date>,
    /// Why; kept with the version and in the audit for ever. No national number may stand in it.
    reason: String,
}

/// An agreement that ends.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AgreementClosed")]
struct Closed {
    /// Its key.
    agreement: String,
    /// The first day on which it no longer holds.
    until: Date,
}

async fn close(asked: Asked<ByKey, Nothing, End>) -> Result<Closed, Problem> {
    let Asked { by, path, body: End { until, reason }, condition, .. } = asked;
    let all = visible(&by, None).await?;
    let before = path.among("agreement", all, |it| &it.text.key)?;
    condition.check(Some(&before))?;
    if before.text.template == Template::OneParty && !by.caller.access.is_whole() {
        let detail = "this agreement is the employer's alone; the employer closes it";
        return Err(Problem::new(Kind::Conflict, detail));
    }
    let versions = found(&by, &path.key, None).await?;
    let version = versions.iter().rfind(|it| it.state == State::InForce).map(|it| it.number);
    let today = access::civil_now(by.hub(), by.tenant()).await.map_err(Problem::internal)?.date();
    let decision = decision(by.who(), &reason, today)?;
    let closing = Closing { version, until };
    let closed = agreement::close(by.hub(), by.tenant(), &path.key, closing, &decision).await;
    Ok(Closed { agreement: path.key, until: closed.map_err(refused)? })
}

fn refused(error: AgreementError) -> Problem {
    let kind = match &error {
        AgreementError::Unknown { .. } | AgreementError::NothingKnown { .. } => Kind::NotFound,
        AgreementError::Past { .. } => Kind::BadRequest,
        AgreementError::Changed { .. } => Kind::ChangedMeanwhile,
        AgreementError::NoDraft { .. }
        | AgreementError::Step { .. }
        | AgreementError::Inconsistent { .. }
        | AgreementError::NeverInForce { .. }
        | AgreementError::EndsBefore { .. } => Kind::Conflict,
        AgreementError::Unreadable { .. }
        | AgreementError::Configuration(_)
        | AgreementError::Store(_) => return Problem::internal(error),
    };
    Problem::new(kind, &error.to_string())
}
