use super::Brake;
use crate::people::{Kind, NativeKey};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most that passes: a count, or a share of the whole if that is more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// So many pass in any case.
    pub count: u64,
    /// So many thousandths of the whole pass.
    pub per_mille: u64,
}

impl Allowed {
    /// The most that passes of `whole`.
    pub fn of(self, whole: u64) -> u64 {
        self.count.max(whole.saturating_mul(self.per_mille) / 1000)
    }
}

/// The limits of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Open units that may be gone.
    pub units_gone: Allowed,
    /// Open employments that may be gone.
    pub employments_gone: Allowed,
    /// A unit that had fewer people may lose them all.
    pub emptied_people_min: u64,
    /// Records of units that may be missing, of the fewest in the last runs.
    pub units_fewer: Allowed,
    /// Records of employments that may be missing, likewise.
    pub employments_fewer: Allowed,
    /// A unit with fewer people may be moved.
    pub moved_people_min: u64,
    /// Persons that may lose the protection of their address.
    pub protection_lost_max: u64,
    /// Persons a target may be told to inactivate.
    pub inactivated: Allowed,
    /// Brakes that do not work for this source.
    pub off: BTreeSet<Brake>,
    /// Other limits for single units, by number, and for all that stand below them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub below: BTreeMap<NativeKey, LimitsBelow>,
}

/// What is set otherwise for one unit and all that stand below it.
///
/// Counts hold beside those of the source: neither may be passed. Of the least numbers of people,
/// the one set nearest above a unit holds for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsBelow {
    /// Open units there that may be gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units_gone: Option<Allowed>,
    /// Open employments there that may be gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employments_gone: Option<Allowed>,
    /// A unit there that had fewer people may lose them all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emptied_people_min: Option<u64>,
    /// A unit there with fewer people may be moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_people_min: Option<u64>,
    /// Persons employed there that may lose the protection of their address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protection_lost_max: Option<u64>,
    /// Brakes that look away from what happens there; see [`Brake::is_by_unit`].
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub off: BTreeSet<Brake>,
}

impl Default for Limits {
    fn default() -> Self {
        let few_units = Allowed { count: 3, per_mille: 20 };
        let few_employments = Allowed { count: 20, per_mille: 20 };
        Self {
            units_gone: few_units,
            employments_gone: few_employments,
            emptied_people_min: 5,
            units_fewer: few_units,
            employments_fewer: few_employments,
            moved_people_min: 20,
            protection_lost_max: 0,
            inactivated: few_employments,
            off: BTreeSet::new(),
            below: BTreeMap::new(),
        }
    }
}

impl Limits {
    /// How many open subjects of a kind may be gone.
    pub fn gone(&self, kind: Kind) -> Allowed {
        match kind {
            Kind::Unit => self.units_gone,
            Kind::Employment
            | Kind::Person
            | Kind::Position
            | Kind::Activity
            | Kind::Qualification
            | Kind::Absence => self.employments_gone,
        }
    }

    /// The units below which this brake looks away.
    pub fn off_below(&self, brake: Brake) -> BTreeSet<NativeKey> {
        let off = self.below.iter().filter(|(_, it)| it.off.contains(&brake));
        off.map(|(unit, _)| unit.clone()).collect()
    }

    /// What is set for the first of these places that sets it: a unit, then those above it.
    pub(super) fn nearest<T>(
        &self,
        places: &[NativeKey],
        set: impl Fn(&LimitsBelow) -> Option<T>,
    ) -> Option<T> {
        places.iter().find_map(|unit| self.below.get(unit).and_then(&set))
    }
}

impl LimitsBelow {
    /// How many open subjects of a kind may be gone there, if that is set.
    pub fn gone(&self, kind: Kind) -> Option<Allowed> {
        match kind {
            Kind::Unit => self.units_gone,
            Kind::Employment
            | Kind::Person
            | Kind::Position
            | Kind::Activity
            | Kind::Qualification
            | Kind::Absence => self.employments_gone,
        }
    }
}
