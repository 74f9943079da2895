use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the extracts of a source are to be taken. Their name says `_delta` in either case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Each holds every unit and open employment, and a stub per ended one.
    Snapshot,
    /// Each holds what changed.
    Delta,
    /// A snapshot if the root unit is in it.
    #[default]
    Auto,
}

/// Whether an extract holds the organisation's root: the unit without one above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootUnit {
    /// It does.
    Present,
    /// It does not.
    Missing,
}

/// What an extract speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// All there is: what it does not mention is gone, if it is complete.
    All,
    /// What it mentions and nothing else.
    Mentioned,
}

impl Mode {
    /// What an extract speaks about, taken so.
    pub fn coverage(self, root: RootUnit) -> Coverage {
        match (self, root) {
            (Self::Snapshot, _) | (Self::Auto, RootUnit::Present) => Coverage::All,
            (Self::Delta, _) | (Self::Auto, RootUnit::Missing) => Coverage::Mentioned,
        }
    }
}
