use crate::{instant, tenant};
use jiff::civil::{Date, date};
use kobling_domain::exchange::lane::{Accepted, Action, ActionFigures, Digest, Pace, Sent};
use kobling_domain::id::{SubjectId, SubjectNo, TargetNo, TenantId, Version};
use kobling_domain::people::{Kind, NativeKey, Role};
use kobling_domain::time::Validity;
use kobling_store::Tx;
use kobling_store::exchange::lane::{self, Counts, Lane, Wanted};
use kobling_store::exchange::message::{self, Fate, MessageKey, MessageState, NewMessage};
use kobling_store::exchange::target::{self, Done};
use kobling_store::job;
use kobling_store::people::subject::{self, Issuer, NewSubject, SubjectKey};
use kobling_testkit::database::Database;
use uuid::Uuid;

const DAY: Date = date(2026, 3, 4);
const ANNA: SubjectNo = SubjectNo(1);
const BO: SubjectNo = SubjectNo(2);
const A: Digest = [1; 16];
const B: Digest = [2; 16];

async fn want(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    subject: SubjectNo,
    digest: Option<Digest>,
) {
    let wanted = Wanted { subject, kind: Kind::Person, digest, reconsider_on: None };
    lane::want(tx, tenant, target, &[wanted]).await.unwrap();
}

fn create(subject: SubjectNo, seq: i64, leads_to: Digest) -> NewMessage {
    NewMessage {
        subject,
        seq,
        action: Action::Create,
        rank: 100,
        body: vec![7],
        leads_to: Some(leads_to),
        made_at: instant(10),
        cleared: true,
    }
}

fn key(subject: SubjectNo, seq: i64) -> MessageKey {
    MessageKey { subject, seq }
}

async fn one(tx: &mut Tx, tenant: TenantId, target: TargetNo, subject: SubjectNo) -> Lane {
    lane::of(tx, tenant, target, &[subject]).await.unwrap().remove(0)
}

async fn persons(tx: &mut Tx, tenant: TenantId) {
    let person = |number: u128| NewSubject {
        kind: Kind::Person,
        id: SubjectId(Uuid::from_u128(number)),
        issuer: Issuer::Cpr,
        key: SubjectKey::Number([u8::try_from(number).unwrap(); 32]),
        generation: 1,
        number_sealed: None,
    };
    subject::mint(tx, tenant, vec![person(1), person(2)]).await.unwrap();
}

#[tokio::test]
async fn a_target_is_made_once_and_remembers_how_far_it_has_come() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let learning = target::put(&mut tx, tenant, "learning").await.unwrap();
        let other = target::put(&mut tx, tenant, "other").await.unwrap();
        assert_eq!(target::put(&mut tx, tenant, "learning").await.unwrap(), learning);
        assert_ne!(learning, other);
        assert_eq!(target::by_key(&mut tx, tenant, "learning").await.unwrap().unwrap().done, None);
        let done = Done { version: Version(4), on: DAY, basis: A };
        target::set_done(&mut tx, tenant, learning, &done).await.unwrap();
        let pace = Pace { gap_ms: 50, failures: 2, rests_until: Some(instant(9)) };
        target::set_pace(&mut tx, tenant, learning, pace).await.unwrap();
        let found = target::by_key(&mut tx, tenant, "learning").await.unwrap().unwrap();
        assert_eq!((found.done, found.pace), (Some(done), pace));
        target::undo(&mut tx, tenant, learning).await.unwrap();
        assert_eq!(target::by_key(&mut tx, tenant, "learning").await.unwrap().unwrap().done, None);
    }
}

#[tokio::test]
async fn roles_take_the_place_of_those_their_employment_had() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let target = target::put(&mut tx, tenant, "learning").await.unwrap();
        let role = |unit| Role {
            unit: NativeKey::number(unit),
            employment: NativeKey::number(9),
            person: ANNA,
            level: Some(2),
            validity: Validity::starting(DAY),
        };
        let put = vec![(SubjectNo(9), role(1)), (SubjectNo(8), role(1))];
        target::put_roles(&mut tx, tenant, target, &[], put).await.unwrap();
        let put = vec![(SubjectNo(9), role(2))];
        let gone = [SubjectNo(8), SubjectNo(9)];
        target::put_roles(&mut tx, tenant, target, &gone, put.clone()).await.unwrap();
        assert_eq!(target::roles(&mut tx, tenant, target).await.unwrap(), put);
    }
}

#[tokio::test]
async fn a_message_is_taken_sent_again_and_accepted_once() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let target = target::put(&mut tx, tenant, "learning").await.unwrap();
        for (subject, digest) in [(ANNA, A), (BO, B)] {
            want(&mut tx, tenant, target, subject, Some(digest)).await;
        }
        let early = NewMessage { rank: 1, ..create(BO, 1, B) };
        message::put(&mut tx, tenant, target, vec![create(ANNA, 1, A), early]).await.unwrap();
        let before = message::take(&mut tx, tenant, target, instant(9), 10).await.unwrap();
        assert_eq!(before, [], "their time has not come");
        let taken = message::take(&mut tx, tenant, target, instant(10), 10).await.unwrap();
        let order: Vec<_> = taken.iter().map(|it| (it.subject, it.attempts)).collect();
        assert_eq!(order, [(BO, 1), (ANNA, 1)]);
        let later = [(key(BO, 1), instant(20), "no route".to_owned())];
        message::postpone(&mut tx, tenant, target, &later).await.unwrap();
        let again = message::take(&mut tx, tenant, target, instant(11), 10).await.unwrap();
        let order: Vec<_> = again.iter().map(|it| (it.subject, it.attempts)).collect();
        assert_eq!((order, again[0].body.as_slice()), (vec![(ANNA, 2)], [7].as_slice()));

        let said = |seq| [(key(ANNA, seq), "200".to_owned())];
        message::accept(&mut tx, tenant, target, instant(12), &said(2)).await.unwrap();
        assert!(one(&mut tx, tenant, target, ANNA).await.message.is_some(), "another message");
        message::accept(&mut tx, tenant, target, instant(12), &said(1)).await.unwrap();
        let lane = one(&mut tx, tenant, target, ANNA).await;
        assert_eq!((lane.accepted, lane.seq, lane.message), (Accepted::Known(A), 1, None));
        let accepted = lane::accepted(&mut tx, tenant, target, &[ANNA, BO]).await.unwrap();
        assert_eq!(accepted, [(ANNA, vec![7])]);
        assert_eq!(message::next_at(&mut tx, tenant, target).await.unwrap(), Some(instant(20)));
        let counts = lane::counts(&mut tx, tenant, target).await.unwrap();
        assert_eq!(counts, Counts { due: 2, accepted: 1, pending: 1, ..Counts::default() });
    }
}

#[tokio::test]
async fn a_lane_that_should_be_elsewhere_when_its_message_is_answered_is_due_at_once() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let target = target::put(&mut tx, tenant, "learning").await.unwrap();
        for subject in [ANNA, BO] {
            want(&mut tx, tenant, target, subject, Some(A)).await;
            message::put(&mut tx, tenant, target, vec![create(subject, 1, A)]).await.unwrap();
        }
        message::take(&mut tx, tenant, target, instant(10), 10).await.unwrap();
        want(&mut tx, tenant, target, ANNA, None).await;
        assert_eq!(lane::due(&mut tx, tenant, target, DAY).await.unwrap(), []);
        let said = [ANNA, BO].map(|it| (key(it, 1), "200".to_owned()));
        message::accept(&mut tx, tenant, target, instant(12), &said).await.unwrap();
        let due = lane::due(&mut tx, tenant, target, DAY).await.unwrap();
        assert_eq!(due, [(ANNA, Kind::Person)]);
        let counts = lane::counts(&mut tx, tenant, target).await.unwrap();
        assert_eq!(counts, Counts { due: 2, accepted: 1, pending: 1, ..Counts::default() });
    }
}

#[tokio::test]
async fn what_is_not_cleared_is_counted_by_action_and_not_sent() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let target = target::put(&mut tx, tenant, "learning").await.unwrap();
        want(&mut tx, tenant, target, ANNA, Some(A)).await;
        let held = NewMessage { cleared: false, ..create(ANNA, 1, A) };
        message::put(&mut tx, tenant, target, vec![held]).await.unwrap();
        assert_eq!(message::take(&mut tx, tenant, target, instant(10), 10).await.unwrap(), []);
        let figures = message::uncleared(&mut tx, tenant, target).await.unwrap();
        assert_eq!(figures, ActionFigures { create: 1, ..ActionFigures::default() });
        assert_eq!(lane::counts(&mut tx, tenant, target).await.unwrap().held, 1);
        let read = message::held(&mut tx, tenant, target, Action::Create).await.unwrap();
        assert_eq!(
            read.iter().map(|it| (it.subject, it.leads_to)).collect::<Vec<_>>(),
            [(ANNA, Some(A))]
        );
        let change = message::clear(&mut tx, tenant, target, Action::Change).await.unwrap();
        let create = message::clear(&mut tx, tenant, target, Action::Create).await.unwrap();
        assert_eq!((change, create), (0, 1));
        assert_eq!(message::take(&mut tx, tenant, target, instant(10), 10).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_dead_letter_has_a_reason_and_an_owner_and_is_sent_again_when_revived() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        persons(&mut tx, tenant).await;
        let target = target::put(&mut tx, tenant, "learning").await.unwrap();
        for subject in [ANNA, BO] {
            want(&mut tx, tenant, target, subject, Some(A)).await;
            message::put(&mut tx, tenant, target, vec![create(subject, 1, A)]).await.unwrap();
        }
        message::take(&mut tx, tenant, target, instant(10), 10).await.unwrap();
        let why = (instant(11), "422 name too long", "learning");
        let fates = [(ANNA, Fate::Refused), (BO, Fate::Unknown)];
        for (subject, fate) in fates {
            let key = key(subject, 1);
            assert!(message::bury(&mut tx, tenant, target, key, why, fate).await.unwrap());
        }
        let lane = one(&mut tx, tenant, target, ANNA).await;
        assert_eq!(lane.message.unwrap().sent, Sent::Dead);
        assert_eq!(lane.accepted, Accepted::Nothing);
        assert_eq!(one(&mut tx, tenant, target, BO).await.accepted, Accepted::Unknown);
        assert_eq!(lane::counts(&mut tx, tenant, target).await.unwrap().rejected, 2);
        let listed = message::one(&mut tx, tenant, target, ANNA).await.unwrap().unwrap();
        assert_eq!((listed.state, listed.attempts), (MessageState::Dead, 1));
        assert_eq!(listed.reason.as_deref(), Some("422 name too long"));
        assert_eq!(listed.owner.as_deref(), Some("learning"));
        assert!(message::revive(&mut tx, tenant, target, ANNA, instant(30)).await.unwrap());
        let taken = message::take(&mut tx, tenant, target, instant(30), 10).await.unwrap();
        assert_eq!(taken.iter().map(|it| it.seq).collect::<Vec<_>>(), [1]);
        assert_eq!(message::list(&mut tx, tenant, target, 10).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn dead_letters_are_sent_again_together_but_for_those_that_a_person_gave_up() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        persons(&mut tx, tenant).await;
        let target = target::put(&mut tx, tenant, "learning").await.unwrap();
        for subject in [ANNA, BO] {
            want(&mut tx, tenant, target, subject, Some(A)).await;
            message::put(&mut tx, tenant, target, vec![create(subject, 1, A)]).await.unwrap();
        }
        let why = (instant(11), "422", "learning");
        message::bury(&mut tx, tenant, target, key(ANNA, 1), why, Fate::Refused).await.unwrap();
        let why = (instant(11), "he has left", "Signe Test");
        message::give_up(&mut tx, tenant, target, key(BO, 1), why).await.unwrap();
        let revived = message::revive_all(&mut tx, tenant, target, instant(30)).await.unwrap();
        assert_eq!(revived, 1);
        let taken = message::take(&mut tx, tenant, target, instant(30), 10).await.unwrap();
        assert_eq!(taken.iter().map(|it| it.subject).collect::<Vec<_>>(), [ANNA]);
        // Somebody says it of him alone, and from then on it is a message like any other.
        assert!(message::revive(&mut tx, tenant, target, BO, instant(31)).await.unwrap());
        message::bury(&mut tx, tenant, target, key(BO, 1), why, Fate::Refused).await.unwrap();
        let revived = message::revive_all(&mut tx, tenant, target, instant(32)).await.unwrap();
        assert_eq!(revived, 1);
    }
}

#[tokio::test]
async fn what_was_told_of_a_person_is_forgotten_and_due_at_once() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let target = target::put(&mut tx, tenant, "learning").await.unwrap();
        for subject in [ANNA, BO] {
            want(&mut tx, tenant, target, subject, Some(A)).await;
        }
        message::put(&mut tx, tenant, target, vec![create(ANNA, 1, A)]).await.unwrap();
        message::take(&mut tx, tenant, target, instant(10), 10).await.unwrap();
        message::put(&mut tx, tenant, target, vec![create(BO, 1, A)]).await.unwrap();
        lane::forget(&mut tx, tenant, &[ANNA, BO]).await.unwrap();
        let sent = one(&mut tx, tenant, target, ANNA).await;
        assert_eq!((sent.accepted, sent.message, sent.seq), (Accepted::Unknown, None, 1));
        let never_sent = one(&mut tx, tenant, target, BO).await;
        assert_eq!((never_sent.accepted, never_sent.message), (Accepted::Nothing, None));
        assert_eq!(lane::due(&mut tx, tenant, target, DAY).await.unwrap().len(), 2);
        let all = lane::page(&mut tx, tenant, target, Kind::Person, SubjectNo(0), 9).await.unwrap();
        assert_eq!(all, [ANNA]);
    }
}

#[tokio::test]
async fn a_job_is_asked_for_once_claimed_by_one_and_done_once_more_if_asked_for_meanwhile() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        target::put(&mut tx, tenant, "learning").await.unwrap();
        job::ask_to_deliver(&mut tx, tenant, instant(5)).await.unwrap();
        job::ask(&mut tx, tenant, job::DELIVER, "learning", instant(9)).await.unwrap();
        assert_eq!(job::list(&mut tx).await.unwrap().len(), 1);
        let none = job::claim_next(&mut tx, &job::KINDS, instant(4), instant(60)).await.unwrap();
        assert_eq!(none, None, "its time has not come");
        let first =
            job::claim_next(&mut tx, &job::KINDS, instant(5), instant(60)).await.unwrap().unwrap();
        assert_eq!(
            job::claim_next(&mut tx, &job::KINDS, instant(6), instant(60)).await.unwrap(),
            None
        );
        assert!(job::renew(&mut tx, &first, instant(70)).await.unwrap());

        job::ask_to_deliver(&mut tx, tenant, instant(8)).await.unwrap();
        job::finish(&mut tx, &first, None).await.unwrap();
        let again =
            job::claim_next(&mut tx, &job::KINDS, instant(9), instant(60)).await.unwrap().unwrap();
        job::fail(&mut tx, &again, "no route", Some(instant(20))).await.unwrap();
        let waiting = job::list(&mut tx).await.unwrap().remove(0);
        assert_eq!((waiting.run_at, waiting.failures), (instant(20), 1));
        assert_eq!(waiting.error.as_deref(), Some("no route"));
        let named = (job::DELIVER, "learning");
        let third = job::claim(&mut tx, tenant, named, instant(10), instant(60)).await.unwrap();
        job::finish(&mut tx, &third.unwrap(), Some(instant(99))).await.unwrap();
        let waiting = job::list(&mut tx).await.unwrap().remove(0);
        assert_eq!((waiting.run_at, waiting.failures), (instant(99), 0));
    }
}

#[tokio::test]
async fn who_lost_the_lease_of_a_job_ends_it_for_nobody() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        job::ask(&mut tx, tenant, job::DELIVER, "learning", instant(1)).await.unwrap();
        let dead =
            job::claim_next(&mut tx, &job::KINDS, instant(1), instant(60)).await.unwrap().unwrap();
        let other = job::claim_next(&mut tx, &job::KINDS, instant(60), instant(120))
            .await
            .unwrap()
            .unwrap();
        assert!(!job::renew(&mut tx, &dead, instant(999)).await.unwrap());
        job::finish(&mut tx, &dead, None).await.unwrap();
        assert_eq!(job::list(&mut tx).await.unwrap()[0].lease_until, Some(instant(120)));
        job::finish(&mut tx, &other, None).await.unwrap();
        assert_eq!(job::list(&mut tx).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_lease_that_was_lost_stays_lost_when_the_job_is_asked_for_again() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        job::ask(&mut tx, tenant, job::DELIVER, "learning", instant(1)).await.unwrap();
        let dead =
            job::claim_next(&mut tx, &job::KINDS, instant(1), instant(60)).await.unwrap().unwrap();
        let other = job::claim_next(&mut tx, &job::KINDS, instant(60), instant(120))
            .await
            .unwrap()
            .unwrap();
        job::finish(&mut tx, &other, None).await.unwrap();
        job::ask(&mut tx, tenant, job::DELIVER, "learning", instant(61)).await.unwrap();
        assert!(!job::renew(&mut tx, &dead, instant(999)).await.unwrap());
        job::claim_next(&mut tx, &job::KINDS, instant(61), instant(120)).await.unwrap().unwrap();
        assert!(!job::renew(&mut tx, &dead, instant(999)).await.unwrap());
    }
}

#[tokio::test]
async fn a_job_that_failed_and_was_asked_for_meanwhile_is_done_at_once() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        job::ask(&mut tx, tenant, job::DELIVER, "learning", instant(1)).await.unwrap();
        let first =
            job::claim_next(&mut tx, &job::KINDS, instant(1), instant(60)).await.unwrap().unwrap();
        job::ask(&mut tx, tenant, job::DELIVER, "learning", instant(2)).await.unwrap();
        job::fail(&mut tx, &first, "no agreement", None).await.unwrap();
        let second =
            job::claim_next(&mut tx, &job::KINDS, instant(3), instant(60)).await.unwrap().unwrap();
        job::fail(&mut tx, &second, "no agreement", None).await.unwrap();
        assert_eq!(
            job::claim_next(&mut tx, &job::KINDS, instant(3_000), instant(9_000)).await.unwrap(),
            None
        );
        let failed = job::list(&mut tx).await.unwrap().remove(0);
        assert_eq!(failed.error.as_deref(), Some("no agreement"), "it is still told");
    }
}
