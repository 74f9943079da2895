//! Arguments of plans.

use super::day;
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Plan {
    /// Work out a plan and leave it held, whatever it says.
    Make {
        /// The source's key.
        source: String,
        /// The file.
        file: PathBuf,
        /// The file's date, where its name does not tell it.
        #[arg(long, value_parser = day)]
        date: Option<Date>,
    },
    /// List plans, the latest first.
    List,
    /// Show a plan: counts, per unit, by name.
    Show {
        /// The plan's hash; its first characters do.
        hash: String,
        /// Name every change.
        #[arg(long)]
        items: bool,
    },
    /// Tell what targets would be sent: on a day to come, under a configuration that is not
    /// applied, with a held plan. Writes nothing.
    Preview(Preview),
    /// Apply a held plan, exactly as it was shown.
    Release(Release),
    /// Make a plan that brings back what was believed before a run, and leave it held.
    Undo(Undo),
    /// Put a held plan aside for good.
    Reject {
        /// The plan's hash; its first characters do.
        hash: String,
        #[command(flatten)]
        decision: Decision,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Preview {
    /// A held plan, by its hash, as if it were released.
    #[arg(value_name = "HASH")]
    pub(crate) plan: Option<String>,
    /// The day on which it would be delivered; today, if none is said.
    #[arg(long, value_name = "DATE")]
    pub(crate) at: Option<Date>,
    /// A configuration to go by in the place of the applied one.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Only this target.
    #[arg(long, value_name = "KEY")]
    pub(crate) target: Option<String>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Undo {
    /// The run whose plan has this hash; its first characters do.
    #[arg(value_name = "HASH")]
    pub(crate) plan: Option<String>,
    /// The run that wrote this version of the ledger.
    #[arg(long, value_name = "N")]
    pub(crate) version: Option<i64>,
    /// The run of this number.
    #[arg(long, value_name = "N")]
    pub(crate) run: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct Release {
    /// The plan's hash; its first characters do.
    pub(crate) hash: String,
    /// Apply all but what this brake holds; the rest becomes a plan under a hash of its own, and
    /// waits if other brakes hold it. What is left out comes again with the next file.
    #[arg(long, value_name = "BRAKE")]
    pub(crate) except: Option<String>,
    /// Apply only this part of it, whatever holds the plan; the rest stays held under a hash of its
    /// own.
    #[arg(long, value_enum, conflicts_with = "except")]
    pub(crate) only: Option<Only>,
    #[command(flatten)]
    pub(crate) decision: Decision,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Only {
    /// What newly protects somebody's address.
    Protected,
}

#[derive(Debug, Args)]
pub(crate) struct Decision {
    /// Who decides.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}
