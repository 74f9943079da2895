use super::statement::{Engine, render, render_ddl};
use super::{Inner, sqlite};
use crate::StoreError;
use refinery::{Migration, Runner};
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Name and text of every migration, in order. A text that has been released never changes.
const MIGRATIONS: &[(&str, &str)] = &[
    ("V1__spine", include_str!("../migrations/V1__spine.sql")),
    ("V2__roster", include_str!("../migrations/V2__roster.sql")),
    ("V3__places", include_str!("../migrations/V3__places.sql")),
    ("V4__lanes", include_str!("../migrations/V4__lanes.sql")),
    ("V5__sources", include_str!("../migrations/V5__sources.sql")),
    ("V7__changes", include_str!("../migrations/V7__changes.sql")),
    ("V8__audit_at", include_str!("../migrations/V8__audit_at.sql")),
    ("V9__takeover", include_str!("../migrations/V9__takeover.sql")),
    ("V10__sets", include_str!("../migrations/V10__sets.sql")),
    ("V14__users", include_str!("../migrations/V14__users.sql")),
    ("V15__credentials", include_str!("../migrations/V15__credentials.sql")),
    ("V16__audit_chain", include_str!("../migrations/V16__audit_chain.sql")),
    ("V17__own_values", include_str!("../migrations/V17__own_values.sql")),
    ("V18__given_up", include_str!("../migrations/V18__given_up.sql")),
    ("V19__closed", include_str!("../migrations/V19__closed.sql")),
    ("V20__answers", include_str!("../migrations/V20__answers.sql")),
    ("V21__clients", include_str!("../migrations/V21__clients.sql")),
    ("V22__watching", include_str!("../migrations/V22__watching.sql")),
    ("V23__lane_state", include_str!("../migrations/V23__lane_state.sql")),
    ("V24__subjects", include_str!("../migrations/V24__subjects.sql")),
    ("V25__pushes", include_str!("../migrations/V25__pushes.sql")),
    ("V26__webhooks", include_str!("../migrations/V26__webhooks.sql")),
    ("V27__set_lists", include_str!("../migrations/V27__set_lists.sql")),
    ("V28__client_certificates", include_str!("../migrations/V28__client_certificates.sql")),
    ("V29__closings", include_str!("../migrations/V29__closings.sql")),
    ("V36__subject_kinds", include_str!("../migrations/V36__subject_kinds.sql")),
];

/// The DDL of the present schema.
pub fn schema(engine: Engine) -> String {
    MIGRATIONS.iter().map(|(_, ddl)| render_ddl(ddl, engine)).collect()
}

pub(super) async fn migrate(inner: &Inner) -> Result<(), StoreError> {
    match inner {
        Inner::Sqlite(it) => it.writer().await?.call(migrate_sqlite).await,
        Inner::Postgres(it) => {
            let mut client = it.connect().await?;
            let runner = runner(Engine::Postgres)?;
            runner.run_async(&mut client).await.map_err(failed)?;
            Ok(())
        }
    }
}

fn migrate_sqlite(session: &mut sqlite::Session) -> Result<(), StoreError> {
    runner(Engine::Sqlite)?.run(&mut session.connection).map_err(failed)?;
    Ok(())
}

fn runner(engine: Engine) -> Result<Runner, StoreError> {
    let migrations: Result<Vec<Migration>, refinery::Error> = MIGRATIONS
        .iter()
        .map(|(name, ddl)| Migration::unapplied(name, &render_ddl(ddl, engine)))
        .collect();
    Ok(Runner::new(&migrations.map_err(failed)?).set_grouped(true))
}

fn failed(source: refinery::Error) -> StoreError {
    StoreError::Migrate(Box::new(source))
}

/// Whether the last migration of this program has been applied, and none that it does not know.
/// Cheap enough to ask at every start; [`check`] looks at the tables themselves.
pub(super) async fn is_current(inner: &Inner) -> Result<bool, StoreError> {
    let sql = "SELECT max(version) FROM refinery_schema_history";
    let version: Option<i64> = match inner {
        Inner::Sqlite(it) => {
            let latest = move |it: &mut sqlite::Session| {
                let tables = "SELECT count(*) FROM sqlite_schema WHERE name = $1";
                let found: i64 =
                    it.connection.query_row(tables, ["refinery_schema_history"], |it| it.get(0))?;
                match found {
                    0 => Ok(None),
                    _ => Ok(it.connection.query_row(sql, [], |row| row.get(0))?),
                }
            };
            it.read().await?.call(latest).await?
        }
        Inner::Postgres(it) => {
            let client = it.connect().await?;
            let exists = "SELECT to_regclass('refinery_schema_history') IS NOT NULL";
            if !client.query_one(exists, &[]).await?.try_get(0)? {
                return Ok(false);
            }
            let version: Option<i32> = client.query_one(sql, &[]).await?.try_get(0)?;
            version.map(i64::from)
        }
    };
    Ok(version == last_version())
}

/// The number of the last migration. Numbers rise and may have gaps.
pub(super) fn last_version() -> Option<i64> {
    let (name, _) = MIGRATIONS.last()?;
    name.strip_prefix('V')?.split_once("__")?.0.parse().ok()
}

/// Compares the tables and indexes that are there with those the migrations make elsewhere: in
/// memory, or in a schema that is rolled back.
pub(super) async fn check(inner: &Inner) -> Result<(), StoreError> {
    let (found, expected) = match inner {
        Inner::Sqlite(it) => it.writer().await?.call(|it| describe_sqlite(&it.connection)).await?,
        Inner::Postgres(it) => describe_postgres(&it.connect().await?).await?,
    };
    let differs = found.symmetric_difference(&expected).next();
    differs.map_or(Ok(()), |what| Err(StoreError::Schema { what: what.clone() }))
}

type Described = (BTreeSet<String>, BTreeSet<String>);

fn describe_sqlite(connection: &Connection) -> Result<Described, StoreError> {
    let sql = "SELECT name || ': ' || sql FROM sqlite_schema
                WHERE sql IS NOT NULL AND name NOT LIKE 'refinery%' AND name NOT LIKE 'sqlite%'";
    let describe = |connection: &Connection| -> rusqlite::Result<BTreeSet<String>> {
        connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
    };
    let replayed = Connection::open_in_memory()?;
    replayed.execute_batch(&schema(Engine::Sqlite))?;
    Ok((describe(connection)?, describe(&replayed)?))
}

async fn describe_postgres(client: &tokio_postgres::Client) -> Result<Described, StoreError> {
    let found = describe(client).await?;
    let replay = format!(
        "BEGIN; CREATE SCHEMA kobling_check; SET LOCAL search_path TO kobling_check; {}",
        schema(Engine::Postgres)
    );
    client.batch_execute(&replay).await?;
    let expected = describe(client).await?;
    client.batch_execute("ROLLBACK").await?;
    Ok((found, expected))
}

async fn describe(client: &tokio_postgres::Client) -> Result<BTreeSet<String>, StoreError> {
    let sql = "SELECT c.relname || '.' || a.attname || ': '
                      || format_type(a.atttypid, a.atttypmod)
                      || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
                 FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
                  AND a.attnum > 0 AND NOT a.attisdropped AND c.relname NOT LIKE 'refinery%'
                UNION ALL
               SELECT indexname || ': ' || replace(indexdef, current_schema() || '.', '')
                 FROM pg_indexes
                WHERE schemaname = current_schema() AND tablename NOT LIKE 'refinery%'";
    let rows = client.query(sql, &[]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Lets the engine parse and plan a statement without running it.
pub(super) async fn prepare(inner: &Inner, sql: &str) -> Result<(), StoreError> {
    match inner {
        Inner::Sqlite(it) => {
            let sql = render(sql, Engine::Sqlite);
            let prepare = move |it: &mut sqlite::Session| {
                it.connection.prepare(&sql)?;
                Ok(())
            };
            it.writer().await?.call(prepare).await
        }
        Inner::Postgres(it) => {
            it.connect().await?.prepare(&render(sql, Engine::Postgres)).await?;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the migrations that are among those wanted.
    fn apply(connection: &Connection, is_among: impl Fn(&str) -> bool) {
        for (_, ddl) in MIGRATIONS.iter().filter(|(name, _)| is_among(name)) {
            connection.execute_batch(&render_ddl(ddl, Engine::Sqlite)).unwrap();
        }
    }

    fn number(name: &str) -> u32 {
        name.trim_start_matches('V').split_once("__").unwrap().0.parse().unwrap()
    }

    #[test]
    fn what_targets_were_given_before_lists_had_parts_is_theirs_after() {
        let connection = Connection::open_in_memory().unwrap();
        apply(&connection, |it| number(it) < 27);
        let before = "
            INSERT INTO delivered (tenant_id, target, file, at, version, detail, body)
            VALUES (1, 'plan2learn', 'bruger.csv', 0, 1, '{}', x'01');
            INSERT INTO pending_file
                   (tenant_id, target, set_no, position, file, bytes, mac, detail, inventory)
            VALUES (1, 'plan2learn', 5, 0, 'bruger.csv', 1, x'00', '{}', x'02');";
        connection.execute_batch(before).unwrap();
        apply(&connection, |it| number(it) >= 27);
        let sql =
            "SELECT set_list.set_no || ' ' || hex(set_list.body) || coalesce(delivered.file, '')
                     FROM set_list LEFT JOIN delivered USING (tenant_id, target, set_no, file)
                    WHERE part = 0 ORDER BY set_list.set_no";
        let mut lists = connection.prepare(sql).unwrap();
        let lists = lists.query_map([], |row| row.get(0)).unwrap();
        let lists: Vec<String> = lists.collect::<Result<_, _>>().unwrap();
        assert_eq!(lists, ["0 01bruger.csv", "5 02"]);
    }
}
