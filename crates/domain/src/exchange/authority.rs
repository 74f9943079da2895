use crate::id::SourceNo;
use crate::people::{Field, FieldName, Kind};
use crate::time::Validity;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a line of the authority table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Everything.
    All,
    /// All fields of one kind of subject.
    Kind(Kind),
    /// One field, and those that are answered together with it (see [`Field::answered_with`]).
    Field(Field),
}

impl Topic {
    fn covers(self, name: &FieldName) -> bool {
        match (self, name) {
            (Self::All, _) => true,
            (Self::Kind(kind), FieldName::Known(field)) => field.kind() == kind,
            (Self::Field(of), FieldName::Known(field)) => {
                of.answered_with() == field.answered_with()
            }
            (Self::Kind(_) | Self::Field(_), FieldName::Extra(_)) => false,
        }
    }
}

/// One line of the authority table: on these days, this source is asked about this topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is asked about.
    pub topic: Topic,
    /// Who is asked.
    pub source: SourceNo,
    /// On which days.
    pub validity: Validity,
}

/// Which source answers for which field on which day.
///
/// The lines that cover a field on a day are asked in their order, then every other source in the
/// order of the sources. A source that says nothing of a field leaves the answer to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    sources: Vec<SourceNo>,
    lines: Vec<Line>,
}

impl Authority {
    /// The table with these lines over these sources, both in order of precedence.
    pub fn new(sources: Vec<SourceNo>, lines: Vec<Line>) -> Self {
        Self { sources, lines }
    }

    /// The place of `source` among those asked about `name` on `day`; the lowest is asked first.
    /// Sources that stand nowhere come last, in order of their numbers.
    pub fn place(&self, name: &FieldName, source: SourceNo, day: Date) -> Place {
        let line = self.lines.iter().position(|it| {
            it.source == source && it.validity.contains(day) && it.topic.covers(name)
        });
        let listed = self.sources.iter().position(|it| *it == source);
        Place(line.unwrap_or(usize::MAX), listed.unwrap_or(usize::MAX), source)
    }

    /// Whether a line asks `source` about `name` on `day`.
    pub fn decides(&self, name: &FieldName, source: SourceNo, day: Date) -> bool {
        let asks =
            |it: &Line| it.source == source && it.validity.contains(day) && it.topic.covers(name);
        self.lines.iter().any(asks)
    }

    /// The days on which a line begins or ends.
    pub(crate) fn turns(&self) -> impl Iterator<Item = Date> + '_ {
        self.lines.iter().flat_map(|it| [Some(it.validity.from()), it.validity.until()]).flatten()
    }
}

/// Where a source stands among those asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(usize, usize, SourceNo);

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const PAYROLL: SourceNo = SourceNo(1);
    const DIRECTORY: SourceNo = SourceNo(2);

    #[test]
    fn a_line_lifts_its_source_for_its_field_on_its_days_only() {
        let from_march = Validity::starting(date(2026, 3, 1));
        let email = Line {
            topic: Topic::Field(Field::PersonEmail),
            source: DIRECTORY,
            validity: from_march,
        };
        let table = Authority::new(vec![PAYROLL, DIRECTORY], vec![email]);
        let first = |field, day| {
            [PAYROLL, DIRECTORY]
                .into_iter()
                .min_by_key(|it| table.place(&FieldName::Known(field), *it, day))
        };
        assert_eq!(first(Field::PersonEmail, date(2026, 3, 1)), Some(DIRECTORY));
        assert_eq!(first(Field::PersonEmail, date(2026, 2, 28)), Some(PAYROLL));
        assert_eq!(first(Field::PersonMobile, date(2026, 3, 1)), Some(PAYROLL));
    }
}
