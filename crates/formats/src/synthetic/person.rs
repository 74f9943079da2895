use super::names::{DOORS, FIRST_NAMES, LAST_NAMES, STREETS};
use super::random::{Dice, Topic, pick};
use super::units::town;
use crate::opus::Record;

/// Every so many employments, one is a second employment of somebody.
const SECOND_EMPLOYMENT_EVERY: u64 = 25;
/// How far before the second employment the first one stands.
const SECOND_EMPLOYMENT_BACK: u64 = 7;

/// National numbers to draw from: 8 days, 12 months, 100 years, 10,000 serials.
const NATIONAL_NUMBERS: u64 = 8 * 12 * 100 * 10_000;
/// Has no divisor in common with [`NATIONAL_NUMBERS`], so that its multiples meet every number.
const NATIONAL_NUMBER_STEP: u64 = 59_314_159;
/// The lowest day of birth in a national number that no register gives out.
const FIRST_IMPOSSIBLE_DAY: u64 = 92;

/// A person, by the index of the employment that brought them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    index: u64,
    /// Whether this is their second employment, or they have one.
    pub(super) employments: Employments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Employments {
    One,
    FirstOfTwo,
    SecondOfTwo,
}

/// The three ways in which an extract says that an address is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protection {
    None,
    Attribute,
    Prefix,
    Withheld,
}

impl Person {
    /// The person of the `index`-th employment.
    pub(super) fn of_employment(index: u64) -> Self {
        let last = SECOND_EMPLOYMENT_EVERY - 1;
        match index % SECOND_EMPLOYMENT_EVERY {
            it if it == last => Self {
                index: index - SECOND_EMPLOYMENT_BACK,
                employments: Employments::SecondOfTwo,
            },
            it if it == last - SECOND_EMPLOYMENT_BACK => {
                Self { index, employments: Employments::FirstOfTwo }
            }
            _ => Self { index, employments: Employments::One },
        }
    }

    /// A person without any of the employments: a pensioner.
    pub(super) fn beyond(index: u64) -> Self {
        Self { index: NATIONAL_NUMBERS / 2 + index, employments: Employments::One }
    }

    pub(super) fn national_number(self, dice: Dice) -> String {
        let shift = dice.roll(Topic(20), 0) % NATIONAL_NUMBERS;
        let number = (self.index * NATIONAL_NUMBER_STEP + shift) % NATIONAL_NUMBERS;
        let (number, serial) = (number / 10_000, number % 10_000);
        let (number, year) = (number / 100, number % 100);
        let (day, month) = (FIRST_IMPOSSIBLE_DAY + number / 12, number % 12 + 1);
        format!("{day:02}{month:02}{year:02}{serial:04}")
    }

    pub(super) fn protection(self, dice: Dice) -> Protection {
        match dice.roll(Topic(21), self.index) % 150 {
            0 => Protection::Attribute,
            1 => Protection::Prefix,
            2 => Protection::Withheld,
            _ => Protection::None,
        }
    }

    /// Writes number and names. `renamed` counts the changes of last name.
    pub(super) fn fill_names(self, record: &mut Record, dice: Dice, renamed: u64) {
        let roll = dice.roll(Topic(22), self.index);
        record.set("cpr", &self.national_number(dice));
        let supplement = match self.employments {
            Employments::One | Employments::FirstOfTwo => "0",
            Employments::SecondOfTwo => "1",
        };
        record.set_attribute("cpr", "suppId", supplement);
        record.set("firstName", pick(FIRST_NAMES, roll));
        record.set("lastName", pick(LAST_NAMES, (roll >> 32) + renamed));
    }

    /// Writes the home. `moved` counts the changes of home.
    pub(super) fn fill_home(self, record: &mut Record, dice: Dice, moved: u64) {
        let roll = dice.roll(Topic(23), self.index);
        let street = pick(STREETS, (roll >> 8) + moved);
        let address = format!("{street} {}{}", roll % 199 + 1, pick(DOORS, roll >> 40));
        match self.protection(dice) {
            Protection::None => record.set("address", &address),
            Protection::Attribute => {
                record.set("address", &address);
                record.set_attribute("address", "protected", "true");
            }
            Protection::Prefix => record.set("address", &format!("*B*{address}")),
            Protection::Withheld => {
                record.set("address", "**ADRESSEBESKYTTET**");
                return;
            }
        }
        let (postal_code, city) = town(roll);
        if roll.is_multiple_of(31) {
            record.set("addressSupplement", "c/o Prøvestrup");
        }
        record.set("postalCode", postal_code);
        record.set("city", city);
        record.set("country", "DK");
    }
}
