use super::*;
use crate::opus::{Record, RecordKind};
use quick_xml::events::Event;
use std::collections::{BTreeMap, BTreeSet};

fn employer(employees: u32) -> Employer {
    Employer::new(employees, 1).unwrap()
}

fn xml(extract: &Extract<'_>) -> String {
    let mut out = Vec::new();
    extract.write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn employments(extract: &Extract<'_>) -> BTreeMap<i64, Record> {
    extract
        .records()
        .filter(|it| it.kind == RecordKind::Employee)
        .map(|mut it| {
            it.last_changed = None;
            (it.native_no, it)
        })
        .collect()
}

/// How deep the elements of a text stand at its end and at most; it must be well-formed.
fn depths(text: &str) -> (i32, i32) {
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut depth, mut deepest) = (0, 0);
    loop {
        let event = reader.read_event().unwrap();
        depth += i32::from(matches!(event, Event::Start(_)));
        depth -= i32::from(matches!(event, Event::End(_)));
        deepest = deepest.max(depth);
        if matches!(event, Event::Eof) {
            return (depth, deepest);
        }
    }
}

/// How many employments are new, have changed and have left from one day to the next.
fn counts(employer: &Employer, day: u16) -> (usize, usize, usize) {
    let (before, after) = (employer.extract(day - 1), employer.extract(day));
    let (before, after) = (employments(&before), employments(&after));
    assert!(before.keys().all(|it| after.contains_key(it)), "nobody vanishes");
    let (mut new, mut changed, mut left) = (0, 0, 0);
    for (no, now) in &after {
        let Some(then) = before.get(no) else {
            new += 1;
            continue;
        };
        let leaves = |it: &Record| it.action.is_some() || it.text("leaveDate").is_some();
        match (then == now, leaves(now)) {
            (true, _) => {}
            (false, true) => left += 1,
            (false, false) => changed += 1,
        }
    }
    (new, changed, left)
}

/// Everything that reads these extracts in tests and benchmarks stands on this text.
#[test]
fn the_same_size_seed_and_day_give_the_same_bytes() {
    let employer = employer(2_000);
    let text = xml(&employer.extract(0));
    assert_eq!(text, xml(&Employer::new(2_000, 1).unwrap().extract(0)));
    assert_ne!(text, xml(&Employer::new(2_000, 2).unwrap().extract(0)));
    let digest = |day| {
        format!("{:032x}", xxhash_rust::xxh3::xxh3_128(xml(&employer.extract(day)).as_bytes()))
    };
    insta::assert_snapshot!(digest(0), @"442bc2c9b46d5487cad9127ebfd5ad5e");
    insta::assert_snapshot!(digest(7), @"7de14944a00ce963f2acfd4a97e24085");
    let first = text.split("</employee>").find(|it| it.contains("id=\"99001\"")).unwrap();
    let first = first.rsplit("<employee ").next().unwrap();
    insta::assert_snapshot!(first, @r#"
    id="99001" client="999" lastChanged="2024-03-19">
      <entryDate>2019-02-03</entryDate>
      <leaveDate/>
      <cpr suppId="0">9905395745</cpr>
      <firstName>Thi Mai</firstName>
      <lastName>Strandbo</lastName>
      <address>Engdraget 76, 2. tv</address>
      <postalCode>0999</postalCode>
      <city>Ærø Havn</city>
      <country>DK</country>
      <workPhone>00 11 72 91</workPhone>
      <workContract>01</workContract>
      <workContractText>Månedsløn bagud</workContractText>
      <positionId>50002848</positionId>
      <position>Ergoterapeut</position>
      <positionShort>ERGOTERAPEUT</positionShort>
      <jobId>60000002</jobId>
      <job>Medarbejder</job>
      <jobShort>MEDARB</jobShort>
      <itUser>FJO99001</itUser>
      <invoiceRecipient>false</invoiceRecipient>
      <invoiceLevel1>0</invoiceLevel1>
      <invoiceLevel1Text>Ingen beløbsgrænse</invoiceLevel1Text>
      <invoiceLevel2>0</invoiceLevel2>
      <invoiceLevel2Text>Ingen beløbsgrænse</invoiceLevel2Text>
      <productionNumber>1000020031</productionNumber>
      <isManager>false</isManager>
      <superiorLevel>0</superiorLevel>
      <subordinateLevel>00</subordinateLevel>
      <orgUnit>20031</orgUnit>
      <email>FJO99001@FJORDBY.EXAMPLE</email>
      <userId>FJO99001</userId>
      <payGrade>1-3011-111</payGrade>
      <payGradeText>Overenskomstansat, grundløn og kvalifikationsløn</payGradeText>
      <wageStep>35</wageStep>
      <numerator>32.000 </numerator>
      <denominator>37.000 </denominator>
      <initialEntry>2015-02-28</initialEntry>
      <entryIntoGroup>2015-02-28</entryIntoGroup>
    "#);
}

#[test]
fn a_day_changes_one_percent_and_replaces_two_in_a_thousand() {
    for (employees, day) in [(2_000, 1), (2_000, 2), (2_000, 51), (2_000, 250), (10_000, 33)] {
        let share = |divisor| usize::try_from(employees / divisor).unwrap();
        let expected = (share(500), share(100), share(500));
        assert_eq!(counts(&employer(employees), day), expected, "{employees} on day {day}");
    }
}

#[test]
fn every_other_leaver_leaves_by_a_stub() {
    let employer = employer(10_000);
    let (before, after) = (employer.extract(0), employer.extract(30));
    let stubs =
        |it: &Extract<'_>| employments(it).values().filter(|it| it.action.is_some()).count();
    let left = stubs(&after) - stubs(&before);
    assert!((250..350).contains(&left), "{left} of 600");
}

#[test]
fn every_kind_of_change_occurs() {
    let employer = employer(10_000);
    let changes: Vec<Change> = employer.extract(5).changes().collect();
    assert_eq!(changes.len(), 100);
    let kinds: BTreeSet<Change> = changes.into_iter().collect();
    assert!(kinds.into_iter().eq(Change::ALL));
}

#[test]
fn no_national_number_can_be_real_and_none_is_of_two_people() {
    let employer = employer(20_000);
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut shared = 0;
    for record in employer.extract(40).records() {
        let Some(number) = record.text("cpr") else { continue };
        assert_eq!(number.len(), 10);
        let day: u32 = number.split_at(2).0.parse().unwrap();
        assert!((92..=99).contains(&day), "births go to 31, administrative numbers to 91");
        let name = format!("{:?} {:?}", record.text("firstName"), record.text("lastName"));
        if let Some(other) = names.insert(number.to_owned(), name.clone()) {
            assert_eq!(other, name);
            assert!(record.text("address").is_some());
            shared += 1;
        }
    }
    assert!(shared > 700, "{shared} people have two employments");
}

#[test]
fn addresses_are_protected_in_all_three_ways() {
    let employer = employer(5_000);
    let (mut attribute, mut prefix, mut withheld) = (0, 0, 0);
    for line in xml(&employer.extract(0)).lines() {
        attribute += u32::from(line.contains("<address protected=\"true\">"));
        prefix += u32::from(line.contains("<address>*B*"));
        withheld += u32::from(line.contains("<address>**ADRESSEBESKYTTET**<"));
    }
    assert!(attribute > 10 && prefix > 10 && withheld > 10);
}

#[test]
fn the_text_is_well_formed_and_an_employment_has_forty_elements_and_1500_bytes() {
    let employer = employer(1_000);
    let text = xml(&employer.extract(3));
    assert_eq!(depths(&text), (0, 4));
    let records: Vec<&str> =
        text.split(" <employee").filter(|it| it.contains("</employee>")).collect();
    let bytes = records.iter().map(|it| it.len()).sum::<usize>() / records.len();
    assert!((1_400..1_600).contains(&bytes), "{bytes}");
    let elements = records.iter().map(|it| it.matches("\n  <").count()).sum::<usize>();
    assert!((34..42).contains(&(elements / records.len())), "{}", elements / records.len());
}

#[test]
fn the_tree_has_one_root_a_school_of_fifteen_and_a_manager_wherever_there_are_people() {
    for employees in [100, 500, 2_000, 12_000] {
        let employer = employer(employees);
        let mut people: BTreeMap<String, u32> = BTreeMap::new();
        let mut managers: BTreeMap<String, u32> = BTreeMap::new();
        let mut units: BTreeMap<String, Option<String>> = BTreeMap::new();
        for record in employer.extract(0).records() {
            match record.kind {
                RecordKind::Unit => {
                    let parent = record.text("parentOrgUnit").map(str::to_owned);
                    units.insert(record.native_no.to_string(), parent);
                }
                RecordKind::Employee if record.text("entryDate").is_some() => {
                    let unit = record.text("orgUnit").unwrap().to_owned();
                    let leads = u32::from(record.text("isManager") == Some("true"));
                    *people.entry(unit.clone()).or_default() += 1;
                    *managers.entry(unit).or_default() += leads;
                }
                RecordKind::Employee => {}
            }
        }
        assert_eq!(people.values().sum::<u32>(), employees);
        assert!(managers.values().all(|it| *it == 1), "{employees}: {managers:?}");
        assert!(people.keys().all(|it| units.contains_key(it)));
        assert_eq!(units.values().filter(|it| it.is_none()).count(), 1);
        assert!(units.values().flatten().all(|it| units.contains_key(it)));
        assert_eq!(units.len() - people.len(), 1, "{employees}: the stump alone is empty");
        assert!(people.values().any(|it| *it == 15), "{employees}: {people:?}");
    }
}

#[test]
fn an_extract_in_another_order_or_touched_says_the_same() {
    let employer = employer(500);
    let plain = employer.extract(4);
    let shuffled: Vec<i64> = plain.shuffled(3).records().map(|it| it.native_no).collect();
    assert!(!shuffled.is_sorted());
    assert_eq!(shuffled.len(), plain.records().count());
    assert_eq!(employments(&plain.shuffled(3)), employments(&plain));
    assert_eq!(employments(&plain.touched()), employments(&plain));
    assert!(plain.touched().records().all(|it| match it.action {
        None => it.last_changed.as_deref() == Some("2026-03-06"),
        Some(_) => it.last_changed.is_none(),
    }));
    let numbers: Vec<i64> = plain.records().map(|it| it.native_no).collect();
    assert!(numbers.is_sorted());
}

#[test]
fn a_delta_has_the_news_of_its_day_and_nothing_else() {
    let employer = employer(1_000);
    let before = employments(&employer.extract(8));
    let mut expected = employments(&employer.extract(9));
    expected.retain(|no, record| before.get(no) != Some(record));
    assert_eq!(employments(&employer.extract(9).delta()), expected);
    assert_eq!(expected.len(), 10 + 2 + 2);
    assert!(employer.extract(9).delta().records().all(|it| it.kind == RecordKind::Employee));
}

#[test]
fn what_was_written_is_counted() {
    let employer = employer(1_000);
    let written = employer.extract(0).write(&mut std::io::sink()).unwrap();
    assert_eq!(written, Written { units: 20, employments: 1_001, stubs: 5 });
}

#[test]
fn a_file_is_named_as_opus_names_it() {
    let employer = employer(100);
    assert_eq!(employer.extract(0).file_name(), "ZLPE20260302224013_delta.xml");
    assert_eq!(employer.extract(30).date(), date(2026, 4, 1));
}

#[test]
fn an_employer_too_small_or_too_large_is_refused() {
    assert_eq!(Employer::new(99, 1).unwrap_err(), SizeOutOfRange { employees: 99 });
    assert!(Employer::new(1_000_001, 1).is_err());
}

mod flaws;
