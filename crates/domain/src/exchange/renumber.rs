use crate::people::NativeKey;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// An employment that a plan would take away or bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Employed<P> {
    /// Its number.
    pub number: NativeKey,
    /// Whose it is.
    pub person: P,
    /// Its first day.
    pub start: Date,
    /// Its position; an employment that does not tell is never taken for another.
    pub position: Option<String>,
}

/// Payroll cancelled an employment and made it anew under another number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Renumbered {
    /// The number that is gone.
    pub gone: NativeKey,
    /// The number it goes on under.
    pub new: NativeKey,
}

/// Employments that may have been renumbered, but not clearly into which. Each is taken for what
/// it looks like: gone, or new.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ambiguous {
    /// The numbers that are gone.
    pub gone: Vec<NativeKey>,
    /// The numbers that are new.
    pub new: Vec<NativeKey>,
}

/// Which of `gone` go on as which of `new`: one of each for the same person, with the same first
/// day and the same position. Both answers are in order of numbers.
pub fn renumbered<P: Ord>(
    gone: &[Employed<P>],
    new: &[Employed<P>],
) -> (Vec<Renumbered>, Vec<Ambiguous>) {
    let mut alike: BTreeMap<_, (Vec<&NativeKey>, Vec<&NativeKey>)> = BTreeMap::new();
    for it in gone.iter().filter(|it| it.position.is_some()) {
        alike.entry((&it.person, it.start, &it.position)).or_default().0.push(&it.number);
    }
    for it in new {
        if let Some((_, new)) = alike.get_mut(&(&it.person, it.start, &it.position)) {
            new.push(&it.number);
        }
    }
    let mut pairs = Vec::new();
    let mut ambiguous = Vec::new();
    for (gone, new) in alike.into_values() {
        match (gone.as_slice(), new.as_slice()) {
            (_, []) => {}
            (&[gone], &[new]) => {
                pairs.push(Renumbered { gone: gone.clone(), new: new.clone() });
            }
            (gone, new) => ambiguous.push(Ambiguous { gone: sorted(gone), new: sorted(new) }),
        }
    }
    pairs.sort();
    ambiguous.sort();
    (pairs, ambiguous)
}

fn sorted(numbers: &[&NativeKey]) -> Vec<NativeKey> {
    let mut numbers: Vec<_> = numbers.iter().copied().cloned().collect();
    numbers.sort();
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn employed(number: i64, person: &str, day: i8, position: &str) -> Employed<String> {
        Employed {
            number: NativeKey::number(number),
            person: person.to_owned(),
            start: date(2026, 3, day),
            position: (!position.is_empty()).then(|| position.to_owned()),
        }
    }

    fn pairs(gone: &[Employed<String>], new: &[Employed<String>]) -> Vec<(i64, i64)> {
        let number = |it: &NativeKey| it.as_number().unwrap();
        renumbered(gone, new).0.iter().map(|it| (number(&it.gone), number(&it.new))).collect()
    }

    /// Hard case 10.
    #[test]
    fn an_employment_annulled_and_made_anew_with_the_same_start_and_position_is_one() {
        let gone = [employed(39, "anna", 1, "Lærer"), employed(40, "bo", 1, "Lærer")];
        let new = [employed(50, "bo", 1, "Lærer"), employed(51, "anna", 1, "Lærer")];
        assert_eq!(pairs(&gone, &new), [(39, 51), (40, 50)]);
    }

    #[test]
    fn another_person_start_or_position_makes_another_employment() {
        let gone = [employed(39, "anna", 1, "Lærer"), employed(38, "carl", 1, "")];
        let new = [
            employed(50, "bo", 1, "Lærer"),
            employed(51, "anna", 2, "Lærer"),
            employed(52, "anna", 1, "Leder"),
            employed(53, "carl", 1, ""),
        ];
        assert_eq!(renumbered(&gone, &new), (vec![], vec![]));
    }

    #[test]
    fn where_two_could_be_meant_none_is_taken_and_all_are_named() {
        let gone = [employed(40, "anna", 1, "Lærer"), employed(39, "anna", 1, "Lærer")];
        let new = [employed(50, "anna", 1, "Lærer")];
        let key = NativeKey::number;
        let expected = Ambiguous { gone: vec![key(39), key(40)], new: vec![key(50)] };
        assert_eq!(renumbered(&gone, &new), (vec![], vec![expected]));
    }
}
