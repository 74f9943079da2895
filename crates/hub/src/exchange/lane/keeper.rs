use super::LaneError;
use crate::Hub;
use jiff::{SignedDuration, Timestamp};
use kobling_store::job::{self, Claimed};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// So long a job is left to a process that gives no sign of life.
const LEASE: SignedDuration = SignedDuration::from_secs(20);
/// The sign of life is given when so much of it is gone.
const RENEW_AFTER: Duration = Duration::from_secs(5);

/// When a lease taken at `now` ends.
pub(crate) fn lease_until(now: Timestamp) -> Timestamp {
    now.checked_add(LEASE).unwrap_or(Timestamp::MAX)
}

/// Keeps a job ours while it is done.
pub(crate) struct Keeper<'a> {
    hub: &'a Hub,
    job: &'a Claimed,
    renewed_at: Cell<Instant>,
}

impl<'a> Keeper<'a> {
    pub(crate) fn new(hub: &'a Hub, job: &'a Claimed) -> Self {
        Self { hub, job, renewed_at: Cell::new(Instant::now()) }
    }

    /// Gives the sign of life, if it is time.
    ///
    /// # Errors
    ///
    /// [`LaneError::Lost`] if somebody else took the job over meanwhile: they go on with it.
    pub(super) async fn renew(&self) -> Result<(), LaneError> {
        if self.renewed_at.get().elapsed() < RENEW_AFTER {
            return Ok(());
        }
        let mut tx = self.hub.db.write().await?;
        let is_ours = job::renew(&mut tx, self.job, lease_until(self.hub.clock.now())).await?;
        tx.commit().await?;
        self.renewed_at.set(Instant::now());
        if is_ours { Ok(()) } else { Err(LaneError::Lost) }
    }
}
