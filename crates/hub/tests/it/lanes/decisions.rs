//! What is held, what is erased, and who may send.

use super::{FIRST, Office, SECOND, TARGET, THIRD, WATCH, employer, people, titled};
use crate::world::{employee, with};
use jiff::SignedDuration;
use jiff::civil::date;
use kobling_domain::exchange::lane::Action;
use kobling_formats::opus::Record;
use kobling_hub::Hub;
use kobling_hub::clock::Clock;
use kobling_hub::exchange::decision::Decision;
use kobling_hub::exchange::lane::{LaneError, manage};
use kobling_hub::jobs;
use kobling_store::access::audit;
use kobling_store::job;
use kobling_testkit::receiver::Fault;
use std::sync::LazyLock;

static DECISION: LazyLock<Decision<'_>> = LazyLock::new(|| {
    Decision::new("Signe Test", "the school has closed", date(2026, 3, 5)).unwrap()
});
/// Three inactivations pass, and any change.
const BRAKES: &str = "brakes = { inactivate = { count = 3, per_mille = 10 }, change = \"any\" }";

#[tokio::test]
async fn too_many_inactivations_are_held_whole_and_everything_else_is_sent() {
    for office in Office::each().await {
        office.configure(BRAKES, "scope = [\"1\"]").await;
        office.world.day(FIRST, &employer(&people(10))).await;
        office.deliver().await;
        let mut fewer = people(10);
        for record in fewer.iter_mut().take(4) {
            *record = with(record, "leaveDate", "2026-03-01");
        }
        fewer[9] = titled(&fewer[9], "Skoleleder");
        office.world.day(SECOND, &employer(&fewer)).await;
        let report = office.deliver().await;
        assert_eq!((report.sent.accepted, report.standing.held), (1, 4));
        let [brake] = report.standing.brakes.as_slice() else { panic!("{report:?}") };
        let it = &brake.tripped;
        assert_eq!((it.action, it.count, it.limit), (Action::Inactivate, 4, 3));
        assert_eq!(office.receiver.received().has.len(), 13, "nothing of it was sent");
        assert_eq!(office.deliver().await.sent.accepted, 0, "and nothing is by the next delivery");

        let (hub, tenant) = (&office.world.hub, office.world.tenant);
        let listed = manage::list(hub, tenant, TARGET).await.unwrap();
        assert_eq!(listed.iter().filter(|it| it.state == "held").count(), 4);
        assert!(listed.iter().all(|it| it.name.is_some()), "a person must see whom it is about");
        assert!(listed.iter().all(|it| it.hash.as_ref() == Some(&brake.hash)));
        assert_eq!(office.release(hub, &DECISION).await, 4);
        assert_eq!(office.deliver().await.sent.accepted, 4);
        assert_eq!(office.receiver.received().has.len(), 9);
        let again = manage::release(hub, tenant, TARGET, &brake.hash, &DECISION).await;
        assert!(matches!(again, Err(LaneError::NothingHeld { .. })));
        let mut tx = hub.db.read().await.unwrap();
        let written = audit::last(&mut tx, tenant, 20).await.unwrap();
        let entry = written.iter().find(|it| it.action == "delivery.release").unwrap();
        assert_eq!(entry.who, "Signe Test");
        assert_eq!(entry.detail["reason"], "the school has closed");
    }
}

#[tokio::test]
async fn what_has_passed_the_brakes_lets_no_newer_content_pass() {
    let office = Office::new().await;
    let brakes = "brakes = { change = { count = 3, per_mille = 10 } }";
    office.configure(brakes, "scope = [\"1\"]").await;
    let mut all = people(10);
    office.world.day(FIRST, &employer(&all)).await;
    office.deliver().await;
    // Three changes pass. One of them is told to wait, the other two do not leave.
    office.receiver.always(Some(Fault::Throttled { seconds: 600 }));
    all.iter_mut().take(3).for_each(|it| *it = titled(it, "Skoleleder"));
    office.world.day(SECOND, &employer(&all)).await;
    assert_eq!(office.deliver().await.standing.pending, 3);
    // Now all three read otherwise, and so do two more: beside the one that left there are four that
    // nobody has let pass.
    all.iter_mut().take(5).for_each(|it| *it = titled(it, "Rengøring"));
    office.world.day(THIRD, &employer(&all)).await;
    let report = office.deliver().await;
    assert_eq!((report.standing.held, report.standing.pending), (4, 1), "{report:?}");
}

/// Ten people have been told of; so many of them have left by the second day.
async fn leaving(office: &Office, count: usize) {
    office.configure(BRAKES, "scope = [\"1\"]").await;
    office.world.day(FIRST, &employer(&people(10))).await;
    office.deliver().await;
    office.world.day(SECOND, &employer(&left(count))).await;
}

fn left(count: usize) -> Vec<Record> {
    let mut all = people(10);
    all.iter_mut().take(count).for_each(|it| *it = with(it, "leaveDate", "2026-03-01"));
    all
}

#[tokio::test]
async fn what_came_after_somebody_looked_is_not_released_with_what_they_saw() {
    for office in Office::each().await {
        leaving(&office, 4).await;
        let seen = office.deliver().await.standing.brakes.remove(0).hash;
        office.world.day(THIRD, &employer(&left(5))).await;
        assert_eq!(office.deliver().await.standing.held, 5);
        let (hub, tenant) = (&office.world.hub, office.world.tenant);
        let refused = manage::release(hub, tenant, TARGET, &seen, &DECISION).await;
        assert!(matches!(refused, Err(LaneError::HeldOtherwise { .. })), "{refused:?}");
        assert_eq!(office.deliver().await.sent.accepted, 0, "nothing of it passed");
        assert_eq!(office.release(hub, &DECISION).await, 5);
        assert_eq!(office.deliver().await.sent.accepted, 5);
    }
}

#[tokio::test]
async fn nothing_is_released_while_a_delivery_has_yet_to_judge_what_it_makes() {
    for office in Office::each().await {
        leaving(&office, 4).await;
        let hash = office.deliver().await.standing.brakes.remove(0).hash;
        let (hub, tenant) = (&office.world.hub, office.world.tenant);
        let now = hub.clock.now();
        let mut tx = hub.db.write().await.unwrap();
        job::ask(&mut tx, tenant, job::DELIVER, TARGET, now).await.unwrap();
        let until = now + SignedDuration::from_secs(20);
        let wanted = (job::DELIVER, TARGET);
        job::claim(&mut tx, tenant, wanted, now, until).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let refused = manage::release(hub, tenant, TARGET, &hash, &DECISION).await;
        assert!(matches!(refused, Err(LaneError::UnderWay { .. })), "{refused:?}");
        let later = Hub { clock: Clock::Fixed(until), ..hub.clone() };
        manage::release(&later, tenant, TARGET, &hash, &DECISION).await.unwrap();
    }
}

#[tokio::test]
async fn who_decides_beforehand_sends_what_the_brakes_hold_of_that_delivery() {
    for office in Office::each().await {
        leaving(&office, 4).await;
        let (hub, tenant) = (&office.world.hub, office.world.tenant);
        let report = jobs::deliver_all(hub, tenant, TARGET, &DECISION, WATCH).await.unwrap();
        assert_eq!((report.made.inactivate, report.sent.accepted), (4, 4));
        assert_eq!(report.standing.held, 0);
        let again = jobs::deliver_all(hub, tenant, TARGET, &DECISION, WATCH).await.unwrap();
        assert_eq!(again.sent.accepted, 0, "nothing is held, and that is no failure");
    }
}

#[tokio::test]
async fn what_a_brake_holds_and_a_person_gave_up_leaves_by_no_other_way() {
    for office in Office::each().await {
        leaving(&office, 4).await;
        assert_eq!(office.deliver().await.standing.held, 4);
        let (hub, tenant) = (&office.world.hub, office.world.tenant);
        let listed = manage::list(hub, tenant, TARGET).await.unwrap();
        for it in &listed {
            manage::give_up(hub, tenant, TARGET, (it.subject, None), &DECISION).await.unwrap();
        }
        let all = manage::retry(hub, tenant, TARGET, (None, None), &DECISION).await.unwrap();
        assert_eq!(all.messages, 0, "what a person gave up is not sent again with the others");
        assert_eq!(office.deliver().await.standing.rejected, 4);
        for it in &listed {
            let of = Some(it.subject);
            manage::retry(hub, tenant, TARGET, (of, None), &DECISION).await.unwrap();
        }
        let report = office.deliver().await;
        assert_eq!((report.sent.accepted, report.standing.held), (0, 4), "{report:?}");
    }
}

#[tokio::test]
async fn what_is_held_is_taken_back_when_the_source_is_put_right() {
    let office = Office::new().await;
    office.configure(BRAKES, "scope = [\"1\"]").await;
    office.world.day(FIRST, &employer(&people(10))).await;
    office.deliver().await;
    office.world.day(SECOND, &employer(&left(9))).await;
    assert_eq!(office.deliver().await.standing.held, 9);
    office.world.day(THIRD, &employer(&people(10))).await;
    let report = office.deliver().await;
    assert_eq!((report.standing.held, report.standing.accepted), (0, 13));
    assert_eq!(office.told().len(), 13, "the target never heard of it");
}

#[tokio::test]
async fn an_address_that_becomes_protected_is_erased_from_lanes_and_messages() {
    for office in Office::each().await {
        let anna = with(&employee(100, 1, 2), "address", "Hemmelig Sti 7");
        let bo = with(&employee(101, 2, 2), "address", "Hemmelig Sti 7");
        office.world.day(FIRST, &employer(&[anna.clone(), bo.clone()])).await;
        // Anna's message is accepted, Bo's leaves and is never answered.
        office.receiver.script([None, None, None, None, Some(Fault::CutBefore)]);
        office.deliver().await;
        assert!(office.has(100).await.unwrap().contains("Hemmelig Sti 7"));
        let protected = |record: &Record| {
            let mut record = record.clone();
            record.set_attribute("address", "protected", "true");
            record
        };
        let report = office.world.day(SECOND, &employer(&[protected(&anna), protected(&bo)])).await;
        assert_eq!(report.applied, 2);
        let report = office.deliver().await;
        assert_eq!((report.sent.accepted, report.standing.accepted), (2, 5));
        for number in [100, 101] {
            let has = office.has(number).await.unwrap();
            assert!(!has.contains("Hemmelig"), "{has}");
        }
        let times = office.receiver.received().times;
        let bo = office.person(101).await;
        assert_eq!(times.get(&format!("identity-{bo}-000001")), None, "it is not sent again");
    }
}

#[tokio::test]
async fn what_waits_under_an_agreement_that_changed_is_made_anew() {
    let office = Office::new().await;
    office.world.day(FIRST, &employer(&people(1))).await;
    office.receiver.always(Some(Fault::CutBefore));
    office.deliver().await;
    office.receiver.always(None);
    // Persons' names may no longer leave; the messages that hold them have left and got no answer.
    office.configure("", "scope = [\"1\"]\nexcept = [\"2\"]").await;
    office.deliver().await;
    let hub = office.at(date(2026, 3, 11));
    office.deliver_by(&hub).await.unwrap();
    let received = office.receiver.received();
    let said = format!("{:?}", received.effects);
    assert!(!said.contains("Testesen"), "{said}");
    assert_eq!(received.has.len(), 2);
}
