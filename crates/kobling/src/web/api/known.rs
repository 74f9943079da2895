//! On which day, as known when, and which page: what is asked of the ledger and of what is configured.

use super::page::{Limit, Wanted};
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_hub::people;
use schemars::JsonSchema;
use serde::Deserialize;

/// As the hub knew it when.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    /// As the hub knew it then; as it knows it now without it.
    pub(super) known_at: Option<Timestamp>,
}

/// Which page, as the hub knew it when.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownPage {
    /// The `next` of the page before; the first page without it.
    after: Option<String>,
    /// How many at most; 50 without it.
    limit: Option<Limit>,
    /// As the hub knew it then; as it knows it now without it.
    pub(super) known_at: Option<Timestamp>,
}

impl KnownPage {
    pub(super) fn page(&self) -> Wanted {
        Wanted { after: self.after.clone(), limit: self.limit }
    }
}

/// On which day, and as the hub knew it when.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct When {
    /// Only this day; all days without it. Managers and the like are told for this day, else for
    /// the employer's today.
    as_of: Option<Date>,
    /// As the hub knew it then; as it knows it now without it.
    known_at: Option<Timestamp>,
}

impl From<When> for people::When {
    fn from(When { as_of, known_at }: When) -> Self {
        Self { as_of, known_at }
    }
}

/// Which page, of which day, and as the hub knew it when.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WhenPage {
    /// The `next` of the page before; the first page without it.
    after: Option<String>,
    /// How many at most; 50 without it. A page may hold fewer: those that are there on the day.
    limit: Option<Limit>,
    /// The day; the employer's today without it.
    as_of: Option<Date>,
    /// As the hub knew it then; as it knows it now without it.
    known_at: Option<Timestamp>,
}

impl WhenPage {
    pub(super) fn page(&self) -> Wanted {
        Wanted { after: self.after.clone(), limit: self.limit }
    }

    pub(super) fn when(&self) -> people::When {
        people::When { as_of: self.as_of, known_at: self.known_at }
    }
}
