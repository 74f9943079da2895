//! The first load of a source: every record is new, so it streams straight into the ledger, in
//! one transaction that is rolled back if a brake holds the plan. Its items are stored nowhere;
//! releasing it reads the same bytes again.

mod conclude;

use super::apply::Applying;
use super::aside::{self, Aside, SetAsideRecord};
use super::counts::Counts;
use super::figures::Figures;
use super::hash::{Hasher, OutOfOrder};
use super::item::{Mentioned, Planned, SeenAfter};
use super::progress::Stage;
use super::report::RunReport;
use super::run::{RunError, Running, open_opus, require_whole};
use super::understand::{Candidate, Understood, understand};
use crate::people::guard::Masked;
use jiff::civil::Date;
use kobling_domain::exchange::{Existence, PlanItem, Reason, Span, assertion_of, compare};
use kobling_domain::id::Version;
use kobling_domain::people::{Field, Kind};
use kobling_domain::time::Origin;
use kobling_formats::opus::{RawRecord, RecordKind};
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::exchange::plan::Decision;
use kobling_store::exchange::seen::{self, SeenRow};
use std::collections::BTreeSet;

/// Records written at once.
const BATCH_RECORDS: usize = 2_000;

/// What brakes are to do in a first load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Released {
    /// They hold.
    No,
    /// A person has looked at the plan of this hash and lets it through.
    Plan {
        /// The hash.
        hash: [u8; 32],
        /// Who lets it through, and why.
        decided: Decision,
    },
}

/// Reads a source for the first time.
pub(super) async fn load(running: Running<'_>) -> Result<RunReport, RunError> {
    load_released(running, Released::No).await
}

/// The same for a plan that a person has released.
pub(super) async fn load_released(
    running: Running<'_>,
    released: Released,
) -> Result<RunReport, RunError> {
    match attempt(running, &released, Hasher::in_order()).await? {
        Attempt::Done(report) => Ok(*report),
        // The plan's hash is over items in order of keys: read again and sort.
        Attempt::OutOfOrder => match attempt(running, &released, Hasher::collecting()).await? {
            Attempt::Done(report) => Ok(*report),
            Attempt::OutOfOrder => {
                Err(RunError::Incomplete { what: "it changed while it was read".to_owned() })
            }
        },
    }
}

enum Attempt {
    Done(Box<RunReport>),
    OutOfOrder,
}

/// A first load under way.
struct Loading<'a> {
    running: Running<'a>,
    applying: Applying<'a>,
    date: Date,
    hasher: Hasher,
    counts: Counts,
    figures: Figures,
    aside: Aside,
    masked: Masked,
    /// What was seen of records that mint nobody, until the batch is written.
    seen: Vec<SeenRow>,
    has_root: bool,
    mentioned: Mentions,
}

/// Keys met so far, to find repeated ones. While they come in order, the last one is enough.
#[derive(Default)]
struct Mentions {
    last: Option<(Kind, i64)>,
    all: Option<BTreeSet<(Kind, i64)>>,
}

async fn attempt(
    running: Running<'_>,
    released: &Released,
    hasher: Hasher,
) -> Result<Attempt, RunError> {
    let mut tx = running.hub.db.write().await?;
    let Some(loaded) = fill(&mut tx, running, hasher).await? else {
        return Ok(Attempt::OutOfOrder);
    };
    let Loaded { loading, version, digest } = loaded;
    let report = loading.conclude(tx, version, digest, released).await?;
    Ok(Attempt::Done(Box::new(report)))
}

/// Writes what the held plan of a first load would write, for who looks at it and commits nothing.
/// Tells the hash of what was written.
pub(super) async fn rehearse(tx: &mut Tx, running: Running<'_>) -> Result<[u8; 32], RunError> {
    // Kept until the end, so that a file out of order is not begun again in one transaction.
    let changed = || RunError::Incomplete { what: "it changed while it was read".to_owned() };
    let loaded = fill(tx, running, Hasher::collecting()).await?.ok_or_else(changed)?;
    Ok(loaded.loading.hasher.finish())
}

/// What a transaction was filled with.
struct Loaded<'a> {
    loading: Loading<'a>,
    version: Version,
    digest: u128,
}

/// Reads the whole input into `tx`; none if it is out of the order that the hasher wants.
async fn fill<'a>(
    tx: &mut Tx,
    running: Running<'a>,
    hasher: Hasher,
) -> Result<Option<Loaded<'a>>, RunError> {
    let Running { hub, tenant, source, input, run, progress, .. } = running;
    let mut reader = open_opus(source, input)?;
    let version = tenant::take_version(tx, tenant, hub.clock.now(), Some(run)).await?;
    let mut loading = Loading::new(running, version, hasher);
    let mut batch: Vec<Candidate> = Vec::new();
    while let Some(raw) = reader.next_record()? {
        let is_other_kind = batch.last().is_some_and(|it| it.kind != raw.kind);
        if batch.len() >= BATCH_RECORDS || is_other_kind {
            match loading.write(tx, std::mem::take(&mut batch)).await? {
                Ok(()) => progress.at(Stage::Read, loading.counts.read, 0),
                Err(OutOfOrder) => return Ok(None),
            }
        }
        match loading.admit(&raw) {
            Admitted::Yes => batch.push(Candidate::of(&raw)),
            Admitted::No => {}
            Admitted::OutOfOrder => return Ok(None),
        }
    }
    if let Err(OutOfOrder) = loading.write(tx, batch).await? {
        return Ok(None);
    }
    let proof = reader.finish()?;
    require_whole(&proof)?;
    for (kind, problem) in reader.problems().iter().filter_map(SetAsideRecord::without_key) {
        loading.aside.add(running, kind, problem)?;
    }
    loading.counts.read += proof.unreadable_keys;
    loading.counts.quarantined += proof.unreadable_keys;
    loading.applying.finish(tx).await?;
    Ok(Some(Loaded { loading, version, digest: reader.input_digest() }))
}

enum Admitted {
    Yes,
    No,
    OutOfOrder,
}

impl<'a> Loading<'a> {
    fn new(running: Running<'a>, version: Version, hasher: Hasher) -> Self {
        let Running { hub, tenant, source, input, run, .. } = running;
        let all = matches!(hasher, Hasher::Collected(_)).then(BTreeSet::new);
        Self {
            running,
            applying: Applying::new(hub, tenant, source, run, version),
            date: input.date(),
            hasher,
            counts: Counts::default(),
            figures: Figures::default(),
            aside: Aside::default(),
            masked: Masked::default(),
            seen: Vec::new(),
            has_root: false,
            mentioned: Mentions { last: None, all },
        }
    }

    /// Counts a record and tells whether it is to be written. A stub of an employment that nobody
    /// knows is not, nor is a record whose key stands in the file already.
    fn admit(&mut self, raw: &RawRecord<'_>) -> Admitted {
        let at = (raw.kind.subject(), raw.native_no);
        let is_repeated = match &mut self.mentioned {
            Mentions { all: Some(all), .. } => !all.insert(at),
            Mentions { last: Some(last), all: None } if *last > at => return Admitted::OutOfOrder,
            Mentions { last, all: None } => last.replace(at) == Some(at),
        };
        self.counts.count(raw.kind.subject());
        if is_repeated {
            // The first one counts, and is not set aside.
            self.aside.name(&aside::repeated(raw));
            self.counts.quarantined += 1;
            return Admitted::No;
        }
        if raw.action == Some(super::reading::LEAVE) {
            self.counts.unchanged += 1;
            return Admitted::No;
        }
        Admitted::Yes
    }

    async fn write(
        &mut self,
        tx: &mut Tx,
        batch: Vec<Candidate>,
    ) -> Result<Result<(), OutOfOrder>, RunError> {
        let Running { hub, tenant, source, .. } = self.running;
        let Some(kind) = batch.first().map(|it| it.kind) else { return Ok(Ok(())) };
        let mut planned = Vec::with_capacity(batch.len());
        for candidate in &batch {
            self.counts.parsed += 1;
            match understand(hub, source, candidate, self.date)? {
                Ok(it) => {
                    self.masked.count(&it.stated, &it.masked);
                    match self.plan(it) {
                        Ok(it) => planned.extend(it),
                        Err(OutOfOrder) => return Ok(Err(OutOfOrder)),
                    }
                }
                Err(problem) => self.set_aside(kind, problem)?,
            }
        }
        if kind == RecordKind::Unit && !self.has_root {
            let is_root = |it: &Planned| {
                let mut written = it.item.written.iter();
                written.any(|slice| slice.state.text(Field::UnitParent).is_none())
            };
            self.has_root = planned.iter().any(is_root);
        }
        self.applying.items(tx, kind.subject(), planned).await?;
        seen::upsert(tx, tenant, source.no, std::mem::take(&mut self.seen)).await?;
        Ok(Ok(()))
    }

    fn plan(&mut self, it: Understood) -> Result<Option<Planned>, OutOfOrder> {
        let origin = Origin { run: self.running.run, record: it.record_no };
        let effective = it.effective_without_history(self.running.source, self.date);
        let span = Span::Since(self.date);
        let asked = assertion_of(&[], &it.stated, span, effective, origin);
        let written = asked.map(|asked| compare(&[], asked, origin).written).unwrap_or_default();
        // Nobody knows since when the source has mentioned it: surely not later than it began.
        let (until, first_seen) = match it.stated.existence {
            Existence::Period(days) => (days.until(), days.from().min(self.date)),
            Existence::Never | Existence::Ended => (Some(self.date), self.date),
        };
        let item = PlanItem {
            kind: it.stated.kind,
            native: it.stated.native,
            reason: Reason::Created,
            effective,
            person: it.stated.person,
            of: None,
            renumbered_from: None,
            replaces: Vec::new(),
            written,
        };
        let (digest, content) = (it.digest, it.content);
        let native_no = item.native.as_number().unwrap_or_default();
        if item.written.is_empty() {
            // Nobody is employed by it: no subject is minted, and the next run need not parse it.
            self.counts.unchanged += 1;
            self.seen.push(SeenRow {
                kind: item.kind,
                native_no,
                digest,
                content,
                outcome: seen::Outcome::Applied,
                epoch: self.running.source.epoch,
                until,
                first_seen,
            });
            return Ok(None);
        }
        self.counts.planned += 1;
        self.figures.note(&item, Mentioned::Yes, &[], self.date);
        let mac = self.running.hub.keys.item_mac(&item.canonical());
        self.hasher.add((item.kind, native_no), mac)?;
        let seen = SeenAfter { digest, content, until, first_seen, mentioned: Mentioned::Yes };
        Ok(Some(Planned { item, native_no, seen }))
    }

    fn set_aside(&mut self, kind: RecordKind, record: SetAsideRecord) -> Result<(), RunError> {
        self.counts.quarantined += 1;
        self.aside.add(self.running, kind.subject(), record)
    }
}
