//! A real server for files, on an address of its own, until it is dropped.

use crate::command::show;
use crate::failure::Failure;
use crate::repository;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// How files go there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Sftp,
    Ftps,
}

impl Way {
    pub(super) const ALL: [Self; 2] = [Self::Sftp, Self::Ftps];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sftp => "sftp",
            Self::Ftps => "ftps",
        }
    }
}

pub(super) struct Server {
    child: Child,
    facts: BTreeMap<String, String>,
}

impl Server {
    /// Starts one.
    pub(super) fn start(way: Way) -> Result<Self, Failure> {
        let mut command =
            Command::new(repository::target().join("debug").join("examples").join("file_server"));
        command.arg(way.name()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let shown = show(&command);
        let failed = |source| Failure::Start { command: shown, source };
        let mut child = command.spawn().map_err(failed)?;
        let mut facts = BTreeMap::new();
        let told = child.stdout.take().map(BufReader::new);
        for line in told.into_iter().flat_map(BufRead::lines).map_while(Result::ok) {
            let Some((name, text)) = line.split_once(' ') else { continue };
            facts.insert(name.to_owned(), text.to_owned());
            if name == "port" {
                break;
            }
        }
        Ok(Self { child, facts })
    }

    /// What it told under that name; empty if nothing.
    pub(super) fn fact(&self, name: &str) -> &str {
        self.facts.get(name).map_or("", String::as_str)
    }

    /// Facts as lines of a configuration.
    pub(super) fn settings(&self, names: &[&str]) -> String {
        let line = |it: &&str| format!("{it} = {:?}\n", self.fact(it));
        names.iter().map(line).collect::<Vec<_>>().concat()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends with its input, and takes its server and its directory with it.
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}
