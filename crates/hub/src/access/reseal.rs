//! Seals anew what an older key has sealed, a few values at a time, while others work.

use super::users::note;
use crate::Hub;
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::access::tenant;
use kobling_store::sealed::KeyId;
use kobling_store::sealed::stored::{self, At, Place};
use serde::Serialize;
use serde_json::json;

/// How much is sealed with which key, in the whole store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// By key, the one that seals first.
    pub under: Vec<(KeyId, u64)>,
    /// With none of these: from before keys had names, or with keys that are not at hand.
    pub otherwise: u64,
}

impl Standing {
    /// How much is sealed with other keys than the one that seals now.
    pub fn behind(&self) -> u64 {
        self.under.iter().skip(1).map(|it| it.1).sum::<u64>() + self.otherwise
    }
}

/// What sealing anew came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Resealed {
    /// So many values.
    pub resealed: u64,
    /// So many values open with no key at hand.
    pub unopened: u64,
}

impl Resealed {
    fn and(self, other: Self) -> Self {
        let Self { resealed, unopened } = other;
        Self { resealed: self.resealed + resealed, unopened: self.unopened + unopened }
    }
}

/// How far one employer's values were gone through. Nothing of it is stored: whoever begins anew passes
/// over what is done.
#[derive(Debug)]
pub struct Walk {
    tenant: TenantId,
    places: &'static [Place],
    after: Option<At>,
}

impl Walk {
    /// From the beginning.
    pub fn new(tenant: TenantId) -> Self {
        Self { tenant, places: &Place::ALL, after: None }
    }
}

/// How much is sealed with which key.
#[crate::boxed]
pub async fn standing(hub: &Hub) -> Result<Standing, StoreError> {
    let mut tx = hub.db.read().await?;
    let mut all = 0;
    let mut under: Vec<(KeyId, u64)> = hub.keys.known().into_iter().map(|it| (it, 0)).collect();
    for tenant in tenant::list(&mut tx).await? {
        all += stored::all(&mut tx, tenant.id).await?;
        for (key, count) in &mut under {
            *count += stored::under(&mut tx, tenant.id, *key).await?;
        }
    }
    let named: u64 = under.iter().map(|it| it.1).sum();
    Ok(Standing { under, otherwise: all.saturating_sub(named) })
}

/// Seals everything anew that the key which seals now has not sealed; `tell` hears how much is done.
#[crate::boxed]
pub async fn all(hub: &Hub, tell: &mut (dyn FnMut(u64) + Send)) -> Result<Resealed, StoreError> {
    let mut done = Resealed::default();
    let tenants = tenant::list(&mut hub.db.read().await?).await?;
    for tenant in tenants {
        let mut walk = Walk::new(tenant.id);
        while let Some(step) = step(hub, &mut walk).await? {
            done = done.and(step);
            tell(done.resealed);
        }
    }
    Ok(done)
}

/// One step of a walk: a page of one place, or none at its end.
///
/// A value that somebody changes meanwhile is left to them: they seal with the newest key.
#[crate::boxed]
pub async fn step(hub: &Hub, walk: &mut Walk) -> Result<Option<Resealed>, StoreError> {
    let Some((place, rest)) = walk.places.split_first() else { return Ok(None) };
    let key = hub.keys.current().ok_or(StoreError::Sealed)?;
    let mut tx = hub.db.read().await?;
    let page = stored::page(&mut tx, walk.tenant, *place, key, walk.after.as_ref()).await?;
    drop(tx);
    let Some(last) = page.last() else {
        (walk.places, walk.after) = (rest, None);
        return Ok(Some(Resealed::default()));
    };
    walk.after = Some(last.at.clone());
    let (mut anew, mut unopened) = (Vec::new(), 0);
    for found in &page {
        let context = found.at.context(walk.tenant);
        match hub.keys.open(&context, &found.sealed) {
            Ok(plain) => anew.push((found, hub.keys.seal(&context, &plain)?)),
            Err(_) => unopened += 1,
        }
    }
    let mut resealed = 0;
    let mut tx = hub.db.write().await?;
    for (found, sealed) in anew {
        let is_put = stored::put(&mut tx, walk.tenant, *place, found, sealed).await?;
        resealed += u64::from(is_put);
    }
    tx.commit().await?;
    Ok(Some(Resealed { resealed, unopened }))
}

/// Says in the audit of every employer what was done with a key.
#[crate::boxed]
pub async fn tell(hub: &Hub, action: &str, key: KeyId, by: &str) -> Result<(), StoreError> {
    let mut tx = hub.db.write().await?;
    for tenant in tenant::list(&mut tx).await? {
        let detail = json!({ "key": key.to_string() });
        note(hub, &mut tx, tenant.id, (by, action), detail).await?;
    }
    tx.commit().await
}
