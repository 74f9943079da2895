use super::{SourceFormat, SourceText};
use jiff::SignedDuration;
use jiff::civil::Time;
use kobling_domain::time::{Cron, CronError, Days, Expect, FileDay, Timetable};
use serde::{Deserialize, Serialize};

/// Where the days are those on which the Dutch work.
const DUTCH_ZONE: &str = "Europe/Amsterdam";

/// When a source is read by itself, and by when its files should come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimetableText {
    /// How often is looked whether a file has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch_every_s: Option<u32>,
    /// So long a file has looked the same before it is read.
    #[serde(default = "settle_s")]
    pub settle_s: u32,
    /// When is looked besides: minute, hour, day of month, month, day of week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// The days of `cron` and `expect_by`.
    #[serde(default)]
    pub days: Days,
    /// The time of these days by which a file should have come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_by: Option<Time>,
    /// Which day's file that is.
    #[serde(default)]
    pub expect_dated: FileDay,
}

/// Long enough for a pause of a network drive, short enough for a mail within the minute.
fn settle_s() -> u32 {
    20
}

impl TimetableText {
    /// When it says that something is to be done.
    pub fn parse(&self) -> Result<Timetable, CronError> {
        Ok(Timetable {
            watch_every: self.watch_every_s.map(|it| SignedDuration::from_secs(it.into())),
            cron: self.cron.as_deref().map(Cron::parse).transpose()?,
            days: self.days,
            expect: self.expect_by.map(|by| Expect { by, dated: self.expect_dated }),
        })
    }

    /// So long a file has looked the same before it is read.
    pub fn settle(&self) -> SignedDuration {
        SignedDuration::from_secs(self.settle_s.into())
    }
}

impl SourceText {
    /// The days on which a file of it should come: those of its timetable where that names working
    /// days, else those on which people work where the employer is.
    pub fn working_days(&self, time_zone: &str) -> Days {
        match (self.timetable.as_ref().map(|it| it.days), time_zone) {
            (Some(days @ (Days::DanishWorking | Days::DutchWorking)), _) => days,
            (Some(Days::All) | None, DUTCH_ZONE) => Days::DutchWorking,
            (Some(Days::All) | None, _) => Days::DanishWorking,
        }
    }
}

/// What is wrong with when a source is read by itself.
pub(super) fn problems(source: &SourceText) -> Vec<String> {
    let Some(text) = &source.timetable else { return Vec::new() };
    let what = format!("source {}.timetable", source.key);
    let mut problems = Vec::new();
    if source.place().is_none() {
        problems.push(format!(
            "{what}: nothing says where its files arrive; set folder or [source.sftp]"
        ));
    }
    let is_named = source.delimited.as_ref().is_some_and(|it| it.name.is_some());
    if source.format == SourceFormat::Delimited && !is_named {
        problems.push(format!(
            "{what}: files are known by the date in their names; give the pattern as delimited.name"
        ));
    }
    match (text.watch_every_s, &text.cron, text.parse()) {
        (_, _, Err(error)) => problems.push(format!("{what}.cron: {error}")),
        (None, None, Ok(_)) => {
            problems.push(format!("{what}: nothing is ever read; set watch_every_s or cron"));
        }
        (Some(0), _, Ok(_)) => problems.push(format!("{what}.watch_every_s: write 1 or more")),
        (Some(_), _, Ok(_)) | (None, Some(_), Ok(_)) => {}
    }
    problems
}
