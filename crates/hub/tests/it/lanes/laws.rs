//! Whatever happens, the target comes to what it would be told at once, and nobody is lost.

use super::{Office, TARGET};
use jiff::SignedDuration;
use jiff::civil::date;
use kobling_formats::synthetic::Employer;
use kobling_hub::Hub;
use kobling_hub::clock::Clock;
use kobling_hub::exchange::decision::Decision;
use kobling_hub::exchange::lane::manage;
use kobling_testkit::receiver::Fault;
use proptest::prelude::*;
use std::sync::LazyLock;

static DECISION: LazyLock<Decision<'_>> =
    LazyLock::new(|| Decision::new("Signe Test", "the law", date(2026, 3, 5)).unwrap());

fn fault() -> impl Strategy<Value = Option<Fault>> {
    prop_oneof![
        6 => Just(None),
        1 => Just(Some(Fault::CutBefore)),
        1 => Just(Some(Fault::CutAfter)),
        1 => Just(Some(Fault::Status(500))),
        1 => Just(Some(Fault::Status(422))),
        1 => Just(Some(Fault::Throttled { seconds: 1 })),
    ]
}

/// Reads some days of an employer, delivering between them to a target that misbehaves; then the
/// target is well, somebody releases and retries everything, and the days go on.
async fn live(days: u16, faults: Vec<Option<Fault>>, seed: u64) {
    let office = Office::new().await;
    let employer = Employer::new(100, seed).unwrap();
    office.configure("", &format!("scope = [\"{}\"]", root(&employer))).await;
    let mut hub = office.world.hub.clone();
    office.receiver.script(faults);
    for day in 0..days {
        office.world.extract(&employer.extract(day)).await;
        hub = later(&hub);
        // The standing adds up after each delivery, whatever came of it: `deliver_by` looks.
        office.deliver_by(&hub).await.unwrap();
    }
    office.receiver.script(std::iter::empty());
    office.receiver.always(None);
    for _ in 0..20 {
        hub = later(&hub);
        office.release(&hub, &DECISION).await;
        drop(manage::retry(&hub, office.world.tenant, TARGET, (None, None), &DECISION).await);
        office.deliver_by(&hub).await.unwrap();
    }
    let standing = office.deliver_by(&hub).await.unwrap().standing;
    let received = office.receiver.received();
    let twin = office.twin(&hub).await;
    assert_eq!(received.has.len(), twin.len());
    assert_eq!(received.has, twin);
    assert_eq!((standing.due, standing.accepted), (count(&twin), count(&twin)));
}

fn later(hub: &Hub) -> Hub {
    let now = hub.clock.now() + SignedDuration::from_hours(30);
    Hub { clock: Clock::Fixed(now), ..hub.clone() }
}

fn count<K, V>(all: &std::collections::BTreeMap<K, V>) -> u64 {
    u64::try_from(all.len()).unwrap()
}

/// The number of the employer's root unit.
fn root(_employer: &Employer) -> String {
    "20001".to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn a_target_comes_to_what_it_would_be_told_at_once_and_the_counts_add_up(
        days in 1_u16..5,
        faults in prop::collection::vec(fault(), 0..60),
        seed in 0_u64..1_000,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(live(days, faults, seed));
    }
}
