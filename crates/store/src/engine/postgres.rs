//! PostgreSQL: a pool of connections, each with its prepared statements.

mod tls;

use super::row::{Row, Source};
use super::statement::{Engine, render};
use super::value::Value;
use super::{Load, Rows};
use crate::StoreError;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use futures_util::FutureExt;
use futures_util::future::try_join;
use kobling_domain::id::TenantId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tls::Address;
use tokio_postgres::types::ToSql;

/// Connections of one process.
const CONNECTIONS_MAX: usize = 16;

type Rendered = Arc<Mutex<BTreeMap<&'static str, Arc<str>>>>;

pub(super) struct Postgres {
    address: Address,
    pool: Pool,
    rendered: Rendered,
}

/// A plan made while a table was empty would be kept while a load fills it, and scan it for every
/// key; and compiling plans costs more than our short statements do.
const PLANNING: &str = "-c plan_cache_mode=force_custom_plan -c jit=off";

const READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// To plan anew what finds a few rows by their keys costs several times what finding them does.
const ANSWERING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL plan_cache_mode = force_generic_plan";

/// Copies what a tenant has in each table into one of the same name that only this transaction sees, and
/// lets no statement go on with the table it was prepared for.
const COPYING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ;
    DO $copy$ DECLARE it record; BEGIN
      FOR it IN SELECT n.nspname AS place, c.relname AS name
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = current_schema() AND c.relkind = 'r'
                   AND c.relname NOT LIKE 'refinery%'
                 ORDER BY c.relname
      LOOP
        EXECUTE format('CREATE TEMPORARY TABLE %I (LIKE %I.%I INCLUDING ALL) ON COMMIT DROP',
                       it.name, it.place, it.name);
        EXECUTE format('INSERT INTO pg_temp.%I SELECT * FROM %I.%I WHERE tenant_id = {tenant}',
                       it.name, it.place, it.name);
        EXECUTE format('ANALYZE pg_temp.%I', it.name);
      END LOOP;
    END $copy$;
    DISCARD PLANS";

const ROLL_BACK: &str = "ROLLBACK";
/// Statements that were prepared for a copy are for the tables again.
const ROLL_BACK_COPY: &str = "ROLLBACK; DISCARD PLANS";

/// A connection with a transaction begun on it. What is not committed is rolled back before the
/// connection is lent again.
pub(super) struct Lease {
    pub(super) client: Object,
    rendered: Rendered,
    stage: Stage,
    /// How it is undone.
    roll_back: &'static str,
}

/// How far a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It begins with its first statement, in one way to the server and back: a snapshot is that of the
    /// first statement anyway.
    Due(&'static str),
    Open,
    Over,
}

impl Postgres {
    pub(super) fn open(url: &str) -> Result<Self, StoreError> {
        let mut address = Address::parse(url)?;
        let config = &mut address.config;
        let given = config.get_options().unwrap_or_default();
        let options = format!("{PLANNING} {given}");
        config.options(options);
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config.clone(), address.tls.clone(), recycling);
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS_MAX)
            .build()
            .map_err(|it| StoreError::Connect(Box::new(it)))?;
        Ok(Self { address, pool, rendered: Rendered::default() })
    }

    pub(super) fn load(&self) -> Load {
        let status = self.pool.status();
        Load { in_use: status.size.saturating_sub(status.available), most: status.max_size }
    }

    pub(super) async fn read(&self) -> Result<Lease, StoreError> {
        self.lease(Stage::Due(READING)).await
    }

    pub(super) async fn answer(&self) -> Result<Lease, StoreError> {
        self.lease(Stage::Due(ANSWERING)).await
    }

    pub(super) async fn write(&self) -> Result<Lease, StoreError> {
        let lease = self.lease(Stage::Open).await?;
        // A statement that was sent along with a BEGIN that failed would stand by itself, and last.
        lease.client.batch_execute("BEGIN").await?;
        Ok(lease)
    }

    /// A transaction on a copy of what a tenant has.
    pub(super) async fn copy(&self, tenant: TenantId) -> Result<Lease, StoreError> {
        let mut lease = self.lease(Stage::Open).await?;
        lease.roll_back = ROLL_BACK_COPY;
        let copying = COPYING.replace("{tenant}", &tenant.0.to_string());
        lease.client.batch_execute(&copying).await?;
        Ok(lease)
    }

    /// A connection outside the pool, which ends when it is dropped.
    pub(super) async fn connect(&self) -> Result<tokio_postgres::Client, StoreError> {
        let (client, connection) = self.address.config.connect(self.address.tls.clone()).await?;
        // What goes wrong on the way is told to whoever waits for an answer.
        tokio::spawn(async move { drop(connection.await) });
        Ok(client)
    }

    async fn lease(&self, stage: Stage) -> Result<Lease, StoreError> {
        let client = self.pool.get().await.map_err(|it| StoreError::Connect(Box::new(it)))?;
        let rendered = Arc::clone(&self.rendered);
        Ok(Lease { client, rendered, stage, roll_back: ROLL_BACK })
    }
}

impl Lease {
    pub(super) async fn query<T>(
        &mut self,
        sql: &'static str,
        values: &[Value],
        rows: Option<&Rows>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let statement = self.client.prepare_cached(&self.rendered(sql)).await?;
        let given = parameters(values, rows);
        let asked = self.client.query(&statement, &given);
        let found = match std::mem::replace(&mut self.stage, Stage::Open) {
            Stage::Due(begin) => try_join(self.client.batch_execute(begin), asked).await?.1,
            Stage::Open | Stage::Over => asked.await?,
        };
        found.iter().map(|row| read(&Row(Source::Postgres(row)))).collect()
    }

    /// Begins the transaction, if it has not begun yet.
    pub(super) async fn begin(&mut self) -> Result<(), StoreError> {
        if let Stage::Due(begin) = std::mem::replace(&mut self.stage, Stage::Open) {
            self.client.batch_execute(begin).await?;
        }
        Ok(())
    }

    pub(super) async fn execute(
        &mut self,
        sql: &'static str,
        values: &[Value],
        rows: Option<&Rows>,
    ) -> Result<u64, StoreError> {
        self.begin().await?;
        let statement = self.client.prepare_cached(&self.rendered(sql)).await?;
        Ok(self.client.execute(&statement, &parameters(values, rows)).await?)
    }

    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        self.begin().await?;
        // After a failed statement COMMIT would roll back and call that a success; SELECT fails.
        self.client.batch_execute("SELECT 1; COMMIT").await?;
        self.stage = Stage::Over;
        Ok(())
    }

    fn rendered(&self, sql: &'static str) -> Arc<str> {
        let made = || render(sql, Engine::Postgres).into();
        let mut rendered = self.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(rendered.entry(sql).or_insert_with(made))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.stage == Stage::Open {
            // Polled once, the request is queued on the connection before any later one; nobody
            // needs its answer.
            drop(self.client.batch_execute(self.roll_back).now_or_never());
        }
    }
}

fn parameters<'a>(values: &'a [Value], rows: Option<&'a Rows>) -> Vec<&'a (dyn ToSql + Sync)> {
    let mut all: Vec<&(dyn ToSql + Sync)> = Vec::new();
    for value in values {
        all.push(value);
    }
    for column in rows.map_or(&[][..], Rows::columns) {
        all.push(column);
    }
    all
}
