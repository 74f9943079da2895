//! From records that were understood to plan items.

use super::identity::names_person_first;
use super::item::{Mentioned, Planned, SeenAfter, replaced};
use super::reading::Reading;
use super::run::RunError;
use super::understand::{Pending, Understood};
use jiff::civil::Date;
use kobling_domain::exchange::{
    Change, Existence, Known, PlanItem, Span, Stated, assertion_of, compare, existence, reason_of,
};
use kobling_domain::id::SubjectNo;
use kobling_domain::people::{Kind, NativeKey, State};
use kobling_domain::time::{Origin, Slice};
use kobling_store::exchange::seen::{self, SeenRow};
use kobling_store::people::claim::{self, Claim};
use kobling_store::people::subject::{self, Issuer, Subject, SubjectKey};
use std::collections::{BTreeMap, BTreeSet};

/// What the ledger knows of a subject.
#[derive(Default)]
pub(super) struct Before {
    pub(super) seen: Option<SeenRow>,
    /// The person whom the record names by another key than a national number.
    pub(super) of: Option<SubjectNo>,
    pub(super) subject: Option<SubjectNo>,
    pub(super) claims: Vec<Claim>,
    /// Whose employment it is, or last was.
    pub(super) person: Option<Subject>,
    /// The person of the national number that the record tells, where one is known.
    pub(super) told: Option<SubjectNo>,
}

impl Reading<'_> {
    /// Judges candidates of one kind, and drafts an item for each that changes the ledger.
    pub(super) async fn evaluate(&mut self, batch: Vec<Pending>) -> Result<(), RunError> {
        let Some(kind) = batch.first().map(Pending::kind) else { return Ok(()) };
        let mut understood = Vec::with_capacity(batch.len());
        for candidate in &batch {
            self.counts.parsed += 1;
            match candidate.understand(self.hub, self.source, self.span.from())? {
                Ok(it) => {
                    self.masked.count(&it.stated, &it.masked);
                    understood.push(it);
                }
                Err(problem) => self.set_aside(kind, problem)?,
            }
        }
        let rows = self.seen(kind, &understood).await?;
        let mut other = Vec::new();
        for it in understood {
            let at = rows.binary_search_by_key(&it.native_no, |it| it.native_no).ok();
            let seen = at.and_then(|it| rows.get(it)).copied();
            if self.is_same_content(&it, seen.as_ref()) {
                self.remember(it, seen).await?;
            } else {
                other.push((it, seen));
            }
        }
        let owners = self.owners(other.iter().map(|(it, _)| it)).await?;
        let before = self.before(kind, other.iter().map(|(it, _)| &it.stated.native)).await?;
        let told = self.told(other.iter().map(|(it, _)| &it.stated)).await?;
        let others = other.into_iter().zip(before).zip(told).zip(owners);
        for ((((it, seen), before), told), of) in others {
            let before = Before { seen, of, told, ..before };
            match self.described(&it, before).await? {
                Ok(before) => self.conclude(it, before).await?,
                Err(problem) => self.set_aside(kind, problem)?,
            }
        }
        Ok(())
    }

    /// What was seen of these subjects, in order of native numbers.
    async fn seen(
        &mut self,
        kind: Kind,
        understood: &[Understood],
    ) -> Result<Vec<SeenRow>, RunError> {
        let numbers: Vec<i64> = understood.iter().map(|it| it.native_no).collect();
        let (tenant, source) = (self.tenant, self.source.no);
        Ok(seen::rows(&mut self.ledger, tenant, source, kind, &numbers).await?)
    }

    /// What the ledger knows of these subjects, in their order, but for what was seen of them.
    async fn before(
        &mut self,
        kind: Kind,
        natives: impl Iterator<Item = &NativeKey>,
    ) -> Result<Vec<Before>, RunError> {
        let keys: Vec<SubjectKey> = natives.cloned().map(SubjectKey::Native).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (tenant, source) = (self.tenant, self.source.no);
        let ledger = &mut self.ledger;
        let subjects = subject::by_key(ledger, tenant, Issuer::Source(source), kind, &keys).await?;
        let known: Vec<SubjectNo> = subjects.iter().copied().flatten().collect();
        let claims = claim::open(ledger, tenant, source, kind.track(), &known).await?;
        let named = match kind {
            Kind::Employment | Kind::Activity | Kind::Qualification | Kind::Absence => {
                claim::last_persons(ledger, tenant, source, kind.track(), &known).await?
            }
            Kind::Person => known.iter().map(|it| (*it, *it)).collect(),
            Kind::Unit | Kind::Position => BTreeMap::new(),
        };
        let persons: BTreeSet<SubjectNo> = named.values().copied().collect();
        let persons: Vec<SubjectNo> = persons.into_iter().collect();
        let persons = subject::by_no(ledger, tenant, &persons).await?;
        let persons: BTreeMap<SubjectNo, Subject> =
            persons.into_iter().map(|it| (it.no, it)).collect();
        let mut by_subject: BTreeMap<SubjectNo, Vec<Claim>> = BTreeMap::new();
        for claim in claims {
            by_subject.entry(claim.subject).or_default().push(claim);
        }
        let before = |subject: Option<SubjectNo>| {
            let claims = subject.and_then(|it| by_subject.remove(&it)).unwrap_or_default();
            let person = subject.and_then(|it| named.get(&it)).and_then(|it| persons.get(it));
            Before { subject, claims, person: person.cloned(), ..Before::default() }
        };
        Ok(subjects.into_iter().map(before).collect())
    }

    /// The persons of the national numbers that records tell, in their order.
    async fn told(
        &mut self,
        stated: impl Iterator<Item = &Stated>,
    ) -> Result<Vec<Option<SubjectNo>>, RunError> {
        let keys = &self.hub.keys;
        let indexes: Vec<Option<[u8; 32]>> =
            stated.map(|it| it.person.as_ref().map(|it| keys.blind_index(it))).collect();
        let told: Vec<[u8; 32]> = indexes.iter().copied().flatten().collect();
        let mut found = subject::by_number(&mut self.ledger, self.tenant, &told).await?.into_iter();
        Ok(indexes.into_iter().map(|it| it.and_then(|_| found.next().flatten())).collect())
    }

    async fn conclude(&mut self, it: Understood, before: Before) -> Result<(), RunError> {
        if let Some(problem) = self.other_person(&it, &before) {
            return self.set_aside(it.stated.kind, problem);
        }
        let before = match self.renumbered_away(&it, &before).await? {
            Some(_) if it.stated.existence == Existence::Ended => {
                // The stub of a number that was given up ends nobody.
                let until = Some(self.span.from());
                return self.remember(it, before.seen.map(|seen| SeenRow { until, ..seen })).await;
            }
            Some(problem) => {
                // Taken for new, until it is known whether the other number is gone.
                self.returned.insert(problem.native_no, problem);
                Before { seen: before.seen, ..Before::default() }
            }
            None => before,
        };
        if matches!(self.span, Span::Between(..))
            && before.subject.is_some()
            && before.claims.is_empty()
        {
            // A newer file says that it never was; an older one does not bring it back.
            return self.remember(it, before.seen).await;
        }
        let slices: Vec<Slice<State>> = before.claims.iter().map(|it| it.slice.clone()).collect();
        let origin = Origin { run: self.run_no, record: it.record_no };
        let effective = self.effective(&it).await?;
        let asked = assertion_of(&slices, &it.stated, self.span, effective, origin);
        let change = asked.map(|asked| compare(&slices, asked, origin));
        let change = change.map(|change| {
            if names_person_first(&it, &before) { rewritten(&slices, change) } else { change }
        });
        let Some(change) = change.filter(|change| !change.is_empty()) else {
            return self.remember(it, before.seen).await;
        };
        // A unit that others refer to, or a number that is used again, has a subject before its
        // first record.
        let known =
            if before.subject.is_some() && before.seen.is_some() { Known::Yes } else { Known::No };
        let item = PlanItem {
            kind: it.stated.kind,
            native: it.stated.native.clone(),
            reason: reason_of(&slices, known, &change, self.span.from()),
            effective,
            person: it.stated.person.clone(),
            of: before.of,
            renumbered_from: None,
            replaces: replaced(&before.claims, &change),
            written: change.written,
        };
        let seen = self.seen_after(&it, &before, &item, &slices);
        self.draft(Planned { item, native_no: it.native_no, seen }, &slices).await
    }

    /// Whether the record says what it said when it was last applied, in other words.
    fn is_same_content(&self, it: &Understood, seen: Option<&SeenRow>) -> bool {
        matches!(self.span, Span::Since(_))
            && seen.is_some_and(|seen| {
                seen.content == it.content && seen.outcome == seen::Outcome::Applied
            })
    }

    /// The record changes nothing; what was seen is written down, so that the next run need not
    /// parse it. Of an unknown subject that a stub says has ended, nothing is kept.
    async fn remember(&mut self, it: Understood, seen: Option<SeenRow>) -> Result<(), RunError> {
        self.counts.unchanged += 1;
        let unknown_stub = seen.is_none() && it.stated.existence == Existence::Ended;
        // A complete run settles epochs for all records at once.
        let is_known = seen
            .as_ref()
            .is_some_and(|seen| seen.digest == it.digest && seen.outcome == seen::Outcome::Applied);
        if unknown_stub || is_known || matches!(self.span, Span::Between(..)) {
            return Ok(());
        }
        let date = self.span.from();
        let (until, first_seen) = seen.map_or((Some(date), date), |it| (it.until, it.first_seen));
        self.drafted
            .remember(SeenRow {
                kind: it.stated.kind,
                native_no: it.native_no,
                digest: it.digest,
                content: it.content,
                outcome: seen::Outcome::Applied,
                epoch: self.source.epoch,
                until,
                first_seen,
            })
            .await
    }

    /// The day from which the record's values count.
    async fn effective(&mut self, it: &Understood) -> Result<Date, RunError> {
        let (kind, native_no) = (it.stated.kind, it.native_no);
        if let Some(earlier) = self.effective_in_superseded(kind, native_no, &it.content).await? {
            return Ok(earlier);
        }
        Ok(it.effective_without_history(self.source, self.span.from()))
    }

    fn seen_after(
        &self,
        it: &Understood,
        before: &Before,
        item: &PlanItem,
        slices: &[Slice<State>],
    ) -> SeenAfter {
        let kept = slices
            .iter()
            .filter(|s| !item.replaces.iter().any(|r| r.valid_from == s.validity.from()));
        let mut after: Vec<Slice<State>> = kept.chain(&item.written).cloned().collect();
        after.sort_by_key(|it| it.validity.from());
        let date = self.span.from();
        if let (Span::Between(..), Some(seen)) = (self.span, &before.seen) {
            return SeenAfter {
                digest: seen.digest,
                content: seen.content,
                until: seen.until,
                first_seen: seen.first_seen.min(date),
                mentioned: match seen.outcome {
                    seen::Outcome::Applied => Mentioned::Yes,
                    seen::Outcome::Gone | seen::Outcome::Quarantined => Mentioned::No,
                },
            };
        }
        SeenAfter {
            digest: it.digest,
            content: it.content,
            until: existence(&after).map_or(Some(date), |it| it.until()),
            first_seen: before.seen.as_ref().map_or(date, |it| it.first_seen.min(date)),
            // Newer files say nothing of what only an older one mentions.
            mentioned: if self.is_newest() { Mentioned::Yes } else { Mentioned::No },
        }
    }
}

/// The same change with all that is believed after it written anew.
fn rewritten(before: &[Slice<State>], change: Change<State>) -> Change<State> {
    let kept = before.iter().filter(|it| !change.closed.contains(it));
    let mut written: Vec<Slice<State>> = kept.cloned().chain(change.written).collect();
    written.sort_by_key(|it| it.validity.from());
    Change { closed: before.to_vec(), written }
}
