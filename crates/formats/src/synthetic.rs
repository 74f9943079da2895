//! A made-up employer and its nightly Opus extracts: for demonstrations, tests and benchmarks.
//!
//! "Fjordby Kommune" is client 999. Every record is a pure function of (seed, employment, day), so
//! an extract streams in any order, in constant memory, and is the same on every machine.
//!
//! * **Day** 0 is Monday 2026-03-02; day D is D calendar days later.
//! * **Units**: one for every 50 employees: a root, administrations, districts where there are
//!   many, then schools of 15–40 people and other workplaces. The first school has exactly 15. The
//!   last unit is a stump, newly made, without people. Every unit with people has one manager.
//! * **Employments**: on day 0 as many as asked for, every 25th a second one of somebody else's
//!   national number; one in a hundred has not begun. Beside them stand leave stubs of former
//!   employments (1 in 200) and pensioners without an entry date (1 in 1,000).
//! * **Each later day** exactly 1 % of the employments change, 0.2 % are new and 0.2 % leave: every
//!   other leaver by a leave stub, the rest by a leave date. That holds for [`STEADY_DAYS`] days;
//!   after that nobody is left to leave. The kinds of change are [`Change`]'s.
//! * **National numbers** have a day of birth from 92 to 99. No real number has: those of births go
//!   to 31 and administrative ones (day + 60) to 91. A number is unique up to 96 million persons.

mod employment;
mod extract;
mod flaw;
mod names;
mod person;
mod random;
mod timeline;
mod trick;
mod units;
mod xml;

pub use extract::{Extract, Written};
pub use flaw::{Expectation, Flaw, UnknownFlaw};
pub use timeline::{Change, STEADY_DAYS};

use jiff::ToSpan;
use jiff::civil::{Date, date};
use random::Dice;
use timeline::Timeline;
use units::Units;

/// The employer's client number.
pub const CLIENT: &str = "999";
/// The employer's name: that of its root unit.
pub const NAME: &str = "Fjordby Kommune";
/// The date of day 0, a Monday.
pub const DAY_ZERO: Date = date(2026, 3, 2);
/// Fewest employees an employer can be made with.
pub const EMPLOYEES_MIN: u32 = 100;
/// Most employees an employer can be made with.
pub const EMPLOYEES_MAX: u32 = 1_000_000;

/// The employer, and the rule by which everything about it is drawn.
#[derive(Clone, Debug)]
pub struct Employer {
    employees: u64,
    dice: Dice,
    timeline: Timeline,
    units: Units,
}

/// An employer of that size cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{employees} employees: an employer is made with {EMPLOYEES_MIN} to {EMPLOYEES_MAX}")]
pub struct SizeOutOfRange {
    /// The size asked for.
    pub employees: u32,
}

impl Employer {
    /// Makes the employer of that size and seed.
    pub fn new(employees: u32, seed: u64) -> Result<Self, SizeOutOfRange> {
        if !(EMPLOYEES_MIN..=EMPLOYEES_MAX).contains(&employees) {
            return Err(SizeOutOfRange { employees });
        }
        let employees = u64::from(employees);
        let dice = Dice::new(seed);
        let timeline = Timeline::new(employees, dice);
        let units = Units::new(employees, dice);
        Ok(Self { employees, dice, timeline, units })
    }

    /// The extract of day `day`: a snapshot in key order until told otherwise.
    pub fn extract(&self, day: u16) -> Extract<'_> {
        Extract::new(self, day)
    }
}

/// The date of day `day`.
pub fn date_of(day: u16) -> Date {
    DAY_ZERO.saturating_add(i64::from(day).days())
}

#[cfg(test)]
mod tests;
