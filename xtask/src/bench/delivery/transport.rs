//! The same files by Kobling and by the system's own client, one after the other in each round.
//!
//! Both write each file under another name and rename it when it is whole. Kobling's time is what
//! `kobling deliver` tells of sending alone: what it reads was stored encrypted before, and it checks
//! sizes and keeps receipts, which is its business and counts.

use super::super::measure::usage;
use super::super::scene::{CONFIGURATION, kobling};
use super::server::{Server, Way};
use super::{copy, do_in, median, met};
use crate::command::show;
use crate::failure::Failure;
use crate::repository;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// The receiver's files.
const FILES: [&str; 5] =
    ["bruger.csv", "leder.csv", "engagement.csv", "organisation.csv", "stillingskode.csv"];
/// The most that sending may take, against the system's own client.
const GOAL: f64 = 1.2;

/// Seconds that each way took, by round.
#[derive(Default)]
pub(super) struct Ways(BTreeMap<Way, (Vec<f64>, Vec<f64>)>);

/// What a delivery tells of itself.
#[derive(Deserialize)]
struct Told {
    sent_ms: u64,
}

impl Ways {
    /// Sends what lies in the folder of `dir` by each way once.
    pub(super) fn round(&mut self, dir: &Path) -> Result<(), Failure> {
        let files = dir.join("files");
        drop(std::fs::remove_dir_all(&files));
        let made = dir.join("work").join("plan2learn");
        let not = |source| Failure::Write { path: files.clone(), source };
        std::fs::rename(&made, &files).map_err(not)?;
        for way in Way::ALL {
            let ours = ours(dir, &Server::start(way)?, way)?;
            let theirs = theirs(&files, &Server::start(way)?, way)?;
            let (own, system) = self.0.entry(way).or_default();
            own.push(ours);
            system.push(theirs);
        }
        Ok(())
    }

    pub(super) fn told(self) -> Vec<String> {
        let line = |(way, (ours, theirs)): (Way, (Vec<f64>, Vec<f64>))| {
            let (ours, theirs) = (median(ours), median(theirs));
            let (ratio, client) = (ours / theirs, client(way));
            let is_met = met(ratio <= GOAL);
            format!(
                "* the same files by {}: {ours:.2} s, {client} {theirs:.2} s, {ratio:.2} × (goal ≤ \
                 {GOAL} ×: {is_met})",
                way.name()
            )
        };
        self.0.into_iter().map(line).collect()
    }
}

fn client(way: Way) -> &'static str {
    match way {
        Way::Sftp => "sftp of OpenSSH",
        Way::Ftps => "curl",
    }
}

/// Seconds that Kobling sends.
fn ours(dir: &Path, server: &Server, way: Way) -> Result<f64, Failure> {
    let work = copy(dir)?;
    let place = match way {
        Way::Sftp => server.settings(&["host", "user", "key_file", "host_key"]),
        Way::Ftps => {
            server.settings(&["host", "user", "ca_file"]) + "password_env = \"RECEIVER\"\n"
        }
    };
    let place = format!("[target.{}]\nport = {}\n{place}", way.name(), server.fact("port"));
    let text = CONFIGURATION.replace("folder = \"plan2learn\"\n", &place);
    repository::write(&work.join("bench.toml"), &text)?;
    do_in(&work, &["config", "apply", "bench.toml"])?;
    let mut command = kobling();
    command.args(["deliver", "plan2learn", "--json"]).current_dir(&work);
    command.env("RECEIVER", server.fact("password")).stdin(Stdio::null());
    let shown = show(&command);
    let start = |source| Failure::Start { command: shown.clone(), source };
    let done = command.stderr(Stdio::inherit()).output().map_err(start)?;
    if !done.status.success() {
        return Err(Failure::Command { command: shown, status: done.status });
    }
    let told: Told = serde_json::from_slice(&done.stdout)
        .map_err(|source| Failure::Output { command: shown, source })?;
    Ok(std::time::Duration::from_millis(told.sent_ms).as_secs_f64())
}

/// Seconds that the system's own client takes.
fn theirs(files: &Path, server: &Server, way: Way) -> Result<f64, Failure> {
    match way {
        Way::Sftp => sftp(files, server),
        Way::Ftps => FILES.iter().map(|it| curl(it, files, server)).sum(),
    }
}

/// All files in one session.
fn sftp(files: &Path, server: &Server) -> Result<f64, Failure> {
    let mut batch: String = FILES.map(|it| format!("put {it} .{it}\n")).concat();
    batch.push_str(&FILES.map(|it| format!("rename .{it} {it}\n")).concat());
    repository::write(&files.join("batch"), &batch)?;
    repository::write(&files.join("known_hosts"), &known_hosts(server))?;
    let mut command = Command::new("sftp");
    command.args(["-q", "-b", "batch", "-P", server.fact("port"), "-i", server.fact("key_file")]);
    command.args(["-o", "UserKnownHostsFile=known_hosts", "-o", "IdentitiesOnly=yes"]);
    command.arg(format!("{}@{}", server.fact("user"), server.fact("host")));
    Ok(usage(&command, files, std::process::id())?.wall_s)
}

/// Its line, for the port it listens on.
fn known_hosts(server: &Server) -> String {
    let (host, port) = (server.fact("host"), server.fact("port"));
    let key = server.fact("host_key").split_once(' ').map_or("", |it| it.1);
    format!("[{host}]:{port} {key}\n")
}

/// One file over a connection of its own, as the receiver demands. By TLS 1.3 curl and lftp end a
/// transfer with tickets unread, which vsftpd now and then takes for one that broke.
fn curl(name: &str, files: &Path, server: &Server) -> Result<f64, Failure> {
    let (host, port) = (server.fact("host"), server.fact("port"));
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--ssl-reqd", "--tls-max", "1.2"]);
    command.args(["--cacert", server.fact("ca_file")]);
    command.arg("--user").arg(format!("{}:{}", server.fact("user"), server.fact("password")));
    command.args(["--quote", &format!("-RNFR .{name}"), "--quote", &format!("-RNTO {name}")]);
    command.args(["--upload-file", name]).arg(format!("ftp://{host}:{port}/.{name}"));
    Ok(usage(&command, files, std::process::id())?.wall_s)
}
