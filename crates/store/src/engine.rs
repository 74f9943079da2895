//! The one place that knows the two databases.
//!
//! A [`Db`] gives transactions; a [`Tx`] runs SQL text. A read transaction sees one snapshot from
//! its first statement on. A transaction that is dropped is rolled back.

pub mod backup;
pub mod bulk;
mod kept;
mod lock;
mod migrate;
mod postgres;
mod row;
mod rows;
mod sqlite;
mod statement;
mod value;

pub use lock::{RunLock, run_lock, target_lock};
pub use migrate::schema;
pub use row::{Column, Row};
pub use rows::Rows;
pub use statement::Engine;

/// Threads of a process that reads of SQLite hold at once.
pub const THREADS_HELD_MAX: usize = sqlite::READERS;
pub use value::{Value, ValueRef};

use crate::StoreError;
use crate::people::Shapes;
use kept::Kept;
use kobling_domain::id::TenantId;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A database.
#[derive(Clone)]
pub struct Db(Arc<Inner>, Arc<Kept>);

enum Inner {
    Sqlite(sqlite::Sqlite),
    Postgres(Box<postgres::Postgres>),
}

/// A transaction.
pub struct Tx {
    session: Session,
    purpose: Purpose,
    kept: Arc<Kept>,
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// All it sees is committed.
    Reading,
    Writing,
}

/// Connections of a process to its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Those that are lent out.
    pub in_use: usize,
    /// Those there can be.
    pub most: usize,
}

enum Session {
    Sqlite(sqlite::Lease),
    Postgres(Box<postgres::Lease>),
}

impl Db {
    /// The database at `sqlite:PATH` or `postgres://…`. A missing SQLite file is made; tables are
    /// made by [`migrate`](Self::migrate).
    pub fn open(address: &str) -> Result<Self, StoreError> {
        let inner = if let Some(path) = address.strip_prefix("sqlite:") {
            Inner::Sqlite(sqlite::Sqlite::open(Path::new(path))?)
        } else if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            Inner::Postgres(Box::new(postgres::Postgres::open(address)?))
        } else {
            return Err(StoreError::Address);
        };
        Ok(Self(Arc::new(inner), Arc::default()))
    }

    /// Which engine it is.
    pub fn engine(&self) -> Engine {
        match self.0.as_ref() {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    /// How many connections this process has lent out.
    pub fn load(&self) -> Load {
        match self.0.as_ref() {
            Inner::Sqlite(it) => it.load(),
            Inner::Postgres(it) => it.load(),
        }
    }

    /// How many statements this process has run, those of [`bulk`] aside.
    pub fn statements(&self) -> u64 {
        self.1.statements.load(Ordering::Relaxed)
    }

    /// A transaction that reads.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        let session = match self.0.as_ref() {
            Inner::Sqlite(it) => Session::Sqlite(it.read().await?),
            Inner::Postgres(it) => Session::Postgres(Box::new(it.read().await?)),
        };
        Ok(Tx { session, purpose: Purpose::Reading, kept: Arc::clone(&self.1) })
    }

    /// A transaction that reads little, and by keys, as many do at once: the engine keeps how it finds
    /// that, and does not plan it anew.
    pub async fn answer(&self) -> Result<Tx, StoreError> {
        let session = match self.0.as_ref() {
            Inner::Sqlite(it) => Session::Sqlite(it.read().await?),
            Inner::Postgres(it) => Session::Postgres(Box::new(it.answer().await?)),
        };
        Ok(Tx { session, purpose: Purpose::Reading, kept: Arc::clone(&self.1) })
    }

    /// A transaction that writes. On SQLite it waits for every other one.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        let session = match self.0.as_ref() {
            Inner::Sqlite(it) => Session::Sqlite(it.write().await?),
            Inner::Postgres(it) => Session::Postgres(Box::new(it.write().await?)),
        };
        Ok(Tx { session, purpose: Purpose::Writing, kept: Arc::clone(&self.1) })
    }

    /// A transaction on a private copy of what a tenant has by now: it may write, nobody else sees what it
    /// wrote or waits for it, and nothing of it lasts. On SQLite the copy is a file that has no name any
    /// more, on PostgreSQL tables of the session that hide the others; both are gone with the transaction.
    pub async fn copy(&self, tenant: TenantId) -> Result<Tx, StoreError> {
        let session = match self.0.as_ref() {
            Inner::Sqlite(it) => Session::Sqlite(it.copy().await?),
            Inner::Postgres(it) => Session::Postgres(Box::new(it.copy(tenant).await?)),
        };
        Ok(Tx { session, purpose: Purpose::Writing, kept: Arc::default() })
    }

    /// Brings the tables to this version's schema. Does nothing where they are.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        migrate::migrate(&self.0).await
    }

    /// Whether its tables are of this version, by the migrations it says it has had.
    pub async fn is_current(&self) -> Result<bool, StoreError> {
        migrate::is_current(&self.0).await
    }

    /// Refuses a database whose tables and indexes are not those of this version's schema.
    pub async fn check(&self) -> Result<(), StoreError> {
        migrate::check(&self.0).await
    }

    /// Lets the engine parse a statement without running it; for the check that both engines
    /// accept every statement there is.
    pub async fn prepare(&self, sql: &str) -> Result<(), StoreError> {
        migrate::prepare(&self.0, sql).await
    }
}

impl Tx {
    /// What `read` makes of each row of a query.
    ///
    /// `read` runs where the row is: on SQLite on the connection's thread, before the row is left.
    pub async fn query<T: Send + 'static>(
        &mut self,
        sql: &'static str,
        values: impl Into<Vec<Value>>,
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        self.run(sql, values.into(), None, read).await
    }

    /// The same for a statement with a `{rows …}` relation.
    pub async fn query_rows<T: Send + 'static>(
        &mut self,
        sql: &'static str,
        values: impl Into<Vec<Value>>,
        rows: Rows,
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        self.run(sql, values.into(), Some(rows), read).await
    }

    /// What `read` makes of the first row, if there is one.
    pub async fn query_opt<T: Send + 'static>(
        &mut self,
        sql: &'static str,
        values: impl Into<Vec<Value>>,
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.query(sql, values, read).await?.into_iter().next())
    }

    /// Runs a statement; tells how many rows it changed.
    pub async fn execute(
        &mut self,
        sql: &'static str,
        values: impl Into<Vec<Value>>,
    ) -> Result<u64, StoreError> {
        self.change(sql, values.into(), None).await
    }

    /// The same for a statement with a `{rows …}` relation.
    pub async fn execute_rows(
        &mut self,
        sql: &'static str,
        values: impl Into<Vec<Value>>,
        rows: Rows,
    ) -> Result<u64, StoreError> {
        if rows.is_empty() {
            return Ok(0);
        }
        self.change(sql, values.into(), Some(rows)).await
    }

    /// The shapes that a transaction before this one has read.
    pub(crate) fn shapes(&self, tenant: TenantId) -> Option<Arc<Shapes>> {
        self.kept.shapes(tenant)
    }

    /// Keeps the shapes that this one has read, if all it sees is committed.
    pub(crate) fn keep_shapes(&self, tenant: TenantId, shapes: Arc<Shapes>) {
        match self.purpose {
            Purpose::Reading => self.kept.keep_shapes(tenant, shapes),
            Purpose::Writing => {}
        }
    }

    /// Makes all of it lasting.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.session {
            Session::Sqlite(lease) => {
                lease.call(|it| it.execute("COMMIT", &[], None).map(drop)).await
            }
            Session::Postgres(lease) => lease.commit().await,
        }
    }

    async fn run<T: Send + 'static>(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
        rows: Option<Rows>,
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        self.kept.statements.fetch_add(1, Ordering::Relaxed);
        match &mut self.session {
            Session::Sqlite(lease) => {
                lease.call(move |it| it.query(sql, &values, rows.as_ref(), read)).await
            }
            Session::Postgres(lease) => lease.query(sql, &values, rows.as_ref(), read).await,
        }
    }

    async fn change(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
        rows: Option<Rows>,
    ) -> Result<u64, StoreError> {
        self.kept.statements.fetch_add(1, Ordering::Relaxed);
        match &mut self.session {
            Session::Sqlite(lease) => {
                lease.call(move |it| it.execute(sql, &values, rows.as_ref())).await
            }
            Session::Postgres(lease) => lease.execute(sql, &values, rows.as_ref()).await,
        }
    }
}
