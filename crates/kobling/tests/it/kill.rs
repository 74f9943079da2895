//! Killed at any moment, a run leaves the ledger as it was before or as it is after, and the next
//! run needs no repair.
#![expect(clippy::disallowed_methods, reason = "a run is killed at a time, not in a state")]

use crate::harness::{FJORDBY, Workplace};
use kobling_domain::id::TenantId;
use kobling_store::engine::Db;
use kobling_store::people::digest;
use kobling_testkit::database::Database;
use serde_json::Value;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const EMPLOYEES: u32 = 400;
/// The days that are read one after the other; the first is the first load.
const DAYS: u16 = 4;
/// Tries to kill one run before the test gives up.
const TRIES_MAX: u32 = 60;

/// A directory whose store may be on either engine.
struct Place {
    here: Workplace,
    postgres: Option<Database>,
}

impl Place {
    fn sqlite() -> Self {
        Self { here: Workplace::new(), postgres: None }
    }

    async fn postgres() -> Self {
        let place = Self { here: Workplace::empty(), postgres: Some(Database::postgres().await) };
        place.here.write("fjordby.toml", FJORDBY);
        let applied = place.command(["config", "apply", "fjordby.toml"]).output().unwrap();
        assert!(applied.status.success(), "{applied:?}");
        place
    }

    fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.here.command(arguments);
        if let Some(database) = &self.postgres {
            command.env("KOBLING_DATABASE_URL", &database.address);
        }
        command
    }

    /// The digest of the ledger, read through connections of its own: a killed run's write-ahead
    /// log is recovered by whoever opens the store next.
    async fn ledger(&self) -> [u8; 32] {
        let sqlite = || format!("sqlite:{}", self.here.path("kobling.db").display());
        let address = self.postgres.as_ref().map_or_else(sqlite, |it| it.address.clone());
        let db = Db::open(&address).unwrap();
        let mut tx = db.read().await.unwrap();
        digest::ledger(&mut tx, TenantId(1)).await.unwrap()
    }

    /// Runs to the end. The server may need a moment to see that a killed run is gone.
    fn run(&self, file: &str) -> Value {
        let patience = Instant::now() + Duration::from_secs(20);
        loop {
            let output = self.command(["run", "opus", file, "--json"]).output().unwrap();
            if output.status.success() {
                return serde_json::from_slice(&output.stdout).unwrap();
            }
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            let is_busy = self.postgres.is_some() && told.contains("under way");
            assert!(is_busy && Instant::now() < patience, "{told}");
            sleep(Duration::from_millis(50));
        }
    }

    /// Starts a run and kills it after `delay`; tells whether it was still alive.
    fn kill_after(&self, file: &str, delay: Duration) -> bool {
        let mut command = self.command(["run", "opus", file]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        sleep(delay);
        let was_alive = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        was_alive
    }
}

/// Numbers that look random and are the same in every test run.
struct Dice(u64);

impl Dice {
    /// Less than `below`.
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below.max(1)
    }
}

/// Reads all days, killing each run `kills` times, beside a twin that is left alone. Tells how
/// often a run was killed.
async fn kill_and_compare(place: &Place, twin: &Place, kills: u32, seed: u64) -> u32 {
    let mut dice = Dice(seed);
    let mut killed = 0;
    for day in 0..DAYS {
        let file = twin.here.generate(EMPLOYEES, day, None);
        place.here.generate(EMPLOYEES, day, None);
        let before = place.ledger().await;
        let started = Instant::now();
        assert_eq!(twin.run(&file)["state"], "applied");
        let usual = u64::try_from(started.elapsed().as_micros()).unwrap();
        let after = twin.ledger().await;
        assert_ne!(before, after);
        let (mut killed_today, mut tries) = (0, 0);
        while killed_today < kills && tries < TRIES_MAX {
            tries += 1;
            let delay = Duration::from_micros(dice.roll(usual + usual / 8));
            killed_today += u32::from(place.kill_after(&file, delay));
            let now = place.ledger().await;
            assert!(now == before || now == after, "day {day} killed after {delay:?}");
        }
        killed += killed_today;
        let report = place.run(&file);
        assert!(report["state"] == "applied" || report["state"] == "unchanged", "{report}");
        assert_eq!(place.ledger().await, after, "day {day}");
    }
    killed
}

#[tokio::test]
async fn a_run_killed_at_any_moment_leaves_the_ledger_as_before_or_as_after() {
    let mut killed = 0;
    for seed in 1..=2 {
        killed += kill_and_compare(&Place::sqlite(), &Place::sqlite(), 7, seed).await;
    }
    assert!(killed >= 50, "{killed} runs were killed");
}

#[tokio::test]
async fn a_run_killed_at_any_moment_needs_no_repair_on_postgres_either() {
    let (place, twin) = (Place::postgres().await, Place::postgres().await);
    let killed = kill_and_compare(&place, &twin, 4, 3).await;
    assert!(killed >= 12, "{killed} runs were killed");
}

#[tokio::test]
async fn of_two_processes_that_run_one_source_one_waits_or_is_refused() {
    for place in [Place::sqlite(), Place::postgres().await] {
        let file = place.here.generate(EMPLOYEES, 0, None);
        let start = || {
            let mut command = place.command(["run", "opus", &file, "--json"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let both = [start(), start()].map(|it| it.wait_with_output().unwrap());
        let mut applied = 0;
        for output in both {
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            if output.status.success() {
                let report: Value = serde_json::from_slice(&output.stdout).unwrap();
                applied += u32::from(report["state"] == "applied");
            } else {
                assert!(told.contains("under way"), "{told}");
            }
        }
        assert_eq!(applied, 1);
    }
}
