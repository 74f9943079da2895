//! What a plan would do, counted item by item, for the brakes and for people.

use super::item::Mentioned;
use jiff::civil::Date;
use kobling_domain::exchange::brake::{Gone, ITEMS_MAX};
use kobling_domain::exchange::{PlanItem, Reason};
use kobling_domain::people::{Field, Kind, NativeKey, State};
use kobling_domain::time::Slice;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Counts of one kind of subject by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ByReason(pub BTreeMap<Reason, u64>);

impl fmt::Display for ByReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no change");
        }
        let counts = self.0.iter().map(|(reason, count)| format!("{count} {}", reason.name()));
        f.write_str(&counts.collect::<Vec<_>>().join(", "))
    }
}

/// What happens to the people of one unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnitChange {
    /// Employments that would no longer be in it.
    pub left: u64,
    /// Employments that would be in it and are not.
    pub joined: u64,
    /// Employments in it of which something else would change.
    pub changed: u64,
}

/// The figures of one plan.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    pub(super) units: ByReason,
    pub(super) employments: ByReason,
    /// The same of persons, activities, qualifications and absences.
    pub(super) others: BTreeMap<Kind, ByReason>,
    /// Persons, activities, qualifications and absences no longer mentioned or ended.
    pub(super) others_gone: BTreeMap<Kind, Gone>,
    pub(super) by_unit: BTreeMap<NativeKey, UnitChange>,
    /// Units no longer mentioned.
    pub(super) units_gone: BTreeSet<NativeKey>,
    /// Units that are there on the input's date and would not be, by what their records say.
    pub(super) units_ended: BTreeSet<NativeKey>,
    /// Employments no longer mentioned or ended, by the unit they were in on the input's date.
    pub(super) employments_gone: BTreeMap<Option<NativeKey>, Gone>,
    pub(super) units_moved: Vec<NativeKey>,
    /// Employments that would lose the protection of the address, each with the unit it was in.
    pub(super) protection_lost: Vec<(NativeKey, Option<NativeKey>)>,
    /// Employments whose record newly says that the address is protected.
    pub(super) protects: Vec<NativeKey>,
    pub(super) root_gone: Option<NativeKey>,
    /// The unit above on the input's date, of every unit that changes; outer none: no longer there.
    pub(super) parents: BTreeMap<NativeKey, Option<Above>>,
}

/// What stands above a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Above {
    /// Nothing.
    Root,
    /// This unit.
    Unit(NativeKey),
}

impl Figures {
    /// Counts `item`, which changes what was `before`, on the input's `date`. What the input no
    /// longer mentions is counted by [`note_gone`](Self::note_gone) as well.
    pub(super) fn note(
        &mut self,
        item: &PlanItem,
        mentioned: Mentioned,
        before: &[Slice<State>],
        date: Date,
    ) {
        let (then, now) = then_and_now(item, before, date);
        if mentioned == Mentioned::Yes && then.is_some() && now.is_none() {
            self.note_ended(item, then);
        }
        match item.kind {
            Kind::Unit => self.note_unit(item, then, now),
            Kind::Employment => {
                self.note_employment(item, then, now);
                if newly_protects(item, before) {
                    self.protects.push(item.native.clone());
                }
            }
            Kind::Person
            | Kind::Position
            | Kind::Activity
            | Kind::Qualification
            | Kind::Absence => {
                *self.others.entry(item.kind).or_default().0.entry(item.reason).or_default() += 1;
                self.note_protection(item, then, now);
                if newly_protects(item, before) {
                    self.protects.push(item.native.clone());
                }
            }
        }
    }

    /// Employments that would be changed for this reason.
    pub(super) fn employments_by(&self, reason: Reason) -> u64 {
        self.employments.0.get(&reason).copied().unwrap_or_default()
    }

    /// Takes back what was counted of an item about an employment.
    pub(super) fn forget(&mut self, item: &PlanItem, before: &[Slice<State>], date: Date) {
        if let Some(count) = self.employments.0.get_mut(&item.reason) {
            *count = count.saturating_sub(1);
        }
        self.employments.0.retain(|_, count| *count > 0);
        let (then, now) = then_and_now(item, before, date);
        if let (Some(_), None) = (then, now)
            && let Some(gone) = self.employments_gone.get_mut(&unit_of(then))
        {
            gone.ended = gone.ended.saturating_sub(1);
            gone.items.retain(|it| *it != item.native);
        }
        if let Some(change) = unit_of(then).and_then(|it| self.by_unit.get_mut(&it)) {
            change.left = change.left.saturating_sub(1);
        }
        if let Some(change) = unit_of(now).and_then(|it| self.by_unit.get_mut(&it)) {
            change.joined = change.joined.saturating_sub(1);
        }
        self.protects.retain(|it| *it != item.native);
    }

    /// Whether anything of it is judged unit by unit.
    pub(super) fn are_about_units(&self) -> bool {
        let somebody_leaves = self.by_unit.values().any(|it| it.left > 0);
        somebody_leaves || !self.parents.is_empty() || !self.protection_lost.is_empty()
    }

    /// Counts that an employment of which this was known `before` leaves its unit.
    pub(super) fn note_left(&mut self, before: &[Slice<State>], date: Date) {
        if let Some(unit) = unit_of(on(before.iter(), date)) {
            self.by_unit.entry(unit).or_default().left += 1;
        }
    }

    /// Items there are.
    pub(super) fn items(&self) -> u64 {
        let others = self.others.values().flat_map(|it| it.0.values());
        self.units.0.values().chain(self.employments.0.values()).chain(others).sum()
    }

    /// Items about what the input no longer mentions.
    pub(super) fn gone(&self) -> u64 {
        let units = u64::try_from(self.units_gone.len()).unwrap_or(u64::MAX);
        let others = self.others_gone.values();
        units + self.employments_gone.values().chain(others).map(|it| it.gone).sum::<u64>()
    }

    /// Units no longer mentioned or ended, among those that are wanted.
    pub(super) fn units_gone(&self, is_wanted: impl Fn(&NativeKey) -> bool) -> Gone {
        let mut all = Gone::default();
        for unit in self.units_gone.iter().filter(|it| is_wanted(it)) {
            add(&mut all, (1, 0), std::slice::from_ref(unit));
        }
        for unit in self.units_ended.iter().filter(|it| is_wanted(it)) {
            add(&mut all, (0, 1), std::slice::from_ref(unit));
        }
        all
    }

    /// Employments no longer mentioned or ended that were in one of the units that are wanted.
    pub(super) fn employments_gone(&self, is_wanted: impl Fn(Option<&NativeKey>) -> bool) -> Gone {
        let mut all = Gone::default();
        for (_, it) in self.employments_gone.iter().filter(|(it, _)| is_wanted(it.as_ref())) {
            add(&mut all, (it.gone, it.ended), &it.items);
        }
        all
    }

    fn note_ended(&mut self, item: &PlanItem, then: Option<&State>) {
        let ended = match item.kind {
            Kind::Unit => {
                self.units_ended.insert(item.native.clone());
                return;
            }
            Kind::Person
            | Kind::Position
            | Kind::Activity
            | Kind::Qualification
            | Kind::Absence => self.others_gone.entry(item.kind).or_default(),
            Kind::Employment => self.employments_gone.entry(unit_of(then)).or_default(),
        };
        add(ended, (0, 1), std::slice::from_ref(&item.native));
    }

    fn note_unit(&mut self, item: &PlanItem, then: Option<&State>, now: Option<&State>) {
        *self.units.0.entry(item.reason).or_default() += 1;
        self.parents.insert(item.native.clone(), now.map(above));
        let Some(then) = then else { return };
        match now {
            Some(now) if above(now) != above(then) => self.units_moved.push(item.native.clone()),
            None if above(then) == Above::Root => self.root_gone = Some(item.native.clone()),
            Some(_) | None => {}
        }
    }

    fn note_employment(&mut self, item: &PlanItem, then: Option<&State>, now: Option<&State>) {
        *self.employments.0.entry(item.reason).or_default() += 1;
        match (unit_of(then), unit_of(now)) {
            (Some(then), Some(now)) if then == now => {
                self.by_unit.entry(now).or_default().changed += 1;
            }
            (then, now) => {
                if let Some(then) = then {
                    self.by_unit.entry(then).or_default().left += 1;
                }
                if let Some(now) = now {
                    self.by_unit.entry(now).or_default().joined += 1;
                }
            }
        }
        self.note_protection(item, then, now);
    }

    fn note_protection(&mut self, item: &PlanItem, then: Option<&State>, now: Option<&State>) {
        let protected = Field::PersonAddressProtected;
        if let (Some(then), Some(now)) = (then, now)
            && then.is(protected)
            && !now.is(protected)
        {
            self.protection_lost.push((item.native.clone(), unit_of(Some(then))));
        }
    }

    /// Counts that an input no longer mentions `native`, of which this was known `before`.
    pub(super) fn note_gone(
        &mut self,
        kind: Kind,
        native: &NativeKey,
        before: &[Slice<State>],
        date: Date,
    ) {
        match kind {
            Kind::Unit => drop(self.units_gone.insert(native.clone())),
            Kind::Person
            | Kind::Position
            | Kind::Activity
            | Kind::Qualification
            | Kind::Absence => {
                let gone = self.others_gone.entry(kind);
                add(gone.or_default(), (1, 0), std::slice::from_ref(native));
            }
            Kind::Employment => {
                let gone = self.employments_gone.entry(unit_of(on(before.iter(), date)));
                add(gone.or_default(), (1, 0), std::slice::from_ref(native));
            }
        }
    }
}

fn add(all: &mut Gone, (gone, ended): (u64, u64), items: &[NativeKey]) {
    all.gone += gone;
    all.ended += ended;
    all.items.extend(items.iter().take(ITEMS_MAX.saturating_sub(all.items.len())).cloned());
}

/// The unit of an employment.
pub(super) fn unit_of(state: Option<&State>) -> Option<NativeKey> {
    state?.text(Field::EmploymentUnit).map(NativeKey::text)
}

/// What holds on `date` before and after an item that changes what was `before`.
pub(super) fn then_and_now<'a>(
    item: &'a PlanItem,
    before: &'a [Slice<State>],
    date: Date,
) -> (Option<&'a State>, Option<&'a State>) {
    let is_replaced =
        |it: &Slice<State>| item.replaces.iter().any(|r| r.valid_from == it.validity.from());
    let kept = before.iter().filter(|it| !is_replaced(it));
    (on(before.iter(), date), on(kept.chain(&item.written), date))
}

/// Whether an employment says that the address is protected, of which it was not said before.
fn newly_protects(item: &PlanItem, before: &[Slice<State>]) -> bool {
    let protects = |it: &Slice<State>| it.state.is(Field::PersonAddressProtected);
    item.written.iter().any(protects) && !before.iter().any(protects)
}

/// What holds on `date`.
fn on<'a>(mut slices: impl Iterator<Item = &'a Slice<State>>, date: Date) -> Option<&'a State> {
    slices.find(|it| it.validity.contains(date)).map(|it| &it.state)
}

fn above(state: &State) -> Above {
    state.text(Field::UnitParent).map_or(Above::Root, |it| Above::Unit(NativeKey::text(it)))
}
