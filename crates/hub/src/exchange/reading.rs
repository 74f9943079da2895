//! One run under way: it reads the ledger in one snapshot and drafts its plan.

use super::aside::{Aside, SetAsideRecord};
use super::counts::Counts;
use super::drafted::Drafted;
use super::figures::Figures;
use super::item::{Mentioned, Planned};
use super::progress::Stage;
use super::quarantine;
use super::records::{Proof, Raw, Reader};
use super::run::{RunError, Running};
use super::seen::{Cursor, Found};
use super::source::Source;
use super::understand::{Candidate, Pending};
use crate::Hub;
use crate::people::guard::Masked;
use jiff::civil::Date;
use kobling_domain::exchange::{PlanItem, Span};
use kobling_domain::id::{RunNo, SubjectNo, TenantId};
use kobling_domain::people::{Kind, State};
use kobling_domain::time::Slice;
use kobling_store::engine::Tx;
use kobling_store::exchange::{draft, run};
use std::collections::{BTreeMap, BTreeSet};

/// Records judged at once.
const BATCH_RECORDS: usize = 500;
/// Bytes of records judged at once.
const BATCH_BYTES: usize = 4 << 20;
/// The progress is told every so many records.
const TELL_EVERY: u64 = 4_096;

/// From so many records on, the progress is written where others see it, each time their number has
/// doubled.
const WRITE_FROM: u64 = 256;
/// And then every so many records.
const WRITE_EVERY: u64 = 16_384;

/// Whether the progress is written down after so many records.
fn is_written(read: u64) -> bool {
    let doubles = read.is_power_of_two() && (WRITE_FROM..WRITE_EVERY).contains(&read);
    doubles || (read > 0 && read.is_multiple_of(WRITE_EVERY))
}

/// One run under way.
pub(super) struct Reading<'a> {
    pub(super) running: Running<'a>,
    pub(super) hub: &'a Hub,
    pub(super) tenant: TenantId,
    pub(super) source: &'a Source,
    pub(super) run_no: RunNo,
    pub(super) span: Span,
    pub(super) ledger: Tx,
    /// The held plan that this run's plan takes the place of.
    pub(super) superseded: Option<RunNo>,
    pub(super) counts: Counts,
    pub(super) figures: Figures,
    pub(super) aside: Aside,
    pub(super) notes: Vec<String>,
    pub(super) masked: Masked,
    /// Numbers that were given up for others and are back, as what they are set aside for if
    /// the others are not gone.
    pub(super) returned: BTreeMap<i64, SetAsideRecord>,
    /// Persons whom rows describe that were not known to be theirs, and blind indexes of those
    /// whom nobody knows yet.
    pub(super) described: BTreeSet<Described>,
    pub(super) drafted: Drafted<'a>,
    /// Records that were set aside before and are mentioned anew.
    pub(super) taken_back: Vec<(Kind, i64)>,
}

/// A person whom a new key describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Described {
    Known(SubjectNo),
    New([u8; 32]),
}

/// What was read.
pub(super) struct ReadThrough {
    pub(super) proof: Proof,
    pub(super) input_digest: u128,
    /// What is no longer mentioned, kind by kind.
    pub(super) gone: Vec<(Kind, Vec<i64>)>,
}

impl ReadThrough {
    /// Those of one kind that are no longer mentioned.
    pub(super) fn gone_of(&self, kind: Kind) -> &[i64] {
        let of_kind = self.gone.iter().find(|it| it.0 == kind);
        of_kind.map(|it| it.1.as_slice()).unwrap_or_default()
    }
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        running: Running<'a>,
        span: Span,
        ledger: Tx,
        superseded: Option<RunNo>,
    ) -> Self {
        let Running { hub, tenant, source, run, .. } = running;
        Self {
            running,
            hub,
            tenant,
            source,
            run_no: run,
            span,
            ledger,
            superseded,
            counts: Counts::default(),
            figures: Figures::default(),
            aside: Aside::default(),
            notes: Vec::new(),
            masked: Masked::default(),
            returned: BTreeMap::new(),
            described: BTreeSet::new(),
            drafted: Drafted::new(running.hub, running.tenant, running.run),
            taken_back: Vec::new(),
        }
    }

    /// Writes down how many records have been read, for those who look at the run from elsewhere.
    async fn write_progress(&self) -> Result<(), RunError> {
        let mut tx = self.hub.db.write().await?;
        run::tell(&mut tx, self.tenant, self.run_no, self.counts.read).await?;
        Ok(tx.commit().await?)
    }

    /// Reads all of `input`, judges what is not the same as last time and drafts the plan.
    pub(super) async fn read(&mut self, mut input: Reader<'_>) -> Result<ReadThrough, RunError> {
        let progress = self.running.progress;
        // What an older file says is compared with the days it speaks for, not with the last
        // record.
        let same_epochs = match self.span {
            Span::Since(_) => self.source.same_epochs.clone(),
            Span::Between(..) => Vec::new(),
        };
        let (tenant, source) = (self.tenant, self.source.no);
        let begin = |kind| (kind, Cursor::new(tenant, source, kind, same_epochs.clone()));
        let kinds = self.source.form.kinds();
        let mut cursors: BTreeMap<Kind, Cursor> = kinds.into_iter().map(begin).collect();
        let aside = quarantine::keys(&mut self.ledger, self.tenant, self.source.no).await?;
        let mut batch = Batch::default();
        while let Some(raw) = input.next(self.running).await? {
            let kind = raw.kind();
            if batch.is_full() || batch.is_of_other_kind(kind) {
                self.evaluate(batch.take()).await?;
            }
            self.counts.count(kind);
            let at = (kind, raw.native_no());
            if aside.contains(&at) {
                self.taken_back.push(at);
            }
            if is_written(self.counts.read) {
                self.write_progress().await?;
            }
            if is_written(self.counts.read) || self.counts.read.is_multiple_of(TELL_EVERY) {
                progress.at(Stage::Read, self.counts.read, 0);
            }
            let cursor = cursors.entry(kind).or_insert_with(|| begin(kind).1);
            let digest = self.hub.keys.digest_block(raw.digest());
            match cursor.find(&mut self.ledger, raw.native_no(), &digest).await? {
                Found::Same => self.counts.unchanged += 1,
                Found::New if raw.is_stub() => self.counts.unchanged += 1,
                Found::New | Found::Other => batch.push(raw),
                Found::Repeated => {
                    let problem = raw.repeated();
                    self.evaluate(batch.take()).await?;
                    self.set_aside(kind, problem)?;
                }
            }
        }
        self.evaluate(batch.take()).await?;
        progress.at(Stage::Read, self.counts.read, self.counts.read);
        let proof = input.finish()?;
        for (kind, problem) in input.without_key() {
            self.aside.add(self.running, kind, problem)?;
        }
        self.counts.read += proof.unreadable_keys;
        self.counts.quarantined += proof.unreadable_keys;
        let input_digest = input.input_digest();
        let mut gone = Vec::new();
        for (kind, cursor) in cursors {
            gone.push((kind, cursor.into_gone(&mut self.ledger).await?));
        }
        Ok(ReadThrough { proof, input_digest, gone })
    }

    /// Whether the input is the newest, so that what is seen in it counts from now on.
    pub(super) fn is_newest(&self) -> bool {
        matches!(self.span, Span::Since(_))
    }

    /// Takes an item into the plan. `before` is what it changes.
    pub(super) async fn draft(
        &mut self,
        planned: Planned,
        before: &[Slice<State>],
    ) -> Result<(), RunError> {
        self.counts.planned += 1;
        self.figures.note(&planned.item, planned.seen.mentioned, before, self.span.from());
        self.drafted.add(planned).await
    }

    /// Takes an item about what the input no longer mentions into the plan; it counts no record.
    pub(super) async fn draft_gone(
        &mut self,
        planned: Planned,
        before: &[Slice<State>],
    ) -> Result<(), RunError> {
        self.figures.note(&planned.item, planned.seen.mentioned, before, self.span.from());
        self.drafted.add(planned).await
    }

    /// Takes an item into the plan in the place of those that were taken out of it: what was to be
    /// created, and what was to become of what was known before. Their records are counted already.
    pub(super) async fn redraft(
        &mut self,
        (created, known): (&PlanItem, Option<&PlanItem>),
        planned: Planned,
        before: &[Slice<State>],
    ) -> Result<(), RunError> {
        let date = self.span.from();
        self.figures.forget(created, &[], date);
        if let Some(known) = known {
            self.figures.forget(known, before, date);
        }
        self.figures.note(&planned.item, Mentioned::Yes, before, date);
        self.drafted.add(planned).await
    }

    /// Sets a record aside whose creation was taken out of the plan.
    pub(super) fn set_aside_created(
        &mut self,
        created: &PlanItem,
        problem: SetAsideRecord,
    ) -> Result<(), RunError> {
        self.figures.forget(created, &[], self.span.from());
        self.counts.planned = self.counts.planned.saturating_sub(1);
        self.set_aside(created.kind, problem)
    }

    /// Sets a record aside.
    pub(super) fn set_aside(&mut self, kind: Kind, record: SetAsideRecord) -> Result<(), RunError> {
        self.counts.quarantined += 1;
        self.aside.add(self.running, kind, record)
    }

    /// The effective date that an equal change had in the held plan this one supersedes.
    pub(super) async fn effective_in_superseded(
        &mut self,
        kind: Kind,
        native_no: i64,
        content: &[u8; 16],
    ) -> Result<Option<Date>, RunError> {
        let Some(held) = self.superseded else { return Ok(None) };
        let item = draft::item(&mut self.ledger, self.tenant, held, kind, native_no).await?;
        let Some(item) = item else { return Ok(None) };
        let planned = Planned::open(&self.hub.keys, self.tenant, held, &item)?;
        Ok((planned.seen.content == *content).then_some(planned.item.effective))
    }
}

/// The `action` of a stub.
pub(super) const LEAVE: &str = "leave";

/// Candidates of one kind, waiting to be judged together.
#[derive(Default)]
struct Batch {
    candidates: Vec<Pending>,
    bytes: usize,
}

impl Batch {
    fn push(&mut self, raw: Raw<'_>) {
        self.candidates.push(match raw {
            Raw::Opus(raw) => {
                self.bytes += raw.bytes.len();
                Pending::Opus(Candidate::of(&raw))
            }
            Raw::Row(row) => Pending::Row(row),
        });
    }

    fn is_full(&self) -> bool {
        self.candidates.len() >= BATCH_RECORDS || self.bytes >= BATCH_BYTES
    }

    fn is_of_other_kind(&self, kind: Kind) -> bool {
        self.candidates.last().is_some_and(|it| it.kind() != kind)
    }

    fn take(&mut self) -> Vec<Pending> {
        self.bytes = 0;
        std::mem::take(&mut self.candidates)
    }
}
