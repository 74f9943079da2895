//! Two processes and one job: who lost it changes nothing any more.

use super::{Office, TARGET, employer, people, titled};
use jiff::SignedDuration;
use jiff::civil::date;
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::clock::Clock;
use kobling_hub::exchange::lane::steps::{Step, Steps, Stopped};
use kobling_hub::exchange::lane::{LaneError, Report, standing};
use kobling_hub::exchange::progress::Silent;
use kobling_hub::jobs;
use std::cell::{Cell, RefCell};
use std::sync::mpsc;
use std::thread::{JoinHandle, spawn};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Falls asleep once, before the nth step, as a machine does that is suspended.
struct SleepAt {
    nth: u32,
    passed: Cell<u32>,
    asleep: RefCell<Option<oneshot::Sender<()>>>,
    wake: mpsc::Receiver<()>,
}

impl Steps for SleepAt {
    fn before(&self, _step: Step) -> Result<(), Stopped> {
        let passed = self.passed.get();
        self.passed.set(passed + 1);
        if passed == self.nth
            && let Some(asleep) = self.asleep.take()
        {
            asleep.send(()).unwrap();
            self.wake.recv().unwrap();
        }
        Ok(())
    }
}

/// A delivery by another process, which sleeps before the nth step until it is woken.
struct Sleeper {
    asleep: oneshot::Receiver<()>,
    wake: mpsc::Sender<()>,
    delivers: JoinHandle<Result<Report, LaneError>>,
}

impl Sleeper {
    fn start(hub: &Hub, tenant: TenantId, nth: u32) -> Self {
        let (hub, runtime) = (hub.clone(), Handle::current());
        let (falls, asleep) = oneshot::channel();
        let (wake, woken) = mpsc::channel();
        let delivers = spawn(move || {
            let asleep = RefCell::new(Some(falls));
            let steps = SleepAt { nth, passed: Cell::new(0), asleep, wake: woken };
            runtime.block_on(jobs::deliver(&hub, tenant, TARGET, (&steps, &Silent)))
        });
        Self { asleep, wake, delivers }
    }
}

fn at(office: &Office, seconds: i64) -> Hub {
    let now = office.world.hub.clock.now() + SignedDuration::from_secs(seconds);
    Hub { clock: Clock::Fixed(now), ..office.world.hub.clone() }
}

/// Reads another title of everybody, the nth.
async fn retitle(office: &Office, nth: i8) {
    let all: Vec<_> = people(2).iter().map(|it| titled(it, &format!("Title {nth}"))).collect();
    office.world.day(date(2026, 2, nth), &employer(&all)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_slept_past_its_lease_writes_nothing_over_a_newer_one() {
    for office in Office::each().await {
        let tenant = office.world.tenant;
        for nth in 0..14 {
            let day = i8::try_from(2 * nth + 1).unwrap();
            retitle(&office, day).await;
            let first = at(&office, 100 * i64::from(nth));
            let sleeper = Sleeper::start(&first, tenant, nth);
            if sleeper.asleep.await.is_err() {
                // It did all its steps, more than a change takes.
                sleeper.delivers.join().unwrap().unwrap();
                assert!(nth > 5, "it has {nth} steps");
                break;
            }
            retitle(&office, day + 1).await;
            let second = at(&office, 100 * i64::from(nth) + 21);
            let report = office.deliver_by(&second).await.unwrap();
            assert_eq!(report.standing.accepted, 5, "before step {nth}: {report:?}");
            sleeper.wake.send(()).unwrap();
            let woken = sleeper.delivers.join().unwrap();
            assert!(matches!(woken, Err(LaneError::Lost)), "before step {nth}: {woken:?}");
            let after = standing(&second, tenant, TARGET).await.unwrap();
            assert_eq!(after.version, report.standing.version, "before step {nth}");
            let title = format!("Title {}", day + 1);
            assert!(office.has(100).await.unwrap().contains(&title), "before step {nth}");
            assert_eq!(office.leftover_jobs(&second).await, [""; 0]);
        }
        let received = office.receiver.received();
        assert_eq!(received.faults, [""; 0]);
        assert_eq!(received.has, office.twin(&office.world.hub).await);
    }
}
