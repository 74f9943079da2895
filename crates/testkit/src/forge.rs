//! Somebody who can write to a SQLite store, past the program.

use rusqlite::Connection;
use std::path::Path;

/// What they do to the audit.
#[derive(Clone, Copy, Debug)]
pub enum Forgery {
    /// They say that somebody else did what an entry tells.
    Rewrite,
    /// They remove an entry.
    Remove,
    /// They remove an entry's batch too.
    RemoveBatch,
}

/// Does it to the entry of that number.
pub fn forge(store: &Path, forgery: Forgery, audit_no: i64) {
    let sql = match forgery {
        Forgery::Rewrite => "UPDATE audit SET who = 'nobody' WHERE audit_no = ?1",
        Forgery::Remove => "DELETE FROM audit WHERE audit_no = ?1",
        Forgery::RemoveBatch => "DELETE FROM audit_batch WHERE last_no = ?1",
    };
    let store = Connection::open(store).expect("the store can be opened");
    let changed = store.execute(sql, [audit_no]).expect("the store can be written to");
    assert_eq!(changed, 1, "there is such an entry");
}

/// Makes a store look as if a later version of the program had migrated it.
pub fn raise_schema(store: &Path) {
    let store = Connection::open(store).expect("the store can be opened");
    let sql = "UPDATE refinery_schema_history SET version = version + 1000
                WHERE version = (SELECT max(version) FROM refinery_schema_history)";
    let changed = store.execute(sql, []).expect("the store can be written to");
    assert_eq!(changed, 1, "it has a last migration");
}
