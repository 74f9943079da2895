//! The audit proves itself, on both engines.

use crate::{FJORDBY, configuration, hub};
use jiff::Timestamp;
use kobling_domain::access::Operation;
use kobling_domain::id::{SubjectId, TenantId};
use kobling_hub::Hub;
use kobling_hub::access::audit::{self, Fault, ReadLog, Reading};
use kobling_hub::access::{self, Write};
use kobling_store::access::audit::{self as stored, Entry};
use kobling_testkit::database::Database;
use uuid::Uuid;

fn entry(what: &str) -> Entry {
    let at: Timestamp = "2026-03-04T23:00:00.1234567Z".parse().unwrap();
    let detail = serde_json::json!({ "b": what, "a": [1, 2.5, null] });
    Entry { at, who: "kari".to_owned(), action: "test".to_owned(), detail }
}

async fn employer(database: &Database) -> (Hub, TenantId) {
    let hub = hub(database);
    access::apply(&hub, &configuration(FJORDBY), Write::Yes).await.unwrap();
    let tenant = access::tenant(&hub, None).await.unwrap();
    let mut tx = hub.db.write().await.unwrap();
    stored::write_all(&mut tx, tenant, &[entry("x"), entry("y")]).await.unwrap();
    stored::write(&mut tx, tenant, &entry("z")).await.unwrap();
    tx.commit().await.unwrap();
    (hub, tenant)
}

#[tokio::test]
async fn an_audit_that_nobody_touched_is_as_it_was_written() {
    for database in Database::each().await {
        let (hub, tenant) = employer(&database).await;
        let found = audit::verify(&hub, tenant, None).await.unwrap();
        assert_eq!((found.entries, found.batches, &found.fault), (4, 3, &None));
        let head = found.head.unwrap();
        let mut tx = hub.db.write().await.unwrap();
        stored::write(&mut tx, tenant, &entry("later")).await.unwrap();
        tx.commit().await.unwrap();
        let again = audit::verify(&hub, tenant, Some(&head)).await.unwrap();
        assert_eq!((again.entries, again.fault), (5, None));
        let other = audit::verify(&hub, tenant, Some("00")).await.unwrap();
        assert_eq!(other.fault, Some(Fault::NoSuchHead));
    }
}

#[tokio::test]
async fn a_chain_that_was_written_otherwise_gives_another_digest() {
    let numbered = |no, what| stored::Numbered { no, entry: entry(what) };
    let digest = |all: &[stored::Numbered]| stored::digest(None, all);
    let right = digest(&[numbered(1, "x"), numbered(2, "y")]);
    assert_eq!(right, digest(&[numbered(1, "x"), numbered(2, "y")]));
    assert_ne!(right, digest(&[numbered(1, "x"), numbered(2, "z")]));
    assert_ne!(right, digest(&[numbered(1, "x"), numbered(3, "y")]));
    assert_ne!(right, digest(&[numbered(1, "x")]));
    assert_ne!(right, stored::digest(Some([1; 32]), &[numbered(1, "x"), numbered(2, "y")]));
}

#[tokio::test]
async fn readings_that_come_together_are_all_in_the_audit_when_their_callers_go_on() {
    for database in Database::each().await {
        let (hub, tenant) = employer(&database).await;
        let log = ReadLog::new(hub.clone());
        let subject = SubjectId(Uuid::from_u128(7));
        let note = |who: u32| {
            let reading = Reading {
                tenant,
                who: format!("reader {who}"),
                operation: Operation::ReadPersons,
                subjects: vec![subject],
            };
            log.note(reading)
        };
        let (a, b, c, d) = tokio::join!(note(1), note(2), note(3), note(4));
        for noted in [a, b, c, d] {
            noted.unwrap();
        }
        let read = audit::readings_of(&hub, tenant, subject, 9).await.unwrap();
        assert_eq!(read.len(), 4);
        let found = audit::verify(&hub, tenant, None).await.unwrap();
        assert_eq!((found.entries, found.fault), (8, None));
        assert!(found.batches < 7, "some of the four were written together");
    }
}
