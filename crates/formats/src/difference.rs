//! What the differences of two files have in common, whatever their format.

use serde::Serialize;

/// Numbers of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Only the newer file has them.
    pub added: u64,
    /// Both have them, and they say other things.
    pub changed: u64,
    /// The older file has them, and they have left.
    pub gone: u64,
    /// Both have them, and they say the same.
    pub unchanged: u64,
}

impl Counts {
    /// Counts a record that differs.
    pub(crate) fn count(&mut self, change: ItemChange) {
        match change {
            ItemChange::Added => self.added += 1,
            ItemChange::Changed => self.changed += 1,
            ItemChange::Gone => self.gone += 1,
        }
    }
}

/// How a record differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemChange {
    /// Only the newer file has it.
    Added,
    /// It says something else.
    Changed,
    /// The newer file says that it has left, or does not have it.
    Gone,
}

/// Which of two files was refused, for what its reader says of it.
#[derive(Debug, thiserror::Error)]
pub enum CompareError<E: std::error::Error + 'static> {
    /// The older one.
    #[error("the older file is refused")]
    Old(#[source] E),
    /// The newer one.
    #[error("the newer file is refused")]
    New(#[source] E),
}
