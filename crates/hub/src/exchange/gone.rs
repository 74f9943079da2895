//! What a complete input no longer mentions.

use super::figures::Figures;
use super::item::{Mentioned, Planned, SeenAfter, replaced};
use super::progress::Stage;
use super::reading::{ReadThrough, Reading};
use super::renumber;
use super::run::RunError;
use kobling_domain::exchange::{PlanItem, compare, existence, gone};
use kobling_domain::id::{RecordNo, SubjectNo, TenantId};
use kobling_domain::people::{Field, Kind, NativeKey, State};
use kobling_domain::time::{Origin, Slice};
use kobling_formats::opus::RootUnit;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::seen::{self, Outcome, SeenRow};
use kobling_store::people::claim::{self, Claim};
use kobling_store::people::subject::{self, Issuer, SubjectKey};
use std::collections::{BTreeMap, BTreeSet};

/// Subjects looked at together.
const PAGE_SUBJECTS: usize = 500;

/// A subject that is gone, with what the ledger knows of it.
pub(super) struct Missing {
    pub(super) seen: SeenRow,
    pub(super) native: NativeKey,
    pub(super) claims: Vec<Claim>,
}

/// Drafts an item for every open subject that the input does not mention.
pub(super) async fn conclude(
    reading: &mut Reading<'_>,
    read: &ReadThrough,
) -> Result<(), RunError> {
    let progress = reading.running.progress;
    let total = u64::try_from(read.gone.iter().map(|it| it.1.len()).sum::<usize>());
    let total = total.unwrap_or_default();
    let mut done = 0;
    let go_on = if reading.source.is_opus() {
        renumber::resolve(reading, read.gone_of(Kind::Employment)).await?
    } else {
        // Keys of their own go on as they are.
        BTreeSet::new()
    };
    for (kind, natives) in &read.gone {
        let kind = *kind;
        for page in natives.chunks(PAGE_SUBJECTS) {
            for missing in missing(reading, kind, page).await? {
                let goes_on = kind == Kind::Employment && go_on.contains(&missing.seen.native_no);
                if !goes_on {
                    draft(reading, kind, &missing).await?;
                }
            }
            done += u64::try_from(page.len()).unwrap_or_default();
            progress.at(Stage::Gone, done, total);
        }
    }
    Ok(())
}

/// The figures of an older file's plan, as if it also spoke about what it does not mention: it
/// changes nothing of that, but who decides on the file should know that much of it is missing.
pub(super) async fn with_absent(
    reading: &mut Reading<'_>,
    read: &ReadThrough,
) -> Result<Figures, RunError> {
    let mut figures = reading.figures.clone();
    let date = reading.span.from();
    for (kind, natives) in &read.gone {
        for page in natives.chunks(PAGE_SUBJECTS) {
            for it in missing(reading, *kind, page).await? {
                let slices: Vec<Slice<State>> =
                    it.claims.iter().map(|claim| claim.slice.clone()).collect();
                let was_there = slices.iter().any(|it| it.validity.contains(date));
                if was_there && it.seen.first_seen <= date {
                    figures.note_gone(*kind, &it.native, &slices, date);
                    figures.note_left(&slices, date);
                }
            }
        }
    }
    Ok(figures)
}

/// Whether the unit that has none above it is among those mentioned; where it is not, its key.
pub(super) async fn root_unit(
    reading: &mut Reading<'_>,
    read: &ReadThrough,
) -> Result<(RootUnit, Option<NativeKey>), RunError> {
    let date = reading.span.from();
    for page in read.gone_of(Kind::Unit).chunks(PAGE_SUBJECTS) {
        for it in missing(reading, Kind::Unit, page).await? {
            let now = it.claims.iter().find(|claim| claim.slice.validity.contains(date));
            if now.is_some_and(|claim| claim.slice.state.text(Field::UnitParent).is_none()) {
                return Ok((RootUnit::Missing, Some(it.native)));
            }
        }
    }
    Ok((RootUnit::Present, None))
}

/// Those of `natives` that have not ended.
pub(super) async fn missing(
    reading: &mut Reading<'_>,
    kind: Kind,
    natives: &[i64],
) -> Result<Vec<Missing>, RunError> {
    let (tenant, source, date) = (reading.tenant, reading.source.no, reading.span.from());
    let of = reading.source;
    let ledger = &mut reading.ledger;
    let mut rows = seen::rows(ledger, tenant, source, kind, natives).await?;
    rows.retain(|it| it.outcome == Outcome::Applied && it.until.is_none_or(|until| until > date));
    let numbers: Vec<i64> = rows.iter().map(|it| it.native_no).collect();
    let natives = of.natives(ledger, tenant, kind, &numbers).await?;
    let keys: Vec<SubjectKey> = natives.iter().cloned().map(SubjectKey::Native).collect();
    let subjects = subject::by_key(ledger, tenant, Issuer::Source(source), kind, &keys).await?;
    // An employment that goes on under another number is not that of the number it gave up.
    let subjects =
        if of.is_opus() { still_of(ledger, tenant, &keys, subjects).await? } else { subjects };
    let known: Vec<SubjectNo> = subjects.iter().copied().flatten().collect();
    let claims = claim::open(ledger, tenant, source, kind.track(), &known).await?;
    let mut by_subject: BTreeMap<SubjectNo, Vec<Claim>> = BTreeMap::new();
    for claim in claims {
        by_subject.entry(claim.subject).or_default().push(claim);
    }
    let claims_of = |it: Option<SubjectNo>| it.and_then(|it| by_subject.remove(&it));
    let claims: Vec<_> = subjects.into_iter().map(claims_of).collect();
    Ok(rows
        .into_iter()
        .zip(natives)
        .zip(claims)
        .filter_map(|((seen, native), claims)| Some(Missing { seen, native, claims: claims? }))
        .collect())
}

/// The subjects that are still shown with the key they were found by.
async fn still_of(
    ledger: &mut Tx,
    tenant: TenantId,
    keys: &[SubjectKey],
    subjects: Vec<Option<SubjectNo>>,
) -> Result<Vec<Option<SubjectNo>>, StoreError> {
    let known: Vec<SubjectNo> = subjects.iter().copied().flatten().collect();
    let shown = subject::by_no(ledger, tenant, &known).await?;
    let shown: BTreeMap<SubjectNo, Option<SubjectKey>> =
        shown.into_iter().map(|it| (it.no, it.native.map(SubjectKey::Native))).collect();
    let is_of =
        |no: &SubjectNo, key: &SubjectKey| shown.get(no).and_then(Option::as_ref) == Some(key);
    let found = subjects.into_iter().zip(keys);
    Ok(found.map(|(no, key)| no.filter(|no| is_of(no, key))).collect())
}

async fn draft(reading: &mut Reading<'_>, kind: Kind, missing: &Missing) -> Result<(), RunError> {
    let (native, native_no) = (missing.native.clone(), missing.seen.native_no);
    let slices: Vec<Slice<State>> = missing.claims.iter().map(|it| it.slice.clone()).collect();
    let date = reading.span.from();
    let content = &missing.seen.content;
    let effective = reading.effective_in_superseded(kind, native_no, content).await?;
    let effective = effective.unwrap_or(date);
    let annul_within_days = reading.source.text.annul_within_days;
    let concluded = gone(&slices, effective, missing.seen.first_seen, annul_within_days);
    let Some((reason, asked)) = concluded else { return Ok(()) };
    let origin = Origin { run: reading.run_no, record: RecordNo(0) };
    let change = compare(&slices, asked, origin);
    reading.figures.note_gone(kind, &native, &slices, date);
    let seen = SeenAfter {
        digest: missing.seen.digest,
        content: missing.seen.content,
        until: existence(&change.written).map_or(Some(effective), |it| it.until()),
        first_seen: missing.seen.first_seen,
        mentioned: Mentioned::No,
    };
    let item = PlanItem {
        kind,
        native,
        reason,
        effective,
        person: None,
        of: None,
        renumbered_from: None,
        replaces: replaced(&missing.claims, &change),
        written: change.written,
    };
    reading.draft_gone(Planned { item, native_no, seen }, &slices).await
}
