//! Short ways to write claims down.

use jiff::civil::{Date, date};
use kobling_domain::id::{RecordNo, RunNo, SourceNo, Version};
use kobling_domain::people::{Claim, Claims, Field, Kind, NativeKey, State, Track, Value};
use kobling_domain::time::{Origin, Slice, Validity};

pub(crate) const PAYROLL: SourceNo = SourceNo(1);
pub(crate) const DIRECTORY: SourceNo = SourceNo(2);

/// The day of that number: 1 is 1 January 2026.
pub(crate) fn day(number: i16) -> Date {
    date(2026, 1, 1).checked_add(jiff::Span::new().days(number - 1)).unwrap()
}

pub(crate) fn days(from: i16, until: Option<i16>) -> Validity {
    Validity::new(day(from), until.map(day)).unwrap()
}

pub(crate) fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

pub(crate) fn state<const N: usize>(values: [(Field, Value); N]) -> State {
    let mut state = State::new();
    for (field, value) in values {
        state.set(field, value);
    }
    state
}

pub(crate) fn claim(source: SourceNo, validity: Validity, state: State) -> Claim {
    let origin = Origin { run: RunNo(1), record: RecordNo(1) };
    let slice = Slice { validity, state, stated_from: validity.from(), origin };
    Claim { source, track: Track::Record, since: Version(1), slice }
}

pub(crate) fn employment(number: i64, list: Vec<Claim>) -> Claims {
    Claims { kind: Kind::Employment, native: NativeKey::number(number), list }
}

pub(crate) fn unit(number: i64, list: Vec<Claim>) -> Claims {
    Claims { kind: Kind::Unit, native: NativeKey::number(number), list }
}
