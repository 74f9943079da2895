//! What many questions need, kept for as long as nothing changes it.

use super::employer::Employer;
use super::find::PeopleError;
use super::tree::Units;
use crate::access::configuration::Configuration;
use crate::access::{self, ConfigureError};
use crate::agreement::{self, Change};
use jiff::civil::Date;
use kobling_domain::id::{TenantId, Version};
use kobling_store::engine::Tx;
use kobling_store::people::claim::Place;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// So many of a kind are kept at once.
const KEPT_MAX: usize = 8;

/// Employers as the ledger told them at a version: what was configured, and on a day the rules, links, units
/// and who leads them. Whatever changes one of these takes a version, so what is kept under a version is
/// never out of date; who asks reads the version first, in the transaction in which all else is read.
///
/// It belongs to one store.
#[derive(Clone, Default)]
pub struct Kept(Arc<Lists>);

#[derive(Default)]
struct Lists {
    configurations: List<(TenantId, Version), Configuration>,
    drafts: List<(TenantId, Version), BTreeMap<String, Change>>,
    employers: List<(TenantId, Version, Date), Employer>,
    units: List<(TenantId, Version, Date, Place), Units>,
}

impl Kept {
    /// What was configured at a version that `tx` has read and not taken: it is committed therefore.
    pub(crate) async fn configuration(
        &self,
        tx: &mut Tx,
        (tenant, version): (TenantId, Version),
    ) -> Result<Arc<Configuration>, ConfigureError> {
        let cell = self.0.configurations.cell((tenant, version));
        let read = access::load_at(tx, tenant, version);
        cell.get_or_try_init(async || read.await.map(Arc::new)).await.cloned()
    }

    /// The drafts of agreements beside that, likewise.
    pub(crate) async fn drafts(
        &self,
        tx: &mut Tx,
        (tenant, version): (TenantId, Version),
    ) -> Result<Arc<BTreeMap<String, Change>>, ConfigureError> {
        let cell = self.0.drafts.cell((tenant, version));
        let configuration = self.configuration(tx, (tenant, version)).await?;
        let read = async || -> Result<_, ConfigureError> {
            let changes = agreement::changes(tx, tenant, version).await?;
            Ok(Arc::new(agreement::drafts(&configuration, changes)))
        };
        cell.get_or_try_init(read).await.cloned()
    }

    /// The employer at a version, likewise.
    pub(super) async fn employer(
        &self,
        tx: &mut Tx,
        (tenant, version, day): (TenantId, Version, Date),
    ) -> Result<Arc<Employer>, PeopleError> {
        let cell = self.0.employers.cell((tenant, version, day));
        let read = Employer::on(tx, tenant, version, day);
        cell.get_or_try_init(async || read.await.map(Arc::new)).await.cloned()
    }
}

impl Kept {
    /// The units of an employer with their people, who are told of by the roster from where it stands: it follows
    /// the ledger in steps of its own.
    pub(super) async fn units(
        &self,
        tx: &mut Tx,
        (tenant, version, day): (TenantId, Version, Date),
        roster: Place,
    ) -> Result<Arc<Units>, PeopleError> {
        let employer = self.employer(tx, (tenant, version, day)).await?;
        let cell = self.0.units.cell((tenant, version, day, roster));
        let read = Units::of(tx, &employer);
        cell.get_or_try_init(async || read.await.map(Arc::new)).await.cloned()
    }
}

type Cell<T> = Arc<OnceCell<Arc<T>>>;

/// What is kept, that which was asked for last at the end.
struct List<K, T>(Mutex<Vec<(K, Cell<T>)>>);

impl<K, T> Default for List<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + PartialEq, T> List<K, T> {
    /// The place of what has that key; what was asked for least lately makes room for it.
    fn cell(&self, key: K) -> Cell<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.iter().position(|it| it.0 == key).map(|at| all.remove(at));
        let cell = found.map_or_else(Cell::default, |it| it.1);
        if all.len() == KEPT_MAX {
            all.remove(0);
        }
        all.push((key, Arc::clone(&cell)));
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn what_is_kept_is_of_one_employer_at_one_version_on_one_day() {
        let kept = List::<_, ()>::default();
        let key = (TenantId(1), Version(7), date(2026, 3, 4));
        let cell = kept.cell(key);
        assert!(Arc::ptr_eq(&cell, &kept.cell(key)));
        let tomorrow = date(2026, 3, 5);
        let others =
            [(TenantId(2), key.1, key.2), (key.0, Version(8), key.2), (key.0, key.1, tomorrow)];
        for other in others {
            assert!(!Arc::ptr_eq(&cell, &kept.cell(other)));
        }
        for version in 100..107 {
            kept.cell((TenantId(1), Version(version), key.2));
            assert!(Arc::ptr_eq(&cell, &kept.cell(key)), "what is asked for often stays");
        }
        assert_eq!(kept.0.lock().unwrap().len(), KEPT_MAX);
    }
}
