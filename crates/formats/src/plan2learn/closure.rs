//! The proof that a set of files is closed: every id it names has its row, once.
//!
//! The ids that rows bring are those of the set's [`Inventory`]; those they name are collected while
//! rows stream past, 20 bytes each, unless the row named was the last of its file: of a person and
//! the engagements written right after, nothing is kept. Nothing may be published before
//! [`SetWriter::finish`](super::SetWriter::finish) has said yes: a dangling id makes the receiver
//! drop a person, and a half set makes it inactivate many.

use super::entry::Entry;
use super::{File, Inventory, WriteError};
use kobling_domain::id::SubjectId;
use std::collections::BTreeSet;
use std::fmt;

/// How many faults an error lists; the rest are counted.
pub const FAULTS_LISTED_MAX: usize = 20;

/// The first threshold at which a bag of ids is sorted and rid of repetitions.
const SETTLE_MIN: usize = 4_096;

/// One thing that keeps a set from being closed. Rows count from 1, without the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A row names an id that has no row in the file it belongs to.
    Missing {
        /// The file with the row that names the id.
        file: File,
        /// That row.
        row: u32,
        /// The file in which the id has no row.
        target: File,
        /// The id.
        id: SubjectId,
    },
    /// More rows than one for what may have one only.
    Repeated {
        /// The file.
        file: File,
        /// The id both rows are about.
        id: SubjectId,
    },
    /// There are units, but none without a unit above it.
    NoRoot,
    /// A unit from which no way leads up to a root.
    Loop {
        /// The unit's row.
        row: u32,
        /// The unit.
        id: SubjectId,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { file, row, target, id } => {
                write!(f, "{file} row {row} names {id}, which has no row in {target}")
            }
            Self::Repeated { file, id } => write!(f, "{file} has more than one row of {id}"),
            Self::NoRoot => write!(f, "{} has no unit with an empty Parentid", File::Organisation),
            Self::Loop { row, id } => {
                write!(f, "{} row {row}: no way leads from {id} up to a root", File::Organisation)
            }
        }
    }
}

/// The set is not closed; it must not be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotClosed {
    /// The first [`FAULTS_LISTED_MAX`].
    pub faults: Vec<Fault>,
    /// How many there are.
    pub count: usize,
}

impl std::error::Error for NotClosed {}

impl fmt::Display for NotClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the set is not closed ({} faults)", self.count)?;
        for fault in &self.faults {
            write!(f, "; {fault}")?;
        }
        Ok(())
    }
}

/// The ids that rows of a set in the making name.
#[derive(Debug, Default)]
pub struct Closure {
    needs: Vec<Need>,
    parents: Vec<Link>,
}

/// What rows of one file need from another.
#[derive(Debug)]
struct Need {
    file: File,
    target: File,
    ids: Ids,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    id: u128,
    parent: Option<u128>,
    row: u32,
}

impl Closure {
    /// A row names `id`, which must have its row in `target`.
    pub(super) fn needs(&mut self, file: File, row: u32, target: File, id: SubjectId) {
        let known = self.needs.iter_mut().find(|it| it.file == file && it.target == target);
        if let Some(need) = known {
            need.ids.push(id, row);
        } else {
            let mut need = Need { file, target, ids: Ids::default() };
            need.ids.push(id, row);
            self.needs.push(need);
        }
    }

    /// A unit hangs under another, or is a root.
    pub(super) fn hangs(&mut self, row: u32, id: SubjectId, parent: Option<SubjectId>) {
        let parent = parent.map(|it| it.0.as_u128());
        self.parents.push(Link { id: id.0.as_u128(), parent, row });
    }

    /// Proves that every id named has its row among `brought`, no row is repeated and every unit
    /// hangs under a root.
    pub(super) fn prove(mut self, brought: &Inventory) -> Result<(), WriteError> {
        let mut report = Report::default();
        for need in &mut self.needs {
            need.ids.settle();
        }
        for file in File::ALL {
            let mut wanted: Vec<Wanted<'_>> =
                self.needs.iter().filter(|it| it.target == file).map(Wanted::of).collect();
            let mut before: Option<Entry> = None;
            for row in brought.rows(file) {
                let row = row?;
                if before.is_some_and(|it| it.id == row.id) {
                    report.add(Fault::Repeated { file, id: row.id });
                }
                before = Some(row);
                for it in &mut wanted {
                    it.meet(Some(row.id), &mut report);
                }
            }
            for it in &mut wanted {
                it.meet(None, &mut report);
            }
        }
        prove_tree(&mut self.parents, &mut report);
        Ok(report.verdict()?)
    }
}

/// The ids that rows of one file need from another, as far as they were not met among its rows.
struct Wanted<'a> {
    need: &'a Need,
    left: std::iter::Peekable<std::slice::Iter<'a, Seen>>,
}

impl<'a> Wanted<'a> {
    fn of(need: &'a Need) -> Self {
        Self { need, left: need.ids.seen.iter().peekable() }
    }

    /// There is a row of that id, and none of any between it and the one met before; after the last
    /// row there is no more.
    fn meet(&mut self, id: Option<SubjectId>, report: &mut Report) {
        while let Some(seen) = self.left.next_if(|it| id.is_none_or(|id| it.id() <= id)) {
            if Some(seen.id()) != id {
                let Need { file, target, .. } = *self.need;
                report.add(Fault::Missing { file, row: seen.row(), target, id: seen.id() });
            }
        }
    }
}

/// Walks down from the roots; what is not met hangs in a loop. Units below a parent without a row
/// are met too: that fault is told once, where it is.
fn prove_tree(parents: &mut [Link], report: &mut Report) {
    let units: BTreeSet<u128> = parents.iter().map(|it| it.id).collect();
    let is_top = |it: &Link| it.parent.is_none_or(|parent| !units.contains(&parent));
    if !parents.is_empty() && parents.iter().all(|it| it.parent.is_some()) {
        report.add(Fault::NoRoot);
    }
    parents.sort_unstable_by_key(|it| (it.parent, it.row));
    let mut met: Vec<bool> = parents.iter().map(is_top).collect();
    let mut open: Vec<u128> = parents.iter().filter(|it| is_top(it)).map(|it| it.id).collect();
    // Every unit enters `open` at most once: it is pushed only when it was not met before.
    while let Some(above) = open.pop() {
        let start = parents.partition_point(|it| it.parent < Some(above));
        let rows = parents.iter().zip(&mut met).skip(start);
        for (unit, met) in rows.take_while(|(it, _)| it.parent == Some(above)) {
            if !*met {
                *met = true;
                open.push(unit.id);
            }
        }
    }
    for (unit, _) in parents.iter().zip(&met).filter(|(_, met)| !**met) {
        let id = SubjectId(uuid::Uuid::from_u128(unit.id));
        report.add(Fault::Loop { row: unit.row, id });
    }
}

#[derive(Default)]
struct Report {
    faults: Vec<Fault>,
    count: usize,
}

impl Report {
    fn add(&mut self, fault: Fault) {
        self.count += 1;
        if self.faults.len() < FAULTS_LISTED_MAX {
            self.faults.push(fault);
        }
    }

    fn verdict(self) -> Result<(), NotClosed> {
        if self.count == 0 {
            Ok(())
        } else {
            Err(NotClosed { faults: self.faults, count: self.count })
        }
    }
}

/// An id and the first row it stood in: 20 bytes, ordered by id, then row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    id: [u8; 16],
    row: [u8; 4],
}

impl Seen {
    fn id(&self) -> SubjectId {
        SubjectId(uuid::Uuid::from_bytes(self.id))
    }

    fn row(&self) -> u32 {
        u32::from_be_bytes(self.row)
    }
}

/// A growing set of ids: pushed in any order, now and then sorted and rid of repetitions, so that
/// a million rows that name twenty thousand units cost the memory of twenty thousand.
#[derive(Debug, Default)]
struct Ids {
    seen: Vec<Seen>,
    settle_at: usize,
}

impl Ids {
    fn push(&mut self, id: SubjectId, row: u32) {
        self.seen.push(Seen { id: id.0.into_bytes(), row: row.to_be_bytes() });
        if self.seen.len() >= self.settle_at.max(SETTLE_MIN) {
            self.settle();
            self.settle_at = self.seen.len().saturating_mul(2);
        }
    }

    fn settle(&mut self) {
        self.seen.sort_unstable();
        self.seen.dedup_by_key(|it| it.id);
    }
}
