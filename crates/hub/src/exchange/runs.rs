//! Runs, looked at.

use super::run::RunError;
use crate::Hub;
use crate::hex::hex;
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::id::{RunNo, SourceNo, TenantId};
use kobling_formats::opus::ReadError;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::run::{self, Counts, Run, RunState};
use kobling_store::exchange::source;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Runs among which one is looked for that read its whole input.
const LOOKED_AT: u32 = 20;

/// Why runs cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum RunsError {
    /// No such run.
    #[error("there is no run {run}")]
    Unknown {
        /// Its number as given.
        run: i64,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Why a run was refused, for those who word it themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RunRefusal")]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The input is empty, or ends before its end.
    Cut,
    /// The input is not of the form that the source is configured for.
    IllFormed,
    /// The input is of another client.
    OtherClient,
    /// The input is of a day to come.
    Future,
    /// The input could not be had, or not be read.
    Unreachable,
    /// The source cannot be used as it is configured.
    Settings,
    /// Something else, that is not the input's fault.
    Failed,
}

impl Refusal {
    pub(super) fn of(error: &RunError) -> Self {
        match error {
            RunError::Incomplete { .. }
            | RunError::Refused(ReadError::Empty | ReadError::Truncated { .. }) => Self::Cut,
            RunError::Refused(ReadError::OtherClient { .. } | ReadError::SeveralClients) => {
                Self::OtherClient
            }
            RunError::Future { .. } => Self::Future,
            RunError::Refused(ReadError::Io(_))
            | RunError::Open { .. }
            | RunError::NotFetched(_) => Self::Unreachable,
            RunError::Refused(
                ReadError::NotXml { .. }
                | ReadError::OtherRoot { .. }
                | ReadError::IllFormed { .. }
                | ReadError::DocType { .. }
                | ReadError::Declares { .. }
                | ReadError::UnsupportedEncoding { .. }
                | ReadError::TooDeep { .. }
                | ReadError::Record(_)
                | ReadError::RecordTooLarge { .. },
            )
            | RunError::Table(_)
            | RunError::Record(_) => Self::IllFormed,
            RunError::UnknownSource { .. }
            | RunError::OtherDate { .. }
            | RunError::SendsItself { .. }
            | RunError::SendsNoMore { .. }
            | RunError::NumberInName
            | RunError::Setting { .. }
            | RunError::Layout { .. }
            | RunError::TimeZone { .. } => Self::Settings,
            RunError::UnderWay { .. }
            | RunError::Apply(_)
            | RunError::Item(_)
            | RunError::Unwritable(_)
            | RunError::Store(_) => Self::Failed,
        }
    }
}

/// A run, with what became of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Run")]
pub struct Listed {
    /// Its number.
    pub run: i64,
    /// The source's key.
    pub source: String,
    /// The input's name.
    pub input: String,
    /// The date for which the input speaks, where it tells one.
    pub date: Option<Date>,
    /// `reading`, `applied`, `unchanged`, `held` or `refused`.
    pub state: &'static str,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; none while it reads, and if it died.
    pub finished_at: Option<Timestamp>,
    /// Records read: the sum of the next four. While it reads, so far.
    pub read: u64,
    /// While it reads: as many as the last run of the source read.
    pub usual: Option<u64>,
    /// Records whose change is in the ledger.
    pub applied: u64,
    /// Records that changed nothing.
    pub unchanged: u64,
    /// Records of a plan that was held.
    pub held: u64,
    /// Records set aside.
    pub quarantined: u64,
    /// Subjects that the input no longer mentioned.
    pub gone: u64,
    /// The plan's hash, if there was one.
    pub plan: Option<String>,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
    /// The same, in the program's own words.
    pub problem: Option<String>,
}

/// The last `runs_max` runs of all sources that began before the one given, the latest first.
#[crate::boxed]
pub async fn list(
    hub: &Hub,
    tenant: TenantId,
    before: Option<i64>,
    runs_max: u32,
) -> Result<Vec<Listed>, RunsError> {
    let mut tx = hub.db.read().await?;
    let sources = source::list(&mut tx, tenant).await?;
    let keys = sources.into_iter().map(|it| (it.no, it.key)).collect();
    let runs = run::recent(&mut tx, tenant, before.map(RunNo), runs_max).await?;
    Ok(runs.into_iter().map(|it| listed(it, &keys)).collect())
}

/// One run.
#[crate::boxed]
pub async fn one(hub: &Hub, tenant: TenantId, no: i64) -> Result<Listed, RunsError> {
    let mut tx = hub.db.read().await?;
    let sources = source::list(&mut tx, tenant).await?;
    let keys = sources.into_iter().map(|it| (it.no, it.key)).collect();
    let found = run::get(&mut tx, tenant, RunNo(no)).await?;
    let found = found.ok_or(RunsError::Unknown { run: no })?;
    let usual = match found.state {
        RunState::Reading => usual(&mut tx, tenant, found.begun.source).await?,
        RunState::Applied | RunState::Unchanged | RunState::Held | RunState::Refused => None,
    };
    Ok(Listed { usual, ..listed(found, &keys) })
}

/// The last `runs_max` runs of a source, the latest first; none of one that was never read.
pub(super) async fn of_source(
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
    runs_max: u32,
) -> Result<Vec<Listed>, StoreError> {
    let Some(of) = source::by_key(tx, tenant, key).await? else { return Ok(Vec::new()) };
    let keys = BTreeMap::from([(of.no, of.key)]);
    let runs = run::last(tx, tenant, of.no, runs_max).await?;
    Ok(runs.into_iter().map(|it| listed(it, &keys)).collect())
}

/// How many records the last run of a source read that was not refused.
async fn usual(tx: &mut Tx, tenant: TenantId, source: SourceNo) -> Result<Option<u64>, StoreError> {
    let last = run::last(tx, tenant, source, LOOKED_AT).await?;
    let whole = |it: &&Run| match it.state {
        RunState::Applied | RunState::Unchanged | RunState::Held => true,
        RunState::Reading | RunState::Refused => false,
    };
    Ok(last.iter().find(whole).map(|it| it.read).filter(|it| *it > 0))
}

fn listed(run: Run, keys: &BTreeMap<SourceNo, String>) -> Listed {
    let finish = run.finish.as_ref();
    let counts = finish.map(|it| it.counts).unwrap_or_default();
    let Counts { read: _, applied, unchanged, held, quarantined, gone, parsed: _ } = counts;
    let problem = finish.and_then(|it| Some(it.detail.get("problem")?.as_str()?.to_owned()));
    let refusal = finish.and_then(|it| Refusal::deserialize(it.detail.get("refusal")?).ok());
    Listed {
        run: run.no.0,
        source: keys.get(&run.begun.source).cloned().unwrap_or_default(),
        input: run.begun.input_name,
        date: run.begun.input_date,
        state: run.state.name(),
        started_at: run.begun.started_at,
        finished_at: finish.map(|it| it.finished_at),
        read: run.read,
        usual: None,
        applied,
        unchanged,
        held,
        quarantined,
        gone,
        plan: finish.and_then(|it| it.plan_hash).map(|it| hex(&it)),
        refusal,
        problem,
    }
}
