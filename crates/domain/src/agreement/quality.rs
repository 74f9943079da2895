//! Whether records are good enough for what a target does with them.
//!
//! Only what an agreement lets the target have is looked at: a field that it does not name cannot
//! be too poor for anybody. An address that is protected is not missing.

use super::{Address, Agreement, EmploymentPicture, Package, PersonPicture, UnitPicture, Values};
use crate::people::Field;
use serde::Serialize;
use std::fmt;

/// What a target uses records for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// Invoices for courses.
    Invoicing,
    /// Figures on who does what.
    Statistics,
    /// Reports to managers on their own people.
    ManagementReports,
}

impl Usage {
    /// Every usage.
    pub const ALL: [Self; 3] = [Self::Invoicing, Self::Statistics, Self::ManagementReports];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invoicing => "invoicing",
            Self::Statistics => "statistics",
            Self::ManagementReports => "management reports",
        }
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing that a record lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// A unit without location number, and none above it that has one.
    UnitEan,
    /// A unit without a whole address.
    UnitAddress,
    /// A person without a whole home address that is not protected.
    PersonAddress,
    /// An employment without a position title.
    Position,
    /// An employment without its first day.
    EntryDate,
    /// An employment whose form nobody tells.
    Contract,
    /// A unit without a name.
    UnitName,
    /// A unit with people and without a manager of its own.
    Manager,
    /// A unit that several people lead on the same level.
    ManagerTie,
    /// A person without a name.
    PersonName,
}

impl Lack {
    /// Every lack.
    pub const ALL: [Self; 10] = [
        Self::UnitEan,
        Self::UnitAddress,
        Self::PersonAddress,
        Self::Position,
        Self::EntryDate,
        Self::Contract,
        Self::UnitName,
        Self::Manager,
        Self::ManagerTie,
        Self::PersonName,
    ];

    /// For what the record is not good enough.
    pub fn usage(self) -> Usage {
        match self {
            Self::UnitEan | Self::UnitAddress | Self::PersonAddress => Usage::Invoicing,
            Self::Position | Self::EntryDate | Self::Contract => Usage::Statistics,
            Self::UnitName | Self::Manager | Self::ManagerTie | Self::PersonName => {
                Usage::ManagementReports
            }
        }
    }

    /// What is wrong.
    pub fn reason(self) -> &'static str {
        match self {
            Self::UnitEan => "no location number (EAN), and no unit above has one",
            Self::UnitAddress => "street, post code or town is missing",
            Self::PersonAddress => "part of the home address is missing",
            Self::Position => "no position title",
            Self::EntryDate => "no first day of the employment",
            Self::Contract => "no form of employment",
            Self::UnitName => "the unit has no name",
            Self::Manager => "people, but nobody who leads them in the unit itself",
            Self::ManagerTie => "several managers on the same level",
            Self::PersonName => "neither first nor last name",
        }
    }

    /// What to do about it at the source.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::UnitEan => "give the unit, or one above it, its EAN",
            Self::UnitAddress => "complete the unit's address",
            Self::PersonAddress => "complete the address, or have it protected if it is",
            Self::Position => "give the employment a position",
            Self::EntryDate => "enter the date of entry",
            Self::Contract => "enter the form of employment",
            Self::UnitName => "give the unit its long name",
            Self::Manager => "mark who leads the unit as its manager",
            Self::ManagerTie => "give the managers different levels",
            Self::PersonName => "enter first and last name",
        }
    }

    /// The fields without any of which nothing is looked for; of several each that is agreed on
    /// must be there.
    fn fields(self) -> &'static [Field] {
        match self {
            Self::UnitEan => &[Field::UnitEan],
            Self::UnitAddress => &[Field::UnitStreet, Field::UnitPostalCode, Field::UnitCity],
            Self::PersonAddress => {
                &[Field::PersonAddress, Field::PersonPostalCode, Field::PersonCity]
            }
            Self::Position => &[Field::EmploymentPositionTitle],
            Self::EntryDate => &[Field::EmploymentEntryDate],
            Self::Contract => &[Field::EmploymentContract],
            Self::UnitName => &[Field::UnitName],
            Self::Manager | Self::ManagerTie => &[Field::EmploymentIsManager],
            Self::PersonName => &[Field::PersonName],
        }
    }
}

/// What is looked for under one agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quality {
    looked_for: Vec<(Lack, Vec<Field>)>,
}

/// Who leads a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Led {
    /// Nobody in the unit itself.
    Vacant,
    /// Somebody.
    ByOne,
    /// Several on the same level.
    BySeveral,
}

/// What is known of a unit beside its own record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staff {
    /// How many people are in it on the day.
    pub people: u64,
    /// Who leads it.
    pub led: Led,
}

impl Quality {
    /// What can be looked for in what `agreement` lets out.
    pub fn of(agreement: &Agreement) -> Self {
        let named = |lack: Lack| -> Vec<Field> {
            let fields = lack.fields().iter().filter(|it| agreement.fields().contains(it));
            fields.copied().collect()
        };
        let agreed = |lack: &Lack| match lack {
            Lack::Manager | Lack::ManagerTie => agreement.has(Package::Leaders),
            Lack::UnitEan
            | Lack::UnitAddress
            | Lack::PersonAddress
            | Lack::Position
            | Lack::EntryDate
            | Lack::Contract
            | Lack::UnitName
            | Lack::PersonName => true,
        };
        let all = Lack::ALL.into_iter().filter(agreed).map(|it| (it, named(it)));
        Self { looked_for: all.filter(|(_, fields)| !fields.is_empty()).collect() }
    }

    /// What is looked for.
    pub fn looked_for(&self) -> impl Iterator<Item = Lack> {
        self.looked_for.iter().map(|(lack, _)| *lack)
    }

    /// What a unit in scope lacks. A unit without people is nobody's workplace and is not asked.
    pub fn of_unit(&self, unit: &UnitPicture, staff: Staff) -> Vec<Lack> {
        if staff.people == 0 {
            return Vec::new();
        }
        self.lacking(|lack, fields| match lack {
            Lack::UnitEan | Lack::UnitAddress | Lack::UnitName => !has_all(&unit.values, fields),
            Lack::Manager => staff.led == Led::Vacant,
            Lack::ManagerTie => staff.led == Led::BySeveral,
            Lack::PersonAddress
            | Lack::Position
            | Lack::EntryDate
            | Lack::Contract
            | Lack::PersonName => false,
        })
    }

    /// What a person lacks.
    pub fn of_person(&self, person: &PersonPicture, address: Address) -> Vec<Lack> {
        self.lacking(|lack, fields| match lack {
            Lack::PersonAddress => address == Address::Open && !has_all(&person.values, fields),
            Lack::PersonName => !has_all(&person.values, fields),
            Lack::UnitEan
            | Lack::UnitAddress
            | Lack::Position
            | Lack::EntryDate
            | Lack::Contract
            | Lack::UnitName
            | Lack::Manager
            | Lack::ManagerTie => false,
        })
    }

    /// What an employment lacks.
    pub fn of_employment(&self, employment: &EmploymentPicture) -> Vec<Lack> {
        self.lacking(|lack, fields| match lack {
            Lack::Position | Lack::EntryDate | Lack::Contract => {
                !has_all(&employment.values, fields)
            }
            Lack::UnitEan
            | Lack::UnitAddress
            | Lack::PersonAddress
            | Lack::UnitName
            | Lack::Manager
            | Lack::ManagerTie
            | Lack::PersonName => false,
        })
    }

    fn lacking(&self, lacks: impl Fn(Lack, &[Field]) -> bool) -> Vec<Lack> {
        let lacking = self.looked_for.iter().filter(|(lack, fields)| lacks(*lack, fields));
        lacking.map(|(lack, _)| *lack).collect()
    }
}

fn has_all(values: &Values, fields: &[Field]) -> bool {
    fields.iter().all(|it| values.contains_key(it))
}
