//! What is held, what is erased, and who may send.

use super::{FIRST, Office, SECOND, TARGET, THIRD, employer, people, titled};
use crate::world::{employee, with};
use jiff::civil::date;
use kobling_domain::exchange::lane::Action;
use kobling_formats::opus::Record;
use kobling_hub::exchange::decide::Decision;
use kobling_hub::exchange::lane::{LaneError, manage};
use kobling_store::access::audit;
use kobling_testkit::receiver::Fault;

const DECISION: Decision<'_> = Decision { by: "Signe Test", reason: "the school has closed" };
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
        assert_eq!((brake.action, brake.count, brake.limit), (Action::Inactivate, 4, 3));
        assert_eq!(office.receiver.received().has.len(), 13, "nothing of it was sent");
        assert_eq!(office.deliver().await.sent.accepted, 0, "and nothing is by the next delivery");

        let (hub, tenant) = (&office.world.hub, office.world.tenant);
        let listed = manage::list(hub, tenant, TARGET).await.unwrap();
        assert_eq!(listed.iter().filter(|it| it.state == "held").count(), 4);
        assert!(listed.iter().all(|it| it.name.is_some()), "a person must see whom it is about");
        let released = manage::release(hub, tenant, TARGET, &DECISION).await.unwrap();
        assert_eq!(released.messages, 4);
        assert_eq!(office.deliver().await.sent.accepted, 4);
        assert_eq!(office.receiver.received().has.len(), 9);
        let again = manage::release(hub, tenant, TARGET, &DECISION).await;
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

#[tokio::test]
async fn what_is_held_is_taken_back_when_the_source_is_put_right() {
    let office = Office::new().await;
    office.configure(BRAKES, "scope = [\"1\"]").await;
    office.world.day(FIRST, &employer(&people(10))).await;
    office.deliver().await;
    let left = |record: &Record| with(record, "leaveDate", "2026-03-01");
    let mut wrong = people(10);
    wrong.iter_mut().skip(1).for_each(|it| *it = left(it));
    office.world.day(SECOND, &employer(&wrong)).await;
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
