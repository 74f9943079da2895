use super::{Existence, Stated};
use crate::people::{FieldName, RoleFunction, State, Value};
use jiff::civil::Date;

/// Appends the canonical bytes of `stated` to `bytes`: equal for equal statements and for no
/// others, whatever stands before or after them. Digests and MACs are taken over these.
///
/// A change of this encoding, or of the order of fields, is a new parser version.
pub fn canonical(stated: &Stated, bytes: &mut Vec<u8>) {
    text(bytes, stated.kind.name());
    text(bytes, stated.native.as_str());
    match stated.existence {
        Existence::Never => bytes.push(0),
        Existence::Ended => bytes.push(1),
        Existence::Period(days) => {
            bytes.push(2);
            date(bytes, days.from());
            optional(bytes, days.until(), date);
        }
    }
    let person = stated.person.as_ref().map(|it| it.digits());
    optional(bytes, person, text);
    canonical_state(&stated.state, bytes);
}

/// Appends the canonical bytes of a state: the part of [`canonical`] that is about values.
pub fn canonical_state(state: &State, bytes: &mut Vec<u8>) {
    count(bytes, state.iter().count());
    for (name, it) in state.iter() {
        match name {
            FieldName::Known(field) => text(bytes, field.name()),
            FieldName::Extra(extra) => {
                text(bytes, "extra.");
                text(bytes, extra);
            }
        }
        value(bytes, it);
    }
}

fn value(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Text(it) => {
            bytes.push(0);
            text(bytes, it);
        }
        Value::Int(it) => {
            bytes.push(1);
            int(bytes, *it);
        }
        Value::Flag(it) => {
            bytes.push(2);
            bytes.push(u8::from(*it));
        }
        Value::Date(it) => {
            bytes.push(3);
            date(bytes, *it);
        }
        Value::Functions(functions) => {
            bytes.push(4);
            count(bytes, functions.len());
            for it in functions {
                function(bytes, it);
            }
        }
        Value::Erased => bytes.push(5),
    }
}

fn function(bytes: &mut Vec<u8>, it: &RoleFunction) {
    date(bytes, it.from);
    optional(bytes, it.until, date);
    int(bytes, it.kind);
    optional(bytes, it.kind_name.as_deref(), text);
    optional(bytes, it.coverage.as_deref(), text);
    optional(bytes, it.members, int);
    optional(bytes, it.role, int);
    optional(bytes, it.role_name.as_deref(), text);
}

fn optional<T>(bytes: &mut Vec<u8>, value: Option<T>, write: fn(&mut Vec<u8>, T)) {
    bytes.push(u8::from(value.is_some()));
    if let Some(value) = value {
        write(bytes, value);
    }
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    count(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

fn count(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend_from_slice(&u64::try_from(count).unwrap_or(u64::MAX).to_le_bytes());
}

fn int(bytes: &mut Vec<u8>, number: i64) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn date(bytes: &mut Vec<u8>, day: Date) {
    bytes.extend_from_slice(&day.year().to_le_bytes());
    bytes.extend_from_slice(&day.month().to_le_bytes());
    bytes.extend_from_slice(&day.day().to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::{Field, Kind, NationalNumber, NativeKey};
    use crate::time::Validity;
    use jiff::civil::date;
    use std::collections::BTreeSet;

    #[test]
    fn statements_that_differ_anywhere_have_other_bytes() {
        let stated = Stated {
            kind: Kind::Employment,
            native: NativeKey::number(40001),
            existence: Existence::Period(Validity::starting(date(2026, 1, 1))),
            person: None,
            state: State::new(),
        };
        let with = |name: FieldName, value: Value| {
            let state = [(name, value)].into_iter().collect();
            Stated { state, ..stated.clone() }
        };
        let title = || FieldName::Known(Field::EmploymentPositionTitle);
        let function = RoleFunction {
            from: date(2026, 1, 1),
            until: None,
            kind: 1,
            kind_name: None,
            coverage: None,
            members: None,
            role: None,
            role_name: None,
        };
        let functions = |it: RoleFunction| with(title(), Value::Functions(vec![it]));
        let all = [
            stated.clone(),
            Stated { kind: Kind::Unit, ..stated.clone() },
            Stated { native: NativeKey::number(4000), ..stated.clone() },
            Stated { existence: Existence::Never, ..stated.clone() },
            Stated { existence: Existence::Ended, ..stated.clone() },
            Stated { person: NationalNumber::parse("7101809991").ok(), ..stated.clone() },
            with(title(), Value::Text("1".to_owned())),
            with(title(), Value::Int(1)),
            with(title(), Value::Flag(true)),
            with(title(), Value::Date(date(2026, 1, 1))),
            with(title(), Value::Erased),
            with(FieldName::Extra("1".to_owned()), Value::Text("1".to_owned())),
            functions(function.clone()),
            functions(RoleFunction { members: Some(1), ..function.clone() }),
            functions(RoleFunction { role: Some(1), ..function.clone() }),
            functions(RoleFunction { kind_name: Some("x".to_owned()), ..function.clone() }),
            functions(RoleFunction { coverage: Some("x".to_owned()), ..function.clone() }),
            functions(RoleFunction { role_name: Some("x".to_owned()), ..function.clone() }),
            functions(RoleFunction { until: Some(date(2026, 2, 1)), ..function }),
        ];
        let bytes_of = |it: &Stated| {
            let mut bytes = Vec::new();
            canonical(it, &mut bytes);
            bytes
        };
        let distinct: BTreeSet<Vec<u8>> = all.iter().map(bytes_of).collect();
        assert_eq!(distinct.len(), all.len());
    }
}
