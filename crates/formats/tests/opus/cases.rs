use super::*;
use jiff::civil::date;
use kobling_domain::exchange::Existence;
use kobling_domain::people::{Field, FieldName, State, Value};
use kobling_domain::time::{OPEN_START, Validity};
use kobling_formats::difference::{CompareError, Counts};
use kobling_formats::opus::{
    Code, Coverage, Difference, LeaveDate, Mode, RootUnit, compare, exported_at, inspect,
};

fn employee(body: &str) -> String {
    format!("<employee id=\"7\" client=\"9\"><entryDate>2026-01-01</entryDate>{body}</employee>\n")
}

fn state(body: &str) -> State {
    stated(&employee(body)).state
}

fn code(body: &str) -> Code {
    reading(&employee(body)).unwrap_err().code
}

fn existence(record: &str) -> (Existence, Vec<Code>) {
    let reading = reading(record).unwrap();
    (reading.stated.existence, reading.notes.iter().map(|it| it.code).collect())
}

fn digests(input: &str) -> Vec<u128> {
    let mut reader = Reader::open(input.as_bytes(), Connection::default()).unwrap();
    let mut digests = Vec::new();
    while let Some(raw) = reader.next_record().unwrap() {
        digests.push(raw.digest);
    }
    digests
}

#[test]
fn case_04_one_unit_one_employee_and_one_function_are_lists_of_one() {
    let text = file(&format!(
        "<orgUnit id=\"1\" client=\"9\"/>\n{}",
        employee("<function startDate=\"2026-01-01\" endDate=\"2026-06-30\" artId=\"3\"/>")
    ));
    let all = readings(text.as_bytes(), &Options::default());
    assert_eq!(all.len(), 2);
    let state = &all[1].as_ref().unwrap().stated.state;
    let Some(Value::Functions(functions)) = state.get(Field::EmploymentFunctions) else {
        panic!("no functions");
    };
    assert_eq!((functions.len(), functions[0].until), (1, Some(date(2026, 7, 1))));
    assert_eq!(state_of_two_functions(), 2);
}

fn state_of_two_functions() -> usize {
    let one = "<function startDate=\"2026-01-01\" endDate=\"9999-12-31\" artId=\"3\"/>";
    match state(&format!("{one}{one}")).get(Field::EmploymentFunctions) {
        Some(Value::Functions(functions)) => functions.len(),
        _ => 0,
    }
}

#[test]
fn case_07_a_moved_last_changed_is_no_change() {
    let moved = SNAPSHOT.replace("lastChanged=\"2026-01-12\"", "lastChanged=\"2026-03-04\"");
    assert_ne!(SNAPSHOT, moved);
    assert_eq!(digests(SNAPSHOT), digests(&moved));
    let without = SNAPSHOT.replace(" lastChanged=\"2026-01-12\"", "");
    assert_eq!(digests(SNAPSHOT), digests(&without));
}

#[test]
fn case_07_a_changed_function_is_a_change_though_last_changed_stands() {
    let changed = SNAPSHOT.replace("<roleText>Formand<", "<roleText>Næstformand<");
    let (before, after) = (digests(SNAPSHOT), digests(&changed));
    let differing: Vec<usize> = (0..before.len()).filter(|it| before[*it] != after[*it]).collect();
    assert_eq!(differing, [3]);
}

#[test]
fn a_changed_attribute_of_the_record_is_a_change() {
    let full = "<employee id=\"1\" client=\"9\"/>\n";
    let stub = "<employee id=\"1\" client=\"9\" action=\"leave\"/>\n";
    assert_ne!(digests(&file(full)), digests(&file(stub)));
}

#[test]
fn case_12_no_entry_date_is_no_employment_and_one_in_the_future_is() {
    let pensioner = "<employee id=\"7\" client=\"9\"><entryDate/></employee>\n";
    assert_eq!(existence(pensioner), (Existence::Never, vec![Code::EntryDateMissing]));
    let coming = "<employee id=\"7\" client=\"9\"><entryDate>2031-01-01</entryDate></employee>\n";
    let days = Validity::starting(date(2031, 1, 1));
    assert_eq!(existence(coming), (Existence::Period(days), vec![]));
}

#[test]
fn case_11_a_leave_date_before_the_entry_date_leaves_no_day() {
    let record = employee("<leaveDate>2025-12-31</leaveDate>");
    assert_eq!(existence(&record), (Existence::Never, vec![Code::EndBeforeStart]));
    let one_day = employee("<leaveDate>2026-01-01</leaveDate>");
    let days = Validity::new(date(2026, 1, 1), Some(date(2026, 1, 2))).unwrap();
    assert_eq!(existence(&one_day), (Existence::Period(days), vec![]));
}

#[test]
fn case_13_a_leave_date_is_the_last_day_also_where_clocks_change() {
    for (leave, until) in [
        ("2026-06-30", date(2026, 7, 1)),
        ("2026-03-29", date(2026, 3, 30)),
        ("2026-10-25", date(2026, 10, 26)),
        ("2028-02-28", date(2028, 2, 29)),
        ("2026-12-31", date(2027, 1, 1)),
    ] {
        let record = employee(&format!("<leaveDate>{leave}</leaveDate>"));
        let days = Validity::new(date(2026, 1, 1), Some(until)).unwrap();
        assert_eq!(existence(&record).0, Existence::Period(days), "{leave}");
    }
}

#[test]
fn case_13_the_end_of_time_is_no_end_and_no_day_is_added_to_it() {
    for leave in ["9999-12-31", "9999-12-30", "9999-12-29", ""] {
        let record = employee(&format!("<leaveDate>{leave}</leaveDate>"));
        let days = Validity::starting(date(2026, 1, 1));
        assert_eq!(existence(&record).0, Existence::Period(days), "{leave}");
    }
}

#[test]
fn a_leave_date_may_be_the_first_day_off_at_a_source() {
    let record = file(&employee("<leaveDate>2026-06-30</leaveDate>"));
    let options = Options { leave_date: LeaveDate::FirstDayOff };
    let reading = readings(record.as_bytes(), &options).remove(0).unwrap();
    let days = Validity::new(date(2026, 1, 1), Some(date(2026, 6, 30))).unwrap();
    assert_eq!(reading.stated.existence, Existence::Period(days));
}

#[test]
fn nineteen_hundred_is_the_open_start() {
    let unit = "<orgUnit id=\"1\" client=\"9\"><startDate>1900-01-01</startDate></orgUnit>\n";
    assert_eq!(existence(unit).0, Existence::Period(Validity::starting(OPEN_START)));
    let bare = "<orgUnit id=\"1\" client=\"9\"/>\n";
    assert_eq!(existence(bare).0, Existence::Period(Validity::ALWAYS));
}

#[test]
fn an_annulled_employment_never_was() {
    for body in
        ["<position>Annulleret</position>", "<workContractText>ANNULLERET </workContractText>"]
    {
        assert_eq!(existence(&employee(body)), (Existence::Never, vec![Code::Annulled]));
    }
    let other = employee("<position>Annulleret-medarbejder</position>");
    assert!(matches!(existence(&other).0, Existence::Period(_)));
}

#[test]
fn case_08_a_stub_ends_and_another_action_sets_the_record_aside() {
    let stub = "<employee id=\"7\" client=\"9\" action=\"leave\"/>\n";
    assert_eq!(existence(stub), (Existence::Ended, vec![]));
    let empty = "<employee id=\"7\" client=\"9\" action=\"leave\"></employee>\n";
    assert_eq!(existence(empty), (Existence::Ended, vec![]));
    for other in ["create", "Leave", "delete"] {
        let record = format!("<employee id=\"7\" client=\"9\" action=\"{other}\"/>\n");
        assert_eq!(reading(&record).unwrap_err().code, Code::ActionUnknown);
    }
}

#[test]
fn case_17_an_address_protected_in_any_of_three_encodings_is_left_out_whole() {
    let rest = "<addressSupplement>Gård 2</addressSupplement><postalCode>9999</postalCode>\
        <city>Fjordby</city><country>DK</country>";
    let encodings = [
        "<address protected=\"true\">Prøvevej 3</address>",
        "<address protected=\"1\">Prøvevej 3</address>",
        "<address protected=\"ja\">Prøvevej 3</address>",
        "<address protected=\"true\"/>",
        "<address>*B*Prøvevej 3</address>",
        "<address> *B* Prøvevej 3</address>",
        "<address>**ADRESSEBESKYTTET**</address>",
        "<address>Prøvevej 3 **</address>",
        "<address protected=\"false\">**</address>",
        "<address co=\"Prøvevej 3\" protected=\"true\"/>",
        "<address protected=\"true\"><line>Prøvevej 3</line></address>",
        "<addressLine2>Prøvevej 3</addressLine2><address protected=\"true\"/>",
    ];
    for address in encodings {
        let reading = reading(&employee(&format!("{address}{rest}"))).unwrap();
        let state = &reading.stated.state;
        assert!(state.is(Field::PersonAddressProtected), "{address}");
        assert_eq!(state.iter().count(), 1, "{address}");
        assert!(!format!("{reading:?}").contains("Prøvevej"), "{address}");
        let is_unknown = address.contains("addressLine2") || address.contains("co=");
        let told = reading.notes.iter().any(|it| it.text.starts_with("not kept"));
        assert!(told || !is_unknown, "{address}: {:?}", reading.notes);
    }
}

#[test]
fn case_17_an_address_that_is_not_protected_says_so_and_none_says_nothing() {
    for address in ["<address>Prøvevej 9, 2. tv</address>", "<city>Fjordby</city>"] {
        let protected = state(address).get(Field::PersonAddressProtected).cloned();
        assert_eq!(protected, Some(Value::Flag(false)), "{address}");
    }
    assert_eq!(state("<address/>").get(Field::PersonAddressProtected), None);
    assert_eq!(
        state("<address protected=\"false\">A 1</address>").text(Field::PersonAddress),
        Some("A 1")
    );
}

#[test]
fn case_20_a_parent_may_come_after_its_child_and_a_unit_after_its_employee() {
    let text = file(&format!(
        "{}<orgUnit id=\"2\" client=\"9\"><parentOrgUnit>1</parentOrgUnit></orgUnit>\n\
         <orgUnit id=\"1\" client=\"9\"><longName>#Lukket skole</longName></orgUnit>\n",
        employee("<orgUnit>2</orgUnit>")
    ));
    let all = readings(text.as_bytes(), &Options::default());
    let states: Vec<_> = all.iter().map(|it| &it.as_ref().unwrap().stated.state).collect();
    assert_eq!(states[0].text(Field::EmploymentUnit), Some("2"));
    assert_eq!(states[1].text(Field::UnitParent), Some("1"));
    assert_eq!(states[2].text(Field::UnitName), Some("#Lukket skole"));
}

#[test]
fn elements_may_come_in_any_order_but_once() {
    let unit = "<orgUnit id=\"1\" client=\"9\"><city>B</city><longName>A</longName>\
        <startDate>2026-01-01</startDate></orgUnit>\n";
    let stated = stated(unit);
    assert_eq!(stated.state.text(Field::UnitName), Some("A"));
    assert_eq!(stated.state.text(Field::UnitCity), Some("B"));
    assert_eq!(code("<city>A</city><city>B</city>"), Code::ElementRepeated);
}

#[test]
fn case_22_working_time_in_all_its_quirks() {
    let hours = |numerator: &str, denominator: &str| {
        let body =
            format!("<numerator>{numerator}</numerator><denominator>{denominator}</denominator>");
        let state = state(&body);
        (state.int(Field::EmploymentHoursNumerator), state.int(Field::EmploymentHoursDenominator))
    };
    assert_eq!(hours("30.000 ", "37.000 "), (Some(30_000), Some(37_000)));
    assert_eq!(hours("30,5", "37"), (Some(30_500), Some(37_000)));
    assert_eq!(hours("1 ", "37"), (Some(1_000), Some(37_000)));
    assert_eq!(hours("0.000", "37.000"), (Some(0), Some(37_000)));
    assert_eq!(hours("50", "100"), (Some(18_500), Some(37_000)));
    assert_eq!(hours("100", "100"), (Some(37_000), Some(37_000)));
    assert_eq!(hours("81,08", "100"), (Some(30_000), Some(37_000)));
    assert_eq!(hours("3700", "3700"), (Some(37_000), Some(37_000)));
    assert_eq!(hours("30", "0"), (None, None));
    assert_eq!(hours("", ""), (None, None));
    assert_eq!(hours("30", ""), (Some(30_000), None));
    assert_eq!(hours("37.00000", "37"), (Some(37_000), Some(37_000)));
    for unreadable in ["-1", "1.2345", "1.000,5", "x", "1e3", ".", "1234567890"] {
        assert_eq!(code(&format!("<numerator>{unreadable}</numerator>")), Code::NumberUnreadable);
    }
    let notes = reading(&employee("<numerator>1</numerator><denominator>0</denominator>"));
    assert_eq!(notes.unwrap().notes[0].code, Code::HoursCorrected);
}

#[test]
fn case_25_addresses_emoji_and_markup_characters_come_through() {
    let body = "<address>Prøvevej 9, 2. tv</address><lastName>&lt;&amp;&gt; \";\" 🦊 Ł</lastName>\
        <firstName>A&#233;&#xE6;</firstName>";
    let state = state(body);
    assert_eq!(state.text(Field::PersonAddress), Some("Prøvevej 9, 2. tv"));
    assert_eq!(state.text(Field::PersonLastName), Some("<&> \";\" 🦊 Ł"));
    assert_eq!(state.text(Field::PersonFirstName), Some("Aéæ"));
}

#[test]
fn case_25_a_person_without_a_number_is_read_and_a_wrong_one_is_set_aside() {
    for none in ["", "<cpr/>", "<cpr suppId=\"1\"/>", "<cpr>0000000000</cpr>"] {
        assert_eq!(stated(&employee(none)).person, None, "{none}");
    }
    for wrong in ["123456789", "71018099911", "710180999x"] {
        assert_eq!(code(&format!("<cpr>{wrong}</cpr>")), Code::NationalNumberUnreadable);
    }
    let without_attribute = stated(&employee("<cpr>7101809991</cpr>"));
    assert!(without_attribute.person.is_some());
}

#[test]
fn case_25_a_file_reads_the_same_in_every_encoding_and_with_a_mark() {
    let plain = digests(SNAPSHOT);
    assert_eq!(digests(&format!("\u{feff}{SNAPSHOT}")), plain);
    for name in ["ISO-8859-1", "windows-1252"] {
        let declared = SNAPSHOT.replace("utf-8", name);
        let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(&declared);
        assert!(!unmappable);
        let mut reader = Reader::open(&bytes[..], Connection::default()).unwrap();
        let mut digests = Vec::new();
        while let Some(raw) = reader.next_record().unwrap() {
            digests.push(raw.digest);
        }
        assert_eq!(digests, plain, "{name}");
        assert!(reader.finish().unwrap().complete());
    }
}

#[test]
fn blank_is_absent_and_leading_zeros_stay() {
    let state =
        state("<workContract>01</workContract><job> </job><jobShort/><positionId>007</positionId>");
    assert_eq!(state.text(Field::EmploymentContractCode), Some("01"));
    assert_eq!(state.text(Field::EmploymentPositionId), Some("007"));
    assert_eq!(state.iter().count(), 2);
}

#[test]
fn values_that_cannot_be_read_set_the_record_aside() {
    assert_eq!(code("<leaveDate>30-06-2026</leaveDate>"), Code::DateUnreadable);
    assert_eq!(code("<initialEntry>2026-02-30</initialEntry>"), Code::DateUnreadable);
    assert_eq!(code("<isManager>måske</isManager>"), Code::FlagUnreadable);
    assert_eq!(code("<superiorLevel>øverst</superiorLevel>"), Code::NumberUnreadable);
    assert_eq!(code("<function artId=\"1\"/>"), Code::FunctionUnreadable);
    assert_eq!(code("<function startDate=\"2026-01-01\"/>"), Code::FunctionUnreadable);
}

#[test]
fn a_function_that_ends_before_it_starts_is_left_out_with_a_note() {
    let body = "<function startDate=\"2026-02-01\" endDate=\"2026-01-31\" artId=\"1\"/>";
    let reading = reading(&employee(body)).unwrap();
    assert_eq!(reading.stated.state.get(Field::EmploymentFunctions), None);
    assert_eq!(reading.notes[0].code, Code::FunctionNever);
}

#[test]
fn unknown_elements_and_attributes_are_kept_and_reported() {
    let body = "<wish colour=\"red\">A</wish><wish>B</wish><box><in>C</in></box>\
        <cpr check=\"yes\">7101809991</cpr>\
        <function startDate=\"2026-01-01\" artId=\"1\" x=\"D\"><note>E</note></function>loose";
    let reading = reading(&employee(body)).unwrap();
    let extra = |name: &str| {
        let name = FieldName::Extra(name.to_owned());
        let found = reading.stated.state.iter().find(|(it, _)| **it == name);
        found.map(|(_, value)| value.clone())
    };
    for (name, text) in [
        ("wish", "A"),
        ("wish/@colour", "red"),
        ("wish[2]", "B"),
        ("box/in", "C"),
        ("cpr/@check", "yes"),
        ("function/@x", "D"),
        ("function/note", "E"),
        ("text()", "loose"),
    ] {
        assert_eq!(extra(name), Some(Value::Text(text.to_owned())), "{name}");
    }
    let note = &reading.notes[0];
    assert_eq!((note.code, note.line), (Code::ElementUnknown, 3));
}

#[test]
fn the_date_of_a_file_is_in_its_name() {
    let at = exported_at("ZLPE20190902224224_delta.xml").unwrap();
    assert_eq!(at, date(2019, 9, 2).at(22, 42, 24, 0));
    assert!(exported_at("ZLPE20190902224224_delta.xml.part").is_err());
}

#[test]
fn case_03_a_file_without_the_root_unit_looks_like_a_delta() {
    assert_eq!(Mode::Auto.coverage(RootUnit::Missing), Coverage::Mentioned);
    assert_eq!(Mode::Auto.coverage(RootUnit::Present), Coverage::All);
    assert_eq!(Mode::Snapshot.coverage(RootUnit::Missing), Coverage::All);
    assert_eq!(Mode::Delta.coverage(RootUnit::Present), Coverage::Mentioned);
}

#[test]
fn an_inspection_tells_what_a_file_is() {
    let name = "ZLPE20260304224013_delta.xml";
    let inspection = inspect(SNAPSHOT.as_bytes(), exported_at(name).ok(), &Options::default());
    insta::assert_json_snapshot!(inspection, @r#"
    {
      "kind": "opus",
      "client": "999",
      "exported_at": "2026-03-04T22:40:13",
      "units": 3,
      "employments": 2,
      "leave_stubs": 1,
      "coverage": "all",
      "complete": true,
      "proof": {
        "root_closed": true,
        "well_formed": true,
        "clients": [
          "999"
        ],
        "unreadable_keys": 0
      },
      "refused": null,
      "problems": [],
      "problems_total": 0
    }
    "#);
    let delta = inspect(DELTA.as_bytes(), None, &Options::default());
    assert_eq!(delta.coverage, Coverage::Mentioned);
}

#[test]
fn an_inspection_names_a_key_that_stands_twice() {
    let twice = file("<orgUnit id=\"1\" client=\"9\"/>\n<orgUnit id=\"01\" client=\"9\"/>\n");
    let inspection = inspect(twice.as_bytes(), None, &Options::default());
    let problem = &inspection.problems[0];
    assert_eq!((problem.code, problem.line, problem.record_no.0), (Code::KeyRepeated, 4, 2));
}

#[test]
fn the_two_samples_compare_by_what_the_newer_one_speaks_about() {
    let compared =
        |mode| compare(SNAPSHOT.as_bytes(), DELTA.as_bytes(), mode, &Options::default()).unwrap();
    let counts = |added, changed, gone, unchanged| Counts { added, changed, gone, unchanged };
    let delta = compared(Mode::Auto);
    assert_eq!(delta.units, counts(0, 1, 0, 0));
    assert_eq!(delta.employments, counts(1, 0, 1, 0));
    let snapshot = compared(Mode::Snapshot);
    assert_eq!(snapshot.units, counts(0, 1, 2, 0));
    assert_eq!(snapshot.employments, counts(1, 0, 2, 0));
    let itself =
        compare(SNAPSHOT.as_bytes(), SNAPSHOT.as_bytes(), Mode::Auto, &Options::default()).unwrap();
    assert_eq!((itself.units.unchanged, itself.employments.unchanged), (3, 2));
    assert!(itself.items.is_empty());
}

fn compared(old: &str, new: &str) -> Result<Difference, CompareError<ReadError>> {
    compare(file(old).as_bytes(), file(new).as_bytes(), Mode::Auto, &Options::default())
}

fn unit_of(id: &str, client: &str) -> String {
    let parent = if id == "1" { "" } else { "<parentOrgUnit>1</parentOrgUnit>" };
    format!(
        "<orgUnit id=\"{id}\" client=\"{client}\"><startDate>1900-01-01</startDate>\
         <endDate>9999-12-31</endDate>{parent}<longName>Enhed</longName></orgUnit>\n"
    )
}

#[test]
fn two_files_are_compared_only_if_a_run_would_read_both() {
    let (ours, theirs) = (unit_of("1", "999"), unit_of("1", "998"));
    let other = compared(&ours, &theirs);
    assert!(matches!(other, Err(CompareError::New(ReadError::OtherClient { .. }))), "{other:?}");
    let both = [unit_of("1", "999"), unit_of("2", "998")].concat();
    for (old, new) in [(&both, &ours), (&ours, &both)] {
        assert!(compared(old, new).is_err());
    }
    let zeros = compared(&ours, &unit_of("1", "0999")).unwrap();
    assert_eq!(zeros.units, Counts { unchanged: 1, ..Counts::default() });
}

#[test]
fn a_newer_file_with_an_unreadable_key_says_nothing_of_what_it_leaves_out() {
    let old = [unit_of("1", "9"), unit_of("2", "9")].concat();
    let new = [unit_of("1", "9"), unit_of("x", "9")].concat();
    let difference = compared(&old, &new).unwrap();
    assert_eq!((difference.complete, difference.coverage), (false, Coverage::Mentioned));
    assert_eq!(difference.units, Counts { unchanged: 1, ..Counts::default() });
    assert_eq!(difference.problems[0].code, Code::KeyUnreadable);
}

#[test]
fn of_records_with_one_key_a_comparison_counts_the_first_as_a_run_does() {
    let full = |number: u8, text: &str| employee(text).replace("\"7\"", &format!("\"{number}\""));
    let stub = |number: u8| format!("<employee id=\"{number}\" client=\"9\" action=\"leave\"/>\n");
    let root = unit_of("1", "9");
    let old = [root.as_str(), &full(7, "<position>A</position>")].concat();
    let now = full(7, "<position>B</position>");
    for (records, counts) in [
        ([now.clone(), now.clone()], Counts { changed: 1, ..Counts::default() }),
        ([now.clone(), stub(7)], Counts { changed: 1, ..Counts::default() }),
        ([stub(7), now.clone()], Counts { gone: 1, ..Counts::default() }),
        ([full(8, ""), full(8, "")], Counts { added: 1, gone: 1, ..Counts::default() }),
    ] {
        let new = [root.as_str(), &records.concat()].concat();
        let difference = compared(&old, &new).unwrap();
        assert_eq!(difference.employments, counts, "{records:?}");
        assert_eq!(difference.problems[0].code, Code::KeyRepeated);
    }
}

#[test]
fn white_space_is_no_difference() {
    let spaced = SNAPSHOT.replace("<leaveDate/>", "<leaveDate>\n  </leaveDate>");
    let difference =
        compare(SNAPSHOT.as_bytes(), spaced.as_bytes(), Mode::Auto, &Options::default()).unwrap();
    assert!(difference.items.is_empty());
}

/// A cut at the inner end tag would hand out half a record, and skip it tomorrow.
#[test]
fn a_record_with_another_of_its_name_inside_is_cut_at_its_own_end() {
    for inside in [
        "<x><employee id=\"8\"><a/></employee></x>",
        "<employee/>",
        "<!-- </employee> -->",
        "<![CDATA[</employee>]]>",
        "<?x </employee> ?>",
        "<x a=\">\" b='</employee'/>".replace('<', "&lt;").as_str(),
        "employee",
    ] {
        let first = employee(inside);
        let text = file(&format!("{first}<employee id=\"2\" client=\"9\" >\n</employee\t>\n"));
        let mut reader = Reader::open(text.as_bytes(), Connection::default()).unwrap();
        let raw = reader.next_record().unwrap().unwrap();
        assert_eq!(std::str::from_utf8(raw.bytes).unwrap(), first.trim_end(), "{inside}");
        assert!(parse(&raw).is_ok(), "{inside}");
        let second = reader.next_record().unwrap().unwrap();
        assert_eq!((second.native_no, second.record_no.0), (2, 2), "{inside}");
        assert!(reader.next_record().unwrap().is_none());
        assert!(reader.finish().unwrap().complete());
    }
}

#[test]
fn a_unit_that_never_was_is_no_root() {
    let unit = "<orgUnit id=\"1\" client=\"9\"><startDate>2026-01-02</startDate>\
        <endDate>2026-01-01</endDate></orgUnit>\n";
    let inspection = inspect(file(unit).as_bytes(), None, &Options::default());
    assert_eq!(inspection.coverage, Coverage::Mentioned);
}
