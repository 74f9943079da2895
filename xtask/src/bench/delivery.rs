//! `cargo xtask bench delivery`: a night's changes, projected, compared and written to a folder.

use super::measure::{Usage, usage};
use super::scene::{CONFIGURATION, KEYS, SEED, kobling};
use crate::command::{execute, output, step};
use crate::failure::Failure;
use crate::{repository, tools};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A target that takes messages in a folder, with nothing held.
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
    "employment.position_title", "employment.primary", "employment.entry_date",
    "employment.is_manager", "unit.name"]
"#;
/// The most a night of 100,000 people may take, by the clock.
const GOAL_S: f64 = 1.0;

pub(super) fn run(employees: u32, rounds: u32) -> Result<(), Failure> {
    tools::install()?;
    step("build", || {
        let mut build = Command::new("cargo");
        execute(build.args(["build", "--release", "--locked", "--package", "kobling"]))
    })?;
    let dir = repository::target().join("bench").join(format!("delivery-{employees}"));
    step("prepare", || prepare(&dir, employees))?;
    let mut all = Vec::new();
    for round in 1..=rounds {
        println!("round {round} of {rounds}: messages at {employees}");
        all.push(measure(&dir)?);
    }
    all.sort_by(|a, b| a.1.wall_s.total_cmp(&b.1.wall_s));
    if let Some((messages, it)) = all.get(all.len() / 2) {
        let met = if it.wall_s <= GOAL_S { "met" } else { "missed" };
        println!(
            "\n{messages} messages of {employees} employees to a folder, SQLite, median of \
             {rounds}: {:.2} s by the clock, {:.2} s CPU, {} MiB (goal ≤ {GOAL_S} s for 1,000 of \
             100,000: {met})",
            it.wall_s,
            it.cpu_s,
            it.rss_max_kib / 1024
        );
    }
    Ok(())
}

/// Makes a store in which everybody was told of, and one night's changes since.
fn prepare(dir: &Path, employees: u32) -> Result<(), Failure> {
    drop(std::fs::remove_dir_all(dir));
    let ready = dir.join("ready");
    repository::make_dir(&ready)?;
    repository::write(&ready.join("kobling.toml"), "")?;
    repository::write(&ready.join("kobling.keys"), KEYS)?;
    repository::write(&ready.join("bench.toml"), &format!("{CONFIGURATION}{TARGET}"))?;
    let run = |arguments: &[&str]| execute(kobling().current_dir(&ready).args(arguments));
    let employees = employees.to_string();
    let night = |day: &str, out: &str| {
        run(&[
            "generate",
            "opus",
            "--mode",
            "snapshot",
            "--seed",
            SEED,
            "--employees",
            &employees,
            "--day",
            day,
            "--out",
            out,
        ])?;
        run(&["run", "opus", out])
    };
    run(&["db", "migrate"])?;
    run(&["config", "apply", "bench.toml"])?;
    night("1", "ZLPE20260304220000_first.xml")?;
    run(&["deliver", "identity"])?;
    night("2", "ZLPE20260305220000_next.xml")
}

/// Delivers the night once on a copy; how many messages, and what that used.
fn measure(dir: &Path) -> Result<(usize, Usage), Failure> {
    let work = dir.join("work");
    drop(std::fs::remove_dir_all(&work));
    output(Command::new("cp").arg("-a").arg(dir.join("ready")).arg(&work))?;
    // The receiver has read what it was told before.
    let told = work.join("identity");
    drop(std::fs::remove_dir_all(&told));
    let mut command = kobling();
    command.args(["deliver", "identity"]);
    let used = usage(&command, &work, std::process::id())?;
    Ok((messages(&told)?, used))
}

fn messages(folder: &PathBuf) -> Result<usize, Failure> {
    let read = std::fs::read_dir(folder);
    let read = read.map_err(|source| Failure::Read { path: folder.clone(), source })?;
    Ok(read.flatten().filter(|it| it.path().is_file()).count())
}
