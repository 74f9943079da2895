use crate::parse::for_each_value;
use crate::{Failure, split};
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::SinkExt;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, params_from_iter};
use std::path::Path;

/// Elements of an extract, each a column of text; what has no column is left out.
const COLUMNS: [&str; 41] = [
    "id",
    "client",
    "lastChanged",
    "action",
    "entryDate",
    "leaveDate",
    "cpr",
    "firstName",
    "lastName",
    "address",
    "postalCode",
    "city",
    "country",
    "workPhone",
    "workContract",
    "workContractText",
    "positionId",
    "position",
    "positionShort",
    "jobId",
    "job",
    "jobShort",
    "itUser",
    "invoiceRecipient",
    "isManager",
    "superiorLevel",
    "subordinateLevel",
    "orgUnit",
    "email",
    "userId",
    "payGrade",
    "payGradeText",
    "numerator",
    "denominator",
    "initialEntry",
    "entryIntoGroup",
    "startDate",
    "endDate",
    "parentOrgUnit",
    "shortName",
    "longName",
];
const COLUMN_COUNT: i16 = 41;
const FLUSH_BYTES: usize = 1 << 16;
const COPY_HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Batches that may wait for the server.
const QUEUE_LENGTH: usize = 4;

/// The values of one record, by column.
struct Row {
    values: Vec<String>,
}

impl Row {
    fn new() -> Self {
        Self { values: vec![String::new(); COLUMNS.len()] }
    }

    fn read(&mut self, record: &[u8]) -> Result<(), Failure> {
        self.values.iter_mut().for_each(String::clear);
        for_each_value(record, |name, value| {
            let column = COLUMNS.iter().position(|it| *it == name);
            if let Some(it) = column.and_then(|it| self.values.get_mut(it)) {
                it.push_str(value);
            }
        })
    }
}

fn create_table() -> String {
    let columns: Vec<String> = COLUMNS.iter().map(|it| format!("\"{it}\" text")).collect();
    format!("CREATE TABLE everything ({})", columns.join(", "))
}

/// Inserts every record in one transaction, as fast as SQLite takes them.
pub(crate) fn insert(file: &Path, database: &Path) -> Result<u64, Failure> {
    let mut connection = Connection::open(database)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.execute_batch(&create_table())?;
    let transaction = connection.transaction()?;
    let places = vec!["?"; COLUMNS.len()].join(", ");
    let mut statement =
        transaction.prepare(&format!("INSERT INTO everything VALUES ({places})"))?;
    let mut row = Row::new();
    let records = split::for_each_record(file, |record| {
        row.read(record)?;
        let values = row.values.iter().map(|it| ToSqlOutput::from(it.as_str()));
        statement.execute(params_from_iter(values))?;
        Ok(())
    })?;
    drop(statement);
    transaction.commit()?;
    Ok(records)
}

/// Copies every record, in PostgreSQL's binary form, from a thread that parses.
pub(crate) fn copy(file: &Path, url: &str) -> Result<u64, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<Bytes>(QUEUE_LENGTH);
    let file = file.to_path_buf();
    let parser = std::thread::spawn(move || parse_into(&file, &sender));
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        let driver = tokio::spawn(connection);
        client.batch_execute("DROP TABLE IF EXISTS everything").await?;
        client.batch_execute(&create_table()).await?;
        let sink = client.copy_in("COPY everything FROM STDIN (FORMAT binary)").await?;
        let mut sink = std::pin::pin!(sink);
        while let Some(batch) = receiver.recv().await {
            sink.send(batch).await?;
        }
        sink.finish().await?;
        drop(client);
        driver.await.map_err(std::io::Error::other)??;
        Ok::<(), Failure>(())
    })?;
    parser.join().unwrap_or(Err(Failure::Cut))
}

fn parse_into(file: &Path, sender: &tokio::sync::mpsc::Sender<Bytes>) -> Result<u64, Failure> {
    let gone = |_| std::io::Error::other("the server stopped listening");
    let mut batch = BytesMut::with_capacity(2 * FLUSH_BYTES);
    batch.put_slice(COPY_HEADER);
    let mut row = Row::new();
    let records = split::for_each_record(file, |record| {
        row.read(record)?;
        batch.put_i16(COLUMN_COUNT);
        for value in &row.values {
            batch.put_i32(i32::try_from(value.len()).map_err(|_| Failure::Cut)?);
            batch.put_slice(value.as_bytes());
        }
        if batch.len() >= FLUSH_BYTES {
            sender.blocking_send(batch.split().freeze()).map_err(gone)?;
        }
        Ok(())
    })?;
    batch.put_i16(-1);
    sender.blocking_send(batch.freeze()).map_err(gone)?;
    Ok(records)
}
