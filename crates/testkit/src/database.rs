//! A fresh database for a test, on either engine.

use crate::{contents, postgres};
use kobling_store::Db;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A migrated, empty database of one test. A SQLite file is removed when it is dropped; a
/// PostgreSQL database goes with its server.
pub struct Database {
    /// The open database.
    pub db: Db,
    /// How the program is told of it.
    pub address: String,
    dir: Option<PathBuf>,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Database {
    /// One on each engine.
    pub async fn each() -> [Self; 2] {
        [Self::sqlite().await, Self::postgres().await]
    }

    /// One on SQLite.
    pub async fn sqlite() -> Self {
        let dir = target().join("tmp/databases").join(name());
        // One that was killed long ago may have left one: systems give numbers of processes again.
        drop(std::fs::remove_dir_all(&dir));
        std::fs::create_dir_all(&dir).expect("the target directory can be written");
        let address = format!("sqlite:{}", dir.join("kobling.db").display());
        let db = Db::open(&address).expect("a new file can be opened");
        db.migrate().await.expect("a new file can be migrated");
        Self { db, address, dir: Some(dir) }
    }

    /// One on PostgreSQL: on the server named by `KOBLING_TEST_POSTGRES`, else on one that tests
    /// share and that ends after the last of them.
    pub async fn postgres() -> Self {
        let address = postgres::new_database(&name()).await;
        let db = Db::open(&address).expect("the address is well-formed");
        Self { db, address, dir: None }
    }

    /// Lets PostgreSQL refuse all that would be written by sessions that begin from now on; or take it
    /// again.
    pub async fn set_read_only(&self, is_read_only: bool) {
        let client = postgres::connect(&self.address).await;
        let (_, name) = self.address.rsplit_once('/').expect("an address names a database");
        let name = name.split('?').next().unwrap_or_default();
        let own = "SET default_transaction_read_only = off";
        client.batch_execute(own).await.expect("a session is its own");
        let set =
            format!("ALTER DATABASE {name} SET default_transaction_read_only = {is_read_only}");
        client.batch_execute(&set).await.expect("the database's owner may");
    }

    /// Every row of every table as text, to find out what was written.
    pub async fn contents(&self) -> BTreeMap<String, Vec<String>> {
        match self.address.strip_prefix("sqlite:") {
            Some(path) => contents::sqlite(Path::new(path)),
            None => contents::postgres(&postgres::connect(&self.address).await).await,
        }
    }

    /// The file of a SQLite database.
    pub fn path(&self) -> Option<&Path> {
        self.address.strip_prefix("sqlite:").map(Path::new)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(dir) = &self.dir {
            // What cannot be removed goes with the target directory.
            drop(std::fs::remove_dir_all(dir));
        }
    }
}

fn name() -> String {
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("test_{}_{count}", std::process::id())
}

/// The target directory, found from the test's own program: `target/debug/deps/name-…`.
fn target() -> PathBuf {
    let program = std::env::current_exe().expect("a program knows where it stands");
    let target = program.ancestors().find(|it| it.join("CACHEDIR.TAG").is_file());
    target.map_or_else(std::env::temp_dir, Path::to_owned)
}
