use super::Status;
use csv::StringRecord;
use jiff::civil::Date;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use kobling_domain::id::SubjectId;
use kobling_domain::people::NationalNumber;

/// A cell that holds what its column may not. The text itself is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("column {column} holds {problem}")]
pub struct BadCell {
    /// The column, as the header spells it.
    pub column: &'static str,
    /// What is wrong with the value.
    pub problem: &'static str,
}

/// Appends values to a row about to be written.
pub(super) struct Cells<'a> {
    pub(super) record: &'a mut StringRecord,
    pub(super) zone: &'a TimeZone,
}

impl Cells<'_> {
    pub(super) fn text(&mut self, text: Option<&str>) {
        self.record.push_field(text.unwrap_or(""));
    }

    pub(super) fn id(&mut self, id: SubjectId) {
        self.record.push_field(id.0.hyphenated().encode_lower(&mut [0; 36]));
    }

    pub(super) fn optional_id(&mut self, id: Option<SubjectId>) {
        match id {
            Some(id) => self.id(id),
            None => self.text(None),
        }
    }

    pub(super) fn flag(&mut self, flag: Option<bool>) {
        self.text(flag.map(|it| if it { "1" } else { "0" }));
    }

    pub(super) fn date(&mut self, date: Option<Date>) {
        match date {
            Some(date) => self.record.push_field(&date.to_string()),
            None => self.text(None),
        }
    }

    pub(super) fn moment(&mut self, date: Option<Date>) {
        let midnight = date.and_then(|it| it.to_zoned(self.zone.clone()).ok());
        let text = midnight.and_then(|it| strtime::format("%Y-%m-%dT%H:%M:%S%:z", &it).ok());
        match text {
            Some(text) => self.record.push_field(&text),
            // A day so far off that its midnight is no instant is told as a day.
            None => self.date(date),
        }
    }
}

/// The values of a row just read, by the names of their columns. A column that the profile lacks
/// holds nothing.
#[derive(Clone, Copy)]
pub struct Values<'a> {
    pub(super) names: &'a [&'static str],
    pub(super) record: &'a StringRecord,
}

impl Values<'_> {
    pub(super) fn has(&self, column: &str) -> bool {
        self.names.contains(&column)
    }

    pub(super) fn text(&self, column: &str) -> Option<String> {
        self.filled(column).map(str::to_owned)
    }

    pub(super) fn id(&self, column: &'static str) -> Result<SubjectId, BadCell> {
        self.optional_id(column)?.ok_or(BadCell { column, problem: "no id" })
    }

    pub(super) fn optional_id(&self, column: &'static str) -> Result<Option<SubjectId>, BadCell> {
        let parse = |text: &str| text.parse().map(SubjectId);
        let problem = "something other than a uuid";
        self.filled(column).map(parse).transpose().map_err(|_| BadCell { column, problem })
    }

    pub(super) fn national_number(
        &self,
        column: &'static str,
    ) -> Result<Option<NationalNumber>, BadCell> {
        let problem = "something other than a national number";
        self.filled(column)
            .map(NationalNumber::parse)
            .transpose()
            .map_err(|_| BadCell { column, problem })
    }

    pub(super) fn flag(&self, column: &'static str) -> Result<Option<bool>, BadCell> {
        match self.filled(column) {
            None => Ok(None),
            Some("1") => Ok(Some(true)),
            Some("0") => Ok(Some(false)),
            Some(_) => Err(BadCell { column, problem: NO_FLAG }),
        }
    }

    pub(super) fn status(&self, column: &'static str) -> Result<Status, BadCell> {
        let flag = self.flag(column)?.ok_or(BadCell { column, problem: NO_FLAG })?;
        Ok(if flag { Status::Active } else { Status::Inactive })
    }

    /// A day, written alone or as its first moment.
    pub(super) fn date(&self, column: &'static str) -> Result<Option<Date>, BadCell> {
        let problem = "something other than a date (YYYY-MM-DD)";
        self.filled(column).map(str::parse).transpose().map_err(|_| BadCell { column, problem })
    }

    fn filled(&self, column: &str) -> Option<&str> {
        let at = self.names.iter().position(|it| *it == column)?;
        self.record.get(at).filter(|it| !it.is_empty())
    }
}

const NO_FLAG: &str = "something other than 0 or 1";
