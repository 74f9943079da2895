//! Sending a stored set to a server, and knowing what of it the server has.
//!
//! Where files can be renamed, all are written under names nobody reads, then renamed in the
//! receiver's order; else each is written under its own name, in that order. A receipt is kept as
//! soon as a file stands under its name. Whoever sends on after a crash or a time-out first looks
//! what is there: a file that arrived, byte for byte, is not sent again.

use super::lease::Lease;
use super::output::Output;
use super::pending::{Stored, sealing_of};
use super::spool::Sealing;
use super::{DeliverError, Order, receipt};
use crate::Hub;
use crate::connectors::{self, Connection, Place, PlaceError};
use kobling_domain::agreement::{Became, Outcome};
use kobling_store::StoreError;
use kobling_store::exchange::file_receipt::{self, FileReceipt};
use kobling_store::exchange::pending::{self, PartKey, PendingFile, PendingSet, PendingState};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// What stands before the name of a file that is not whole yet.
const UNFINISHED: &str = ".kobling-";

/// Sends what the server lacks of `stored`; the receipts of all its files.
pub(super) async fn send(
    hub: &Hub,
    order: &Order,
    stored: &Stored,
) -> Result<Vec<FileReceipt>, DeliverError> {
    let mut tx = hub.db.write().await?;
    let lease = Lease::take(hub, &mut tx, order, &stored.names()).await?;
    tx.commit().await?;
    let sealing = sealing_of(hub, order, stored.set.set_no);
    let receipts = Vec::new();
    let mut sending =
        Sending { hub, order, stored, sealing, lease, receipts, under_way: Vec::new() };
    match Box::pin(sending.connected()).await {
        Ok(()) => Ok(sending.receipts),
        Err(error) => {
            sending.lease.over(&sending.outcomes()).await;
            Err(error)
        }
    }
}

struct Sending<'a> {
    hub: &'a Hub,
    order: &'a Order,
    stored: &'a Stored,
    sealing: Sealing,
    lease: Lease<'a>,
    receipts: Vec<FileReceipt>,
    /// Files that have begun, by place, and whether they may stand under their names.
    under_way: Vec<(i64, Stands)>,
}

/// Whether a file that was begun may stand under its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// It does not.
    No,
    /// It was about to.
    Perhaps,
}

/// What of a file the server has.
enum Found {
    /// All of it, and a receipt says so.
    Receipted,
    /// All of it, under its name.
    Arrived,
    /// All of it, under the name nobody reads.
    Staged,
    /// Not all.
    Nothing,
}

impl Sending<'_> {
    async fn connected(&mut self) -> Result<(), DeliverError> {
        let Self { hub, order, stored, .. } = *self;
        self.lease.renew().await?;
        let connecting = connectors::connect(&order.place, &hub.secrets);
        let mut there = self.lease.hold(Box::pin(connecting)).await?;
        let (tenant, target) = (order.tenant, &*order.target.key);
        let mut tx = hub.db.write().await?;
        pending::begin(&mut tx, tenant, target).await?;
        self.receipts = file_receipt::of_set(&mut tx, tenant, target, stored.set.set_no).await?;
        tx.commit().await?;
        self.all(&mut there).await?;
        let mut tx = hub.db.write().await?;
        super::pending::finish(hub, &mut tx, order, stored).await?;
        self.lease.end(&mut tx, &receipt::finished(&self.receipts)).await?;
        Ok(tx.commit().await?)
    }

    async fn all(&mut self, there: &mut Connection) -> Result<(), DeliverError> {
        let mut staged = Vec::new();
        for file in &self.stored.files {
            match self.find(there, file).await? {
                Found::Receipted => {}
                Found::Arrived => self.keep(file, "lay there already, every byte as sent").await?,
                Found::Staged => staged.push(file),
                Found::Nothing => {
                    self.lease.renew().await?;
                    let said = self.upload(there, file).await?;
                    if self.can_rename() {
                        staged.push(file);
                    } else {
                        self.keep(file, &format!("taken: {said}")).await?;
                    }
                }
            }
        }
        for file in staged {
            self.lease.check().await?;
            self.stands(file, Stands::Perhaps);
            let unfinished = unfinished(&self.stored.set, file);
            let said = self.lease.hold(there.rename(&unfinished, &file.file)).await?;
            self.keep(file, &format!("renamed into place: {said}")).await?;
        }
        self.sweep(there).await;
        Ok(())
    }

    /// Notes how far a file is.
    fn stands(&mut self, file: &PendingFile, stands: Stands) {
        self.under_way.retain(|it| it.0 != file.position);
        self.under_way.push((file.position, stands));
    }

    /// What became of each file that has begun.
    fn outcomes(&self) -> Vec<Outcome> {
        let mut all = receipt::finished(&self.receipts);
        for file in &self.stored.files {
            let has_receipt = self.receipts.iter().any(|it| it.position == file.position);
            let begun = self.under_way.iter().find(|it| it.0 == file.position);
            let Some((_, stands)) = begun.filter(|_| !has_receipt) else { continue };
            let (became, said) = match stands {
                Stands::No => (Became::Cut, "broken off before it stood under its name"),
                Stands::Perhaps => (Became::Unknown, "broken off while it was put in place"),
            };
            all.push(Outcome { name: file.file.clone(), became, said: said.to_owned() });
        }
        all
    }

    /// Removes what broken attempts left. Nobody reads it, so it is no failure if that fails.
    async fn sweep(&self, there: &mut Connection) {
        let left = there.list_all().await.unwrap_or_default();
        let mut left: BTreeSet<String> = left.into_iter().map(|it| it.name).collect();
        if self.stored.set.state != PendingState::Ready {
            // Not every server tells of them.
            left.extend(self.stored.files.iter().map(|it| unfinished(&self.stored.set, it)));
        }
        for name in left.iter().filter(|it| it.starts_with(UNFINISHED)) {
            drop(there.remove(name).await);
        }
    }

    fn can_rename(&self) -> bool {
        match &self.order.place {
            Place::Folder(_) | Place::Sftp(_) => true,
            Place::Ftps(text) => text.rename,
        }
    }

    /// Looks for what an earlier attempt sent; after none there is nothing to find.
    async fn find(
        &self,
        there: &mut Connection,
        file: &PendingFile,
    ) -> Result<Found, DeliverError> {
        if self.stored.set.state == PendingState::Ready {
            return Ok(Found::Nothing);
        }
        if self.receipts.iter().any(|it| it.position == file.position) {
            // A receiver that takes files away has taken this one.
            let lies = there.size(&file.file).await?;
            if lies.is_none_or(|it| it == file.bytes) {
                return Ok(Found::Receipted);
            }
        }
        if self.holds(there, &file.file, file).await? {
            return Ok(Found::Arrived);
        }
        if self.can_rename() {
            let unfinished = unfinished(&self.stored.set, file);
            if self.holds(there, &unfinished, file).await? {
                return Ok(Found::Staged);
            }
        }
        Ok(Found::Nothing)
    }

    /// Whether the content of `file` lies at the server under that name. What cannot be read back
    /// is taken as not there: sending it again does no harm.
    async fn holds(
        &self,
        there: &mut Connection,
        name: &str,
        file: &PendingFile,
    ) -> Result<bool, DeliverError> {
        if there.size(name).await? != Some(file.bytes) {
            return Ok(false);
        }
        let Ok(mut download) = there.open(name).await else { return Ok(false) };
        let mut read = Output::new(io::sink());
        loop {
            match download.next().await {
                Ok(Some(part)) => read.write_all(&part).map_err(DeliverError::Spool)?,
                Ok(None) => break,
                Err(_) => return Ok(false),
            }
        }
        let mac = self.hub.keys.input_mac(read.digest());
        Ok((read.bytes(), mac) == (file.bytes, file.mac))
    }

    /// Uploads a file; what is told of it there.
    async fn upload(
        &mut self,
        there: &mut Connection,
        file: &PendingFile,
    ) -> Result<String, DeliverError> {
        let name =
            if self.can_rename() { unfinished(&self.stored.set, file) } else { file.file.clone() };
        self.stands(file, Stands::No);
        let mut upload = self.lease.hold(there.create(&name)).await?;
        if let Err(error) = self.write(file, &mut upload).await {
            drop(upload);
            // Who closed wants nothing more said there, not even that half a file be removed.
            let is_over = matches!(
                error,
                DeliverError::Shut(_) | DeliverError::Place(PlaceError::TimedOut { .. })
            );
            if !is_over {
                // Half a file is worse than none. If this fails as well, the next attempt writes
                // over it.
                drop(there.remove(&name).await);
            }
            return Err(error);
        }
        if !self.can_rename() {
            self.stands(file, Stands::Perhaps);
        }
        // From here on it may have arrived, whatever is heard of it.
        self.lease.hold(upload.finish()).await?;
        match there.look(&name).await? {
            // Some receivers take a file away at once, and some servers tell no sizes.
            None => Ok("to its end; nothing is told of its size".to_owned()),
            Some(found) if found.bytes == file.bytes => Ok(found.said),
            Some(found) => Err(PlaceError::Size {
                at: self.order.place.to_string(),
                name,
                found: found.bytes,
                expected: file.bytes,
            }
            .into()),
        }
    }

    async fn write(
        &mut self,
        file: &PendingFile,
        upload: &mut connectors::Upload,
    ) -> Result<(), DeliverError> {
        let mut sent = 0_u64;
        for part in 0.. {
            let Some(plain) = self.part(file, part).await? else { break };
            self.lease.check().await?;
            self.lease.hold(upload.write(&plain)).await?;
            sent = sent.saturating_add(u64::try_from(plain.len()).unwrap_or(u64::MAX));
        }
        if sent == file.bytes {
            Ok(())
        } else {
            Err(StoreError::Missing { what: "part of the set that is on its way" }.into())
        }
    }

    /// A part of the stored file; none past the last.
    async fn part(
        &self,
        file: &PendingFile,
        part: i64,
    ) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, DeliverError> {
        let (tenant, target) = (self.order.tenant, &*self.order.target.key);
        let (set_no, position) = (self.stored.set.set_no, file.position);
        let mut tx = self.hub.db.read().await?;
        let key = PartKey { set_no, position, part };
        let Some(sealed) = pending::part(&mut tx, tenant, target, key).await? else {
            return Ok(None);
        };
        Ok(Some(self.hub.keys.open(&self.sealing.context(position, part), &sealed)?))
    }

    async fn keep(&mut self, file: &PendingFile, answer: &str) -> Result<(), DeliverError> {
        let receipt = receipt::of(self.hub, self.order, (&self.stored.set, file), answer);
        let mut tx = self.hub.db.write().await?;
        file_receipt::put(&mut tx, self.order.tenant, &self.order.target.key, receipt.clone())
            .await?;
        tx.commit().await?;
        self.receipts.retain(|it| it.position != file.position);
        self.receipts.push(receipt);
        self.receipts.sort_by_key(|it| it.position);
        Ok(())
    }
}

/// The name of a file that is not whole yet. Each set has its own: what a connection that broke
/// still writes at the server must never meet what a later set writes.
fn unfinished(set: &PendingSet, file: &PendingFile) -> String {
    format!("{UNFINISHED}{}-{}", set.set_no, file.file)
}
