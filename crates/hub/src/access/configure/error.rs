//! Why configurations could not be read or written.

use crate::agreement::AgreementError;
use jiff::Timestamp;
use kobling_domain::time::CronError;
use kobling_store::StoreError;

/// Why configurations could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ConfigureError {
    /// The store holds no employer yet.
    #[error("the store holds no employer yet; apply a configuration first")]
    NoTenant,
    /// Nothing was configured yet.
    #[error("nothing was configured yet at {at}")]
    NothingKnown {
        /// The instant asked for.
        at: Timestamp,
    },
    /// The store holds several.
    #[error("the store holds several employers: {known}; say --tenant KEY")]
    WhichTenant {
        /// Their keys.
        known: String,
    },
    /// No such employer.
    #[error("there is no employer {key:?}; there is: {known}")]
    UnknownTenant {
        /// The key as given.
        key: String,
        /// Keys there are.
        known: String,
    },
    /// A stored object cannot be read.
    #[error("the stored {kind} {key:?} cannot be read")]
    Unreadable {
        /// Its kind.
        kind: String,
        /// Its key.
        key: String,
        /// Why.
        source: serde_json::Error,
    },
    /// An object cannot be written.
    #[error("the configuration cannot be written as text")]
    Unwritable(#[source] toml::ser::Error),
    /// The employer's time zone is unknown here.
    #[error("the time zone {zone:?} is not known here")]
    TimeZone {
        /// Its name.
        zone: String,
        /// Why.
        source: jiff::Error,
    },
    /// When a source is to be read cannot be told.
    #[error("source {key:?} has a timetable that cannot be used")]
    Timetable {
        /// The source.
        key: String,
        /// Why.
        source: CronError,
    },
    /// Agreements that only their parties may change stand in the way.
    #[error("agreements of two parties stand in the way:{}", bullets(.problems))]
    Parties {
        /// Each with what to do.
        problems: Vec<String>,
    },
    /// A draft cannot be kept.
    #[error("the draft of agreement {key:?} cannot be kept")]
    Draft {
        /// The agreement.
        key: String,
        /// Why.
        source: serde_json::Error,
    },
    /// Nobody can be told whom a draft waits for.
    #[error("the draft of agreement {key:?} cannot be told of")]
    Untold {
        /// The agreement.
        key: String,
        /// Why.
        source: Box<AgreementError>,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl ConfigureError {
    /// Whether what was given is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::NoTenant
            | Self::NothingKnown { .. }
            | Self::WhichTenant { .. }
            | Self::UnknownTenant { .. }
            | Self::Parties { .. } => true,
            Self::Unreadable { .. }
            | Self::Unwritable(_)
            | Self::TimeZone { .. }
            | Self::Timetable { .. }
            | Self::Draft { .. }
            | Self::Untold { .. }
            | Self::Store(_) => false,
        }
    }
}

fn bullets(problems: &[String]) -> String {
    problems.iter().fold(String::new(), |all, it| all + "\n  - " + it)
}
