//! The difference of two files without a ledger.

use super::{Code, Layout, Problem, ReadError, Reader, Row};
use crate::difference::{CompareError, Counts, ItemChange};
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
) -> Result<Difference, CompareError<ReadError>> {
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
            difference.rows.count(ItemChange::Gone);
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
                (Ok(_), None) => ItemChange::Added,
                (Ok(now), Some((before, _))) if now == before => {
                    self.rows.unchanged += 1;
                    continue;
                }
                (Ok(_), Some(_)) => ItemChange::Changed,
            };
            self.rows.count(change);
            self.items.push(Item { key, change, line });
        }
        self.complete = reader.finish()?.complete();
        self.problems.extend(reader.problems().iter().cloned());
        Ok(())
    }
}
