//! How long another program waits for its turn to write.
#![expect(clippy::disallowed_methods, reason = "a turn every few milliseconds is the load meant")]

use crate::Failure;
use rusqlite::{Connection, TransactionBehavior};
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Between two turns.
const PAUSE: Duration = Duration::from_millis(5);
/// Between two looks at a file that another program has locked.
const RETRY: Duration = Duration::from_millis(1);

/// Takes a turn every few milliseconds until standard input ends; the longest wait in
/// milliseconds.
pub(crate) fn longest(database: &str) -> Result<u64, Failure> {
    let longest = if database.starts_with("postgres") {
        longest_postgres(database, &ended())?
    } else {
        longest_sqlite(database, &ended())?
    };
    Ok(u64::try_from(longest.as_millis()).unwrap_or(u64::MAX))
}

/// Becomes true when standard input ends.
fn ended() -> Arc<AtomicBool> {
    let ended = Arc::new(AtomicBool::new(false));
    let tell = Arc::clone(&ended);
    std::thread::spawn(move || {
        drop(std::io::stdin().read_to_end(&mut Vec::new()));
        tell.store(true, Ordering::Relaxed);
    });
    ended
}

fn longest_sqlite(file: &str, ended: &AtomicBool) -> Result<Duration, Failure> {
    let mut connection = Connection::open(file)?;
    connection.busy_handler(Some(|_| {
        sleep(RETRY);
        true
    }))?;
    let mut longest = Duration::ZERO;
    while !ended.load(Ordering::Relaxed) {
        let asked = Instant::now();
        let turn = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        longest = longest.max(asked.elapsed());
        turn.commit()?;
        sleep(PAUSE);
    }
    Ok(longest)
}

/// On PostgreSQL writers of one ledger meet at the row of its tenant, where versions are taken.
fn longest_postgres(url: &str, ended: &AtomicBool) -> Result<Duration, Failure> {
    const TURN: &str = "BEGIN; SELECT version FROM tenant FOR UPDATE; COMMIT";
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        let driver = tokio::spawn(connection);
        let mut longest = Duration::ZERO;
        while !ended.load(Ordering::Relaxed) {
            let asked = Instant::now();
            client.batch_execute(TURN).await?;
            longest = longest.max(asked.elapsed());
            tokio::time::sleep(PAUSE).await;
        }
        drop(client);
        driver.await.map_err(std::io::Error::other)??;
        Ok(longest)
    })
}
