use crate::doctor::Level;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

/// Why something stands as it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Why {
    /// It is as it should be.
    InOrder,
    /// A run is under way, or died.
    Reading {
        /// Which.
        run: i64,
        /// When it began.
        since: Timestamp,
    },
    /// The last input was refused.
    Refused {
        /// The run.
        run: i64,
        /// Its input.
        input: String,
    },
    /// Plans wait for a person.
    Held {
        /// How many.
        plans: u64,
    },
    /// The file of a day has not come by the time it should have.
    Missing {
        /// Which day's.
        day: Date,
    },
    /// No newer input has come, although one should have.
    Late {
        /// Danish working days since the last, today not counted.
        days: i64,
    },
    /// Nothing was read yet.
    NeverRead,
    /// Records are set aside.
    SetAside {
        /// How many.
        records: u64,
    },
    /// Nothing was delivered yet.
    NeverDelivered,
    /// Brakes hold messages.
    HeldMessages {
        /// How many.
        messages: u64,
    },
    /// Messages are dead letters.
    DeadLetters {
        /// How many.
        messages: u64,
    },
    /// Messages are on their way.
    OnTheWay {
        /// How many.
        messages: u64,
    },
    /// No agreement lets anything out to it today.
    NoAgreement,
    /// It was closed in emergency: nothing leaves until two people open it again.
    ClosedInEmergency {
        /// Since when.
        at: Timestamp,
    },
    /// A draft of the agreement waits for a party's step.
    DraftWaits {
        /// The party's name.
        party: String,
    },
    /// A party will not have the draft of the agreement as it stands.
    DraftRejected {
        /// The party's name.
        party: String,
    },
    /// Nobody is left who could release the draft of the agreement.
    DraftOfNobody,
    /// The agreement begins later.
    Begins {
        /// On that day.
        on: Date,
    },
    /// The agreement ends soon.
    EndsSoon {
        /// The first day it no longer holds.
        until: Date,
    },
    /// The agreement has ended.
    Ended {
        /// The first day it no longer held.
        until: Date,
    },
}

impl Why {
    /// How bad that is.
    pub fn level(&self) -> Level {
        match self {
            Self::InOrder | Self::Reading { .. } | Self::OnTheWay { .. } | Self::Begins { .. } => {
                Level::Ok
            }
            Self::Held { .. }
            | Self::Late { .. }
            | Self::NeverRead
            | Self::SetAside { .. }
            | Self::NeverDelivered
            | Self::HeldMessages { .. }
            | Self::DraftWaits { .. }
            | Self::DraftRejected { .. }
            | Self::DraftOfNobody
            | Self::EndsSoon { .. } => Level::Warning,
            Self::Refused { .. }
            | Self::Missing { .. }
            | Self::DeadLetters { .. }
            | Self::NoAgreement
            | Self::ClosedInEmergency { .. }
            | Self::Ended { .. } => Level::Problem,
        }
    }
}
