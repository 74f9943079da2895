//! The difference of two files without a ledger.

use super::{Code, Layout, Problem, ReadError, Reader, Row};
use kobling_domain::exchange::canonical;
use kobling_domain::people::{NationalNumber, NativeKey};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use xxhash_rust::xxh3::xxh3_128;

/// How the rows of two files differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Whether the newer file speaks about what it does not mention. If not, nothing is gone.
    pub complete: bool,
    /// The numbers.
    pub rows: Counts,
    /// Everything that was added, changed or is gone, by key.
    pub items: Vec<Item>,
    /// Rows of the newer file that cannot be read; they count as unchanged.
    pub problems: Vec<Problem>,
}

/// Numbers of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Only the newer file has them.
    pub added: u64,
    /// Both have them, and they say other things.
    pub changed: u64,
    /// Only the older file has them.
    pub gone: u64,
    /// Both have them, and they say the same.
    pub unchanged: u64,
}

/// One row that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its key; a national number is masked.
    pub key: String,
    /// How it differs.
    pub change: ItemChange,
    /// Its line in the newer file; in the older one if it is absent from the newer.
    pub line: u64,
}

/// How a row differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemChange {
    /// Only the newer file has it.
    Added,
    /// It says something else.
    Changed,
    /// Only the older file has it.
    Gone,
}

/// Which of two files was refused.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The older one.
    #[error("the older file is refused")]
    Old(#[source] ReadError),
    /// The newer one.
    #[error("the newer file is refused")]
    New(#[source] ReadError),
}

/// How `new` differs from `old`. Memory grows by about a hundred bytes per row of the older file,
/// and with the items.
///
/// # Errors
///
/// Refuses what a run would refuse.
pub fn compare(
    old: impl Read,
    new: impl Read,
    layout: &Layout,
) -> Result<Difference, CompareError> {
    let mut seen = seen(old, layout).map_err(CompareError::Old)?;
    let mut difference = Difference {
        complete: false,
        rows: Counts::default(),
        items: Vec::new(),
        problems: Vec::new(),
    };
    difference.read(new, layout, &mut seen).map_err(CompareError::New)?;
    if difference.complete {
        for (key, (_, line)) in seen {
            difference.rows.gone += 1;
            let key = key.native(NationalNumber::masked).as_str().to_owned();
            difference.items.push(Item { key, change: ItemChange::Gone, line });
        }
    }
    difference.items.sort_by(|a, b| (&a.key, a.line).cmp(&(&b.key, b.line)));
    Ok(difference)
}

type Seen = BTreeMap<super::Key, (u128, u64)>;

fn seen(old: impl Read, layout: &Layout) -> Result<Seen, ReadError> {
    let mut seen = Seen::new();
    let mut reader = Reader::open(old, layout)?;
    while let Some(row) = reader.next_row()? {
        let content = content(&row, layout).unwrap_or(row.digest);
        seen.entry(row.key).or_insert((content, row.line));
    }
    Ok(seen)
}

fn content(row: &Row, layout: &Layout) -> Result<u128, Problem> {
    let statement = layout.read(row, NativeKey::number(0))?;
    let mut bytes = Vec::new();
    canonical(&statement.stated, &mut bytes);
    bytes.extend_from_slice(format!("{:?}", statement.whose).as_bytes());
    Ok(xxh3_128(&bytes))
}

impl Difference {
    fn read(&mut self, new: impl Read, layout: &Layout, seen: &mut Seen) -> Result<(), ReadError> {
        let mut reader = Reader::open(new, layout)?;
        let mut met = BTreeSet::new();
        while let Some(row) = reader.next_row()? {
            if !met.insert(row.key.clone()) {
                let (line, record_no, code) = (row.line, row.record_no, Code::KeyRepeated);
                let text = "this key stands in the file already; the first row counts".to_owned();
                self.problems.push(Problem { line, record_no, code, text });
                continue;
            }
            let before = seen.remove(&row.key);
            let key = row.key.native(NationalNumber::masked).as_str().to_owned();
            let line = row.line;
            let change = match (content(&row, layout), before) {
                (Err(problem), _) => {
                    self.rows.unchanged += u64::from(before.is_some());
                    self.problems.push(problem);
                    continue;
                }
                (Ok(_), None) => {
                    self.rows.added += 1;
                    ItemChange::Added
                }
                (Ok(now), Some((before, _))) if now == before => {
                    self.rows.unchanged += 1;
                    continue;
                }
                (Ok(_), Some(_)) => {
                    self.rows.changed += 1;
                    ItemChange::Changed
                }
            };
            self.items.push(Item { key, change, line });
        }
        self.complete = reader.finish()?.complete();
        self.problems.extend(reader.problems().iter().cloned());
        Ok(())
    }
}
