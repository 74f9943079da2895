use super::{File, Status};
use csv::StringRecord;
use jiff::civil::Date;
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
pub struct Cells<'a>(pub(super) &'a mut StringRecord);

impl Cells<'_> {
    pub(super) fn text(&mut self, text: Option<&str>) {
        self.0.push_field(text.unwrap_or(""));
    }

    pub(super) fn id(&mut self, id: SubjectId) {
        self.0.push_field(id.0.hyphenated().encode_lower(&mut [0; 36]));
    }

    pub(super) fn optional_id(&mut self, id: Option<SubjectId>) {
        match id {
            Some(id) => self.id(id),
            None => self.text(None),
        }
    }

    pub(super) fn flag(&mut self, flag: bool) {
        self.0.push_field(if flag { "1" } else { "0" });
    }

    pub(super) fn status(&mut self, status: Status) {
        self.flag(status == Status::Active);
    }

    pub(super) fn date(&mut self, date: Option<Date>) {
        match date {
            Some(date) => self.0.push_field(&date.to_string()),
            None => self.text(None),
        }
    }
}

/// The values of a row just read, by column number.
#[derive(Clone, Copy)]
pub struct Values<'a> {
    pub(super) file: File,
    pub(super) record: &'a StringRecord,
}

impl Values<'_> {
    pub(super) fn bad(&self, column: usize, problem: &'static str) -> BadCell {
        let column = self.file.columns().get(column).copied().unwrap_or("");
        BadCell { column, problem }
    }

    pub(super) fn text(&self, column: usize) -> Option<String> {
        self.record.get(column).filter(|it| !it.is_empty()).map(str::to_owned)
    }

    pub(super) fn id(&self, column: usize) -> Result<SubjectId, BadCell> {
        self.optional_id(column)?.ok_or_else(|| self.bad(column, "no id"))
    }

    pub(super) fn optional_id(&self, column: usize) -> Result<Option<SubjectId>, BadCell> {
        let parse = |text: &str| text.parse().map(SubjectId);
        self.filled(column)
            .map(parse)
            .transpose()
            .map_err(|_| self.bad(column, "something other than a uuid"))
    }

    pub(super) fn national_number(&self, column: usize) -> Result<Option<NationalNumber>, BadCell> {
        self.filled(column)
            .map(NationalNumber::parse)
            .transpose()
            .map_err(|_| self.bad(column, "something other than a national number"))
    }

    pub(super) fn flag(&self, column: usize) -> Result<bool, BadCell> {
        match self.filled(column) {
            Some("1") => Ok(true),
            Some("0") => Ok(false),
            Some(_) | None => Err(self.bad(column, "something other than 0 or 1")),
        }
    }

    pub(super) fn status(&self, column: usize) -> Result<Status, BadCell> {
        self.flag(column).map(|it| if it { Status::Active } else { Status::Inactive })
    }

    pub(super) fn date(&self, column: usize) -> Result<Option<Date>, BadCell> {
        self.filled(column)
            .map(str::parse)
            .transpose()
            .map_err(|_| self.bad(column, "something other than a date (YYYY-MM-DD)"))
    }

    fn filled(&self, column: usize) -> Option<&str> {
        self.record.get(column).filter(|it| !it.is_empty())
    }
}
