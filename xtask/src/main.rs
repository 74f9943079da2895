//! The only task runner of the project. `cargo xtask --help` lists what it does.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a task runner talks to a terminal")]

mod api;
mod bench;
mod command;
mod deps;
mod dev;
mod failure;
mod features;
mod fields;
mod postgres;
mod repository;

mod test;
mod tools;

use clap::{Parser, Subcommand};
use failure::Failure;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The task runner of Kobling")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything that must hold before a change lands; installs what is missing
    Test,
    /// The same as test: what .ci/run calls
    Ci,
    /// Asks the API, as the last build answers, all that its document allows and forbids
    Api,
    /// Layers, licences, dependency budget, where SQL stands, paths named in ARCHITECTURE.md
    Deps,
    /// Every test named in docs/features.md exists
    Features,
    /// Writes docs/fields.md from the field list
    Fields,
    /// Measures the program beside its limits and writes target/bench/report.md
    Bench(bench::Options),
    /// Starts a private PostgreSQL for development and prints its address
    Dev,
    /// Runs one command and writes down what it used (called by bench)
    #[command(hide = true)]
    Measure(bench::MeasureOptions),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Test | Task::Ci => test::run(),
        Task::Api => api::run(),
        Task::Deps => deps::run(),
        Task::Features => features::run(),
        Task::Fields => fields::write(),
        Task::Bench(options) => bench::run(&options),
        Task::Measure(options) => bench::measure_one(&options),
        Task::Dev => dev::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nfailed: {failure}");
            print_causes(&failure);
            ExitCode::FAILURE
        }
    }
}

fn print_causes(failure: &Failure) {
    let mut cause = std::error::Error::source(failure);
    while let Some(it) = cause {
        eprintln!("  because {it}");
        cause = it.source();
    }
}
