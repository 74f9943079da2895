//! Records of an input, each counted once.

use kobling_domain::exchange::brake::Records;
use kobling_domain::people::Kind;
use serde::{Deserialize, Serialize};

/// Records of an input, each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Records read.
    pub read: u64,
    /// Of these, records of units.
    #[serde(default)]
    pub units: u64,
    /// Records that change nothing.
    pub unchanged: u64,
    /// Records set aside.
    pub quarantined: u64,
    /// Records that had to be parsed.
    pub parsed: u64,
    /// Records that have an item in the plan.
    pub planned: u64,
    /// Records whose item was left out of the plan when it was released in part.
    #[serde(default)]
    pub left_out: u64,
    /// Records whose item was applied before the rest of the plan.
    #[serde(default)]
    pub applied_apart: u64,
}

impl Counts {
    /// Counts a record that was read.
    pub(super) fn count(&mut self, kind: Kind) {
        self.read += 1;
        self.units += u64::from(kind == Kind::Unit);
    }

    /// So many records have an item in the plan no more.
    pub(super) fn leave_out(&mut self, records: usize) {
        let records = u64::try_from(records).unwrap_or_default().min(self.planned);
        self.planned -= records;
        self.left_out += records;
    }

    /// The items of so many records are applied, and those of the others are not.
    pub(super) fn apply_apart(&mut self, records: usize) {
        let records = u64::try_from(records).unwrap_or_default().min(self.planned);
        self.planned -= records;
        self.applied_apart += records;
    }

    /// Records whose change is in the ledger once the plan is applied, and those whose is not.
    pub(super) fn when_applied(&self) -> (u64, u64) {
        (self.planned + self.applied_apart, self.left_out)
    }

    /// The same while the plan is held.
    pub(crate) fn while_held(&self) -> (u64, u64) {
        (self.applied_apart, self.planned + self.left_out)
    }

    /// Records read by what they are about.
    pub(super) fn records(&self) -> Records {
        Records { units: self.units, employments: self.read.saturating_sub(self.units) }
    }
}
