//! A delivery may die before any step.

use super::{FIRST, Office, SECOND, StopAt, TARGET, employer, people, titled};
use kobling_hub::Hub;
use kobling_hub::clock::Clock;
use kobling_hub::exchange::lane::LaneError;
use kobling_hub::exchange::progress::Silent;
use kobling_hub::jobs::{self, Worker};

/// Delivers, stopped before every step in turn: each step is done once by the delivery that dies
/// after it, and once more as far as it does not last. Tells how often it was stopped.
async fn stop_everywhere(office: &Office, hub: &Hub) -> u32 {
    for nth in 0.. {
        assert!(nth < 200, "it never comes to an end");
        let steps = StopAt::step(nth);
        let done = jobs::deliver(hub, office.world.tenant, TARGET, (&steps, &Silent)).await;
        if !steps.has_stopped() {
            done.unwrap();
            return nth;
        }
        assert!(matches!(done, Err(LaneError::Stopped(_))), "{done:?}");
    }
    0
}

#[tokio::test]
async fn stopped_before_every_step_a_delivery_has_each_effect_once() {
    for office in Office::each().await {
        let mut all = people(4);
        office.world.day(FIRST, &employer(&all)).await;
        let stopped = stop_everywhere(&office, &office.world.hub).await;
        assert!(stopped > 5, "stopped {stopped} times");
        all[1] = titled(&all[1], "Skoleleder");
        all.remove(0);
        office.world.day(SECOND, &employer(&all)).await;
        stop_everywhere(&office, &office.world.hub).await;
        let received = office.receiver.received();
        assert_eq!(received.faults, [""; 0]);
        // Seven creations, a change and an inactivation, whatever died on the way.
        assert_eq!(received.effects.len(), 9, "{:?}", office.told());
        assert_eq!(received.has, office.twin(&office.world.hub).await);
        assert_eq!(office.leftover_jobs(&office.world.hub).await, [""; 0]);
    }
}

#[tokio::test]
async fn a_job_that_died_is_taken_over_when_its_lease_has_run_out() {
    for office in Office::each().await {
        office.world.day(FIRST, &employer(&people(1))).await;
        let (hub, tenant) = (&office.world.hub, office.world.tenant);
        let mut tx = hub.db.write().await.unwrap();
        let now = hub.clock.now();
        let lease = now + jiff::SignedDuration::from_secs(20);
        kobling_store::job::claim_next(&mut tx, &kobling_store::job::KINDS, now, lease)
            .await
            .unwrap()
            .unwrap();
        tx.commit().await.unwrap();
        let refused = office.deliver_by(hub).await;
        assert!(matches!(refused, Err(LaneError::UnderWay { .. })), "{refused:?}");
        let later = Hub { clock: Clock::Fixed(lease), ..hub.clone() };
        while jobs::run_next(&Worker::new(&later, super::WATCH), &kobling_store::job::KINDS)
            .await
            .unwrap()
            .is_some()
        {}
        assert_eq!(office.receiver.received().has.len(), 4);
        assert_eq!(office.leftover_jobs(&later).await, [""; 0]);
        assert!(kobling_hub::exchange::lane::standing(hub, tenant, TARGET).await.is_ok());
    }
}
