use super::arguments::{Common, Roster, Run};
use super::progress::Terminal;
use super::{Failure, Outcome, print, settings};
use jiff::civil::Date;
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::exchange::input::{self, Dated, Input};
use kobling_hub::exchange::report::{RunReport, RunState};
use kobling_hub::exchange::run::{self, Intent, RunError};
use kobling_hub::exchange::waiting;
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
    if input.dated == Dated::ByClock {
        report.notes.push(format!(
            "the name does not tell the file's date: it was taken as of {} (--date says another)",
            input.date()
        ));
    }
    Ok(report)
}

pub(super) fn outcome(report: &RunReport) -> Outcome {
    match report.state {
        RunState::Held => Outcome::Held,
        RunState::Applied | RunState::Unchanged => Outcome::Done,
    }
}

fn refused(input: &Input, error: &RunError) -> Failure {
    let what = format!("{} was not read", input.path.display());
    if error.is_bad_input() {
        Failure::bad_input(what, error)
    } else {
        Failure::failed(what, error)
    }
}

/// Reads the files waiting in the source's folder. The last one decides how it ended.
async fn all_waiting(
    common: &Common,
    hub: &Hub,
    tenant: TenantId,
    source: &str,
) -> Result<Outcome, Failure> {
    let progress = Terminal::new();
    let read = waiting::read(hub, tenant, source, &progress).await;
    progress.finish();
    let read = read.map_err(|it| Failure::bad_input("the source's folder was not read", &it))?;
    for note in &read.notes {
        print::note(&format!("note: {note}"));
    }
    if read.inputs.is_empty() {
        print::note("no new file is waiting");
    }
    let mut last = Ok(Outcome::Done);
    for (input, report) in read.inputs {
        if let Err(refused) = &last {
            print::failure(refused);
        }
        last = match report {
            Ok(report) => {
                print::result(common, &report)?;
                Ok(outcome(&report))
            }
            Err(error) => Err(refused(&input, &error)),
        };
    }
    last
}
