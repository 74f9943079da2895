use super::LaneError;
use crate::Hub;
use jiff::{SignedDuration, Timestamp};
use kobling_store::engine::Tx;
use kobling_store::job::{self, Claimed};
use std::time::Duration;

/// So long a job is left to a process that gives no sign of life.
const LEASE: SignedDuration = SignedDuration::from_secs(20);
/// How often the sign of life is given.
const SIGN_EVERY: Duration = Duration::from_secs(5);

/// When a lease taken at `now` ends.
pub(crate) fn lease_until(now: Timestamp) -> Timestamp {
    now.checked_add(LEASE).unwrap_or(Timestamp::MAX)
}

/// Keeps a job ours while it is done, and lets nothing of it last once it is somebody else's.
pub(crate) struct Keeper<'a> {
    hub: &'a Hub,
    job: &'a Claimed,
    sign_every: Duration,
}

impl<'a> Keeper<'a> {
    pub(crate) fn new(hub: &'a Hub, job: &'a Claimed) -> Self {
        Self { hub, job, sign_every: SIGN_EVERY }
    }

    /// What comes of `work`, beside which the sign of life is given: however long it reads or waits
    /// for an answer, the job stays ours.
    ///
    /// # Errors
    ///
    /// [`LaneError::Lost`] if somebody else took the job over all the same: they go on with it.
    pub(crate) async fn beside<T, E: From<LaneError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        tokio::select! {
            biased;
            done = work => done,
            error = self.signs() => Err(error.into()),
        }
    }

    async fn signs(&self) -> LaneError {
        loop {
            if let Err(error) = self.sign().await {
                return error;
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the sign of life is given by the clock")]
    async fn sign(&self) -> Result<(), LaneError> {
        tokio::time::sleep(self.sign_every).await;
        self.commit(self.hub.db.write().await?).await
    }

    /// Makes lasting what the job did in `tx`, if it is ours to its end. A process that was stopped
    /// for longer than its lease learns here that another one has gone on from newer data.
    ///
    /// The job's row comes last in every transaction, as in those that ask for jobs, so that no two
    /// wait for each other.
    pub(super) async fn commit(&self, mut tx: Tx) -> Result<(), LaneError> {
        let until = lease_until(self.hub.clock.now());
        if !job::renew(&mut tx, self.job, until).await? {
            return Err(LaneError::Lost);
        }
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::keys::{self, DEMO_KEYS};
    use crate::clock::Clock;
    use crate::people::Kept;
    use crate::secrets::Secrets;
    use kobling_domain::id::TenantId;
    use kobling_testkit::database::Database;

    const EVERY: Duration = Duration::from_millis(1);

    fn hub(database: &Database) -> Hub {
        Hub {
            db: database.db.clone(),
            keys: keys::parse(DEMO_KEYS).unwrap(),
            clock: Clock::Fixed("2026-03-10T05:00:00Z".parse().unwrap()),
            secrets: Secrets::Environment,
            kept: Kept::default(),
        }
    }

    async fn claimed(hub: &Hub, now: Timestamp, until: Timestamp) -> Claimed {
        let mut tx = hub.db.write().await.unwrap();
        job::ask(&mut tx, TenantId(1), job::DELIVER, "identity", now).await.unwrap();
        let job = job::claim_next(&mut tx, &job::KINDS, now, until).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        job
    }

    async fn lease(hub: &Hub) -> Option<Timestamp> {
        let mut tx = hub.db.read().await.unwrap();
        job::list(&mut tx).await.unwrap()[0].lease_until
    }

    #[tokio::test]
    async fn a_job_stays_ours_however_long_its_work_takes() {
        for database in Database::each().await {
            let hub = hub(&database);
            let now = hub.clock.now();
            let soon = now + SignedDuration::from_secs(1);
            let job = claimed(&hub, now, soon).await;
            let keeper = Keeper { hub: &hub, job: &job, sign_every: EVERY };
            // Work that only reads: it ends when the lease has become longer.
            let work = async {
                while lease(&hub).await == Some(soon) {}
                Ok::<_, LaneError>(())
            };
            keeper.beside(work).await.unwrap();
            assert_eq!(lease(&hub).await, Some(lease_until(now)));
        }
    }

    #[tokio::test]
    async fn who_lost_a_job_is_stopped_and_nothing_it_did_lasts() {
        for database in Database::each().await {
            let hub = hub(&database);
            let now = hub.clock.now();
            let job = claimed(&hub, now, now).await;
            claimed(&hub, now, lease_until(now)).await;
            let keeper = Keeper { hub: &hub, job: &job, sign_every: EVERY };
            let stopped = keeper.beside(std::future::pending::<Result<(), LaneError>>()).await;
            assert!(matches!(stopped, Err(LaneError::Lost)));
            let mut tx = hub.db.write().await.unwrap();
            job::ask(&mut tx, TenantId(1), job::DELIVER, "other", now).await.unwrap();
            assert!(matches!(keeper.commit(tx).await, Err(LaneError::Lost)));
            let mut tx = hub.db.read().await.unwrap();
            assert_eq!(job::list(&mut tx).await.unwrap().len(), 1, "the other was not asked for");
        }
    }
}
