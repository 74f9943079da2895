use super::{Assertion, Change, Existence, Reason, Stated};
use crate::people::State;
use crate::time::{Origin, Slice, Validity};
use jiff::ToSpan;
use jiff::civil::Date;

/// The days for which an input speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// From this day on: the input is the newest.
    Since(Date),
    /// From the first day until the second, for which a newer input speaks.
    Between(Date, Date),
}

impl Span {
    /// The first day.
    pub fn from(self) -> Date {
        match self {
            Self::Since(from) | Self::Between(from, _) => from,
        }
    }
}

/// What a record asks of the claims believed so far, or none if it asks nothing.
///
/// A stub that only says *ended* ends existence at the known end if that is not later than the
/// input's date, else on that date, which is then the first day off; before the first day it
/// annuls. An input older than the newest speaks only for the days until the next one, and only
/// for days on which the newer one lets the subject exist.
pub fn assertion_of(
    before: &[Slice<State>],
    stated: &Stated,
    span: Span,
    effective: Date,
    origin: Origin,
) -> Option<Assertion<State>> {
    let values = stated.state.clone();
    match (span, stated.existence) {
        (Span::Since(_), Existence::Period(existence)) => {
            Some(Assertion::Record { existence: Some(existence), effective, values })
        }
        (Span::Since(_), Existence::Never) => {
            Some(Assertion::Record { existence: None, effective, values })
        }
        (Span::Since(_), Existence::Ended) => ended(before, effective),
        (Span::Between(..), Existence::Never | Existence::Ended) => None,
        (Span::Between(from, until), Existence::Period(existence)) => {
            let window = Validity::new(from, Some(until)).ok()?;
            let slice =
                |validity| Slice { validity, state: values.clone(), stated_from: from, origin };
            let allowed = if before.is_empty() {
                vec![existence]
            } else {
                before.iter().map(|it| it.validity).collect()
            };
            let slices =
                allowed.iter().filter_map(|it| Some(slice(it.intersect(&window)?))).collect();
            Some(Assertion::History { window, slices })
        }
    }
}

/// What becomes of a subject that a complete input no longer mentions, or none if it had ended.
///
/// It is annulled if it has not begun or was first seen at most `annul_within_days` ago; otherwise
/// it ends on the input's date.
pub fn gone(
    before: &[Slice<State>],
    date: Date,
    first_seen: Date,
    annul_within_days: i64,
) -> Option<(Reason, Assertion<State>)> {
    let existence = existence(before)?;
    if existence.until().is_some_and(|until| until <= date) {
        return None;
    }
    let recent = first_seen.checked_add(annul_within_days.days()).is_ok_and(|last| date <= last);
    let values = State::new();
    match existence.before(date) {
        Some(existence) if !recent => Some((
            Reason::Vanished,
            Assertion::Record { existence: Some(existence), effective: date, values },
        )),
        Some(_) | None => {
            Some((Reason::Annulled, Assertion::Record { existence: None, effective: date, values }))
        }
    }
}

/// Why a record's change happens, seen on `date` from what was believed before it. Only who had
/// ended by then comes back; who loses a coming leave date has changed.
pub fn reason_of(
    before: &[Slice<State>],
    known_before: Known,
    change: &Change<State>,
    date: Date,
) -> Reason {
    let Some(old) = existence(before) else {
        return match known_before {
            Known::No => Reason::Created,
            Known::Yes => Reason::Reopened,
        };
    };
    let Some(last) = last_after(before, change) else {
        return Reason::Annulled;
    };
    match (old.until(), last.validity.until()) {
        (None, Some(_)) => Reason::Ended,
        (Some(before), Some(after)) if after < before => Reason::Ended,
        (Some(before), None) if before <= date => Reason::Reopened,
        (Some(before), Some(after)) if before <= date && after > date => Reason::Reopened,
        (_, _) => Reason::Changed,
    }
}

/// Whether the hub has met a subject before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It has, and may believe nothing of it any more.
    Yes,
    /// It has not.
    No,
}

/// The days from the first slice's start to the last one's end; none without slices.
pub fn existence(slices: &[Slice<State>]) -> Option<Validity> {
    let (first, last) = (slices.first()?, slices.last()?);
    Validity::new(first.validity.from(), last.validity.until()).ok()
}

fn ended(before: &[Slice<State>], date: Date) -> Option<Assertion<State>> {
    let existence = existence(before)?;
    if existence.until().is_some_and(|until| until <= date) {
        return None;
    }
    Some(Assertion::Record {
        existence: existence.before(date),
        effective: date,
        values: State::new(),
    })
}

/// The last slice after a change, if any is left.
fn last_after<'a>(
    before: &'a [Slice<State>],
    change: &'a Change<State>,
) -> Option<&'a Slice<State>> {
    let kept = before.iter().filter(|it| !change.closed.contains(it));
    kept.chain(&change.written).max_by_key(|it| it.validity.from())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{RecordNo, RunNo};
    use crate::people::{Kind, NativeKey};
    use jiff::civil::date;

    const ORIGIN: Origin = Origin { run: RunNo(1), record: RecordNo(1) };

    fn slice(from: Date, until: Option<Date>) -> Slice<State> {
        Slice {
            validity: Validity::new(from, until).unwrap(),
            state: State::new(),
            stated_from: from,
            origin: ORIGIN,
        }
    }

    fn stub() -> Stated {
        Stated {
            kind: Kind::Employment,
            native: NativeKey::number(1),
            existence: Existence::Ended,
            person: None,
            state: State::new(),
        }
    }

    fn stub_asks(before: &[Slice<State>], day: Date) -> Option<Assertion<State>> {
        assertion_of(before, &stub(), Span::Since(day), day, ORIGIN)
    }

    fn exists(existence: Option<Validity>) -> Assertion<State> {
        let effective = date(2026, 3, 5);
        Assertion::Record { existence, effective, values: State::new() }
    }

    #[test]
    fn a_leave_stub_ends_an_open_employment_on_the_files_date_the_first_day_off() {
        let open = [slice(date(2014, 8, 1), None)];
        let ended = Validity::new(date(2014, 8, 1), Some(date(2026, 3, 5))).unwrap();
        assert_eq!(stub_asks(&open, date(2026, 3, 5)), Some(exists(Some(ended))));
    }

    #[test]
    fn a_leave_stub_for_one_that_had_ended_or_is_unknown_asks_nothing() {
        let ended = [slice(date(2014, 8, 1), Some(date(2026, 3, 1)))];
        assert_eq!(stub_asks(&ended, date(2026, 3, 5)), None);
        assert_eq!(stub_asks(&[], date(2026, 3, 5)), None);
    }

    #[test]
    fn a_leave_stub_before_the_first_day_annuls() {
        let future = [slice(date(2026, 4, 1), Some(date(2026, 7, 1)))];
        assert_eq!(stub_asks(&future, date(2026, 3, 5)), Some(exists(None)));
    }

    #[test]
    fn the_vanished_are_annulled_while_new_and_ended_when_old() {
        let open = [slice(date(2014, 8, 1), None)];
        let reason = |first_seen| gone(&open, date(2026, 3, 5), first_seen, 35).map(|it| it.0);
        assert_eq!(reason(date(2026, 3, 1)), Some(Reason::Annulled));
        assert_eq!(reason(date(2025, 3, 1)), Some(Reason::Vanished));
        let ended = [slice(date(2014, 8, 1), Some(date(2026, 3, 5)))];
        assert!(gone(&ended, date(2026, 3, 5), date(2025, 3, 1), 35).is_none());
    }

    #[test]
    fn an_older_input_speaks_only_until_the_next_one_and_only_for_days_that_exist() {
        let before = [slice(date(2026, 3, 3), None)];
        let mut record = stub();
        record.existence = Existence::Period(Validity::starting(date(2014, 8, 1)));
        let span = Span::Between(date(2026, 3, 2), date(2026, 3, 5));
        let asked = assertion_of(&before, &record, span, date(2026, 3, 2), ORIGIN);
        let Some(Assertion::History { window, slices }) = asked else { panic!("{asked:?}") };
        assert_eq!(window.until(), Some(date(2026, 3, 5)));
        assert_eq!(slices.len(), 1);
        assert_eq!(slices[0].validity.from(), date(2026, 3, 3));
    }
}
