//! A copy of the store, made while it is worked with, and put back.

use crate::harness::Workplace;
use jiff::Timestamp;
use kobling_domain::id::TenantId;
use kobling_store::engine::Db;
use kobling_store::job;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// So far off that nobody does them.
const LATER: Timestamp = Timestamp::constant(4_102_444_800, 0);

/// Asks for two jobs in one transaction, again and again.
async fn load(db: Db, is_over: Arc<AtomicBool>) -> u32 {
    let mut written = 0;
    while !is_over.load(Ordering::Relaxed) {
        let mut tx = db.write().await.unwrap();
        for half in ["one", "other"] {
            let key = format!("{half} {written}");
            job::ask(&mut tx, TenantId(1), "none", &key, LATER).await.unwrap();
        }
        tx.commit().await.unwrap();
        written += 1;
    }
    written
}

/// How many of the jobs of a half a store has.
async fn halves(db: &Db, half: &str) -> usize {
    let mut tx = db.read().await.unwrap();
    job::list(&mut tx).await.unwrap().iter().filter(|it| it.key.starts_with(half)).count()
}

#[tokio::test]
async fn a_copy_made_under_load_is_of_one_moment_and_holds_all_that_was_done_before_it() {
    let here = Workplace::new();
    let file = here.generate(300, 0, None);
    here.ok(["run", "opus", &file]);
    let db = Db::open(&here.address()).unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let loading = tokio::spawn(load(db.clone(), Arc::clone(&is_over)));
    while halves(&db, "one").await < 20 {}
    let before = halves(&db, "one").await;
    let mut command = here.command(["db", "backup", "copy.db"]);
    let made = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    is_over.store(true, Ordering::Relaxed);
    let written = usize::try_from(loading.await.unwrap()).unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let copy = Db::open(&format!("sqlite:{}", here.path("copy.db").display())).unwrap();
    let (one, other) = (halves(&copy, "one").await, halves(&copy, "other").await);
    assert_eq!(one, other, "a transaction is in it or not");
    assert!(before <= one && one <= written, "{before} {one} {written}");
    copy.check().await.unwrap();
}

#[tokio::test]
async fn a_copy_is_put_back_whole_and_what_was_there_is_kept() {
    let here = Workplace::new();
    let first = here.generate(200, 0, None);
    here.ok(["run", "opus", &first]);
    let digest = |here: &Workplace| here.ok(["run", "opus", &first])["input_digest"].clone();
    let known = digest(&here);
    here.ok(["db", "backup", "copy.db"]);
    let refused = here.output(["db", "backup", "copy.db"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is there already"));
    let second = here.generate(200, 1, None);
    here.ok(["run", "opus", &second]);

    let open = Db::open(&here.address()).unwrap();
    drop(open.read().await.unwrap());
    let refused = here.output(["db", "restore", "copy.db"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("is in use") && said.contains("stop `kobling serve`"), "{said}");
    drop(open);

    let told = here.ok(["db", "restore", "copy.db"]);
    let kept = told["kept"].as_str().unwrap();
    here.ok(["db", "check"]);
    assert_eq!(digest(&here), known);
    assert_eq!(here.ok(["run", "opus", &second])["state"], "applied", "it was not read yet");
    // What was there can be put back too.
    here.ok(["db", "restore", kept]);
    assert_eq!(here.ok(["run", "opus", &second])["state"], "unchanged");
}

#[test]
fn what_is_no_whole_copy_of_this_program_and_these_keys_is_refused_and_changes_nothing() {
    let here = Workplace::new();
    here.ok(["db", "backup", "copy.db"]);
    let whole = std::fs::read(here.path("copy.db")).unwrap();
    let refused = |file: &str, why: &str| {
        let output = here.output(["db", "restore", file]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(why), "{file}: {said}");
        assert!(said.contains("the store is as it was"), "{said}");
        here.ok(["db", "check"]);
    };
    here.write("cut.db", &whole[..whole.len() / 2]);
    refused("cut.db", "is not a whole copy");
    here.write("other.db", b"SQLite format 4");
    refused("other.db", "is not a whole copy");
    refused("none.db", "cannot be used");
    kobling_testkit::forge::raise_schema(&here.path("copy.db"));
    refused("copy.db", "is of a later version");
    here.write("copy.db", &whole);
    let keys = kobling_hub::access::keys::generate().unwrap();
    let own = here.read("kobling.keys");
    here.write("kobling.keys", keys.as_str());
    let output = here.output(["db", "restore", "copy.db"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("was made with other keys"), "{said}");
    here.write("kobling.keys", own);
    here.ok(["db", "check"]);
}

#[tokio::test]
async fn a_store_on_postgresql_names_the_program_that_copies_it() {
    let here = Workplace::on_postgres().await;
    for (command, program) in [("backup", "pg_dump"), ("restore", "pg_restore")] {
        let output = here.output(["db", command, "copy.db"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(program), "{said}");
    }
}
