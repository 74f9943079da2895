//! Whom a draft waits for, told to them.

use super::version::{self, Version};
use super::{AgreementError, Change, in_force, plan};
use crate::Hub;
use crate::access::configuration::Configuration;
use crate::notice::{self, Notice, WaitingDraft};
use kobling_domain::agreement::{StepStands, StepState};
use kobling_domain::id::{self, TenantId};
use kobling_store::engine::Tx;

/// Tells the party whose turn it is that the draft waits for it: who is to do its next step, or, if
/// somebody will not have it as it stands, the employer. `configuration` is what is in force.
pub(crate) async fn tell(
    hub: &Hub,
    tx: &mut Tx,
    (tenant, ledger): (TenantId, id::Version),
    configuration: &Configuration,
    change: &Change,
) -> Result<(), AgreementError> {
    let versions = version::at(tx, tenant, &change.text.key, ledger).await?;
    let Some(notice) = notice_of(configuration, change, &versions) else { return Ok(()) };
    Ok(notice::tell_in(hub, tx, tenant, configuration, &notice).await?)
}

/// What there is to tell of a draft, the last of these versions; none if nobody could do anything.
fn notice_of(
    configuration: &Configuration,
    change: &Change,
    versions: &[Version],
) -> Option<Notice> {
    let key = &change.text.key;
    let plan = plan(configuration, change.would(), &change.acts);
    let StepStands { owner, state, .. } = plan.awaited()?;
    let latest = versions.last()?;
    let party = configuration.parties.iter().find(|it| it.key == *owner)?;
    let draft = WaitingDraft {
        agreement: key.clone(),
        version: latest.number,
        party: owner.clone(),
        party_name: party.name.clone(),
        fields: count(change.text.fields.len()),
        differing: in_force(configuration, key).map(|_| count(latest.differences.len())),
        step: count(plan.steps().iter().filter(|it| it.state == StepState::Done).count() + 1),
        steps: count(plan.steps().len()),
    };
    Some(match state {
        StepState::Open | StepState::Done => Notice::DraftWaits(draft),
        StepState::Rejected => Notice::DraftRejected(draft),
    })
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
