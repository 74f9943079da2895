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
    let mut lease = Lease::new(hub, order);
    lease.renew().await?;
    let there = connectors::connect(&order.place, &hub.secrets).await?;
    let (tenant, target) = (order.tenant, &*order.target.key);
    let mut tx = hub.db.write().await?;
    pending::begin(&mut tx, tenant, target).await?;
    let receipts = file_receipt::of_set(&mut tx, tenant, target, stored.set.set_no).await?;
    tx.commit().await?;
    let sealing = sealing_of(hub, order, stored.set.set_no);
    let mut sending = Sending { hub, order, stored, sealing, lease, there, receipts };
    sending.all().await?;
    let mut tx = hub.db.write().await?;
    super::pending::finish(hub, &mut tx, order, stored).await?;
    tx.commit().await?;
    Ok(sending.receipts)
}

struct Sending<'a> {
    hub: &'a Hub,
    order: &'a Order,
    stored: &'a Stored,
    sealing: Sealing,
    lease: Lease<'a>,
    there: Connection,
    receipts: Vec<FileReceipt>,
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
    async fn all(&mut self) -> Result<(), DeliverError> {
        let mut staged = Vec::new();
        for file in &self.stored.files {
            match self.find(file).await? {
                Found::Receipted => {}
                Found::Arrived => self.keep(file, "lay there already, every byte as sent").await?,
                Found::Staged => staged.push(file),
                Found::Nothing => {
                    self.lease.renew().await?;
                    let said = self.upload(file).await?;
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
            let said = self.there.rename(&unfinished(&self.stored.set, file), &file.file).await?;
            self.keep(file, &format!("renamed into place: {said}")).await?;
        }
        self.sweep().await;
        Ok(())
    }

    /// Removes what broken attempts left. Nobody reads it, so it is no failure if that fails.
    async fn sweep(&mut self) {
        let left = self.there.list_all().await.unwrap_or_default();
        let mut left: BTreeSet<String> = left.into_iter().map(|it| it.name).collect();
        if self.stored.set.state != PendingState::Ready {
            // Not every server tells of them.
            left.extend(self.stored.files.iter().map(|it| unfinished(&self.stored.set, it)));
        }
        for name in left.iter().filter(|it| it.starts_with(UNFINISHED)) {
            drop(self.there.remove(name).await);
        }
    }

    fn can_rename(&self) -> bool {
        match &self.order.place {
            Place::Folder(_) | Place::Sftp(_) => true,
            Place::Ftps(text) => text.rename,
        }
    }

    /// Looks for what an earlier attempt sent; after none there is nothing to find.
    async fn find(&mut self, file: &PendingFile) -> Result<Found, DeliverError> {
        if self.stored.set.state == PendingState::Ready {
            return Ok(Found::Nothing);
        }
        if self.receipts.iter().any(|it| it.position == file.position) {
            // A receiver that takes files away has taken this one.
            let lies = self.there.size(&file.file).await?;
            if lies.is_none_or(|it| it == file.bytes) {
                return Ok(Found::Receipted);
            }
        }
        if self.holds(&file.file, file).await? {
            return Ok(Found::Arrived);
        }
        if self.can_rename() && self.holds(&unfinished(&self.stored.set, file), file).await? {
            return Ok(Found::Staged);
        }
        Ok(Found::Nothing)
    }

    /// Whether the content of `file` lies at the server under that name. What cannot be read back
    /// is taken as not there: sending it again does no harm.
    async fn holds(&mut self, name: &str, file: &PendingFile) -> Result<bool, DeliverError> {
        if self.there.size(name).await? != Some(file.bytes) {
            return Ok(false);
        }
        let Ok(mut download) = self.there.open(name).await else { return Ok(false) };
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
    async fn upload(&mut self, file: &PendingFile) -> Result<String, DeliverError> {
        let name =
            if self.can_rename() { unfinished(&self.stored.set, file) } else { file.file.clone() };
        let mut upload = self.there.create(&name).await?;
        if let Err(error) = self.write(file, &mut upload).await {
            drop(upload);
            if !matches!(error, DeliverError::Place(PlaceError::TimedOut { .. })) {
                // Half a file is worse than none. If this fails as well, the next attempt writes
                // over it.
                drop(self.there.remove(&name).await);
            }
            return Err(error);
        }
        // From here on it may have arrived, whatever is heard of it.
        upload.finish().await?;
        match self.there.look(&name).await? {
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
            upload.write(&plain).await?;
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
