//! What happens on the way.

use super::{FIRST, Office, SECOND, THIRD, employer, people, titled};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use kobling_hub::Hub;
use kobling_hub::clock::Clock;
use kobling_hub::exchange::decision::Decision;
use kobling_hub::exchange::lane::manage;
use kobling_testkit::receiver::Fault;
use std::sync::LazyLock;

static DECISION: LazyLock<Decision<'_>> =
    LazyLock::new(|| Decision::new("Signe Test", "looked at", date(2026, 3, 5)).unwrap());

/// The hub so many seconds later.
fn later(hub: &Hub, seconds: i64) -> Hub {
    let now: Timestamp = hub.clock.now() + SignedDuration::from_secs(seconds);
    Hub { clock: Clock::Fixed(now), ..hub.clone() }
}

#[tokio::test]
async fn what_was_cut_off_is_sent_again_byte_for_byte_and_has_its_effect_once() {
    for office in Office::each().await {
        office.world.day(FIRST, &employer(&people(1))).await;
        office.receiver.script([Some(Fault::CutAfter), Some(Fault::CutBefore)]);
        let report = office.deliver().await;
        assert_eq!((report.sent.accepted, report.sent.postponed), (2, 2));
        assert_eq!(report.standing.pending, 2);
        let again = office.deliver_by(&later(&office.world.hub, 6)).await.unwrap();
        assert_eq!((again.sent.accepted, again.standing.accepted), (2, 4));
        let received = office.receiver.received();
        assert_eq!((received.effects.len(), received.has.len()), (4, 4));
        let mut times: Vec<u32> = received.times.into_values().collect();
        times.sort_unstable();
        assert_eq!(times, [1, 1, 1, 2]);
    }
}

#[tokio::test]
async fn a_correction_waits_for_the_answer_to_what_was_sent_and_then_follows() {
    let office = Office::new().await;
    let mut all = people(1);
    office.world.day(FIRST, &employer(&all)).await;
    office.receiver.script([None, None, None, Some(Fault::CutAfter)]);
    office.deliver().await;
    all[0] = titled(&all[0], "Skoleleder");
    office.world.day(SECOND, &employer(&all)).await;
    let report = office.deliver().await;
    assert_eq!((report.made.change, report.standing.pending), (0, 1), "the first has no answer");
    let report = office.deliver_by(&later(&office.world.hub, 6)).await.unwrap();
    assert_eq!((report.sent.accepted, report.made.change), (2, 1));
    assert!(office.has(100).await.unwrap().contains("Skoleleder"));
    assert_eq!(office.told()[3..], ["create person 1", "change person 2"]);
}

/// Who speaks for a field is no term of the agreement: what left under it may be sent again.
#[tokio::test]
async fn what_left_is_sent_until_it_is_answered_though_another_source_speaks_by_now() {
    let office = Office::new().await;
    let mut all = people(1);
    office.world.day(FIRST, &employer(&all)).await;
    office.deliver().await;
    all[0] = titled(&all[0], "Skoleleder");
    office.world.day(SECOND, &employer(&all)).await;
    office.receiver.script([Some(Fault::CutBefore)]);
    assert_eq!(office.deliver().await.sent.postponed, 1);
    all[0] = titled(&all[0], "Rengøring");
    office.world.day(THIRD, &employer(&all)).await;
    let authority = "[[authority]]\nfield = \"person.email\"\nsources = [\"opus\"]\n";
    office.configure_with("", "scope = [\"1\"]", authority).await;
    office.deliver().await;
    office.deliver_by(&later(&office.world.hub, 6)).await.unwrap();
    let effects = office.told();
    assert_eq!(effects[4..], ["change person 2", "change person 3"], "{effects:?}");
    assert!(office.has(100).await.unwrap().contains("Rengøring"));
}

#[tokio::test]
async fn what_never_left_is_taken_back_and_what_left_is_not() {
    let office = Office::new().await;
    let all = people(2);
    office.world.day(FIRST, &employer(&all)).await;
    office.deliver().await;
    office.receiver.always(Some(Fault::Throttled { seconds: 600 }));
    let other: Vec<_> = all.iter().map(|it| titled(it, "Skoleleder")).collect();
    office.world.day(SECOND, &employer(&other)).await;
    // The first is tried and told to wait; then the target is left alone.
    assert_eq!(office.deliver().await.standing.pending, 2);
    office.world.day(THIRD, &employer(&all)).await;
    assert_eq!(office.deliver().await.standing.pending, 1);
    office.receiver.always(None);
    let report = office.deliver_by(&later(&office.world.hub, 601)).await.unwrap();
    assert_eq!(report.standing.accepted, 5);
    assert_eq!(office.told()[5..], ["change person 2", "change person 3"]);
    assert!(office.has(100).await.unwrap().contains("Lærer"));
}

#[tokio::test]
async fn a_target_that_asks_for_rest_is_left_alone_as_long_as_it_says() {
    let office = Office::new().await;
    office.world.day(FIRST, &employer(&people(1))).await;
    office.receiver.script([Some(Fault::Throttled { seconds: 120 })]);
    let report = office.deliver().await;
    assert_eq!((report.sent.postponed, report.sent.accepted), (1, 0));
    assert_eq!(report.standing.gap_ms, 50);
    let early = office.deliver_by(&later(&office.world.hub, 119)).await.unwrap();
    assert_eq!(early.sent.accepted + early.sent.postponed, 0);
    let after = office.deliver_by(&later(&office.world.hub, 120)).await.unwrap();
    assert_eq!((after.sent.accepted, after.standing.gap_ms), (4, 0));
}

#[tokio::test]
async fn a_target_that_does_not_answer_is_left_alone_and_tried_with_one_message() {
    let office = Office::new().await;
    office.world.day(FIRST, &employer(&people(8))).await;
    office.receiver.always(Some(Fault::CutBefore));
    let report = office.deliver().await;
    assert_eq!((report.sent.postponed, report.standing.pending), (5, 11));
    assert!(report.standing.rests_until.is_some());
    let probe = office.deliver_by(&later(&office.world.hub, 61)).await.unwrap();
    assert_eq!(probe.sent.postponed, 1, "one message tries whether it is back");
    office.receiver.always(None);
    let back = office.deliver_by(&later(&office.world.hub, 3_600)).await.unwrap();
    assert_eq!(back.standing.accepted, 11);
}

#[tokio::test]
async fn a_rejected_message_is_a_dead_letter_with_reason_and_owner_until_somebody_retries() {
    for office in Office::each().await {
        office.world.day(FIRST, &employer(&people(1))).await;
        office.receiver.script([None, None, None, Some(Fault::Status(422))]);
        let report = office.deliver().await;
        assert_eq!((report.sent.rejected, report.standing.rejected), (1, 1));
        let (hub, tenant) = (&office.world.hub, office.world.tenant);
        let listed = manage::list(hub, tenant, super::TARGET).await.unwrap();
        let [dead] = listed.as_slice() else { panic!("{listed:?}") };
        assert_eq!((dead.state, dead.reason.as_deref()), ("rejected", Some("HTTP 422")));
        assert_eq!(dead.owner.as_deref(), Some("payroll"));
        assert_eq!(dead.name.as_deref(), Some("Åse Testesen 0"));
        assert_eq!(office.deliver().await.sent.accepted, 0, "nobody sends it by itself");

        manage::retry(hub, tenant, super::TARGET, (Some(dead.subject), None), &DECISION)
            .await
            .unwrap();
        assert_eq!(office.leftover_jobs(hub).await.len(), 1, "deciding asks for the work");
        assert_eq!(office.deliver().await.sent.accepted, 1);
        let key = format!("identity-{}-000001", dead.subject);
        assert_eq!(office.receiver.received().times.get(&key), Some(&1));
    }
}

#[tokio::test]
async fn a_correction_takes_the_place_of_a_dead_letter() {
    let office = Office::new().await;
    let mut all = people(1);
    office.world.day(FIRST, &employer(&all)).await;
    office.receiver.script([None, None, None, Some(Fault::Status(400))]);
    office.deliver().await;
    all[0] = titled(&all[0], "Skoleleder");
    office.world.day(SECOND, &employer(&all)).await;
    let report = office.deliver().await;
    assert_eq!((report.standing.rejected, report.standing.accepted), (0, 4));
    assert_eq!(office.told().last().unwrap(), "create person 2");
}

#[tokio::test]
async fn a_message_that_is_given_up_is_sent_no_more_until_something_else_is_to_be_told() {
    let office = Office::new().await;
    let mut all = people(1);
    office.world.day(FIRST, &employer(&all)).await;
    office.receiver.script([None, None, None, Some(Fault::CutAfter)]);
    office.deliver().await;
    let (hub, tenant) = (&office.world.hub, office.world.tenant);
    let person = office.person(100).await;
    manage::give_up(hub, tenant, super::TARGET, (person, None), &DECISION).await.unwrap();
    let report = office.deliver_by(&later(hub, 60)).await.unwrap();
    assert_eq!((report.sent.accepted, report.standing.rejected), (0, 1));
    all[0] = titled(&all[0], "Skoleleder");
    office.world.day(SECOND, &employer(&all)).await;
    office.deliver_by(&later(hub, 60)).await.unwrap();
    // It had arrived after all, which nobody knew: what follows says what there is.
    assert_eq!(office.told()[3..], ["create person 1", "change person 2"]);
}

#[tokio::test]
async fn after_too_many_attempts_a_message_is_given_up() {
    let office = Office::new().await;
    office.configure("patience = { attempts_max = 3 }", "scope = [\"1\"]").await;
    office.world.day(FIRST, &employer(&[])).await;
    office.receiver.always(Some(Fault::CutBefore));
    for hour in 0..4 {
        office.deliver_by(&later(&office.world.hub, 3_600 * hour)).await.unwrap();
    }
    let listed = manage::list(&office.world.hub, office.world.tenant, super::TARGET).await.unwrap();
    let reason = listed[0].reason.clone().unwrap();
    assert!(reason.starts_with("given up after 3 attempts: "), "{reason}");
}

#[tokio::test]
async fn a_target_is_quoted_on_one_short_line_without_numbers_and_only_in_words_for_people() {
    let office = Office::new().await;
    office.world.day(FIRST, &employer(&[])).await;
    let plain = |words| Fault::Refused { content_type: "text/plain; charset=utf-8", words };
    let json = "{\"name\":\"Åse Testesen\"}";
    let record = Fault::Refused { content_type: "application/json", words: json };
    let faults = [plain("no unit\n  for 710180-9991"), record, plain("")];
    office.receiver.script(faults.map(Some));
    office.deliver().await;
    let listed = manage::list(&office.world.hub, office.world.tenant, super::TARGET).await.unwrap();
    let reasons: Vec<&str> = listed.iter().filter_map(|it| it.reason.as_deref()).collect();
    assert_eq!(reasons.len(), 3, "{listed:?}");
    assert!(reasons[0].starts_with("HTTP 422: no unit for 71"), "{reasons:?}");
    assert!(!reasons[0].contains("9991"), "{reasons:?}");
    assert_eq!(reasons[1..], ["HTTP 422", "HTTP 422"]);
}
