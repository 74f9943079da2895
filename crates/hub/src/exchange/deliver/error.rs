use super::super::target::TargetError;
use super::folder::FolderError;
use crate::access::ConfigureError;
use crate::access::configuration::ExtentError;
use crate::agreement::Shut;
use crate::agreement::gate::GateError;
use crate::connectors::PlaceError;
use jiff::civil::Date;
use kobling_formats::plan2learn::{InventoryError, WriteError};
use kobling_store::StoreError;
use std::io;

/// Why nothing was delivered. What lies in the target's folder stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// Nothing can be delivered to the target at all.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The stored target cannot be used.
    #[error("target {target:?} names no place; apply its configuration again")]
    NoPlace {
        /// The target.
        target: String,
    },
    /// The target takes messages.
    #[error("target {key:?} takes a message for each subject, not files")]
    Messages {
        /// Its key.
        key: String,
    },
    /// No agreement names the target.
    #[error("no agreement lets target {target:?} have anything; configure one and apply it")]
    NoAgreement {
        /// The target.
        target: String,
    },
    /// The agreements do not hold on the day.
    #[error("no agreement for target {target:?} is in force on {today}: {known}")]
    NotInForce {
        /// The target.
        target: String,
        /// The employer's civil date.
        today: Date,
        /// Which there are, and when they hold.
        known: String,
    },
    /// The target is to have what the agreement does not let it have.
    #[error("the target cannot get what it is configured for")]
    Extent(#[from] ExtentError),
    /// The agreement or the target was configured otherwise meanwhile.
    #[error("the configuration was changed while the set was made; deliver again")]
    Reconfigured,
    /// The set may hold what must not be told any more.
    #[error(
        "somebody was protected, or said to be one with somebody else, while the set was made, so it \
         did not leave; deliver again"
    )]
    Protected,
    /// The first set for a target would hold nobody.
    #[error(
        "nobody would stand in the files, and whoever reads them makes inactive whom it does not \
         find there, so nothing was written; read the source first (kobling run), or look at the \
         agreement's scope"
    )]
    Nobody,
    /// A later state of the ledger was delivered meanwhile, to another folder or by another node.
    #[error(
        "ledger version {stored} was delivered meanwhile, and this set was made from {version}; \
         deliver again"
    )]
    Overtaken {
        /// What this set was made from.
        version: i64,
        /// What the target has by now.
        stored: i64,
    },
    /// No set stands so that it could be decided on.
    #[error("no set on its way to {target} is {state}")]
    NoSet {
        /// The target.
        target: String,
        /// As what it should stand.
        state: &'static str,
    },
    /// It is another set by now than the one a person looked at.
    #[error(
        "the set on its way to {target} is not the one that was looked at any more; look again"
    )]
    OtherSet {
        /// The target.
        target: String,
    },
    /// Another set is held than the one a person looked at.
    #[error(
        "the set that is held of target {target:?} is not, or no longer, what {hash} stands for; \
         look again: kobling delivery list {target}"
    )]
    HeldOtherwise {
        /// The target.
        target: String,
        /// What was to be released.
        hash: String,
    },
    /// A subject was named where there are sets only.
    #[error("target {target:?} takes whole sets of files, so no subject can be named")]
    NoSubjects {
        /// The target.
        target: String,
    },
    /// The rows could not be written, or do not belong together.
    #[error("the files cannot be made")]
    Set(#[from] WriteError),
    /// Another delivery is under way.
    #[error("another delivery to {target} is under way; wait until it has ended")]
    UnderWay {
        /// The target.
        target: String,
    },
    /// The agreement ended while its set was on its way.
    #[error("the agreement does not hold any more; what was not sent does not leave")]
    Closed {
        /// Why it does not.
        source: Box<Self>,
    },
    /// The agreement was closed in emergency.
    #[error(transparent)]
    Shut(#[from] Shut),
    /// The target's place cannot be used.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The files cannot be written down before they are sent.
    #[error("the set cannot be written to the temporary directory")]
    Spool(#[source] io::Error),
    /// The target's folder cannot be used.
    #[error("the target's folder cannot be used")]
    Folder(#[from] FolderError),
    /// What is stored of the last delivery cannot be read.
    #[error("what is stored of the last delivery cannot be read")]
    LastSet(#[from] InventoryError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl DeliverError {
    /// Whether what was given or configured is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::Target(it) => it.is_bad_input(),
            Self::Messages { .. }
            | Self::NoPlace { .. }
            | Self::NoAgreement { .. }
            | Self::NotInForce { .. }
            | Self::Extent(_)
            | Self::NoSet { .. }
            | Self::OtherSet { .. }
            | Self::NoSubjects { .. }
            | Self::HeldOtherwise { .. }
            | Self::Shut(_)
            | Self::Nobody => true,
            Self::Reconfigured
            | Self::Protected
            | Self::UnderWay { .. }
            | Self::Closed { .. }
            | Self::Place(_)
            | Self::Spool(_)
            | Self::Overtaken { .. }
            | Self::Set(_)
            | Self::Folder(_)
            | Self::LastSet(_)
            | Self::Store(_) => false,
        }
    }

    /// What to do about it, where it is not in the text.
    pub fn advice(&self) -> Option<&'static str> {
        if let Self::Place(it) = self { Some(it.advice()) } else { None }
    }
}

impl From<ConfigureError> for DeliverError {
    fn from(error: ConfigureError) -> Self {
        Self::Target(error.into())
    }
}

impl From<GateError> for DeliverError {
    fn from(error: GateError) -> Self {
        match error {
            GateError::Shut(it) => it.into(),
            GateError::Lost => Self::Reconfigured,
            GateError::Store(it) => it.into(),
        }
    }
}
