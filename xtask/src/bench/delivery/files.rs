//! Five files of everybody to a folder, and the same files to servers.

use super::super::measure::{Usage, usage};
use super::super::scene::{CONFIGURATION, kobling};
use super::{configured, copy, median, met, night, transport};
use crate::command::step;
use crate::failure::Failure;
use std::path::{Path, PathBuf};

/// The most that five files of a million people may take, by the clock.
const GOAL_S: f64 = 40.0;

/// What is told of it, line by line. The smaller size is there for the memory alone.
pub(super) fn measure((small, large): (u32, u32), rounds: u32) -> Result<Vec<String>, Failure> {
    let few = once(&prepare(small)?)?;
    let dir = prepare(large)?;
    let (mut all, mut ways) = (Vec::new(), transport::Ways::default());
    for round in 1..=rounds {
        println!("round {round} of {rounds}: five files of {large}");
        all.push(once(&dir)?);
        println!("round {round} of {rounds}: the same files to servers");
        ways.round(&dir)?;
    }
    let wall_s = median(all.iter().map(|it| it.wall_s).collect());
    let cpu_s = median(all.iter().map(|it| it.cpu_s).collect());
    let peak = all.iter().map(|it| it.rss_max_kib).max().unwrap_or_default() / 1024;
    let is_met = met(wall_s <= GOAL_S);
    let mut told = vec![
        format!(
            "* five files of {large} employees to a folder, SQLite: {wall_s:.2} s by the clock, \
             {cpu_s:.2} s CPU (goal ≤ {GOAL_S} s for 1,000,000: {is_met})"
        ),
        format!(
            "* memory at the most: {peak} MiB for {large} employees, {} MiB for {small}",
            few.rss_max_kib / 1024
        ),
    ];
    told.extend(ways.told());
    Ok(told)
}

fn prepare(employees: u32) -> Result<PathBuf, Failure> {
    step("prepare files", || {
        let dir = configured(&format!("files-{employees}"), CONFIGURATION)?;
        night(&dir.join("ready"), employees, ("1", "ZLPE20260304220000_first.xml"))?;
        Ok(dir)
    })
}

/// Delivers once on a copy.
fn once(dir: &Path) -> Result<Usage, Failure> {
    let work = copy(dir)?;
    let mut command = kobling();
    command.args(["deliver", "plan2learn"]);
    usage(&command, &work, std::process::id())
}
