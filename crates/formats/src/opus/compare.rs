//! The difference of two files without a ledger.

use super::inspect::is_root;
use super::{
    Connection, Coverage, Effect, Mode, Options, RawRecord, ReadError, Reader, RecordKind,
    RecordProblem, RootUnit, parse, read_record,
};
use crate::difference::{CompareError, Counts, ItemChange};
use kobling_domain::exchange::{Existence, canonical};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use xxhash_rust::xxh3::xxh3_128;

/// How the records of two files differ. A stub is no record here: an employment of which there is
/// only a stub left is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What the newer file speaks about. If it is not all there is, nothing is gone by absence.
    pub coverage: Coverage,
    /// Whether the newer file is complete; if it is not, it speaks about what it mentions only.
    pub complete: bool,
    /// Of units.
    pub units: Counts,
    /// Of employments.
    pub employments: Counts,
    /// Everything that was added, changed or is gone, by kind and number.
    pub items: Vec<Item>,
    /// Records of the newer file that cannot be read, or whose key stands before them already; they
    /// change nothing.
    pub problems: Vec<RecordProblem>,
}

/// One record that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// `unit` or `employment`.
    pub kind: &'static str,
    /// Its number.
    pub number: i64,
    /// How it differs.
    pub change: ItemChange,
    /// Its line in the newer file; in the older one if it is absent from the newer.
    pub line: u64,
}

/// What is remembered of a record of the older file.
struct Seen {
    digest: u128,
    content: Content,
    line: u64,
    met: Met,
}

/// What a record says, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Stub,
    Root(u128),
    Other(u128),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Met {
    Not,
    InNew,
}

type Key = (RecordKind, i64);

/// How `new` differs from `old`, taken in `mode`. Memory grows by about a hundred bytes per record
/// of the older file, and with the items.
///
/// # Errors
///
/// Refuses what a run would refuse: a file that is cut, ill-formed or of several clients, and a
/// newer one of another client than the older one.
pub fn compare(
    old: impl Read,
    new: impl Read,
    mode: Mode,
    options: &Options,
) -> Result<Difference, CompareError<ReadError>> {
    let (mut seen, client) = seen(old, options).map_err(CompareError::Old)?;
    let mut difference = Difference {
        coverage: Coverage::Mentioned,
        complete: false,
        units: Counts::default(),
        employments: Counts::default(),
        items: Vec::new(),
        problems: Vec::new(),
    };
    let connection = Connection { client };
    let reader = Reader::open(new, connection).map_err(CompareError::New)?;
    let root = difference.read(reader, &mut seen, options).map_err(CompareError::New)?;
    if difference.complete {
        difference.coverage = mode.coverage(root);
    }
    if difference.coverage == Coverage::All {
        difference.absent(&seen);
    }
    difference.items.sort_by_key(|it| (std::cmp::Reverse(it.kind), it.number));
    Ok(difference)
}

/// The records of the older file, of two with one key the first, and its client.
fn seen(
    old: impl Read,
    options: &Options,
) -> Result<(BTreeMap<Key, Seen>, Option<String>), ReadError> {
    let mut seen = BTreeMap::new();
    let mut reader = Reader::open(old, Connection::default())?;
    while let Some(raw) = reader.next_record()? {
        let content = match content(&raw, options) {
            Ok(content) => content,
            Err(problem) if problem.code.effect() == Effect::RefusesFile => {
                return Err(ReadError::Record(problem));
            }
            Err(_) => Content::Other(raw.digest),
        };
        let it = Seen { digest: raw.digest, content, line: raw.line, met: Met::Not };
        seen.entry((raw.kind, raw.native_no)).or_insert(it);
    }
    Ok((seen, reader.finish()?.clients.into_iter().next()))
}

fn content(raw: &RawRecord<'_>, options: &Options) -> Result<Content, RecordProblem> {
    let stated = read_record(raw, parse(raw)?, options)?.stated;
    if stated.existence == Existence::Ended {
        return Ok(Content::Stub);
    }
    let mut bytes = Vec::new();
    canonical(&stated, &mut bytes);
    let digest = xxh3_128(&bytes);
    Ok(if is_root(raw.kind, &stated) { Content::Root(digest) } else { Content::Other(digest) })
}

impl Difference {
    fn read<R: Read>(
        &mut self,
        mut reader: Reader<R>,
        seen: &mut BTreeMap<Key, Seen>,
        options: &Options,
    ) -> Result<RootUnit, ReadError> {
        let mut root = RootUnit::Missing;
        let mut added = BTreeSet::new();
        while let Some(raw) = reader.next_record()? {
            let key = (raw.kind, raw.native_no);
            let mut before = seen.get_mut(&key);
            let is_first = match &mut before {
                Some(it) => std::mem::replace(&mut it.met, Met::InNew) == Met::Not,
                None => added.insert(key),
            };
            if !is_first {
                self.problems.push(raw.repeated());
                continue;
            }
            let now = match &before {
                Some(it) if it.digest == raw.digest => Ok(it.content),
                Some(_) | None => content(&raw, options),
            };
            match now {
                Ok(now) => {
                    if matches!(now, Content::Root(_)) {
                        root = RootUnit::Present;
                    }
                    self.record(&raw, before.map(|it| it.content), now);
                }
                Err(problem) if problem.code.effect() == Effect::RefusesFile => {
                    return Err(ReadError::Record(problem));
                }
                Err(problem) => {
                    self.counts(raw.kind).unchanged += u64::from(before.is_some());
                    self.problems.push(problem);
                }
            }
        }
        self.problems.extend(reader.problems().iter().cloned());
        self.complete = reader.finish()?.complete();
        Ok(root)
    }

    fn record(&mut self, raw: &RawRecord<'_>, before: Option<Content>, now: Content) {
        match (before.filter(|it| *it != Content::Stub), now) {
            (None, Content::Stub) => {}
            (Some(_), Content::Stub) => self.item(raw, ItemChange::Gone),
            (None, Content::Root(_) | Content::Other(_)) => self.item(raw, ItemChange::Added),
            (Some(before), now) if before == now => self.counts(raw.kind).unchanged += 1,
            (Some(_), Content::Root(_) | Content::Other(_)) => self.item(raw, ItemChange::Changed),
        }
    }

    fn absent(&mut self, seen: &BTreeMap<Key, Seen>) {
        let absent =
            seen.iter().filter(|(_, it)| it.met == Met::Not && it.content != Content::Stub);
        for ((kind, number), it) in absent {
            self.add((*kind, *number), it.line, ItemChange::Gone);
        }
    }

    fn item(&mut self, raw: &RawRecord<'_>, change: ItemChange) {
        self.add((raw.kind, raw.native_no), raw.line, change);
    }

    fn add(&mut self, (kind, number): Key, line: u64, change: ItemChange) {
        self.counts(kind).count(change);
        self.items.push(Item { kind: kind.subject().name(), number, change, line });
    }

    fn counts(&mut self, kind: RecordKind) -> &mut Counts {
        match kind {
            RecordKind::Unit => &mut self.units,
            RecordKind::Employee => &mut self.employments,
        }
    }
}
