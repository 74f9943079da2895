//! Employments that go on under another number: payroll took one away and made it anew.

use super::item::{PART_ITEM, Planned};
use super::reading::Reading;
use super::run::RunError;
use super::{gone, item};
use kobling_domain::exchange::{
    Ambiguous, Assertion, ClaimRef, Employed, PlanItem, Reason, Renumbered, compare, existence,
    renumbered,
};
use kobling_domain::id::SubjectNo;
use kobling_domain::people::{Field, Kind, NativeKey, State};
use kobling_domain::time::Slice;
use kobling_store::exchange::draft;
use kobling_store::exchange::plan::{self, StoredItem};
use kobling_store::people::subject::{self, Issuer, SubjectKey};
use std::collections::BTreeSet;

/// Employments looked at together.
const PAGE_EMPLOYMENTS: usize = 500;
/// Items of the plan read at once.
const PAGE_ITEMS: u32 = 1_000;

/// Finds which of the employments no longer mentioned go on as which of the new ones, and puts one
/// change of the known employment in the place of the creation of another. Returns the numbers
/// that are not gone after all.
pub(super) async fn resolve(
    reading: &mut Reading<'_>,
    natives: &[i64],
) -> Result<BTreeSet<i64>, RunError> {
    if natives.is_empty() || reading.figures.created_employments() == 0 {
        return Ok(BTreeSet::new());
    }
    let gone = taken_away(reading, natives).await?;
    if gone.is_empty() {
        return Ok(BTreeSet::new());
    }
    reading.flush().await?;
    let new = made_anew(reading).await?;
    let (pairs, ambiguous) = renumbered(&gone, &new);
    reading.notes.extend(ambiguous.iter().map(unclear));
    let mut resolved = BTreeSet::new();
    for pair in &pairs {
        resolved.extend(pair.gone.as_number());
        pair.new.as_number().and_then(|it| reading.returned.remove(&it));
        join(reading, pair).await?;
    }
    Ok(resolved)
}

/// Sets numbers aside that were given up for others, where the others are still mentioned.
pub(super) async fn set_returned_aside(reading: &mut Reading<'_>) -> Result<(), RunError> {
    let returned = std::mem::take(&mut reading.returned);
    if returned.is_empty() {
        return Ok(());
    }
    reading.flush().await?;
    for (number, problem) in returned {
        if let Some(created) = withdraw(reading, number).await? {
            reading.set_aside_created(&created.item, problem)?;
        }
    }
    Ok(())
}

/// Takes the creation of an employment out of the draft.
async fn withdraw(reading: &mut Reading<'_>, number: i64) -> Result<Option<Planned>, RunError> {
    let (tenant, run, kind) = (reading.tenant, reading.run_no, Kind::Employment);
    let mut tx = reading.hub.db.write().await?;
    let stored = draft::item(&mut tx, tenant, run, kind, number).await?;
    draft::withdraw(&mut tx, tenant, run, kind, number).await?;
    tx.commit().await?;
    let open = |it| Planned::open(&reading.hub.keys, tenant, run, &it);
    Ok(stored.map(open).transpose()?)
}

fn unclear(it: &Ambiguous) -> String {
    let list = |numbers: &[NativeKey]| {
        numbers.iter().map(NativeKey::as_str).collect::<Vec<_>>().join(", ")
    };
    let (gone, new) = (list(&it.gone), list(&it.new));
    format!("employments {gone} may go on as {new}, but not clearly: taken for gone and new")
}

async fn taken_away(
    reading: &mut Reading<'_>,
    natives: &[i64],
) -> Result<Vec<Employed<SubjectNo>>, RunError> {
    let mut gone = Vec::new();
    for page in natives.chunks(PAGE_EMPLOYMENTS) {
        for it in gone::missing(reading, Kind::Employment, page).await? {
            let person = it.claims.iter().rev().find_map(|claim| claim.refs.person);
            let slices: Vec<Slice<State>> = it.claims.into_iter().map(|it| it.slice).collect();
            let number = NativeKey::number(it.seen.native_no);
            gone.extend(person.and_then(|person| employed(number, person, &slices)));
        }
    }
    Ok(gone)
}

/// The employments that the plan creates, of persons who are known.
async fn made_anew(reading: &mut Reading<'_>) -> Result<Vec<Employed<SubjectNo>>, RunError> {
    let (tenant, run) = (reading.tenant, reading.run_no);
    // The ledger is seen as it was before the draft was written; the draft is not.
    let mut drafted = reading.hub.db.read().await?;
    let (mut new, mut after) = (Vec::new(), Some((Kind::Unit, i64::MAX, i64::MAX)));
    loop {
        let page = plan::items(&mut drafted, tenant, run, after, PAGE_ITEMS).await?;
        let Some(last) = page.last() else { return Ok(new) };
        after = Some((last.kind, last.native_no, last.part));
        let mut created = Vec::new();
        for it in page.iter().filter(|it| is_creation(it)) {
            created.push(Planned::open(&reading.hub.keys, tenant, run, it)?.item);
        }
        created.retain(|it| it.person.is_some());
        let index = |it: &PlanItem| it.person.as_ref().map(|it| reading.hub.keys.blind_index(it));
        let keys: Vec<SubjectKey> =
            created.iter().filter_map(index).map(SubjectKey::Number).collect();
        let ledger = &mut reading.ledger;
        let persons = subject::by_key(ledger, tenant, Issuer::Cpr, Kind::Person, &keys).await?;
        new.extend(
            created
                .into_iter()
                .zip(persons)
                .filter_map(|(it, person)| employed(it.native, person?, &it.written)),
        );
    }
}

fn is_creation(it: &StoredItem) -> bool {
    it.part == PART_ITEM
        && it.kind == Kind::Employment
        && it.reason.as_deref() == Some(Reason::Created.name())
}

fn employed(
    number: NativeKey,
    person: SubjectNo,
    slices: &[Slice<State>],
) -> Option<Employed<SubjectNo>> {
    let start = existence(slices)?.from();
    let position = slices.last()?.state.text(Field::EmploymentPositionTitle).map(str::to_owned);
    Some(Employed { number, person, start, position })
}

/// Writes the one change in the place of the creation.
async fn join(reading: &mut Reading<'_>, pair: &Renumbered) -> Result<(), RunError> {
    let (Some(gone), Some(new)) = (pair.gone.as_number(), pair.new.as_number()) else {
        return Ok(());
    };
    let known = gone::missing(reading, Kind::Employment, &[gone]).await?.pop();
    let created = withdraw(reading, new).await?;
    let (Some(created), Some(known)) = (created, known) else { return Ok(()) };
    let Some(stated) = created.item.written.last() else { return Ok(()) };

    let before: Vec<Slice<State>> = known.claims.iter().map(|it| it.slice.clone()).collect();
    let asked = Assertion::Record {
        existence: existence(&created.item.written),
        effective: created.item.effective,
        values: stated.state.clone(),
    };
    let change = compare(&before, asked, stated.origin);
    let closed = |valid_from| change.closed.iter().any(|it| it.validity.from() == valid_from);
    let replaces = known
        .claims
        .iter()
        .map(|it| ClaimRef { valid_from: it.slice.validity.from(), since: it.since })
        .filter(|it| closed(it.valid_from))
        .collect();
    let item = PlanItem {
        reason: Reason::Renumbered,
        renumbered_from: Some(pair.gone.clone()),
        replaces,
        written: change.written,
        ..created.item.clone()
    };
    let seen = item::SeenAfter { first_seen: known.seen.first_seen, ..created.seen };
    reading.redraft(&created.item, Planned { item, seen }, &before).await
}
