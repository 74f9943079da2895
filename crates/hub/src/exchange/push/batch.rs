//! Many records of one kind, put into a snapshot at once: each is taken or refused by itself.

use super::snapshot::{fill, to_fill};
use super::{PushError, Said, Sender, Sent, Statement, not_sent, sending, understood};
use crate::Hub;
use jiff::civil::Date;
use kobling_domain::id::TenantId;
use kobling_domain::people::{Kind, NativeKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Records in one batch.
pub const BATCH_RECORDS_MAX: usize = 1_000;

/// A record of a batch: what a source says of one subject, in the place of what it said before.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The key by which the source knows its subject. No national number may stand in it.
    pub id: String,
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

/// A record of a batch as it came.
#[derive(Debug)]
pub struct Line {
    /// Which it is, counted from 1.
    pub place: u64,
    /// What it says, or why that cannot be read.
    pub read: Result<Entry, String>,
}

/// What became of a batch.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Batch {
    /// How many of its records were put.
    pub put: u64,
    /// How many were refused.
    pub refused: u64,
    /// Each of them, in the order in which they came.
    pub records: Vec<Placed>,
}

/// What became of a record when its batch came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlacedState {
    /// It waits for its snapshot to be closed and read.
    Waiting,
    /// It was not put; the others were.
    Refused,
}

/// A record of a batch, and what became of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Placed {
    /// Which it is: the first of an array is 1, and so is the first line.
    pub place: u64,
    /// What became of it.
    pub state: PlacedState,
    /// The source's key of it, if it was put.
    pub id: Option<NativeKey>,
    /// Its receipt, if it was put.
    pub receipt: Option<Uuid>,
    /// Why it was refused: a code that never changes.
    pub code: Option<&'static str>,
    /// The same in words.
    pub problem: Option<String>,
}

/// Puts records of one kind into a snapshot, each in the place of what was put there of the same
/// subject.
///
/// # Errors
///
/// Refuses all of them once the snapshot takes nothing more, or if the source sends none of their kind.
/// A record that cannot be taken is told of in its place, and the others are put.
pub async fn put_all_into(
    hub: &Hub,
    tenant: TenantId,
    (sender, snapshot): (Sender<'_>, Uuid),
    (kind, lines): (Kind, Vec<Line>),
) -> Result<Batch, PushError> {
    let mut tx = hub.db.write().await?;
    let source = sending(&mut tx, tenant, sender.source).await?;
    if source.form.layout(kind).is_none() {
        return Err(not_sent(&source, kind));
    }
    let (mut records, mut taken) = (Vec::with_capacity(lines.len()), Vec::new());
    for Line { place, read } in lines {
        let judged = read.map_err(|text| PushError::Unreadable { text }).and_then(|entry| {
            let Entry { id, from, until, employment, fields } = entry;
            let statement = &Statement { from, until, employment, fields };
            understood(hub, &source, Sent { kind, id: &id, statement })
        });
        match judged {
            Ok(it) => {
                records.push(Placed::waiting(place, it.native.clone()));
                taken.push(it);
            }
            Err(error) => {
                let text = error.to_string();
                let problem = kobling_pii::mask(&text, source.today(hub)).into_owned();
                let code = error.code_of_record().ok_or(error)?;
                records.push(Placed::refused(place, (code, problem)));
            }
        }
    }
    let of = to_fill(hub, &mut tx, tenant, &source, snapshot).await?;
    let receipts = fill(hub, &mut tx, tenant, (&source, &of), kind, &taken).await?;
    tx.commit().await?;
    let waiting = records.iter_mut().filter(|it| it.state == PlacedState::Waiting);
    for (it, receipt) in waiting.zip(receipts) {
        it.receipt = Some(receipt);
    }
    let count = |it: usize| u64::try_from(it).unwrap_or(u64::MAX);
    let (put, refused) = (count(taken.len()), count(records.len() - taken.len()));
    Ok(Batch { put, refused, records })
}

impl Placed {
    fn waiting(place: u64, id: NativeKey) -> Self {
        let (state, id) = (PlacedState::Waiting, Some(id));
        Self { place, state, id, receipt: None, code: None, problem: None }
    }

    fn refused(place: u64, (code, problem): (&'static str, String)) -> Self {
        let (code, problem) = (Some(code), Some(problem));
        Self { place, state: PlacedState::Refused, id: None, receipt: None, code, problem }
    }
}
