use super::*;
use crate::opus::{Code, Connection, Effect, Options, Reader, parse, read_record};

const DAY: u16 = 8;
const EMPLOYEES: u32 = 1_000;

fn extract() -> Vec<u8> {
    xml(&employer(EMPLOYEES).extract(DAY)).into_bytes()
}

fn flawed(flaw: Flaw) -> Vec<u8> {
    let mut out = Vec::new();
    employer(EMPLOYEES).extract(DAY).write_flawed(flaw, &mut out).unwrap();
    out
}

/// What a file says when it is read to its end.
#[derive(Debug)]
struct Content {
    records: Vec<Record>,
    set_aside: Vec<Code>,
    complete: bool,
}

/// Reads a file; `None` if it is refused.
fn read(bytes: &[u8]) -> Option<Content> {
    let connection = Connection { client: Some(CLIENT.to_owned()) };
    let mut reader = Reader::open(bytes, connection).ok()?;
    let (mut records, mut set_aside) = (Vec::new(), Vec::new());
    while let Some(raw) = reader.next_record().ok()? {
        let reading = parse(&raw).and_then(|record| {
            read_record(&raw, record.clone(), &Options::default()).map(|_| record)
        });
        match reading {
            Ok(record) => records.push(record),
            Err(problem) if problem.code.effect() == Effect::RefusesFile => return None,
            Err(problem) => set_aside.push(problem.code),
        }
    }
    let complete = reader.finish().ok()?.complete();
    let problems = reader.problems().iter().map(|it| it.code);
    set_aside.extend(problems.filter(|it| it.effect() == Effect::SetsAside));
    Some(Content { records, set_aside, complete })
}

/// The records of one file that the other does not have as they are, both ways.
fn differences(one: &Content, other: &Content) -> (Vec<Record>, Vec<Record>) {
    let without = |these: &Content, those: &Content| {
        let those: BTreeMap<(RecordKind, i64), &Record> =
            those.records.iter().map(|it| ((it.kind, it.native_no), it)).collect();
        let differs = |it: &&Record| those.get(&(it.kind, it.native_no)) != Some(it);
        these.records.iter().filter(differs).cloned().collect()
    };
    (without(one, other), without(other, one))
}

fn good() -> Content {
    read(&extract()).unwrap()
}

#[test]
fn a_good_extract_is_complete_and_has_no_problem() {
    let good = good();
    assert!(good.complete && good.set_aside.is_empty());
    assert!(good.records.into_iter().eq(employer(EMPLOYEES).extract(DAY).records()));
}

#[test]
fn what_must_be_refused_is_refused_by_the_reader() {
    for flaw in Flaw::ALL.iter().filter(|it| it.expectation() == Expectation::Refuses) {
        assert!(read(&flawed(*flaw)).is_none(), "{flaw}");
    }
}

#[test]
fn what_must_not_be_refused_is_read_to_its_end() {
    for flaw in Flaw::ALL.iter().filter(|it| it.expectation() != Expectation::Refuses) {
        let content = read(&flawed(*flaw)).unwrap_or_else(|| panic!("{flaw} is refused"));
        assert_eq!(content.complete, *flaw != Flaw::UnreadableKey, "{flaw}");
        if flaw.expectation() != Expectation::SetsAside {
            assert_eq!(content.set_aside, [], "{flaw}");
        }
    }
}

#[test]
fn a_bad_record_is_one_record() {
    let good = good();
    let cases = [
        (Flaw::UnknownAction, Some(Code::ActionUnknown)),
        (Flaw::UnreadableKey, Some(Code::KeyUnreadable)),
        (Flaw::NumbersAsText, Some(Code::NumberUnreadable)),
        (Flaw::ImpossibleDate, Some(Code::DateUnreadable)),
        (Flaw::CprChanged, None),
        (Flaw::MissingUnit, None),
        (Flaw::UnknownElements, None),
        (Flaw::DuplicateIds, None),
        (Flaw::Renumbered, None),
    ];
    for (flaw, code) in cases {
        let bad = read(&flawed(flaw)).unwrap();
        assert_eq!(bad.set_aside, Vec::from_iter(code), "{flaw}");
        let (was, is) = differences(&good, &bad);
        assert_eq!(was.len(), 1, "{flaw}");
        assert_eq!(is.len(), usize::from(code.is_none()), "{flaw}");
        if flaw == Flaw::DuplicateIds {
            assert_eq!(bad.records.len(), good.records.len() + 1);
        }
    }
}

#[test]
fn other_bytes_of_the_same_records_say_the_same() {
    let (good, bytes) = (good(), extract());
    let flaws =
        [Flaw::Latin1, Flaw::ByteOrderMark, Flaw::CommentsAndCdata, Flaw::SameNameOtherBytes];
    for flaw in flaws {
        let other = flawed(flaw);
        assert_ne!(other, bytes);
        assert_eq!(differences(&good, &read(&other).unwrap()), (vec![], vec![]), "{flaw}");
    }
}

#[test]
fn a_missing_school_is_one_unit_and_its_fifteen_people() {
    let (gone, changed) = differences(&good(), &read(&flawed(Flaw::MissingSchool)).unwrap());
    assert_eq!(changed, []);
    let (units, people): (Vec<_>, Vec<_>) =
        gone.into_iter().partition(|it| it.kind == RecordKind::Unit);
    assert_eq!(units.len(), 1);
    assert!((12..=18).contains(&people.len()), "15 but for those who came and went");
    assert!(people.iter().filter(|it| it.text("isManager") == Some("true")).count() == 1);
}

#[test]
fn what_is_held_differs_in_what_it_says_it_does() {
    let good = good();
    let counts = |flaw| {
        let (gone, other) = differences(&good, &read(&flawed(flaw)).unwrap());
        (gone.len(), other.len())
    };
    assert_eq!(counts(Flaw::EmptyLists), (good.records.len(), 0));
    assert_eq!(counts(Flaw::MissingRoot), (1, 0));
    assert_eq!(counts(Flaw::Cycle), (1, 1));
    assert_eq!(counts(Flaw::TwoRoots), (1, 1));
    assert_eq!(counts(Flaw::UnitMoved), (1, 1));
    assert_eq!(counts(Flaw::HalfGone), (508, 0));
    let (was, is) = counts(Flaw::ProtectedLost);
    assert!(was == is && was > 10, "{was} {is}");
    let (was, is) = counts(Flaw::EveryoneMoved);
    assert!(was == is && was > 900, "{was} {is}");
}

/// The brake on a unit moved lets small ones pass.
#[test]
fn the_unit_that_moves_takes_many_people_along() {
    let (was, _) = differences(&good(), &read(&flawed(Flaw::UnitMoved)).unwrap());
    let unit = was[0].native_no.to_string();
    let people = good().records.iter().filter(|it| it.text("orgUnit") == Some(&unit)).count();
    assert!(people >= 40, "{people}");
}

#[test]
fn an_old_file_is_that_of_a_week_before_under_its_own_name() {
    let employer = employer(EMPLOYEES);
    let extract = employer.extract(DAY);
    assert_eq!(flawed(Flaw::Old), xml(&employer.extract(DAY - 7)).into_bytes());
    assert_eq!(extract.flawed_file_name(Flaw::Old), employer.extract(DAY - 7).file_name());
    assert_eq!(extract.flawed_file_name(Flaw::Cycle), extract.file_name());
}

#[test]
fn every_flaw_is_found_by_its_name() {
    for flaw in Flaw::ALL {
        assert_eq!(flaw.name().parse(), Ok(*flaw));
    }
    let unknown = "no-such".parse::<Flaw>().unwrap_err();
    assert!(unknown.to_string().starts_with("\"no-such\" is not a flaw; these are: empty-file"));
}
