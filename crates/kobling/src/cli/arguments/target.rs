//! Arguments of targets, deliveries and what keeps the store.

use super::Decision;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use uuid::Uuid;

#[derive(Debug, Args)]
pub(crate) struct Deliver {
    /// The target's key.
    pub(crate) target: String,
    /// Say what would be delivered and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Deliver although the target's brake holds it, as this person decides.
    #[arg(long, value_name = "NAME", requires = "reason")]
    pub(crate) release_by: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT", requires = "release_by")]
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Delivery {
    /// List the receipts of a target's files, the latest first.
    Receipts {
        /// The target's key.
        target: String,
        /// At most so many.
        #[arg(long, default_value_t = 50, value_name = "COUNT")]
        limit: u32,
    },
    /// List the messages, or the set of files, that have not been accepted yet.
    List {
        /// The target's key.
        target: String,
    },
    /// Tell where a target stands: what is due, accepted, pending, held, rejected.
    Status {
        /// The target's key.
        target: String,
    },
    /// Send dead letters, or a set of files that was given up, again.
    Retry {
        /// The target's key.
        target: String,
        /// The subject's id; without it, all.
        subject: Option<Uuid>,
        #[command(flatten)]
        decision: Decision,
    },
    /// Stop sending a message, or the set of files on its way: it becomes a dead letter.
    GiveUp {
        /// The target's key.
        target: String,
        /// The subject's id, at a target that takes messages.
        subject: Option<Uuid>,
        #[command(flatten)]
        decision: Decision,
    },
    /// Send what a brake of the target holds, exactly as it was listed.
    Release {
        /// The target's key.
        target: String,
        /// The hash under which `kobling delivery list` and `status` tell of it.
        hash: String,
        #[command(flatten)]
        decision: Decision,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Target {
    /// Say step by step what works: name, port, certificate or host key, login, folder, and writing,
    /// renaming and removing a file of its own.
    Test {
        /// The target's key.
        target: String,
    },
    /// Tell what a target holds that it should not, or holds otherwise.
    Drift {
        /// The target's key.
        target: String,
        /// A list of what it holds: in the place of the file of that name that lies there, or of a
        /// target of messages one JSON object on a line, `subject` and `content`.
        #[arg(long, value_name = "FILE")]
        list: Vec<PathBuf>,
        /// Do what the target's policies say: accept what it may keep, and have the rest sent anew.
        #[arg(long)]
        settle: bool,
    },
    /// Match what a target holds, typed by hand, with what it would be sent. Until that is
    /// released, nothing is delivered.
    #[command(subcommand)]
    Takeover(Takeover),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Source {
    /// Say step by step what works: name, port, host key, login, folder. Writes nothing there.
    Test {
        /// The source's key.
        source: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Work {
    /// Do what is due and end, instead of waiting for more.
    #[arg(long)]
    pub(crate) once: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Db {
    /// Bring the store's tables to this program's version.
    Migrate,
    /// Look for rows that contradict each other.
    Check,
    /// Bring what is derived up to the ledger, where a run left it behind.
    Refresh,
    /// Build what is derived anew.
    Rebuild,
    /// Copy the embedded store to a file, while it is worked with.
    Backup {
        /// The file; it must not exist yet.
        file: PathBuf,
    },
    /// Put a copy in the place of the embedded store. What was there is kept beside it.
    Restore {
        /// The copy.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Print a key file with two new secrets, or write it so that you alone may read it.
    New {
        /// The file to write; it must not exist yet.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// List the keys that seal and open what is stored, and how much each has sealed.
    List,
    /// Add a key that opens and does not seal yet, for an installation of several machines.
    Add,
    /// Seal with the key that was added, or with a new one, and seal anew what others have sealed.
    Rotate,
    /// Seal anew what older keys have sealed; goes on where it was stopped.
    Reseal,
    /// Remove the older keys from the file, a day after the last one sealed and once nothing needs them.
    Drop,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Takeover {
    /// Give the list of what the target holds, and show what is found in it.
    List {
        /// The target's key.
        target: String,
        /// The list: a table with a header row.
        #[arg(required_unless_present = "there")]
        list: Option<PathBuf>,
        /// Read the list where the target's files lie: the file of this name.
        #[arg(long, value_name = "NAME", conflicts_with = "list")]
        there: Option<String>,
        /// Which column tells what: `id`, `number`, `employment`, `birth`, `name`, `email`.
        #[arg(long, value_name = "WHAT=COLUMN")]
        map: Vec<String>,
    },
    /// Show what is found in it now.
    Show {
        /// The target's key.
        target: String,
    },
    /// Say who an entry of it is.
    Decide {
        /// The target's key.
        target: String,
        /// The target's own id of the entry.
        entry: String,
        #[command(flatten)]
        verdict: Same,
        #[command(flatten)]
        decision: Decision,
    },
    /// Let the target be delivered to.
    Release {
        /// The target's key.
        target: String,
        #[command(flatten)]
        decision: Decision,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Same {
    /// It is the person with this id of ours.
    #[arg(long, value_name = "OUR-ID")]
    pub(crate) same: Option<String>,
    /// It is nobody of ours.
    #[arg(long)]
    pub(crate) nobody: bool,
}
