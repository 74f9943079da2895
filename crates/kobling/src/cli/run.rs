use super::arguments::{Common, Roster, Run};
use super::progress::Terminal;
use super::{Failure, Outcome, print, settings};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::clock::Clock;
use kobling_hub::exchange::input::{self, Dated, Input};
use kobling_hub::exchange::report::{RunReport, RunState};
use kobling_hub::exchange::run::{self, Intent, RunError};
use kobling_hub::exchange::waiting::{self, FetchError, Left, Take, WaitingError, Why};
use serde::Serialize;
use std::fmt;
use std::path::Path;

pub(super) async fn execute(common: &Common, arguments: Run) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    match &arguments.file {
        Some(file) => {
            let input = input(&hub, tenant, &arguments.source, file, arguments.date).await?;
            let intent = match arguments.roster {
                Roster::Now => Intent::Apply,
                Roster::Later => Intent::ApplyAlone,
            };
            let report = read(&hub, tenant, &arguments.source, &input, intent).await?;
            print::result(common, &report)?;
            Ok(outcome(&report))
        }
        None => all_waiting(common, &hub, tenant, &arguments.source).await,
    }
}

/// The file at `path` for a source, dated by its name, by `date` or by the clock.
pub(super) async fn input(
    hub: &Hub,
    tenant: TenantId,
    source: &str,
    path: &Path,
    date: Option<Date>,
) -> Result<Input, Failure> {
    input::of_source(hub, tenant, source, path, date).await.map_err(|it| {
        if it.is_bad_input() {
            Failure::bad_input("the source cannot be read", &it)
        } else {
            Failure::failed("the source cannot be read", &it)
        }
    })
}

/// Reads one input.
pub(super) async fn read(
    hub: &Hub,
    tenant: TenantId,
    source: &str,
    input: &Input,
    intent: Intent,
) -> Result<RunReport, Failure> {
    let progress = Terminal::new();
    let report = run::run(hub, tenant, source, input, intent, &progress).await;
    progress.finish();
    let mut report = report.map_err(|it| refused(input, &it))?;
    report.notes.extend(taken_as_of(input));
    Ok(report)
}

/// What to tell of the date of a file whose name tells none.
fn taken_as_of(input: &Input) -> Option<String> {
    let why = match input.dated {
        Dated::ByName | Dated::ByCaller => return None,
        Dated::ByLast => "the date of the last file that was applied",
        Dated::ByClock => "today",
    };
    let date = input.date();
    Some(format!(
        "the name does not tell the file's date: it was taken as of {date}, {why} (--date says \
         another)"
    ))
}

pub(super) fn outcome(report: &RunReport) -> Outcome {
    match report.state {
        RunState::Held => Outcome::Held,
        RunState::Applied | RunState::Unchanged => Outcome::Done,
    }
}

fn not_fetched(error: &FetchError) -> Failure {
    let failure = Failure::failed("the source's files were not fetched", error);
    match error {
        FetchError::Place(place) => failure.advise(place.advice()),
        FetchError::Spool { .. } => failure,
    }
}

fn refused(input: &Input, error: &RunError) -> Failure {
    if let RunError::NotFetched(fetch) = error {
        return not_fetched(fetch);
    }
    let what = format!("{} was not read", input.path().display());
    if error.is_bad_input() {
        Failure::bad_input(what, error)
    } else {
        Failure::failed(what, error)
    }
}

/// Reads the files waiting in the source's folder. The worst of them decides how it ended.
async fn all_waiting(
    common: &Common,
    hub: &Hub,
    tenant: TenantId,
    source: &str,
) -> Result<Outcome, Failure> {
    let progress = Terminal::new();
    let read = waiting::read(hub, tenant, source, Take::All, &progress).await;
    progress.finish();
    let waiting::Read { inputs, left, notes } = read.map_err(|it| {
        let WaitingError::Fetch(fetch) = &it else {
            return Failure::bad_input("the source's folder was not read", &it);
        };
        not_fetched(fetch)
    })?;
    for note in notes.iter().cloned().chain(left.iter().map(ToString::to_string)) {
        print::note(&format!("note: {note}"));
    }
    if inputs.is_empty() {
        print::note("no new file is waiting");
    }
    let mut worst = left.iter().map(|it| Ok(still(it))).fold(Ok(Outcome::Done), worse);
    let mut runs = Vec::new();
    for (input, report) in inputs {
        let came = match report {
            Ok(report) => {
                if !common.json {
                    print::result(common, &report)?;
                }
                let outcome = outcome(&report);
                runs.push(Read::Through(Box::new(report)));
                Ok(outcome)
            }
            Err(error) => {
                let failure = refused(&input, &error);
                runs.push(Read::not(&input, &failure));
                Err(failure)
            }
        };
        worst = worse(worst, came);
    }
    if common.json {
        print::result(common, &Folder { runs, left, notes })?;
    }
    worst
}

/// What a file that is not read again makes of a run: only the plan of the newest one is awaited.
fn still(left: &Left) -> Outcome {
    match left.why {
        Why::Held { .. } if left.is_newer => Outcome::Held,
        Why::Held { .. } | Why::Refused { .. } => Outcome::Done,
    }
}

/// The worse of two ends. A failure that is not the worst is told at once.
fn worse(
    one: Result<Outcome, Failure>,
    other: Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    match (one, other) {
        (Err(one), Err(other)) => {
            let (worse, told) = if other.is_worse(&one) { (other, one) } else { (one, other) };
            print::failure(&told);
            Err(worse)
        }
        (Err(failure), Ok(_)) | (Ok(_), Err(failure)) => Err(failure),
        (Ok(Outcome::Held), Ok(_)) | (Ok(_), Ok(Outcome::Held)) => Ok(Outcome::Held),
        (Ok(Outcome::Done), Ok(Outcome::Done)) => Ok(Outcome::Done),
    }
}

/// What came of all files of a folder, as one document.
#[derive(Serialize)]
struct Folder {
    runs: Vec<Read>,
    /// Files that were not read again.
    left: Vec<Left>,
    notes: Vec<String>,
}

/// What came of one file.
#[derive(Serialize)]
#[serde(untagged)]
enum Read {
    /// It was read.
    Through(Box<RunReport>),
    /// It was not.
    Not { input: String, state: &'static str, error: String, because: Vec<String> },
}

impl Read {
    fn not(input: &Input, failure: &Failure) -> Self {
        let today = Clock::System.civil(&TimeZone::UTC).date();
        // What a file gave is told back, and may hold a national number.
        let masked = |it: &str| kobling_pii::mask(it, today).to_string();
        Self::Not {
            input: masked(&input.name),
            state: "refused",
            error: masked(failure.what()),
            because: failure.causes().iter().map(|it| masked(it)).collect(),
        }
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.runs.iter().try_for_each(|it| match it {
            Read::Through(report) => writeln!(f, "{report}"),
            Read::Not { input, error, .. } => writeln!(f, "{input}: {error}"),
        })
    }
}
