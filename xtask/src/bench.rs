//! `cargo xtask bench`: Kobling beside programs that do a part of its work and nothing else.
//!
//! Machines differ and are never idle, so seconds say little. Every round runs every case once, one
//! after the other, and the report gives ratios of medians: of CPU seconds, the database server's
//! included.

mod case;
mod delivery;
mod guard;
mod http;
mod measure;
mod report;
mod scene;

use crate::command::{execute, step};
use crate::failure::Failure;
use crate::postgres::{Durability, Postgres};
use crate::{repository, tools};
use measure::Usage;
use scene::Scene;
use std::process::Command;

pub(crate) use measure::{MeasureOptions, measure_one};

/// Employees in extracts that are read.
const READ: [u32; 3] = [10_000, 100_000, 1_000_000];
/// Employees of whom messages are sent, and of whom five files are.
const DELIVERED: [u32; 2] = [100_000, 1_000_000];

/// Employees whom a server tells of.
const SERVED: [u32; 1] = [100_000];

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only this part; deliveries on SQLite.
    #[arg(value_enum)]
    part: Option<Part>,
    /// Employees in the extracts: 10k,100k,1m, unless said otherwise; of deliveries 100k for messages
    /// and 1m for files.
    #[arg(long, value_delimiter = ',', value_parser = parse_size)]
    sizes: Vec<u32>,
    /// How often each case runs; the medians count.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// For so many seconds each question is asked of the server.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Which stores.
    #[arg(long, value_enum, default_value_t = Engines::Both)]
    engine: Engines,
    /// Measure the limit programs on this extract, and nothing of Kobling.
    #[arg(long)]
    limits_of: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Messages to a target at the first size; at the last, five files and how they get to servers.
    Delivery,
    /// The server, asked by the API and for its pages, at the first size on the stores that `--engine`
    /// names.
    Http,
    /// The guard against identity numbers, beside Presidio and a library that validates.
    Pii,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Engines {
    Sqlite,
    Postgres,
    Both,
}

/// A store Kobling runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

impl Engines {
    fn each(self) -> &'static [Engine] {
        match self {
            Self::Sqlite => &[Engine::Sqlite],
            Self::Postgres => &[Engine::Postgres],
            Self::Both => &[Engine::Sqlite, Engine::Postgres],
        }
    }
}

fn parse_size(text: &str) -> Result<u32, Failure> {
    let unknown = || Failure::Size { text: text.to_owned() };
    let (digits, factor) = match text.to_ascii_lowercase() {
        it if it.ends_with('k') => (it.trim_end_matches('k').to_owned(), 1_000),
        it if it.ends_with('m') => (it.trim_end_matches('m').to_owned(), 1_000_000),
        it => (it, 1),
    };
    let number: u32 = digits.parse().map_err(|_| unknown())?;
    number.checked_mul(factor).ok_or_else(unknown)
}

/// One row of the report: a case at one size, and what each round used.
struct Measured {
    case: case::Case,
    employees: u32,
    rounds: Vec<Usage>,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let sizes = |usual: &[u32]| match options.sizes.as_slice() {
        [] => usual.to_vec(),
        said => said.to_vec(),
    };
    match options.part {
        Some(Part::Delivery) => return delivery::run(&sizes(&DELIVERED), options.rounds),
        Some(Part::Http) => {
            return http::run(&sizes(&SERVED), options.engine.each(), options.seconds);
        }
        Some(Part::Pii) => return guard::run(),
        None => {}
    }
    tools::install()?;
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--locked", "--package", "kobling-limits"]);
    step("build", || match options.limits_of {
        Some(_) => execute(&mut build),
        None => execute(build.args(["--package", "kobling"])),
    })?;
    let postgres = Postgres::start(Durability::Full)?;
    let mut measured = Vec::new();
    if let Some(file) = &options.limits_of {
        let scene = Scene::of_file(file, &postgres)?;
        measured.extend(rounds(&scene, options.rounds, &case::limits())?);
    } else {
        for employees in &sizes(&READ) {
            let scene =
                step("prepare", || Scene::prepare(*employees, options.engine.each(), &postgres))?;
            measured.extend(rounds(&scene, options.rounds, &case::all(options.engine.each()))?);
        }
    }
    let report = report::write(&measured);
    println!("\n{report}");
    let path = repository::target().join("bench").join("report.md");
    repository::write(&path, &report)?;
    println!("written to {}", path.display());
    Ok(())
}

/// Every case once a round, so that what disturbs the machine disturbs all.
fn rounds(scene: &Scene<'_>, rounds: u32, cases: &[case::Case]) -> Result<Vec<Measured>, Failure> {
    let employees = scene.employees();
    let mut measured: Vec<Measured> = cases
        .iter()
        .map(|case| Measured { case: case.clone(), employees, rounds: Vec::new() })
        .collect();
    for round in 1..=rounds {
        for it in &mut measured {
            println!("round {round} of {rounds}: {} at {employees}", it.case.title());
            it.rounds.push(scene.measure(&it.case)?);
        }
    }
    Ok(measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_letter() {
        assert_eq!(parse_size("10k").unwrap(), 10_000);
        assert_eq!(parse_size("1M").unwrap(), 1_000_000);
        assert_eq!(parse_size("250").unwrap(), 250);
        assert!(parse_size("many").is_err());
        assert!(parse_size("9999m").is_err());
    }
}
