//! Runs: one reading of one source, from the file to the ledger or to a held plan.

use super::apply::ApplyError;
use super::conclude::{self, Outcome};
use super::input::{Dated, Input, Naming};
use super::item::UnreadableItem;
use super::judge::{self, InputFacts};
use super::progress::Progress;
use super::reading::{ReadThrough, Reading};
use super::records::Reader;
use super::report::RunReport;
use super::source::Source;
use super::superseded;
use super::waiting::FetchError;
use super::{first, gone, refuse, renumber};
use crate::Hub;
use crate::people::{open_issues, roster};
use crate::traced;
use jiff::civil::Date;
use kobling_domain::exchange::Span;
use kobling_domain::exchange::brake::KnownName;
use kobling_domain::id::{RunNo, TenantId};
use kobling_formats::delimited;
use kobling_formats::opus::{self, Connection, Coverage, ReadError, RecordProblem};
use kobling_store::StoreError;
use kobling_store::engine::{Tx, run_lock};
use kobling_store::exchange::run as runs;
use kobling_store::exchange::{census, draft};
use std::fs::File;
use std::path::PathBuf;
use tracing::Instrument;

/// Whether a plan that no brake holds is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// It is, and the roster is brought up after it.
    Apply,
    /// It is, and the roster is left to whoever needs it next.
    ApplyAlone,
    /// It is left held for a person to look at.
    Make,
}

/// Why a run did not come to a plan. Nothing has been changed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No such source.
    #[error("there is no source {key:?}; {}", sources(known))]
    UnknownSource {
        /// The key as given.
        key: String,
        /// Keys there are.
        known: String,
    },
    /// Another run of this source is under way.
    #[error("another run of source {key:?} is under way; wait until it has ended")]
    UnderWay {
        /// The source.
        key: String,
    },
    /// The file cannot be opened.
    #[error("{} cannot be opened", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The date that was given is not the one the file's name tells.
    #[error(
        "{name} is a file of {named} by its name, and {given} was given; leave the date out, or \
         give a copy a name without one"
    )]
    OtherDate {
        /// The file's name.
        name: String,
        /// The date its name tells.
        named: Date,
        /// The date as given.
        given: Date,
    },
    /// A file was given for a source that has none.
    #[error("source {key:?} sends its records itself, and is read from no file (docs/push.md)")]
    SendsItself {
        /// The source.
        key: String,
    },
    /// What a source sent is to be read, and it is configured otherwise by now.
    #[error("source {key:?} sends its records no more; what it sent was not read")]
    SendsNoMore {
        /// The source.
        key: String,
    },
    /// The file's name holds a national number.
    #[error(
        "the name of the file holds what looks like a national number, and names are kept and \
         shown: have it delivered under a name without it, and remove this one"
    )]
    NumberInName,
    /// The file speaks for a day that has not come.
    #[error(
        "it is dated {date}, which lies after today, {today}, and is read on that day. If the date \
         is wrong, have the file delivered under its right name, and remove this one"
    )]
    Future {
        /// Its date.
        date: Date,
        /// The employer's civil date.
        today: Date,
    },
    /// The file waits on a server and could not be fetched.
    #[error("the file cannot be fetched")]
    NotFetched(#[source] FetchError),
    /// The file is refused as a whole.
    #[error(transparent)]
    Refused(#[from] ReadError),
    /// The table is refused as a whole.
    #[error(transparent)]
    Table(#[from] delimited::ReadError),
    /// A record makes the file ill-formed.
    #[error(transparent)]
    Record(RecordProblem),
    /// The file is not complete.
    #[error("the file is not complete: {what}; nothing of it was taken")]
    Incomplete {
        /// Which point of the proof fails.
        what: String,
    },
    /// A stored setting cannot be read.
    #[error("the settings of source {key:?} cannot be read; apply its configuration again")]
    Setting {
        /// The source.
        key: String,
        /// Why.
        source: serde_json::Error,
    },
    /// How the source's files are read cannot be told from its settings.
    #[error("the settings of source {key:?} cannot be used; apply its configuration again")]
    Layout {
        /// The source.
        key: String,
        /// Why.
        source: delimited::LayoutError,
    },
    /// The employer's time zone is unknown here.
    #[error("the time zone {name:?} is not known here")]
    TimeZone {
        /// Its name.
        name: String,
        /// Why.
        source: jiff::Error,
    },
    /// The plan could not be applied.
    #[error("the plan was not applied")]
    Apply(#[from] ApplyError),
    /// A stored item cannot be read.
    #[error(transparent)]
    Item(#[from] UnreadableItem),
    /// What is to be stored cannot be written as text.
    #[error("the plan cannot be written down")]
    Unwritable(#[from] serde_json::Error),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

fn sources(known: &str) -> String {
    match known {
        "" => "none is configured, see docs/configuration.md".to_owned(),
        known => format!("configured is: {known}"),
    }
}

impl RunError {
    /// Whether what was given is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::UnknownSource { .. }
            | Self::Open { .. }
            | Self::OtherDate { .. }
            | Self::SendsItself { .. }
            | Self::SendsNoMore { .. }
            | Self::NumberInName
            | Self::Future { .. }
            | Self::Refused(_)
            | Self::Table(_)
            | Self::Record(_)
            | Self::Incomplete { .. } => true,
            Self::UnderWay { .. }
            | Self::NotFetched(_)
            | Self::Setting { .. }
            | Self::Layout { .. }
            | Self::TimeZone { .. }
            | Self::Apply(_)
            | Self::Item(_)
            | Self::Unwritable(_)
            | Self::Store(_) => false,
        }
    }
}

/// One run: who reads what for whom.
#[derive(Clone, Copy)]
pub(super) struct Running<'a> {
    pub(super) hub: &'a Hub,
    pub(super) tenant: TenantId,
    pub(super) source: &'a Source,
    pub(super) input: &'a Input,
    pub(super) intent: Intent,
    pub(super) progress: &'a dyn Progress,
    pub(super) run: RunNo,
}

/// Reads `input` for the source of that key, works out the plan, and applies it or holds it.
///
/// # Errors
///
/// A file that is cut, ill-formed, of another client or of a day to come is refused and changes
/// nothing.
#[crate::boxed(?Send)]
pub async fn run(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    input: &Input,
    intent: Intent,
    progress: &dyn Progress,
) -> Result<RunReport, RunError> {
    let mut tx = hub.db.write().await?;
    let source = Source::load(&mut tx, tenant, key).await?;
    tx.commit().await?;
    let lock = run_lock(&hub.db, tenant, source.no).await?;
    let _lock = lock.ok_or_else(|| RunError::UnderWay { key: key.to_owned() })?;
    if let Err(error @ RunError::Open { .. }) = Reader::open(&source, input) {
        return Err(error);
    }

    // Nobody else moves this source from here on: look again, and clear away what died.
    let mut tx = hub.db.write().await?;
    let source = Source::load(&mut tx, tenant, key).await?;
    draft::discard_dead(&mut tx, tenant, source.no).await?;
    let today = source.today(hub);
    if holds_number(&source, input, today) {
        return Err(RunError::NumberInName);
    }
    let begun = runs::NewRun {
        source: source.no,
        input_name: input.name.clone(),
        input_date: Some(input.date()),
        today,
        started_at: hub.clock.now(),
    };
    let run = runs::begin(&mut tx, tenant, &begun).await?;
    tx.commit().await?;
    let running = Running { hub, tenant, source: &source, input, intent, progress, run };
    let span = traced::run(key, run.0);
    let done = Box::pin(evaluate(running, today)).instrument(span.clone()).await;
    traced::ended(&span, &done);
    if let Err(error) = &done {
        refuse::refuse(running, error).await?;
    }
    let mut report = done?;
    match intent {
        Intent::Apply | Intent::Make => {
            roster::follow(hub, tenant, &mut report, progress).await;
            report.open_issues = open_issues(&mut hub.db.read().await?, tenant, today).await?;
        }
        Intent::ApplyAlone => {}
    }
    Ok(report)
}

/// Whether a national number stands in the name of the file. In a name whose time of day is written
/// as the source likes, ten digits may be that time.
fn holds_number(source: &Source, input: &Input, today: Date) -> bool {
    let may_be_time = matches!(source.naming(), Naming::Pattern(Some(_)));
    let found = kobling_pii::find(&input.name, today);
    found.iter().any(|it| !may_be_time || it.level == kobling_pii::Level::Block)
}

async fn evaluate(running: Running<'_>, today: Date) -> Result<RunReport, RunError> {
    let Running { source, input, .. } = running;
    if input.date() > today {
        return Err(RunError::Future { date: input.date(), today });
    }
    // Keys of other sources need numbers before they can be looked at, so they are read as if they
    // had been read before.
    let is_first = source.applied.is_none() && source.is_opus();
    if is_first { first::load(running).await } else { compare(running).await }
}

/// Opens an extract of Opus for reading.
pub(super) fn open_opus(source: &Source, input: &Input) -> Result<opus::Reader<File>, RunError> {
    let failed = |source| RunError::Open { path: input.path().to_owned(), source };
    let file = File::open(input.path()).map_err(failed)?;
    let connection = Connection { client: source.text.client.clone() };
    Ok(opus::Reader::open(file, connection)?)
}

/// Refuses a file that was not read whole. A record without a readable key does not refuse the
/// file; but then nobody knows whom it speaks of, so nothing may be inferred from absence.
pub(super) fn require_whole(proof: &opus::Proof) -> Result<(), RunError> {
    if proof.root_closed && proof.well_formed {
        return Ok(());
    }
    Err(RunError::Incomplete { what: "it does not end as it should".to_owned() })
}

async fn compare(running: Running<'_>) -> Result<RunReport, RunError> {
    let Running { hub, tenant, source, input, .. } = running;
    let mut ledger = hub.db.read().await?;
    let older_than = older_than(source, input);
    let span = match older_than {
        None => Span::Since(input.date()),
        Some(applied) => {
            let next = census::next_applied_date(&mut ledger, tenant, source.no, input.date());
            Span::Between(input.date(), next.await?.unwrap_or(applied))
        }
    };
    let superseded = superseded::runs(&mut ledger, running).await?.first().copied();
    let mut reading = Reading::new(running, span, ledger, superseded);
    let read = reading.read(Reader::open(source, input)?).await?;
    let known_name = match known_name(&mut reading.ledger, running, &read).await? {
        Name::SameBytes if older_than.is_some() => {
            return conclude::nothing(reading, &read, "this file was applied before").await;
        }
        Name::SameBytes | Name::New => KnownName::Fits,
        Name::OtherBytes => KnownName::OtherBytes,
    };
    let (root, root_missing) = gone::root_unit(&mut reading, &read).await?;
    let is_complete = read.proof.complete;
    let coverage = if is_complete { source.coverage(root) } else { Coverage::Mentioned };
    let root_missing = root_missing.filter(|_| source.expects_root());
    if older_than.is_none() && coverage == Coverage::All {
        gone::conclude(&mut reading, &read).await?;
    }
    if older_than.is_none() && source.is_opus() {
        renumber::resolve_stubs(&mut reading).await?;
    }
    renumber::set_returned_aside(&mut reading).await?;
    let facts = InputFacts {
        date: input.date(),
        older_than,
        known_name,
        records: reading.counts.records(),
        is_first_load: false,
        is_snapshot: coverage == Coverage::All,
        root_missing,
    };
    let figures = match older_than {
        None => reading.figures.clone(),
        Some(_) => gone::with_absent(&mut reading, &read).await?,
    };
    let judged = judge::judge(&mut reading.ledger, tenant, source, &figures, facts).await?;
    let outcome = Outcome { brakes: judged.tripped, speaks_for_all: coverage == Coverage::All };
    conclude::plan(reading, &read, outcome).await
}

/// The date of the last applied input, where `input` is older than it.
fn older_than(source: &Source, input: &Input) -> Option<Date> {
    let applied = source.applied.as_ref()?;
    let is_older = match (input.dated, source.naming().exported_at(&applied.name)) {
        (Dated::ByName, Some(at)) if at.date() == applied.date => input.exported_at < at,
        (Dated::ByName | Dated::ByCaller | Dated::ByLast | Dated::ByClock, _) => {
            input.date() < applied.date
        }
    };
    is_older.then_some(applied.date)
}

enum Name {
    New,
    SameBytes,
    OtherBytes,
}

async fn known_name(
    ledger: &mut Tx,
    running: Running<'_>,
    read: &ReadThrough,
) -> Result<Name, RunError> {
    let Running { hub, tenant, source, input, .. } = running;
    let mac = hub.keys.input_mac(read.input_digest);
    let known = census::digests_of_name(ledger, tenant, source.no, &input.name).await?;
    Ok(match known.as_slice() {
        known if known.contains(&mac) => Name::SameBytes,
        // A name without a timestamp names no particular delivery.
        [_, ..] if input.dated == Dated::ByName => Name::OtherBytes,
        _ => Name::New,
    })
}
