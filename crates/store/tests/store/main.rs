//! The store's suite. Every test runs on both engines.
#![expect(clippy::unwrap_used, reason = "what a test needs and cannot have ends the test")]

mod access;
mod engine;
mod exchange;
mod lanes;
mod people;
mod places;
mod sealed;
mod statements;
mod tls;

use jiff::Timestamp;
use kobling_domain::id::TenantId;
use kobling_store::Db;
use kobling_store::access::tenant;
use uuid::Uuid;

/// The first tenant of a new database, committed.
async fn tenant(db: &Db) -> TenantId {
    let mut tx = db.write().await.unwrap();
    let (uuid, zone) = (Uuid::from_u128(1), "Europe/Copenhagen");
    let it = tenant::put(&mut tx, uuid, "fjordby", "Fjordby Kommune", zone).await.unwrap();
    tx.commit().await.unwrap();
    it
}

fn instant(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn json(number: i64) -> serde_json::Value {
    serde_json::json!({ "number": number })
}
