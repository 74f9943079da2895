//! Matching what a target holds, typed by hand, with what it would be sent.

use crate::people::NationalNumber;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a person on one side. A name is not among it: nobody is matched by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// The national number.
    pub number: Option<NationalNumber>,
    /// Numbers of employments.
    pub employments: BTreeSet<String>,
    /// The day of birth, as [`birth_of`] tells it.
    pub birth: Option<String>,
    /// E-mail.
    pub email: Option<String>,
}

/// By what two are taken for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// The same national number.
    NationalNumber,
    /// The same number of an employment, and the same day of birth.
    EmploymentAndBirth,
    /// The same e-mail, which several may share and others may inherit.
    Email,
}

impl Ground {
    const ALL: [Self; 3] = [Self::NationalNumber, Self::EmploymentAndBirth, Self::Email];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::NationalNumber => "national number",
            Self::EmploymentAndBirth => "employment number and birth date",
            Self::Email => "e-mail only",
        }
    }
}

/// What is found for one that the target holds. Ours are told by their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is this one of ours.
    Matched(usize, Ground),
    /// It may be one of these; a person has to say.
    Doubtful(Vec<(usize, Ground)>),
    /// None of ours.
    None,
}

/// What is found among `ours` for each of `theirs`, in their order.
///
/// The strongest ground that finds anybody counts. One of ours that it finds for several of theirs,
/// several of ours for one of theirs, and whoever is found by e-mail alone are doubtful. Who has
/// another national number or another day of birth is nobody's match.
pub fn take_over(theirs: &[Traits], ours: &[Traits]) -> Vec<Found> {
    let index = Index::of(ours);
    let candidates: Vec<Vec<(usize, Ground)>> = theirs
        .iter()
        .map(|it| {
            let by = |ground: &Ground| {
                let found = index.by(*ground, it).into_iter();
                let fits = |nth: &usize| ours.get(*nth).is_some_and(|our| !contradict(it, our));
                found.filter(fits).map(|nth| (nth, *ground)).collect::<Vec<_>>()
            };
            Ground::ALL.iter().map(by).find(|it| !it.is_empty()).unwrap_or_default()
        })
        .collect();
    let mut wanted: BTreeMap<usize, usize> = BTreeMap::new();
    for (nth, _) in candidates.iter().flatten() {
        *wanted.entry(*nth).or_default() += 1;
    }
    let found = |candidates: Vec<(usize, Ground)>| match candidates.as_slice() {
        [] => Found::None,
        [(nth, ground @ (Ground::NationalNumber | Ground::EmploymentAndBirth))]
            if wanted.get(nth) == Some(&1) =>
        {
            Found::Matched(*nth, *ground)
        }
        _ => Found::Doubtful(candidates),
    };
    candidates.into_iter().map(found).collect()
}

/// The day of birth that a CPR number tells, as `ddmmyy`; its century is not told. Of a substitute
/// number, whose day is 60 more, the day itself.
pub fn birth_of(number: &NationalNumber) -> Option<String> {
    let digits = number.digits();
    let day: u8 = digits.get(..2).filter(|_| digits.len() == 10)?.parse().ok()?;
    let day = if day > 60 { day - 60 } else { day };
    Some(format!("{day:02}{}", digits.get(2..6)?))
}

fn contradict(one: &Traits, other: &Traits) -> bool {
    let differ = |a: Option<&str>, b: Option<&str>| a.zip(b).is_some_and(|(a, b)| a != b);
    let digits = |it: &Traits| it.number.as_ref().map(|it| it.digits().to_owned());
    differ(digits(one).as_deref(), digits(other).as_deref())
        || differ(one.birth.as_deref(), other.birth.as_deref())
}

/// Who of ours has what.
struct Index {
    numbers: BTreeMap<String, Vec<usize>>,
    employments: BTreeMap<(String, String), Vec<usize>>,
    emails: BTreeMap<String, Vec<usize>>,
}

impl Index {
    fn of(ours: &[Traits]) -> Self {
        let (mut numbers, mut employments, mut emails) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (nth, it) in ours.iter().enumerate() {
            if let Some(number) = &it.number {
                add(&mut numbers, number.digits().to_owned(), nth);
            }
            for key in employment_keys(it) {
                add(&mut employments, key, nth);
            }
            if let Some(email) = email(it) {
                add(&mut emails, email, nth);
            }
        }
        Self { numbers, employments, emails }
    }

    fn by(&self, ground: Ground, it: &Traits) -> BTreeSet<usize> {
        let found: Vec<&Vec<usize>> = match ground {
            Ground::NationalNumber => {
                it.number.iter().filter_map(|it| self.numbers.get(it.digits())).collect()
            }
            Ground::EmploymentAndBirth => {
                let keys: Vec<_> = employment_keys(it).collect();
                keys.iter().filter_map(|it| self.employments.get(it)).collect()
            }
            Ground::Email => email(it).iter().filter_map(|it| self.emails.get(it)).collect(),
        };
        found.into_iter().flatten().copied().collect()
    }
}

fn add<K: Ord>(map: &mut BTreeMap<K, Vec<usize>>, key: K, nth: usize) {
    map.entry(key).or_default().push(nth);
}

/// The numbers of employments, each with the day of birth; none without one.
fn employment_keys(it: &Traits) -> impl Iterator<Item = (String, String)> {
    let birth = it.birth.clone();
    it.employments.iter().filter_map(move |number| Some((number.clone(), birth.clone()?)))
}

fn email(it: &Traits) -> Option<String> {
    it.email.as_ref().map(|it| it.trim().to_lowercase()).filter(|it| it.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn someone(cpr: &str, employment: &str, email: &str) -> Traits {
        let number = NationalNumber::parse(cpr).ok();
        let birth = number.as_ref().and_then(birth_of);
        let employments = BTreeSet::from([employment.to_owned()]);
        Traits { number, employments, birth, email: Some(email.to_owned()) }
    }

    #[test]
    fn a_national_number_matches_whatever_else_differs() {
        let ours = [someone("7101809991", "9", "a@x"), someone("7202859994", "10", "b@x")];
        let theirs = [someone("720285-9994", "77", "a@x")];
        let found = take_over(&theirs, &ours);
        assert_eq!(found, [Found::Matched(1, Ground::NationalNumber)]);
    }

    #[test]
    fn an_employment_number_matches_with_the_birth_date_only() {
        let ours = [someone("7101809991", "9", "")];
        let mut theirs = Traits { number: None, ..someone("7101809991", "9", "") };
        assert_eq!(theirs.birth.as_deref(), Some("110180"));
        let matched = Found::Matched(0, Ground::EmploymentAndBirth);
        assert_eq!(take_over(std::slice::from_ref(&theirs), &ours), [matched]);
        theirs.birth = Some("120180".to_owned());
        assert_eq!(take_over(std::slice::from_ref(&theirs), &ours), [Found::None]);
        theirs.birth = None;
        assert_eq!(take_over(&[theirs], &ours), [Found::None]);
    }

    #[test]
    fn who_is_found_by_e_mail_alone_is_doubtful() {
        let ours = [someone("7101809991", "9", "Aase@X.example")];
        let theirs = [Traits { email: Some(" aase@x.example".to_owned()), ..Traits::default() }];
        assert_eq!(take_over(&theirs, &ours), [Found::Doubtful(vec![(0, Ground::Email)])]);
    }

    #[test]
    fn another_national_number_rules_an_e_mail_out() {
        let ours = [someone("7101809991", "9", "info@x")];
        let theirs = [someone("7202859994", "8", "info@x")];
        assert_eq!(take_over(&theirs, &ours), [Found::None]);
    }

    #[test]
    fn two_of_theirs_that_are_one_of_ours_are_both_doubtful() {
        let ours = [someone("7101809991", "9", "")];
        let one = someone("7101809991", "1", "");
        let doubtful = Found::Doubtful(vec![(0, Ground::NationalNumber)]);
        assert_eq!(take_over(&[one.clone(), one], &ours), [doubtful.clone(), doubtful]);
    }
}
