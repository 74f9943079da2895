//! Arguments of agreements.

use super::{Decision, day};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Agreement {
    /// List agreements: what is in force, and what waits for whom.
    List,
    /// Show an agreement: its versions with their differences, and the steps of the latest.
    Show {
        /// The agreement's key.
        agreement: String,
    },
    /// Release a draft for one of its parties. It is in force once all have.
    Release(AgreementWord),
    /// Say for one of its parties that a draft is not accepted as it stands.
    Reject(AgreementWord),
    /// End an agreement. Closed for today, nothing more leaves from now on; with --emergency,
    /// nothing starts from this moment, and what is under way is broken off.
    Close(CloseAgreement),
    /// Open again what was closed in emergency. It takes two people, one after the other.
    Reopen {
        /// The agreement's key.
        agreement: String,
        #[command(flatten)]
        decision: Decision,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AgreementWord {
    /// The agreement's key.
    pub(crate) agreement: String,
    /// The number of the version that was looked at, as `kobling agreement show` tells it.
    #[arg(long, value_name = "N")]
    pub(crate) version: u32,
    /// The party that speaks.
    #[arg(long, value_name = "KEY")]
    pub(crate) party: String,
    #[command(flatten)]
    pub(crate) decision: Decision,
}

#[derive(Debug, Args)]
pub(crate) struct CloseAgreement {
    /// The agreement's key.
    pub(crate) agreement: String,
    /// The first day on which it no longer holds; without it, today.
    #[arg(long, value_name = "DATE", value_parser = day, conflicts_with = "emergency")]
    pub(crate) on: Option<Date>,
    /// Close at once: all stops within two seconds, whoever receives is refused, and a signed receipt
    /// is printed.
    #[arg(long)]
    pub(crate) emergency: bool,
    /// Do not ask for the agreement's key to be typed once more.
    #[arg(long, requires = "emergency")]
    pub(crate) yes: bool,
    /// Who decides; of an emergency, without it, whoever runs this command.
    #[arg(long, value_name = "NAME", required_unless_present = "emergency")]
    pub(crate) by: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Receipt {
    /// Print the receipt of an agreement's last closing in emergency; with --json, as it was signed.
    Show {
        /// The agreement's key.
        agreement: String,
    },
    /// Tell whether this hub, or the hub of a key, signed every byte of a receipt. Touches no store.
    Verify {
        /// The receipt.
        file: PathBuf,
        /// The public key of the hub that should have signed it; without, this directory's.
        #[arg(long, value_name = "HUB_KEY")]
        key: Option<PathBuf>,
    },
    /// Print this hub's public key, by which others verify its receipts.
    Key,
}
