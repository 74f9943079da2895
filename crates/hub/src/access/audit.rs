//! The audit: what it says, whether it is whole, and that readings of people stand in it before
//! anybody sees what was read.

use crate::Hub;
use crate::hex::hex;
use jiff::Timestamp;
use kobling_domain::access::Operation;
use kobling_domain::id::{SubjectId, TenantId};
use kobling_store::StoreError;
use kobling_store::access::audit::{self, Batch, Entry, Numbered};
use kobling_store::engine::Tx;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, OnceLock};
use tokio::sync::{mpsc, oneshot};

/// Batches that are read at once.
const BATCHES_AT_ONCE: u32 = 500;
/// Readings that are written at once.
const READINGS_AT_ONCE: usize = 500;
/// People that one entry says were read.
const NAMED_AT_ONCE: usize = 200;

/// An entry as told.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
pub struct Told {
    /// Its number.
    pub no: i64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
    /// What was done.
    pub action: String,
    /// To what, and why.
    pub detail: serde_json::Value,
}

impl From<Numbered> for Told {
    fn from(it: Numbered) -> Self {
        let Entry { at, who, action, detail } = it.entry;
        Self { no: it.no, at, who, action, detail }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { no, at, who, action, detail } = self;
        writeln!(f, "{no}  {at}  {who}  {action}  {detail}")
    }
}

/// What is wrong with an audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "fault")]
pub enum Fault {
    /// Entries were changed, added or removed after they were written.
    Changed {
        /// The first entry of the batch.
        first_no: i64,
        /// The last.
        last_no: i64,
    },
    /// A batch is not there.
    Missing {
        /// The first entry that no batch holds.
        no: i64,
    },
    /// The chain ends before the entries do, or they end before it does.
    Cut {
        /// The last entry of the chain.
        chained_no: i64,
        /// The last entry that was written.
        written_no: i64,
    },
    /// No batch has the digest that was noted earlier.
    NoSuchHead,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { first_no, last_no } => {
                write!(f, "entries {first_no} to {last_no} are not as they were written")
            }
            Self::Missing { no } => write!(f, "entry {no} and those written with it are missing"),
            Self::Cut { chained_no, written_no } => {
                write!(f, "the chain ends with entry {chained_no}, {written_no} were written")
            }
            Self::NoSuchHead => f.write_str("the chain does not hold the digest noted earlier"),
        }
    }
}

/// What an examination of the audit found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Examined {
    /// Entries that are as they were written.
    pub entries: u64,
    /// In so many batches.
    pub batches: u64,
    /// The digest of the last batch. Noted elsewhere, it proves later that nothing up to here was
    /// written anew.
    pub head: Option<String>,
    /// The first thing that is wrong; nothing after it was looked at.
    pub fault: Option<Fault>,
}

impl fmt::Display for Examined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entries, batches, head, fault } = self;
        writeln!(f, "{entries} entries in {batches} batches are as they were written")?;
        match (fault, head) {
            (Some(fault), _) => writeln!(f, "WRONG: {fault}"),
            (None, Some(head)) => writeln!(f, "head: {head}"),
            (None, None) => Ok(()),
        }
    }
}

/// Reads the whole audit and works its chain out anew. `noted` is a head that was told earlier: it
/// must still be there.
#[crate::boxed]
pub async fn verify(
    hub: &Hub,
    tenant: TenantId,
    noted: Option<&str>,
) -> Result<Examined, StoreError> {
    let mut tx = hub.db.read().await?;
    let mut chain = Chain::default();
    let mut is_noted = noted.is_none();
    'all: loop {
        let after = chain.last.as_ref().map_or(0, |it| it.last_no);
        let batches = audit::batches(&mut tx, tenant, after, BATCHES_AT_ONCE).await?;
        if batches.is_empty() {
            break;
        }
        for batch in batches {
            let digest = hex(&batch.digest);
            if !chain.take(&mut tx, tenant, batch).await? {
                break 'all;
            }
            is_noted |= noted == Some(digest.as_str());
        }
    }
    if chain.fault.is_none() {
        let chained_no = chain.last.as_ref().map_or(0, |it| it.last_no);
        let written_no = audit::next_no(&mut tx, tenant).await? - 1;
        if chained_no != written_no {
            chain.fault = Some(Fault::Cut { chained_no, written_no });
        } else if !is_noted {
            chain.fault = Some(Fault::NoSuchHead);
        }
    }
    let head = chain.last.map(|it| hex(&it.digest));
    let Chain { entries, batches, fault, .. } = chain;
    Ok(Examined { entries, batches, head, fault })
}

/// As much of the chain as was found in order.
#[derive(Default)]
struct Chain {
    last: Option<Batch>,
    entries: u64,
    batches: u64,
    fault: Option<Fault>,
}

impl Chain {
    /// Takes the next batch; false, with the fault, if it is not in order.
    async fn take(
        &mut self,
        tx: &mut Tx,
        tenant: TenantId,
        batch: Batch,
    ) -> Result<bool, StoreError> {
        let expected = self.last.as_ref().map_or(1, |it| it.last_no + 1);
        let Batch { first_no, last_no, digest } = batch;
        let count = last_no.saturating_sub(first_no).saturating_add(1);
        let entries =
            audit::after(tx, tenant, first_no - 1, u32::try_from(count).unwrap_or(0)).await?;
        let before = self.last.as_ref().map(|it| it.digest);
        if first_no != expected {
            self.fault = Some(Fault::Missing { no: expected });
        } else if audit::digest(before, &entries) != digest {
            self.fault = Some(Fault::Changed { first_no, last_no });
        } else {
            self.entries += u64::try_from(entries.len()).unwrap_or(u64::MAX);
            self.batches += 1;
            self.last = Some(batch);
        }
        Ok(self.fault.is_none())
    }
}

/// The entries before the one of that number, the newest first; without one the last.
#[crate::boxed]
pub async fn list(
    hub: &Hub,
    tenant: TenantId,
    before_no: Option<i64>,
    entries_max: u32,
) -> Result<Vec<Told>, StoreError> {
    let mut tx = hub.db.read().await?;
    let before_no = before_no.unwrap_or(i64::MAX);
    let all = audit::before(&mut tx, tenant, before_no, entries_max).await?;
    Ok(all.into_iter().map(Told::from).collect())
}

/// Who read the data of somebody, the newest first.
#[crate::boxed]
pub async fn readings_of(
    hub: &Hub,
    tenant: TenantId,
    subject: SubjectId,
    entries_max: u32,
) -> Result<Vec<Told>, StoreError> {
    let mut tx = hub.db.read().await?;
    let all = audit::of_subject(&mut tx, tenant, subject, entries_max).await?;
    Ok(all.into_iter().map(Told::from).collect())
}

/// That somebody is about to see data of people.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Whose people.
    pub tenant: TenantId,
    /// Who sees them.
    pub who: String,
    /// In doing what.
    pub operation: Operation,
    /// Whom.
    pub subjects: Vec<SubjectId>,
}

/// Writes readings into the audit, those that come together in one transaction.
pub struct ReadLog {
    hub: Hub,
    writer: OnceLock<mpsc::Sender<Waiting>>,
}

struct Waiting {
    reading: Reading,
    done: oneshot::Sender<Result<(), Arc<StoreError>>>,
}

/// A reading was not written: what was read must not be shown.
#[derive(Debug, thiserror::Error)]
pub enum UnloggedError {
    /// The store failed.
    #[error("the reading was not written into the audit")]
    Store(#[source] Arc<StoreError>),
    /// What writes was stopped, or failed.
    #[error("the reading was not written into the audit by what was to write it")]
    Abandoned,
}

impl ReadLog {
    /// The readings of a hub.
    pub fn new(hub: Hub) -> Self {
        Self { hub, writer: OnceLock::new() }
    }

    /// Returns once the reading is in the audit. What comes while one batch is being written is the
    /// next one, however much that is; nothing waits for more to come.
    #[crate::boxed]
    pub async fn note(&self, reading: Reading) -> Result<(), UnloggedError> {
        let (done, is_done) = oneshot::channel();
        let sent = self.writer().send(Waiting { reading, done }).await;
        sent.map_err(|_| UnloggedError::Abandoned)?;
        is_done.await.map_err(|_| UnloggedError::Abandoned)?.map_err(UnloggedError::Store)
    }

    /// The way to a task of its own: who waits for a batch may go away, and the others still wait.
    fn writer(&self) -> &mpsc::Sender<Waiting> {
        self.writer.get_or_init(|| {
            let (writer, come) = mpsc::channel(READINGS_AT_ONCE);
            tokio::spawn(write_all(self.hub.clone(), come));
            writer
        })
    }
}

async fn write_all(hub: Hub, mut come: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::new();
    while come.recv_many(&mut batch, READINGS_AT_ONCE).await > 0 {
        let written = write(&hub, &batch).await.map_err(Arc::new);
        for it in batch.drain(..) {
            // Whoever is gone need not know.
            let _gone = it.done.send(written.clone());
        }
    }
}

/// One batch for each tenant, all in one transaction.
async fn write(hub: &Hub, all: &[Waiting]) -> Result<(), StoreError> {
    let at = hub.clock.now();
    let mut tx = hub.db.write().await?;
    for (tenant, seen) in together(all.iter().map(|it| &it.reading)) {
        let entry = |it: &Seen<'_>| Entry {
            at,
            who: it.who.to_owned(),
            action: "person.read".to_owned(),
            detail: json!({ "operation": it.operation.name(), "subjects": it.subjects }),
        };
        let entries: Vec<Entry> = seen.iter().map(entry).collect();
        let first_no = audit::write_all(&mut tx, tenant, &entries).await?;
        let of_all = (first_no..).zip(&seen);
        let read: Vec<(i64, SubjectId)> =
            of_all.flat_map(|(no, it)| it.subjects.iter().map(move |id| (no, *id))).collect();
        audit::note_subjects(&mut tx, tenant, &read).await?;
    }
    tx.commit().await
}

/// Whom somebody saw in doing one thing.
struct Seen<'a> {
    who: &'a str,
    operation: Operation,
    subjects: Vec<SubjectId>,
}

/// What one who asks saw in one batch is told in one entry, however often they saw it: it would be told
/// with the same instant anyhow. An entry names no more people than one page of a list may.
fn together<'a>(all: impl Iterator<Item = &'a Reading>) -> BTreeMap<TenantId, Vec<Seen<'a>>> {
    let mut by_who: BTreeMap<_, BTreeSet<SubjectId>> = BTreeMap::new();
    for it in all {
        let key = (it.tenant, it.who.as_str(), it.operation);
        by_who.entry(key).or_default().extend(&it.subjects);
    }
    let mut by_tenant: BTreeMap<TenantId, Vec<Seen<'a>>> = BTreeMap::new();
    for ((tenant, who, operation), subjects) in by_who {
        let subjects: Vec<SubjectId> = subjects.into_iter().collect();
        let parts = subjects.chunks(NAMED_AT_ONCE).map(<[SubjectId]>::to_vec);
        let seen = parts.map(|subjects| Seen { who, operation, subjects });
        by_tenant.entry(tenant).or_default().extend(seen);
    }
    by_tenant
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_one_sees_in_one_batch_is_one_entry_and_each_of_another_is_another() {
        let reading = |tenant, who: &str, operation, subjects: std::ops::Range<u128>| Reading {
            tenant: TenantId(tenant),
            who: who.to_owned(),
            operation,
            subjects: subjects.map(|it| SubjectId(Uuid::from_u128(it))).collect(),
        };
        let all = [
            reading(1, "kari", Operation::ReadPersons, 0..3),
            reading(1, "kari", Operation::ReadPersons, 2..5),
            reading(1, "kari", Operation::ReadExtract, 0..1),
            reading(1, "ole", Operation::ReadPersons, 0..1),
            reading(2, "kari", Operation::ReadPersons, 0..450),
        ];
        let together = together(all.iter());
        let told = |tenant: i64| -> Vec<(&str, Operation, usize)> {
            let of = together.get(&TenantId(tenant)).into_iter().flatten();
            of.map(|it| (it.who, it.operation, it.subjects.len())).collect()
        };
        let mut first = told(1);
        first.sort_unstable_by_key(|it| (it.0, it.2));
        assert_eq!(
            first,
            [
                ("kari", Operation::ReadExtract, 1),
                ("kari", Operation::ReadPersons, 5),
                ("ole", Operation::ReadPersons, 1)
            ]
        );
        assert_eq!(told(2).iter().map(|it| it.2).collect::<Vec<_>>(), [200, 200, 50]);
    }
}
