//! One delivery of a set: made, judged, stored, put or sent, and noted.

use super::folder::Folder;
use super::lease::Lease;
use super::order::{self, Order};
use super::pending::{self, Earlier, Held, Left, Release};
use super::receipt::{self, Last};
use super::report::{self, Delivery, DeliveryState, Receipt};
use super::set::{Made, Told};
use super::{Change, DeliverError, Intent, send, set};
use crate::Hub;
use crate::access;
use crate::connectors::Place;
use crate::exchange::progress::Progress;
use crate::exchange::takeover;
use kobling_domain::agreement::Agreement;
use kobling_domain::exchange::brake::Tripped;
use kobling_domain::id::TenantId;
use kobling_formats::plan2learn::File;
use kobling_store::access::audit;
use kobling_store::engine::Tx;
use serde_json::json;
use std::path::Path;
use std::time::Instant;

/// Who brings what where.
#[derive(Clone, Copy)]
pub(super) struct Bringing<'a> {
    pub(super) hub: &'a Hub,
    pub(super) tenant: TenantId,
    pub(super) key: &'a str,
    pub(super) intent: Intent<'a>,
    pub(super) progress: &'a dyn Progress,
}

/// Whether a set may go.
enum Way {
    /// Nothing holds it.
    Open,
    /// A person lets it go that this brake would hold.
    Released(Release, Tripped),
    /// A brake holds it.
    Held(Tripped),
}

impl Way {
    fn is_held(&self) -> bool {
        match self {
            Self::Held(_) => true,
            Self::Open | Self::Released(..) => false,
        }
    }
}

impl Bringing<'_> {
    pub(super) async fn bring(&self, order: &Order) -> Result<Delivery, DeliverError> {
        let earlier = pending::earlier(self.hub, order).await?;
        match &order.place {
            Place::Folder(path) => self.put_in_folder(path, &order.place, earlier).await,
            Place::Sftp(_) | Place::Ftps(_) => Box::pin(self.send_to_server(order, earlier)).await,
        }
    }

    async fn put_in_folder(
        &self,
        path: &Path,
        place: &Place,
        earlier: Earlier,
    ) -> Result<Delivery, DeliverError> {
        let Self { hub, tenant, key, progress, .. } = *self;
        let folder = Folder::lock(path)?;
        // Only a snapshot taken under the lock is newer than what lies in the folder.
        let mut ledger = hub.db.read().await?;
        let mut order = order::read(hub, &mut ledger, tenant, key).await?;
        if order.place != *place {
            return Err(DeliverError::Reconfigured);
        }
        let last = receipt::last(hub, &mut ledger, &order).await?;
        order.keep_files(last.as_ref());
        let staging = folder.stage(last.as_ref().map(|it| it.set.as_str()))?;
        let outputs = staging.outputs(&order.form.files)?;
        let mut made = set::make(hub, &mut ledger, &order, outputs, progress).await?;
        drop(ledger);
        refuse_nobody(last.as_ref(), &made)?;
        let change = Change::between(&order, last.as_ref(), &made.inventory)?;
        let set = receipt::set_mac(&hub.keys, &made.outputs);
        let way = self.way(&change, &earlier, &set);
        let mut is_there = false;
        if let Some(last) = last.as_ref().filter(|_| change.is_none()) {
            let missed = last.missed(&order, &staging.differences(&made.outputs)?);
            is_there = missed.is_none();
            made.notes.extend(missed);
        }
        let mut receipts = Vec::new();
        let state = if let Way::Held(brake) = &way {
            pending::hold(hub, &order, &earlier, Held::new(brake, set)).await?;
            DeliveryState::Held
        } else if is_there {
            pending::clear(hub, &order).await?;
            DeliveryState::Unchanged
        } else {
            let set_no = pending::next_set_no(hub, &order).await?;
            let described = pending::describe(hub, &order, (set_no, earlier.attempts), &made);
            pending::store_lists(hub, &order, set_no, &made.inventory).await?;
            let mut tx = self.announce(&order, &way, &made.told).await?;
            let stored = pending::announce(hub, &mut tx, &order, described).await?;
            let mut lease = Lease::take(hub, &mut tx, &order, &stored.names()).await?;
            tx.commit().await?;
            let put = || staging.publish(&set, &order.form.files).map_err(DeliverError::from);
            // Who was stopped in between may come too late.
            receipts = match lease.check().await.and_then(|()| put()) {
                Ok(()) => receipt::keep(hub, &order, &stored, &lease).await?,
                Err(error) => return Err(lease.not_begun(error).await),
            };
            DeliveryState::Delivered
        };
        staging.end()?;
        let mut report = report::report(&order, &made, &change, state);
        report.receipts = receipts.into_iter().map(Receipt::from).collect();
        Ok(report)
    }

    /// The set of an earlier delivery that broke off goes first: until it is through, nobody knows
    /// what the target has.
    async fn send_to_server(
        &self,
        order: &Order,
        earlier: Earlier,
    ) -> Result<Delivery, DeliverError> {
        let Self { hub, tenant, key, progress, .. } = *self;
        let mut receipts = Vec::new();
        let mut notes = Vec::new();
        if let Left::Unfinished(stored) = &earlier.left {
            receipts = send::send(hub, order, stored).await?;
            let at = stored.set.made_at;
            notes.push(format!("the set of {at:.0}, which had broken off, was brought to its end"));
        }
        let mut ledger = hub.db.read().await?;
        let mut order = order::read(hub, &mut ledger, tenant, key).await?;
        let last = receipt::last(hub, &mut ledger, &order).await?;
        order.keep_files(last.as_ref());
        let sealing = pending::sealing(hub, &order).await?;
        let outputs = pending::outputs(&sealing, &order.form.files)?;
        let making = set::make(hub, &mut ledger, &order, outputs, progress);
        let mut made = Box::pin(making).await?;
        drop(ledger);
        refuse_nobody(last.as_ref(), &made)?;
        let change = Change::between(&order, last.as_ref(), &made.inventory)?;
        let set = receipt::set_mac(&hub.keys, &made.outputs);
        let way = self.way(&change, &earlier, &set);
        let is_broken = matches!(earlier.left, Left::Broken);
        let outdated = last.as_ref().and_then(|it| it.outdated(&order));
        let is_there = last.is_some() && change.is_none() && outdated.is_none() && !is_broken;
        let state = match (way.is_held(), is_there) {
            (true, _) => DeliveryState::Held,
            (false, true) if receipts.is_empty() => DeliveryState::Unchanged,
            (false, _) => DeliveryState::Delivered,
        };
        notes.extend(outdated);
        if is_broken {
            notes.push("of an earlier set only a part was sent, so all was sent anew".to_owned());
        }
        made.notes.extend(notes);
        let mut report = report::report(&order, &made, &change, state);
        if let Way::Held(brake) = &way {
            pending::hold(hub, &order, &earlier, Held::new(brake, set)).await?;
        } else if is_there {
            pending::clear(hub, &order).await?;
        } else {
            let numbers = (sealing.set_no, earlier.attempts);
            let described = pending::describe(hub, &order, numbers, &made);
            pending::store_lists(hub, &order, sealing.set_no, &made.inventory).await?;
            pending::store(hub, &order, sealing.set_no, made.outputs).await?;
            let mut tx = self.announce(&order, &way, &made.told).await?;
            let stored = pending::announce(hub, &mut tx, &order, described).await?;
            tx.commit().await?;
            let begun = Instant::now();
            receipts = send::send(hub, &order, &stored).await?;
            report.sent_ms = u64::try_from(begun.elapsed().as_millis()).ok();
        }
        report.receipts = receipts.into_iter().map(Receipt::from).collect();
        Ok(report)
    }

    /// Whether the set that `set` stands for may go: a release counts for the very set that was
    /// held, and for no other.
    fn way(&self, change: &Change, earlier: &Earlier, set: &str) -> Way {
        match (&change.brake, self.intent) {
            (None, _) => Way::Open,
            (Some(brake), Intent::Release(decision)) => {
                let (by, reason) = (decision.by().to_owned(), decision.reason().to_owned());
                let release = Release { by, reason };
                Way::Released(release, brake.clone())
            }
            (Some(brake), Intent::Deliver | Intent::Look) => match earlier.released(set) {
                Some(release) => Way::Released(release.clone(), brake.clone()),
                None => Way::Held(brake.clone()),
            },
        }
    }

    /// Writes down that the set leaves, before it does: what cannot be written down does not leave.
    /// The caller commits. Refuses if the agreement or the target reads otherwise by now, or has a
    /// newer set, or if the set may hold what must not be told any more.
    async fn announce(&self, order: &Order, way: &Way, told: &Told) -> Result<Tx, DeliverError> {
        let mut tx = self.hub.db.write().await?;
        let now = access::load(&mut tx, order.tenant).await?;
        let agreements = now.agreements.iter().cloned();
        let still_agreed = agreements
            .filter_map(|it| Agreement::parse(it, order.version).ok())
            .any(|it| it == order.agreement);
        if !still_agreed || !now.targets.contains(&order.target) {
            return Err(DeliverError::Reconfigured);
        }
        receipt::refuse_older(&mut tx, order).await?;
        if told.is_too_much(&mut tx, order).await? {
            return Err(DeliverError::Protected);
        }
        takeover::refuse_open::<DeliverError>(&mut tx, order.tenant, &order.target).await?;
        let (release, brake) = match way {
            Way::Released(release, brake) => (Some(release), Some(brake)),
            Way::Open | Way::Held(_) => (None, None),
        };
        let entry = audit::Entry {
            at: self.hub.clock.now(),
            who: release.map_or_else(|| "deliver".to_owned(), |it| it.by.clone()),
            action: "target.deliver".to_owned(),
            detail: json!({
                "target": order.target.key,
                "agreement": order.agreement.key(),
                "version": order.version.0,
                "as_of": order.today,
                "released": brake,
                "reason": release.map(|it| it.reason.as_str()),
            }),
        };
        audit::write(&mut tx, order.tenant, &entry).await?;
        Ok(tx)
    }
}

/// Refuses a first set without a person: a target that holds data would make everybody inactive. Who
/// is gone from a later one is what its brake counts.
fn refuse_nobody<W>(last: Option<&Last>, made: &Made<W>) -> Result<(), DeliverError> {
    match (last, made.rows.get(File::Bruger)) {
        (None, Some(0)) => Err(DeliverError::Nobody),
        (Some(_) | None, _) => Ok(()),
    }
}
