//! A night's changes, projected, compared and written to a folder as messages.

use super::super::measure::{Usage, usage};
use super::super::scene::{CONFIGURATION, kobling};
use super::{configured, copy, do_in, median, met, night};
use crate::command::step;
use crate::failure::Failure;
use std::path::Path;

/// A target that takes messages in a folder, with nothing held. It has every field that a night
/// changes, so that all who change are told of.
const TARGET: &str = r#"
[[target]]
key = "identity"
system = "plan2learn"
format = "messages"
folder = "identity"
brakes = { create = "any", change = "any", inactivate = "any" }

[[agreement]]
key = "identity"
source = "opus"
target = "identity"
scope = ["20001"]
from = "2026-01-01"
purpose = "Accounts"
legal_basis = "GDPR article 6(1)(e)"
fields = ["person.national_number", "person.name", "person.email", "person.mobile",
    "person.address", "person.postal_code", "person.city", "employment.position_title",
    "employment.work_phone", "employment.pay_grade", "employment.hours_numerator",
    "employment.primary", "employment.entry_date", "employment.is_manager",
    "employment.functions", "unit.name"]
"#;
/// The most a night of 100,000 people may take, by the clock.
const GOAL_S: f64 = 1.0;

/// What is told of it, line by line.
pub(super) fn measure(employees: u32, rounds: u32) -> Result<Vec<String>, Failure> {
    let dir = step("prepare messages", || {
        let dir =
            configured(&format!("messages-{employees}"), &(CONFIGURATION.to_owned() + TARGET))?;
        let ready = dir.join("ready");
        night(&ready, employees, ("1", "ZLPE20260304220000_first.xml"))?;
        do_in(&ready, &["deliver", "identity"])?;
        night(&ready, employees, ("2", "ZLPE20260305220000_next.xml"))?;
        Ok(dir)
    })?;
    let mut all = Vec::new();
    for round in 1..=rounds {
        println!("round {round} of {rounds}: messages at {employees}");
        all.push(once(&dir)?);
    }
    let middle = |it: fn(&Usage) -> f64| median(all.iter().map(|(_, used)| it(used)).collect());
    let (wall_s, cpu_s) = (middle(|it| it.wall_s), middle(|it| it.cpu_s));
    let peak = all.iter().map(|it| it.1.rss_max_kib).max().unwrap_or_default() / 1024;
    let messages = all.first().map_or(0, |it| it.0);
    let is_met = met(wall_s <= GOAL_S);
    Ok(vec![format!(
        "* {messages} messages of {employees} employees to a folder, SQLite: {wall_s:.2} s by the \
         clock, {cpu_s:.2} s CPU, {peak} MiB (goal ≤ {GOAL_S} s for 1,000 of 100,000: {is_met})"
    )])
}

/// Delivers the night once on a copy; how many messages, and what that used.
fn once(dir: &Path) -> Result<(usize, Usage), Failure> {
    let work = copy(dir)?;
    // The receiver has taken what it was told before. Nothing is removed here: a file system that has
    // just removed many files is slow to make new ones.
    let told = work.join("identity");
    let taken = work.join("taken");
    std::fs::rename(&told, &taken).map_err(|source| Failure::Write { path: taken, source })?;
    let mut command = kobling();
    command.args(["deliver", "identity"]);
    let used = usage(&command, &work, std::process::id())?;
    let read = std::fs::read_dir(&told);
    let read = read.map_err(|source| Failure::Read { path: told.clone(), source })?;
    Ok((read.flatten().filter(|it| it.path().is_file()).count(), used))
}
