//! SQLite: one connection that writes, and a few that read; a transaction has one to itself.
//!
//! What writes may wait for another process and for the disk, so that connection has a thread of its own and
//! a call is one message there and one back. What reads waits for nobody (the log is written ahead), and most
//! of it is over before a message would have arrived: it is done where it is asked for.

use super::row::{Row, Source};
use super::statement::{Engine, render};
use super::value::Value;
use super::{Load, Rows};
use crate::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Connections that read at once, each of which holds the thread that asks while it reads.
pub(super) const READERS: usize = 4;
/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// After so many calls who reads lets others of its thread and of its task have their turn: work that does
/// nothing but read would never wait, and the signs of life beside it would never be given.
const CALLS_A_TURN: u32 = 16;
/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 256;

/// A commit is on the disk when it is done, as on PostgreSQL: what leaves afterwards cannot be
/// forgotten by a power cut. That costs some 4 ms a commit instead of 0.2 (measured, virtual disk), and
/// commits are few: pages of 500 lanes, batches of messages, one for a run.
const WRITING: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;
    PRAGMA secure_delete = FAST;";
/// A copy is one transaction's alone, and is gone after it.
const COPYING: &str =
    "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON;
    PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;";
const READING: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -16384;";

type Job = Box<dyn FnOnce(&mut Session) + Send>;

/// What a connection's thread owns.
pub(super) struct Session {
    pub(super) connection: Connection,
    rendered: BTreeMap<&'static str, Arc<str>>,
    calls: u32,
}

pub(super) struct Sqlite {
    pub(super) path: PathBuf,
    writer: Pool,
    readers: Pool,
}

#[derive(Clone)]
struct Pool {
    free: Arc<Semaphore>,
    idle: Arc<Idle>,
}

/// Connections nobody uses. When the last of those who could is gone, they are closed, and that is
/// waited for: the last connection to close folds the write-ahead log into the database.
#[derive(Default)]
struct Idle(Mutex<Vec<Connected>>);

/// Where the work of a connection is done.
enum Connected {
    /// On its thread, to which this is the way.
    There { jobs: mpsc::Sender<Job>, thread: JoinHandle<()> },
    /// Where it is asked for. Nobody else ever waits for it.
    Here(Box<Mutex<Session>>),
}

/// A connection, ours until it is dropped. What was begun and not committed is then rolled back before
/// the next one gets it.
pub(super) struct Lease {
    /// Always there until the lease is dropped.
    connected: Option<Connected>,
    idle: Arc<Idle>,
    _permit: OwnedSemaphorePermit,
}

/// Makes a database that is not there yet so that its owner alone may read it; SQLite gives the
/// files beside it the same rights. What cannot be made here fails, and is told, when it is opened.
fn keep_to_owner(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        drop(made);
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// Where the next copy is made: beside the store, under a name of its own.
fn copy_of(path: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".copy-{}-{number}", std::process::id()));
    let copy = PathBuf::from(name);
    // One of a process that was killed while it copied, and had our number.
    drop(std::fs::remove_file(&copy));
    copy
}

impl Sqlite {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        keep_to_owner(path);
        // The writing connection comes first: it makes the log that the others read beside.
        let writer = Pool::of(vec![start(open(path, WRITING)?)]);
        let here = |_| Ok(Connected::Here(Box::new(Mutex::new(open(path, READING)?))));
        let readers = (0..READERS).map(here).collect::<Result<_, StoreError>>()?;
        Ok(Self { path: path.to_owned(), writer, readers: Pool::of(readers) })
    }

    pub(super) async fn read(&self) -> Result<Lease, StoreError> {
        self.readers.begin("BEGIN DEFERRED").await
    }

    pub(super) async fn write(&self) -> Result<Lease, StoreError> {
        self.writer.begin("BEGIN IMMEDIATE").await
    }

    /// A transaction on a copy of what is committed. The copy is made beside the others, as any reader is,
    /// and loses its name once it is open, so that nothing of it stays whatever becomes of this process.
    pub(super) async fn copy(&self) -> Result<Lease, StoreError> {
        let path = self.path.clone();
        let copied = move || -> Result<Session, StoreError> {
            let to = copy_of(&path);
            keep_to_owner(&to);
            let made = connect(&path, "PRAGMA temp_store = MEMORY;")
                .and_then(|it| it.execute("VACUUM INTO $1", [to.display().to_string()]))
                .map_err(StoreError::from)
                .and_then(|_| open(&to, COPYING));
            drop(std::fs::remove_file(&to));
            made
        };
        let session =
            tokio::task::spawn_blocking(copied).await.map_err(|_| StoreError::Closed)??;
        Pool::of(vec![start(session)]).begin("BEGIN IMMEDIATE").await
    }

    pub(super) fn load(&self) -> Load {
        let free = self.readers.free.available_permits() + self.writer.free.available_permits();
        let most = READERS + 1;
        Load { in_use: most.saturating_sub(free), most }
    }

    /// The writing connection outside any transaction.
    pub(super) async fn writer(&self) -> Result<Lease, StoreError> {
        self.writer.lease().await
    }
}

impl Pool {
    fn of(all: Vec<Connected>) -> Self {
        let free = Arc::new(Semaphore::new(all.len()));
        Self { free, idle: Arc::new(Idle(Mutex::new(all))) }
    }

    async fn begin(&self, begin: &'static str) -> Result<Lease, StoreError> {
        let lease = self.lease().await?;
        let begin = move |it: &mut Session| it.execute(begin, &[], None).map(drop);
        lease.call(begin).await?;
        Ok(lease)
    }

    async fn lease(&self) -> Result<Lease, StoreError> {
        let permit =
            Arc::clone(&self.free).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let connected = self.idle.all().pop();
        if connected.is_none() {
            return Err(StoreError::Closed);
        }
        Ok(Lease { connected, idle: Arc::clone(&self.idle), _permit: permit })
    }
}

impl Lease {
    /// Runs `work` on the connection.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match self.connected.as_ref().ok_or(StoreError::Closed)? {
            Connected::Here(session) => {
                let (done, calls) = {
                    let mut session = session.lock().unwrap_or_else(PoisonError::into_inner);
                    session.calls = session.calls.wrapping_add(1);
                    (work(&mut session), session.calls)
                };
                if calls.is_multiple_of(CALLS_A_TURN) {
                    tokio::task::yield_now().await;
                }
                done
            }
            Connected::There { jobs, .. } => {
                let (answer, answered) = oneshot::channel();
                // Nobody waits for the answer if the caller was cancelled.
                let job: Job = Box::new(move |session| drop(answer.send(work(session))));
                jobs.send(job).map_err(|_| StoreError::Closed)?;
                answered.await.map_err(|_| StoreError::Closed)?
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connected) = self.connected.take() else { return };
        let is_whole = match &connected {
            Connected::Here(session) => {
                session.lock().unwrap_or_else(PoisonError::into_inner).roll_back();
                true
            }
            // Jobs run in order, so the thread may be lent again before it has rolled back.
            Connected::There { jobs, .. } => jobs.send(Box::new(Session::roll_back)).is_ok(),
        };
        if is_whole {
            self.idle.all().push(connected);
        }
    }
}

impl Idle {
    fn all(&self) -> MutexGuard<'_, Vec<Connected>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        for it in self.all().drain(..) {
            match it {
                Connected::Here(session) => drop(session),
                Connected::There { jobs, thread } => {
                    drop(jobs);
                    // A thread that panicked has closed its connection too.
                    drop(thread.join());
                }
            }
        }
    }
}

fn open(path: &Path, settings: &str) -> Result<Session, StoreError> {
    let connection = connect(path, settings)
        .map_err(|source| StoreError::Open { path: path.display().to_string(), source })?;
    Ok(Session { connection, rendered: BTreeMap::new(), calls: 0 })
}

fn start(mut session: Session) -> Connected {
    let (jobs, queue) = mpsc::channel::<Job>();
    // The thread ends when the sender is gone, that is with the pool.
    let thread = std::thread::spawn(move || queue.into_iter().for_each(|job| job(&mut session)));
    Connected::There { jobs, thread }
}

fn connect(path: &Path, settings: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.execute_batch(settings)?;
    // Else a statement is prepared anew whenever a value it is given may call for another plan.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

impl Session {
    pub(super) fn query<T>(
        &mut self,
        sql: &'static str,
        values: &[Value],
        rows: Option<&Rows>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let sql = self.rendered(sql);
        let mut statement = self.connection.prepare_cached(&sql)?;
        bind(&mut statement, values, rows)?;
        let mut found = statement.raw_query();
        let mut all = Vec::new();
        while let Some(row) = found.next()? {
            all.push(read(&Row(Source::Sqlite(row)))?);
        }
        Ok(all)
    }

    pub(super) fn execute(
        &mut self,
        sql: &'static str,
        values: &[Value],
        rows: Option<&Rows>,
    ) -> Result<u64, StoreError> {
        let sql = self.rendered(sql);
        let mut statement = self.connection.prepare_cached(&sql)?;
        bind(&mut statement, values, rows)?;
        let changed = statement.raw_execute()?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    fn roll_back(&mut self) {
        if !self.connection.is_autocommit() {
            // A rollback that fails leaves nothing either: the transaction is gone.
            drop(self.execute("ROLLBACK", &[], None));
        }
    }

    fn rendered(&mut self, sql: &'static str) -> Arc<str> {
        let made = || render(sql, Engine::Sqlite).into();
        Arc::clone(self.rendered.entry(sql).or_insert_with(made))
    }
}

fn bind(
    statement: &mut rusqlite::Statement<'_>,
    values: &[Value],
    rows: Option<&Rows>,
) -> Result<(), StoreError> {
    for (index, value) in (1..).zip(values) {
        statement.raw_bind_parameter(index, value)?;
    }
    if let Some(rows) = rows {
        statement.raw_bind_parameter(values.len() + 1, rows.json())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_committed_is_on_the_disk() {
        let path = std::env::temp_dir().join(format!("kobling-sqlite-{}.db", std::process::id()));
        let sqlite = Sqlite::open(&path).unwrap();
        let writer = sqlite.writer().await.unwrap();
        let read = |it: &mut Session, name| -> rusqlite::Result<String> {
            let value = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
            Ok(format!("{:?}", it.connection.pragma_query_value(None, name, value)?))
        };
        let settings = writer
            .call(move |it| Ok([read(it, "journal_mode")?, read(it, "synchronous")?]))
            .await
            .unwrap();
        // 2 is FULL: the log is synced at each commit.
        assert_eq!(settings, ["Text(\"wal\")", "Integer(2)"]);
        drop((writer, sqlite));
        std::fs::remove_file(&path).unwrap();
    }
}
