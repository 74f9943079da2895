//! Opus extracts: the samples, the hard cases, what is refused, and laws.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this is tests; clippy knows those only by their attribute"
)]

mod cases;
mod entry;
mod laws;
mod refusals;
mod samples;

use kobling_domain::exchange::Stated;
use kobling_formats::opus::{
    Connection, Options, Proof, ReadError, Reader, Reading, Record, RecordProblem, parse,
    read_record,
};

const SNAPSHOT: &str = include_str!("../data/ZLPE20260304224013_delta.xml");
const DELTA: &str = include_str!("../data/ZLPE20260305224012_delta.xml");

/// A file with `records` in it.
fn file(records: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<kmd>\n{records}</kmd>\n")
}

/// All records of a file, parsed; an ill-formed one refuses the file.
fn records(input: &[u8]) -> Result<(Vec<Result<Record, RecordProblem>>, Proof), ReadError> {
    let mut reader = Reader::open(input, Connection::default())?;
    let mut records = Vec::new();
    while let Some(raw) = reader.next_record()? {
        records.push(parse(&raw));
    }
    Ok((records, reader.finish()?))
}

/// What the records of a file state.
fn readings(input: &[u8], options: &Options) -> Vec<Result<Reading, RecordProblem>> {
    let mut reader = Reader::open(input, Connection::default()).unwrap();
    let mut readings = Vec::new();
    while let Some(raw) = reader.next_record().unwrap() {
        readings.push(parse(&raw).and_then(|record| read_record(&raw, record, options)));
    }
    assert!(reader.finish().unwrap().complete());
    readings
}

/// What a file of one record states.
fn stated(record: &str) -> Stated {
    reading(record).unwrap().stated
}

/// What a file of one record states, and the notes.
fn reading(record: &str) -> Result<Reading, RecordProblem> {
    let mut readings = readings(file(record).as_bytes(), &Options::default());
    assert_eq!(readings.len(), 1);
    readings.remove(0)
}
