//! The steps of a delivery that last, so that a test can stop before each.

use std::fmt;

/// A step that lasts: what is done before it stays when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A page of lanes is brought to what its subjects should be.
    Save,
    /// The brakes judge, and the lanes are said to have followed the ledger.
    Judge,
    /// Messages are taken from their lanes.
    Take,
    /// They leave.
    Send,
    /// What the target said is noted.
    Note,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Save => "save",
            Self::Judge => "judge",
            Self::Take => "take",
            Self::Send => "send",
            Self::Note => "note",
        })
    }
}

/// Somebody stopped the delivery before a step. What is left is done by the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the delivery was stopped before step {step}; the next one goes on from there")]
pub struct Stopped {
    /// The step that was not done.
    pub step: Step,
}

/// Is asked before each step.
pub trait Steps {
    /// Whether it may be done.
    fn before(&self, step: Step) -> Result<(), Stopped>;
}

/// Every step may be done.
#[derive(Clone, Copy, Debug)]
pub struct Uninterrupted;

impl Steps for Uninterrupted {
    fn before(&self, _step: Step) -> Result<(), Stopped> {
        Ok(())
    }
}
