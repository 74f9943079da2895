//! Runs, versions and sources by number, each read once: they name what a claim came from.

use super::find::PeopleError;
use jiff::Timestamp;
use kobling_domain::id::{RunNo, SourceNo, TenantId, Version};
use kobling_domain::time::Origin;
use kobling_store::access::{audit, tenant};
use kobling_store::engine::Tx;
use kobling_store::exchange::source::Source;
use kobling_store::exchange::{plan, run, source};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A version of the ledger, and when it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Known {
    /// The version.
    pub version: Version,
    /// When; none for the ledger before its first transaction.
    pub at: Option<Timestamp>,
    /// The run that wrote it; none if it was no run.
    pub run: Option<RunNo>,
}

/// A person's word that wrote a version of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// Who.
    pub by: String,
    /// What: the name of an act in the audit.
    pub action: String,
    /// Why.
    pub reason: String,
}

/// Where something was stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Provenance {
    /// The source's key.
    pub source: String,
    /// The run that read it.
    pub run: i64,
    /// The file's name.
    pub input: String,
    /// Where the record stood in the file; 1 for the first.
    pub record: i64,
}

/// A copy of a book notes into the same book.
#[derive(Clone)]
pub(super) struct Book {
    tenant: TenantId,
    sources: Arc<BTreeMap<SourceNo, String>>,
    noted: Arc<Mutex<Noted>>,
}

/// What was read: rows that never change once they are committed.
#[derive(Default)]
struct Noted {
    inputs: BTreeMap<RunNo, String>,
    released: BTreeMap<RunNo, Option<Decided>>,
    versions: BTreeMap<Version, Known>,
}

impl Book {
    pub(super) async fn of(tx: &mut Tx, tenant: TenantId) -> Result<Self, PeopleError> {
        Ok(Self::new(tenant, source::list(tx, tenant).await?))
    }

    pub(super) fn new(tenant: TenantId, sources: Vec<Source>) -> Self {
        let sources = sources.into_iter().map(|it| (it.no, it.key)).collect();
        Self { tenant, sources: Arc::new(sources), noted: Arc::default() }
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn known(&self, tx: &mut Tx, version: Version) -> Result<Known, PeopleError> {
        if let Some(known) = self.noted().versions.get(&version) {
            return Ok(*known);
        }
        let taken = tenant::version_taken(tx, self.tenant, version).await?;
        let known =
            Known { version, at: taken.map(|it| it.0), run: taken.and_then(|(_, run)| run) };
        self.noted().versions.insert(version, known);
        Ok(known)
    }

    /// Whose word wrote a version: that of who released the run's plan, if it was held, or of who
    /// wrote it without a run.
    pub(super) async fn decided(
        &self,
        tx: &mut Tx,
        known: &Known,
    ) -> Result<Option<Decided>, PeopleError> {
        if let Some(run) = known.run {
            return self.released(tx, run).await;
        }
        let Some(at) = known.at else { return Ok(None) };
        let wrote = |it: &audit::Entry| {
            it.detail.get("version").and_then(serde_json::Value::as_i64) == Some(known.version.0)
        };
        let entries = audit::at(tx, self.tenant, at).await?;
        Ok(entries.into_iter().find(wrote).map(|it| {
            let reason = it.detail.get("reason").and_then(serde_json::Value::as_str);
            let reason = reason.unwrap_or_default().to_owned();
            Decided { by: it.who, action: it.action, reason }
        }))
    }

    async fn released(&self, tx: &mut Tx, run: RunNo) -> Result<Option<Decided>, PeopleError> {
        if let Some(released) = self.noted().released.get(&run) {
            return Ok(released.clone());
        }
        let decision = plan::of_run(tx, self.tenant, run).await?.and_then(|it| it.decision);
        let released = decision.map(|it| Decided {
            by: it.by,
            action: "plan.release".to_owned(),
            reason: it.reason,
        });
        self.noted().released.insert(run, released.clone());
        Ok(released)
    }

    pub(super) async fn input(&self, tx: &mut Tx, no: RunNo) -> Result<String, PeopleError> {
        if let Some(name) = self.noted().inputs.get(&no) {
            return Ok(name.clone());
        }
        let run = run::get(tx, self.tenant, no).await?;
        let name = run.map(|it| it.begun.input_name).unwrap_or_default();
        self.noted().inputs.insert(no, name.clone());
        Ok(name)
    }

    pub(super) async fn provenance(
        &self,
        tx: &mut Tx,
        source: SourceNo,
        origin: Origin,
    ) -> Result<Provenance, PeopleError> {
        Ok(Provenance {
            source: self.sources.get(&source).cloned().unwrap_or_default(),
            run: origin.run.0,
            input: self.input(tx, origin.run).await?,
            record: origin.record.0,
        })
    }
}
