//! The compare step against literal vectors and against a ledger kept day by day.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use jiff::civil::{Date, date};
use kobling_domain::exchange::{Assertion, compare};
use kobling_domain::id::{RecordNo, RunNo};
use kobling_domain::time::{OPEN_START, Origin, Slice, Validity};
use proptest::prelude::*;
use serde::Deserialize;

const ORIGIN: Origin = Origin { run: RunNo(1), record: RecordNo(1) };

#[derive(Deserialize)]
struct Vector {
    op: String,
    name: String,
    before: Vec<Days>,
    existence: Option<Bounds>,
    effective: Option<Date>,
    values: Option<serde_json::Value>,
    window: Option<Bounds>,
    slices: Option<Vec<Days>>,
    after: Vec<Days>,
    closed: Vec<Days>,
    written: Vec<Days>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Days {
    from: Date,
    until: Option<Date>,
    state: serde_json::Value,
}

#[derive(Deserialize)]
struct Bounds {
    from: Date,
    until: Option<Date>,
}

impl Days {
    fn slice(&self) -> Slice<serde_json::Value> {
        let validity = Validity::new(self.from, self.until).unwrap();
        Slice { validity, state: self.state.clone(), stated_from: self.from, origin: ORIGIN }
    }

    fn of(slice: &Slice<serde_json::Value>) -> Self {
        let (from, until) = (slice.validity.from(), slice.validity.until());
        Self { from, until, state: slice.state.clone() }
    }
}

fn all(slices: &[Slice<serde_json::Value>]) -> Vec<Days> {
    slices.iter().map(Days::of).collect()
}

#[test]
fn every_vector_gives_the_change_and_the_ledger_it_names() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("data/ledger-vectors.json")).unwrap();
    assert_eq!(vectors.len(), 19);
    for it in vectors {
        let before: Vec<_> = it.before.iter().map(Days::slice).collect();
        let validity = |bounds: Bounds| Validity::new(bounds.from, bounds.until).ok();
        let assertion = match it.op.as_str() {
            "record" => Assertion::Record {
                existence: it.existence.and_then(validity),
                effective: it.effective.unwrap(),
                values: it.values.unwrap(),
            },
            "history" => Assertion::History {
                window: it.window.and_then(validity).unwrap(),
                slices: it.slices.unwrap().iter().map(Days::slice).collect(),
            },
            op => panic!("{}: no such operation: {op}", it.name),
        };
        let change = compare(&before, assertion, ORIGIN);
        assert_eq!(all(&change.closed), it.closed, "closed: {}", it.name);
        assert_eq!(all(&change.written), it.written, "written: {}", it.name);
        let mut ledger = Ledger::default();
        ledger.rows.extend(before.into_iter().map(|slice| Row { slice, since: 0, until: OPEN }));
        ledger.apply(1, &change.closed, change.written);
        assert_eq!(all(&ledger.believed(1)), it.after, "after: {}", it.name);
    }
}

/// Claims with both times: the days they are about, and the versions that believe them.
struct Ledger<S> {
    rows: Vec<Row<S>>,
}

struct Row<S> {
    slice: Slice<S>,
    since: usize,
    until: usize,
}

const OPEN: usize = usize::MAX;

impl<S> Default for Ledger<S> {
    fn default() -> Self {
        Self { rows: Vec::new() }
    }
}

impl<S: Clone + PartialEq> Ledger<S> {
    fn apply(&mut self, version: usize, closed: &[Slice<S>], written: Vec<Slice<S>>) {
        for slice in closed {
            let open = self.rows.iter_mut().find(|it| it.until == OPEN && it.slice == *slice);
            open.expect("what is closed was believed").until = version;
        }
        let row = |slice| Row { slice, since: version, until: OPEN };
        self.rows.extend(written.into_iter().map(row));
    }

    fn believed(&self, version: usize) -> Vec<Slice<S>> {
        let then = self.rows.iter().filter(|it| it.since <= version && version < it.until);
        let mut slices: Vec<_> = then.map(|it| it.slice.clone()).collect();
        slices.sort_by_key(|it| it.validity);
        slices
    }
}

/// A person's employment on the days of 2026, as records tell it night by night.
struct Nights {
    ledger: Ledger<&'static str>,
    version: usize,
}

impl Nights {
    fn new() -> Self {
        Self { ledger: Ledger::default(), version: 0 }
    }

    /// Reads a record of the input of `file`: employed from entry to the last day, both included.
    fn read(&mut self, file: Date, entry: Date, last: Option<Date>, title: &'static str) {
        let existence = Validity::through(entry, last).ok();
        self.say(Assertion::Record { existence, effective: file, values: title });
    }

    fn say(&mut self, assertion: Assertion<&'static str>) {
        let change = compare(&self.ledger.believed(self.version), assertion, ORIGIN);
        self.version += 1;
        self.ledger.apply(self.version, &change.closed, change.written);
    }

    fn known_at(&self, version: usize) -> Vec<(Date, Option<Date>, &'static str)> {
        let believed = self.ledger.believed(version);
        believed.iter().map(|it| (it.validity.from(), it.validity.until(), it.state)).collect()
    }

    fn known(&self) -> Vec<(Date, Option<Date>, &'static str)> {
        self.known_at(self.version)
    }
}

/// Hard case 11.
#[test]
fn a_leave_date_that_is_shortened_extended_removed_and_moved_before_entry_moves_the_end() {
    let (entry, file) = (date(2026, 1, 1), date(2026, 3, 4));
    let mut nights = Nights::new();
    nights.read(file, entry, Some(date(2026, 12, 31)), "Lærer");
    nights.read(file, entry, Some(date(2026, 6, 30)), "Lærer");
    assert_eq!(nights.known(), [(entry, Some(date(2026, 7, 1)), "Lærer")], "no tail is left");
    nights.read(file, entry, Some(date(2026, 9, 30)), "Lærer");
    assert_eq!(nights.known(), [(entry, Some(date(2026, 10, 1)), "Lærer")]);
    nights.read(file, entry, None, "Lærer");
    assert_eq!(nights.known(), [(entry, None, "Lærer")]);
    nights.read(file, entry, Some(date(2025, 12, 31)), "Lærer");
    assert_eq!(nights.known(), [], "it never was");
    assert_eq!(nights.known_at(2), [(entry, Some(date(2026, 7, 1)), "Lærer")], "but was believed");
}

/// Hard case 12.
#[test]
fn an_entry_date_moves_the_front_and_one_in_the_future_is_believed_beforehand() {
    let file = date(2026, 3, 4);
    let mut nights = Nights::new();
    nights.read(file, date(2026, 5, 1), None, "Lærer");
    assert_eq!(nights.known(), [(date(2026, 5, 1), None, "Lærer")]);
    nights.read(file, date(2026, 2, 1), None, "Leder");
    let assumed = nights.ledger.believed(nights.version);
    assert_eq!(nights.known(), [(date(2026, 2, 1), None, "Leder")]);
    assert_eq!(assumed[0].stated_from, file, "nobody stated the days before the input");
    nights.read(date(2026, 3, 5), date(2026, 4, 1), None, "Leder");
    assert_eq!(nights.known(), [(date(2026, 4, 1), None, "Leder")]);
}

/// Hard case 13: the last day counts, on the days the clocks change and at the end of time too.
#[test]
fn a_last_day_is_held_and_no_day_is_added_after_the_end_of_time() {
    let entry = date(2026, 1, 1);
    let through = |last| Validity::through(entry, Some(last)).unwrap();
    for last in [date(2026, 6, 30), date(2026, 3, 29), date(2026, 10, 25), date(2028, 2, 29)] {
        assert!(through(last).contains(last), "{last}");
        assert!(!through(last).contains(last.tomorrow().unwrap()), "{last}");
        assert_eq!(through(last).last(), Some(last));
    }
    assert_eq!(through(date(9999, 12, 31)).until(), None);
}

/// Hard case 23.
#[test]
fn a_backdated_correction_leaves_what_was_known_before_it_as_it_was() {
    let (entry, march) = (date(2026, 1, 1), date(2026, 3, 1));
    let mut nights = Nights::new();
    nights.read(date(2026, 1, 1), entry, None, "Lærer");
    let known_then = nights.version;
    let corrected = Slice {
        validity: Validity::starting(march),
        state: "Leder",
        stated_from: march,
        origin: ORIGIN,
    };
    let window = Validity::starting(march);
    nights.say(Assertion::History { window, slices: vec![corrected] });
    assert_eq!(nights.known_at(known_then), [(entry, None, "Lærer")]);
    assert_eq!(nights.known(), [(entry, Some(march), "Lærer"), (march, None, "Leder")]);
}

/// Days are 0 to 9; the last one stands for all days after it.
const DAYS: u8 = 10;
const DAYS_LEN: usize = 10;

/// What the oracle keeps for a day: the state, and whether anybody stated it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Day {
    state: u8,
    stated: bool,
}

type Calendar = [Option<Day>; DAYS_LEN];

/// An assertion over the small universe.
#[derive(Clone, Debug)]
enum Said {
    Record { from: u8, until: u8, effective: u8, state: u8 },
    History { from: u8, until: u8, states: [u8; DAYS_LEN] },
}

fn day(number: u8) -> Date {
    date(2026, 1, 1 + i8::try_from(number).unwrap())
}

fn days(from: u8, until: u8) -> Option<Validity> {
    Validity::new(day(from), (until < DAYS).then(|| day(until))).ok()
}

fn said() -> impl Strategy<Value = Said> {
    any::<[u8; 15]>().prop_map(|[kind, from, until, effective, state, states @ ..]| {
        let (from, until) = (from % DAYS, until % (DAYS + 4));
        match kind % 4 {
            0 => {
                Said::History { from, until: until.max(from + 1), states: states.map(|it| it % 4) }
            }
            _ => Said::Record { from, until, effective: effective % DAYS, state: state % 3 },
        }
    })
}

/// States of the days of a window as slices; 3 stands for none.
fn slices(from: u8, until: u8, states: &[u8; DAYS_LEN]) -> Vec<Slice<u8>> {
    (from..until.min(DAYS))
        .filter(|it| states[usize::from(*it)] < 3)
        .map(|it| {
            let until = (it + 1).min(until);
            let validity = days(it, if it + 1 == DAYS { DAYS } else { until }).unwrap();
            let state = states[usize::from(it)];
            Slice { validity, state, stated_from: day(it), origin: ORIGIN }
        })
        .collect()
}

fn assertion(said: &Said) -> Assertion<u8> {
    match *said {
        Said::Record { from, until, effective, state } => Assertion::Record {
            existence: days(from, until),
            effective: day(effective),
            values: state,
        },
        Said::History { from, until, ref states } => {
            let window = days(from, until).unwrap();
            let open_start = Validity::new(OPEN_START, window.until()).unwrap();
            Assertion::History {
                window: if from == 0 { open_start } else { window },
                slices: slices(from, until, states),
            }
        }
    }
}

/// The same, day by day, in the words of the rule.
fn oracle(before: &Calendar, said: &Said) -> Calendar {
    let mut after: Calendar = match *said {
        Said::Record { from, until, effective, state } => {
            let exists = |it: u8| from <= it && it < until;
            let nobody = (0..DAYS).all(|it| !exists(it) || before[usize::from(it)].is_none());
            let said = |it: u8| match before[usize::from(it)] {
                _ if !exists(it) => None,
                _ if it >= effective => Some(Day { state, stated: true }),
                Some(day) => Some(day),
                None => None,
            };
            std::array::from_fn(|it| {
                let it = u8::try_from(it).unwrap();
                let earlier = (0..it).rev().find_map(said);
                let later = (it..DAYS).find_map(said).map(|it| Day { stated: false, ..it });
                let first = nobody.then_some(Day { state, stated: false });
                said(it).or_else(|| earlier.or(later).or(first).filter(|_| exists(it)))
            })
        }
        Said::History { from, until, ref states } => std::array::from_fn(|it| {
            let inside = (from..until).contains(&u8::try_from(it).unwrap());
            let said = (states[it] < 3).then_some(Day { state: states[it], stated: true });
            if inside { said } else { before[it] }
        }),
    };
    // A run of equal days is one claim. One that stays as it was keeps its first day that was
    // stated; in another one, what was stated once is carried on.
    for (from, until) in runs(&after) {
        if runs(before).contains(&(from, until))
            && same_states(&before[from..until], &after[from..until])
        {
            after[from..until].copy_from_slice(&before[from..until]);
        }
        let mut stated = false;
        for day in after[from..until].iter_mut().flatten() {
            stated |= day.stated;
            day.stated = stated;
        }
    }
    after
}

fn same_states(a: &[Option<Day>], b: &[Option<Day>]) -> bool {
    let state = |it: &Option<Day>| it.map(|it| it.state);
    a.iter().map(state).eq(b.iter().map(state))
}

/// The bounds of each run of days of equal state.
fn runs(days: &Calendar) -> Vec<(usize, usize)> {
    let state = |it: usize| days.get(it).copied().flatten().map(|it| it.state);
    let mut runs = Vec::new();
    let mut from = 0;
    for until in 1..=days.len() {
        if until == days.len() || state(until) != state(from) {
            if state(from).is_some() {
                runs.push((from, until));
            }
            from = until;
        }
    }
    runs
}

fn calendar(slices: &[Slice<u8>]) -> Calendar {
    std::array::from_fn(|it| {
        let day = day(u8::try_from(it).unwrap());
        let slice = slices.iter().find(|it| it.validity.contains(day))?;
        Some(Day { state: slice.state, stated: day >= slice.stated_from })
    })
}

fn is_coalesced(slices: &[Slice<u8>]) -> bool {
    slices.windows(2).all(|pair| {
        let (a, b) = (&pair[0], &pair[1]);
        let ordered = a.validity.until().is_some_and(|until| until <= b.validity.from());
        ordered && !(a.validity.meets(&b.validity) && a.state == b.state)
    })
}

/// A hundred thousand in the ordinary run; `PROPTEST_CASES` for more.
fn cases() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig { cases: asked.cases.max(100_000), failure_persistence: None, ..asked }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_ledger_says_of_each_day_at_each_version_what_was_kept_day_by_day(
        history in prop::collection::vec(said(), 1..6),
    ) {
        let mut ledger = Ledger::default();
        let mut kept: Vec<Calendar> = vec![[None; DAYS_LEN]];
        for (version, said) in history.iter().enumerate().map(|(at, it)| (at + 1, it)) {
            let before = ledger.believed(version);
            let change = compare(&before, assertion(said), ORIGIN);
            kept.push(oracle(kept.last().unwrap(), said));
            ledger.apply(version, &change.closed, change.written);

            let after = ledger.believed(version);
            prop_assert!(is_coalesced(&after), "{after:?}");
            prop_assert!(compare(&after, assertion(said), ORIGIN).is_empty(), "said twice");
        }
        for (version, days) in kept.iter().enumerate() {
            prop_assert_eq!(&calendar(&ledger.believed(version)), days, "at version {}", version);
        }
    }
}
