//! Which days people work, and what day it is.

use super::timetable::Days;
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A time zone that is not known by that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not a time zone; use a name like Europe/Copenhagen")]
pub struct UnknownZone {
    /// The name as given.
    pub name: String,
}

/// The civil date at `instant` where the employer is; `zone` is a name of the IANA list.
pub fn today(instant: Timestamp, zone: &str) -> Result<Date, UnknownZone> {
    let zone = TimeZone::get(zone).map_err(|_| UnknownZone { name: zone.to_owned() })?;
    Ok(instant.to_zoned(zone).date())
}

/// Whether `day` is a public holiday in Denmark. 5 June, 24 and 31 December are none by law.
pub fn is_danish_holiday(day: Date) -> bool {
    let fixed = matches!((day.month(), day.day()), (1, 1) | (12, 25 | 26));
    let Some(easter) = easter_sunday(day.year()) else { return fixed };
    let after_easter = (day - easter).get_days();
    match after_easter {
        -3 | -2 | 0 | 1 | 39 | 49 | 50 => true,
        // Store bededag, from 1686 until it was abolished for 2024.
        26 => day.year() < 2024,
        _ => fixed,
    }
}

/// Whether public employees in the Netherlands are off on `day` by their collective agreements: the
/// general holidays, Good Friday and, every year, Liberation Day.
pub fn is_dutch_holiday(day: Date) -> bool {
    let fixed = matches!((day.month(), day.day()), (1, 1) | (5, 5) | (12, 25 | 26));
    let Some(easter) = easter_sunday(day.year()) else { return fixed };
    match (day - easter).get_days() {
        -2 | 0 | 1 | 39 | 49 | 50 => true,
        _ => fixed || day == kings_day(day.year()),
    }
}

/// Whether public employees in the Netherlands work on `day`.
pub fn is_dutch_working_day(day: Date) -> bool {
    !is_weekend(day) && !is_dutch_holiday(day)
}

/// 27 April, or the day before where that is a Sunday.
fn kings_day(year: i16) -> Date {
    let usual = date(year, 4, 27);
    if usual.weekday() == Weekday::Sunday { date(year, 4, 26) } else { usual }
}

/// Whether Danes work on `day`: neither weekend nor public holiday.
pub fn is_danish_working_day(day: Date) -> bool {
    !is_weekend(day) && !is_danish_holiday(day)
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// What lies between two inputs that should come on every working day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// No working day: at most weekends and public holidays.
    Usual,
    /// Working days without an input. An alarm.
    Missing {
        /// How many.
        working_days: u32,
    },
}

/// Easter Sunday of a year, by the anonymous Gregorian computus.
fn easter_sunday(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (golden, century, in_century) = (y % 19, y / 100, y % 100);
    let skipped_leap_days = century - century / 4 - (8 * century + 13) / 25;
    let epact = (19 * golden + skipped_leap_days + 15) % 30;
    let epact = epact - (golden + 11 * epact) / 319;
    let weekday = (2 * (century % 4) + 2 * (in_century / 4) - in_century % 4 - epact + 32) % 7;
    let day_of_march = 22 + epact + weekday;
    date(year, 3, 1).checked_add((day_of_march - 1).days()).ok()
}

/// What lies between the inputs of `before` and `after`, where one comes in the evening of each of
/// `days`: such a day without one is an alarm. Neither of the two days is counted.
pub fn gap(before: Date, after: Date, days: Days) -> Gap {
    let between = before.series(1.day()).skip(1).take_while(|it| *it < after);
    let missing = between.filter(|it| days.have(*it)).count();
    match u32::try_from(missing).unwrap_or(u32::MAX) {
        0 => Gap::Usual,
        working_days => Gap::Missing { working_days },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DANISH: Days = Days::DanishWorking;

    #[test]
    fn easter_falls_where_the_church_says() {
        for (y, month, day) in [
            (1818, 3, 22),
            (1943, 4, 25),
            (1954, 4, 18),
            (1981, 4, 19),
            (2000, 4, 23),
            (2019, 4, 21),
            (2023, 4, 9),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
            (2049, 4, 18),
        ] {
            assert_eq!(easter_sunday(y), Some(date(y, month, day)));
        }
    }

    #[test]
    fn danish_holidays_of_2026_are_these() {
        let holidays: Vec<_> = date(2026, 1, 1)
            .series(1.day())
            .take_while(|it| it.year() == 2026)
            .filter(|it| is_danish_holiday(*it))
            .map(|it| (it.month(), it.day()))
            .collect();
        let expected =
            [(1, 1), (4, 2), (4, 3), (4, 5), (4, 6), (5, 14), (5, 24), (5, 25), (12, 25), (12, 26)];
        assert_eq!(holidays, expected);
    }

    #[test]
    fn dutch_holidays_of_2026_are_these_and_kings_day_of_2025_was_a_saturday() {
        let holidays: Vec<_> = date(2026, 1, 1)
            .series(1.day())
            .take_while(|it| it.year() == 2026)
            .filter(|it| is_dutch_holiday(*it))
            .map(|it| (it.month(), it.day()))
            .collect();
        let expected = [
            (1, 1),
            (4, 3),
            (4, 5),
            (4, 6),
            (4, 27),
            (5, 5),
            (5, 14),
            (5, 24),
            (5, 25),
            (12, 25),
            (12, 26),
        ];
        assert_eq!(holidays, expected);
        assert!(is_dutch_holiday(date(2025, 4, 26)) && !is_dutch_holiday(date(2025, 4, 27)));
        assert!(
            is_dutch_working_day(date(2026, 4, 28)) && !is_dutch_working_day(date(2026, 4, 27))
        );
    }

    #[test]
    fn store_bededag_was_last_kept_in_2023() {
        assert!(is_danish_holiday(date(2023, 5, 5)));
        assert!(!is_danish_holiday(date(2024, 4, 26)));
    }

    #[test]
    fn a_weekend_is_no_gap_and_a_missing_monday_is_an_alarm() {
        let friday = date(2026, 3, 6);
        assert_eq!(gap(friday, date(2026, 3, 9), DANISH), Gap::Usual);
        assert_eq!(gap(friday, date(2026, 3, 10), DANISH), Gap::Missing { working_days: 1 });
    }

    #[test]
    fn working_days_missing_in_the_middle_of_a_week_are_counted() {
        let monday = date(2026, 3, 9);
        assert_eq!(gap(monday, date(2026, 3, 10), DANISH), Gap::Usual);
        assert_eq!(gap(monday, date(2026, 3, 12), DANISH), Gap::Missing { working_days: 2 });
        // Twelve days later there are eleven between, and two weekends' days are not worked.
        assert_eq!(gap(monday, date(2026, 3, 21), DANISH), Gap::Missing { working_days: 9 });
    }

    #[test]
    fn easter_explains_its_own_days_and_no_other_day_of_its_week() {
        let (wednesday, tuesday) = (date(2026, 4, 1), date(2026, 4, 7));
        assert_eq!(gap(wednesday, tuesday, DANISH), Gap::Usual);
        assert_eq!(gap(date(2026, 3, 31), tuesday, DANISH), Gap::Missing { working_days: 1 });
        assert_eq!(gap(wednesday, date(2026, 4, 8), DANISH), Gap::Missing { working_days: 1 });
        assert_eq!(gap(wednesday, date(2026, 5, 1), DANISH), Gap::Missing { working_days: 18 });
    }

    #[test]
    fn a_day_on_which_the_dutch_are_off_is_missed_in_denmark_only() {
        // King's Day of 2026 is a Monday; the Dutch work on Maundy Thursday.
        let (friday, tuesday) = (date(2026, 4, 24), date(2026, 4, 28));
        assert_eq!(gap(friday, tuesday, Days::DutchWorking), Gap::Usual);
        assert_eq!(gap(friday, tuesday, DANISH), Gap::Missing { working_days: 1 });
        let (wednesday, friday) = (date(2026, 4, 1), date(2026, 4, 3));
        assert_eq!(gap(wednesday, friday, DANISH), Gap::Usual);
        let dutch = gap(wednesday, friday, Days::DutchWorking);
        assert_eq!(dutch, Gap::Missing { working_days: 1 });
        let weekend = gap(date(2026, 4, 10), date(2026, 4, 13), Days::All);
        assert_eq!(weekend, Gap::Missing { working_days: 2 });
    }

    #[test]
    fn an_input_that_is_not_later_leaves_no_gap() {
        let day = date(2026, 3, 9);
        assert_eq!(gap(day, day, DANISH), Gap::Usual);
        assert_eq!(gap(day, date(2026, 3, 2), DANISH), Gap::Usual);
    }

    #[test]
    fn today_turns_at_midnight_where_the_employer_is() {
        let instant = "2026-03-04T23:30:00Z".parse().unwrap();
        assert_eq!(today(instant, "Europe/Copenhagen"), Ok(date(2026, 3, 5)));
        assert_eq!(today(instant, "UTC"), Ok(date(2026, 3, 4)));
        assert!(today(instant, "Europe/Fjordby").is_err());
    }

    /// Clocks went forward on 29 March 2026 and back on 25 October: the civil date is what counts.
    #[test]
    fn today_is_right_on_the_days_the_clocks_change() {
        let on = |instant: &str| today(instant.parse().unwrap(), "Europe/Copenhagen").unwrap();
        assert_eq!(on("2026-03-28T22:59:59Z"), date(2026, 3, 28));
        assert_eq!(on("2026-03-28T23:00:00Z"), date(2026, 3, 29));
        assert_eq!(on("2026-03-29T22:00:00Z"), date(2026, 3, 30));
        assert_eq!(on("2026-10-25T22:59:59Z"), date(2026, 10, 25));
    }
}
