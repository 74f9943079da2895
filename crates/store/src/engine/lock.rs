use super::{Db, Inner};
use crate::StoreError;
use kobling_domain::id::{SourceNo, TenantId};
use std::fs::{File, TryLockError};
use std::path::Path;
use tokio_postgres::error::SqlState;

/// A server needs a moment to see that a session has ended: the lock of a run that has just ended,
/// or died, is waited for so long.
const WAIT_MILLISECONDS: u32 = 2_000;

/// The right to run one source. It ends when it is dropped and with the process, however that
/// ends, so nothing is ever left to repair.
pub struct RunLock {
    _held: Held,
}

enum Held {
    File { _file: File },
    Session { _client: tokio_postgres::Client },
}

/// The right to run `source`, or none while somebody else has it: a lock on a file beside the
/// SQLite database, an advisory lock on a connection of its own on PostgreSQL.
pub async fn run_lock(
    db: &Db,
    tenant: TenantId,
    source: SourceNo,
) -> Result<Option<RunLock>, StoreError> {
    match db.0.as_ref() {
        Inner::Sqlite(it) => lock_file(&it.path, tenant, source),
        Inner::Postgres(it) => {
            let client = it.connect().await?;
            // Two of 32 bits each would cut the numbers short; hashing keeps one of 64.
            let key = format!("kobling run {tenant} {source}");
            client.batch_execute(&format!("SET lock_timeout = {WAIT_MILLISECONDS}")).await?;
            let sql = "SELECT pg_advisory_lock(hashtextextended($1, 0))";
            match client.query_one(sql, &[&key]).await {
                Ok(_) => Ok(Some(RunLock { _held: Held::Session { _client: client } })),
                Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => Ok(None),
                Err(error) => Err(error.into()),
            }
        }
    }
}

fn lock_file(
    database: &Path,
    tenant: TenantId,
    source: SourceNo,
) -> Result<Option<RunLock>, StoreError> {
    let mut path = database.as_os_str().to_owned();
    path.push(format!(".run-{tenant}-{source}.lock"));
    let failed = |source| StoreError::Lock { path: path.to_string_lossy().into_owned(), source };
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(RunLock { _held: Held::File { _file: file } })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
