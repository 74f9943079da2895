//! The binary: command line and wiring.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
