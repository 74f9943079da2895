//! Lanes: what a target has, what it should have, and the one message on its way between the two.
//!
//! There is a lane for each subject of each target. A message is stored before it is sent and is
//! sent again, byte for byte, until it is answered; so a retry, a restart, a correction and a
//! second delivery are one mechanism.

mod answer;
mod brake;
mod pace;
mod step;

pub use answer::{Answer, Delay, Patience, Then, after};
pub use brake::{ActionFigures, ActionLimits, Most, TrippedAction, check_actions};
pub use pace::Pace;
pub use step::{Accepted, Digest, Sent, Step, Unfinished, decide};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a message tells a target to do.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// To take in a subject it does not have.
    Create,
    /// To change a subject it has.
    Change,
    /// To have a subject no longer.
    Inactivate,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 3] = [Self::Create, Self::Change, Self::Inactivate];

    /// The name in messages, configurations and the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Inactivate => "inactivate",
        }
    }

    /// The action of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
