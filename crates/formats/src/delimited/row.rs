use super::layout::Layout;
use super::text::is_no_end;
use super::{Code, LastDay, MatchBy, Problem};
use jiff::civil::Date;
use jiff::fmt::strtime;
use kobling_domain::exchange::{Existence, Stated};
use kobling_domain::id::RecordNo;
use kobling_domain::people::{Field, FieldType, NationalNumber, NativeKey, State, Value};
use kobling_domain::time::{OPEN_START, Validity};
use std::fmt;

/// A row cut out of a file: the cells of the columns that are read.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Its key.
    pub key: Key,
    /// Where it stands in the file; the first behind the column names is 1.
    pub record_no: RecordNo,
    /// The line on which it begins.
    pub line: u64,
    /// xxh3-128 of its cells. Two rows of one digest say the same.
    pub digest: u128,
    pub(super) cells: Vec<String>,
}

/// A row holds names and national numbers: only where it stands is printed.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {} on line {} …", self.record_no, self.line)
    }
}

/// The key of a row: the text of one column or of several.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub(super) Vec<KeyPart>);

/// The text of one column of a key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyPart {
    /// As it stands there.
    Text(String),
    /// A national number, which must not be kept as it is.
    Number(NationalNumber),
}

impl Key {
    /// The key as the source's own, with `blind` in the place of a national number.
    pub fn native(&self, blind: impl Fn(&NationalNumber) -> String) -> NativeKey {
        let part = |it: &KeyPart| match it {
            KeyPart::Text(text) => text.replace('\\', "\\\\").replace('/', "\\/"),
            KeyPart::Number(number) => blind(number),
        };
        match self.0.as_slice() {
            [KeyPart::Text(only)] => NativeKey::text(only),
            several => NativeKey::text(&several.iter().map(part).collect::<Vec<_>>().join("/")),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("key …")
    }
}

/// What a row states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its subject, days and values.
    pub stated: Stated,
    /// By what its person is found, where the layout says so.
    pub whose: Option<Whose>,
}

/// By what a row's person is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The hub's own id.
    Id(String),
    /// The number of one of the person's employments.
    Employment(NativeKey),
    /// A source's key of the person.
    Person(NativeKey),
}

impl Layout {
    /// What `row`, known under `native`, states. An empty cell says nothing.
    pub fn read(&self, row: &Row, native: NativeKey) -> Result<Statement, Problem> {
        let reading = Reading { layout: self, row };
        let mut state = State::new();
        for (field, column) in &self.fields {
            let text = reading.text(*column);
            if !text.is_empty() {
                reading.put(&mut state, *field, *column, text)?;
            }
        }
        if state.is(Field::PersonAddressProtected) {
            for field in ADDRESS {
                state.remove(field);
            }
        }
        let stated = Stated {
            kind: self.kind,
            native,
            existence: Existence::Period(reading.days()?),
            person: reading.number()?,
            state,
        };
        Ok(Statement { stated, whose: reading.whose()? })
    }

    /// The key of a row with these cells.
    pub(super) fn key(&self, cells: &[String]) -> Result<Key, (Code, String)> {
        let part = |column: &usize| {
            let text = cells.get(*column).map_or("", String::as_str);
            let name = self.column(*column);
            if self.number == Some(*column) {
                let number = NationalNumber::parse(text).map_err(|_| {
                    (Code::KeyUnreadable, format!("{name} is no national number, and is the key"))
                })?;
                return Ok(KeyPart::Number(number));
            }
            match text {
                "" => Err((Code::KeyUnreadable, format!("{name} is empty, and is the key"))),
                text if looks_like_a_number(text) => Err((
                    Code::KeyMayBeNumber,
                    format!(
                        "{name}, the key, looks like a national number; give the column to \
                         person.national_number too, so that it is kept as one"
                    ),
                )),
                text => Ok(KeyPart::Text(text.to_owned())),
            }
        };
        self.key.iter().map(part).collect::<Result<_, _>>().map(Key)
    }

    pub(super) fn column(&self, index: usize) -> &str {
        self.columns.get(index).map_or("", String::as_str)
    }
}

/// What tells where somebody lives.
const ADDRESS: [Field; 5] = [
    Field::PersonAddress,
    Field::PersonAddressSupplement,
    Field::PersonPostalCode,
    Field::PersonCity,
    Field::PersonCountry,
];

struct Reading<'a> {
    layout: &'a Layout,
    row: &'a Row,
}

impl Reading<'_> {
    fn text(&self, column: usize) -> &str {
        self.row.cells.get(column).map_or("", String::as_str)
    }

    fn problem(&self, code: Code, text: String) -> Problem {
        Problem { line: self.row.line, record_no: self.row.record_no, code, text }
    }

    fn put(
        &self,
        state: &mut State,
        field: Field,
        column: usize,
        text: &str,
    ) -> Result<(), Problem> {
        if field == Field::PersonName {
            let (first, last) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
            for (field, part) in
                [(Field::PersonFirstName, first.trim()), (Field::PersonLastName, last)]
            {
                if !part.is_empty() {
                    state.set(field, Value::Text(part.to_owned()));
                }
            }
            return Ok(());
        }
        let name = self.layout.column(column);
        let value = match field.value_type() {
            FieldType::Text | FieldType::Functions => Value::Text(text.to_owned()),
            FieldType::Date => Value::Date(self.date(column, text)?),
            FieldType::Flag => flag(text).map(Value::Flag).ok_or_else(|| {
                self.problem(Code::FlagUnreadable, format!("{name} is neither yes nor no"))
            })?,
            FieldType::Int => number(field, text).map(Value::Int).ok_or_else(|| {
                self.problem(Code::NumberUnreadable, format!("{name} is no number"))
            })?,
        };
        state.set(field, value);
        Ok(())
    }

    fn days(&self) -> Result<Validity, Problem> {
        let day = |column: Option<usize>| {
            let given = column.map(|it| (it, self.text(it))).filter(|(_, text)| !text.is_empty());
            given.map(|(column, text)| self.date(column, text)).transpose()
        };
        let from = day(self.layout.from)?.unwrap_or(OPEN_START);
        let until = day(self.layout.until)?.filter(|it| !is_no_end(*it));
        let days = match self.layout.last_day {
            LastDay::Inclusive => Validity::through(from, until),
            LastDay::Exclusive => Validity::new(from, until),
        };
        days.map_err(|_| {
            let text = "the row's last day lies before its first".to_owned();
            self.problem(Code::EndBeforeStart, text)
        })
    }

    fn date(&self, column: usize, text: &str) -> Result<Date, Problem> {
        let parsed = strtime::parse(&self.layout.date, text).and_then(|it| it.to_date());
        parsed.map_err(|_| {
            let (name, pattern) = (self.layout.column(column), &self.layout.date);
            self.problem(Code::DateUnreadable, format!("{name} is no date like {pattern}"))
        })
    }

    fn number(&self) -> Result<Option<NationalNumber>, Problem> {
        let Some(column) = self.layout.number else { return Ok(None) };
        match self.text(column) {
            // As many zeros stand where the number is not known.
            text if text.chars().all(|it| matches!(it, '0' | '-')) => Ok(None),
            text => NationalNumber::parse(text).map(Some).map_err(|_| {
                let text = format!("{} is no national number", self.layout.column(column));
                self.problem(Code::NationalNumberUnreadable, text)
            }),
        }
    }

    fn whose(&self) -> Result<Option<Whose>, Problem> {
        let Some((column, by)) = self.layout.whose else { return Ok(None) };
        let text = self.text(column);
        if text.is_empty() {
            let text =
                format!("{} is empty: nobody knows whose row it is", self.layout.column(column));
            return Err(self.problem(Code::MatchUnreadable, text));
        }
        Ok(Some(match by {
            MatchBy::Id => Whose::Id(text.to_owned()),
            MatchBy::Employment => Whose::Employment(NativeKey::text(text)),
            MatchBy::Person => Whose::Person(NativeKey::text(text)),
        }))
    }
}

fn flag(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "1" | "yes" | "y" | "ja" | "j" | "sand" | "x" => Some(true),
        "false" | "0" | "no" | "n" | "nej" | "nee" | "falsk" => Some(false),
        _ => None,
    }
}

/// A whole number; of hours thousandths, with point or comma.
fn number(field: Field, text: &str) -> Option<i64> {
    const HOURS: [Field; 2] = [Field::EmploymentHoursNumerator, Field::EmploymentHoursDenominator];
    if !HOURS.contains(&field) {
        return text.parse().ok();
    }
    let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    let fits = !whole.is_empty() && whole.len() <= 9 && decimals.len() <= 3;
    if !(fits && digits(whole) && digits(decimals)) {
        return None;
    }
    format!("{whole}{decimals:0<3}").parse().ok()
}

/// Whether a text is ten digits that begin as a date, with or without a hyphen: days from 61 on are
/// those of made-up numbers.
fn looks_like_a_number(text: &str) -> bool {
    let Ok(number) = NationalNumber::parse(text) else { return false };
    let part = |from, until| number.digits().get(from..until).and_then(|it| it.parse::<u8>().ok());
    let is_day = part(0, 2).is_some_and(|it| matches!(it, 1..=31 | 61..=91));
    let is_month = part(2, 4).is_some_and(|it| matches!(it, 1..=12));
    number.digits().len() == 10 && is_day && is_month
}
