//! Looking at a file without a ledger.

use super::{
    Connection, Coverage, Effect, Mode, Options, Proof, RawRecord, ReadError, Reader, RecordKind,
    RecordProblem, RootUnit, parse, read_record,
};
use jiff::civil::DateTime;
use kobling_domain::exchange::{Existence, Stated};
use kobling_domain::people::Field;
use serde::Serialize;
use std::collections::BTreeSet;
use std::error::Error;
use std::io::Read;

/// Problems listed at most; all are counted.
const PROBLEMS_MAX: usize = 1_000;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// The format: `opus` if its root is that of an extract, else `unknown`.
    pub kind: &'static str,
    /// The client whose records it holds; none if there are several or none.
    pub client: Option<String>,
    /// When it was exported, by its name.
    pub exported_at: Option<DateTime>,
    /// Units in it.
    pub units: u64,
    /// Employments in it, stubs not counted.
    pub employments: u64,
    /// Stubs of employments that have ended.
    pub leave_stubs: u64,
    /// What it speaks about if its source says neither: all there is if its root unit is in it.
    pub coverage: Coverage,
    /// Whether every point of the proof holds.
    pub complete: bool,
    /// The points that make it complete.
    pub proof: Proof,
    /// Why it is refused as a whole, if it is. Counts are of what was read until then.
    pub refused: Option<String>,
    /// What there is to say of its records, the first thousand.
    pub problems: Vec<RecordProblem>,
    /// How many problems there are.
    pub problems_total: u64,
}

/// Reads a file to its end and parses every record of it.
pub fn inspect(source: impl Read, exported_at: Option<DateTime>, options: &Options) -> Inspection {
    let mut inspection = Inspection {
        kind: "unknown",
        client: None,
        exported_at,
        units: 0,
        employments: 0,
        leave_stubs: 0,
        coverage: Coverage::Mentioned,
        complete: false,
        proof: Proof::default(),
        refused: None,
        problems: Vec::new(),
        problems_total: 0,
    };
    inspection.refused = inspection.read(source, options).err().map(|it| told(&it));
    let mut clients = inspection.proof.clients.iter();
    inspection.client = clients.next().filter(|_| clients.next().is_none()).cloned();
    inspection.complete = inspection.proof.complete();
    inspection
}

impl Inspection {
    fn read(&mut self, source: impl Read, options: &Options) -> Result<(), ReadError> {
        let mut reader = Reader::open(source, Connection::default())?;
        self.kind = "opus";
        let outcome = self.records(&mut reader, options);
        self.proof = reader.proof().clone();
        for problem in reader.problems() {
            self.problem(problem.clone());
        }
        self.problems.sort_by_key(|it| it.line);
        outcome
    }

    fn records<R: Read>(
        &mut self,
        reader: &mut Reader<R>,
        options: &Options,
    ) -> Result<(), ReadError> {
        let mut keys = BTreeSet::new();
        while let Some(raw) = reader.next_record()? {
            if !keys.insert((raw.kind, raw.native_no)) {
                self.problem(raw.repeated());
            }
            self.record(&raw, options)?;
        }
        Ok(())
    }

    fn record(&mut self, raw: &RawRecord<'_>, options: &Options) -> Result<(), ReadError> {
        match parse(raw).and_then(|record| read_record(raw, record, options)) {
            Ok(reading) => {
                self.count(raw.kind, &reading.stated);
                for note in reading.notes {
                    self.problem(note);
                }
                Ok(())
            }
            Err(problem) => match problem.code.effect() {
                Effect::RefusesFile => Err(ReadError::Record(problem)),
                Effect::SetsAside | Effect::Note => {
                    *self.counter(raw.kind) += 1;
                    self.problem(problem);
                    Ok(())
                }
            },
        }
    }

    fn count(&mut self, kind: RecordKind, stated: &Stated) {
        if stated.existence == Existence::Ended {
            self.leave_stubs += 1;
            return;
        }
        *self.counter(kind) += 1;
        if is_root(kind, stated) {
            self.coverage = Mode::Auto.coverage(RootUnit::Present);
        }
    }

    fn counter(&mut self, kind: RecordKind) -> &mut u64 {
        match kind {
            RecordKind::Unit => &mut self.units,
            RecordKind::Employee => &mut self.employments,
        }
    }

    fn problem(&mut self, problem: RecordProblem) {
        self.problems_total += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }
}

/// Why a file is refused, with what the system said of it if it could not be read.
fn told(error: &ReadError) -> String {
    match error.source() {
        Some(why) => format!("{error}: {why}"),
        None => error.to_string(),
    }
}

/// Whether it is a unit that exists and has none above it.
pub(super) fn is_root(kind: RecordKind, stated: &Stated) -> bool {
    kind == RecordKind::Unit
        && matches!(stated.existence, Existence::Period(_))
        && stated.state.get(Field::UnitParent).is_none()
}
