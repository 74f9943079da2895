//! What a plan would do, counted item by item, for the brakes and for people.

use jiff::civil::Date;
use kobling_domain::exchange::brake::{Gone, ITEMS_MAX};
use kobling_domain::exchange::{PlanItem, Reason};
use kobling_domain::people::{Field, Kind, NativeKey, State};
use kobling_domain::time::Slice;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Counts of one kind of subject by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByReason(pub BTreeMap<Reason, u64>);

/// What happens to the people of one unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    pub(super) units_gone: Gone,
    pub(super) employments_gone: Gone,
    pub(super) by_unit: BTreeMap<NativeKey, UnitChange>,
    /// Employments no longer mentioned, by the unit they were in on the input's date.
    pub(super) gone_by_unit: BTreeMap<NativeKey, u64>,
    pub(super) units_moved: Vec<NativeKey>,
    pub(super) protection_lost: Vec<NativeKey>,
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
    /// Counts `item`, which changes what was `before`, on the input's `date`.
    pub(super) fn note(&mut self, item: &PlanItem, before: &[Slice<State>], date: Date) {
        let then = on(before.iter(), date);
        let kept = before
            .iter()
            .filter(|it| !item.replaces.iter().any(|r| r.valid_from == it.validity.from()));
        let now = on(kept.chain(&item.written), date);
        match item.kind {
            Kind::Unit => self.note_unit(item, then, now),
            Kind::Employment => self.note_employment(item, then, now),
            Kind::Person | Kind::Position => {}
        }
    }

    /// Employments that would be created.
    pub(super) fn created_employments(&self) -> u64 {
        self.employments.0.get(&Reason::Created).copied().unwrap_or_default()
    }

    /// Takes back what was counted of an employment that would have been created.
    pub(super) fn forget_created(&mut self, item: &PlanItem, date: Date) {
        if let Some(count) = self.employments.0.get_mut(&Reason::Created) {
            *count = count.saturating_sub(1);
        }
        self.employments.0.retain(|_, count| *count > 0);
        let unit = on(item.written.iter(), date).and_then(|it| it.text(Field::EmploymentUnit));
        if let Some(change) = unit.and_then(|it| self.by_unit.get_mut(&NativeKey::text(it))) {
            change.joined = change.joined.saturating_sub(1);
        }
    }

    /// Items there are.
    pub(super) fn items(&self) -> u64 {
        self.units.0.values().chain(self.employments.0.values()).sum()
    }

    /// Items about what the input no longer mentions.
    pub(super) fn gone(&self) -> u64 {
        self.units_gone.gone + self.employments_gone.gone
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
        let unit = |state: Option<&State>| state?.text(Field::EmploymentUnit).map(NativeKey::text);
        match (unit(then), unit(now)) {
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
        let protected = Field::PersonAddressProtected;
        if let (Some(then), Some(now)) = (then, now)
            && then.is(protected)
            && !now.is(protected)
        {
            self.protection_lost.push(item.native.clone());
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
        let unit = on(before.iter(), date).and_then(|it| it.text(Field::EmploymentUnit));
        if let Some(unit) = unit {
            *self.gone_by_unit.entry(NativeKey::text(unit)).or_default() += 1;
        }
        let gone = match kind {
            Kind::Unit => &mut self.units_gone,
            Kind::Employment | Kind::Person | Kind::Position => &mut self.employments_gone,
        };
        gone.gone += 1;
        if gone.items.len() < ITEMS_MAX {
            gone.items.push(native.clone());
        }
    }
}

/// What holds on `date`.
fn on<'a>(mut slices: impl Iterator<Item = &'a Slice<State>>, date: Date) -> Option<&'a State> {
    slices.find(|it| it.validity.contains(date)).map(|it| &it.state)
}

fn above(state: &State) -> Above {
    state.text(Field::UnitParent).map_or(Above::Root, |it| Above::Unit(NativeKey::text(it)))
}
