//! `cargo xtask deps`: what depends on what, under which licence, and where things stand.

mod graph;
mod licence;
mod paths;
mod sql;

use crate::failure::{Failure, none_of};
use crate::{command, repository};
use graph::Graph;
use std::process::Command;

/// Of the shipped crates together; the next one needs a reason (and a record in docs/adr).
const DIRECT_DEPENDENCIES_MAX: usize = 60;

pub(crate) fn run() -> Result<(), Failure> {
    let mut metadata = Command::new("cargo");
    metadata.args(["metadata", "--format-version", "1", "--locked"]);
    metadata.args(["--filter-platform", "x86_64-unknown-linux-gnu"]);
    let text = command::output(&mut metadata)?;
    let graph = Graph::parse(&text)
        .map_err(|source| Failure::Output { command: command::show(&metadata), source })?;

    none_of("a dependency points the wrong way", graph.wrong_arrows())?;
    none_of("a pure crate reaches the outside world", graph.impure_closures())?;
    none_of("a dependency is not wanted", graph.forbidden())?;
    none_of("a licence is not on the list", licence::faults(&graph))?;
    let direct = graph.direct_dependencies();
    if direct.len() > DIRECT_DEPENDENCIES_MAX {
        let all = direct.into_iter().collect::<Vec<_>>().join(", ");
        none_of("too many direct dependencies", vec![all])?;
        return Ok(());
    }
    none_of("SQL stands outside crates/store", sql::faults(&repository::root())?)?;
    none_of("ARCHITECTURE.md names what does not exist", paths::faults(&repository::root())?)?;
    println!(
        "   {} packages, {} of at most {DIRECT_DEPENDENCIES_MAX} direct dependencies; layers, \
         licences, SQL and paths are in order",
        graph.package_count(),
        direct.len()
    );
    Ok(())
}
