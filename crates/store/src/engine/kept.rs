use crate::people::Shapes;
use kobling_domain::id::TenantId;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What all transactions of a process share.
#[derive(Default)]
pub(super) struct Kept {
    /// How many statements were run.
    pub(super) statements: AtomicU64,
    /// Shapes of each tenant: rows that never change once they are committed.
    shapes: Mutex<BTreeMap<TenantId, Arc<Shapes>>>,
}

impl Kept {
    pub(super) fn shapes(&self, tenant: TenantId) -> Option<Arc<Shapes>> {
        self.lock().get(&tenant).cloned()
    }

    pub(super) fn keep_shapes(&self, tenant: TenantId, shapes: Arc<Shapes>) {
        self.lock().insert(tenant, shapes);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TenantId, Arc<Shapes>>> {
        self.shapes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
