//! Records set aside: what is kept of them, looking at them, and deciding on those about which
//! only a person can.

mod decide;

pub use decide::{Decided, QuarantineError, Verdict, decide};
pub(super) use decide::{OTHER_PERSON, RENUMBERED};

use super::aside::SetAsideRecord;
use super::run::Running;
use crate::Hub;
use jiff::civil::Date;
use kobling_domain::id::{RecordNo, RunNo, SourceNo, TenantId};
use kobling_domain::people::{Kind, NationalNumber, NativeKey};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::native;
use kobling_store::exchange::quarantine::{self, SetAside};
use kobling_store::exchange::{run, source};
use kobling_store::sealed::context;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Records of one source that are listed.
const RECORDS_MAX: u32 = 10_000;
/// Records of one source that a run looks for; no run sets more aside.
const KEYS_MAX: u32 = 100_000;

/// A record that is set aside, as it is listed. No value of it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The source's key.
    pub source: String,
    /// What the record describes.
    pub kind: Kind,
    /// The source's number of it; of a table's row, the hub's number of the key. None if the
    /// record has no readable key.
    pub number: Option<i64>,
    /// The source's key of it, if it is readable.
    pub key: Option<NativeKey>,
    /// The line it began on.
    pub line: i64,
    /// Why: a code of the documentation.
    pub code: String,
    /// Why, in words.
    pub text: String,
    /// The run that set it aside.
    pub run: i64,
    /// The file that run read.
    pub input: String,
}

/// Another human's number, or another number of the same human: only a person can say.
pub(super) struct OtherPerson {
    pub(super) number: NationalNumber,
    /// The day from which the record counts.
    pub(super) effective: Date,
}

/// What is kept of a record: nothing but what a person has to decide on.
#[derive(Serialize, Deserialize)]
struct Body {
    text: String,
    number: Option<String>,
    effective: Option<Date>,
}

/// The records of all sources that are set aside, or of that one.
///
/// # Errors
///
/// Refuses the key of a source from which nothing was ever read.
#[crate::boxed]
pub async fn list(
    hub: &Hub,
    tenant: TenantId,
    key: Option<&str>,
) -> Result<Vec<Listed>, QuarantineError> {
    let mut tx = hub.db.read().await?;
    let mut sources = source::list(&mut tx, tenant).await?;
    if let Some(key) = key {
        sources.retain(|it| it.key == key);
        if sources.is_empty() {
            return Err(QuarantineError::UnknownSource { key: key.to_owned() });
        }
    }
    let (mut listed, mut inputs) = (Vec::new(), BTreeMap::new());
    for source in sources {
        let records = quarantine::list(&mut tx, tenant, source.no, RECORDS_MAX).await?;
        let mut keys = text_keys(&mut tx, tenant, source.no, &records).await?;
        for it in records {
            let number = (it.native_no >= 0).then_some(it.native_no);
            let key = keys.remove(&(it.kind, it.native_no));
            let text = open(hub, tenant, &it)?.text;
            listed.push(Listed {
                source: source.key.clone(),
                kind: it.kind,
                number,
                key: key.or_else(|| number.map(NativeKey::number)),
                line: it.line,
                code: it.code,
                text,
                run: it.run.0,
                input: input(&mut tx, tenant, it.run, &mut inputs).await?,
            });
        }
    }
    Ok(listed)
}

/// The keys of these records, where the source's keys are text.
async fn text_keys(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    records: &[SetAside],
) -> Result<BTreeMap<(Kind, i64), NativeKey>, StoreError> {
    let mut keys = BTreeMap::new();
    let kinds: BTreeSet<Kind> = records.iter().map(|it| it.kind).collect();
    for kind in kinds {
        let of_kind = records.iter().filter(|it| it.kind == kind);
        let numbers: Vec<i64> = of_kind.map(|it| it.native_no).collect();
        let found = native::keys(tx, tenant, source, kind, &numbers).await?;
        keys.extend(found.into_iter().map(|(no, key)| ((kind, no), key)));
    }
    Ok(keys)
}

/// The keys of all records of a source that are set aside.
pub(super) async fn keys(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
) -> Result<BTreeSet<(Kind, i64)>, StoreError> {
    let records = quarantine::list(tx, tenant, source, KEYS_MAX).await?;
    Ok(records.into_iter().map(|it| (it.kind, it.native_no)).collect())
}

/// The number under which a record is kept that has no readable key: below every source's. Where it
/// stands in its file is all that tells it from another one.
pub(super) fn keyless(record: RecordNo) -> i64 {
    -1 - record.0
}

/// A record as it is kept.
pub(super) fn kept(
    running: Running<'_>,
    kind: Kind,
    record: SetAsideRecord,
) -> Result<SetAside, StoreError> {
    let Running { hub, tenant, run, .. } = running;
    let other = record.other.as_ref();
    let body = Body {
        text: record.text,
        number: other.map(|it| it.number.digits().to_owned()),
        effective: other.map(|it| it.effective),
    };
    let body = serde_json::to_vec(&body).map_err(|_| StoreError::Sealed)?;
    let context = context::set_aside(tenant, run, kind, record.native_no);
    Ok(SetAside {
        kind,
        native_no: record.native_no,
        run,
        record: record.record_no,
        line: i64::try_from(record.line).unwrap_or_default(),
        code: record.code,
        body: hub.keys.seal(&context, &body)?,
    })
}

/// Why a record was set aside, in words, as long as it is for that reason.
pub(super) async fn reason_of(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    (source, kind, native_no): (SourceNo, Kind, i64),
    run: RunNo,
) -> Result<Option<String>, StoreError> {
    let found = quarantine::one(tx, tenant, source, kind, native_no).await?;
    let found = found.filter(|it| it.run == run);
    Ok(found.map(|it| open(hub, tenant, &it)).transpose()?.map(|it| it.text))
}

fn open(hub: &Hub, tenant: TenantId, it: &SetAside) -> Result<Body, StoreError> {
    let bytes =
        hub.keys.open(&context::set_aside(tenant, it.run, it.kind, it.native_no), &it.body)?;
    serde_json::from_slice(&bytes).map_err(|_| StoreError::Sealed)
}

async fn input(
    tx: &mut Tx,
    tenant: TenantId,
    no: RunNo,
    known: &mut BTreeMap<RunNo, String>,
) -> Result<String, StoreError> {
    if let Some(name) = known.get(&no) {
        return Ok(name.clone());
    }
    let found = run::get(tx, tenant, no).await?;
    let name = found.map(|it| it.begun.input_name).unwrap_or_default();
    known.insert(no, name.clone());
    Ok(name)
}
