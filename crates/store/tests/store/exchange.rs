use crate::{instant, json, tenant};
use jiff::civil::date;
use kobling_domain::id::{RecordNo, RunNo, SourceNo, Version};
use kobling_domain::people::Kind;
use kobling_store::StoreError;
use kobling_store::exchange::plan::{self, Decision, Plan, PlanState, StoredItem};
use kobling_store::exchange::quarantine::{self, SetAside};
use kobling_store::exchange::run::{self, Counts, Finish, NewRun, RunState};
use kobling_store::exchange::seen::{self, Outcome, SeenRow};
use kobling_store::exchange::source::{self, Applied};
use kobling_testkit::database::Database;

const SOURCE: SourceNo = SourceNo(1);

#[tokio::test]
async fn a_source_is_made_once_and_remembers_what_was_applied() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let made = source::put(&mut tx, tenant, "opus").await.unwrap();
        assert_eq!(source::put(&mut tx, tenant, "opus").await.unwrap(), made);
        let (name, date, mac) = ("ZLPE.xml".to_owned(), date(2026, 3, 4), [3; 32]);
        let applied = Applied { run: RunNo(1), name, date, mac };
        source::set_applied(&mut tx, tenant, made.no, &applied).await.unwrap();
        let found = source::by_key(&mut tx, tenant, "opus").await.unwrap().unwrap();
        assert_eq!(found.applied, Some(applied));
    }
}

#[tokio::test]
async fn older_epochs_count_as_the_present_one_once_everything_was_judged_anew() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let first = source::epoch(&mut tx, tenant, SOURCE, 1, 1).await.unwrap();
        let second = source::epoch(&mut tx, tenant, SOURCE, 1, 2).await.unwrap();
        assert_eq!((first, second), ((1, vec![1]), (2, vec![2])));
        source::settle_epochs(&mut tx, tenant, SOURCE, 2).await.unwrap();
        let settled = source::epoch(&mut tx, tenant, SOURCE, 1, 2).await.unwrap();
        assert_eq!(settled, (2, vec![1, 2]));
        let third = source::epoch(&mut tx, tenant, SOURCE, 2, 2).await.unwrap();
        assert_eq!(third, (3, vec![3]));
    }
}

fn row(native_no: i64, byte: u8) -> SeenRow {
    SeenRow {
        kind: Kind::Employment,
        native_no,
        digest: [byte; 16],
        content: [byte; 16],
        outcome: Outcome::Applied,
        epoch: 1,
        until: (byte == 1).then_some(date(2026, 3, 4)),
        first_seen: date(2020, 1, 1),
    }
}

#[tokio::test]
async fn what_was_seen_is_read_in_numeric_order_page_by_page() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let kind = Kind::Employment;
        let rows = vec![row(9, 1), row(10, 1), row(100, 1)];
        seen::insert(&mut tx, tenant, SOURCE, rows).await.unwrap();
        seen::upsert(&mut tx, tenant, SOURCE, vec![row(10, 2), row(11, 2)]).await.unwrap();
        seen::upsert(&mut tx, tenant, SOURCE, vec![row(11, 3)]).await.unwrap();

        let first = seen::page(&mut tx, tenant, SOURCE, kind, None, 2).await.unwrap();
        let second = seen::page(&mut tx, tenant, SOURCE, kind, Some(10), 2).await.unwrap();
        let numbers: Vec<_> =
            first.iter().chain(&second).map(|it| (it.native_no, it.digest[0])).collect();
        assert_eq!(numbers, [(9, 1), (10, 2), (11, 3), (100, 1)]);
        let found = seen::rows(&mut tx, tenant, SOURCE, kind, &[100, 5, 10]).await.unwrap();
        assert_eq!(found, [row(10, 2), row(100, 1)]);

        seen::delete(&mut tx, tenant, SOURCE, kind, &[9, 5]).await.unwrap();
        let left = seen::page(&mut tx, tenant, SOURCE, kind, None, 9).await.unwrap();
        assert_eq!(left.iter().map(|it| it.native_no).collect::<Vec<_>>(), [10, 11, 100]);
    }
}

#[tokio::test]
async fn a_run_is_read_back_as_it_began_and_as_it_ended() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let begun = NewRun {
            source: SOURCE,
            input_name: "ZLPE.xml".to_owned(),
            input_date: Some(date(2026, 3, 4)),
            today: date(2026, 3, 5),
            started_at: instant(1),
        };
        let no = run::begin(&mut tx, tenant, &begun).await.unwrap();
        let dead = run::begin(&mut tx, tenant, &begun).await.unwrap();
        let finish = Finish {
            state: RunState::Applied,
            finished_at: instant(2),
            input_mac: Some([1; 32]),
            plan_hash: None,
            counts: Counts { read: 3, applied: 1, unchanged: 2, ..Counts::default() },
            detail: json(1),
        };
        run::finish(&mut tx, tenant, no, &finish).await.unwrap();
        let found = run::get(&mut tx, tenant, no).await.unwrap().unwrap();
        assert_eq!((found.no, &found.begun, &found.finish), (no, &begun, &Some(finish)));
        let last = run::last(&mut tx, tenant, SOURCE, 5).await.unwrap();
        assert_eq!(last.iter().map(|it| it.no).collect::<Vec<_>>(), [dead, no]);
        assert_eq!(last[0].finish, None);
    }
}

#[tokio::test]
async fn a_plan_moves_only_from_the_state_it_is_in() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let made = Plan {
            run: RunNo(1),
            source: SOURCE,
            hash: [4; 32],
            state: PlanState::Held,
            read_version: Version(3),
            summary: json(1),
            brakes: json(2),
            decision: None,
        };
        plan::put(&mut tx, tenant, &made).await.unwrap();
        plan::put(&mut tx, tenant, &made).await.unwrap();
        assert_eq!(
            plan::list(&mut tx, tenant, SOURCE, 9).await.unwrap(),
            std::slice::from_ref(&made)
        );

        let (by, reason) = ("kari".to_owned(), "right".to_owned());
        let decision = Decision { by, reason, at: instant(9) };
        let release = (PlanState::Held, PlanState::Applied);
        plan::decide(&mut tx, tenant, RunNo(1), release, Some(&decision)).await.unwrap();
        let again = plan::decide(&mut tx, tenant, RunNo(1), release, Some(&decision)).await;
        assert!(matches!(again, Err(StoreError::Stale { what: "plan" })));
        let expected = Plan { state: PlanState::Applied, decision: Some(decision), ..made };
        assert_eq!(plan::by_hash(&mut tx, tenant, &[4; 32]).await.unwrap(), [expected]);
    }
}

#[tokio::test]
async fn plan_items_are_read_in_order_of_kind_key_and_part() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let item = |kind, native_no, part| StoredItem {
            reason: None,
            kind,
            native_no,
            part,
            mac: [5; 32],
            effective: (part == 0).then_some(date(2026, 3, 4)),
            body: vec![1, 2, 3],
        };
        let unit = item(Kind::Unit, 500, 0);
        let (nine, ten) = (item(Kind::Employment, 9, 0), item(Kind::Employment, 10, 0));
        let part = item(Kind::Employment, 9, 1);
        let all = vec![ten.clone(), nine.clone(), unit.clone(), part.clone()];
        plan::add_items(&mut tx, tenant, RunNo(1), all).await.unwrap();
        let first = plan::items(&mut tx, tenant, RunNo(1), None, 2).await.unwrap();
        assert_eq!(first, [unit, nine]);
        let after = Some((Kind::Employment, 9, 0));
        let rest = plan::items(&mut tx, tenant, RunNo(1), after, 9).await.unwrap();
        assert_eq!(rest, [part, ten]);
        assert_eq!(plan::delete_items(&mut tx, tenant, RunNo(1)).await.unwrap(), 4);
    }
}

#[tokio::test]
async fn a_record_is_set_aside_once_and_taken_back_in() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let aside = |native_no, code: &str| SetAside {
            kind: Kind::Employment,
            native_no,
            run: RunNo(1),
            record: RecordNo(2),
            line: 3,
            code: code.to_owned(),
            body: vec![9],
        };
        let records = vec![aside(1, "date"), aside(2, "date")];
        quarantine::put(&mut tx, tenant, SOURCE, records).await.unwrap();
        quarantine::put(&mut tx, tenant, SOURCE, vec![aside(1, "key")]).await.unwrap();
        let found = quarantine::list(&mut tx, tenant, SOURCE, 9).await.unwrap();
        assert_eq!(found, [aside(1, "key"), aside(2, "date")]);
        let released =
            quarantine::release(&mut tx, tenant, SOURCE, Kind::Employment, &[1, 7]).await;
        assert_eq!(released.unwrap(), 1);

        // What has no key is forgotten when a later run has read all anew.
        let keyless = SetAside { native_no: -3, ..aside(2, "key_unreadable") };
        quarantine::put(&mut tx, tenant, SOURCE, vec![keyless]).await.unwrap();
        for (run, forgotten) in [(1, 0), (2, 1)] {
            let done = quarantine::forget_keyless(&mut tx, tenant, SOURCE, RunNo(run)).await;
            assert_eq!(done.unwrap(), forgotten);
        }
        let left = quarantine::list(&mut tx, tenant, SOURCE, 9).await.unwrap();
        assert_eq!(left, [aside(2, "date")]);
    }
}
