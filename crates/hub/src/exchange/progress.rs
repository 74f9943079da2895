//! How far long work has come.

/// What long work is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading the input; counted in bytes.
    Read,
    /// Working out what is no longer there; counted in subjects.
    Gone,
    /// Writing the changes to the ledger; counted in changes.
    Apply,
    /// Building lists and search; counted in employments.
    Roster,
    /// Writing a target's files; counted in people.
    Deliver,
}

/// Is told how far long work has come. Called often: it must be cheap.
pub trait Progress {
    /// `done` of `total` (0 if unknown) of `stage`.
    fn at(&self, stage: Stage, done: u64, total: u64);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn at(&self, _stage: Stage, _done: u64, _total: u64) {}
}
