//! `kobling pii`: the guard against identity numbers, for whatever somebody has at hand.
//!
//! No number that is found is printed: a finding says where it stands, and shows it masked.

mod lines;
mod report;
mod text;
mod walk;

use super::arguments::{Common, Pii, PiiScan};
use super::inspect::open;
use super::{Failure, Outcome, print};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_hub::clock::Clock;
use report::Report;
use std::io::{Read, stdin};
use std::path::Path;

/// How a pipe is named instead of a file.
const PIPE: &str = "-";

pub(super) fn execute(common: &Common, arguments: Pii) -> Result<Outcome, Failure> {
    let Pii::Scan(arguments) = arguments;
    let today = Clock::System.civil(&TimeZone::UTC).date();
    if arguments.jsonl {
        return lines::answer(input(&arguments.path)?, today);
    }
    let report = scan(&arguments, today)?;
    print::result(common, &report)?;
    Ok(if report.has_blocks() { Outcome::Held } else { Outcome::Done })
}

fn scan(arguments: &PiiScan, today: Date) -> Result<Report, Failure> {
    let mut report = Report::default();
    if arguments.path == Path::new(PIPE) {
        text::scan("standard input", stdin().lock(), today, &mut report)
            .map_err(|it| Failure::bad_input("standard input cannot be read", &it))?;
    } else {
        walk::scan(&arguments.path, today, &mut report)?;
    }
    Ok(report)
}

fn input(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if path == Path::new(PIPE) { Ok(Box::new(stdin())) } else { Ok(Box::new(open(path)?)) }
}
