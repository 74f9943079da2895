use super::names::{
    ADMINISTRATIONS, CARE_POSITIONS, DAYCARE_POSITIONS, OFFICE_POSITIONS, PLACES, SCHOOL_POSITIONS,
    STREETS, TEAM_POSITIONS, TOWNS,
};
use super::random::{Dice, Topic, pick};
use super::{CLIENT, NAME};
use crate::opus::{Record, RecordKind};

/// Number of the root unit; the others follow.
const FIRST_NO: i64 = 20_001;
const EMPLOYEES_PER_UNIT: u64 = 50;
/// From this many units on there are districts between administrations and workplaces.
const DISTRICTS_FROM: u64 = 200;
const UNITS_PER_DISTRICT: u64 = 20;
const FIRST_SCHOOL_EMPLOYEES: u64 = 15;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnitKind {
    Root,
    Administration,
    District,
    School,
    Daycare,
    Care,
    Team,
    Stump,
}

impl UnitKind {
    fn code(self) -> &'static str {
        match self {
            Self::Root => "00000",
            Self::Administration => "00002",
            Self::District => "00003",
            Self::School | Self::Daycare | Self::Care => "00004",
            Self::Team | Self::Stump => "00005",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Root => "Organisation",
            Self::Administration => "Forvaltning",
            Self::District => "Distrikt",
            Self::School | Self::Daycare | Self::Care => "Institution",
            Self::Team | Self::Stump => "Team",
        }
    }

    /// Manager levels, above and below.
    pub(super) fn levels(self) -> (&'static str, &'static str) {
        match self {
            Self::Root => ("1", "01"),
            Self::Administration => ("2", "02"),
            Self::District => ("3", "03"),
            Self::School | Self::Daycare | Self::Care | Self::Team | Self::Stump => ("4", "04"),
        }
    }

    pub(super) fn manager(self) -> &'static str {
        match self {
            Self::Root => "Kommunaldirektør",
            Self::Administration => "Direktør",
            Self::District => "Distriktsleder",
            Self::School => "Skoleleder",
            Self::Daycare => "Institutionsleder",
            Self::Care => "Plejecenterleder",
            Self::Team | Self::Stump => "Teamleder",
        }
    }

    pub(super) fn positions(self) -> &'static [&'static str] {
        match self {
            Self::Root | Self::Administration | Self::District | Self::Stump => OFFICE_POSITIONS,
            Self::School => SCHOOL_POSITIONS,
            Self::Daycare => DAYCARE_POSITIONS,
            Self::Care => CARE_POSITIONS,
            Self::Team => TEAM_POSITIONS,
        }
    }
}

/// A unit and the slots of its people.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) no: i64,
    pub(super) kind: UnitKind,
    parent: Option<i64>,
    name: String,
    pub(super) first_slot: u64,
    end_slot: u64,
}

impl Unit {
    /// How many people it began with.
    pub(super) fn slots(&self) -> u64 {
        self.end_slot - self.first_slot
    }

    /// The slot of its manager: the first that never leaves.
    pub(super) fn manager_slot(&self) -> Option<u64> {
        Some(self.first_slot.next_multiple_of(2)).filter(|it| *it < self.end_slot)
    }
}

/// All units, in the order of their numbers and of their people's slots.
#[derive(Clone, Debug)]
pub(super) struct Units {
    list: Vec<Unit>,
    dice: Dice,
    first_workplace: usize,
}

impl Units {
    pub(super) fn new(employees: u64, dice: Dice) -> Self {
        let plan = Plan::new(employees);
        let mut list = Vec::new();
        let mut slot = 0;
        for index in 0..plan.units {
            let kind = plan.kind(index);
            let size = plan.size(index, kind, dice).min(employees - slot);
            let is_last_workplace = index + 2 == plan.units;
            let end_slot = if is_last_workplace { employees } else { slot + size };
            list.push(Unit {
                no: number(index),
                kind,
                parent: plan.parent(index, kind).map(number),
                name: plan.name(index, kind),
                first_slot: slot,
                end_slot,
            });
            slot = end_slot;
        }
        let first_workplace = usize::try_from(plan.first_workplace()).unwrap_or(usize::MAX);
        Self { list, dice, first_workplace }
    }

    pub(super) fn list(&self) -> &[Unit] {
        &self.list
    }

    /// The schools, daycare centres, care homes and teams: all but the stump.
    pub(super) fn workplaces(&self) -> &[Unit] {
        self.list.get(self.first_workplace..self.list.len().saturating_sub(1)).unwrap_or_default()
    }

    /// The unit with that slot, and which of the workplaces it is, if it is one.
    pub(super) fn of_slot(&self, slot: u64) -> Option<(&Unit, Option<usize>)> {
        let index = self.list.partition_point(|it| it.end_slot <= slot);
        Some((self.list.get(index)?, index.checked_sub(self.first_workplace)))
    }

    /// What the extract says of the unit.
    pub(super) fn record(&self, unit: &Unit) -> Record {
        let mut record = Record::new(RecordKind::Unit, unit.no, CLIENT);
        let roll = self.dice.roll(Topic(10), unit.no.unsigned_abs());
        record.last_changed = Some(format!("2025-{:02}-{:02}", roll % 12 + 1, roll % 28 + 1));
        let is_root = unit.kind == UnitKind::Root;
        record.set("startDate", if is_root { "1900-01-01" } else { "2019-01-01" });
        record.set("endDate", "9999-12-31");
        record.set("parentOrgUnit", &unit.parent.map(|it| it.to_string()).unwrap_or_default());
        if unit.kind == UnitKind::Stump {
            record.set("shortName", "Ny org.enhed");
            record.set("longName", "Ny organisationsenhed");
            return record;
        }
        let (postal_code, city) = town(roll);
        record.set("shortName", &short_name(&unit.name));
        record.set("longName", &unit.name);
        record.set("street", &format!("{} {}", pick(STREETS, roll), roll % 190 + 1));
        record.set("zipCode", postal_code);
        record.set("city", city);
        record.set("phoneNumber", &format!("0000{:04}", unit.no % 10_000));
        record.set("cvrNr", "00000019");
        let has_ean = roll.is_multiple_of(3) || is_root;
        let ean = format!("57900000{:05}", unit.no % 100_000);
        record.set("eanNr", if has_ean { &ean } else { "9999999999999" });
        record.set("seNr", "00000019");
        let p_number = p_number(unit);
        record.set("pNr", if is_root { "0000000000" } else { &p_number });
        record.set("costCenter", &format!("25000{:05}", unit.no));
        record.set("orgType", unit.kind.code());
        record.set("orgTypeTxt", unit.kind.text());
        record
    }
}

/// The production unit number of a workplace.
pub(super) fn p_number(unit: &Unit) -> String {
    format!("1000{:06}", unit.no)
}

/// A post code and its town.
pub(super) fn town(roll: u64) -> (&'static str, &'static str) {
    let count = u64::try_from(TOWNS.len()).unwrap_or(1);
    let index = usize::try_from(roll / 7 % count).unwrap_or(0);
    TOWNS.get(index).copied().unwrap_or_default()
}

fn number(index: u64) -> i64 {
    FIRST_NO.saturating_add_unsigned(index)
}

fn short_name(name: &str) -> String {
    name.chars().filter(|it| it.is_alphanumeric()).take(12).collect::<String>().to_uppercase()
}

/// How many units of which kind an employer of some size has: root, administrations, districts,
/// workplaces, the stump; in this order.
struct Plan {
    employees: u64,
    units: u64,
    administrations: u64,
    districts: u64,
}

impl Plan {
    fn new(employees: u64) -> Self {
        let units = (employees / EMPLOYEES_PER_UNIT).max(5);
        let all = u64::try_from(ADMINISTRATIONS.len()).unwrap_or(1);
        let administrations = (units / 12).clamp(1, all);
        let districts = if units < DISTRICTS_FROM {
            0
        } else {
            (units / UNITS_PER_DISTRICT).next_multiple_of(administrations)
        };
        Self { employees, units, administrations, districts }
    }

    fn first_workplace(&self) -> u64 {
        1 + self.administrations + self.districts
    }

    fn kind(&self, index: u64) -> UnitKind {
        if index == 0 {
            return UnitKind::Root;
        }
        if index + 1 == self.units {
            return UnitKind::Stump;
        }
        if index <= self.administrations {
            return UnitKind::Administration;
        }
        match index.checked_sub(self.first_workplace()).map(|it| it % 4) {
            None => UnitKind::District,
            Some(0) => UnitKind::School,
            Some(1) => UnitKind::Daycare,
            Some(2) => UnitKind::Care,
            Some(_) => UnitKind::Team,
        }
    }

    fn size(&self, index: u64, kind: UnitKind, dice: Dice) -> u64 {
        let roll = dice.roll(Topic(11), index);
        match kind {
            UnitKind::Root => 6,
            UnitKind::Administration => 9,
            UnitKind::District => 4,
            UnitKind::School if index == self.first_workplace() => FIRST_SCHOOL_EMPLOYEES,
            UnitKind::School => 15 + roll % 26,
            UnitKind::Daycare => 15 + roll % 11,
            UnitKind::Care | UnitKind::Team => self.large_size(),
            UnitKind::Stump => 0,
        }
    }

    /// What is left for each care home and team when schools and daycare centres have theirs.
    fn large_size(&self) -> u64 {
        let workplaces = self.units - self.first_workplace() - 1;
        let overhead = 6 + 9 * self.administrations + 4 * self.districts;
        let small = workplaces / 2 * 25;
        self.employees.saturating_sub(overhead + small) / (workplaces / 2).max(1)
    }

    fn parent(&self, index: u64, kind: UnitKind) -> Option<u64> {
        let nth = index.saturating_sub(self.first_workplace());
        let administration = match kind {
            UnitKind::Root => return None,
            UnitKind::Administration => return Some(0),
            UnitKind::District => {
                return Some(1 + (index - 1 - self.administrations) % self.administrations);
            }
            UnitKind::Stump => return Some(1),
            UnitKind::School | UnitKind::Daycare => 0,
            UnitKind::Care => 1 % self.administrations,
            UnitKind::Team => nth / 4 % self.administrations,
        };
        let per_administration = self.districts / self.administrations;
        if per_administration == 0 {
            return Some(1 + administration);
        }
        let district = nth / 4 % per_administration * self.administrations + administration;
        Some(1 + self.administrations + district)
    }

    fn name(&self, index: u64, kind: UnitKind) -> String {
        let nth = index.saturating_sub(self.first_workplace()) / 4;
        let count = u64::try_from(PLACES.len()).unwrap_or(1);
        let place = match nth / count {
            0 => pick(PLACES, nth).to_owned(),
            round => format!("{} {}", pick(PLACES, nth), round + 1),
        };
        match kind {
            UnitKind::Root => NAME.to_owned(),
            UnitKind::Administration => pick(ADMINISTRATIONS, index - 1).to_owned(),
            UnitKind::District => format!("Distrikt {}", index - self.administrations),
            UnitKind::School => format!("{place} Skole"),
            UnitKind::Daycare => format!("Børnehuset {place}"),
            UnitKind::Care => format!("Plejecenter {place}"),
            UnitKind::Team => format!("Team {place}"),
            UnitKind::Stump => "Ny organisationsenhed".to_owned(),
        }
    }
}
