//! What may be typed.

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::access::{Grant, UnknownRole};
use std::path::PathBuf;
use uuid::Uuid;

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
    /// Say of an employment that ended because its source no longer mentions it that it never was.
    #[command(subcommand)]
    Annul(Annul),
    /// List target groups, and show the people each holds with the reason.
    #[command(subcommand)]
    Group(Group),
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
    /// See who did what, and prove that nobody wrote it anew.
    #[command(subcommand)]
    Audit(Audit),
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

/// What a process of a server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ServeRole {
    /// It answers requests and does the work.
    All,
    /// It answers requests.
    Web,
    /// It does the work that changes ask for.
    Worker,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// What this process does, where several share the store.
    #[arg(long, value_enum, default_value_t = ServeRole::All)]
    pub(crate) role: ServeRole,
    /// Listen here instead of where kobling.toml says, such as 127.0.0.1:8080.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// List entries, the newest first.
    List(AuditList),
    /// Work the chain of the whole audit out anew.
    Verify(AuditVerify),
}

#[derive(Debug, Args)]
pub(crate) struct AuditList {
    /// So many entries at most.
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub(crate) last: u32,
    /// Only those before the entry of this number.
    #[arg(long, value_name = "NO")]
    pub(crate) before: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct AuditVerify {
    /// A head that an earlier examination told: the chain must still hold it.
    #[arg(long, value_name = "HEX")]
    pub(crate) head: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// List users and their roles.
    List,
    /// Admit somebody.
    Add(UserAdd),
    /// Give a user other roles in the place of those they have.
    Roles(UserRoles),
    /// Let a user sign in no more, and sign them out everywhere.
    Disable(UserKey),
    /// Make a link that signs a user in once, within 12 hours.
    Link(UserKey),
    /// Give a user a password: the first line of the standard input.
    Password(UserKey),
    /// Give a user a code app beside the password; prints the address that such apps read.
    CodeApp(UserKey),
    /// Take a lost code app away, and forget wrong tries.
    Reset(UserKey),
}

#[derive(Debug, Args)]
pub(crate) struct UserKey {
    /// The name they sign in with.
    #[arg(value_name = "USER")]
    pub(crate) key: String,
    /// Who says so, for the audit.
    #[arg(long, default_value = "kobling user")]
    pub(crate) by: String,
}

#[derive(Debug, Args)]
pub(crate) struct UserRoles {
    #[command(flatten)]
    pub(crate) user: UserKey,
    /// A role and the party it is given for, joined by @; may be given again.
    #[arg(long = "role", value_name = "ROLE@PARTY", required = true, value_parser = grant)]
    pub(crate) grants: Vec<Grant>,
}

#[derive(Debug, Args)]
pub(crate) struct UserAdd {
    #[command(flatten)]
    pub(crate) roles: UserRoles,
    /// What people call them.
    #[arg(long)]
    pub(crate) name: String,
    /// The hub's own id of the person they are: a manager sees their own people by it.
    #[arg(long, value_name = "ID")]
    pub(crate) person: Option<Uuid>,
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
    /// Make it a bad file of this kind; `--flaw list` names them all.
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
    /// The file's date, where its name does not tell it.
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

#[derive(Debug, Subcommand)]
pub(crate) enum Quarantine {
    /// List the records that are set aside, each with the reason.
    List {
        /// Only those of this source.
        #[arg(long, value_name = "KEY")]
        source: Option<String>,
    },
    /// Say of an employment that names another person which of the two it is. The next run applies
    /// it.
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

#[derive(Debug, Subcommand)]
pub(crate) enum Show {
    /// A person.
    Person(ShowOne),
    /// A unit.
    Unit(ShowOne),
    /// An employment.
    Employment(ShowOne),
    /// A leader's own people, whose qualification expires first before whose expires later.
    Manager(ShowManager),
}

#[derive(Debug, Args)]
pub(crate) struct ShowManager {
    /// The hub's own id of the leader, or the number of the employment by which they lead.
    pub(crate) id: String,
    /// On this day instead of today.
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<Date>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Match {
    /// List who may be one, where sources differ, and who is linked.
    List,
    /// The same of one person.
    Show {
        /// The hub's own id of the person, or a register's key.
        id: String,
    },
    /// Say that two persons are one: both are told of under one of them from now on.
    Link(MatchPair),
    /// Undo a link: from now on the person is told of by themselves again.
    Split {
        /// Who was linked: the hub's own id, or a register's key.
        id: String,
        #[command(flatten)]
        decision: Decision,
    },
    /// Say that two persons are two: they are not suggested again.
    Reject(MatchPair),
}

#[derive(Debug, Args)]
pub(crate) struct MatchPair {
    /// The one: the hub's own id, or a register's key.
    pub(crate) person: String,
    /// The other.
    pub(crate) other: String,
    #[command(flatten)]
    pub(crate) decision: Decision,
}

#[derive(Debug, Args)]
pub(crate) struct ShowOne {
    /// The hub's own id, or the source's number of it.
    pub(crate) id: String,
    /// Only this day.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// As the hub knew it then.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) known_at: Option<Timestamp>,
}

#[derive(Debug, Args)]
pub(crate) struct History {
    /// The hub's own id, or the source's number of it.
    pub(crate) id: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Annul {
    /// Withdraw all its days. What was believed stays known at its time.
    Employment {
        /// The hub's own id, or the source's number of it.
        id: String,
        #[command(flatten)]
        decision: Decision,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Group {
    /// List the groups with their rules.
    List,
    /// Show who is in a group, and why.
    Show {
        /// The group's key.
        group: String,
        /// On this day; without it, today.
        #[arg(long, value_name = "DATE")]
        as_of: Option<Date>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Quality {
    /// The target's key.
    pub(crate) target: String,
}

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
    /// Send what the target's brakes hold.
    Release {
        /// The target's key.
        target: String,
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
        /// A list of what it holds, in the place of the file of that name that lies there.
        #[arg(long, value_name = "FILE")]
        list: Vec<PathBuf>,
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
}

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Print a key file with two new secrets, or write it so that you alone may read it.
    New {
        /// The file to write; it must not exist yet.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
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
        list: PathBuf,
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
