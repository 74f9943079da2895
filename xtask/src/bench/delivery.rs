//! `cargo xtask bench delivery`: a night's changes as messages, five files, and how they get to servers.

mod files;
mod messages;
mod server;
mod transport;

use super::measure::usage;
use super::scene::{KEYS, SEED, copy_dir, kobling};
use crate::command::{execute, step};
use crate::failure::Failure;
use crate::{repository, tools};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Measures messages at the first size, and files and their ways at the last.
pub(super) fn run(sizes: &[u32], rounds: u32) -> Result<(), Failure> {
    let (Some(small), Some(large)) = (sizes.first(), sizes.last()) else { return Ok(()) };
    tools::install()?;
    step("build", || {
        let mut build = Command::new("cargo");
        let packages = ["--package", "kobling-limits", "--package", "kobling"];
        execute(build.args(["build", "--release", "--locked"]).args(packages))?;
        let mut build = Command::new("cargo");
        execute(build.args(["build", "--workspace", "--example", "file_server"]))
    })?;
    let mut told = messages::measure(*small, rounds)?;
    told.extend(files::measure((*small, *large), rounds)?);
    println!("\n{}", told.join("\n"));
    let path = repository::target().join("bench").join("delivery.md");
    repository::write(&path, &(told.join("\n") + "\n"))?;
    println!("written to {}", path.display());
    Ok(())
}

/// Makes a directory with a store that has this configuration.
fn configured(name: &str, configuration: &str) -> Result<PathBuf, Failure> {
    let dir = repository::target().join("bench").join(name);
    let dir = std::path::absolute(&dir).unwrap_or(dir);
    drop(std::fs::remove_dir_all(&dir));
    let ready = dir.join("ready");
    repository::make_dir(&ready)?;
    repository::write(&ready.join("kobling.toml"), "")?;
    repository::write(&ready.join("kobling.keys"), KEYS)?;
    repository::write(&ready.join("bench.toml"), configuration)?;
    do_in(&ready, &["db", "migrate"])?;
    do_in(&ready, &["config", "apply", "bench.toml"])?;
    Ok(dir)
}

/// Has the program do something in a directory.
fn do_in(dir: &Path, arguments: &[&str]) -> Result<(), Failure> {
    let mut command = kobling();
    command.args(arguments);
    usage(&command, dir, std::process::id()).map(drop)
}

/// Reads the extract of a night, of a hundred of which one changes.
fn night(dir: &Path, employees: u32, (day, name): (&str, &str)) -> Result<(), Failure> {
    let employees = employees.to_string();
    let mut generate = vec!["generate", "opus", "--mode", "snapshot", "--seed", SEED];
    generate.extend(["--employees", &employees, "--day", day, "--out", name]);
    do_in(dir, &generate)?;
    do_in(dir, &["run", "opus", name])?;
    drop(std::fs::remove_file(dir.join(name)));
    Ok(())
}

/// A fresh copy of what is ready, to measure on.
fn copy(dir: &Path) -> Result<PathBuf, Failure> {
    let work = dir.join("work");
    drop(std::fs::remove_dir_all(&work));
    copy_dir(&dir.join("ready"), &work)?;
    Ok(work)
}

/// The middle one, or the upper of two.
fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

pub(super) fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "missed" }
}
