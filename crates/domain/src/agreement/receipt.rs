use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What became of something that was under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ClosingOutcome")]
pub enum Became {
    /// All of it arrived.
    Finished,
    /// It was broken off, and stands nowhere under its name.
    Cut,
    /// It may have arrived: nobody heard.
    Unknown,
}

impl Became {
    /// What it is called in a receipt.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Cut => "cut",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Became {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing that was under way: a file, a message, or an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ClosingOutcomeOf")]
pub struct Outcome {
    /// Its name, which tells nothing of a person.
    pub name: String,
    /// What became of it.
    pub became: Became,
    /// How that is known.
    pub said: String,
}

/// What one sender had under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ClosingInFlight")]
pub struct InFlight {
    /// What kind of way it took: `target` or `webhook`.
    pub way: String,
    /// The way's key.
    pub key: String,
    /// When it started.
    pub started_at: Timestamp,
    /// What became of each thing.
    pub outcomes: Vec<Outcome>,
}

/// The last that a target took before a closing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ClosingLastDelivered")]
pub struct LastDelivered {
    /// Its name: a file of a set, or a message.
    pub name: String,
    /// When it was taken.
    pub at: Timestamp,
}

/// Whether a receipt is the last word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ClosingReceiptState")]
pub enum ReceiptState {
    /// The order is kept, and is carried out before anything else as soon as the database can be written.
    Interim,
    /// It is done.
    Final,
}

/// Somebody to be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ClosingCall")]
pub struct Call {
    /// Why them.
    pub role: Role,
    /// What they are called.
    pub name: String,
    /// Where they are reached by telephone, where that is configured.
    pub phone: Option<String>,
    /// Where they are written to.
    pub mail: Vec<String>,
}

/// Why somebody is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ClosingCallRole")]
pub enum Role {
    /// The data are theirs: they report a breach.
    Customer,
    /// They run the hub.
    Operator,
    /// They support the system that the data are from.
    SourceSupport,
    /// They received the data.
    Receiver,
}

impl Role {
    /// What it is called in a receipt.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Operator => "operator",
            Self::SourceSupport => "source_support",
            Self::Receiver => "receiver",
        }
    }
}

/// What a closing in emergency came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ClosingReceipt")]
pub struct Receipt {
    /// Which kind of document it is: [`Receipt::KIND`].
    pub kind: String,
    /// Whether it is the last word.
    pub state: ReceiptState,
    /// What the hub's key is called by which it is signed.
    pub hub_key: String,
    /// The employer's key and name.
    pub employer: String,
    /// The agreement's key.
    pub agreement: String,
    /// The key of the target that it is for.
    pub target: String,
    /// The number of the closing; none while it is not carried out.
    pub number: Option<i64>,
    /// Who closed it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When they said so.
    pub ordered_at: Timestamp,
    /// From when on nothing starts; none while it is not carried out.
    pub closed_at: Option<Timestamp>,
    /// Until when a breach of personal data is reported (GDPR article 33), counted from the order.
    pub breach_report_until: Timestamp,
    /// The last that the target took before.
    pub last_delivered: Option<LastDelivered>,
    /// All that was under way, one by one.
    pub in_flight: Vec<InFlight>,
    /// Messages and files that wait and are kept.
    pub kept: u64,
    /// The clients that are refused from then on, by key.
    pub refused_clients: Vec<String>,
    /// The webhooks that are told nothing from then on, by key.
    pub stopped_webhooks: Vec<String>,
    /// Whom to call, in order.
    pub call: Vec<Call>,
}

impl Receipt {
    /// Which kind of document it is.
    pub const KIND: &str = "kobling.emergency-closing.1";
    /// In so many hours a breach is reported.
    pub const BREACH_HOURS: i64 = 72;

    /// How many things that were under way became that.
    pub fn count(&self, became: Became) -> usize {
        let all = self.in_flight.iter().flat_map(|it| &it.outcomes);
        all.filter(|it| it.became == became).count()
    }
}
