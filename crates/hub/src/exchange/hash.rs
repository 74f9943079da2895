//! The hash that names a plan: SHA-256 over the MACs of its items in order of kind and key.

use super::item::PART_ITEM;
use kobling_domain::id::{RunNo, TenantId};
use kobling_domain::people::Kind;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::plan;
use sha2::{Digest, Sha256};

/// Items read at once.
const PAGE_ITEMS: u32 = 2_000;

/// The hash of a stored plan.
pub(super) async fn of_stored(
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
) -> Result<[u8; 32], StoreError> {
    let (mut hash, mut after) = (Sha256::new(), None);
    loop {
        let page = plan::items(tx, tenant, run, after, PAGE_ITEMS).await?;
        let Some(last) = page.last() else { return Ok(hash.finalize().into()) };
        after = Some((last.kind, last.native_no, last.part));
        page.iter().filter(|it| it.part == PART_ITEM).for_each(|it| hash.update(it.mac));
    }
}

/// The hash of a plan whose items are never stored.
pub(super) enum Hasher {
    /// Items come in order; nothing is kept of them.
    InOrder { hash: Sha256, last: Option<(Kind, i64)> },
    /// Items come in any order and are kept until the end: 48 bytes each.
    Collected(Vec<(Kind, i64, [u8; 32])>),
}

/// Items came out of order.
pub(super) struct OutOfOrder;

impl Hasher {
    pub(super) fn in_order() -> Self {
        Self::InOrder { hash: Sha256::new(), last: None }
    }

    pub(super) fn collecting() -> Self {
        Self::Collected(Vec::new())
    }

    pub(super) fn add(&mut self, at: (Kind, i64), mac: [u8; 32]) -> Result<(), OutOfOrder> {
        match self {
            Self::InOrder { last: Some(last), .. } if *last >= at => return Err(OutOfOrder),
            Self::InOrder { hash, last } => {
                hash.update(mac);
                *last = Some(at);
            }
            Self::Collected(all) => all.push((at.0, at.1, mac)),
        }
        Ok(())
    }

    pub(super) fn finish(self) -> [u8; 32] {
        match self {
            Self::InOrder { hash, .. } => hash.finalize().into(),
            Self::Collected(mut all) => {
                all.sort_unstable();
                let mut hash = Sha256::new();
                for (_, _, mac) in &all {
                    hash.update(mac);
                }
                hash.finalize().into()
            }
        }
    }
}
