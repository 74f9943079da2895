use std::path::PathBuf;
use std::process::ExitStatus;

/// Why a task did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("`{command}` could not be started")]
    Start { command: String, source: std::io::Error },
    #[error("`{command}` ended with {status}; run it alone with that command")]
    Command { command: String, status: ExitStatus },
    #[error("{} could not be read", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} could not be written", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("`{command}` printed something that is not what was asked for")]
    Output { command: String, source: serde_json::Error },
    /// A check found faults; each has been worded for the person who must repair it.
    #[error("{what}:\n  {}", faults.join("\n  "))]
    Faults { what: &'static str, faults: Vec<String> },
    #[error("{missing} is missing; install it with: {remedy}")]
    Missing { missing: &'static str, remedy: &'static str },
    #[error("the private PostgreSQL did not start:\n{log}")]
    Postgres { log: String },
    #[error("`{command}` could not be measured: it ended with {status}")]
    Unmeasured { command: String, status: String },
    #[error("{text:?} is not a size such as 10k, 100k or 1m")]
    Size { text: String },
    #[error("{path} is stale; write it anew with: {remedy}", path = path.display())]
    Stale { path: PathBuf, remedy: &'static str },
}

/// `Ok` if `faults` is empty.
pub(crate) fn none_of(what: &'static str, faults: Vec<String>) -> Result<(), Failure> {
    if faults.is_empty() { Ok(()) } else { Err(Failure::Faults { what, faults }) }
}
