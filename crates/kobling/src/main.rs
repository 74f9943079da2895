//! The binary.

use std::process::ExitCode;

/// A record is many small pieces of text, made on one thread and freed on another, which the
/// system's allocator is slow at: docs/benchmarks.md has the figures.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    kobling::main()
}
