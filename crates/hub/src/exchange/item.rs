//! A plan item with what its record leaves behind, as it is sealed into the store.

use jiff::civil::Date;
use kobling_domain::exchange::{Change, ClaimRef, PlanItem, Reason};
use kobling_domain::id::{RunNo, SubjectNo, TenantId};
use kobling_domain::people::{Kind, NationalNumber, NativeKey, State};
use kobling_domain::time::Slice;
use kobling_store::StoreError;
use kobling_store::exchange::plan::StoredItem;
use kobling_store::exchange::seen::{Outcome, SeenRow};
use kobling_store::people::claim::Claim;
use kobling_store::sealed::{KeyRing, context};
use serde::{Deserialize, Serialize};

/// What the seen-state says of a record after its item is applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SeenAfter {
    /// The record's digest, as an AES block.
    pub(super) digest: [u8; 16],
    /// The digest of what it states, likewise.
    pub(super) content: [u8; 16],
    /// The first day without the subject.
    pub(super) until: Option<Date>,
    /// The date of the first input that mentioned it.
    pub(super) first_seen: Date,
    /// Whether the record is still mentioned.
    pub(super) mentioned: Mentioned,
}

/// Whether an input still mentions a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mentioned {
    /// It does.
    Yes,
    /// It does not: the same record coming back is a change.
    No,
}

/// A plan item as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) item: PlanItem,
    /// The number under which its subject's key is stored.
    pub(super) native_no: i64,
    pub(super) seen: SeenAfter,
}

/// The sealed part of it. Key and kind stand beside it in the row.
#[derive(Serialize, Deserialize)]
struct Body {
    reason: Reason,
    effective: Date,
    person: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<SubjectNo>,
    /// The key, where it is not the number beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    native: Option<NativeKey>,
    renumbered_from: Option<NativeKey>,
    replaces: Vec<ClaimRef>,
    written: Vec<Slice<State>>,
    seen: SeenAfter,
}

/// The claims that a change replaces.
pub(super) fn replaced(claims: &[Claim], change: &Change<State>) -> Vec<ClaimRef> {
    claims
        .iter()
        .filter(|claim| change.closed.iter().any(|it| it.validity == claim.slice.validity))
        .map(|claim| ClaimRef { valid_from: claim.slice.validity.from(), since: claim.since })
        .collect()
}

/// The part of a row that holds an item.
pub(super) const PART_ITEM: i64 = 0;
/// The part of a row that holds what was seen of a record that changes nothing. It is no change,
/// so the plan's hash knows nothing of it.
pub(super) const PART_SEEN: i64 = 1;

/// A stored item that cannot be read: another program wrote it, or it was tampered with.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableItem {
    /// It opens and is no item.
    #[error("a stored plan item cannot be read")]
    Text(#[from] serde_json::Error),
    /// Its bytes are not those it was stored with.
    #[error("a stored plan item was changed by another program")]
    Changed,
    /// It does not open with these keys.
    #[error("a stored plan item does not open")]
    Sealed(#[source] StoreError),
}

impl Planned {
    /// Whether it is about what the input no longer mentions.
    pub(super) fn is_about_gone(&self) -> bool {
        self.seen.mentioned == Mentioned::No
    }

    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, UnreadableItem> {
        let Self { item, native_no, seen } = self;
        let body = Body {
            reason: item.reason,
            effective: item.effective,
            person: item.person.as_ref().map(|it| it.digits().to_owned()),
            of: item.of,
            native: (item.native.as_number() != Some(*native_no)).then(|| item.native.clone()),
            renumbered_from: item.renumbered_from.clone(),
            replaces: item.replaces.clone(),
            written: item.written.clone(),
            seen: seen.clone(),
        };
        Ok(serde_json::to_vec(&body)?)
    }

    /// Opens the stored `item` of the plan of `run`.
    pub(super) fn open(
        keys: &KeyRing,
        tenant: TenantId,
        run: RunNo,
        item: &StoredItem,
    ) -> Result<Self, UnreadableItem> {
        let context = context::plan_item(tenant, run, item.kind, item.native_no);
        let bytes = keys.open(&context, &item.body).map_err(UnreadableItem::Sealed)?;
        let body: Body = serde_json::from_slice(&bytes)?;
        let person = body.person.as_deref().and_then(|it| NationalNumber::parse(it).ok());
        let change = PlanItem {
            kind: item.kind,
            native: body.native.unwrap_or_else(|| NativeKey::number(item.native_no)),
            reason: body.reason,
            effective: body.effective,
            person,
            of: body.of,
            renumbered_from: body.renumbered_from,
            replaces: body.replaces,
            written: body.written,
        };
        Ok(Self { item: change, native_no: item.native_no, seen: body.seen })
    }
}

#[derive(Serialize, Deserialize)]
struct SeenBody {
    digest: [u8; 16],
    content: [u8; 16],
    epoch: i64,
    until: Option<Date>,
    first_seen: Date,
}

/// What was seen of a record that changes nothing, as it is stored with a plan. It holds digests and
/// dates only.
pub(super) fn seen_to_item(keys: &KeyRing, row: &SeenRow) -> Result<StoredItem, UnreadableItem> {
    let SeenRow { kind, native_no, digest, content, epoch, until, first_seen, .. } = *row;
    let body = serde_json::to_vec(&SeenBody { digest, content, epoch, until, first_seen })?;
    Ok(StoredItem {
        kind,
        native_no,
        part: PART_SEEN,
        mac: seen_mac(keys, (kind, native_no), &body),
        effective: None,
        reason: None,
        body,
    })
}

/// The way back of [`seen_to_item`]. Refuses what somebody has changed meanwhile: it would let the
/// next run take a record for one that was read.
pub(super) fn seen_from_item(keys: &KeyRing, item: &StoredItem) -> Result<SeenRow, UnreadableItem> {
    let StoredItem { kind, native_no, .. } = *item;
    if item.mac != seen_mac(keys, (kind, native_no), &item.body) {
        return Err(UnreadableItem::Changed);
    }
    let SeenBody { digest, content, epoch, until, first_seen } =
        serde_json::from_slice(&item.body)?;
    let outcome = Outcome::Applied;
    Ok(SeenRow { kind, native_no, digest, content, outcome, epoch, until, first_seen })
}

fn seen_mac(keys: &KeyRing, (kind, native_no): (Kind, i64), body: &[u8]) -> [u8; 32] {
    let mut bytes = format!("seen {kind} {native_no} ").into_bytes();
    bytes.extend_from_slice(body);
    keys.item_mac(&bytes)
}
