//! Arguments of agreements.

use super::{Decision, day};
use clap::{Args, Subcommand};
use jiff::civil::Date;

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
    /// End an agreement. Closed for today, nothing more leaves from now on.
    Close {
        /// The agreement's key.
        agreement: String,
        /// The first day on which it no longer holds; without it, today.
        #[arg(long, value_name = "DATE", value_parser = day)]
        on: Option<Date>,
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
