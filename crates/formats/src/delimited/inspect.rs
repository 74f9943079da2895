//! Looking at a file without a ledger.

use super::{Code, Key, Layout, Problem, Proof, ReadError, Reader};
use kobling_domain::people::{Kind, NativeKey};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::Read;

/// Problems listed at most; all are counted.
const PROBLEMS_MAX: usize = 1_000;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// The format.
    pub kind: &'static str,
    /// What its rows are about.
    pub about: Kind,
    /// Rows in it, the one that ends it not counted.
    pub rows: u64,
    /// Whether it speaks about what it does not mention.
    pub complete: bool,
    /// What is proved of it.
    pub proof: Proof,
    /// Columns that are not read.
    pub unread_columns: Vec<String>,
    /// Why it is refused as a whole, if it is. Counts are of what was read until then.
    pub refused: Option<String>,
    /// What there is to say of its rows, the first thousand.
    pub problems: Vec<Problem>,
    /// How many problems there are.
    pub problems_total: u64,
}

/// Reads a file to its end and understands every row of it.
pub fn inspect(source: impl Read, layout: &Layout) -> Inspection {
    let mut inspection = Inspection {
        kind: "delimited",
        about: layout.kind(),
        rows: 0,
        complete: false,
        proof: Proof::default(),
        unread_columns: Vec::new(),
        refused: None,
        problems: Vec::new(),
        problems_total: 0,
    };
    if let Err(error) = inspection.read(source, layout) {
        inspection.refused = Some(error.to_string());
    }
    inspection.complete = inspection.refused.is_none() && inspection.proof.complete();
    inspection
}

impl Inspection {
    fn read(&mut self, source: impl Read, layout: &Layout) -> Result<(), ReadError> {
        let mut reader = Reader::open(source, layout)?;
        self.unread_columns = reader.unread_columns().into_iter().map(str::to_owned).collect();
        let mut keys: BTreeSet<Key> = BTreeSet::new();
        while let Some(row) = reader.next_row()? {
            self.rows += 1;
            let (line, record_no) = (row.line, row.record_no);
            if let Err(problem) = layout.read(&row, NativeKey::number(0)) {
                self.problem(problem);
            }
            if !keys.insert(row.key) {
                let text = "this key stands in the file already; the first row counts".to_owned();
                self.problem(Problem { line, record_no, code: Code::KeyRepeated, text });
            }
        }
        self.proof = reader.finish()?;
        self.rows += self.proof.unreadable_keys;
        for problem in reader.problems() {
            self.problem(problem.clone());
        }
        self.problems.sort_by_key(|it| it.line);
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        self.problems_total += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }
}
