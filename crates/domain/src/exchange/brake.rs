//! Rules that hold a plan, or a target's deliveries, until a person releases or rejects it.

mod judge;
mod limits;
mod target;

pub use judge::{check, emptied, units_held};
pub use limits::{Allowed, Limits, LimitsBelow};
pub use target::{check_persons, check_target};

use crate::people::{Fault, Kind, NativeKey};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The rules. Each has a default limit and can be set per source, some per unit and its subtree.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Brake {
    /// More open subjects than usual are no longer mentioned, or end by their records.
    Gone,
    /// The root unit is no longer mentioned.
    RootMissing,
    /// A unit with all below it has lost all its people.
    UnitEmptied,
    /// The input has fewer records than the last runs lead one to expect.
    FewerRecords,
    /// The input is older than the last applied one.
    OlderThanApplied,
    /// An input of this name was read before, with other bytes.
    SameNameOtherBytes,
    /// A unit was put below another one, with its people.
    UnitMoved,
    /// An address was protected and would no longer be.
    ProtectionLost,
    /// The plan would leave the unit tree with more faults than before.
    ManagerTreeBroken,
    /// A target would be told that many people are no longer active.
    MassInactivation,
    /// A set of files would tell a target of many people that it does not have.
    MassCreation,
    /// A set of files would tell a target something else of many people that it has.
    MassChange,
}

impl Brake {
    /// Every brake.
    pub const ALL: [Self; 12] = [
        Self::Gone,
        Self::RootMissing,
        Self::UnitEmptied,
        Self::FewerRecords,
        Self::OlderThanApplied,
        Self::SameNameOtherBytes,
        Self::UnitMoved,
        Self::ProtectionLost,
        Self::ManagerTreeBroken,
        Self::MassInactivation,
        Self::MassCreation,
        Self::MassChange,
    ];

    /// The name in configurations, documents and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::RootMissing => "root_missing",
            Self::UnitEmptied => "unit_emptied",
            Self::FewerRecords => "fewer_records",
            Self::OlderThanApplied => "older_than_applied",
            Self::SameNameOtherBytes => "same_name_other_bytes",
            Self::UnitMoved => "unit_moved",
            Self::ProtectionLost => "protection_lost",
            Self::ManagerTreeBroken => "manager_tree_broken",
            Self::MassInactivation => "mass_inactivation",
            Self::MassCreation => "mass_creation",
            Self::MassChange => "mass_change",
        }
    }

    /// Whether it can be set for a unit and all that stand below it. The others judge an input as a
    /// whole.
    pub fn is_by_unit(self) -> bool {
        match self {
            Self::Gone
            | Self::UnitEmptied
            | Self::UnitMoved
            | Self::ProtectionLost
            | Self::ManagerTreeBroken => true,
            Self::RootMissing
            | Self::FewerRecords
            | Self::OlderThanApplied
            | Self::SameNameOtherBytes
            | Self::MassInactivation
            | Self::MassCreation
            | Self::MassChange => false,
        }
    }

    /// The brake of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

impl fmt::Display for Brake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// So many of the open ones are no longer mentioned, or have ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Open before the plan.
    pub open: u64,
    /// Of these, not mentioned.
    pub gone: u64,
    /// Of these, there before the plan and not after it, by what their own records say.
    pub ended: u64,
    /// Some of them, by key.
    pub items: Vec<NativeKey>,
}

impl Gone {
    /// Those that are open no more, for either reason.
    pub fn all(&self) -> u64 {
        self.gone.saturating_add(self.ended)
    }
}

/// A unit that loses, or takes along, its people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitPeople {
    /// The unit.
    pub unit: NativeKey,
    /// Its name.
    pub name: String,
    /// Open employments in it and below it, before the plan.
    pub people: u64,
    /// The units above it, the nearest first.
    pub above: Vec<NativeKey>,
}

/// Records of an input by what they are about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// Those about units.
    pub units: u64,
    /// Those about employments.
    pub employments: u64,
}

/// What happens in one unit and all below it, where it has limits of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Below {
    /// Units gone.
    pub units: Gone,
    /// Employments gone.
    pub employments: Gone,
    /// Employments whose record says an address is no longer protected.
    pub protection_lost: Vec<NativeKey>,
}

/// What the brakes look at: the figures of one plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanFigures {
    /// The date of the input.
    pub day: Option<Date>,
    /// The date of the last applied input, where this one is older.
    pub older_than: Option<Date>,
    /// Whether the name of the input is known with other bytes.
    pub known_name: KnownName,
    /// Records read.
    pub records: Records,
    /// Records read by each of the last complete runs.
    pub records_before: Vec<Records>,
    /// Units gone, but for places where that brake is off.
    pub units: Gone,
    /// Employments gone, likewise.
    pub employments: Gone,
    /// Persons, activities, qualifications and absences gone.
    pub others: BTreeMap<Kind, Gone>,
    /// The same of the units for which there are limits of their own.
    pub below: BTreeMap<NativeKey, Below>,
    /// The root unit, if it is gone.
    pub root_missing: Option<NativeKey>,
    /// Units that had people and would have none; see [`emptied`].
    pub emptied: Vec<UnitPeople>,
    /// Units that would stand below another unit.
    pub moved: Vec<UnitPeople>,
    /// Employments whose record says an address is no longer protected, but for places where that
    /// brake is off.
    pub protection_lost: Vec<NativeKey>,
    /// Faults of the unit tree that were not there before; likewise.
    pub tree_faults: Vec<Fault<NativeKey>>,
}

/// What is known of an input's name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KnownName {
    /// New, or known with the same bytes.
    #[default]
    Fits,
    /// Known, with other bytes.
    OtherBytes,
}

/// What a target would be told about persons, or employments, that it believes to be active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetFigures {
    /// What the figures count.
    pub kind: Kind,
    /// Those it believes to be active.
    pub active: u64,
    /// Of these, no longer active or no longer told of.
    pub inactivated: u64,
}

/// A brake that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tripped {
    /// Which.
    pub brake: Brake,
    /// What kind of subject it is about.
    pub kind: Option<Kind>,
    /// The unit whose own limit it is about; none if it is the source's.
    #[serde(default)]
    pub below: Option<NativeKey>,
    /// What was counted.
    pub count: u64,
    /// The most that would have passed, or the least, for brakes on too few.
    pub limit: u64,
    /// What is wrong, with figures, and what to do. Holds no personal data.
    pub text: String,
    /// What it says of it beside the figures.
    #[serde(default)]
    pub found: Found,
    /// Keys of what it is about, at most [`ITEMS_MAX`].
    pub items: Vec<NativeKey>,
}

/// What a brake found beside its figures, for those who word it in a language of their own. Holds no
/// personal data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BrakeFound")]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// Nothing that the figures do not say.
    #[default]
    Nothing,
    /// Of how many: those that were open or active, or the fewest records of the last runs.
    OutOf(u64),
    /// The largest of the units it is about.
    Unit {
        /// Its number.
        unit: NativeKey,
        /// Its name.
        name: String,
        /// Open employments in it and below it, before the plan.
        people: u64,
    },
    /// The input is older than another.
    Days {
        /// The date of the input.
        day: Date,
        /// The date of the last applied one.
        applied: Date,
    },
    /// The first fault of the unit tree.
    Tree(Fault<NativeKey>),
}

/// How many items a tripped brake names.
pub const ITEMS_MAX: usize = 20;
