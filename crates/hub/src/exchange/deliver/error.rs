use super::folder::FolderError;
use crate::access::ConfigureError;
use crate::access::configuration::ExtentError;
use crate::connectors::PlaceError;
use jiff::civil::Date;
use kobling_domain::agreement::AgreementError;
use kobling_formats::plan2learn::{NotAnInventory, WriteError};
use kobling_store::StoreError;
use std::io;

/// Why nothing was delivered. What lies in the target's folder stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// No such target.
    #[error("there is no target {key:?}; there is: {known}")]
    UnknownTarget {
        /// The key as given.
        key: String,
        /// Keys there are.
        known: String,
    },
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
    /// Several agreements hold at once.
    #[error(
        "several agreements for target {target:?} are in force: {known}; one set of files can \
         follow one agreement only, so unite them"
    )]
    SeveralInForce {
        /// The target.
        target: String,
        /// Their keys.
        known: String,
    },
    /// The target is to have what the agreement does not let it have.
    #[error("the target cannot get what it is configured for")]
    Extent(#[from] ExtentError),
    /// The stored agreement cannot be used.
    #[error("the agreement cannot be used")]
    Agreement(#[from] AgreementError),
    /// The agreement or the target was configured otherwise meanwhile.
    #[error("the configuration was changed while the set was made; deliver again")]
    Reconfigured,
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
    /// What the target holds has not been looked at yet.
    #[error(
        "what target {target:?} holds by {list:?} is not released yet; look at it by `kobling \
         target takeover show {target}`"
    )]
    TakeoverOpen {
        /// The target.
        target: String,
        /// The file's name.
        list: String,
    },
    /// A decision without a name or a reason.
    #[error("a release needs who decides and why")]
    Undecided,
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
    LastSet(#[from] NotAnInventory),
    /// The configuration cannot be read.
    #[error("the configuration cannot be read")]
    Configuration(#[from] ConfigureError),
    /// The employer's time zone is unknown here.
    #[error("the time zone {name:?} is not known here")]
    TimeZone {
        /// Its name.
        name: String,
        /// Why.
        source: jiff::Error,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl DeliverError {
    /// Whether what was given or configured is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::UnknownTarget { .. }
            | Self::Messages { .. }
            | Self::NoPlace { .. }
            | Self::NoAgreement { .. }
            | Self::NotInForce { .. }
            | Self::SeveralInForce { .. }
            | Self::Extent(_)
            | Self::Agreement(_)
            | Self::TakeoverOpen { .. }
            | Self::Undecided => true,
            Self::Reconfigured
            | Self::UnderWay { .. }
            | Self::Closed { .. }
            | Self::Place(_)
            | Self::Spool(_)
            | Self::Overtaken { .. }
            | Self::Set(_)
            | Self::Folder(_)
            | Self::LastSet(_)
            | Self::Configuration(_)
            | Self::TimeZone { .. }
            | Self::Store(_) => false,
        }
    }

    /// What to do about it, where it is not in the text.
    pub fn advice(&self) -> Option<&'static str> {
        if let Self::Place(it) = self { Some(it.advice()) } else { None }
    }
}
