//! When something is done by itself: by the clock where the employer is, on the days they work.

use super::calendar::{is_danish_working_day, is_dutch_working_day};
use cronexpr::{Crontab, MakeTimestamp};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// No clock is put forward by more. A time that one skips is looked for so far back.
const SKIPPED_MAX: SignedDuration = SignedDuration::from_hours(3);
/// Times looked at before there is said to be none.
const LOOKS_MAX: u32 = 2_000;
/// No holidays last longer.
const DAYS_OFF_MAX: usize = 31;

/// On which days something happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Days {
    /// On all.
    #[default]
    All,
    /// When Danes work.
    DanishWorking,
    /// When public employees in the Netherlands work.
    DutchWorking,
}

impl Days {
    /// Whether `day` is one of them.
    pub fn have(self, day: Date) -> bool {
        match self {
            Self::All => true,
            Self::DanishWorking => is_danish_working_day(day),
            Self::DutchWorking => is_dutch_working_day(day),
        }
    }

    /// The last of them before `day`.
    fn before(self, day: Date) -> Option<Date> {
        let mut earlier = day.series(-1.day()).skip(1).take(DAYS_OFF_MAX);
        earlier.find(|it| self.have(*it))
    }
}

/// A text that is no times of a crontab.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// It is not understood.
    #[error(
        "{text:?} is not understood; write minute, hour, day of month, month and day of week, such \
         as \"30 5 * * MON-FRI\""
    )]
    Text {
        /// The text as given.
        text: String,
    },
    /// There is no such time.
    #[error("{text:?} never comes; write a day that there is")]
    Never {
        /// The text as given.
        text: String,
    },
}

/// Times by the five fields of a crontab.
///
/// They are times of the clock on the wall. One that the clock skips in spring comes as much later
/// as it skips; one that the clock shows twice in autumn comes the first time only.
#[derive(Clone, Debug)]
pub struct Cron(Crontab);

impl Cron {
    /// Reads minute, hour, day of month, month and day of week.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        // Times on the wall are counted as if there were no zone; where one is comes in later.
        let tab = cronexpr::parse_crontab(&format!("{text} UTC"));
        let tab = tab.map_err(|_| CronError::Text { text: text.to_owned() })?;
        let it = Self(tab);
        match it.on_the_wall(DateTime::constant(2026, 1, 1, 0, 0, 0, 0)) {
            Some(_) => Ok(it),
            None => Err(CronError::Never { text: text.to_owned() }),
        }
    }

    /// The first of these times after `now`, on one of `days`, where the clock is that of `zone`.
    pub fn next(&self, now: Timestamp, zone: &TimeZone, days: Days) -> Option<Timestamp> {
        let mut wall = zone.to_datetime(now.checked_sub(SKIPPED_MAX).ok()?);
        for _ in 0..LOOKS_MAX {
            wall = self.on_the_wall(wall)?;
            if !days.have(wall.date()) {
                wall = wall.date().at(23, 59, 59, 0);
                continue;
            }
            let at = instant(wall, zone)?;
            if at > now {
                return Some(at);
            }
        }
        None
    }

    fn on_the_wall(&self, after: DateTime) -> Option<DateTime> {
        let after = after.to_zoned(TimeZone::UTC).ok()?.timestamp();
        Some(self.0.find_next(MakeTimestamp(after)).ok()?.datetime())
    }
}

/// When a clock shows a time: the first time if twice, as much later if it skips it.
fn instant(wall: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    Some(zone.to_ambiguous_zoned(wall).compatible().ok()?.timestamp())
}

/// Which day's file should have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileDay {
    /// That of the last of the days before.
    #[default]
    DayBefore,
    /// That of the same day.
    SameDay,
}

/// By when on each of the days a file should have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expect {
    /// The time of the day.
    pub by: Time,
    /// Which day's.
    pub dated: FileDay,
}

/// A file that should have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// By then.
    pub at: Timestamp,
    /// With this date, or a later one.
    pub day: Date,
}

impl Expect {
    /// What should have come by `now` at the latest; none if nothing yet.
    pub fn due(&self, now: Timestamp, zone: &TimeZone, days: Days) -> Option<Due> {
        let today = zone.to_datetime(now).date();
        let mut past = today.series(-1.day()).take(DAYS_OFF_MAX);
        past.find_map(|day| self.on(day, zone, days).filter(|it| it.at <= now))
    }

    /// By when the next file should come.
    pub fn next(&self, now: Timestamp, zone: &TimeZone, days: Days) -> Option<Timestamp> {
        let today = zone.to_datetime(now).date();
        let mut coming = today.series(1.day()).take(DAYS_OFF_MAX);
        coming.find_map(|day| self.on(day, zone, days).map(|it| it.at).filter(|it| *it > now))
    }

    fn on(&self, day: Date, zone: &TimeZone, days: Days) -> Option<Due> {
        if !days.have(day) {
            return None;
        }
        let at = instant(day.to_datetime(self.by), zone)?;
        let day = match self.dated {
            FileDay::SameDay => day,
            FileDay::DayBefore => days.before(day)?,
        };
        Some(Due { at, day })
    }
}

/// When a source is read by itself.
#[derive(Clone, Debug)]
pub struct Timetable {
    /// How often is looked whether something has come.
    pub watch_every: Option<SignedDuration>,
    /// When is looked besides.
    pub cron: Option<Cron>,
    /// On which days, but for watching.
    pub days: Days,
    /// What should have come by when.
    pub expect: Option<Expect>,
}

impl Timetable {
    /// When there is something to do after `now`.
    pub fn next(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let watch = self.watch_every.and_then(|it| now.checked_add(it).ok());
        let cron = self.cron.as_ref().and_then(|it| it.next(now, zone, self.days));
        let expect = self.expect.and_then(|it| it.next(now, zone, self.days));
        [watch, cron, expect].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn copenhagen() -> TimeZone {
        TimeZone::get("Europe/Copenhagen").unwrap()
    }

    /// The next three times after an instant, as the wall shows them and with the zone's offset.
    fn next(text: &str, days: Days, after: &str) -> [String; 3] {
        let (cron, zone) = (Cron::parse(text).unwrap(), copenhagen());
        let mut now: Timestamp = after.parse().unwrap();
        std::array::from_fn(|_| {
            now = cron.next(now, &zone, days).unwrap();
            now.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %:z").to_string()
        })
    }

    #[test]
    fn a_time_on_the_wall_stays_the_same_in_summer_and_winter() {
        assert_eq!(
            next("30 5 * * *", Days::All, "2026-03-27T12:00:00Z"),
            ["2026-03-28 05:30 +01:00", "2026-03-29 05:30 +02:00", "2026-03-30 05:30 +02:00"]
        );
    }

    #[test]
    fn a_time_that_the_clock_skips_comes_once_and_later() {
        let expected =
            ["2026-03-29 03:30 +02:00", "2026-03-30 02:30 +02:00", "2026-03-31 02:30 +02:00"];
        assert_eq!(next("30 2 * * *", Days::All, "2026-03-28T12:00:00Z"), expected);
        // Asked between the skip and the moment, which is neither lost nor told twice.
        assert_eq!(next("30 2 * * *", Days::All, "2026-03-29T01:10:00Z"), expected);
        assert_eq!(next("30 2 * * *", Days::All, "2026-03-29T01:30:00Z")[0], expected[1]);
        let both = next("30 2,3 * * *", Days::All, "2026-03-28T12:00:00Z");
        assert_eq!(both[0], expected[0]);
        assert_eq!(both[1], expected[1]);
    }

    #[test]
    fn a_time_that_the_clock_shows_twice_comes_once() {
        let expected =
            ["2026-10-25 02:30 +02:00", "2026-10-26 02:30 +01:00", "2026-10-27 02:30 +01:00"];
        assert_eq!(next("30 2 * * *", Days::All, "2026-10-24T12:00:00Z"), expected);
        assert_eq!(next("30 2 * * *", Days::All, "2026-10-25T00:45:00Z")[0], expected[1]);
        assert_eq!(next("30 2 * * *", Days::All, "2026-10-25T01:10:00Z")[0], expected[1]);
    }

    #[test]
    fn on_days_off_nothing_comes() {
        assert_eq!(
            next("0 6 * * *", Days::DanishWorking, "2026-04-01T12:00:00Z"),
            ["2026-04-07 06:00 +02:00", "2026-04-08 06:00 +02:00", "2026-04-09 06:00 +02:00"]
        );
        let kings_day = next("0 6 * * *", Days::DutchWorking, "2026-04-24T12:00:00Z");
        assert_eq!(kings_day[0], "2026-04-28 06:00 +02:00");
    }

    #[test]
    fn what_is_no_time_or_never_comes_is_refused() {
        for text in ["", "5", "61 * * * *", "0 5 * * * Europe/Paris", "0 5 * * BLA"] {
            assert!(matches!(Cron::parse(text), Err(CronError::Text { .. })), "{text}");
        }
        assert!(matches!(Cron::parse("0 5 30 2 *"), Err(CronError::Never { .. })));
    }

    #[test]
    fn on_monday_morning_fridays_file_should_have_come() {
        let by = Time::constant(7, 0, 0, 0);
        let expect = Expect { by, dated: FileDay::DayBefore };
        let due = |now: &str| {
            expect.due(now.parse().unwrap(), &copenhagen(), Days::DanishWorking).unwrap()
        };
        // 9 March 2026 is a Monday; seven o'clock there is six in UTC.
        assert_eq!(due("2026-03-09T05:59:59Z").day, date(2026, 3, 5));
        assert_eq!(due("2026-03-09T06:00:00Z").day, date(2026, 3, 6));
        assert_eq!(due("2026-03-08T12:00:00Z").day, date(2026, 3, 5));
        let next = |now: &str| {
            expect.next(now.parse().unwrap(), &copenhagen(), Days::DanishWorking).unwrap()
        };
        assert_eq!(next("2026-03-06T06:00:00Z").to_string(), "2026-03-09T06:00:00Z");
        let same = Expect { by, dated: FileDay::SameDay };
        let now = "2026-03-09T06:00:00Z".parse().unwrap();
        assert_eq!(same.due(now, &copenhagen(), Days::All).unwrap().day, date(2026, 3, 9));
    }

    #[test]
    fn the_earliest_of_all_reasons_is_next() {
        let mut table = Timetable {
            watch_every: Some(SignedDuration::from_secs(10)),
            cron: Some(Cron::parse("0 6 * * *").unwrap()),
            days: Days::All,
            expect: Some(Expect { by: Time::constant(5, 0, 0, 0), dated: FileDay::SameDay }),
        };
        let now: Timestamp = "2026-03-09T12:00:00Z".parse().unwrap();
        let next = |it: &Timetable| it.next(now, &copenhagen()).map(|it| it.to_string());
        assert_eq!(next(&table).unwrap(), "2026-03-09T12:00:10Z");
        table.watch_every = None;
        assert_eq!(next(&table).unwrap(), "2026-03-10T04:00:00Z");
        table.expect = None;
        assert_eq!(next(&table).unwrap(), "2026-03-10T05:00:00Z");
        table.cron = None;
        assert_eq!(next(&table), None);
    }
}
