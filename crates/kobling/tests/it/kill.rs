//! Killed at any moment, a run leaves the ledger as it was before or as it is after, and the next
//! run needs no repair.
#![expect(clippy::disallowed_methods, reason = "a run is killed at a time, not in a state")]

use crate::harness::{FJORDBY, Workplace};
use kobling_domain::id::TenantId;
use kobling_store::engine::Db;
use kobling_store::people::digest;
use serde_json::Value;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

const EMPLOYEES: u32 = 400;
/// The days that are read one after the other; the first is the first load.
const DAYS: u16 = 4;
/// Tries to kill one run before the test gives up.
const TRIES_MAX: u32 = 60;

/// The digest of the ledger, read through connections of its own: a killed run's write-ahead log is
/// recovered by whoever opens the store next.
async fn ledger(here: &Workplace) -> [u8; 32] {
    let db = Db::open(&here.address()).unwrap();
    let mut tx = db.read().await.unwrap();
    digest::ledger(&mut tx, TenantId(1)).await.unwrap()
}

/// Starts a run and kills it after `delay`; tells whether it was still alive.
fn kill_after(here: &Workplace, file: &str, delay: Duration) -> bool {
    let mut command = here.command(["run", "opus", file]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    sleep(delay);
    let was_alive = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    was_alive
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
async fn kill_and_compare(place: &Workplace, twin: &Workplace, kills: u32, seed: u64) -> u32 {
    let mut dice = Dice(seed);
    let mut killed = 0;
    for day in 0..DAYS {
        let file = twin.generate(EMPLOYEES, day, None);
        place.generate(EMPLOYEES, day, None);
        let before = ledger(place).await;
        let started = Instant::now();
        assert_eq!(twin.patiently(["run", "opus", &file])["state"], "applied");
        let usual = u64::try_from(started.elapsed().as_micros()).unwrap();
        let after = ledger(twin).await;
        assert_ne!(before, after);
        let (mut killed_today, mut tries) = (0, 0);
        while killed_today < kills && tries < TRIES_MAX {
            tries += 1;
            let delay = Duration::from_micros(dice.roll(usual + usual / 8));
            killed_today += u32::from(kill_after(place, &file, delay));
            let now = ledger(place).await;
            assert!(now == before || now == after, "day {day} killed after {delay:?}");
        }
        killed += killed_today;
        let report = place.patiently(["run", "opus", &file]);
        assert!(report["state"] == "applied" || report["state"] == "unchanged", "{report}");
        assert_eq!(ledger(place).await, after, "day {day}");
    }
    killed
}

async fn postgres() -> Workplace {
    let here = Workplace::on_postgres().await;
    here.configure(FJORDBY);
    here
}

#[tokio::test]
async fn a_run_killed_at_any_moment_leaves_the_ledger_as_before_or_as_after() {
    let mut killed = 0;
    for seed in 1..=2 {
        killed += kill_and_compare(&Workplace::new(), &Workplace::new(), 7, seed).await;
    }
    assert!(killed >= 50, "{killed} runs were killed");
}

#[tokio::test]
async fn a_run_killed_at_any_moment_needs_no_repair_on_postgres_either() {
    let (place, twin) = (postgres().await, postgres().await);
    let killed = kill_and_compare(&place, &twin, 4, 3).await;
    assert!(killed >= 12, "{killed} runs were killed");
}

#[tokio::test]
async fn of_two_processes_that_run_one_source_one_waits_or_is_refused() {
    for place in [Workplace::new(), postgres().await] {
        let file = place.generate(EMPLOYEES, 0, None);
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
