use super::statement::{Engine, render_ddl};
use super::{Inner, sqlite};
use crate::StoreError;
use refinery::{Migration, Runner};

/// Name and text of every migration, in order. A text that has been released never changes.
const MIGRATIONS: &[(&str, &str)] = &[("V1__spine", include_str!("../migrations/V1__spine.sql"))];

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
