use jiff::ToSpan;
use jiff::civil::{Date, date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The start of a period that has always held.
pub const OPEN_START: Date = date(1, 1, 1);

/// The days on which a fact holds: from `from` up to but not including `until`.
///
/// No `until` means no end is known. A validity is never empty, so "never" is `None` of it.
///
/// ```
/// use jiff::civil::date;
/// use kobling_domain::time::Validity;
///
/// let june = Validity::through(date(2026, 6, 1), Some(date(2026, 6, 30)))?;
/// assert_eq!(june.until(), Some(date(2026, 7, 1)));
/// assert!(june.contains(date(2026, 6, 30)) && !june.contains(date(2026, 7, 1)));
/// # Ok::<(), kobling_domain::time::ValidityError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Bounds", into = "Bounds")]
pub struct Validity {
    from: Date,
    until: Option<Date>,
}

/// Why two dates do not make a [`Validity`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValidityError {
    /// It would hold on no day.
    #[error("the period would end on {until}, before or on its start {from}")]
    Empty {
        /// The first day.
        from: Date,
        /// The first day on which it would no longer hold.
        until: Date,
    },
}

impl Validity {
    /// All days there are.
    pub const ALWAYS: Self = Self { from: OPEN_START, until: None };

    /// The days in `[from, until)`.
    pub fn new(from: Date, until: Option<Date>) -> Result<Self, ValidityError> {
        match until {
            Some(until) if until <= from => Err(ValidityError::Empty { from, until }),
            _ => Ok(Self { from, until }),
        }
    }

    /// All days from `from` on.
    pub fn starting(from: Date) -> Self {
        Self { from, until: None }
    }

    /// The days from `from` to `last`, both included. The last representable day means no end.
    pub fn through(from: Date, last: Option<Date>) -> Result<Self, ValidityError> {
        Self::new(from, last.and_then(day_after))
    }

    /// The first day.
    pub fn from(&self) -> Date {
        self.from
    }

    /// The first day on which it no longer holds.
    pub fn until(&self) -> Option<Date> {
        self.until
    }

    /// Whether it holds on `day`.
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// The days that both hold.
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        let until = earlier_end(self.until, other.until);
        Self::new(self.from.max(other.from), until).ok()
    }

    /// The days before `day`.
    pub fn before(&self, day: Date) -> Option<Self> {
        Self::new(self.from, earlier_end(self.until, Some(day))).ok()
    }

    /// The days from `day` on.
    pub fn since(&self, day: Date) -> Option<Self> {
        Self::new(self.from.max(day), self.until).ok()
    }

    /// The last day; none if no end is known.
    pub fn last(&self) -> Option<Date> {
        self.until.and_then(|it| it.yesterday().ok())
    }

    /// The days that either holds, if they are one unbroken period.
    pub fn united(&self, other: &Self) -> Option<Self> {
        let apart = |a: &Self, b: &Self| a.until.is_some_and(|until| until < b.from);
        if apart(self, other) || apart(other, self) {
            return None;
        }
        let until = self.until.zip(other.until).map(|(a, b)| a.max(b));
        Some(Self { from: self.from.min(other.from), until })
    }

    /// Whether `next` begins on the day this one ends.
    pub fn meets(&self, next: &Self) -> bool {
        self.until == Some(next.from)
    }

    /// This one and the one it [`meets`](Self::meets), as one.
    pub(crate) fn joined(&self, next: &Self) -> Self {
        Self { from: self.from, until: next.until }
    }
}

impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.until) {
            (OPEN_START, None) => f.write_str("[always)"),
            (OPEN_START, Some(until)) => write!(f, "[…, {until})"),
            (from, None) => write!(f, "[{from}, …)"),
            (from, Some(until)) => write!(f, "[{from}, {until})"),
        }
    }
}

impl fmt::Debug for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn earlier_end(a: Option<Date>, b: Option<Date>) -> Option<Date> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The day after `day`, or none after the last representable one.
fn day_after(day: Date) -> Option<Date> {
    day.checked_add(1.day()).ok()
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Bounds {
    from: Date,
    until: Option<Date>,
}

impl TryFrom<Bounds> for Validity {
    type Error = ValidityError;

    fn try_from(it: Bounds) -> Result<Self, ValidityError> {
        Self::new(it.from, it.until)
    }
}

impl From<Validity> for Bounds {
    fn from(it: Validity) -> Self {
        Self { from: it.from, until: it.until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inclusive_last_day_is_held_and_the_next_is_not() {
        let it = Validity::through(date(2026, 1, 1), Some(date(2026, 6, 30))).unwrap();
        assert!(it.contains(date(2026, 6, 30)));
        assert!(!it.contains(date(2026, 7, 1)));
    }

    #[test]
    fn the_last_representable_day_is_no_end() {
        let it = Validity::through(date(2026, 1, 1), Some(date(9999, 12, 31))).unwrap();
        assert_eq!(it.until(), None);
    }

    #[test]
    fn an_end_on_the_start_is_refused() {
        let day = date(2026, 3, 1);
        assert_eq!(
            Validity::new(day, Some(day)),
            Err(ValidityError::Empty { from: day, until: day })
        );
    }
}
