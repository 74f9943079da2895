//! Records that a source sends itself: one at a time, or as a snapshot that is opened and closed with
//! counts. Each goes through a run, a plan and its brakes like any file, and has a receipt.

mod batch;
mod error;
mod receipt;
mod snapshot;

pub use batch::{BATCH_RECORDS_MAX, Batch, Entry, Line, Placed, PlacedState, put_all_into};
pub use error::PushError;
pub use receipt::{Receipt, ReceiptState, receipt, receipts};
pub(crate) use snapshot::read_closed;
pub use snapshot::{Snapshot, close, open, put_into, snapshot};

use super::input::{Content, Input};
use super::progress::Silent;
use super::run::{self, Intent, RunError};
use super::source::{Form, Source};
use crate::Hub;
use crate::access::configuration::push::{EMPLOYMENT, FROM, ID, UNTIL};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use kobling_domain::id::{PushNo, RecordNo, TenantId};
use kobling_domain::people::{Field, Kind, NativeKey};
use kobling_store::StoreError;
use kobling_store::access::audit;
use kobling_store::engine::Tx;
use kobling_store::exchange::native;
use kobling_store::exchange::plan::PlanState;
use kobling_store::exchange::push::{self as pushes, Extent, PushState, Record};
use kobling_store::sealed::context;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// So long receipts are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Bytes of what a record says: no real one comes near.
const RECORD_BYTES_MAX: usize = 64 << 10;

/// What a source says of one subject: all that it knows of it, in the place of what it said before.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Statement")]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The first day; always, without it.
    pub from: Option<Date>,
    /// The first day on which it is over; open, without it.
    pub until: Option<Date>,
    /// The number of the employment it belongs to: of an absence and the like.
    pub employment: Option<String>,
    /// Values by the names of docs/fields.md. A date is written as 2026-03-05, hours as hours.
    #[serde(default)]
    pub fields: BTreeMap<String, Said>,
}

/// A value as it is sent.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Said {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(serde_json::Number),
    /// Anything else.
    Text(String),
    /// Nothing is said.
    Nothing,
}

impl Said {
    fn text(&self) -> String {
        match self {
            Self::Flag(it) => it.to_string(),
            Self::Number(it) => it.to_string(),
            Self::Text(it) => it.clone(),
            Self::Nothing => String::new(),
        }
    }
}

/// A record that is sent: what it is about, by the source's key, and what it says.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// What it is about.
    pub kind: Kind,
    /// The source's key of it.
    pub id: &'a str,
    /// What it says.
    pub statement: &'a Statement,
}

/// Who sends, and to which source.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// The source's key.
    pub source: &'a str,
    /// Who, as it stands in the audit.
    pub by: &'a str,
}

/// Takes one record through a run of its own. Sent once more while it is held, it is answered by the
/// receipt it has.
///
/// # Errors
///
/// Refuses what the source may not send, and anything while a snapshot of the source is under way:
/// what it said of the same subject would be older.
pub async fn put(
    hub: &Hub,
    tenant: TenantId,
    sender: Sender<'_>,
    sent: Sent<'_>,
) -> Result<Receipt, PushError> {
    let mut tx = hub.db.write().await?;
    let source = sending(&mut tx, tenant, sender.source).await?;
    let it = understood(hub, &source, sent)?;
    begin(hub, &mut tx, tenant, &source).await?;
    if let Some(it) = under_way(hub, &mut tx, tenant, &source).await? {
        return Err(PushError::SnapshotUnderWay { snapshot: it });
    }
    let numbers = numbers(&mut tx, tenant, &source, sent.kind, [&it.native].into()).await?;
    let native_no = it.number(&numbers)?;
    let of = (sent.kind, native_no);
    if let Some(held) = held_already(&mut tx, tenant, &source, of, it.digest).await? {
        tx.commit().await?;
        return receipt(hub, tenant, sender.source, held).await;
    }
    let (no, at) = opened(hub, &mut tx, tenant, &source, (Extent::Record, sender.by)).await?;
    let record = it.record(hub, tenant, (&source, no), native_no, (RecordNo(1), at))?;
    pushes::put(&mut tx, tenant, source.no, no, std::slice::from_ref(&record)).await?;
    pushes::close(&mut tx, tenant, source.no, no, at).await?;
    tx.commit().await?;
    read(hub, tenant, &source, (no, sent)).await?;
    receipt(hub, tenant, sender.source, record.receipt).await
}

/// Runs the source with one record. If it cannot, nothing of the record stays.
async fn read(
    hub: &Hub,
    tenant: TenantId,
    source: &Source,
    (no, sent): (PushNo, Sent<'_>),
) -> Result<(), PushError> {
    let name = format!("{} {}", sent.kind, NativeKey::text(sent.id.trim()));
    let input = Input::sent(Content::Record(no), name, hub.clock.civil(&source.time_zone));
    let key = &source.text.key;
    let done = run::run(hub, tenant, key, &input, Intent::Apply, &Silent);
    if let Err(error) = Box::pin(done).await {
        let mut tx = hub.db.write().await?;
        pushes::forget_contents(&mut tx, tenant, source.no, no).await?;
        pushes::end(&mut tx, tenant, source.no, (no, PushState::Refused), None).await?;
        tx.commit().await?;
        return Err(error.into());
    }
    Ok(())
}

/// The source of that key, if it sends its records itself.
async fn sending(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<Source, PushError> {
    let source = match Source::load(tx, tenant, key).await {
        Err(RunError::UnknownSource { key, .. }) => return Err(PushError::UnknownSource { key }),
        loaded => loaded?,
    };
    match source.form {
        Form::Pushed(_) => Ok(source),
        Form::Opus | Form::Table(_) => Err(PushError::ReadFromFiles { key: key.to_owned() }),
    }
}

/// A record that its source may send.
struct Understood {
    kind: Kind,
    native: NativeKey,
    /// Of what it says, as an AES block.
    digest: [u8; 16],
    /// By the names of the columns of its kind.
    texts: BTreeMap<String, String>,
}

fn understood(hub: &Hub, source: &Source, sent: Sent<'_>) -> Result<Understood, PushError> {
    let (key, kind) = (|| source.text.key.clone(), sent.kind);
    let layout = source.form.layout(kind).ok_or_else(|| not_sent(source, kind))?;
    if !kobling_pii::find(sent.id, source.today(hub)).is_empty() {
        return Err(PushError::NumberAsKey);
    }
    let Statement { from, until, employment, fields } = sent.statement;
    let mut texts = BTreeMap::from([(ID.to_owned(), sent.id.to_owned())]);
    texts.extend(from.map(|it| (FROM.to_owned(), it.to_string())));
    texts.extend(until.map(|it| (UNTIL.to_owned(), it.to_string())));
    texts.extend(employment.clone().map(|it| (EMPLOYMENT.to_owned(), it)));
    for (name, said) in fields {
        let field: Field = name.parse()?;
        texts.insert(field.name().to_owned(), said.text());
    }
    if let Some(name) = texts.keys().find(|it| !layout.columns().contains(it)) {
        return Err(PushError::FieldNotSent { name: name.clone(), kind, key: key() });
    }
    if texts.iter().map(|(name, text)| name.len() + text.len()).sum::<usize>() > RECORD_BYTES_MAX {
        return Err(PushError::TooLarge { bytes_max: RECORD_BYTES_MAX });
    }
    let row = layout.row(RecordNo(1), &texts).map_err(|it| PushError::Key { text: it.text })?;
    let native = super::records::native_of(hub, &row.key);
    Ok(Understood { kind, native, digest: hub.keys.digest_block(row.digest), texts })
}

fn not_sent(source: &Source, kind: Kind) -> PushError {
    PushError::KindNotSent { kind, key: source.text.key.clone() }
}

impl Understood {
    /// The number of its key.
    fn number(&self, numbers: &BTreeMap<NativeKey, i64>) -> Result<i64, StoreError> {
        let found = numbers.get(&self.native).copied();
        found.ok_or(StoreError::Missing { what: "number of a key" })
    }

    /// What is stored of it, where it stands among those that were sent with it.
    fn record(
        &self,
        hub: &Hub,
        tenant: TenantId,
        (source, no): (&Source, PushNo),
        native_no: i64,
        (record_no, received_at): (RecordNo, Timestamp),
    ) -> Result<Record, PushError> {
        let Self { kind, digest, texts, .. } = self;
        let bytes = serde_json::to_vec(texts).map_err(RunError::Unwritable)?;
        let context = context::push_record(tenant, (source.no, no, *kind, native_no));
        Ok(Record {
            kind: *kind,
            native_no,
            receipt: named(source, &format!("{no} {kind} {native_no}")),
            record_no,
            received_at,
            digest: *digest,
            body: hub.keys.seal(&context, &bytes)?,
        })
    }
}

/// Sets the source apart for the transaction, and forgets what is over.
async fn begin(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    source: &Source,
) -> Result<(), StoreError> {
    pushes::lock(tx, tenant, source.no).await?;
    let before = hub.clock.now().checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    pushes::forget_before(tx, tenant, before).await?;
    for it in pushes::snapshots(tx, tenant, source.no, PushState::Open).await? {
        if snapshot::is_over(hub, &it) {
            pushes::forget_contents(tx, tenant, source.no, it.no).await?;
            pushes::end(tx, tenant, source.no, (it.no, PushState::Expired), None).await?;
        }
    }
    Ok(())
}

/// The snapshot of a source that is open or waits to be read.
async fn under_way(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    source: &Source,
) -> Result<Option<Uuid>, StoreError> {
    let open = pushes::snapshots(tx, tenant, source.no, PushState::Open).await?;
    let closed = pushes::snapshots(tx, tenant, source.no, PushState::Closed).await?;
    let mut all = open.into_iter().filter(|it| !snapshot::is_over(hub, it)).chain(closed);
    Ok(all.next().map(|it| it.id))
}

/// The receipt of a record that said the same and whose plan is held.
async fn held_already(
    tx: &mut Tx,
    tenant: TenantId,
    source: &Source,
    of: (Kind, i64),
    digest: [u8; 16],
) -> Result<Option<Uuid>, StoreError> {
    let last = pushes::last_of(tx, tenant, source.no, of, PushNo(i64::MAX)).await?;
    let last = last.filter(|it| it.record.digest == digest);
    Ok(last.filter(|it| matches!(it.plan, Some((_, PlanState::Held)))).map(|it| it.record.receipt))
}

/// Opens a sending, and writes down who did.
async fn opened(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    source: &Source,
    (extent, by): (Extent, &str),
) -> Result<(PushNo, Timestamp), StoreError> {
    let at = hub.clock.now();
    let no = pushes::next_no(tx, tenant, source.no).await?;
    let id = named(source, &no.to_string());
    pushes::open(tx, tenant, source.no, (no, id, extent), (by, at)).await?;
    let what = match extent {
        Extent::Record => "push.record",
        Extent::Snapshot => "push.open",
    };
    note(tx, tenant, (at, by, what), json!({ "source": source.text.key, "push": id })).await?;
    Ok((no, at))
}

/// Writes into the audit who sent what.
async fn note(
    tx: &mut Tx,
    tenant: TenantId,
    (at, by, action): (Timestamp, &str, &str),
    detail: serde_json::Value,
) -> Result<(), StoreError> {
    let entry = audit::Entry { at, who: by.to_owned(), action: action.to_owned(), detail };
    audit::write(tx, tenant, &entry).await
}

/// The id of what a source sent: nobody asks for it who does not reach the source, so it need not be
/// a secret.
fn named(source: &Source, what: &str) -> Uuid {
    let name = format!("kobling push {} {} {what}", source.tenant_uuid, source.text.key);
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

/// The numbers of keys, minted for those that have none. Who holds the source's row mints alone.
async fn numbers(
    tx: &mut Tx,
    tenant: TenantId,
    source: &Source,
    kind: Kind,
    keys: BTreeSet<&NativeKey>,
) -> Result<BTreeMap<NativeKey, i64>, StoreError> {
    let keys: Vec<NativeKey> = keys.into_iter().cloned().collect();
    let mut known = native::numbers(tx, tenant, source.no, kind, &keys).await?;
    let new: Vec<NativeKey> = keys.into_iter().filter(|it| !known.contains_key(it)).collect();
    if !new.is_empty() {
        known.extend(native::mint(tx, tenant, source.no, kind, &new).await?);
    }
    Ok(known)
}
