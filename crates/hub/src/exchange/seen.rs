//! Which records of an input are the same as last time, found without parsing them.
//!
//! While an input is in order of keys, a merge cursor walks the stored seen-state page by page
//! and holds one page. At the first record out of order the rest is loaded into a sorted list of
//! 32 bytes a record.

use super::run::RunError;
use kobling_domain::id::{SourceNo, TenantId};
use kobling_domain::people::Kind;
use kobling_store::engine::Tx;
use kobling_store::exchange::seen::{self, Outcome, SeenMark};
use std::collections::BTreeSet;

/// Rows of the seen-state held at once while the input is in order.
const PAGE_ROWS: usize = 4_096;
/// Rows read at once when all of them are wanted.
const LOAD_ROWS: usize = 16_384;

/// What the seen-state knows of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The record says what it said when it was last applied.
    Same,
    /// It says something else, or was set aside last time.
    Other,
    /// The source never mentioned this subject.
    New,
    /// This input mentioned the subject already.
    Repeated,
}

/// Walks the seen-state of one kind of subject beside the input.
pub(super) struct Cursor {
    tenant: TenantId,
    source: SourceNo,
    kind: Kind,
    same_epochs: Vec<i64>,
    state: Walk,
    /// Passed over by the merge, in order.
    passed: Vec<Passed>,
    /// Asked for and never mentioned before, in order.
    new: Vec<i64>,
}

enum Walk {
    Merge(Merge),
    Map { known: Vec<Entry>, new: BTreeSet<i64> },
}

#[derive(Default)]
struct Merge {
    page: Vec<SeenMark>,
    next: usize,
    read_to: Option<i64>,
    at_end: bool,
    last: Option<i64>,
}

/// A key that the input did not mention where it belongs.
struct Passed {
    native_no: i64,
    applied: bool,
}

struct Entry {
    native_no: i64,
    digest: [u8; 16],
    applied: bool,
    skippable: bool,
    mentioned: bool,
}

enum Step {
    Found(Found),
    NeedsPage,
    OutOfOrder,
}

impl Cursor {
    /// A cursor before the first row. Records judged under one of `same_epochs` need no new
    /// judgement.
    pub(super) fn new(
        tenant: TenantId,
        source: SourceNo,
        kind: Kind,
        same_epochs: Vec<i64>,
    ) -> Self {
        let state = Walk::Merge(Merge::default());
        Self { tenant, source, kind, same_epochs, state, passed: Vec::new(), new: Vec::new() }
    }

    /// What is known of `native_no`, whose record has this digest.
    pub(super) async fn find(
        &mut self,
        ledger: &mut Tx,
        native_no: i64,
        digest: &[u8; 16],
    ) -> Result<Found, RunError> {
        loop {
            match self.step(native_no, digest) {
                Step::Found(found) => return Ok(found),
                Step::NeedsPage => self.turn_page(ledger).await?,
                Step::OutOfOrder => self.load_all(ledger).await?,
            }
        }
    }

    /// The keys that were not asked for and were not gone before, after the last record.
    pub(super) async fn into_gone(mut self, ledger: &mut Tx) -> Result<Vec<i64>, RunError> {
        loop {
            match &mut self.state {
                Walk::Map { known, .. } => {
                    let gone = known.iter().filter(|it| it.applied && !it.mentioned);
                    return Ok(gone.map(|it| it.native_no).collect());
                }
                Walk::Merge(merge) => {
                    self.passed.extend(merge.page.iter().skip(merge.next).map(Passed::of));
                    merge.next = merge.page.len();
                    if merge.at_end {
                        let gone = self.passed.iter().filter(|it| it.applied);
                        return Ok(gone.map(|it| it.native_no).collect());
                    }
                }
            }
            self.turn_page(ledger).await?;
        }
    }

    fn step(&mut self, native_no: i64, digest: &[u8; 16]) -> Step {
        match &mut self.state {
            Walk::Merge(merge) => {
                let step = merge.step(native_no, digest, &self.same_epochs, &mut self.passed);
                if matches!(step, Step::Found(Found::New)) {
                    self.new.push(native_no);
                }
                step
            }
            Walk::Map { known, new } => {
                Step::Found(match known.binary_search_by_key(&native_no, |it| it.native_no) {
                    Err(_) if new.insert(native_no) => Found::New,
                    Err(_) => Found::Repeated,
                    Ok(at) => known.get_mut(at).map_or(Found::New, |it| look_at(it, digest)),
                })
            }
        }
    }

    async fn turn_page(&mut self, ledger: &mut Tx) -> Result<(), RunError> {
        if let Walk::Merge(merge) = &mut self.state {
            let read_to = merge.read_to;
            merge.page =
                seen::page(ledger, self.tenant, self.source, self.kind, read_to, PAGE_ROWS).await?;
            merge.next = 0;
            merge.read_to = merge.page.last().map(|it| it.native_no).or(read_to);
            merge.at_end = merge.page.len() < PAGE_ROWS;
        }
        Ok(())
    }

    /// Leaves the merge for a list of everything, with what was asked for so far marked.
    async fn load_all(&mut self, ledger: &mut Tx) -> Result<(), RunError> {
        let Walk::Merge(merge) = &self.state else { return Ok(()) };
        let asked_to = merge.last.unwrap_or(i64::MIN);
        let passed = std::mem::take(&mut self.passed);
        let was_passed =
            |native_no: i64| passed.binary_search_by_key(&native_no, |it| it.native_no).is_ok();
        let (mut known, mut read_to) = (Vec::new(), None);
        loop {
            let page =
                seen::page(ledger, self.tenant, self.source, self.kind, read_to, LOAD_ROWS).await?;
            let Some(end) = page.last() else { break };
            read_to = Some(end.native_no);
            let is_last = page.len() < LOAD_ROWS;
            known.extend(page.iter().map(|it| Entry {
                native_no: it.native_no,
                digest: it.digest,
                skippable: skippable(it, &self.same_epochs),
                applied: it.outcome == Outcome::Applied,
                mentioned: it.native_no <= asked_to && !was_passed(it.native_no),
            }));
            if is_last {
                break;
            }
        }
        known.shrink_to_fit();
        let new = std::mem::take(&mut self.new).into_iter().collect();
        self.state = Walk::Map { known, new };
        Ok(())
    }
}

impl Merge {
    fn step(
        &mut self,
        native_no: i64,
        digest: &[u8; 16],
        same_epochs: &[i64],
        passed: &mut Vec<Passed>,
    ) -> Step {
        match self.last {
            Some(last) if last == native_no => return Step::Found(Found::Repeated),
            Some(last) if last > native_no => return Step::OutOfOrder,
            _ => {}
        }
        while let Some(mark) = self.page.get(self.next) {
            if mark.native_no < native_no {
                passed.push(Passed::of(mark));
                self.next += 1;
                continue;
            }
            self.last = Some(native_no);
            if mark.native_no > native_no {
                return Step::Found(Found::New);
            }
            self.next += 1;
            let same = mark.digest == *digest && skippable(mark, same_epochs);
            return Step::Found(if same { Found::Same } else { Found::Other });
        }
        if !self.at_end {
            return Step::NeedsPage;
        }
        self.last = Some(native_no);
        Step::Found(Found::New)
    }
}

impl Passed {
    fn of(mark: &SeenMark) -> Self {
        Self { native_no: mark.native_no, applied: mark.outcome == Outcome::Applied }
    }
}

fn look_at(entry: &mut Entry, digest: &[u8; 16]) -> Found {
    if std::mem::replace(&mut entry.mentioned, true) {
        Found::Repeated
    } else if entry.skippable && entry.digest == *digest {
        Found::Same
    } else {
        Found::Other
    }
}

fn skippable(mark: &SeenMark, same_epochs: &[i64]) -> bool {
    mark.outcome == Outcome::Applied && same_epochs.contains(&mark.epoch)
}
