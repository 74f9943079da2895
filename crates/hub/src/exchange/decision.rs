//! Who decides, and why.

use jiff::Timestamp;
use jiff::civil::Date;
use kobling_store::access::audit;
use serde_json::Value;

/// The word of a person on something that waits for one.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    by: &'a str,
    reason: &'a str,
}

/// Why somebody's word does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// Nobody decides, or without a reason.
    #[error("a decision needs a person and a reason")]
    Silent,
    /// It would keep a national number where nothing is ever taken out.
    #[error(
        "the name or the reason holds what looks like a national number; both are kept for ever: \
         write it without the number"
    )]
    Number,
}

impl<'a> Decision<'a> {
    /// The decision of `by`, made `today`.
    ///
    /// # Errors
    ///
    /// Refuses a name or a reason that is empty, or holds what looks like a national number.
    pub fn new(by: &'a str, reason: &'a str, today: Date) -> Result<Self, Undecided> {
        let (by, reason) = (by.trim(), reason.trim());
        if by.is_empty() || reason.is_empty() {
            return Err(Undecided::Silent);
        }
        if [by, reason].iter().any(|it| !kobling_pii::find(it, today).is_empty()) {
            return Err(Undecided::Number);
        }
        Ok(Self { by, reason })
    }

    /// Who decides.
    pub fn by(&self) -> &'a str {
        self.by
    }

    /// Why.
    pub fn reason(&self) -> &'a str {
        self.reason
    }

    /// What the audit says of it.
    pub(crate) fn entry(&self, at: Timestamp, action: &str, detail: Value) -> audit::Entry {
        audit::Entry { at, who: self.by.to_owned(), action: action.to_owned(), detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 3, 5);

    #[test]
    fn nobody_decides_without_a_name_and_a_reason() {
        for (by, reason) in [("", "so"), ("Signe", " "), ("\t", "\n")] {
            assert_eq!(Decision::new(by, reason, TODAY).unwrap_err(), Undecided::Silent);
        }
        let decision = Decision::new(" Signe ", " looked at ", TODAY).unwrap();
        assert_eq!((decision.by(), decision.reason()), ("Signe", "looked at"));
    }

    #[test]
    fn no_national_number_gets_into_what_is_kept_for_ever() {
        for (by, reason) in [("Ole 010300-0017", "so"), ("Ole", "om 0103000017")] {
            assert_eq!(Decision::new(by, reason, TODAY).unwrap_err(), Undecided::Number);
        }
    }
}
