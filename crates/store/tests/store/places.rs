use crate::{instant, json, tenant};
use jiff::civil::date;
use kobling_domain::id::{TenantId, Version};
use kobling_store::Tx;
use kobling_store::exchange::delivered;
use kobling_store::exchange::file_receipt::{self, FileReceipt};
use kobling_store::exchange::pending::{
    self, PartKey, PendingFile, PendingSet, PendingState, Trouble,
};
use kobling_store::exchange::set_list::{self, ListKey};
use kobling_testkit::database::Database;

const TARGET: &str = "plan2learn";

fn set(set_no: i64) -> PendingSet {
    PendingSet {
        set_no,
        state: PendingState::Ready,
        version: Version(set_no + 10),
        as_of: date(2026, 3, 4),
        made_at: instant(set_no),
        detail: json(set_no),
        trouble: Trouble { attempts: 1, next_at: Some(instant(9)), ..Trouble::default() },
    }
}

fn file(position: i64) -> PendingFile {
    PendingFile {
        position,
        file: format!("{position}.csv"),
        bytes: 6,
        mac: [7; 32],
        detail: json(position),
    }
}

fn key(set_no: i64, part: i64) -> PartKey {
    PartKey { set_no, position: 0, part }
}

fn receipt(set_no: i64, position: i64) -> FileReceipt {
    FileReceipt {
        set_no,
        position,
        file: format!("{position}.csv"),
        bytes: 6,
        mac: [7; 32],
        version: Version(1),
        as_of: date(2026, 3, 4),
        at: instant(set_no),
        place: "sftp://receiver".to_owned(),
        answer: "taken".to_owned(),
    }
}

async fn announce(tx: &mut Tx, tenant: TenantId, set_no: i64) {
    for part in 0..2 {
        pending::put_part(tx, tenant, TARGET, key(set_no, part), vec![9]).await.unwrap();
    }
    for part in 0..2 {
        let key = ListKey { set_no, file: "1.csv", part };
        set_list::put(tx, tenant, TARGET, key, vec![8]).await.unwrap();
    }
    pending::announce(tx, tenant, TARGET, &set(set_no), &[file(0), file(1)]).await.unwrap();
}

#[tokio::test]
async fn a_set_on_its_way_is_kept_until_it_is_through_and_then_is_what_the_target_has() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        assert_eq!(pending::next_set_no(&mut tx, tenant, TARGET).await.unwrap(), 1);
        announce(&mut tx, tenant, 1).await;
        assert_eq!(pending::get(&mut tx, tenant, TARGET).await.unwrap(), Some(set(1)));
        let files = pending::files(&mut tx, tenant, TARGET, 1).await.unwrap();
        assert_eq!(files, [file(0), file(1)]);
        let body = pending::part(&mut tx, tenant, TARGET, key(1, 1)).await.unwrap();
        assert_eq!(body, Some(vec![9]));
        assert_eq!(pending::part(&mut tx, tenant, TARGET, key(1, 2)).await.unwrap(), None);
        pending::begin(&mut tx, tenant, TARGET).await.unwrap();
        let state = pending::get(&mut tx, tenant, TARGET).await.unwrap().unwrap().state;
        assert_eq!(state, PendingState::Begun);
        pending::finish(&mut tx, tenant, TARGET, &set(1), instant(5)).await.unwrap();
        assert_eq!(pending::get(&mut tx, tenant, TARGET).await.unwrap(), None);
        assert_eq!(pending::part(&mut tx, tenant, TARGET, key(1, 0)).await.unwrap(), None);
        let has = delivered::list(&mut tx, tenant, TARGET).await.unwrap();
        let has: Vec<_> = has.iter().map(|it| (&*it.file, it.version, it.set_no)).collect();
        assert_eq!(has, [("0.csv", Version(11), 1), ("1.csv", Version(11), 1)]);
    }
}

#[tokio::test]
async fn a_target_keeps_its_last_delivered_set() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        for set_no in [1, 2] {
            announce(&mut tx, tenant, set_no).await;
            pending::finish(&mut tx, tenant, TARGET, &set(set_no), instant(5)).await.unwrap();
        }
        let has = delivered::list(&mut tx, tenant, TARGET).await.unwrap();
        let has: Vec<_> = has.iter().map(|it| (&*it.file, it.version, it.at)).collect();
        let of_the_second = |file| (file, Version(12), instant(5));
        assert_eq!(has, ["0.csv", "1.csv"].map(of_the_second));
        let mut list = async |set_no, part| {
            let key = ListKey { set_no, file: "1.csv", part };
            set_list::part(&mut tx, tenant, TARGET, key).await.unwrap()
        };
        assert_eq!(list(1, 0).await, None);
        assert_eq!(list(2, 1).await, Some(vec![8]));
        assert_eq!(list(2, 2).await, None);
        // A set that comes after it, and is given up, leaves it what the target has.
        announce(&mut tx, tenant, 3).await;
        pending::give_up_all(&mut tx, tenant).await.unwrap();
        let kept = ListKey { set_no: 2, file: "1.csv", part: 0 };
        assert_eq!(set_list::part(&mut tx, tenant, TARGET, kept).await.unwrap(), Some(vec![8]));
        let gone = ListKey { set_no: 3, ..kept };
        assert_eq!(set_list::part(&mut tx, tenant, TARGET, gone).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_newer_set_replaces_what_was_stored_and_a_set_that_is_given_up_leaves_its_name_only() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        announce(&mut tx, tenant, 1).await;
        assert_eq!(pending::next_set_no(&mut tx, tenant, TARGET).await.unwrap(), 2);
        announce(&mut tx, tenant, 2).await;
        assert_eq!(pending::part(&mut tx, tenant, TARGET, key(1, 0)).await.unwrap(), None);
        assert!(pending::part(&mut tx, tenant, TARGET, key(2, 0)).await.unwrap().is_some());
        pending::give_up(&mut tx, tenant, TARGET).await.unwrap();
        assert_eq!(pending::part(&mut tx, tenant, TARGET, key(2, 0)).await.unwrap(), None);
        assert_eq!(pending::files(&mut tx, tenant, TARGET, 2).await.unwrap(), []);
        let state = pending::get(&mut tx, tenant, TARGET).await.unwrap().unwrap().state;
        assert_eq!(state, PendingState::Broken);
    }
}

#[tokio::test]
async fn a_file_of_a_set_has_one_receipt_and_those_of_the_last_400_sets_are_kept() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        for (set_no, position) in [(1, 0), (1, 1), (2, 1), (2, 0), (2, 0)] {
            let it = receipt(set_no, position);
            file_receipt::put(&mut tx, tenant, TARGET, it).await.unwrap();
        }
        let all = file_receipt::list(&mut tx, tenant, TARGET, None, 3).await.unwrap();
        assert_eq!(all, [receipt(2, 0), receipt(2, 1), receipt(1, 0)]);
        assert_eq!(pending::next_set_no(&mut tx, tenant, TARGET).await.unwrap(), 3);
        file_receipt::put(&mut tx, tenant, TARGET, receipt(401, 0)).await.unwrap();
        assert_eq!(file_receipt::of_set(&mut tx, tenant, TARGET, 1).await.unwrap(), []);
        assert_eq!(file_receipt::of_set(&mut tx, tenant, TARGET, 2).await.unwrap().len(), 2);
    }
}
