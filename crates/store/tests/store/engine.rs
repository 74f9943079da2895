use crate::{instant, json, tenant};
use jiff::civil::date;
use kobling_domain::id::SourceNo;
use kobling_store::engine::{Rows, Tx, run_lock, target_lock};
use kobling_store::{Db, StoreError, values};
use kobling_testkit::database::Database;
use std::path::Path;
use uuid::Uuid;

#[tokio::test]
async fn a_database_is_current_once_it_is_migrated() {
    for it in Database::each().await {
        assert!(it.db.is_current().await.unwrap(), "{}", it.address);
    }
    let folder = std::env::temp_dir().join(format!("kobling-new-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let db = Db::open(&format!("sqlite:{}", folder.join("new.db").display())).unwrap();
    assert!(!db.is_current().await.unwrap());
    db.migrate().await.unwrap();
    assert!(db.is_current().await.unwrap());
    drop(db);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn who_writes_to_a_copy_keeps_no_writer_waiting_and_leaves_nothing() {
    for it in Database::each().await {
        let id = tenant(&it.db).await;
        let version = async |tx: &mut Tx| tenant::version(tx, id).await.unwrap().0;
        let take =
            async |tx: &mut Tx| tenant::take_version(tx, id, instant(1), None).await.unwrap().0;
        let now = version(&mut it.db.read().await.unwrap()).await;
        let contents = it.contents().await;
        let mut copy = it.db.copy(id).await.unwrap();
        assert_eq!(take(&mut copy).await, now + 1);
        drop(copy);
        assert_eq!(it.contents().await, contents, "{}", it.address);
        let mut copy = it.db.copy(id).await.unwrap();
        take(&mut copy).await;
        let mut other = it.db.write().await.unwrap();
        assert_eq!((take(&mut other).await, take(&mut other).await), (now + 1, now + 2));
        other.commit().await.unwrap();
        assert_eq!(version(&mut copy).await, now + 1, "it goes on with what it has copied");
        drop(copy);
        // More than there are connections: each reads the tables, whatever it was prepared for.
        for _ in 0..20 {
            assert_eq!(version(&mut it.db.read().await.unwrap()).await, now + 2);
        }
        let folder = it.path().and_then(Path::parent);
        for file in folder.into_iter().flat_map(|it| std::fs::read_dir(it).unwrap()) {
            let name = file.unwrap().file_name();
            assert!(!name.to_string_lossy().contains("copy"), "{}", name.display());
        }
    }
}

/// The tables as they stand after all migrations, to be read in one place.
#[tokio::test]
async fn migrations_replayed_equal_the_schema_on_file() {
    let database = Database::sqlite().await;
    let mut tx = database.db.read().await.unwrap();
    let sql = "SELECT sql FROM sqlite_schema
                WHERE sql IS NOT NULL AND name NOT LIKE 'refinery%' AND name NOT LIKE 'sqlite%'
                ORDER BY tbl_name, type DESC, name";
    let all = tx.query(sql, [], |row| row.get::<String>(0)).await.unwrap();
    insta::assert_snapshot!("schema", all.join(";\n\n"));
}

#[tokio::test]
async fn every_value_is_read_back_as_it_was_bound() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let sql = "INSERT INTO delivered (tenant_id, target, file, at, version, detail)
                   VALUES ($1, $2, $3, $4, $5, $6)";
        let values = values![tenant, "mål", "a", instant(5), 7_i64, json(1)];
        tx.execute(sql, values).await.unwrap();
        let sql = "INSERT INTO set_list (tenant_id, target, set_no, file, part, body)
                   VALUES ($1, $2, 0, $3, 0, $4)";
        tx.execute(sql, values![tenant, "mål", "a", vec![0_u8, 255]]).await.unwrap();
        let sql = "SELECT target, at, version, detail, body FROM delivered
                    NATURAL JOIN set_list WHERE tenant_id = $1";
        let read = tx
            .query_opt(sql, values![tenant], |row| {
                assert_eq!(row.get::<String>(0)?, "mål");
                assert_eq!(row.get::<jiff::Timestamp>(1)?, instant(5));
                assert_eq!(row.get::<i64>(2)?, 7);
                assert_eq!(row.get::<serde_json::Value>(3)?, json(1));
                assert_eq!(row.get::<Vec<u8>>(4)?, [0, 255]);
                let wrong = row.get::<[u8; 3]>(4);
                assert!(matches!(wrong, Err(StoreError::Corrupt { column: 4, .. })));
                let wrong = row.get::<i64>(0);
                assert!(matches!(wrong, Err(StoreError::Corrupt { column: 0, .. })));
                Ok(())
            })
            .await;
        assert!(read.unwrap().is_some());
    }
}

#[tokio::test]
async fn given_rows_stand_in_a_statement_as_a_table() {
    for it in Database::each().await {
        let mut tx = it.db.read().await.unwrap();
        let sql = "SELECT given.row_no, given.a, given.b, given.c, given.d, given.e
                     FROM {rows a int, b text, c bytes, d date, e uuid} AS given
                    WHERE given.a > $1 ORDER BY given.row_no";
        let rows = Rows::column([1_i64, 2, 3])
            .and(["x", "\"ø\"", ""])
            .and([vec![1_u8], vec![0, 171], vec![]])
            .and([date(1, 1, 1), date(2026, 3, 4), date(9999, 12, 31)])
            .and([Some(Uuid::nil()), Some(Uuid::max()), None]);
        let found = tx
            .query_rows(sql, values![1_i64], rows, |row| {
                Ok((
                    row.get::<i64>(0)?,
                    row.get::<i64>(1)?,
                    row.get::<String>(2)?,
                    row.get::<Vec<u8>>(3)?,
                    row.get::<jiff::civil::Date>(4)?,
                    row.optional::<Uuid>(5)?,
                ))
            })
            .await
            .unwrap();
        assert_eq!(
            found,
            [
                (2, 2, "\"ø\"".to_owned(), vec![0, 171], date(2026, 3, 4), Some(Uuid::max())),
                (3, 3, String::new(), vec![], date(9999, 12, 31), None),
            ]
        );
    }
}

#[tokio::test]
async fn what_is_not_committed_is_gone() {
    for it in Database::each().await {
        let mut tx = it.db.write().await.unwrap();
        let sql = "INSERT INTO setting (tenant_id, kind, key, since_version, until_version, body)
                   VALUES (1, 'a', 'b', 1, 2, $1)";
        drop(tx.execute(sql, values![json(1)]).await);
        drop(tx);
        tenant(&it.db).await;
        let mut tx = it.db.read().await.unwrap();
        let rows = tx.query("SELECT key FROM setting", [], |row| row.get::<String>(0)).await;
        assert_eq!(rows.unwrap(), Vec::<String>::new());
    }
}

/// PostgreSQL answers such a commit with a rollback that looks like a success.
#[tokio::test]
async fn a_transaction_in_which_postgresql_refused_a_statement_does_not_commit() {
    let it = Database::postgres().await;
    let mut tx = it.db.write().await.unwrap();
    let twice = "INSERT INTO ledger_version (tenant_id, version, at) VALUES (1, 1, $1), (1, 1, $1)";
    assert!(tx.execute(twice, values![instant(1)]).await.is_err());
    assert!(tx.commit().await.is_err());
}

#[tokio::test]
async fn a_reader_sees_one_snapshot_while_others_write() {
    for it in Database::each().await {
        let mut reader = it.db.read().await.unwrap();
        let count = "SELECT count(*) FROM tenant";
        let before = reader.query_opt(count, [], |row| row.get::<i64>(0)).await.unwrap();
        tenant(&it.db).await;
        let after = reader.query_opt(count, [], |row| row.get::<i64>(0)).await.unwrap();
        assert_eq!((before, after), (Some(0), Some(0)));
    }
}

#[tokio::test]
async fn a_read_transaction_refuses_to_write() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.read().await.unwrap();
        let sql = "UPDATE tenant SET version = 7 WHERE tenant_id = $1";
        assert!(tx.execute(sql, values![tenant]).await.is_err());
    }
}

#[tokio::test]
async fn one_source_is_run_by_one_at_a_time_and_free_again_when_the_lock_is_dropped() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let held = run_lock(&it.db, tenant, SourceNo(1)).await.unwrap();
        assert!(held.is_some());
        assert!(run_lock(&it.db, tenant, SourceNo(1)).await.unwrap().is_none());
        assert!(run_lock(&it.db, tenant, SourceNo(2)).await.unwrap().is_some());
        drop(held);
        // The server notices the end of a session a moment later.
        let mut free = run_lock(&it.db, tenant, SourceNo(1)).await.unwrap();
        while free.is_none() {
            tokio::task::yield_now().await;
            free = run_lock(&it.db, tenant, SourceNo(1)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn one_target_is_delivered_to_by_one_at_a_time_whatever_its_key() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let held = target_lock(&it.db, tenant, "a/ü.lock").await.unwrap();
        assert!(held.is_some());
        assert!(target_lock(&it.db, tenant, "a/ü.lock").await.unwrap().is_none());
        assert!(target_lock(&it.db, tenant, "another").await.unwrap().is_some());
        assert!(run_lock(&it.db, tenant, SourceNo(1)).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_database_that_is_migrated_again_stays_as_it_is() {
    for it in Database::each().await {
        it.db.migrate().await.unwrap();
        it.db.check().await.unwrap();
    }
}

#[tokio::test]
async fn a_database_that_lacks_an_index_is_refused() {
    for it in Database::each().await {
        let mut tx = it.db.write().await.unwrap();
        tx.execute("DROP INDEX run_source", []).await.unwrap();
        tx.commit().await.unwrap();
        let refused = it.db.check().await;
        assert!(matches!(refused, Err(StoreError::Schema { what }) if what.contains("run_source")));
    }
}
