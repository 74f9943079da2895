//! What somebody should know who is not looking: written down in the transaction in which it
//! becomes true, told in a letter by a job of its own. A notice holds no personal data.

use crate::Hub;
use crate::access::configuration::{Configuration, Language, PartyText};
use crate::access::{self, ConfigureError};
use crate::connectors::mail::{MailError, Mailer};
use crate::exchange::runs::Refusal;
use crate::exchange::summary::Summary;
use crate::hex::hex;
use crate::webhook::{self, Event};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use kobling_domain::exchange::brake::Tripped;
use kobling_domain::exchange::lane::TrippedAction;
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::{job, notice};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// So long it is remembered what was told.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What somebody should know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Notice {
    /// A brake holds a plan.
    PlanHeld(HeldPlan),
    /// A file was refused, or could not be read.
    RunRefused {
        /// The source's key.
        source: String,
        /// The input's name.
        input: String,
        /// The run.
        run: i64,
        /// Why.
        refusal: Refusal,
    },
    /// A file that should have come has not.
    FileMissing {
        /// The source's key.
        source: String,
        /// Of that day, or a later one.
        day: Date,
    },
    /// Where files of a source arrive nobody could look for some time.
    SourceUnreachable {
        /// The source's key.
        source: String,
        /// On that day.
        day: Date,
    },
    /// A brake holds messages, or a set of files.
    DeliveryHeld {
        /// The target's key.
        target: String,
        /// What names it: others have another one.
        hash: String,
        /// What holds it.
        brake: HeldBy,
    },
    /// A target did not take messages, or a set of files, and they are not sent again by themselves.
    DeadLetters {
        /// The target's key.
        target: String,
        /// How many there are.
        letters: u64,
        /// In that hour.
        hour: Timestamp,
    },
    /// A draft of an agreement waits for a party's step.
    DraftWaits(WaitingDraft),
    /// A party will not have a draft of an agreement as it stands.
    DraftRejected(WaitingDraft),
    /// An agreement ends soon.
    AgreementEnds(EndingAgreement),
}

/// An agreement that ends soon, as one of its parties is reminded of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndingAgreement {
    /// The agreement's key.
    pub agreement: String,
    /// The first day on which it no longer holds.
    pub until: Date,
    /// Which reminder it is: so many days before the end.
    pub days: i32,
    /// The key of the party that is reminded.
    pub party: String,
    /// What that is called.
    pub party_name: String,
}

/// A draft of an agreement that is not in force yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingDraft {
    /// The agreement's key.
    pub agreement: String,
    /// The number of the version.
    pub version: u32,
    /// The key of the party whose step is next.
    pub party: String,
    /// What that is called.
    pub party_name: String,
    /// Fields that it names.
    pub fields: u64,
    /// Entries in which it differs from what is in force; none if nothing is.
    pub differing: Option<u64>,
    /// Which of its steps is next, from 1.
    pub step: u64,
    /// Steps that it has.
    pub steps: u64,
}

/// A plan that brakes hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldPlan {
    /// The source's key.
    pub source: String,
    /// The input's name.
    pub input: String,
    /// The date for which it speaks.
    pub date: Date,
    /// The plan's hash.
    pub hash: String,
    /// Records read.
    pub read: u64,
    /// Records whose change is held.
    pub held: u64,
    /// Subjects that the input no longer mentions.
    pub gone: u64,
    /// What holds it.
    pub brakes: Vec<Tripped>,
}

/// What holds a delivery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldBy {
    /// A brake on messages.
    Messages(TrippedAction),
    /// A brake on a set.
    Set(Vec<Tripped>),
}

impl Notice {
    /// That these brakes hold a plan; none if none does.
    pub(crate) fn held(summary: &Summary, hash: &[u8; 32], brakes: &[Tripped]) -> Option<Self> {
        let (_, held) = summary.counts.while_held();
        (!brakes.is_empty()).then(|| {
            Self::PlanHeld(HeldPlan {
                source: summary.source.clone(),
                input: summary.input.clone(),
                date: summary.date,
                hash: hex(hash),
                read: summary.counts.read,
                held,
                gone: summary.gone,
                brakes: brakes.to_vec(),
            })
        })
    }

    /// Notices of one key are told once.
    fn key(&self) -> String {
        match self {
            Self::PlanHeld(it) => format!("plan_held/{}/{}", it.source, it.hash),
            Self::RunRefused { run, .. } => format!("run_refused/{run}"),
            Self::FileMissing { source, day } => format!("file_missing/{source}/{day}"),
            Self::SourceUnreachable { source, day } => format!("unreachable/{source}/{day}"),
            Self::DeliveryHeld { target, hash, .. } => format!("delivery_held/{target}/{hash}"),
            Self::DeadLetters { target, hour, .. } => format!("dead_letters/{target}/{hour}"),
            Self::DraftWaits(it) => {
                let WaitingDraft { agreement, version, party, step, .. } = it;
                format!("draft_waits/{agreement}/{version}/{step}/{party}")
            }
            Self::DraftRejected(it) => {
                let WaitingDraft { agreement, version, party, step, .. } = it;
                format!("draft_rejected/{agreement}/{version}/{step}/{party}")
            }
            Self::AgreementEnds(it) => {
                let EndingAgreement { agreement, until, days, party, .. } = it;
                format!("agreement_ends/{agreement}/{until}/{days}/{party}")
            }
        }
    }

    fn owner<'a>(&self, configuration: &'a Configuration) -> Option<&'a PartyText> {
        match self {
            Self::PlanHeld(HeldPlan { source, .. })
            | Self::RunRefused { source, .. }
            | Self::FileMissing { source, .. }
            | Self::SourceUnreachable { source, .. } => configuration.owner_of_source(source),
            Self::DeliveryHeld { target, .. } | Self::DeadLetters { target, .. } => {
                configuration.owner_of_target(target)
            }
            Self::DraftWaits(it) => {
                configuration.parties.iter().find(|party| party.key == it.party)
            }
            Self::AgreementEnds(it) => {
                configuration.parties.iter().find(|party| party.key == it.party)
            }
            // Who rejected it knows; the employer writes another one.
            Self::DraftRejected(it) => {
                configuration.employer().filter(|party| party.key != it.party)
            }
        }
    }
}

/// A notice in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// In a line.
    pub subject: String,
    /// All there is to tell, with a link to where it is decided.
    pub text: String,
}

/// Puts notices into words.
pub trait Wording: Send + Sync {
    /// A notice in a language. `employer` is whose data it is about.
    fn letter(&self, notice: &Notice, employer: &str, language: Language) -> Letter;
}

/// How letters are written and leave.
#[derive(Clone, Copy)]
pub struct Post<'a> {
    /// Hands them to a mail server.
    pub mailer: &'a Mailer,
    /// Writes them.
    pub wording: &'a dyn Wording,
}

/// Why a letter has not left.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The mail server did not take it.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// What there is to tell cannot be read.
    #[error("what there is to tell cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The configuration cannot be read.
    #[error(transparent)]
    Configure(#[from] ConfigureError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl PostError {
    /// Whether another try would do.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Mail(it) => it.may_pass(),
            Self::Unreadable(_) => false,
            Self::Configure(_) | Self::Store(_) => true,
        }
    }
}

/// Writes a notice down for its owner and for webhooks, in the transaction in which it becomes true,
/// and asks for the letter. Where the owner has no address, or knows already, nothing is written.
pub(crate) async fn tell(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    it: &Notice,
) -> Result<(), StoreError> {
    let configuration = match access::load(tx, tenant).await {
        Ok(configuration) => configuration,
        Err(ConfigureError::Store(error)) => return Err(error),
        // Whoever reads it next says what is wrong with it.
        Err(_) => return Ok(()),
    };
    tell_in(hub, tx, tenant, &configuration, it).await
}

/// The same, of what is configured so.
pub(crate) async fn tell_in(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    configuration: &Configuration,
    it: &Notice,
) -> Result<(), StoreError> {
    let now = hub.clock.now();
    if let Some(owner) = it.owner(configuration).filter(|it| !it.mail.is_empty()) {
        write_to(tx, tenant, (it, now), owner).await?;
    }
    webhook::happened(tx, tenant, now, &Event::from(it)).await
}

async fn write_to(
    tx: &mut Tx,
    tenant: TenantId,
    (it, now): (&Notice, Timestamp),
    owner: &PartyText,
) -> Result<(), StoreError> {
    if let Ok(before) = now.checked_sub(KEPT) {
        notice::forget_before(tx, tenant, before).await?;
    }
    let stored = notice::Notice {
        key: it.key(),
        at: now,
        recipients: json!(owner.mail),
        language: owner.language.code().to_owned(),
        detail: json!(it),
        sent_at: None,
    };
    if notice::put(tx, tenant, &stored).await? {
        job::ask(tx, tenant, job::NOTIFY, &stored.key, now).await?;
    }
    Ok(())
}

/// Sends the letter of the notice of that key, if none has left yet. One that was sent by somebody
/// who died before they wrote that down leaves again, under the same id.
pub(crate) async fn send(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    post: Post<'_>,
) -> Result<(), PostError> {
    let mut tx = hub.db.read().await?;
    let stored = notice::get(&mut tx, tenant, key).await?.filter(|it| it.sent_at.is_none());
    let Some(stored) = stored else { return Ok(()) };
    let configuration = access::load(&mut tx, tenant).await?;
    drop(tx);
    let it: Notice = serde_json::from_value(stored.detail)?;
    let recipients: Vec<String> = serde_json::from_value(stored.recipients)?;
    let language = Language::of(&stored.language);
    let letter = post.wording.letter(&it, &configuration.tenant.name, language);
    let id = format!("{}/{}", configuration.tenant.key, stored.key);
    post.mailer.send(&id, &recipients, &letter).await?;
    let mut tx = hub.db.write().await?;
    notice::sent(&mut tx, tenant, key, hub.clock.now()).await?;
    Ok(tx.commit().await?)
}
