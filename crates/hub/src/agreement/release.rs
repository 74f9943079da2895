//! What parties say to the steps of an agreement, and what comes of it.

use super::version::{self, State};
use super::{
    AgreementError, CHANGE, Change, KIND, bound, changes, drafts, list, plan, version_at, waiting,
};
use crate::Hub;
use crate::access;
use crate::access::configuration::{Configuration, TargetText, problems};
use crate::access::follow;
use crate::exchange::decision::Decision;
use jiff::Timestamp;
use kobling_domain::agreement::{Act, Step, StepStands, Verdict};
use kobling_domain::id::{self, TenantId};
use kobling_store::access::{audit, setting, tenant};
use kobling_store::engine::Tx;
use kobling_store::job;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// Under which kind targets are configured.
pub(super) const TARGET: &str = "target";

/// The steps of an agreement's latest version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AgreementSteps")]
pub struct Stands {
    /// The agreement's key.
    pub agreement: String,
    /// The number of the version.
    pub version: u32,
    /// How that stands.
    pub state: State,
    /// Its steps, in order; none where the employer alone decides.
    pub steps: Vec<StepStands>,
}

/// What a party says to a step of a version.
#[derive(Clone, Debug)]
pub struct Said<'a> {
    /// The number of the version that it looked at.
    pub version: u32,
    /// The step.
    pub step: Step,
    /// The key of the party.
    pub party: &'a str,
    /// What it says.
    pub verdict: Verdict,
}

/// How the steps of an agreement's latest version stand; as they were known at an instant.
///
/// # Errors
///
/// An unknown key is refused, and an instant before the ledger began.
#[crate::boxed]
pub async fn stands(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    known_at: Option<Timestamp>,
) -> Result<Stands, AgreementError> {
    let mut tx = hub.db.read().await?;
    let version = version_at(&mut tx, tenant, known_at).await?;
    let configuration = access::load_at(&mut tx, tenant, version).await?;
    stands_at(&mut tx, &configuration, (tenant, key), version).await
}

async fn stands_at(
    tx: &mut Tx,
    configuration: &Configuration,
    (tenant, key): (TenantId, &str),
    version: id::Version,
) -> Result<Stands, AgreementError> {
    let all = version::at(tx, tenant, key, version).await?;
    let Some(last) = all.last() else {
        let known = configuration.agreements.iter().map(|it| it.key.as_str());
        let known = known.collect::<Vec<_>>().join(", ");
        return Err(AgreementError::Unknown { key: key.to_owned(), known });
    };
    let waits = drafts(configuration, changes(tx, tenant, version).await?).remove(key);
    let would = (&last.text, waits.as_ref().and_then(|it| it.target.as_ref()));
    let plan = plan(configuration, would, &last.acts);
    let (agreement, steps) = (key.to_owned(), plan.steps().to_vec());
    Ok(Stands { agreement, version: last.number, state: last.state, steps })
}

/// Takes the word of a party on a step of a draft. With the last step done the draft is in force from
/// then, under the same version of the ledger, and targets follow.
///
/// # Errors
///
/// Refused if another version stands there than the one that was looked at; if the step is another
/// party's, was done, or comes later; and, of the last one, if the draft no longer holds together with
/// the rest of what is configured.
#[crate::boxed]
pub async fn say(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    said: &Said<'_>,
    decision: &Decision<'_>,
) -> Result<Stands, AgreementError> {
    let (mut tx, now) = (hub.db.write().await?, hub.clock.now());
    let ledger = tenant::take_version(&mut tx, tenant, now, None).await?;
    let configuration = access::load(&mut tx, tenant).await?;
    let latest = changes(&mut tx, tenant, ledger).await?;
    let draft = drafts(&configuration, latest).remove(key);
    let before = stands_at(&mut tx, &configuration, (tenant, key), ledger).await?;
    let mut change = draft.ok_or_else(|| AgreementError::NoDraft { key: key.to_owned() })?;
    let Said { version: seen, step, party, verdict } = *said;
    if before.version != seen {
        return Err(AgreementError::Changed { key: key.to_owned(), seen, now: before.version });
    }
    let refused = |why| AgreementError::Step { key: key.to_owned(), why };
    plan(&configuration, change.would(), &change.acts)
        .may(step, party, verdict)
        .map_err(refused)?;
    let (by, reason) = (decision.by().to_owned(), decision.reason().to_owned());
    change.acts.push(Act { step, party: party.to_owned(), verdict, by, at: now, reason });
    let is_done = plan(&configuration, change.would(), &change.acts).awaited().is_none();
    let kept = Change { target: change.target.clone().filter(|_| !is_done), ..change.clone() };
    put(&mut tx, tenant, ledger, CHANGE, key, &kept).await?;
    if is_done {
        bring_into_force(hub, &mut tx, (tenant, ledger), configuration, &change).await?;
        job::ask_to_deliver(&mut tx, tenant, now).await?;
    } else {
        waiting::tell(hub, &mut tx, (tenant, ledger), &configuration, &change).await?;
    }
    let action = match verdict {
        Verdict::Done => "agreement.release",
        Verdict::Rejected => "agreement.reject",
    };
    let detail = json!({
        "agreement": key, "of_version": seen, "step": step, "party": party,
        "reason": decision.reason(), "in_force": is_done, "version": ledger.0,
    });
    audit::write(&mut tx, tenant, &decision.entry(now, action, detail)).await?;
    let configuration = access::load(&mut tx, tenant).await?;
    let after = stands_at(&mut tx, &configuration, (tenant, key), ledger).await?;
    tx.commit().await?;
    Ok(after)
}

/// Writes the draft over what is in force, if all that is configured holds together with it; and its
/// target, if that is to be otherwise.
async fn bring_into_force(
    hub: &Hub,
    tx: &mut Tx,
    (tenant, ledger): (TenantId, id::Version),
    mut configuration: Configuration,
    change: &Change,
) -> Result<(), AgreementError> {
    let key = &change.text.key;
    configuration.agreements.retain(|it| it.key != *key);
    configuration.agreements.push(change.text.clone());
    let moved = change.target.as_ref().and_then(|it| moved(&mut configuration, it));
    let today = list::day(&configuration, hub.clock.now())?;
    let mut problems = problems(&configuration);
    if let Some(other) =
        bound::other(&configuration, &change.text, today).filter(|_| moved.is_some())
    {
        problems.push(format!(
            "target {}: agreement {} has it otherwise, and is asked first; release its draft, or close it",
            change.text.target, other.key
        ));
    }
    if !problems.is_empty() {
        return Err(AgreementError::Inconsistent { key: key.clone(), problems });
    }
    if let Some((old, new)) = moved {
        put(tx, tenant, ledger, TARGET, &new.key, &new).await?;
        follow::moved(hub, tx, tenant, (&old, &new)).await?;
    }
    put(tx, tenant, ledger, KIND, key, &change.text).await
}

/// Has what is agreed on of a target as it is in `agreed`; gives the target before and after, if
/// something is otherwise.
fn moved(
    configuration: &mut Configuration,
    agreed: &TargetText,
) -> Option<(TargetText, TargetText)> {
    let held = configuration.targets.iter_mut().find(|it| it.key == agreed.key)?;
    let new = held.under(agreed);
    let old = std::mem::replace(held, new.clone());
    (old.terms() != new.terms()).then_some((old, new))
}

/// Writes what is kept of an agreement under a kind.
pub(super) async fn put<T: Serialize>(
    tx: &mut Tx,
    tenant: TenantId,
    ledger: id::Version,
    kind: &str,
    key: &str,
    body: &T,
) -> Result<(), AgreementError> {
    let unreadable = |source| AgreementError::Unreadable { key: key.to_owned(), source };
    let body = serde_json::to_value(body).map_err(unreadable)?;
    Ok(setting::put(tx, tenant, ledger, kind, key, &body).await?)
}
