//! The life of an agreement: drafted, released by those it is between, in force, replaced, closed.
//!
//! What is in force stands among the settings, as the rest of the configuration does, and is all that
//! deliveries see. Beside it stands the latest change that people made to it: while its text is
//! another one, it is a draft.

mod account;
mod authority;
mod bound;
mod close;
mod closed;
pub(crate) mod draft;
pub mod emergency;
pub(crate) mod gate;
mod journal;
mod list;
pub mod receipt;
mod release;
mod remind;
mod reopen;
mod version;
pub(crate) mod waiting;

pub use authority::Known;
pub use close::{Closing, close};
pub use closed::{Ahead, Closed, Undoing, ahead, closed};
pub use emergency::EmergencyError;
pub use gate::Shut;
pub use journal::{Journal, JournalError, Order};
pub use list::{Awaited, Draft, Listed, Standing, list, show};
pub use release::{Said, Stands, say, stands};
pub use remind::remind;
pub use reopen::{Reopening, reopen};
pub use version::{EntryChange, State, Version, versions};

use crate::access::ConfigureError;
use crate::access::configuration::{Configuration, TargetText};
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::agreement::{Act, AgreementText, Step, StepError, StepPlan, Template};
use kobling_domain::id::{self, TenantId};
use kobling_store::StoreError;
use kobling_store::access::{setting, tenant};
use kobling_store::engine::Tx;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Under which kind agreements in force are configured.
pub(crate) const KIND: &str = "agreement";
/// Under which kind the latest change of each is kept.
pub(crate) const CHANGE: &str = "agreement_change";

/// Why nothing is told of an agreement, or nothing done with it.
#[derive(Debug, thiserror::Error)]
pub enum AgreementError {
    /// No such agreement.
    #[error("there is no agreement {key:?} (there is: {known})")]
    Unknown {
        /// The key as given.
        key: String,
        /// Keys there are.
        known: String,
    },
    /// Nothing was known yet.
    #[error("nothing was configured yet at {at}")]
    NothingKnown {
        /// The instant asked for.
        at: Timestamp,
    },
    /// No draft waits.
    #[error("agreement {key}: no draft waits for anybody; `config apply` makes one")]
    NoDraft {
        /// Its key.
        key: String,
    },
    /// It is not the version that was looked at.
    #[error("agreement {key} stands at version {now}, not {seen}; look at it again")]
    Changed {
        /// Its key.
        key: String,
        /// The version that was looked at.
        seen: u32,
        /// The version there is.
        now: u32,
    },
    /// The step is not done like this.
    #[error("agreement {key}: {why}")]
    Step {
        /// Its key.
        key: String,
        /// Why, and who can.
        why: StepError,
    },
    /// It would not hold together with what is in force by now.
    #[error("agreement {key} does not come into force:{}", bullets(.problems))]
    Inconsistent {
        /// Its key.
        key: String,
        /// Each with what it is about and what to do.
        problems: Vec<String>,
    },
    /// It is a draft, which nobody need close.
    #[error("agreement {key} was never in force; take it out of the configuration, or reject it")]
    NeverInForce {
        /// Its key.
        key: String,
    },
    /// The day has passed.
    #[error(
        "agreement {key} cannot end on {until}: what left since has left; say {today} or later"
    )]
    Past {
        /// Its key.
        key: String,
        /// The day.
        until: Date,
        /// The employer's today.
        today: Date,
    },
    /// It ends no later than that already.
    #[error("agreement {key} ends on {ends} already; closing it on {until} changes nothing")]
    EndsBefore {
        /// Its key.
        key: String,
        /// When it ends.
        ends: Date,
        /// When it was to end.
        until: Date,
    },
    /// A stored change cannot be read.
    #[error("what is stored of agreement {key} cannot be read")]
    Unreadable {
        /// Its key.
        key: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The configuration cannot be read.
    #[error("the configuration cannot be read")]
    Configuration(#[from] ConfigureError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

fn bullets(problems: &[String]) -> String {
    problems.iter().fold(String::new(), |all, it| all + "\n  - " + it)
}

impl AgreementError {
    /// Whether what was asked is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::Unknown { .. }
            | Self::NothingKnown { .. }
            | Self::NoDraft { .. }
            | Self::Changed { .. }
            | Self::Step { .. }
            | Self::Inconsistent { .. }
            | Self::NeverInForce { .. }
            | Self::Past { .. }
            | Self::EndsBefore { .. } => true,
            Self::Unreadable { .. } | Self::Configuration(_) | Self::Store(_) => false,
        }
    }
}

/// A change of an agreement, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// What the agreement says, or would.
    pub(crate) text: AgreementText,
    /// The target as it would be; none once the change is in force, for then it stands among the targets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<TargetText>,
    /// Who made the change.
    by: String,
    /// Why, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What the parties said to its steps, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    acts: Vec<Act>,
}

impl Change {
    /// What it would bring into force.
    fn would(&self) -> (&AgreementText, Option<&TargetText>) {
        (&self.text, self.target.as_ref())
    }
}

/// The latest change of each agreement at a version of the ledger.
pub(crate) async fn changes(
    tx: &mut Tx,
    tenant: TenantId,
    version: id::Version,
) -> Result<BTreeMap<String, Change>, ConfigureError> {
    let kept = setting::of_kind(tx, tenant, version, CHANGE).await?;
    let read = kept.into_iter().map(|it| {
        let unreadable =
            |source| ConfigureError::Unreadable { kind: it.kind, key: it.key.clone(), source };
        let change = Change::deserialize(it.body).map_err(unreadable)?;
        Ok((it.key, change))
    });
    read.collect()
}

/// The changes of [`changes`] that are drafts: another text than what `configuration` has in force, or
/// another place for its data.
pub(crate) fn drafts(
    configuration: &Configuration,
    mut changes: BTreeMap<String, Change>,
) -> BTreeMap<String, Change> {
    changes.retain(|key, it| {
        in_force(configuration, key) != Some(&it.text) || moves(configuration, it)
    });
    changes
}

/// Whether a change would have something otherwise that is agreed on of its target.
fn moves(configuration: &Configuration, it: &Change) -> bool {
    let held = configuration.targets.iter().find(|held| held.key == it.text.target);
    held.zip(it.target.as_ref()).is_some_and(|(held, would)| held.terms() != would.terms())
}

/// Whether an agreement is between two parties.
fn is_of_two(it: &AgreementText) -> bool {
    match it.template {
        Template::OneParty => false,
        Template::Standard => true,
    }
}

/// Whether an agreement goes on after that day, or begins then.
fn goes_on(it: &AgreementText, today: Date) -> bool {
    it.until.is_none_or(|until| today < until)
}

/// What a configuration has in force under that key, whatever its days.
fn in_force<'a>(configuration: &'a Configuration, key: &str) -> Option<&'a AgreementText> {
    configuration.agreements.iter().find(|it| it.key == key)
}

/// The steps of an agreement, as its parties have spoken so far. Where a draft moves the target, it is for
/// whom it would be moved to that the target's step is done: they take the data on these terms. What is in
/// force between two parties becomes the employer's alone by the steps of both.
fn plan(
    configuration: &Configuration,
    (text, target): (&AgreementText, Option<&TargetText>),
    acts: &[Act],
) -> StepPlan {
    let owner = |step: Step| match (step, target) {
        (Step::ReleasedByTarget, Some(target)) => configuration.owner_as_in(target),
        (Step::ReleasedByTarget, None) | (Step::ReleasedBySource, _) => {
            configuration.owner_of_step(text, step)
        }
    };
    let key = |step: Step| owner(step).map(|it| it.key.clone());
    let held = in_force(configuration, &text.key).filter(|it| is_of_two(it));
    let template = held.map_or(text.template, |it| it.template);
    // Nobody owns a step of a party that has left the configuration; so nobody can do it.
    let owners = template.steps().iter().map(|it| (*it, key(*it).unwrap_or_default()));
    StepPlan::new(owners.collect(), acts)
}

/// The version of the ledger at an instant; the present one without.
async fn version_at(
    tx: &mut Tx,
    tenant: TenantId,
    known_at: Option<Timestamp>,
) -> Result<id::Version, AgreementError> {
    let Some(at) = known_at else { return Ok(tenant::version(tx, tenant).await?) };
    match tenant::version_at(tx, tenant, at).await? {
        id::Version::ZERO => Err(AgreementError::NothingKnown { at }),
        version => Ok(version),
    }
}
