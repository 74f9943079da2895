//! What reading an extract costs at the least, in steps: each program does a part of Kobling's work
//! and nothing else, so that a ratio to it says what the rest costs. `cargo xtask bench` runs them.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line program")]

mod answer;
mod parse;
mod split;
mod store;
mod wait;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    program: Program,
}

#[derive(Subcommand)]
enum Program {
    /// Cut into records, take the key, hash the bytes: the least a no-change run can cost
    Split { file: PathBuf },
    /// Read every XML event and do nothing with it
    Events { file: PathBuf },
    /// Parse, unescape, trim, write each record canonically and hash it
    Canonical { file: PathBuf },
    /// Parse and copy everything into an unindexed table of a PostgreSQL server
    Copy { file: PathBuf, url: String },
    /// Parse and insert everything into an unindexed table of a new SQLite file
    Insert { file: PathBuf, database: PathBuf },
    /// Answer over HTTP with one row of a store, found by its id
    Answer { database: String },
    /// Ask for the right to write a ledger every few milliseconds until the input ends, and tell
    /// the longest wait in milliseconds
    Wait { database: String },
}

/// Why a limit program could not do its work.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the file could not be read or written")]
    Io(#[from] std::io::Error),
    #[error("the file is not well-formed")]
    Xml(#[from] quick_xml::Error),
    #[error("an attribute is not well-formed")]
    Attribute(#[from] quick_xml::events::attributes::AttrError),
    #[error("a record is not UTF-8")]
    Encoding(#[from] std::str::Utf8Error),
    #[error("SQLite refused a statement")]
    Sqlite(#[from] rusqlite::Error),
    #[error("PostgreSQL refused a statement")]
    Postgres(#[from] tokio_postgres::Error),
    #[error("a record is longer than {} bytes, or the file is cut", split::RECORD_MAX)]
    Cut,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().program {
        Program::Split { file } => split::digest_all(&file),
        Program::Events { file } => parse::events(&file),
        Program::Canonical { file } => parse::canonical(&file),
        Program::Copy { file, url } => store::copy(&file, &url),
        Program::Insert { file, database } => store::insert(&file, &database),
        Program::Answer { database } => answer::forever(&database),
        Program::Wait { database } => wait::longest(&database),
    };
    match done {
        Ok(counted) => {
            println!("{counted}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            let cause = std::error::Error::source(&failure).map(ToString::to_string);
            eprintln!("{failure}: {}", cause.unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}
