//! Why a plan cannot be shown or decided on.

use super::super::run::RunError;
use super::HASH_CHARACTERS_MIN;
use jiff::Timestamp;
use kobling_domain::exchange::brake::Brake;
use kobling_domain::id::RunNo;
use kobling_store::StoreError;

/// Why a plan cannot be shown or decided on.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// No such plan.
    #[error("there is no plan {hash}; `kobling plan list` lists them")]
    Unknown {
        /// The hash as given.
        hash: String,
    },
    /// A part was taken out of it, and what is left stands in its place.
    #[error("plan {hash} was parted at {at}; plan {rest} stands in its place")]
    Parted {
        /// The hash as given.
        hash: String,
        /// What is left of it.
        rest: String,
        /// When.
        at: Timestamp,
    },
    /// Too little of a hash.
    #[error("{hash:?} is too little of a hash; give {HASH_CHARACTERS_MIN} characters or more")]
    TooShort {
        /// The hash as given.
        hash: String,
    },
    /// Several plans begin so.
    #[error("several plans begin with {hash}; give more of the hash")]
    Ambiguous {
        /// The hash as given.
        hash: String,
    },
    /// It is no longer held.
    #[error("plan {hash} is {state}, not held; there is nothing to decide")]
    NotHeld {
        /// Its hash.
        hash: String,
        /// What it is.
        state: &'static str,
    },
    /// The source was configured otherwise since.
    #[error("source {key:?} was configured otherwise since the plan was made; run it again")]
    Reconfigured {
        /// The source.
        key: String,
    },
    /// Another input was applied since.
    #[error(
        "another input of source {key:?} has been applied since plan {hash} was made; make it \
         anew: kobling run {key} FILE"
    )]
    MovedOn {
        /// The plan.
        hash: String,
        /// The source.
        key: String,
    },
    /// An undoing whose source was read again since.
    #[error(
        "another input has been applied since plan {hash} was made to undo run {run}; make it \
         anew: kobling plan undo --run {run}"
    )]
    UndoMovedOn {
        /// The plan.
        hash: String,
        /// The run it undoes.
        run: RunNo,
    },
    /// There is no such run.
    #[error("{what} was not made by a run; `kobling history ID` tells versions and runs")]
    NoRun {
        /// What was given.
        what: String,
    },
    /// There is nothing to undo.
    #[error("{what} is not in the ledger, so there is nothing to undo")]
    NotApplied {
        /// What was given.
        what: String,
    },
    /// The file is no longer the one that was read.
    #[error("{path} no longer says what plan {hash} was made of; run the source again")]
    OtherFile {
        /// The plan.
        hash: String,
        /// The file.
        path: String,
    },
    /// The stored items are not those that were shown.
    #[error("the stored items of plan {hash} are not those it was named for; nothing was applied")]
    Tampered {
        /// Its hash.
        hash: String,
    },
    /// No such brake.
    #[error("{brake:?} is no brake; there is: {known}")]
    UnknownBrake {
        /// As given.
        brake: String,
        /// All brakes.
        known: String,
    },
    /// A plan cannot do without what this brake holds.
    #[error("plan {hash} cannot be applied except {brake}: {why}")]
    NotSeparable {
        /// The plan.
        hash: String,
        /// The brake.
        brake: Brake,
        /// Why.
        why: &'static str,
    },
    /// There is nothing to apply first.
    #[error("plan {hash} newly protects nobody's address; look at it as a whole")]
    ProtectsNobody {
        /// The plan.
        hash: String,
    },
    /// The stored summary cannot be read.
    #[error("what is stored of plan {hash} cannot be read")]
    Unreadable {
        /// The plan.
        hash: String,
        /// Why.
        source: serde_json::Error,
    },
    /// Applying failed.
    #[error("the plan was not applied")]
    Run(#[from] RunError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl PlanError {
    /// Whether what was given is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::Run(it) => it.is_bad_input(),
            Self::Store(_) | Self::Unreadable { .. } => false,
            Self::Unknown { .. }
            | Self::Parted { .. }
            | Self::TooShort { .. }
            | Self::Ambiguous { .. }
            | Self::NotHeld { .. }
            | Self::Reconfigured { .. }
            | Self::Tampered { .. }
            | Self::OtherFile { .. }
            | Self::MovedOn { .. }
            | Self::UndoMovedOn { .. }
            | Self::NoRun { .. }
            | Self::NotApplied { .. }
            | Self::UnknownBrake { .. }
            | Self::ProtectsNobody { .. }
            | Self::NotSeparable { .. } => true,
        }
    }
}
