//! Where the items that are applied come from: memory, or the store page by page.

use super::super::drafted::{InMemory, Items};
use super::super::item::{PART_SEEN, Planned, seen_from_item};
use super::super::mint;
use super::super::progress::{Progress, Stage};
use super::super::source::Source;
use super::{ApplyError, Applying, PAGE_ITEMS, PAGE_KEYS};
use crate::Hub;
use kobling_domain::id::{RunNo, TenantId, Version};
use kobling_domain::people::{Kind, NativeKey};
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::exchange::draft;
use kobling_store::exchange::plan::{self, StoredItem};
use kobling_store::exchange::seen::{self, SeenRow};
use std::collections::BTreeMap;

/// Writes some items of a plan of changes of employments to the ledger, as [`super::apply`] would.
pub(in super::super) async fn some(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    (source, run_no): (&Source, RunNo),
    items: Vec<StoredItem>,
) -> Result<Version, ApplyError> {
    let version = tenant::take_version(tx, tenant, hub.clock.now(), Some(run_no)).await?;
    let mut applying = Applying::new(hub, tenant, source, run_no, version);
    applying.stored_page(tx, &items).await?;
    applying.finish(tx).await?;
    Ok(version)
}

/// Writes down what a run saw that changes nothing.
pub(in super::super) async fn seen_only(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    (source, run): (&Source, RunNo),
    items: Items,
) -> Result<(), ApplyError> {
    if let Items::InMemory(items) = items {
        let (_, seen) = items.decide(tx, tenant, run).await?;
        return Ok(seen::upsert(tx, tenant, source.no, seen).await?);
    }
    let mut after = None;
    loop {
        let page = plan::items(tx, tenant, run, after, PAGE_ITEMS).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.kind, last.native_no, last.part));
        let rows: Result<Vec<SeenRow>, _> =
            page.iter().map(|it| seen_from_item(&hub.keys, it)).collect();
        seen::upsert(tx, tenant, source.no, rows?).await?;
    }
    plan::delete_items(tx, tenant, run).await?;
    Ok(())
}

impl Applying<'_> {
    pub(super) async fn in_memory(
        &mut self,
        tx: &mut Tx,
        items: InMemory,
        progress: &dyn Progress,
    ) -> Result<(), ApplyError> {
        let (items, seen) = items.decide(tx, self.tenant, self.run_no).await?;
        // Units first: parents may stand after their children, and employments refer to both.
        let units = items.iter().filter(|it| it.item.kind == Kind::Unit);
        let units: Vec<NativeKey> = units.map(|it| it.item.native.clone()).collect();
        for page in units.chunks(PAGE_KEYS) {
            mint::natives(self, tx, Kind::Unit, page).await?;
        }
        let mut done = 0;
        let mut items = items.into_iter().peekable();
        while items.peek().is_some() {
            let page: Vec<Planned> = items.by_ref().take(PAGE_KEYS).collect();
            done += u64::try_from(page.len()).unwrap_or_default();
            self.page(tx, page).await?;
            progress.at(Stage::Apply, done, 0);
        }
        Ok(seen::upsert(tx, self.tenant, self.source.no, seen).await?)
    }

    pub(super) async fn stored(
        &mut self,
        tx: &mut Tx,
        progress: &dyn Progress,
    ) -> Result<(), ApplyError> {
        let (tenant, run) = (self.tenant, self.run_no);
        let units = draft::item_keys(tx, tenant, run, Kind::Unit).await?;
        for page in units.chunks(PAGE_KEYS) {
            let natives = self.source.natives(tx, tenant, Kind::Unit, page).await?;
            mint::natives(self, tx, Kind::Unit, &natives).await?;
        }
        let (mut after, mut done) = (None, 0);
        loop {
            let page = plan::items(tx, tenant, run, after, PAGE_ITEMS).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some((last.kind, last.native_no, last.part));
            done += u64::try_from(page.len()).unwrap_or_default();
            self.stored_page(tx, &page).await?;
            progress.at(Stage::Apply, done, 0);
        }
    }

    async fn stored_page(&mut self, tx: &mut Tx, page: &[StoredItem]) -> Result<(), ApplyError> {
        let (mut planned, mut seen) = (Vec::new(), Vec::new());
        for it in page {
            if it.part == PART_SEEN {
                seen.push(seen_from_item(&self.hub.keys, it)?);
            } else {
                planned.push(Planned::open(&self.hub.keys, self.tenant, self.run_no, it)?);
            }
        }
        self.page(tx, planned).await?;
        Ok(seen::upsert(tx, self.tenant, self.source.no, seen).await?)
    }

    async fn page(&mut self, tx: &mut Tx, page: Vec<Planned>) -> Result<(), ApplyError> {
        let mut items = BTreeMap::<Kind, Vec<Planned>>::new();
        for it in page {
            items.entry(it.item.kind).or_default().push(it);
        }
        for (kind, items) in items {
            self.items(tx, kind, items).await?;
        }
        Ok(())
    }
}
