use super::{Db, Inner};
use crate::StoreError;
use kobling_domain::id::{SourceNo, TenantId};
use std::fs::{File, TryLockError};
use std::path::Path;
use tokio_postgres::error::SqlState;

/// A server needs a moment to see that a session has ended: the lock of a run that has just ended,
/// or died, is waited for so long.
const WAIT_MILLISECONDS: u32 = 2_000;

/// The right to run one source, or to deliver to one target. It ends when it is dropped and with
/// the process, however that ends, so nothing is ever left to repair.
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
    let names = Names {
        file: format!(".run-{tenant}-{source}.lock"),
        key: format!("kobling run {tenant} {source}"),
    };
    lock(db, names).await
}

/// The right to deliver to the target of that key, or none while somebody else has it.
pub async fn target_lock(
    db: &Db,
    tenant: TenantId,
    target: &str,
) -> Result<Option<RunLock>, StoreError> {
    let names = Names {
        file: format!(".target-{tenant}-{}.lock", in_a_file_name(target)),
        key: format!("kobling target {tenant} {target}"),
    };
    lock(db, names).await
}

/// What one lock is called on either engine.
struct Names {
    file: String,
    key: String,
}

async fn lock(db: &Db, names: Names) -> Result<Option<RunLock>, StoreError> {
    match db.0.as_ref() {
        Inner::Sqlite(it) => lock_file(&it.path, &names.file),
        Inner::Postgres(it) => {
            let client = it.connect().await?;
            client.batch_execute(&format!("SET lock_timeout = {WAIT_MILLISECONDS}")).await?;
            // Two of 32 bits each would cut numbers short; hashing keeps one of 64.
            let sql = "SELECT pg_advisory_lock(hashtextextended($1, 0))";
            match client.query_one(sql, &[&names.key]).await {
                Ok(_) => Ok(Some(RunLock { _held: Held::Session { _client: client } })),
                Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => Ok(None),
                Err(error) => Err(error.into()),
            }
        }
    }
}

/// A key may hold anything; a file's name may not.
fn in_a_file_name(key: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '-';
    key.chars()
        .map(|it| if is_plain(it) { it.to_string() } else { format!("~{:x}~", u32::from(it)) })
        .collect()
}

fn lock_file(database: &Path, name: &str) -> Result<Option<RunLock>, StoreError> {
    let mut path = database.as_os_str().to_owned();
    path.push(name);
    let failed = |source| StoreError::Lock { path: path.to_string_lossy().into_owned(), source };
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(RunLock { _held: Held::File { _file: file } })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
