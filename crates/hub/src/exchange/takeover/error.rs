use super::super::deliver::DeliverError;
use super::super::delivery::DeliveryError;
use super::super::lane::LaneError;
use crate::access::ConfigureError;
use crate::connectors::PlaceError;
use crate::exchange::target::TargetError;
use kobling_domain::id::SubjectId;
use kobling_formats::listing::ListingError;
use kobling_store::StoreError;

/// Why a take-over does not go on. Nothing has been changed.
#[derive(Debug, thiserror::Error)]
pub enum TakeoverError {
    /// The list cannot be read.
    #[error("the list cannot be read")]
    List(#[from] ListingError),
    /// No column tells who is who.
    #[error("no column tells the target's own ids; say which: --map id=COLUMN (there is: {known})")]
    NoIds {
        /// Columns there are.
        known: String,
    },
    /// An id stands twice, or is empty.
    #[error("row {row} has {what}")]
    BadId {
        /// The row, counted from 1 without the header.
        row: usize,
        /// What is wrong with its id.
        what: &'static str,
    },
    /// What is mapped is nothing that is asked for.
    #[error("{given:?} maps nothing; write id, number, employment, birth, name or email = COLUMN")]
    BadMap {
        /// As given.
        given: String,
    },
    /// It is not the first delivery.
    #[error(
        "target {target:?} has been delivered to already; compare it by `kobling target drift`"
    )]
    AlreadyDelivered {
        /// The target.
        target: String,
    },
    /// There is nothing to take over.
    #[error("no list of what target {target:?} holds has been given")]
    NoList {
        /// The target.
        target: String,
    },
    /// It is over.
    #[error("the list of target {target:?} is released; nothing of it can be changed any more")]
    Released {
        /// The target.
        target: String,
    },
    /// No such entry.
    #[error("the list of target {target:?} has no entry with the id {id:?}")]
    NoEntry {
        /// The target.
        target: String,
        /// The id as given.
        id: String,
    },
    /// Nobody who would be sent has that id.
    #[error("nobody who would be sent has the id {id:?}; `kobling target takeover show` lists ids")]
    NotOurs {
        /// The id as given.
        id: String,
    },
    /// One of ours is somebody else there.
    #[error("{id} is taken for entry {other:?} by a person already; decide on that one first")]
    Taken {
        /// Of ours.
        id: SubjectId,
        /// Theirs.
        other: String,
    },
    /// Something is still doubtful.
    #[error("{count} entries are doubtful; decide on each of them first")]
    Doubtful {
        /// How many.
        count: usize,
    },
    /// The target has no place for files.
    #[error("target {target:?} takes messages and has no folder to read a list from; give a file")]
    NoPlace {
        /// The target.
        target: String,
    },
    /// No file of that name lies there.
    #[error("no {name:?} lies at {at} (there lies: {known})")]
    NotThere {
        /// The place.
        at: String,
        /// The name as given.
        name: String,
        /// What there is.
        known: String,
    },
    /// The target's place cannot be used.
    #[error("the list cannot be fetched")]
    Place(#[from] PlaceError),
    /// Something else holds by now than what was matched.
    #[error(
        "the ledger, the configuration or the list of {target} was changed meanwhile; look again: \
         kobling target takeover show {target}"
    )]
    Changed {
        /// The target.
        target: String,
    },
    /// What is stored cannot be read.
    #[error("what is stored of the list cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// What would be sent cannot be told.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl TakeoverError {
    /// Whether what was given is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::List(_)
            | Self::NoIds { .. }
            | Self::BadId { .. }
            | Self::BadMap { .. }
            | Self::AlreadyDelivered { .. }
            | Self::NoList { .. }
            | Self::Released { .. }
            | Self::NoEntry { .. }
            | Self::NotOurs { .. }
            | Self::Taken { .. }
            | Self::Doubtful { .. }
            | Self::NoPlace { .. }
            | Self::NotThere { .. } => true,
            Self::Delivery(it) => it.is_bad_input(),
            Self::Place(_) | Self::Changed { .. } | Self::Unreadable(_) | Self::Store(_) => false,
        }
    }
}

impl From<DeliverError> for TakeoverError {
    fn from(error: DeliverError) -> Self {
        Self::Delivery(error.into())
    }
}

impl From<LaneError> for TakeoverError {
    fn from(error: LaneError) -> Self {
        Self::Delivery(error.into())
    }
}

impl From<TargetError> for TakeoverError {
    fn from(error: TargetError) -> Self {
        DeliverError::from(error).into()
    }
}

impl From<ConfigureError> for TakeoverError {
    fn from(error: ConfigureError) -> Self {
        TargetError::from(error).into()
    }
}
