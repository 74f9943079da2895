//! The plan of a run under way: in memory while it is small, in the store once it is not.
//!
//! A small plan that nothing holds goes from memory into the ledger, and of its items is stored
//! only what stays of any decided plan. A held plan is stored whole.

use super::apply::PAGE_ITEMS;
use super::hash;
use super::item::{PART_ITEM, Planned, seen_to_item};
use super::run::RunError;
use crate::Hub;
use kobling_domain::exchange::Reason;
use kobling_domain::id::{RunNo, TenantId};
use kobling_domain::people::Kind;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::draft;
use kobling_store::exchange::plan::{self, StoredItem};
use kobling_store::exchange::seen::SeenRow;
use kobling_store::sealed::context;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What a plan in memory may come to, in canonical bytes of its items: 1 % of 100,000 employments
/// is about half of it.
const MEMORY_BYTES_MAX: usize = 10 << 20;
/// Rows of the seen-state that may wait in memory beside it.
const MEMORY_SEEN_MAX: usize = 20_000;
/// Items and seen rows written in one short transaction.
const STORE_ROWS: usize = 1_000;

/// The plan of a run under way.
pub(super) struct Drafted<'a> {
    hub: &'a Hub,
    tenant: TenantId,
    run: RunNo,
    kept: Kept,
}

enum Kept {
    Memory(InMemory),
    /// What waits to be written.
    Store(Vec<StoredItem>),
}

/// A plan that is nowhere else.
#[derive(Default)]
pub(super) struct InMemory {
    items: BTreeMap<(Kind, i64), Drawn>,
    seen: Vec<SeenRow>,
    bytes: usize,
}

struct Drawn {
    planned: Planned,
    mac: [u8; 32],
    bytes: usize,
}

/// What is applied.
pub(super) enum Items {
    /// These.
    InMemory(InMemory),
    /// Those stored under the run.
    Stored,
}

impl<'a> Drafted<'a> {
    /// A plan without items.
    pub(super) fn new(hub: &'a Hub, tenant: TenantId, run: RunNo) -> Self {
        Self { hub, tenant, run, kept: Kept::Memory(InMemory::default()) }
    }

    /// Takes an item in.
    pub(super) async fn add(&mut self, planned: Planned) -> Result<(), RunError> {
        let canonical = planned.item.canonical();
        let (mac, bytes) = (self.hub.keys.item_mac(&canonical), canonical.len());
        let drawn = Drawn { planned, mac, bytes };
        match &mut self.kept {
            Kept::Memory(it) => it.add(drawn),
            Kept::Store(waiting) => {
                waiting.push(sealed(self.hub, (self.tenant, self.run), &drawn)?);
            }
        }
        self.store_if_full().await
    }

    /// Takes in what was seen of a record that changes nothing.
    pub(super) async fn remember(&mut self, row: SeenRow) -> Result<(), RunError> {
        match &mut self.kept {
            Kept::Memory(it) => it.seen.push(row),
            Kept::Store(waiting) => waiting.push(seen_to_item(&self.hub.keys, &row)?),
        }
        self.store_if_full().await
    }

    /// Sees to it that all of it is stored.
    pub(super) async fn store(&mut self) -> Result<(), RunError> {
        if let Kept::Memory(it) = &mut self.kept {
            let InMemory { items, seen, .. } = std::mem::take(it);
            let sealed: Result<Vec<StoredItem>, RunError> =
                items.values().map(|it| sealed(self.hub, (self.tenant, self.run), it)).collect();
            let mut waiting = sealed?;
            for row in &seen {
                waiting.push(seen_to_item(&self.hub.keys, row)?);
            }
            self.kept = Kept::Store(waiting);
        }
        self.write().await
    }

    /// The plan's hash.
    pub(super) async fn hash(&mut self) -> Result<[u8; 32], RunError> {
        self.write().await?;
        match &self.kept {
            Kept::Memory(it) => {
                let mut hash = Sha256::new();
                it.items.values().for_each(|it| hash.update(it.mac));
                Ok(hash.finalize().into())
            }
            Kept::Store(_) => {
                Ok(hash::of_stored(&mut self.hub.db.read().await?, self.tenant, self.run).await?)
            }
        }
    }

    /// The items about employments that are there for `reason`, by number.
    pub(super) async fn of_employments(
        &mut self,
        reason: Reason,
    ) -> Result<Vec<Planned>, RunError> {
        self.write().await?;
        let Kept::Memory(it) = &self.kept else { return self.stored_of_employments(reason).await };
        let all = it.items.values().map(|it| &it.planned);
        let wanted = |it: &&Planned| it.item.kind == Kind::Employment && it.item.reason == reason;
        Ok(all.filter(wanted).cloned().collect())
    }

    async fn stored_of_employments(&self, reason: Reason) -> Result<Vec<Planned>, RunError> {
        // The ledger is seen as it was before the draft was written; the draft is not.
        let mut tx = self.hub.db.read().await?;
        let (mut found, mut after) = (Vec::new(), Some((Kind::Unit, i64::MAX, i64::MAX)));
        loop {
            let page = plan::items(&mut tx, self.tenant, self.run, after, PAGE_ITEMS).await?;
            let Some(last) = page.last() else { return Ok(found) };
            after = Some((last.kind, last.native_no, last.part));
            let of_reason = |it: &&StoredItem| {
                it.part == PART_ITEM
                    && it.kind == Kind::Employment
                    && it.reason.as_deref() == Some(reason.name())
            };
            for it in page.iter().filter(of_reason) {
                found.push(Planned::open(&self.hub.keys, self.tenant, self.run, it)?);
            }
        }
    }

    /// Takes the item about an employment out again, if there is one.
    pub(super) async fn withdraw(&mut self, number: i64) -> Result<Option<Planned>, RunError> {
        self.write().await?;
        match &mut self.kept {
            Kept::Memory(it) => {
                let drawn = it.items.remove(&(Kind::Employment, number));
                it.bytes = it.bytes.saturating_sub(drawn.as_ref().map_or(0, |it| it.bytes));
                Ok(drawn.map(|it| it.planned))
            }
            Kept::Store(_) => {
                let (tenant, run, kind) = (self.tenant, self.run, Kind::Employment);
                let mut tx = self.hub.db.write().await?;
                let stored = draft::item(&mut tx, tenant, run, kind, number).await?;
                draft::withdraw(&mut tx, tenant, run, kind, number).await?;
                tx.commit().await?;
                let open = |it| Planned::open(&self.hub.keys, tenant, run, &it);
                Ok(stored.map(open).transpose()?)
            }
        }
    }

    /// What there is to apply, once nothing more comes.
    pub(super) async fn take(&mut self) -> Result<Items, RunError> {
        self.write().await?;
        Ok(match &mut self.kept {
            Kept::Memory(it) => Items::InMemory(std::mem::take(it)),
            Kept::Store(_) => Items::Stored,
        })
    }

    async fn store_if_full(&mut self) -> Result<(), RunError> {
        match &self.kept {
            Kept::Memory(it) if it.bytes > MEMORY_BYTES_MAX || it.seen.len() > MEMORY_SEEN_MAX => {
                self.store().await
            }
            Kept::Store(waiting) if waiting.len() >= STORE_ROWS => self.write().await,
            Kept::Memory(_) | Kept::Store(_) => Ok(()),
        }
    }

    /// Writes what waits, in short transactions.
    async fn write(&mut self) -> Result<(), RunError> {
        let Kept::Store(waiting) = &mut self.kept else { return Ok(()) };
        let mut waiting = std::mem::take(waiting).into_iter().peekable();
        while waiting.peek().is_some() {
            let rows = waiting.by_ref().take(STORE_ROWS).collect();
            let mut tx = self.hub.db.write().await?;
            plan::add_items(&mut tx, self.tenant, self.run, rows).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

impl InMemory {
    fn add(&mut self, drawn: Drawn) {
        let at = (drawn.planned.item.kind, drawn.planned.native_no);
        self.bytes += drawn.bytes;
        self.items.insert(at, drawn);
    }

    /// The items in order of kinds and keys, and what was seen of records that change nothing. What
    /// stays of the items of a decided plan is written.
    pub(super) async fn decide(
        self,
        tx: &mut Tx,
        tenant: TenantId,
        run: RunNo,
    ) -> Result<(Vec<Planned>, Vec<SeenRow>), StoreError> {
        let Self { items, seen, .. } = self;
        let rows = items.values().map(|it| decided(&it.planned, it.mac)).collect();
        plan::add_items(tx, tenant, run, rows).await?;
        Ok((items.into_values().map(|it| it.planned).collect(), seen))
    }
}

/// What is stored of an item once it is decided on.
fn decided(planned: &Planned, mac: [u8; 32]) -> StoredItem {
    let item = &planned.item;
    StoredItem {
        kind: item.kind,
        native_no: planned.native_no,
        part: PART_ITEM,
        mac,
        effective: Some(item.effective),
        reason: Some(item.reason.name().to_owned()),
        body: Vec::new(),
    }
}

fn sealed(
    hub: &Hub,
    (tenant, run): (TenantId, RunNo),
    drawn: &Drawn,
) -> Result<StoredItem, RunError> {
    let Drawn { planned, mac, .. } = drawn;
    let bare = decided(planned, *mac);
    let context = context::plan_item(tenant, run, bare.kind, bare.native_no);
    let body = hub.keys.seal(&context, &planned.to_bytes()?)?;
    Ok(StoredItem { body, ..bare })
}
