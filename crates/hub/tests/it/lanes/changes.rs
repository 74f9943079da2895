//! What is told, and when.

use super::{FIRST, Office, SECOND, TARGET, WATCH, employer, people, titled};
use crate::world::{employee, stub, with};
use jiff::civil::date;
use jiff::tz::TimeZone;
use kobling_domain::id::SubjectNo;
use kobling_hub::agreement::{self, Closing};
use kobling_hub::exchange::decision::Decision;
use kobling_hub::jobs::{self, Worker};
use kobling_store::exchange::{lane, target};
use kobling_store::job;
use kobling_testkit::receiver::Receiver;

#[tokio::test]
async fn the_first_delivery_tells_of_units_from_the_top_and_then_of_people() {
    for office in Office::each().await {
        office.world.day(FIRST, &employer(&people(2))).await;
        let report = office.deliver().await;
        let (made, sent) = (report.made, report.sent);
        assert_eq!((made.create, sent.accepted, sent.rejected), (5, 5, 0));
        let effects = office.receiver.received().effects;
        let kinds: Vec<&str> = effects.iter().map(|it| it.kind.name()).collect();
        assert_eq!(kinds, ["unit", "unit", "unit", "person", "person"]);
        let anna = office.has(100).await.unwrap();
        assert!(anna.contains("\"person.name\":\"Åse Testesen 0\""), "{anna}");
        assert!(anna.contains("\"standing\":\"present\""), "{anna}");
        assert!(!anna.contains("national_number"), "the agreement does not name it: {anna}");
        assert_eq!(office.leftover_jobs(&office.world.hub).await, [""; 0]);
    }
}

#[tokio::test]
async fn what_has_not_changed_is_not_told_again_and_what_has_is_told_once() {
    for office in Office::each().await {
        let mut all = people(3);
        office.world.day(FIRST, &employer(&all)).await;
        office.deliver().await;
        assert_eq!(office.deliver().await.sent.accepted, 0);
        all[1] = titled(&all[1], "Skoleleder");
        office.world.day(SECOND, &employer(&all)).await;
        let report = office.deliver().await;
        assert_eq!((report.made.change, report.sent.accepted), (1, 1));
        let effects = office.receiver.received().effects;
        let last = effects.last().unwrap();
        assert_eq!(last.changed.as_deref(), Some(["employments".to_owned()].as_slice()));
        assert_eq!((last.seq, effects.len()), (2, 7));
        assert!(office.has(101).await.unwrap().contains("Skoleleder"));
    }
}

#[tokio::test]
async fn a_start_date_that_is_reached_is_told_though_nothing_arrived() {
    let office = Office::new().await;
    let coming = with(&employee(100, 1, 2), "entryDate", "2026-03-20");
    office.world.day(FIRST, &employer(&[coming])).await;
    office.deliver().await;
    assert!(office.has(100).await.unwrap().contains("\"standing\":\"coming\""));
    assert_eq!(office.deliver_on(date(2026, 3, 19)).await.made.change, 0);
    let hub = office.at(date(2026, 3, 20));
    assert_eq!(office.leftover_jobs(&hub).await.len(), 1, "the job asked for that day itself");
    assert_eq!(office.deliver_by(&hub).await.unwrap().made.change, 1);
    assert!(office.has(100).await.unwrap().contains("\"standing\":\"present\""));
}

#[tokio::test]
async fn who_leaves_is_inactivated_on_the_first_day_off() {
    let office = Office::new().await;
    let leaving = with(&employee(100, 1, 2), "leaveDate", "2026-03-15");
    office.world.day(FIRST, &employer(&[leaving, employee(101, 2, 2)])).await;
    office.deliver().await;
    assert_eq!(office.deliver_on(date(2026, 3, 15)).await.made.inactivate, 0);
    assert_eq!(office.deliver_on(date(2026, 3, 16)).await.made.inactivate, 1);
    assert_eq!(office.has(100).await, None);
    assert!(office.has(101).await.is_some());
}

#[tokio::test]
async fn an_agreement_that_ends_inactivates_everybody_by_itself() {
    let office = Office::new().await;
    office.world.day(FIRST, &employer(&people(2))).await;
    office.deliver().await;
    office.configure("", "scope = [\"1\"]\nuntil = \"2026-04-01\"").await;
    assert_eq!(office.deliver().await.made.inactivate, 0);
    let hub = office.at(date(2026, 4, 1));
    assert_eq!(office.leftover_jobs(&hub).await.len(), 1);
    let report = office.deliver_by(&hub).await.unwrap();
    assert_eq!((report.made.inactivate, report.sent.accepted), (5, 5));
    assert!(office.receiver.received().has.is_empty());
    let last = &office.told()[5..];
    assert_eq!(last.iter().filter(|it| it.contains("person")).count(), 2);
    assert!(last[0].contains("person"), "people go before their units: {last:?}");
}

#[tokio::test]
async fn an_agreement_that_is_closed_today_inactivates_everybody_at_once() {
    let office = Office::new().await;
    office.world.day(FIRST, &employer(&people(2))).await;
    office.deliver().await;
    let (hub, tenant) = (&office.world.hub, office.world.tenant);
    let today = hub.clock.civil(&TimeZone::UTC).date();
    let decision = Decision::new("Signe", "the contract has ended", today).unwrap();
    let closing = Closing { version: None, until: None };
    agreement::close(hub, tenant, TARGET, closing, &decision).await.unwrap();
    assert_eq!(office.leftover_jobs(hub).await.len(), 1, "closing asked for the delivery itself");
    let report = office.deliver().await;
    assert_eq!((report.made.inactivate, report.sent.accepted), (5, 5));
    assert!(office.receiver.received().has.is_empty());
}

#[tokio::test]
async fn an_agreement_that_narrows_inactivates_who_falls_out() {
    let office = Office::new().await;
    let all = [employee(100, 1, 2), employee(101, 2, 3)];
    office.world.day(FIRST, &employer(&all)).await;
    office.deliver().await;
    office.configure("", "scope = [\"2\"]").await;
    let report = office.deliver().await;
    // Unit 3 and who is in it; unit 1 stands above the scope and keeps its name.
    assert_eq!((report.made.inactivate, report.made.create), (2, 0));
    assert!(office.has(100).await.is_some());
    assert_eq!(office.has(101).await, None);
}

#[tokio::test]
async fn without_any_agreement_nothing_more_leaves() {
    let office = Office::new().await;
    office.world.day(FIRST, &employer(&people(1))).await;
    office.deliver().await;
    let text = "[[target]]\nkey = \"identity\"\nsystem = \"opus\"\nformat = \"messages\"\n\
                folder = \"unused\"\n";
    office.world.configure(&format!("mode = \"snapshot\"\n{text}")).await;
    let refused = office.deliver_by(&office.world.hub).await.unwrap_err().to_string();
    assert!(refused.contains("no agreement lets target \"identity\""), "{refused}");
    assert_eq!(office.receiver.received().has.len(), 4);
    office.work().await;
    assert_eq!(office.leftover_jobs(&office.world.hub).await, [""; 0]);
}

#[tokio::test]
async fn a_target_that_leaves_the_configuration_is_asked_for_no_more_and_nothing_of_it_is_kept() {
    for office in Office::each().await {
        office.world.day(FIRST, &employer(&people(1))).await;
        office.deliver().await;
        office.world.configure("mode = \"snapshot\"").await;
        office.world.day(SECOND, &employer(&[titled(&people(1)[0], "Skoleleder")])).await;
        let (hub, tenant) = (&office.world.hub, office.world.tenant);
        assert!(
            jobs::run_next(&Worker::new(hub, WATCH), &job::KINDS).await.unwrap().is_none(),
            "nothing is to be done"
        );
        let mut tx = hub.db.read().await.unwrap();
        let no = target::by_key(&mut tx, tenant, TARGET).await.unwrap().unwrap().no;
        let all: Vec<SubjectNo> = (1..20).map(SubjectNo).collect();
        assert_eq!(lane::accepted(&mut tx, tenant, no, &all).await.unwrap(), []);
        drop(tx);
        // It comes back, and nobody knows what it has: it is told of all that is, in order.
        office.configure("", "scope = [\"1\"]").await;
        let report = office.deliver().await;
        assert_eq!((report.made.change, report.sent.accepted), (4, 4));
        assert_eq!(office.told()[7], "change person 2");
        assert!(office.has(100).await.unwrap().contains("Skoleleder"));
    }
}

#[tokio::test]
async fn a_target_that_moves_is_told_of_everybody_there() {
    for mut office in Office::each().await {
        office.world.day(FIRST, &employer(&people(2))).await;
        office.deliver().await;
        let before = std::mem::replace(&mut office.receiver, Receiver::start());
        office.configure("", "scope = [\"1\"]").await;
        assert_eq!(office.deliver().await.sent.accepted, 5);
        assert_eq!(office.receiver.received().has, before.received().has);
        let settings = "patience = { rest_s = 30 }";
        office.configure(settings, "scope = [\"1\"]").await;
        assert_eq!(office.deliver().await.sent.accepted, 0, "it is where it was");
    }
}

#[tokio::test]
async fn agreements_that_overlap_stop_a_delivery_until_one_of_them_has_ended() {
    let office = Office::new().await;
    office.world.day(FIRST, &employer(&people(1))).await;
    let other = "until = \"2026-06-01\"\n[[agreement]]\nkey = \"next\"\nsource = \"opus\"\n\
                 target = \"identity\"\nfrom = \"2026-05-01\"\npurpose = \"accounts\"\n\
                 legal_basis = \"article 6\"\nfields = [\"person.name\"]\nscope = [\"1\"]\n";
    office.configure_with("", "scope = [\"1\"]", other).await;
    office.work().await;
    let may = office.at(date(2026, 5, 5));
    let ran = jobs::run_next(&Worker::new(&may, WATCH), &job::KINDS).await.unwrap().unwrap();
    let error = ran.error.unwrap();
    assert!(error.contains("identity, next"), "{error}");
    assert!(jobs::run_next(&Worker::new(&may, WATCH), &job::KINDS).await.unwrap().is_none());
    let mut tx = may.db.read().await.unwrap();
    let waiting = job::list(&mut tx).await.unwrap();
    assert_eq!(waiting.iter().filter(|it| it.error.is_some()).count(), 1, "it is still told");
    drop(tx);
    let june = office.at(date(2026, 6, 1));
    let ran = jobs::run_next(&Worker::new(&june, WATCH), &job::KINDS).await.unwrap().unwrap();
    assert!(ran.report.is_some(), "{ran:?}");
    assert!(!office.has(100).await.unwrap().contains("employment.position_title"));
}

#[tokio::test]
async fn a_unit_that_moves_out_of_scope_takes_its_people_along() {
    let office = Office::new().await;
    office.configure("", "scope = [\"2\"]").await;
    let records = |parent| {
        let mut records = employer(&[employee(100, 1, 4), employee(101, 2, 2)]);
        records.push(crate::world::unit(4, parent));
        records
    };
    office.world.day(FIRST, &records(2)).await;
    office.deliver().await;
    assert!(office.has(100).await.is_some());
    // The employment says what it said; only the unit above it stands elsewhere.
    office.world.day(SECOND, &records(3)).await;
    let report = office.deliver().await;
    assert_eq!(report.made.inactivate, 2);
    assert_eq!((office.has(100).await, office.has(101).await.is_some()), (None, true));
}

#[tokio::test]
async fn a_change_of_managers_is_told_of_whom_they_lead() {
    let office = Office::new().await;
    let leads =
        |record: &_, flag: &str| with(&with(record, "isManager", flag), "superiorLevel", "2");
    let (anna, bo, carl) = (employee(100, 1, 2), employee(101, 2, 2), employee(102, 3, 2));
    let (leading, other) = (leads(&anna, "true"), leads(&bo, "true"));
    let not = |record: &_| with(record, "isManager", "false");
    office.world.day(FIRST, &employer(&[leading, not(&bo), not(&carl)])).await;
    office.deliver().await;
    let (anna_id, bo_id) =
        (office.person(100).await.to_string(), office.person(101).await.to_string());
    let led_by = |id: &str| format!("\"manager\":\"{id}\"");
    assert!(office.has(102).await.unwrap().contains(&led_by(&anna_id)));
    office.world.day(SECOND, &employer(&[not(&anna), other, not(&carl)])).await;
    office.deliver().await;
    assert!(office.has(102).await.unwrap().contains(&led_by(&bo_id)), "Carl's record is the same");
    let hub = &office.world.hub;
    assert_eq!(office.receiver.received().has, office.twin(hub).await);
}

#[tokio::test]
async fn who_vanishes_from_a_whole_file_is_inactivated() {
    let office = Office::new().await;
    office.world.day(FIRST, &employer(&people(3))).await;
    office.deliver().await;
    let mut fewer = people(2);
    fewer.push(stub(102));
    office.world.day(SECOND, &employer(&fewer)).await;
    assert_eq!(office.deliver().await.made.inactivate, 1);
    assert_eq!(office.has(102).await, None);
}
