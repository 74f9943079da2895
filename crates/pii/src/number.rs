//! What makes ten or nine digits a number: its date and its check.

use jiff::civil::Date;

/// Weights of the digits of a CPR number, which sum to a multiple of eleven.
const CPR_WEIGHTS: [u32; 10] = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
/// Weights of the digits of a BSN but the last, whose weight is minus one.
const BSN_WEIGHTS: [u32; 8] = [9, 8, 7, 6, 5, 4, 3, 2];
/// What is added to the day in a replacement number.
const REPLACEMENT_DAYS: u32 = 60;
/// Nobody born earlier is alive.
const YEAR_MIN: i16 = 1900;
/// Years in which numbers without a check digit were given to who was born on 1 January, as the
/// CPR office published them on 2023-05-10. The list is not complete, it says.
const UNCHECKED_YEARS: [i16; 26] = [
    1960, 1962, 1964, 1965, 1966, 1967, 1969, 1970, 1974, 1975, 1978, 1980, 1981, 1982, 1983, 1984,
    1985, 1986, 1987, 1988, 1989, 1990, 1991, 1992, 1994, 1995,
];

/// Ten digits read as a CPR number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cpr {
    pub(crate) born: Date,
    pub(crate) is_checked: bool,
    pub(crate) is_replacement: bool,
}

/// Reads ten digits; none if they tell no date on which anybody alive was born. The seventh digit
/// and the year tell the century.
pub(crate) fn cpr(digits: &[u32; 10], today: Date) -> Option<Cpr> {
    let [d1, d2, m1, m2, y1, y2, seventh, ..] = *digits;
    let (day, month, year) = (d1 * 10 + d2, m1 * 10 + m2, y1 * 10 + y2);
    let is_replacement = day > REPLACEMENT_DAYS;
    let day = if is_replacement { day - REPLACEMENT_DAYS } else { day };
    let born = date(century(seventh, year) + year, month, day)?;
    let sum: u32 = digits.iter().zip(CPR_WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let is_alive = born.year() >= YEAR_MIN && born <= today;
    is_alive.then_some(Cpr { born, is_checked: sum.is_multiple_of(11), is_replacement })
}

fn century(seventh: u32, year: u32) -> u32 {
    match seventh {
        4 | 9 if year <= 36 => 2000,
        0..=4 | 9 => 1900,
        _ if year <= 57 => 2000,
        _ => 1800,
    }
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    let part = |it: u32| i8::try_from(it).ok();
    Date::new(i16::try_from(year).ok()?, part(month)?, part(day)?).ok()
}

impl Cpr {
    pub(crate) fn is_first_of_january(self) -> bool {
        self.born.month() == 1 && self.born.day() == 1
    }

    /// Whether numbers without a check digit are known of that year.
    pub(crate) fn is_of_unchecked_year(self) -> bool {
        UNCHECKED_YEARS.contains(&self.born.year())
    }
}

/// Whether six digits tell a day of some year; of an eCPR the century is not told.
pub(crate) fn is_day(digits: &[u32]) -> bool {
    let [d1, d2, m1, m2, ..] = *digits else { return false };
    // A leap year, for the 29th of February.
    date(2000, m1 * 10 + m2, d1 * 10 + d2).is_some()
}

/// Whether nine digits pass the eleven test of a BSN.
pub(crate) fn is_bsn(digits: &[u32; 9]) -> bool {
    let [first @ .., last] = digits;
    let sum: u32 = first.iter().zip(BSN_WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    sum > 0 && sum >= *last && (sum - last).is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits<const N: usize>(text: &str) -> [u32; N] {
        let all: Vec<u32> = text.chars().filter_map(|it| it.to_digit(10)).collect();
        all.try_into().unwrap()
    }

    const TODAY: Date = jiff::civil::date(2026, 3, 5);

    #[test]
    fn the_seventh_digit_and_the_year_tell_the_century() {
        let year = |text| cpr(&digits(text), TODAY).map(|it| it.born.year());
        assert_eq!(year("0101000010"), Some(1900));
        assert_eq!(year("0101374010"), Some(1937));
        assert_eq!(year("0101379010"), Some(1937), "a nine in 1937 is not 2037");
        assert_eq!(year("0101364010"), None, "2036 is to come");
        assert_eq!(year("0101055010"), Some(2005));
        assert_eq!(year("0101585010"), None, "1858");
    }

    #[test]
    fn a_day_that_never_was_is_no_number() {
        for text in ["3002000010", "0113000010", "0000000000", "9901000010", "3204000010"] {
            assert_eq!(cpr(&digits(text), TODAY), None, "{text}");
        }
        assert!(cpr(&digits("6103000010"), TODAY).unwrap().is_replacement);
    }

    #[test]
    fn the_eleven_test_of_a_bsn_subtracts_the_last_digit() {
        assert!(is_bsn(&digits("123456782")));
        assert!(!is_bsn(&digits("123456789")));
        assert!(!is_bsn(&digits("000000000")));
    }
}
