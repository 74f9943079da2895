//! `GET /api/v1/deliveries`, `/api/v1/deliveries/{target}`, its `/waiting` and its `/receipts`: what goes to
//! targets, and what they said of it. In numbers and by our own ids: names stand in none of it.

use super::asked::{Asked, Asker, get, post};
use super::condition::Condition;
use super::configured::Configured;
use super::page::{Page, Wanted, count};
use super::word::decision;
use crate::web::described::Nothing;
use crate::web::problem::{Kind as Refusal, Problem};
use crate::web::route::Route;
use jiff::Timestamp;
use kobling_domain::access::Operation;
use kobling_domain::exchange::lane::Action;
use kobling_domain::id::SubjectId;
use kobling_domain::people::Kind;
use kobling_hub::access;
use kobling_hub::exchange::deliver::{self, Receipt};
use kobling_hub::exchange::delivery::{self, DeliveryError, Listed, Of};
use kobling_hub::exchange::lane::Standing;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn routes() -> Vec<Route> {
    let (read, decide) = (Operation::ReadDeliveries, Operation::DecideDelivery);
    let told_release = ("release_delivery", "Lets go what a brake of the target holds.");
    let told_retry = ("retry_delivery", "Lets be sent again what the target rejected.");
    let told_give_up = ("give_up_delivery", "Lets nobody send any more what is on its way.");
    let told_list = ("list_deliveries", "How deliveries to each target stand, by key.");
    let told_show = ("show_delivery", "How deliveries to a target stand.");
    let told_waiting = ("list_waiting", "What a target has not accepted yet.");
    let told_one = ("show_waiting", "A message, or the set, that a target has not accepted yet.");
    let told_receipts = ("list_receipts", "The files that a target has taken, the latest first.");
    vec![
        get("/api/v1/deliveries", read, told_list, list),
        get("/api/v1/deliveries/{target}", read, told_show, show),
        get("/api/v1/deliveries/{target}/waiting", read, told_waiting, waiting),
        get("/api/v1/deliveries/{target}/waiting/{id}", read, told_one, one),
        get("/api/v1/deliveries/{target}/receipts", read, told_receipts, receipts),
    ]
    .into_iter()
    .map(|it| it.refusing(&[Refusal::NotFound, Refusal::Conflict]))
    .chain([
        post("/api/v1/deliveries/{target}/release", decide, told_release, release).refusing(&[
            Refusal::NotFound,
            Refusal::Conflict,
            Refusal::ChangedMeanwhile,
        ]),
        post("/api/v1/deliveries/{target}/retry", decide, told_retry, retry).refusing(REFUSING),
        post("/api/v1/deliveries/{target}/give-up", decide, told_give_up, give_up)
            .refusing(REFUSING),
    ])
    .collect()
}

/// How what decides on one thing that waits may be refused.
const REFUSING: &[Refusal] =
    &[Refusal::NotFound, Refusal::Conflict, Refusal::ConditionMissing, Refusal::ChangedMeanwhile];

/// Which target.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Which {
    /// Its key.
    pub(super) target: String,
}

/// Which of what waits for which target.
#[derive(Deserialize, JsonSchema)]
struct Single {
    /// The target's key.
    target: String,
    /// The subject of a message, or the number of the set.
    id: String,
}

/// What is released, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Release {
    /// What names it exactly as it was shown: the `hash` of a brake, or of what waits.
    hash: String,
    /// Why; kept in the audit for ever. No national number may stand in it.
    reason: String,
}

/// Of whom, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Choice {
    /// The subject of the message; none for a set of files, or for all that can be sent again.
    subject: Option<SubjectId>,
    /// Why; kept in the audit for ever. No national number may stand in it.
    reason: String,
}

/// How deliveries to a target stand.
#[derive(Serialize, JsonSchema)]
pub(super) struct Delivery {
    /// The target's key.
    target: String,
    /// How its lanes stand; none while nothing lets it have anything, or it was never followed.
    standing: Option<Standing>,
}

/// Something that a target has not accepted yet: a message, or the set of files.
#[derive(Serialize, JsonSchema)]
struct Waiting {
    /// Which it is: the hub's own id of a message's subject, or the number of the set.
    id: String,
    /// The subject of a message.
    subject: Option<SubjectId>,
    /// What the subject is.
    kind: Option<Kind>,
    /// What a message tells the target to do.
    action: Option<Action>,
    /// The files of a set that have no receipt yet.
    files: Vec<String>,
    /// `pending`, `held` or `rejected`.
    state: &'static str,
    /// How often it was tried in vain.
    attempts: u32,
    /// When it was made.
    made_at: Timestamp,
    /// When it is tried next by itself.
    next_at: Option<Timestamp>,
    /// What was wrong the last time, or what holds it.
    reason: Option<String>,
    /// Who sees to it.
    owner: Option<String>,
    /// What it is released by, with all that is held with it; none if it is not held.
    hash: Option<String>,
}

async fn list(asked: Asked<Nothing, Wanted>) -> Result<Page<Delivery>, Problem> {
    let configured = Configured::at(&asked.by, None).await?;
    let all = configured.text.targets.iter().filter(|it| configured.reaches_system(&it.system));
    let keys: Vec<String> = all.map(|it| it.key.clone()).collect();
    let Page { items, next } = Page::by_key(keys, &asked.query, |it| it);
    let mut told = Vec::with_capacity(items.len());
    for key in items {
        told.push(standing(&asked.by, key).await?);
    }
    Ok(Page { items: told, next })
}

async fn show(asked: Asked<Which>) -> Result<Delivery, Problem> {
    let key = reached(&asked.by, &asked.path).await?;
    standing(&asked.by, key).await
}

async fn waiting(asked: Asked<Which, Wanted>) -> Result<Page<Waiting>, Problem> {
    let key = reached(&asked.by, &asked.path).await?;
    let all = match delivery::list(asked.by.hub(), asked.by.tenant(), &key).await {
        Ok(all) => all,
        Err(it) if it.is_bad_input() => Vec::new(),
        Err(it) => return Err(Problem::internal(it)),
    };
    let all = all.into_iter().map(Waiting::from).collect();
    Ok(Page::by_key(all, &asked.query, |it| &it.id))
}

async fn one(asked: Asked<Single>) -> Result<Waiting, Problem> {
    let Single { target, id } = asked.path;
    let key = reached(&asked.by, &Which { target }).await?;
    let subject = id.parse().ok().map(SubjectId);
    let found = find(&asked.by, &key, subject).await?.map(|it| Waiting::from(it.0));
    let none = || format!("nothing waits for {key} under {id:?}");
    found.filter(|it| it.id == id).ok_or_else(|| Problem::new(Refusal::NotFound, &none()))
}

/// What waits of a subject, or, without one, the set; with its number.
async fn find(
    by: &Asker,
    key: &str,
    subject: Option<SubjectId>,
) -> Result<Option<(Listed, i64)>, Problem> {
    let found = match delivery::find(by.hub(), by.tenant(), key, subject).await {
        Ok(found) => found,
        Err(it) if it.is_bad_input() => None,
        Err(it) => return Err(Problem::internal(it)),
    };
    Ok(found.map(|it| {
        let number = match &it {
            Listed::Message(it) => it.seq,
            Listed::Set(it) => it.set,
        };
        (it, number)
    }))
}

/// What is decided on: one thing only as it was looked at.
async fn looked_at(
    by: &Asker,
    key: &str,
    subject: Option<SubjectId>,
    condition: &Condition,
) -> Result<Of, Problem> {
    let Some((found, number)) = find(by, key, subject).await? else {
        return Ok(Of { subject, seen: None });
    };
    condition.check(Some(&Waiting::from(found)))?;
    Ok(Of { subject, seen: Some(number) })
}

/// What somebody decides about what waits.
enum Deed {
    Release(String),
    Retry(Of),
    GiveUp(Of),
}

async fn release(asked: Asked<Which, Nothing, Release>) -> Result<Delivery, Problem> {
    let Release { hash, reason } = asked.body;
    let key = reached(&asked.by, &asked.path).await?;
    decide(&asked.by, key, &reason, Deed::Release(hash)).await
}

async fn retry(asked: Asked<Which, Nothing, Choice>) -> Result<Delivery, Problem> {
    let Choice { subject, reason } = asked.body;
    let key = reached(&asked.by, &asked.path).await?;
    let of = looked_at(&asked.by, &key, subject, &asked.condition).await?;
    decide(&asked.by, key, &reason, Deed::Retry(of)).await
}

async fn give_up(asked: Asked<Which, Nothing, Choice>) -> Result<Delivery, Problem> {
    let Choice { subject, reason } = asked.body;
    let key = reached(&asked.by, &asked.path).await?;
    let of = looked_at(&asked.by, &key, subject, &asked.condition).await?;
    decide(&asked.by, key, &reason, Deed::GiveUp(of)).await
}

async fn decide(by: &Asker, key: String, reason: &str, deed: Deed) -> Result<Delivery, Problem> {
    let (hub, tenant) = (by.hub(), by.tenant());
    let now = access::civil_now(hub, tenant).await.map_err(Problem::internal)?;
    let decision = decision(by.who(), reason, now.date())?;
    match deed {
        Deed::Release(hash) => {
            delivery::release(hub, tenant, &key, &hash, &decision).await.map(drop)
        }
        Deed::Retry(of) => delivery::retry(hub, tenant, &key, of, &decision).await.map(drop),
        Deed::GiveUp(of) => delivery::give_up(hub, tenant, &key, of, &decision).await.map(drop),
    }
    .map_err(refused)?;
    standing(by, key).await
}

/// What stands in the way of a decision is told; what failed is for the log.
fn refused(error: DeliveryError) -> Problem {
    if error.is_otherwise() {
        Problem::new(Refusal::ChangedMeanwhile, &error.to_string())
    } else if error.is_bad_input() {
        Problem::new(Refusal::Conflict, &error.to_string())
    } else {
        Problem::internal(error)
    }
}

async fn receipts(asked: Asked<Which, Wanted>) -> Result<Page<Receipt>, Problem> {
    let key = reached(&asked.by, &asked.path).await?;
    let after = asked.query.after.as_deref().map(place).transpose()?;
    let count = count(asked.query.limit);
    let wanted = u32::try_from(count + 1).unwrap_or(u32::MAX);
    let found = deliver::receipts(asked.by.hub(), asked.by.tenant(), &key, after, wanted).await;
    let found = found.map_err(Problem::internal)?;
    Ok(Page::of(found, count, |it| format!("{}:{}", it.set, it.position)))
}

fn place(cursor: &str) -> Result<(i64, i64), Problem> {
    let read = || {
        let (set, position) = cursor.split_once(':')?;
        Some((set.parse().ok()?, position.parse().ok()?))
    };
    let told = "after: give the `next` of the page before";
    read().ok_or_else(|| Problem::new(Refusal::BadRequest, told))
}

/// The key of the target that is asked for, if it is within reach.
pub(super) async fn reached(by: &Asker, which: &Which) -> Result<String, Problem> {
    let configured = Configured::at(by, None).await?;
    Ok(configured.target(&which.target)?.key.clone())
}

pub(super) async fn standing(by: &Asker, key: String) -> Result<Delivery, Problem> {
    let standing = match delivery::standing(by.hub(), by.tenant(), &key).await {
        Ok(now) => Some(now),
        Err(it) if it.is_bad_input() => None,
        Err(it) => return Err(Problem::internal(it)),
    };
    Ok(Delivery { target: key, standing })
}

impl From<Listed> for Waiting {
    fn from(it: Listed) -> Self {
        match it {
            Listed::Message(it) => Self {
                id: it.subject.to_string(),
                subject: Some(it.subject),
                kind: Some(it.kind),
                action: Some(it.action),
                files: Vec::new(),
                state: it.state,
                attempts: it.attempts,
                made_at: it.made_at,
                next_at: it.next_at,
                reason: it.reason,
                owner: it.owner,
                hash: it.hash,
            },
            Listed::Set(it) => Self {
                id: it.set.to_string(),
                subject: None,
                kind: None,
                action: None,
                files: it.files,
                state: it.state,
                attempts: it.attempts,
                made_at: it.made_at,
                next_at: it.next_at,
                reason: it.reason,
                owner: it.owner,
                hash: it.hash,
            },
        }
    }
}
