//! The versions of an agreement, as the settings of all times tell them.

use super::release::TARGET;
use super::{AgreementError, CHANGE, Change, KIND, version_at};
use crate::Hub;
use crate::access::configuration::{TargetText, Terms};
use jiff::Timestamp;
use kobling_domain::agreement::{Act, AgreementText, Verdict};
use kobling_domain::id::{self, TenantId};
use kobling_store::access::setting::{self, Held};
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How a version of an agreement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AgreementVersionState")]
pub enum State {
    /// It waits for its parties.
    Draft,
    /// A party will not have it.
    Rejected,
    /// It was taken back, or another draft came in its place.
    Withdrawn,
    /// It is what holds, on the days that it says.
    InForce,
    /// Another version came in its place, or the agreement was taken out.
    Replaced,
}

/// An entry of an agreement that reads otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AgreementEntryChange")]
pub struct EntryChange {
    /// Its name.
    pub entry: String,
    /// What it said; null if nothing.
    pub old: Value,
    /// What it says; null if nothing.
    pub new: Value,
}

impl EntryChange {
    /// What is gone and what is new: of lists, only what the other one does not have.
    pub fn gone_and_new(&self) -> (Value, Value) {
        match (&self.old, &self.new) {
            (Value::Array(old), Value::Array(new)) => {
                let less = |all: &[Value], other: &[Value]| {
                    all.iter().filter(|it| !other.contains(it)).cloned().collect()
                };
                (Value::Array(less(old, new)), Value::Array(less(new, old)))
            }
            (old, new) => (old.clone(), new.clone()),
        }
    }
}

/// A version of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AgreementVersion")]
pub struct Version {
    /// Its number: 1 for the first.
    pub number: u32,
    /// How it stands.
    pub state: State,
    /// When it was written.
    pub written_at: Option<Timestamp>,
    /// By whom; none where it came into force by the configuration alone.
    pub written_by: Option<String>,
    /// Why, where that was said.
    pub reason: Option<String>,
    /// Since when it was in force.
    pub in_force_since: Option<Timestamp>,
    /// Until when.
    pub in_force_until: Option<Timestamp>,
    /// What parties said to its steps, in order.
    pub acts: Vec<Act>,
    /// How it differs from what was in force before it; nothing of the first.
    pub differences: Vec<EntryChange>,
    /// What it says.
    pub text: AgreementText,
    /// Where its data go, to whom, and in which form: the entries of its target that are agreed on.
    pub goes_to: BTreeMap<String, Value>,
}

/// The versions of the agreement of that key, the first one first; as they were known at an instant.
///
/// # Errors
///
/// An unknown key is refused, and an instant before the ledger began.
#[crate::boxed]
pub async fn versions(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    known_at: Option<Timestamp>,
) -> Result<Vec<Version>, AgreementError> {
    let mut tx = hub.db.read().await?;
    let version = version_at(&mut tx, tenant, known_at).await?;
    at(&mut tx, tenant, key, version).await
}

/// The same at a version of the ledger.
pub(super) async fn at(
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
    version: id::Version,
) -> Result<Vec<Version>, AgreementError> {
    let told = told(tx, tenant, key, version).await?;
    let mut all: Vec<Version> = Vec::with_capacity(told.len());
    for (number, it) in (1..).zip(&told) {
        let is_last = told.len() == usize::try_from(number).unwrap_or(usize::MAX);
        let before = all.iter().rfind(|it| it.in_force_since.is_some()).map(|it| &it.text);
        let differences = before.map(|old| differences(old, &it.text)).transpose();
        let unreadable = |source| AgreementError::Unreadable { key: key.to_owned(), source };
        let mut differences = differences.map_err(unreadable)?.unwrap_or_default();
        let (goes_to, moved) = moved(tx, tenant, it).await?;
        differences.extend(moved);
        let written = tenant::version_taken(tx, tenant, it.since).await?;
        all.push(Version {
            number,
            state: it.state(is_last),
            written_at: written.map(|it| it.0),
            written_by: it.by.clone(),
            reason: it.reason.clone(),
            in_force_since: taken(tx, tenant, it.in_force.map(|it| it.0)).await?,
            in_force_until: taken(tx, tenant, it.in_force.and_then(|it| it.1)).await?,
            acts: it.acts.clone(),
            differences,
            text: it.text.clone(),
            goes_to,
        });
    }
    Ok(all)
}

async fn taken(
    tx: &mut Tx,
    tenant: TenantId,
    version: Option<id::Version>,
) -> Result<Option<Timestamp>, AgreementError> {
    let Some(version) = version else { return Ok(None) };
    Ok(tenant::version_taken(tx, tenant, version).await?.map(|it| it.0))
}

/// What a version has agreed on of its target, and what of that is otherwise than it was when the
/// version was written.
async fn moved(
    tx: &mut Tx,
    tenant: TenantId,
    it: &Told,
) -> Result<(Terms, Vec<EntryChange>), AgreementError> {
    let key = &it.text.target;
    let all = setting::history(tx, tenant, TARGET, key).await?;
    let held = all.into_iter().find(|held| held.setting.since <= it.since && it.since < held.until);
    let unreadable = |source| AgreementError::Unreadable { key: key.clone(), source };
    let held = held.map(|it| TargetText::deserialize(it.setting.body)).transpose();
    let held = held.map_err(unreadable)?.map(|it| it.terms());
    match (held, it.target.as_ref().map(TargetText::terms)) {
        (Some(old), Some(new)) => {
            let differing = entries(&json!(old), &json!(new));
            Ok((new, differing))
        }
        (old, new) => Ok((new.or(old).unwrap_or_default(), Vec::new())),
    }
}

/// The number of the latest version, and that of the one in force; 0 without.
pub(super) fn numbers(all: &[Version]) -> (u32, u32) {
    let in_force = all.iter().rfind(|it| it.state == State::InForce);
    (all.last().map_or(0, |it| it.number), in_force.map_or(0, |it| it.number))
}

/// What the settings tell of one version.
struct Told {
    text: AgreementText,
    /// Its target, where it was drafted.
    target: Option<TargetText>,
    since: id::Version,
    by: Option<String>,
    reason: Option<String>,
    acts: Vec<Act>,
    /// The version of the ledger in which its change is no longer the latest.
    change_until: Option<id::Version>,
    /// From which to which version of the ledger it was in force.
    in_force: Option<(id::Version, Option<id::Version>)>,
}

impl Told {
    fn state(&self, is_last: bool) -> State {
        let will_not = |it: &Act| it.verdict == Verdict::Rejected;
        match self.in_force {
            Some((_, None)) => State::InForce,
            Some((_, Some(_))) => State::Replaced,
            None if self.acts.last().is_some_and(will_not) => State::Rejected,
            None if is_last && self.change_until.is_none() => State::Draft,
            None => State::Withdrawn,
        }
    }
}

/// A row of the settings: a change, or what is in force.
enum Row {
    Change(Box<Change>),
    InForce(Box<AgreementText>),
}

async fn told(
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
    version: id::Version,
) -> Result<Vec<Told>, AgreementError> {
    let unreadable = |source| AgreementError::Unreadable { key: key.to_owned(), source };
    let mut rows = Vec::new();
    for Held { setting, until } in setting::history(tx, tenant, CHANGE, key).await? {
        let change = Change::deserialize(setting.body).map_err(unreadable)?;
        rows.push((setting.since, until, Row::Change(Box::new(change))));
    }
    for Held { setting, until } in setting::history(tx, tenant, KIND, key).await? {
        let text = AgreementText::deserialize(setting.body).map_err(unreadable)?;
        rows.push((setting.since, until, Row::InForce(Box::new(text))));
    }
    rows.retain(|(since, ..)| *since <= version);
    // A change comes before what it brought into force in the same version of the ledger.
    rows.sort_by_key(|(since, _, row)| (*since, matches!(row, Row::InForce(_))));
    let mut all: Vec<Told> = Vec::new();
    for (since, until, row) in rows {
        add(&mut all, since, Some(until).filter(|it| *it <= version), row);
    }
    Ok(all)
}

/// A row goes on with the version before it if that says the same and was not in force yet.
fn add(all: &mut Vec<Told>, since: id::Version, until: Option<id::Version>, row: Row) {
    let (text, target) = match &row {
        Row::Change(it) => (&it.text, it.target.as_ref()),
        Row::InForce(it) => (it.as_ref(), None),
    };
    let is_there = |it: &Told| target.is_none_or(|new| it.target.as_ref() == Some(new));
    let is_same = |it: &Told| it.in_force.is_none() && it.text == *text && is_there(it);
    let goes_on = all.last().is_some_and(is_same);
    if !goes_on {
        all.push(Told {
            text: text.clone(),
            target: target.cloned(),
            since,
            by: None,
            reason: None,
            acts: Vec::new(),
            change_until: None,
            in_force: None,
        });
    }
    let Some(last) = all.last_mut() else { return };
    match row {
        Row::Change(it) => {
            let Change { by, reason, acts, .. } = *it;
            (last.by, last.reason, last.acts) = (Some(by), reason, acts);
            last.change_until = until;
        }
        Row::InForce(_) => last.in_force = Some((since, until)),
    }
}

/// The entries that two texts of an agreement have otherwise, by name.
pub(super) fn differences(
    old: &AgreementText,
    new: &AgreementText,
) -> Result<Vec<EntryChange>, serde_json::Error> {
    Ok(entries(&serde_json::to_value(old)?, &serde_json::to_value(new)?))
}

fn entries(old: &Value, new: &Value) -> Vec<EntryChange> {
    let names = |it: &Value| -> BTreeSet<String> {
        it.as_object().map(|it| it.keys().cloned().collect()).unwrap_or_default()
    };
    let entry = |it: &Value, name: &str| it.get(name).cloned().unwrap_or(Value::Null);
    let all = names(old).union(&names(new)).cloned().collect::<Vec<_>>();
    let changed = all.into_iter().map(|name| EntryChange {
        old: entry(old, &name),
        new: entry(new, &name),
        entry: name,
    });
    changed.filter(|it| it.old != it.new).collect()
}
