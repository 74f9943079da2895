//! Command line, server and wiring: all of the program but its start, so that it is compiled beside
//! the crates below it.

mod cli;
mod web;

pub use cli::main;
