use crate::access::configuration::{About, EventKind};
use crate::notice::Notice;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Event {
    /// The ledger changed, up to this version.
    LedgerChanged {
        /// The version.
        version: i64,
        /// The one told of before.
        after: i64,
    },
    /// A brake holds a plan.
    PlanHeld {
        /// The source's key.
        source: String,
        /// The plan's hash.
        plan: String,
    },
    /// Somebody released a plan.
    PlanReleased {
        /// The source's key.
        source: String,
        /// The plan's hash.
        plan: String,
    },
    /// Somebody rejected a plan.
    PlanRejected {
        /// The source's key.
        source: String,
        /// The plan's hash.
        plan: String,
    },
    /// A file was refused.
    RunRefused {
        /// The source's key.
        source: String,
        /// The run.
        run: i64,
    },
    /// A file has not come.
    FileMissing {
        /// The source's key.
        source: String,
        /// Of that day.
        day: Date,
    },
    /// Nobody gets to a source's files.
    SourceUnreachable {
        /// The source's key.
        source: String,
        /// On that day.
        day: Date,
    },
    /// A target took what it was sent.
    DeliveryAccepted {
        /// The target's key.
        target: String,
        /// When.
        at: Timestamp,
    },
    /// A brake holds a delivery.
    DeliveryHeld {
        /// The target's key.
        target: String,
        /// What names it.
        hash: String,
    },
    /// A target did not take something, and it is not sent again by itself.
    DeliveryDead {
        /// The target's key.
        target: String,
        /// In that hour.
        hour: Timestamp,
    },
    /// A draft of an agreement waits for a party's step.
    AgreementWaits {
        /// The agreement's key.
        agreement: String,
        /// The number of the version.
        version: u32,
        /// The key of the party.
        party: String,
        /// Which of its steps, from 1.
        step: u64,
    },
    /// A party will not have a draft of an agreement as it stands.
    AgreementRejected {
        /// The agreement's key.
        agreement: String,
        /// The number of the version.
        version: u32,
        /// The key of the party.
        party: String,
    },
    /// An agreement ends soon.
    AgreementEnds {
        /// The agreement's key.
        agreement: String,
        /// The first day on which it no longer holds.
        until: Date,
        /// Which reminder it is: so many days before the end.
        days: i32,
        /// The key of the party that is reminded.
        party: String,
    },
}

impl Event {
    pub(super) fn kind(&self) -> EventKind {
        match self {
            Self::LedgerChanged { .. } => EventKind::LedgerChanged,
            Self::PlanHeld { .. } => EventKind::PlanHeld,
            Self::PlanReleased { .. } => EventKind::PlanReleased,
            Self::PlanRejected { .. } => EventKind::PlanRejected,
            Self::RunRefused { .. } => EventKind::RunRefused,
            Self::FileMissing { .. } => EventKind::FileMissing,
            Self::SourceUnreachable { .. } => EventKind::SourceUnreachable,
            Self::DeliveryAccepted { .. } => EventKind::DeliveryAccepted,
            Self::DeliveryHeld { .. } => EventKind::DeliveryHeld,
            Self::DeliveryDead { .. } => EventKind::DeliveryDead,
            Self::AgreementWaits { .. } => EventKind::AgreementWaits,
            Self::AgreementRejected { .. } => EventKind::AgreementRejected,
            Self::AgreementEnds { .. } => EventKind::AgreementEnds,
        }
    }

    pub(super) fn about(&self) -> About<'_> {
        match self {
            Self::LedgerChanged { .. } => About::Ledger,
            Self::PlanHeld { source, .. }
            | Self::PlanReleased { source, .. }
            | Self::PlanRejected { source, .. }
            | Self::RunRefused { source, .. }
            | Self::FileMissing { source, .. }
            | Self::SourceUnreachable { source, .. } => About::Source(source),
            Self::DeliveryAccepted { target, .. }
            | Self::DeliveryHeld { target, .. }
            | Self::DeliveryDead { target, .. } => About::Target(target),
            Self::AgreementWaits { agreement, party, .. }
            | Self::AgreementRejected { agreement, party, .. }
            | Self::AgreementEnds { agreement, party, .. } => {
                About::Agreement { key: agreement, party }
            }
        }
    }

    /// What makes it another one than those before it: it is told once.
    pub(super) fn name(&self) -> String {
        let what = match self {
            Self::LedgerChanged { version, .. } => version.to_string(),
            Self::PlanHeld { plan, .. }
            | Self::PlanReleased { plan, .. }
            | Self::PlanRejected { plan, .. } => plan.clone(),
            Self::RunRefused { run, .. } => run.to_string(),
            Self::FileMissing { source, day } | Self::SourceUnreachable { source, day } => {
                format!("{source}/{day}")
            }
            Self::DeliveryAccepted { target, at } => format!("{target}/{at}"),
            Self::DeliveryHeld { target, hash } => format!("{target}/{hash}"),
            Self::DeliveryDead { target, hour } => format!("{target}/{hour}"),
            Self::AgreementWaits { agreement, version, party, step } => {
                format!("{agreement}/{version}/{step}/{party}")
            }
            Self::AgreementRejected { agreement, version, party } => {
                format!("{agreement}/{version}/{party}")
            }
            Self::AgreementEnds { agreement, until, days, party } => {
                format!("{agreement}/{until}/{days}/{party}")
            }
        };
        format!("{}/{what}", self.kind().name())
    }

    /// Where more is told, to who may read it.
    pub(super) fn path(&self) -> String {
        match self {
            Self::LedgerChanged { after, .. } => format!("/api/v1/changes?after={after}"),
            Self::PlanHeld { plan, .. }
            | Self::PlanReleased { plan, .. }
            | Self::PlanRejected { plan, .. } => format!("/api/v1/plans/{plan}"),
            Self::RunRefused { run, .. } => format!("/api/v1/runs/{run}"),
            Self::FileMissing { source, .. } | Self::SourceUnreachable { source, .. } => {
                format!("/api/v1/sources/{source}")
            }
            Self::DeliveryAccepted { target, .. }
            | Self::DeliveryHeld { target, .. }
            | Self::DeliveryDead { target, .. } => format!("/api/v1/deliveries/{target}"),
            Self::AgreementWaits { agreement, .. } | Self::AgreementRejected { agreement, .. } => {
                format!("/api/v1/agreements/{agreement}/steps")
            }
            Self::AgreementEnds { agreement, .. } => format!("/api/v1/agreements/{agreement}"),
        }
    }
}

impl From<&Notice> for Event {
    fn from(notice: &Notice) -> Self {
        match notice {
            Notice::PlanHeld(it) => {
                Self::PlanHeld { source: it.source.clone(), plan: it.hash.clone() }
            }
            Notice::RunRefused { source, run, .. } => {
                Self::RunRefused { source: source.clone(), run: *run }
            }
            Notice::FileMissing { source, day } => {
                Self::FileMissing { source: source.clone(), day: *day }
            }
            Notice::SourceUnreachable { source, day } => {
                Self::SourceUnreachable { source: source.clone(), day: *day }
            }
            Notice::DeliveryHeld { target, hash, .. } => {
                Self::DeliveryHeld { target: target.clone(), hash: hash.clone() }
            }
            Notice::DeadLetters { target, hour, .. } => {
                Self::DeliveryDead { target: target.clone(), hour: *hour }
            }
            Notice::DraftWaits(it) => Self::AgreementWaits {
                agreement: it.agreement.clone(),
                version: it.version,
                party: it.party.clone(),
                step: it.step,
            },
            Notice::AgreementEnds(it) => Self::AgreementEnds {
                agreement: it.agreement.clone(),
                until: it.until,
                days: it.days,
                party: it.party.clone(),
            },
            Notice::DraftRejected(it) => Self::AgreementRejected {
                agreement: it.agreement.clone(),
                version: it.version,
                party: it.party.clone(),
            },
        }
    }
}
