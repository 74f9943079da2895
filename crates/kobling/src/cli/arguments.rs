//! What may be typed.

mod agreement;
mod people;
mod pii;
mod plan;
mod server;
mod target;

pub(crate) use agreement::*;
pub(crate) use people::*;
pub(crate) use pii::*;
pub(crate) use plan::*;
pub(crate) use server::*;
pub(crate) use target::*;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::access::{Grant, UnknownRole};
use std::path::PathBuf;

/// The exchange hub between the systems that know a public employer's people and those that need
/// to.
#[derive(Debug, Parser)]
#[command(name = "kobling", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 bad input or usage, 3 held by a brake.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "write a day as in 2026-03-05".to_owned())
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| {
        "write an instant as in 2026-03-05T06:30:00Z or 2026-03-05T07:30:00+01:00".to_owned()
    })
}

fn grant(text: &str) -> Result<Grant, String> {
    let (role, party) = text
        .split_once('@')
        .ok_or_else(|| "write a role and a party as in hr_reader@fjordby".to_owned())?;
    let role = role.parse().map_err(|it: UnknownRole| it.to_string())?;
    Ok(Grant { party: party.to_owned(), role })
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// Print the result as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The employer, where the store holds more than one.
    #[arg(long, global = true, value_name = "KEY")]
    pub(crate) tenant: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a synthetic employer and show the whole way: read, compare, hold, deliver.
    Demo(Demo),
    /// Write a synthetic input.
    #[command(subcommand)]
    Generate(Generate),
    /// Tell what a file is and whether it is complete. Touches no store.
    Inspect(Inspect),
    /// Tell the difference of two files of one source. Touches no store.
    Compare(Compare),
    /// Check, apply or export the configuration of an employer.
    #[command(subcommand)]
    Config(Config),
    /// Read a source: work out what changed, hold it if it looks wrong, else apply it.
    Run(Run),
    /// Make, look at, release or reject plans.
    #[command(subcommand)]
    Plan(Plan),
    /// List what is set aside, and decide where only a person can.
    #[command(subcommand)]
    Quarantine(Quarantine),
    /// Show a person, a unit, an employment, or a leader's own people.
    #[command(subcommand)]
    Show(Show),
    /// List persons who may be one and fields on which sources differ; link, split or keep apart.
    #[command(subcommand)]
    Match(Match),
    /// Show all that was ever known of a subject.
    History(History),
    /// Write what the hub knows of a person, which systems were given it, and who saw it.
    #[command(subcommand)]
    Extract(Extract),
    /// Say of an employment that ended because its source no longer mentions it that it never was.
    #[command(subcommand)]
    Annul(Annul),
    /// List target groups, and show the people each holds with the reason.
    #[command(subcommand)]
    Group(Group),
    /// Show agreements and their versions, release or reject drafts, and close agreements.
    #[command(subcommand)]
    Agreement(Agreement),
    /// Show and verify the signed receipts of closings in emergency.
    #[command(subcommand)]
    Receipt(Receipt),
    /// Tell which records are not good enough for what a target does with them.
    Quality(Quality),
    /// Write a target's files, or send its messages.
    Deliver(Deliver),
    /// See what targets have taken and what is on its way, and decide what is held or was rejected.
    #[command(subcommand)]
    Delivery(Delivery),
    /// Do the work that is due: deliver to targets that take messages, and send on what broke off.
    Work(Work),
    /// Try a target's place.
    #[command(subcommand)]
    Target(Target),
    /// Try a source's place.
    #[command(subcommand)]
    Source(Source),
    /// Serve pages and the API, and do the work that changes ask for.
    Serve(Serve),
    /// Admit users, say what they may, and let them sign in.
    #[command(subcommand)]
    User(User),
    /// Admit programs that sign in by themselves.
    #[command(subcommand)]
    Client(Client),
    /// Say which programs of parties are told what happens.
    #[command(subcommand)]
    Webhook(Webhook),
    /// See who did what, and prove that nobody wrote it anew.
    #[command(subcommand)]
    Audit(Audit),
    /// Find identity numbers where none should be.
    #[command(subcommand)]
    Pii(Pii),
    /// Look for what is wrong or unsafe in this installation.
    Doctor,
    /// Look after the store.
    #[command(subcommand)]
    Db(Db),
    /// Make the keys that seal what is stored.
    #[command(subcommand)]
    Keys(Keys),
    /// Print a completion script for a shell.
    Completions(Completions),
}

impl Command {
    /// Whether it stays and answers requests.
    pub(crate) fn is_server(&self) -> bool {
        matches!(self, Self::Serve(_)) || matches!(self, Self::Demo(it) if it.serve)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where to put it. Must not exist yet, or be an earlier demo's, which is replaced.
    #[arg(long, default_value = "kobling-demo")]
    pub(crate) dir: PathBuf,
    /// How many employees.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    pub(crate) employees: u32,
    /// Another seed makes other people.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Then serve it: prints a link for each role that signs in once.
    #[arg(long)]
    pub(crate) serve: bool,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", requires = "serve")]
    pub(crate) listen: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Generate {
    /// An extract as KMD Opus Personale writes it.
    Opus(GenerateOpus),
    /// The kinds of bad file there are.
    Flaws,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum GenerateMode {
    /// All there is.
    Snapshot,
    /// What changed since the day before.
    Delta,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateOpus {
    /// How many employees.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    pub(crate) employees: u32,
    /// Another seed makes other people.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The day: day D+1 has 1 % changed, 0.2 % new and 0.2 % leavers against day D.
    #[arg(long, default_value_t = 0)]
    pub(crate) day: u16,
    /// The file to write.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// What it holds.
    #[arg(long, value_enum, default_value = "snapshot")]
    pub(crate) mode: GenerateMode,
    /// Make it a bad file of this kind; `kobling generate flaws` names them all.
    #[arg(long)]
    pub(crate) flaw: Option<String>,
    /// Put the records in a random order drawn from this seed.
    #[arg(long, value_name = "SEED", hide = true)]
    pub(crate) shuffle: Option<u64>,
    /// Move `lastChanged` of every record and nothing else.
    #[arg(long, hide = true)]
    pub(crate) touch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The file.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) as_source: AsSource,
}

/// Whose columns a delimited file has. Without it the file is an extract of Opus.
#[derive(Debug, Args)]
pub(crate) struct AsSource {
    /// The configuration that describes the file's columns.
    #[arg(long, value_name = "FILE", requires = "source")]
    pub(crate) config: Option<PathBuf>,
    /// The source in it whose file this is.
    #[arg(long, value_name = "KEY", requires = "config")]
    pub(crate) source: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The earlier file.
    pub(crate) old: PathBuf,
    /// The later file.
    pub(crate) new: PathBuf,
    /// Name the units, persons and employments too.
    #[arg(long)]
    pub(crate) items: bool,
    #[command(flatten)]
    pub(crate) as_source: AsSource,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Read a configuration and say what is wrong with it.
    Check {
        /// The file.
        file: PathBuf,
    },
    /// Make the store hold what the file says, and show the difference.
    Apply {
        /// The file.
        file: PathBuf,
        /// Show the difference and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Write what the store holds as a configuration.
    Export {
        /// The file to write; `-` for the terminal.
        file: PathBuf,
        /// Write nothing; say what would be written.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The source's key.
    pub(crate) source: String,
    /// The file; without it, the next unread ones of the source's folder, oldest first.
    pub(crate) file: Option<PathBuf>,
    /// The file's date, where its name does not tell it; else that of the last file applied.
    #[arg(long, value_parser = day)]
    pub(crate) date: Option<Date>,
    /// When to bring the roster up: after the run, or when somebody next needs it.
    #[arg(long, value_enum, default_value_t = Roster::Now, requires = "file")]
    pub(crate) roster: Roster,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Roster {
    Now,
    Later,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Quarantine {
    /// List the records that are set aside, each with the reason.
    List {
        /// Only those of this source.
        #[arg(long, value_name = "KEY")]
        source: Option<String>,
    },
    /// Say of an employment that names another person which of the two it is. That holds at once; the
    /// record is read again by the next run.
    Decide {
        /// The source's key.
        source: String,
        /// The employment's number.
        number: i64,
        /// What it is.
        #[arg(long = "as", value_enum)]
        verdict: Verdict,
        #[command(flatten)]
        decision: Decision,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Verdict {
    /// The same human, under another national number.
    Correction,
    /// Another human: the employment number is used again.
    Reuse,
}
