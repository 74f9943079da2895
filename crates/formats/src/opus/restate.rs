//! From what is stated back to a record.

use super::stated::{ALWAYS, LeaveDate, NO_END, Options};
use super::{FunctionElement, FunctionPlace, Meaning, Record, RecordKind};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use kobling_domain::exchange::{Existence, Stated};
use kobling_domain::people::{FieldName, Kind, NativeKey, RoleFunction, Value};
use kobling_domain::time::Validity;

/// What `to_record` cannot write as a record of Opus.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotARecord {
    /// Opus has units and employments only.
    #[error("a {kind} is no record of Opus")]
    Kind {
        /// The kind of subject.
        kind: Kind,
    },
    /// Opus numbers its records.
    #[error("{native:?} is no number, and Opus numbers its records")]
    Key {
        /// The key.
        native: NativeKey,
    },
}

/// The record of `client` that states `stated`: what [`read_record`](super::read_record) would read the same from.
///
/// # Errors
///
/// Refuses kinds and keys that Opus does not have.
pub fn to_record(stated: &Stated, client: &str, options: &Options) -> Result<Record, NotARecord> {
    let kind = match stated.kind {
        Kind::Unit => RecordKind::Unit,
        Kind::Employment => RecordKind::Employee,
        kind @ (Kind::Person
        | Kind::Position
        | Kind::Activity
        | Kind::Qualification
        | Kind::Absence) => {
            return Err(NotARecord::Kind { kind });
        }
    };
    let native_no = stated
        .native
        .as_number()
        .ok_or_else(|| NotARecord::Key { native: stated.native.clone() })?;
    let mut record = Record::new(kind, native_no, client);
    match stated.existence {
        Existence::Ended => {
            record.action = Some("leave".to_owned());
            return Ok(record);
        }
        Existence::Never => never(&mut record),
        Existence::Period(days) => period(&mut record, &days, options),
    }
    if let Some(person) = &stated.person {
        fill(&mut record, Meaning::NationalNumber, person.digits().to_owned());
    }
    for (name, value) in stated.state.iter() {
        write_value(&mut record, name, value);
    }
    Ok(record)
}

fn never(record: &mut Record) {
    match record.kind {
        // An employee without an entry date is none; a unit can only end before it starts.
        RecordKind::Employee => {}
        RecordKind::Unit => {
            fill(record, Meaning::FirstDay, date(1900, 1, 2).to_string());
            fill(record, Meaning::End, ALWAYS.to_string());
        }
    }
}

fn period(record: &mut Record, days: &Validity, options: &Options) {
    fill(record, Meaning::FirstDay, opus_start(days.from()).to_string());
    let end = match (record.kind, options.leave_date, days.until()) {
        (RecordKind::Unit, _, None) => Some(NO_END),
        (RecordKind::Employee, _, None) => None,
        (RecordKind::Employee, LeaveDate::FirstDayOff, Some(until)) => Some(until),
        (RecordKind::Unit, _, Some(until))
        | (RecordKind::Employee, LeaveDate::LastDay, Some(until)) => Some(day_before(until)),
    };
    if let Some(end) = end {
        fill(record, Meaning::End, end.to_string());
    }
}

fn write_value(record: &mut Record, name: &FieldName, value: &Value) {
    match (name, value) {
        (FieldName::Extra(path), Value::Text(text)) => {
            record.extra.insert(path.clone(), text.clone());
        }
        (FieldName::Known(_), Value::Functions(functions)) => {
            record.functions = functions.iter().map(function_element).collect();
        }
        (FieldName::Known(field), value) => {
            let meaning = record.kind.meaning_of(*field);
            if let Some((meaning, text)) = meaning.and_then(|it| Some((it, opus_text(it, value)?)))
            {
                fill(record, meaning, text);
            }
        }
        (FieldName::Extra(_), _) => {}
    }
}

fn fill(record: &mut Record, meaning: Meaning, text: String) {
    if let Some(slot) = record.slot_of(meaning) {
        *slot = Some(text);
    }
}

fn opus_text(meaning: Meaning, value: &Value) -> Option<String> {
    match (value, meaning) {
        (Value::Text(text), _) => Some(text.clone()),
        (Value::Int(thousandths), Meaning::Hours(_)) => Some(decimal(*thousandths)),
        (Value::Int(number), _) => Some(number.to_string()),
        (Value::Flag(flag), _) => Some(flag.to_string()),
        (Value::Date(day), _) => Some(day.to_string()),
        (Value::Functions(_) | Value::Erased, _) => None,
    }
}

fn function_element(function: &RoleFunction) -> FunctionElement {
    let mut element = FunctionElement::default();
    let last = function.until.map_or(NO_END, day_before);
    let number = |it: Option<i64>| it.map(|it| it.to_string());
    let texts = [
        (FunctionPlace::StartDate, Some(opus_start(function.from).to_string())),
        (FunctionPlace::EndDate, Some(last.to_string())),
        (FunctionPlace::ArtId, Some(function.kind.to_string())),
        (FunctionPlace::OrgDaekning, function.coverage.clone()),
        (FunctionPlace::ArtText, function.kind_name.clone()),
        (FunctionPlace::Members, number(function.members)),
        (FunctionPlace::RoleId, number(function.role)),
        (FunctionPlace::RoleText, function.role_name.clone()),
    ];
    for (place, text) in texts {
        element.set(place, &text.unwrap_or_default());
    }
    element
}

fn decimal(thousandths: i64) -> String {
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}

fn opus_start(day: Date) -> Date {
    day.max(ALWAYS)
}

fn day_before(day: Date) -> Date {
    day.saturating_sub(1.day())
}
