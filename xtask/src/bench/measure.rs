//! What a command used: CPU seconds of its own and of the database server, wall time, peak memory.

use crate::failure::Failure;
use crate::{command, repository};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// The unit of times in /proc, the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;
/// Where times stand in /proc/PID/stat after the name of the program: the parent, and the time of
/// the process and of its ended children.
const PARENT: usize = 1;
const TIMES: std::ops::RangeInclusive<usize> = 11..=14;

/// What one run used.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Usage {
    pub(super) cpu_s: f64,
    #[serde(default)]
    pub(super) server_cpu_s: f64,
    pub(super) wall_s: f64,
    pub(super) rss_max_kib: i64,
    /// The longest that another program waited for the ledger, where one did.
    #[serde(default)]
    pub(super) wait_max_ms: Option<f64>,
}

/// What the wrapper is to run.
#[derive(clap::Args)]
pub(crate) struct MeasureOptions {
    /// Where to write the figures.
    #[arg(long)]
    to: PathBuf,
    /// The command.
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

/// The wrapper: its only child is the command, so what the system says of ended children is the
/// command's, to the microsecond.
pub(crate) fn measure_one(options: &MeasureOptions) -> Result<(), Failure> {
    let Some((program, arguments)) = options.command.split_first() else { return Ok(()) };
    let mut child = Command::new(program);
    child.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    let shown = command::show(&child);
    let start = Instant::now();
    let status =
        child.status().map_err(|source| Failure::Start { command: shown.clone(), source })?;
    let wall_s = start.elapsed().as_secs_f64();
    let unmeasured = |status: String| Failure::Unmeasured { command: shown.clone(), status };
    if !status.success() {
        return Err(unmeasured(status.to_string()));
    }
    let used = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|it| unmeasured(it.to_string()))?;
    let usage = Usage {
        cpu_s: seconds(used.user_time()) + seconds(used.system_time()),
        server_cpu_s: 0.0,
        wall_s,
        rss_max_kib: used.max_rss(),
        wait_max_ms: None,
    };
    let text = serde_json::to_string(&usage).map_err(|it| unmeasured(it.to_string()))?;
    repository::write(&options.to, &text)
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "seconds of one run")]
fn seconds(time: TimeVal) -> f64 {
    time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
}

/// Runs `measured` in `dir` through the wrapper; the server's part is what it used meanwhile.
pub(super) fn usage(measured: &Command, dir: &Path, server: u32) -> Result<Usage, Failure> {
    let shown = command::show(measured);
    let start = |source| Failure::Start { command: shown.clone(), source };
    let figures = dir.join("usage.json");
    let mut wrapper = Command::new(std::env::current_exe().map_err(start)?);
    wrapper.arg("measure").arg("--to").arg(&figures).arg("--");
    wrapper.arg(measured.get_program()).args(measured.get_args()).current_dir(dir);
    for (name, value) in measured.get_envs() {
        wrapper.env(name, value.unwrap_or_default());
    }
    let before = server_cpu_s(server);
    let status = wrapper.stdin(Stdio::null()).status().map_err(start)?;
    if !status.success() {
        return Err(Failure::Command { command: shown, status });
    }
    let after = server_cpu_s(server);
    let text = repository::read(&figures)?;
    let own: Usage =
        serde_json::from_str(&text).map_err(|source| Failure::Output { command: shown, source })?;
    Ok(Usage { server_cpu_s: after - before, ..own })
}

/// A program that asks for the ledger again and again until its input ends, and then tells how long
/// it waited at the most.
pub(super) struct Waiting {
    child: Child,
    shown: String,
}

impl Waiting {
    /// Starts it.
    pub(super) fn start(mut command: Command) -> Result<Self, Failure> {
        let shown = command::show(&command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let failed = |source| Failure::Start { command: shown.clone(), source };
        let child = command.spawn().map_err(failed)?;
        Ok(Self { child, shown })
    }

    /// Ends it.
    pub(super) fn longest_ms(self) -> Result<f64, Failure> {
        let Self { child, shown } = self;
        // Its input ends here.
        let output = child
            .wait_with_output()
            .map_err(|source| Failure::Start { command: shown.clone(), source })?;
        let text = String::from_utf8_lossy(&output.stdout);
        text.split_whitespace().next().and_then(|it| it.parse().ok()).ok_or_else(|| {
            Failure::Unmeasured { command: shown, status: output.status.to_string() }
        })
    }
}

/// CPU seconds of the server and of its backends, those that have ended included.
fn server_cpu_s(server: u32) -> f64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ticks: u64 = processes
        .filter_map(|it| it.file_name().to_str()?.parse::<u32>().ok())
        .filter_map(|pid| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            let (parent, ticks) = parse_stat(&stat)?;
            (pid == server || parent == server).then_some(ticks)
        })
        .sum();
    ticks_to_seconds(ticks)
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "seconds of one run")]
fn ticks_to_seconds(ticks: u64) -> f64 {
    ticks as f64 / TICKS_PER_SECOND
}

/// The parent and the ticks used, from /proc/PID/stat.
fn parse_stat(stat: &str) -> Option<(u32, u64)> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let parent = fields.get(PARENT)?.parse().ok()?;
    let times = fields.get(TIMES)?.iter().map(|it| it.parse::<u64>().unwrap_or(0));
    Some((parent, times.sum()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_a_name_with_spaces_and_brackets() {
        let stat = "42 (postgres: a) b) S 7 42 42 0 -1 4194560 1 2 3 4 11 22 33 44 20 0 1";
        assert_eq!(parse_stat(stat), Some((7, 110)));
    }
}
