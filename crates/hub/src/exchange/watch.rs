//! Reading by itself: what has come to a source, when its timetable says so, and what has not.

use super::lane::LaneError;
use super::progress::Progress;
use super::push::{self, PushError};
use super::report::RunReport;
use super::run::RunError;
use super::waiting::{self, Take, WaitingError};
use crate::Hub;
use crate::access::configuration::{SourceFormat, SourceText, TimetableText};
use crate::access::{self, ConfigureError};
use crate::notice::{self, Notice};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_domain::id::TenantId;
use kobling_domain::time::{CronError, Timetable};
use kobling_store::StoreError;
use kobling_store::access::{setting, tenant};
use kobling_store::engine::Tx;
use kobling_store::exchange::{run, source};
use serde::Serialize;
use std::fmt;

/// Why nothing could be read. It is tried again.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The configuration cannot be read.
    #[error(transparent)]
    Configure(#[from] ConfigureError),
    /// Its timetable cannot be used.
    #[error("the timetable cannot be used; apply the configuration again")]
    Timetable(#[from] CronError),
    /// What has come cannot be looked at.
    #[error(transparent)]
    Waiting(#[from] WaitingError),
    /// What was sent cannot be looked at.
    #[error(transparent)]
    Push(#[from] PushError),
    /// A file could not be read, and not by its own fault.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Another process reads it.
    #[error("another process has taken this reading over, as this one gave no sign of life")]
    Lost,
    /// The job could not be kept.
    #[error(transparent)]
    Kept(Box<LaneError>),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl WatchError {
    /// Whether it may go well another time, without anybody doing something.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Configure(_)
            | Self::Timetable(_)
            | Self::Waiting(WaitingError::NoFolder { .. }) => false,
            Self::Waiting(WaitingError::Run(it)) | Self::Run(it) => !it.is_bad_input(),
            Self::Waiting(
                WaitingError::Folder { .. } | WaitingError::Fetch(_) | WaitingError::Store(_),
            )
            | Self::Push(_)
            | Self::Lost
            | Self::Kept(_)
            | Self::Store(_) => true,
        }
    }
}

impl From<LaneError> for WatchError {
    fn from(error: LaneError) -> Self {
        if matches!(error, LaneError::Lost) { Self::Lost } else { Self::Kept(Box::new(error)) }
    }
}

/// What a look at a source came to.
#[derive(Debug, Serialize)]
pub struct Looked {
    /// The source's key.
    pub source: String,
    /// What was read.
    pub runs: Vec<RunReport>,
    /// Names of files that were refused.
    pub refused: Vec<String>,
}

impl Looked {
    /// Takes in what came of an input. What is not the input's fault is tried again.
    fn take(&mut self, name: String, came: Result<RunReport, RunError>) -> Result<(), RunError> {
        match came {
            Ok(report) => self.runs.push(report),
            Err(error) if error.is_bad_input() => self.refused.push(name),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Whether there was anything to read.
    pub fn is_news(&self) -> bool {
        !(self.runs.is_empty() && self.refused.is_empty())
    }
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for it in &self.runs {
            it.fmt(f)?;
        }
        for it in &self.refused {
            let source = &self.source;
            writeln!(f, "{it} from {source}: refused; the page of its run says why")?;
        }
        Ok(())
    }
}

/// A source that is read by itself.
struct Watched {
    text: SourceText,
    timetable: TimetableText,
    table: Timetable,
    zone: TimeZone,
}

/// Reads what has come to the source of that key and is whole, and tells of what should have come
/// and has not. A source that is no longer read by itself is left alone.
pub(crate) async fn look(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    progress: &dyn Progress,
) -> Result<Looked, WatchError> {
    let mut looked = Looked { source: key.to_owned(), runs: Vec::new(), refused: Vec::new() };
    let watched = watched(&mut hub.db.read().await?, tenant, key).await?;
    let Some(watched) = watched else { return Ok(looked) };
    let take = Take::Settled(watched.timetable.settle());
    let read = waiting::read(hub, tenant, key, take, progress).await;
    tell_missing(hub, tenant, &watched).await?;
    for (input, came) in read?.inputs {
        looked.take(input.name, came)?;
    }
    Ok(looked)
}

/// Reads what waits at the source of that key, as somebody asked; of one that sends its records itself
/// what it said to be whole.
pub(crate) async fn look_now(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    progress: &dyn Progress,
) -> Result<Looked, WatchError> {
    let mut looked = Looked { source: key.to_owned(), runs: Vec::new(), refused: Vec::new() };
    let sources = access::load(&mut hub.db.read().await?, tenant).await?.sources;
    let format = sources.iter().find(|it| it.key == key).map(|it| it.format);
    match format {
        // It was configured when somebody asked, and is no more.
        None => {}
        Some(SourceFormat::Push) => {
            for (name, came) in push::read_closed(hub, tenant, key, progress).await? {
                looked.take(name, came)?;
            }
        }
        Some(SourceFormat::Opus | SourceFormat::Delimited) => {
            for (input, came) in waiting::read(hub, tenant, key, Take::All, progress).await?.inputs
            {
                looked.take(input.name, came)?;
            }
        }
    }
    Ok(looked)
}

/// When the source of that key is looked at next; none if it is not read by itself.
pub(crate) async fn next(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
) -> Result<Option<Timestamp>, WatchError> {
    let watched = watched(tx, tenant, key).await?;
    Ok(watched.and_then(|it| it.table.next(hub.clock.now(), &it.zone)))
}

/// The same, but for watching: who cannot be reached is not asked every few seconds.
pub(crate) async fn next_appointed(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
) -> Result<Option<Timestamp>, WatchError> {
    let watched = watched(tx, tenant, key).await?;
    Ok(watched.and_then(|it| {
        let table = Timetable { watch_every: None, ..it.table };
        table.next(hub.clock.now(), &it.zone)
    }))
}

async fn watched(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<Option<Watched>, WatchError> {
    let configuration = access::load(tx, tenant).await?;
    let name = configuration.tenant.time_zone;
    let zone = TimeZone::get(&name)
        .map_err(|source| ConfigureError::TimeZone { zone: name.clone(), source })?;
    let Some(text) = configuration.sources.into_iter().find(|it| it.key == key) else {
        return Ok(None);
    };
    let Some(timetable) = text.timetable.clone() else { return Ok(None) };
    let table = timetable.parse()?;
    Ok(Some(Watched { text, timetable, table, zone }))
}

async fn tell_missing(hub: &Hub, tenant: TenantId, it: &Watched) -> Result<(), WatchError> {
    let mut tx = hub.db.read().await?;
    let now = hub.clock.now();
    let Some(day) = missing(&mut tx, tenant, &it.text, now, &it.zone).await? else {
        return Ok(());
    };
    drop(tx);
    let mut tx = hub.db.write().await?;
    let notice = Notice::FileMissing { source: it.text.key.clone(), day };
    notice::tell(hub, &mut tx, tenant, &notice).await?;
    Ok(tx.commit().await?)
}

/// The day whose file should have come to a source by `now` and has not. What should have come
/// before the source was configured so is not asked for.
pub(crate) async fn missing(
    tx: &mut Tx,
    tenant: TenantId,
    text: &SourceText,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Option<Date>, StoreError> {
    let Some(Ok(table)) = text.timetable.as_ref().map(TimetableText::parse) else {
        return Ok(None);
    };
    let due = table.expect.and_then(|it| it.due(now, zone, table.days));
    let Some(due) = due else { return Ok(None) };
    let version = tenant::version(tx, tenant).await?;
    let settings = setting::list(tx, tenant, version).await?;
    let since = settings.iter().find(|it| it.kind == "source" && it.key == text.key);
    let Some(since) = since.map(|it| it.since) else { return Ok(None) };
    let taken = tenant::version_taken(tx, tenant, since).await?;
    if taken.is_none_or(|(at, _)| at > due.at) {
        return Ok(None);
    }
    let stored = source::list(tx, tenant).await?.into_iter().find(|it| it.key == text.key);
    let has_come = match stored {
        Some(it) => run::has_come(tx, tenant, it.no, due.day).await?,
        None => false,
    };
    Ok((!has_come).then_some(due.day))
}
