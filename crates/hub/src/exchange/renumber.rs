//! Employments that go on under another number: payroll took one away and made it anew.

use super::item::Planned;
use super::reading::Reading;
use super::run::RunError;
use super::{gone, item};
use kobling_domain::exchange::{
    Ambiguous, Assertion, Employed, PlanItem, Reason, Renumbered, compare, existence, renumbered,
};
use kobling_domain::id::SubjectNo;
use kobling_domain::people::{Field, Kind, NativeKey, State};
use kobling_domain::time::{Slice, Validity};
use kobling_store::people::subject::{self, Issuer, SubjectKey};
use std::collections::{BTreeMap, BTreeSet};

/// Employments looked at together.
const PAGE_EMPLOYMENTS: usize = 500;

/// Finds which of the employments no longer mentioned go on as which of the new ones, and puts one
/// change of the known employment in the place of the creation of another. Returns the numbers
/// that are not gone after all.
pub(super) async fn resolve(
    reading: &mut Reading<'_>,
    natives: &[i64],
) -> Result<BTreeSet<i64>, RunError> {
    if natives.is_empty() || reading.figures.employments_by(Reason::Created) == 0 {
        return Ok(BTreeSet::new());
    }
    let gone = taken_away(reading, natives).await?;
    if gone.is_empty() {
        return Ok(BTreeSet::new());
    }
    let new = made_anew(reading).await?;
    let (pairs, ambiguous) = renumbered(&gone, &new);
    reading.notes.extend(ambiguous.iter().map(unclear));
    let mut resolved = BTreeSet::new();
    for pair in &pairs {
        resolved.extend(pair.gone.as_number());
        join(reading, pair).await?;
    }
    Ok(resolved)
}

/// Finds which of the employments that a stub ends go on as which of the new ones: with the same
/// first day, or on the first day off. One change of the known employment takes the place of both.
pub(super) async fn resolve_stubs(reading: &mut Reading<'_>) -> Result<(), RunError> {
    for starts in [Starts::WithIt, Starts::AfterIt] {
        let figures = &reading.figures;
        let ends = figures.employments_by(Reason::Ended);
        if ends == 0 || figures.employments_by(Reason::Created) == 0 {
            return Ok(());
        }
        let ended = ended_by_stubs(reading, starts).await?;
        if ended.is_empty() {
            return Ok(());
        }
        let new = made_anew(reading).await?;
        let (pairs, ambiguous) = renumbered(&ended, &new);
        reading.notes.extend(ambiguous.iter().map(unclear));
        for pair in &pairs {
            join(reading, pair).await?;
        }
    }
    Ok(())
}

/// When the employment made anew begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Starts {
    /// On the first day of the known one.
    WithIt,
    /// On the first day after it.
    AfterIt,
}

/// The employments that the plan ends because of a stub, each with the day on which what it goes on
/// as would begin. A stub tells no national number, which a whole record does.
async fn ended_by_stubs(
    reading: &mut Reading<'_>,
    starts: Starts,
) -> Result<Vec<Employed<SubjectNo>>, RunError> {
    let mut ends = BTreeMap::new();
    for planned in reading.drafted.of_employments(Reason::Ended).await? {
        let until = existence(&planned.item.written).and_then(|it| it.until());
        if let (None, Some(number), Some(until)) =
            (&planned.item.person, planned.item.native.as_number(), until)
        {
            ends.insert(number, until);
        }
    }
    let numbers: Vec<i64> = ends.keys().copied().collect();
    let mut ended = taken_away(reading, &numbers).await?;
    if starts == Starts::AfterIt {
        for it in &mut ended {
            let end = it.number.as_number().and_then(|it| ends.get(&it));
            it.start = end.copied().unwrap_or(it.start);
        }
    }
    Ok(ended)
}

/// Sets numbers aside that were given up for others, where the others are still mentioned.
pub(super) async fn set_returned_aside(reading: &mut Reading<'_>) -> Result<(), RunError> {
    let returned = std::mem::take(&mut reading.returned);
    if returned.is_empty() {
        return Ok(());
    }
    for (number, problem) in returned {
        if let Some(created) = reading.drafted.withdraw(number).await? {
            reading.set_aside_created(&created.item, problem)?;
        }
    }
    Ok(())
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
            let number = it.native;
            gone.extend(person.and_then(|person| employed(number, person, &slices)));
        }
    }
    Ok(gone)
}

/// The employments that the plan creates, of persons who are known.
async fn made_anew(reading: &mut Reading<'_>) -> Result<Vec<Employed<SubjectNo>>, RunError> {
    let tenant = reading.tenant;
    let mut created = reading.drafted.of_employments(Reason::Created).await?;
    created.retain(|it| it.item.person.is_some());
    let mut new = Vec::new();
    for page in created.chunks(PAGE_EMPLOYMENTS) {
        let index =
            |it: &Planned| it.item.person.as_ref().map(|it| reading.hub.keys.blind_index(it));
        let keys: Vec<SubjectKey> = page.iter().filter_map(index).map(SubjectKey::Number).collect();
        let ledger = &mut reading.ledger;
        let persons = subject::by_key(ledger, tenant, Issuer::Cpr, Kind::Person, &keys).await?;
        new.extend(page.iter().zip(persons).filter_map(|(it, person)| {
            employed(it.item.native.clone(), person?, &it.item.written)
        }));
    }
    Ok(new)
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

/// Writes the one change in the place of the creation, and of the end, if there is one.
async fn join(reading: &mut Reading<'_>, pair: &Renumbered) -> Result<(), RunError> {
    let (Some(gone), Some(new)) = (pair.gone.as_number(), pair.new.as_number()) else {
        return Ok(());
    };
    let known = gone::missing(reading, Kind::Employment, &[gone]).await?.pop();
    let Some(known) = known else { return Ok(()) };
    let ended = reading.drafted.withdraw(gone).await?;
    let Some(created) = reading.drafted.withdraw(new).await? else { return Ok(()) };
    let Some(stated) = created.item.written.last() else { return Ok(()) };
    reading.returned.remove(&new);

    let before: Vec<Slice<State>> = known.claims.iter().map(|it| it.slice.clone()).collect();
    let asked = Assertion::Record {
        existence: united(&before, &created.item.written),
        effective: created.item.effective,
        values: stated.state.clone(),
    };
    let change = compare(&before, asked, stated.origin);
    let item = PlanItem {
        reason: Reason::Renumbered,
        renumbered_from: Some(pair.gone.clone()),
        replaces: item::replaced(&known.claims, &change),
        written: change.written,
        ..created.item.clone()
    };
    let seen = item::SeenAfter { first_seen: known.seen.first_seen, ..created.seen };
    let taken_out = (&created.item, ended.as_ref().map(|it| &it.item));
    reading.redraft(taken_out, Planned { item, native_no: new, seen }, &before).await
}

/// From the first day of what was known to the last of what it goes on as.
fn united(before: &[Slice<State>], after: &[Slice<State>]) -> Option<Validity> {
    let (before, after) = (existence(before)?, existence(after)?);
    Validity::new(before.from().min(after.from()), after.until()).ok()
}
