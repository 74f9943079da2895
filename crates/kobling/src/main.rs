//! The binary: command line, server and wiring.

mod cli;
mod web;

use std::process::ExitCode;

/// A record is many small pieces of text, made on one thread and freed on another, which the
/// system's allocator is slow at: docs/benchmarks.md has the figures.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
