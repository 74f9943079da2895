use super::{Field, NativeKey, State};
use serde::{Deserialize, Serialize};
use std::cmp::{Ordering, Reverse};

/// One way in which employments are ranked. An employment that does not tell comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// The lowest contract code first, as a number where both are.
    ContractCode,
    /// The most weekly hours first.
    Hours,
    /// The lowest employment number first, as a number where both are.
    Number,
}

/// By what a person's employments are ranked, the weightiest first. Where all is equal the lowest
/// number decides, so that a ranking always has one answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ranking(pub Vec<Criterion>);

impl Default for Ranking {
    fn default() -> Self {
        Self(vec![Criterion::ContractCode, Criterion::Hours, Criterion::Number])
    }
}

/// What a ranking looks at in one employment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The employment's number.
    pub number: &'a NativeKey,
    /// Its contract code.
    pub contract_code: Option<&'a str>,
    /// Its weekly hours, in thousandths.
    pub hours: Option<i64>,
}

impl<'a> Candidate<'a> {
    /// What `state` of employment `number` tells.
    pub fn of(number: &'a NativeKey, state: &'a State) -> Self {
        Self {
            number,
            contract_code: state.text(Field::EmploymentContractCode),
            hours: state.int(Field::EmploymentHoursNumerator),
        }
    }
}

/// Why an employment is the primary one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There is no other.
    Only,
    /// It goes before the next by this.
    By(Criterion),
}

/// A person's primary employment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Primary<'a> {
    /// Its number.
    pub number: &'a NativeKey,
    /// Why it and not the next.
    pub reason: Reason,
}

impl Ranking {
    /// Which of `a` and `b` goes first.
    pub fn compare(&self, a: &Candidate<'_>, b: &Candidate<'_>) -> Ordering {
        self.decided_by(a, b).1
    }

    /// The first of `candidates`, all employments that a person has on one day.
    pub fn primary<'a>(&self, candidates: &[Candidate<'a>]) -> Option<Primary<'a>> {
        let first = candidates.iter().min_by(|a, b| self.compare(a, b))?;
        let next = candidates
            .iter()
            .filter(|it| it.number != first.number)
            .min_by(|a, b| self.compare(a, b));
        let reason = next.map_or(Reason::Only, |it| Reason::By(self.decided_by(first, it).0));
        Some(Primary { number: first.number, reason })
    }

    fn decided_by(&self, a: &Candidate<'_>, b: &Candidate<'_>) -> (Criterion, Ordering) {
        self.0
            .iter()
            .map(|it| (*it, it.compare(a, b)))
            .find(|(_, order)| order.is_ne())
            .unwrap_or((Criterion::Number, a.number.cmp(b.number)))
    }
}

impl Criterion {
    fn compare(self, a: &Candidate<'_>, b: &Candidate<'_>) -> Ordering {
        match self {
            Self::ContractCode => match (a.contract_code, b.contract_code) {
                (Some(a), Some(b)) => compare_codes(a, b),
                (a, b) => a.is_none().cmp(&b.is_none()),
            },
            // None is less than any Some, so it comes last in reverse.
            Self::Hours => Reverse(a.hours).cmp(&Reverse(b.hours)),
            Self::Number => a.number.cmp(b.number),
        }
    }
}

fn compare_codes(a: &str, b: &str) -> Ordering {
    match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate<'a>(number: &'a NativeKey, code: &'a str, hours: i64) -> Candidate<'a> {
        Candidate { number, contract_code: Some(code), hours: Some(hours) }
    }

    /// Hard case 14. The systems Kobling replaces compared numbers as text: "10" before "9".
    #[test]
    fn contract_code_decides_before_hours_before_the_lowest_number() {
        let (nine, ten) = (NativeKey::number(9), NativeKey::number(10));
        let ranking = Ranking::default();
        let first = |a, b| ranking.primary(&[a, b]).map(|it| (it.number.clone(), it.reason));

        assert_eq!(
            first(candidate(&nine, "03", 37_000), candidate(&ten, "1", 10_000)),
            Some((ten.clone(), Reason::By(Criterion::ContractCode)))
        );
        assert_eq!(
            first(candidate(&nine, "01", 10_000), candidate(&ten, "01", 37_000)),
            Some((ten.clone(), Reason::By(Criterion::Hours)))
        );
        assert_eq!(
            first(candidate(&ten, "01", 37_000), candidate(&nine, "01", 37_000)),
            Some((nine.clone(), Reason::By(Criterion::Number)))
        );
    }

    #[test]
    fn an_employment_that_does_not_tell_comes_last() {
        let (one, two) = (NativeKey::number(1), NativeKey::number(2));
        let silent = Candidate { number: &one, contract_code: None, hours: None };
        let primary = Ranking::default().primary(&[silent, candidate(&two, "99", 0)]);
        assert_eq!(primary.map(|it| it.number), Some(&two));
    }

    #[test]
    fn a_ranking_of_nothing_still_has_one_answer() {
        let (nine, ten) = (NativeKey::number(9), NativeKey::number(10));
        let primary =
            Ranking(vec![]).primary(&[candidate(&ten, "01", 0), candidate(&nine, "01", 0)]);
        assert_eq!(primary.map(|it| it.number), Some(&nine));
    }
}
