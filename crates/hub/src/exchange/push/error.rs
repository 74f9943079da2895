use super::super::run::RunError;
use kobling_domain::people::{Kind, UnknownField};
use kobling_store::StoreError;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Why something that was sent was not taken. Nothing has been changed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// No such source.
    #[error("there is no source {key:?}")]
    UnknownSource {
        /// The key as given.
        key: String,
    },
    /// Its records come in files.
    #[error("source {key:?} is read from files; it takes no records that are sent")]
    ReadFromFiles {
        /// The source.
        key: String,
    },
    /// It is not configured to send records of that kind.
    #[error("source {key:?} sends no {}; [source.push.fields] says what it sends", kind.plural())]
    KindNotSent {
        /// The kind.
        kind: Kind,
        /// The source.
        key: String,
    },
    /// A name is not in the list of fields.
    #[error(transparent)]
    UnknownField(#[from] UnknownField),
    /// It is not configured to send that field.
    #[error(
        "source {key:?} does not send {name:?} of {}; [source.push.fields] says what it sends",
        kind.plural()
    )]
    FieldNotSent {
        /// The field, or another member of the record.
        name: String,
        /// The kind of record.
        kind: Kind,
        /// The source.
        key: String,
    },
    /// The key looks like a national number.
    #[error(
        "the id looks like a national number, and ids are kept and shown: send the record under a key \
         of the source's own, and the number as person.national_number"
    )]
    NumberAsKey,
    /// The key cannot be read.
    #[error("{text}")]
    Key {
        /// Why.
        text: String,
    },
    /// A record of several is no record.
    #[error("it cannot be read: {text}")]
    Unreadable {
        /// Why.
        text: String,
    },
    /// A record says more than any real one.
    #[error("a record may say {bytes_max} bytes at most")]
    TooLarge {
        /// The most there may be.
        bytes_max: usize,
    },
    /// A snapshot of the source is open, or waits to be read.
    #[error(
        "snapshot {snapshot} of this source is under way: put the record there, or wait until it \
         was read"
    )]
    SnapshotUnderWay {
        /// Which.
        snapshot: Uuid,
    },
    /// No such snapshot of the source.
    #[error("there is no snapshot {snapshot} of this source")]
    UnknownSnapshot {
        /// Its id as given.
        snapshot: Uuid,
    },
    /// No such receipt of the source.
    #[error("there is no receipt {receipt} of this source")]
    UnknownReceipt {
        /// Its id as given.
        receipt: Uuid,
    },
    /// The snapshot takes no records any more.
    #[error("snapshot {snapshot} is {state}, and takes nothing more; open another one")]
    NotOpen {
        /// Which.
        snapshot: Uuid,
        /// Where it stands.
        state: &'static str,
    },
    /// More was put into a snapshot than any real one has.
    #[error("more than {puts_max} records were put into this snapshot")]
    TooMany {
        /// The most there may be.
        puts_max: u64,
    },
    /// A snapshot does not hold what its sender says.
    #[error(
        "you say that it holds {}, and it holds {}: put what is missing, or open another one",
        counted(told),
        counted(found)
    )]
    Counts {
        /// What its sender says.
        told: BTreeMap<Kind, u64>,
        /// What was put.
        found: BTreeMap<Kind, u64>,
    },
    /// A stored cursor is none.
    #[error("after: give the `next` of the page before")]
    Cursor,
    /// It could not be run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl PushError {
    /// What is wrong with the record alone, by a code that never changes; none where more is in the way.
    pub fn code_of_record(&self) -> Option<&'static str> {
        match self {
            Self::UnknownField(_) => Some("unknown_field"),
            Self::FieldNotSent { .. } => Some("field_not_sent"),
            Self::NumberAsKey | Self::Key { .. } => Some("unreadable_key"),
            Self::Unreadable { .. } => Some("unreadable"),
            Self::TooLarge { .. } => Some("too_large"),
            Self::UnknownSource { .. }
            | Self::ReadFromFiles { .. }
            | Self::KindNotSent { .. }
            | Self::SnapshotUnderWay { .. }
            | Self::UnknownSnapshot { .. }
            | Self::UnknownReceipt { .. }
            | Self::NotOpen { .. }
            | Self::TooMany { .. }
            | Self::Counts { .. }
            | Self::Cursor
            | Self::Run(_)
            | Self::Store(_) => None,
        }
    }
}

fn counted(counts: &BTreeMap<Kind, u64>) -> String {
    let all: Vec<String> = counts.iter().map(|(kind, it)| kind.counted(*it)).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}
