//! From a record to what it states.

mod extra;

use super::{
    Code, FunctionElement, FunctionPlace, Meaning, RawRecord, Record, RecordKind, RecordProblem,
};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use kobling_domain::exchange::{Existence, Stated};
use kobling_domain::people::{Field, FieldType, NationalNumber, RoleFunction, State, Value};
use kobling_domain::time::{OPEN_START, Validity};

/// What `leaveDate` is at this source. KMD's own definition is not public; every reader takes it
/// for the last day, though SAP dates leaving on the first day off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveDate {
    /// The last day of the employment.
    #[default]
    LastDay,
    /// The first day without it.
    FirstDayOff,
}

/// How the records of a source are to be understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What `leaveDate` is.
    pub leave_date: LeaveDate,
}

/// What a record states, and what is worth knowing about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What it states.
    pub stated: Stated,
    /// Notes; none of them sets the record aside.
    pub notes: Vec<RecordProblem>,
}

/// Opus's first day of what has always been.
pub(super) const ALWAYS: Date = date(1900, 1, 1);
/// Opus's last day of what has no end. Any day of that year is taken for it.
pub(super) const NO_END: Date = date(9999, 12, 31);
/// Digits of a Danish national number (CPR).
const CPR_DIGITS: usize = 10;
/// What the position or contract of an annulled employment is called.
const ANNULLED: &str = "annulleret";
/// Hours of full time, in thousandths.
const FULL_TIME: i64 = 37_000;
/// The most hours that can be hours of a week, in thousandths.
const HOURS_MAX: i64 = 99_000;
/// A hundred per cent, in thousandths.
const WHOLE: i64 = 100_000;

/// What `record`, parsed from `raw`, states.
///
/// Ends become exclusive; 1900-01-01 becomes the open start and the year 9999 no end; texts that
/// stand for none are left out, and so is all address text where the address is protected.
///
/// # Errors
///
/// A value that cannot be read sets the record aside.
pub fn read_record(
    raw: &RawRecord<'_>,
    record: Record,
    options: &Options,
) -> Result<Reading, RecordProblem> {
    let mut reading = Understanding::new(raw, options);
    let stated = reading.stated(record)?;
    Ok(Reading { stated, notes: reading.notes })
}

/// Whether a record's address is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protection {
    Protected,
    Open,
    Unsaid,
}

impl Protection {
    /// In three encodings: the attribute, a prefix `*B*`, and any `**` in the address. An
    /// attribute that is neither true nor false protects too: showing an address wrongly does
    /// more harm than hiding it wrongly.
    fn of(record: &Record) -> Self {
        let attribute = record.text_of(Meaning::Protection).map(flag);
        let texts = || {
            let is_address = |it: Meaning| matches!(it, Meaning::Address(_));
            record.places().filter(move |(it, _)| is_address(it.meaning)).filter_map(|it| it.1)
        };
        let marked = |text: &str| text.starts_with("*B*") || text.contains("**");
        if matches!(attribute, Some(Some(true) | None)) || texts().any(marked) {
            Self::Protected
        } else if attribute.is_some() || texts().next().is_some() {
            Self::Open
        } else {
            Self::Unsaid
        }
    }
}

/// The reading of one record: where it stands, and the notes so far.
struct Understanding<'a> {
    raw: &'a RawRecord<'a>,
    options: &'a Options,
    notes: Vec<RecordProblem>,
}

impl<'a> Understanding<'a> {
    fn new(raw: &'a RawRecord<'a>, options: &'a Options) -> Self {
        Self { raw, options, notes: Vec::new() }
    }

    fn problem(&self, code: Code, text: String) -> RecordProblem {
        self.raw.problem(code, text)
    }

    fn note(&mut self, code: Code, text: String) {
        self.notes.push(self.problem(code, text));
    }

    fn stated(&mut self, record: Record) -> Result<Stated, RecordProblem> {
        let kind = record.kind.subject();
        let native = record.native();
        if self.is_stub(&record)? {
            let existence = Existence::Ended;
            return Ok(Stated { kind, native, existence, person: None, state: State::new() });
        }
        let existence = self.existence(&record)?;
        let person = self.person(&record)?;
        let state = match existence {
            Existence::Period(_) => self.state(record)?,
            Existence::Never | Existence::Ended => State::new(),
        };
        Ok(Stated { kind, native, existence, person, state })
    }

    fn is_stub(&self, record: &Record) -> Result<bool, RecordProblem> {
        match (record.kind, record.action.as_deref()) {
            (_, None) => Ok(false),
            (RecordKind::Employee, Some("leave")) => Ok(true),
            (RecordKind::Unit | RecordKind::Employee, Some(_)) => {
                let text = "only an employee may have an action, and only \"leave\"".to_owned();
                Err(self.problem(Code::ActionUnknown, text))
            }
        }
    }

    fn existence(&mut self, record: &Record) -> Result<Existence, RecordProblem> {
        let first_day = self.day(record, Meaning::FirstDay)?;
        let end = self.day(record, Meaning::End)?.filter(|it| it.year() < NO_END.year());
        if is_annulled(record) {
            self.note(Code::Annulled, "the employment is annulled: it never was".to_owned());
            return Ok(Existence::Never);
        }
        let from = match (record.kind, first_day) {
            (RecordKind::Employee, None) => {
                let text = "no entryDate: nobody is employed by this record".to_owned();
                self.note(Code::EntryDateMissing, text);
                return Ok(Existence::Never);
            }
            (RecordKind::Unit, None) => OPEN_START,
            (RecordKind::Unit | RecordKind::Employee, Some(day)) => hub_start(day),
        };
        let days = match (record.kind, self.options.leave_date) {
            (RecordKind::Employee, LeaveDate::FirstDayOff) => Validity::new(from, end),
            (RecordKind::Unit, _) | (RecordKind::Employee, LeaveDate::LastDay) => {
                Validity::through(from, end)
            }
        };
        Ok(days.map_or_else(
            |_| {
                let text = "it ends before it starts: it never is".to_owned();
                self.note(Code::EndBeforeStart, text);
                Existence::Never
            },
            Existence::Period,
        ))
    }

    fn day(&self, record: &Record, meaning: Meaning) -> Result<Option<Date>, RecordProblem> {
        let Some((element, text)) = record.places().find(|(it, _)| it.meaning == meaning) else {
            return Ok(None);
        };
        text.map(|text| self.date(element.name, text)).transpose()
    }

    fn person(&self, record: &Record) -> Result<Option<NationalNumber>, RecordProblem> {
        let written = record.text_of(Meaning::NationalNumber);
        let Some(text) = written.filter(|it| it.bytes().any(|it| it != b'0')) else {
            return Ok(None);
        };
        match NationalNumber::parse(text) {
            Ok(number) if number.digits().len() == CPR_DIGITS => Ok(Some(number)),
            Ok(_) | Err(_) => {
                let text = format!("cpr is not {CPR_DIGITS} digits");
                Err(self.problem(Code::NationalNumberUnreadable, text))
            }
        }
    }

    fn state(&mut self, mut record: Record) -> Result<State, RecordProblem> {
        let mut state = State::new();
        let protection = Protection::of(&record);
        match protection {
            Protection::Protected => state.set(Field::PersonAddressProtected, Value::Flag(true)),
            Protection::Open => state.set(Field::PersonAddressProtected, Value::Flag(false)),
            Protection::Unsaid => {}
        }
        for (element, text) in record.take_places() {
            match element.meaning {
                Meaning::FirstDay
                | Meaning::End
                | Meaning::NationalNumber
                | Meaning::Protection => {}
                Meaning::Address(_) if protection == Protection::Protected => {}
                Meaning::PlainUnless(_, none) if text == none => {}
                Meaning::Hours(field) => {
                    state.set(field, Value::Int(self.thousandths(element.name, &text)?));
                }
                Meaning::Address(field)
                | Meaning::Plain(field)
                | Meaning::PlainUnless(field, _) => {
                    state.set(field, self.value(element.name, field.value_type(), text)?);
                }
            }
        }
        self.correct_hours(&mut state);
        let functions = self.functions(&record.functions)?;
        if !functions.is_empty() {
            state.set(Field::EmploymentFunctions, Value::Functions(functions));
        }
        self.extras(record, protection, &mut state);
        Ok(state)
    }

    fn value(
        &self,
        element: &str,
        value_type: FieldType,
        text: String,
    ) -> Result<Value, RecordProblem> {
        match value_type {
            FieldType::Text | FieldType::Functions => Ok(Value::Text(text)),
            FieldType::Int => self.int(element, &text).map(Value::Int),
            FieldType::Date => self.date(element, &text).map(Value::Date),
            FieldType::Flag => flag(&text).map(Value::Flag).ok_or_else(|| {
                self.problem(Code::FlagUnreadable, format!("{element} is neither true nor false"))
            }),
        }
    }

    fn date(&self, element: &str, text: &str) -> Result<Date, RecordProblem> {
        text.parse()
            .map_err(|_| self.problem(Code::DateUnreadable, format!("{element} is no date")))
    }

    fn int(&self, element: &str, text: &str) -> Result<i64, RecordProblem> {
        text.parse()
            .map_err(|_| self.problem(Code::NumberUnreadable, format!("{element} is no number")))
    }

    fn thousandths(&self, element: &str, text: &str) -> Result<i64, RecordProblem> {
        thousandths(text).ok_or_else(|| {
            let text = format!("{element} is no number of hours");
            self.problem(Code::NumberUnreadable, text)
        })
    }

    /// A denominator above 99 is no number of hours: with a numerator of at most 100 it says per
    /// cent of full time, else nothing that can be meant. Nor is there a part of no hours.
    fn correct_hours(&mut self, state: &mut State) {
        let numerator = state.int(Field::EmploymentHoursNumerator);
        let (part, text) = match (numerator, state.int(Field::EmploymentHoursDenominator)) {
            (_, Some(0)) => (None, "denominator is 0: hours are left out"),
            (Some(part), Some(whole)) if whole > HOURS_MAX && part <= WHOLE => {
                let hours = (part * FULL_TIME + WHOLE / 2) / WHOLE;
                (Some(hours), "hours are given per cent: taken of 37")
            }
            (Some(part), Some(whole)) if whole > HOURS_MAX && part > HOURS_MAX => {
                (Some(FULL_TIME), "hours are none a week has: taken for full time, 37 of 37")
            }
            (_, _) => return,
        };
        state.remove(Field::EmploymentHoursNumerator);
        state.remove(Field::EmploymentHoursDenominator);
        if let Some(hours) = part {
            state.set(Field::EmploymentHoursNumerator, Value::Int(hours));
            state.set(Field::EmploymentHoursDenominator, Value::Int(FULL_TIME));
        }
        self.note(Code::HoursCorrected, text.to_owned());
    }

    fn functions(
        &mut self,
        elements: &[FunctionElement],
    ) -> Result<Vec<RoleFunction>, RecordProblem> {
        let mut functions = Vec::with_capacity(elements.len());
        for element in elements {
            let function = self.function(element)?;
            if function.until.is_some_and(|until| until <= function.from) {
                let text = "a function ends before it starts: left out".to_owned();
                self.note(Code::FunctionNever, text);
            } else {
                functions.push(function);
            }
        }
        Ok(functions)
    }

    fn function(&self, element: &FunctionElement) -> Result<RoleFunction, RecordProblem> {
        let text = |place| element.get(place).map(str::to_owned);
        let date = |place: FunctionPlace| {
            element.get(place).map(|it| self.date(place.name(), it)).transpose()
        };
        let number = |place: FunctionPlace| {
            element.get(place).map(|it| self.int(place.name(), it)).transpose()
        };
        let missing = || {
            let text = "a function has no startDate or no artId".to_owned();
            self.problem(Code::FunctionUnreadable, text)
        };
        let last = date(FunctionPlace::EndDate)?.filter(|it| it.year() < NO_END.year());
        Ok(RoleFunction {
            from: hub_start(date(FunctionPlace::StartDate)?.ok_or_else(missing)?),
            until: last.map(day_after),
            kind: number(FunctionPlace::ArtId)?.ok_or_else(missing)?,
            kind_name: text(FunctionPlace::ArtText),
            coverage: text(FunctionPlace::OrgDaekning),
            members: number(FunctionPlace::Members)?,
            role: number(FunctionPlace::RoleId)?,
            role_name: text(FunctionPlace::RoleText),
        })
    }
}

fn is_annulled(record: &Record) -> bool {
    ["position", "workContractText"]
        .into_iter()
        .filter_map(|it| record.text(it))
        .any(|it| it.to_lowercase() == ANNULLED)
}

fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// A decimal number with point or comma, in thousandths. At most three decimals and nine digits
/// before them.
fn thousandths(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let decimals = decimals.trim_end_matches('0');
    let digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    if whole.is_empty()
        || whole.len() > 9
        || decimals.len() > 3
        || !digits(whole)
        || !digits(decimals)
    {
        return None;
    }
    format!("{whole}{decimals:0<3}").parse().ok()
}

fn hub_start(day: Date) -> Date {
    if day <= ALWAYS { OPEN_START } else { day }
}

fn day_after(day: Date) -> Date {
    day.saturating_add(1.day())
}
