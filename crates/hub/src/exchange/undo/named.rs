//! What a source calls the subjects of a run's plan.

use super::super::item::PART_ITEM;
use super::super::source::Source;
use kobling_domain::exchange::Reason;
use kobling_domain::id::{RunNo, SubjectNo, TenantId};
use kobling_domain::people::{Kind, NativeKey};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::plan::{self, StoredItem};
use kobling_store::people::subject::{self, Issuer, SubjectKey};
use std::collections::BTreeMap;

/// Items looked through at once.
const PAGE_ITEMS: u32 = 2_000;

/// What the source calls a subject, and the number under which the store keeps that.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) native: NativeKey,
    pub(super) number: i64,
}

/// The items of a run's plan: kind, number, and whether it gave the subject another number.
pub(super) async fn items_of(
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
) -> Result<Vec<(Kind, i64, bool)>, StoreError> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = plan::items(tx, tenant, run, after, PAGE_ITEMS).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some((last.kind, last.native_no, last.part));
        let is_renumbered =
            |it: &StoredItem| it.reason.as_deref() == Some(Reason::Renumbered.name());
        let items = page.iter().filter(|it| it.part == PART_ITEM);
        found.extend(items.map(|it| (it.kind, it.native_no, is_renumbered(it))));
    }
}

/// The subjects of the items of a table, by number.
pub(super) async fn tabled(
    tx: &mut Tx,
    tenant: TenantId,
    source: &Source,
    items: &[(Kind, i64, bool)],
) -> Result<BTreeMap<SubjectNo, Named>, StoreError> {
    let mut tabled = BTreeMap::new();
    for kind in Kind::ALL {
        let numbers = items.iter().filter(|it| it.0 == kind).map(|it| it.1);
        let numbers: Vec<i64> = numbers.collect();
        let natives = source.natives(tx, tenant, kind, &numbers).await?;
        let keys = natives.iter().cloned().map(SubjectKey::Native);
        let keys: Vec<SubjectKey> = keys.collect();
        let issuer = Issuer::Source(source.no);
        let found = subject::by_key(tx, tenant, issuer, kind, &keys).await?;
        for ((native, number), subject) in natives.into_iter().zip(numbers).zip(found) {
            if let Some(subject) = subject {
                tabled.insert(subject, Named { native, number });
            }
        }
    }
    Ok(tabled)
}
