use super::{Encoding, LastDay, LayoutText, MatchBy};
use jiff::civil::date;
use kobling_domain::people::{Field, FieldType, Kind};
use std::collections::BTreeMap;

/// How a delimited file is read. Made only from a [`LayoutText`], which says what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub(super) kind: Kind,
    pub(super) delimiter: u8,
    pub(super) quote: u8,
    pub(super) encoding: Encoding,
    pub(super) date: String,
    pub(super) last_day: LastDay,
    pub(super) end: End,
    pub(super) name: Option<String>,
    /// Every column that is read, once.
    pub(super) columns: Vec<String>,
    /// Those of the key.
    pub(super) key: Vec<usize>,
    pub(super) from: Option<usize>,
    pub(super) until: Option<usize>,
    /// The column by which a person is found, and what it holds.
    pub(super) whose: Option<(usize, MatchBy)>,
    /// The column of the national number.
    pub(super) number: Option<usize>,
    pub(super) fields: Vec<(Field, usize)>,
}

/// What proves that a file is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Nothing does.
    Undeclared,
    /// A last row that begins so.
    Trailer(String),
    /// The same, and it tells the number of rows.
    Count(String),
}

/// Why a layout cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// Nothing of that kind can be read from such a file.
    #[error("kind: a row cannot be about a {kind}; {known} can be read")]
    Kind {
        /// The kind.
        kind: Kind,
        /// Those that can.
        known: String,
    },
    /// No column is the key.
    #[error("key: name the column by which the source knows a row again")]
    NoKey,
    /// A sign that cannot stand between or around cells.
    #[error(
        "{entry}: {sign:?} cannot be used; give one sign of ASCII that is no letter, digit or line end"
    )]
    Sign {
        /// Which sign.
        entry: &'static str,
        /// The sign.
        sign: char,
    },
    /// A name that is no field.
    #[error("fields: {name:?} is not a field; docs/fields.md lists them all")]
    UnknownField {
        /// The name as given.
        name: String,
    },
    /// A field that rows of this kind do not describe, or that is derived.
    #[error("fields: {field} cannot be filled by rows about a {kind}{}", .remedy)]
    NotOfKind {
        /// The field.
        field: Field,
        /// What rows are about.
        kind: Kind,
        /// What to do instead.
        remedy: &'static str,
    },
    /// The whole name and a part of it.
    #[error(
        "fields: give person.name, which is parted at the last blank, or first_name and last_name"
    )]
    NameTwice,
    /// The pattern of dates is none.
    #[error("{entry}: {pattern:?} does not tell a date; write one such as %d-%m-%Y")]
    Date {
        /// Which pattern.
        entry: &'static str,
        /// The pattern as given.
        pattern: String,
    },
    /// Two things that cannot both end a file.
    #[error(
        "trailer and count: give one of them; count is a trailer that tells the number of rows"
    )]
    EndTwice,
    /// A row is not said to be anybody's.
    #[error(
        "a row about a {kind} needs its person: name the column of person.national_number under \
         fields, or of another id under match_on"
    )]
    Nobodys {
        /// What rows are about.
        kind: Kind,
    },
    /// A person is looked for where there is none.
    #[error("match_on: {why}")]
    Match {
        /// What is wrong.
        why: &'static str,
    },
    /// An entry is empty.
    #[error("{entry} is empty; give the name of a column, or leave it out")]
    Empty {
        /// The entry.
        entry: String,
    },
}

/// The kinds a row can be about.
const KINDS: [Kind; 6] = [
    Kind::Unit,
    Kind::Person,
    Kind::Employment,
    Kind::Activity,
    Kind::Qualification,
    Kind::Absence,
];

impl Layout {
    /// Checks `text`.
    pub fn parse(text: &LayoutText) -> Result<Self, LayoutError> {
        if !KINDS.contains(&text.kind) {
            let known = KINDS.map(Kind::name).join(", ");
            return Err(LayoutError::Kind { kind: text.kind, known });
        }
        check_date("date", &text.date)?;
        if let Some(name) = &text.name {
            check_date("name", name)?;
        }
        let mut columns = Columns::default();
        let key: Vec<usize> = columns.all("key", text.key.columns())?;
        if key.is_empty() {
            return Err(LayoutError::NoKey);
        }
        let (from, until) = (
            columns.maybe("from", text.from.as_ref())?,
            columns.maybe("until", text.until.as_ref())?,
        );
        let fields = fields(text, &mut columns)?;
        let number = fields.get(&Field::PersonNationalNumber).copied();
        let whose = whose(text, &mut columns)?;
        if text.kind.is_somebodys() && number.is_none() && whose.is_none() {
            return Err(LayoutError::Nobodys { kind: text.kind });
        }
        Ok(Self {
            kind: text.kind,
            delimiter: sign("delimiter", text.delimiter)?,
            quote: sign("quote", text.quote)?,
            encoding: text.encoding,
            date: text.date.clone(),
            last_day: text.last_day,
            end: end(text)?,
            name: text.name.clone(),
            columns: columns.0,
            key,
            from,
            until,
            whose,
            number,
            fields: fields.into_iter().filter(|it| it.0 != Field::PersonNationalNumber).collect(),
        })
    }

    /// What a row is about.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Every column that is read.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How its files are named, with the date in it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether a file proves that it is whole, and so speaks about what it does not mention.
    pub fn declares_its_end(&self) -> bool {
        self.end != End::Undeclared
    }
}

/// Columns that are read, each once.
#[derive(Default)]
struct Columns(Vec<String>);

impl Columns {
    fn place(&mut self, entry: &str, column: &str) -> Result<usize, LayoutError> {
        let column = column.trim();
        if column.is_empty() {
            return Err(LayoutError::Empty { entry: entry.to_owned() });
        }
        if let Some(at) = self.0.iter().position(|it| it == column) {
            return Ok(at);
        }
        self.0.push(column.to_owned());
        Ok(self.0.len() - 1)
    }

    fn all(&mut self, entry: &str, columns: &[String]) -> Result<Vec<usize>, LayoutError> {
        columns.iter().map(|it| self.place(entry, it)).collect()
    }

    fn maybe(
        &mut self,
        entry: &str,
        column: Option<&String>,
    ) -> Result<Option<usize>, LayoutError> {
        column.map(|it| self.place(entry, it)).transpose()
    }
}

fn fields(text: &LayoutText, columns: &mut Columns) -> Result<BTreeMap<Field, usize>, LayoutError> {
    let mut fields = BTreeMap::new();
    for (name, column) in &text.fields {
        let unknown = |_| LayoutError::UnknownField { name: name.clone() };
        let field: Field = name.parse().map_err(unknown)?;
        if let Some(remedy) = obstacle(text.kind, field) {
            return Err(LayoutError::NotOfKind { field, kind: text.kind, remedy });
        }
        fields.insert(field, columns.place(name, column)?);
    }
    let parts = [Field::PersonFirstName, Field::PersonLastName];
    if fields.contains_key(&Field::PersonName) && parts.iter().any(|it| fields.contains_key(it)) {
        return Err(LayoutError::NameTwice);
    }
    Ok(fields)
}

/// Why rows about a `kind` cannot fill `field`, if they cannot.
fn obstacle(kind: Kind, field: Field) -> Option<&'static str> {
    const KEYS: [Field; 2] = [Field::UnitNumber, Field::EmploymentNumber];
    const DAYS: [Field; 6] = [
        Field::EmploymentEntryDate,
        Field::EmploymentLeaveDate,
        Field::QualificationObtained,
        Field::QualificationValidUntil,
        Field::AbsenceFirstDay,
        Field::AbsenceLastDay,
    ];
    let describes = (kind.is_somebodys() && field == Field::PersonNationalNumber)
        || field.kind() == kind
        || (kind == Kind::Employment && field.kind() == Kind::Person);
    if KEYS.contains(&field) {
        Some(": it is the key")
    } else if DAYS.contains(&field) {
        Some(": it is told by the columns from and until")
    } else if field == Field::EmploymentPrimary {
        Some(": the ranking tells it")
    } else if field.value_type() == FieldType::Functions {
        Some(": it is a list")
    } else {
        (!describes).then_some("")
    }
}

fn whose(
    text: &LayoutText,
    columns: &mut Columns,
) -> Result<Option<(usize, MatchBy)>, LayoutError> {
    let Some(it) = &text.match_on else { return Ok(None) };
    if text.kind == Kind::Unit {
        return Err(LayoutError::Match { why: "a unit is nobody's" });
    }
    match (it.by, &it.source) {
        (MatchBy::Id, Some(_)) => {
            return Err(LayoutError::Match { why: "the hub's own id is of no source" });
        }
        (MatchBy::Employment | MatchBy::Person, None) => {
            return Err(LayoutError::Match { why: "say which source issued the number" });
        }
        (MatchBy::Id, None) | (MatchBy::Employment | MatchBy::Person, Some(_)) => {}
    }
    Ok(Some((columns.place("match_on.column", &it.column)?, it.by)))
}

fn end(text: &LayoutText) -> Result<End, LayoutError> {
    let said = |entry: &str, it: &String| match it.trim() {
        "" => Err(LayoutError::Empty { entry: entry.to_owned() }),
        it => Ok(it.to_owned()),
    };
    match (&text.trailer, &text.count) {
        (None, None) => Ok(End::Undeclared),
        (Some(it), None) => Ok(End::Trailer(said("trailer", it)?)),
        (None, Some(it)) => Ok(End::Count(said("count", it)?)),
        (Some(_), Some(_)) => Err(LayoutError::EndTwice),
    }
}

fn sign(entry: &'static str, sign: char) -> Result<u8, LayoutError> {
    let refused = LayoutError::Sign { entry, sign };
    let byte = u8::try_from(sign).map_err(|_| refused.clone())?;
    let fits = byte.is_ascii_punctuation() || matches!(byte, b'\t' | b' ');
    if fits { Ok(byte) } else { Err(refused) }
}

/// A pattern must tell a whole date of what it writes.
fn check_date(entry: &'static str, pattern: &str) -> Result<(), LayoutError> {
    use jiff::fmt::strtime;
    let day = date(2026, 3, 5);
    let written = strtime::format(pattern, day.at(22, 40, 13, 0));
    let read = written.and_then(|it| strtime::parse(pattern, it)).and_then(|it| it.to_date());
    match read {
        Ok(read) if read == day => Ok(()),
        Ok(_) | Err(_) => Err(LayoutError::Date { entry, pattern: pattern.to_owned() }),
    }
}
