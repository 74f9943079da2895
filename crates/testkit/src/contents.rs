//! All that stands in a database, as text.

use jiff::Timestamp;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;
use tokio_postgres::Client;

pub(crate) fn sqlite(path: &Path) -> BTreeMap<String, Vec<String>> {
    read_sqlite(path).expect("the database can be read")
}

fn read_sqlite(path: &Path) -> rusqlite::Result<BTreeMap<String, Vec<String>>> {
    let connection = Connection::open(path)?;
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    let tables: Vec<String> =
        connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut contents = BTreeMap::new();
    for table in tables {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let cells: rusqlite::Result<Vec<String>> =
                (0..columns).map(|it| Ok(format!("{:?}", row.get_ref(it)?))).collect();
            Ok(cells?.join("|"))
        })?;
        let mut rows = rows.collect::<Result<Vec<String>, _>>()?;
        rows.sort();
        contents.insert(table, rows);
    }
    Ok(contents)
}

/// Gives a table of a SQLite database another name, as if it had been lost, or come back.
pub fn rename_table(path: &Path, name: &str, to: &str) {
    let connection = Connection::open(path).expect("the database can be opened");
    connection
        .execute_batch(&format!("PRAGMA busy_timeout = 10000; ALTER TABLE {name} RENAME TO {to}"))
        .expect("a table can be renamed");
}

/// The jobs of a SQLite database whose time has come by `now`, as words; none of a file that is none.
pub fn jobs_until(path: &Path, now: Timestamp) -> Vec<String> {
    if !path.exists() {
        return Vec::new();
    }
    let connection = Connection::open(path).expect("the database can be opened");
    let sql = "SELECT kind || ' ' || key || coalesce(': ' || error, '') FROM job
                WHERE run_at <= ?1";
    let Ok(mut jobs) = connection.prepare(sql) else { return Vec::new() };
    let jobs = jobs.query_map([now.as_microsecond()], |row| row.get(0));
    let jobs: Result<Vec<String>, _> = jobs.expect("jobs can be listed").collect();
    jobs.expect("jobs can be listed")
}

pub(crate) async fn postgres(client: &Client) -> BTreeMap<String, Vec<String>> {
    let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()";
    let tables = client.query(sql, &[]).await.expect("tables can be listed");
    let mut contents = BTreeMap::new();
    for table in tables {
        let table: String = table.get(0);
        let sql = format!("SELECT t::text FROM {table} AS t ORDER BY 1");
        let rows = client.query(&sql, &[]).await.expect("a table can be read");
        contents.insert(table, rows.iter().map(|row| row.get(0)).collect());
    }
    contents
}
