//! Which persons have to be looked at: those whose claims changed, and all whose projection hangs
//! on something else that changed.

use super::super::ledger::Reading;
use super::order::Order;
use super::roles::Roles;
use jiff::civil::Date;
use kobling_domain::id::{SubjectId, SubjectNo, Version};
use kobling_domain::people::{Claims, Kind, NativeKey, Tree};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::lane;
use kobling_store::exchange::target::Done;
use kobling_store::people::claim::{self, Place};
use kobling_store::people::same;
use kobling_store::people::subject::{self, Issuer, SubjectKey};
use std::collections::{BTreeMap, BTreeSet};

/// Changes read at once.
const PAGE_CHANGES: u32 = 10_000;
/// Subjects read at once.
const PAGE_SUBJECTS: usize = 1_000;
/// If more than one in so many subjects is to be looked at, all are.
const ALL_FROM_ONE_IN: usize = 4;

/// Which persons.
pub(super) enum Span {
    /// Every one.
    All,
    /// These.
    Some(BTreeSet<SubjectNo>),
}

/// What changed since the lanes were last brought up to date.
struct Changes {
    persons: BTreeSet<SubjectNo>,
    employments: Vec<SubjectNo>,
    units: BTreeSet<NativeKey>,
}

/// The persons to look at, and who leads what from now on.
pub(super) async fn find(
    reading: &Reading<'_>,
    ledger: &mut Tx,
    order: &Order,
    units: &BTreeMap<SubjectId, Claims>,
    numbers: &BTreeMap<NativeKey, SubjectNo>,
    tree: &Tree<NativeKey>,
) -> Result<(Span, Roles), StoreError> {
    let done = order.done.filter(|it| it.basis == order.basis && it.on <= order.today);
    let Some(done) = done else { return Ok((Span::All, Roles::all(reading, ledger).await?)) };
    let mut changes = changes(ledger, order, done, numbers).await?;
    let last = subject::last(ledger, order.tenant).await?;
    let is_most = |count: usize| {
        let count = i64::try_from(count.saturating_mul(ALL_FROM_ONE_IN)).unwrap_or(i64::MAX);
        count > last.0.max(1_000)
    };
    if is_most(changes.employments.len()) {
        return Ok((Span::All, Roles::all(reading, ledger).await?));
    }
    let days = (done.on, order.today);
    changes.units.extend(turned(units, days));
    let roles = Roles::after(reading, ledger, order.no, &changes.employments).await?;
    changes.units.extend(roles.affected(days));
    // Who became one with somebody, or was parted, is told of otherwise, and so is whom they lead.
    let versions = (done.version, order.version);
    let linked = same::changed_since(ledger, order.tenant, versions).await?;
    let ones = linked.iter().map(|it| reading.links.one(*it));
    let linked: BTreeSet<SubjectNo> =
        ones.flat_map(|it| reading.links.all_of(it)).chain(linked.iter().copied()).collect();
    changes.units.extend(roles.led_by(&linked));
    persons_of(ledger, order, done.version, &changes.employments, &mut changes.persons).await?;
    widen(reading, ledger, numbers, tree, units, &mut changes).await?;
    let due = lane::due(ledger, order.tenant, order.no, order.today).await?;
    changes.persons.extend(due.iter().filter(|it| it.1 == Kind::Person).map(|it| it.0));
    // Who is said to be somebody else is told of there, and here as somebody who is gone.
    let mut persons: BTreeSet<SubjectNo> =
        changes.persons.iter().map(|it| reading.links.one(*it)).collect();
    persons.extend(linked);
    let is_all = is_most(persons.len());
    Ok((if is_all { Span::All } else { Span::Some(persons) }, roles))
}

/// The number of each unit of the source.
pub(super) async fn unit_numbers(
    reading: &Reading<'_>,
    ledger: &mut Tx,
    units: &BTreeMap<SubjectId, Claims>,
) -> Result<BTreeMap<NativeKey, SubjectNo>, StoreError> {
    let natives: Vec<NativeKey> = units.values().map(|it| it.native.clone()).collect();
    let keys: Vec<SubjectKey> = natives.iter().cloned().map(SubjectKey::Native).collect();
    let issuer = Issuer::Source(reading.source);
    let found = subject::by_key(ledger, reading.tenant, issuer, Kind::Unit, &keys).await?;
    Ok(natives.into_iter().zip(found).filter_map(|(native, no)| Some((native, no?))).collect())
}

async fn changes(
    ledger: &mut Tx,
    order: &Order,
    done: Done,
    units: &BTreeMap<NativeKey, SubjectNo>,
) -> Result<Changes, StoreError> {
    let native: BTreeMap<SubjectNo, &NativeKey> = units.iter().map(|(a, b)| (*b, a)).collect();
    let (mut persons, mut employments) = (BTreeSet::new(), BTreeSet::new());
    let mut changed_units = BTreeSet::new();
    let mut after = Place::behind(done.version);
    loop {
        let page =
            claim::changed_since(ledger, order.tenant, after, order.version, PAGE_CHANGES).await?;
        let Some(last) = page.last() else { break };
        after = last.place;
        for it in page {
            let subject = it.place.subject;
            match it.kind {
                Kind::Person => drop(persons.insert(subject)),
                Kind::Employment => drop(employments.insert(subject)),
                Kind::Unit => changed_units.extend(native.get(&subject).map(|it| (*it).clone())),
                Kind::Position | Kind::Activity | Kind::Qualification | Kind::Absence => {}
            }
        }
    }
    let employments = employments.into_iter().collect();
    Ok(Changes { persons, employments, units: changed_units })
}

/// The units that began, ended or changed by themselves after the first day, up to the second.
fn turned(
    units: &BTreeMap<SubjectId, Claims>,
    (after, today): (Date, Date),
) -> impl Iterator<Item = NativeKey> {
    let turns = move |it: &&Claims| {
        let days = it.list.iter().map(|claim| claim.slice.validity);
        let mut turns = days.flat_map(|it| [Some(it.from()), it.until()]).flatten();
        turns.any(|it| after < it && it <= today)
    };
    units.values().filter(turns).map(|it| it.native.clone())
}

/// Adds whose these employments are now, and whose they were at `before`.
async fn persons_of(
    ledger: &mut Tx,
    order: &Order,
    before: Version,
    employments: &[SubjectNo],
    persons: &mut BTreeSet<SubjectNo>,
) -> Result<(), StoreError> {
    for page in employments.chunks(PAGE_SUBJECTS) {
        for version in [before, order.version] {
            let claims = claim::at(ledger, order.tenant, page, version).await?;
            persons.extend(claims.iter().filter_map(|it| it.refs.person));
        }
    }
    Ok(())
}

/// Adds the persons in the changed units and all below them: where a unit stands decides who is in
/// scope, and who leads it whom people are led by.
async fn widen(
    reading: &Reading<'_>,
    ledger: &mut Tx,
    numbers: &BTreeMap<NativeKey, SubjectNo>,
    tree: &Tree<NativeKey>,
    units: &BTreeMap<SubjectId, Claims>,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    if changes.units.is_empty() {
        return Ok(());
    }
    // What is gone today has no subtree today; what stood below it still names it.
    let mut all = tree.subtrees(&changes.units);
    all.extend(reading.nearest_tree(units).subtrees(&changes.units));
    let all: Vec<SubjectNo> = all.iter().filter_map(|it| numbers.get(it)).copied().collect();
    let employments = claim::employments_in(ledger, reading.tenant, &all, reading.version).await?;
    for page in employments.chunks(PAGE_SUBJECTS) {
        let claims = claim::at(ledger, reading.tenant, page, reading.version).await?;
        changes.persons.extend(claims.iter().filter_map(|it| it.refs.person));
    }
    Ok(())
}
