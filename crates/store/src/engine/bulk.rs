//! Many rows at once: COPY BINARY on PostgreSQL, one prepared statement on the connection's thread
//! on SQLite.

use super::sqlite::Session as Sqlite;
use super::{Session, Tx, ValueRef, postgres};
use crate::StoreError;
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{SinkExt, pin_mut};

/// Bytes gathered before they are sent to PostgreSQL.
const CHUNK_BYTES: usize = 1 << 16;

/// Where rows go: a table, all its columns that are written, and those of them that make its key.
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns of its primary key.
    pub key: &'static [&'static str],
    /// The other columns.
    pub columns: &'static [&'static str],
}

impl Table {
    fn names(&self) -> Vec<&'static str> {
        self.key.iter().chain(self.columns).copied().collect()
    }

    fn on_conflict(&self) -> String {
        let set: Vec<String> =
            self.columns.iter().map(|it| format!("{it} = excluded.{it}")).collect();
        if set.is_empty() {
            return "ON CONFLICT DO NOTHING".to_owned();
        }
        format!("ON CONFLICT ({}) DO UPDATE SET {}", self.key.join(", "), set.join(", "))
    }
}

/// Takes the values of one row, in the order of the table's columns.
pub struct Cells<'a, 'b>(Sink<'a, 'b>);

enum Sink<'a, 'b> {
    Sqlite {
        statement: &'a mut rusqlite::Statement<'b>,
        index: usize,
        failed: Option<rusqlite::Error>,
    },
    Postgres(&'a mut BytesMut),
}

impl Cells<'_, '_> {
    /// The next value.
    pub fn put<'v>(&mut self, value: impl Into<ValueRef<'v>>) {
        let value = value.into();
        match &mut self.0 {
            Sink::Sqlite { statement, index, failed } => {
                *index += 1;
                if let Err(it) = statement.raw_bind_parameter(*index, value) {
                    failed.get_or_insert(it);
                }
            }
            Sink::Postgres(out) => append_field(out, value),
        }
    }
}

/// Adds `rows`, none of which is there. `write` puts the values of one row.
pub async fn load<T: Send + Sync + 'static>(
    tx: &mut Tx,
    table: &'static Table,
    rows: Vec<T>,
    write: fn(&T, &mut Cells<'_, '_>),
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    match &mut tx.session {
        Session::Sqlite(lease) => {
            lease.call(move |it| insert_each(it, table, "", &rows, write)).await
        }
        Session::Postgres(lease) => {
            lease.begin().await?;
            copy_in(lease, table, table.name, &rows, write).await
        }
    }
}

/// Adds `rows`, or puts them in the place of those with the same key. No key stands in `rows`
/// twice.
pub async fn upsert<T: Send + Sync + 'static>(
    tx: &mut Tx,
    table: &'static Table,
    rows: Vec<T>,
    write: fn(&T, &mut Cells<'_, '_>),
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    match &mut tx.session {
        Session::Sqlite(lease) => {
            let conflict = table.on_conflict();
            lease.call(move |it| insert_each(it, table, &conflict, &rows, write)).await
        }
        Session::Postgres(lease) => {
            let (name, columns) = (table.name, table.names().join(", "));
            let begin = format!(
                "CREATE TEMPORARY TABLE IF NOT EXISTS load_{name} (LIKE {name}) ON COMMIT DELETE ROWS"
            );
            lease.begin().await?;
            lease.client.batch_execute(&begin).await?;
            copy_in(lease, table, &format!("load_{name}"), &rows, write).await?;
            let merge = format!(
                "INSERT INTO {name} ({columns}) SELECT {columns} FROM load_{name} {};
                 TRUNCATE load_{name}",
                table.on_conflict()
            );
            Ok(lease.client.batch_execute(&merge).await?)
        }
    }
}

/// Tells the planner how many rows there are now. PostgreSQL would otherwise scan whole tables for
/// a few rows after a load; a tenth of its default sample tells it enough.
pub async fn analyze(tx: &mut Tx) -> Result<(), StoreError> {
    match &mut tx.session {
        Session::Sqlite(lease) => {
            let analyze = "PRAGMA analysis_limit = 1000; ANALYZE";
            lease.call(move |it| Ok(it.connection.execute_batch(analyze)?)).await
        }
        Session::Postgres(lease) => {
            lease.begin().await?;
            let analyze = "SET LOCAL default_statistics_target = 10; ANALYZE";
            Ok(lease.client.batch_execute(analyze).await?)
        }
    }
}

fn insert_each<T>(
    session: &mut Sqlite,
    table: &Table,
    conflict: &str,
    rows: &[T],
    write: fn(&T, &mut Cells<'_, '_>),
) -> Result<(), StoreError> {
    let names = table.names();
    let places = vec!["?"; names.len()].join(", ");
    let sql =
        format!("INSERT INTO {} ({}) VALUES ({places}) {conflict}", table.name, names.join(", "));
    let mut statement = session.connection.prepare_cached(&sql)?;
    for row in rows {
        let sink = Sink::Sqlite { statement: &mut statement, index: 0, failed: None };
        let mut cells = Cells(sink);
        write(row, &mut cells);
        if let Sink::Sqlite { failed: Some(failed), .. } = cells.0 {
            return Err(failed.into());
        }
        statement.raw_execute()?;
    }
    Ok(())
}

async fn copy_in<T>(
    lease: &postgres::Lease,
    table: &Table,
    name: &str,
    rows: &[T],
    write: fn(&T, &mut Cells<'_, '_>),
) -> Result<(), StoreError> {
    let names = table.names();
    let sql = format!("COPY {name} ({}) FROM STDIN (FORMAT binary)", names.join(", "));
    let sink = lease.client.copy_in::<_, Bytes>(sql.as_str()).await?;
    pin_mut!(sink);
    let width = i16::try_from(names.len()).unwrap_or(i16::MAX);
    let mut out = BytesMut::with_capacity(CHUNK_BYTES * 2);
    // Signature, flags and length of the header's extension.
    out.put_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
    for row in rows {
        out.put_i16(width);
        write(row, &mut Cells(Sink::Postgres(&mut out)));
        if out.len() >= CHUNK_BYTES {
            sink.feed(out.split().freeze()).await?;
        }
    }
    out.put_i16(-1);
    sink.feed(out.freeze()).await?;
    sink.finish().await?;
    Ok(())
}

fn append_field(out: &mut BytesMut, value: ValueRef<'_>) {
    let start = out.len();
    out.put_i32(-1);
    if value.encode(out) {
        let length = i32::try_from(out.len() - start - 4).unwrap_or(i32::MAX);
        if let Some(place) = out.get_mut(start..start + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }
}
