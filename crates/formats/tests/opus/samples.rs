use super::*;
use jiff::civil::date;
use kobling_domain::exchange::Existence;
use kobling_domain::people::{Field, Kind, RoleFunction, Value};
use kobling_domain::time::Validity;
use kobling_formats::opus::RecordKind;

#[test]
fn the_snapshot_holds_three_units_two_employments_and_a_stub() {
    let all = readings(SNAPSHOT.as_bytes(), &Options::default());
    let stated: Vec<Stated> = all.into_iter().map(|it| it.unwrap().stated).collect();
    let keys: Vec<_> = stated.iter().map(|it| (it.kind, it.native.as_number().unwrap())).collect();
    let expected = [
        (Kind::Unit, 20001),
        (Kind::Unit, 20010),
        (Kind::Unit, 20011),
        (Kind::Employment, 40001),
        (Kind::Employment, 40002),
        (Kind::Employment, 39777),
    ];
    assert_eq!(keys, expected);
    assert_eq!(stated[5].existence, Existence::Ended);
}

#[test]
fn the_root_unit_has_always_been_and_has_neither_parent_nor_p_number() {
    let all = readings(SNAPSHOT.as_bytes(), &Options::default());
    let root = &all[0].as_ref().unwrap().stated;
    assert_eq!(root.existence, Existence::Period(Validity::ALWAYS));
    assert_eq!(root.state.get(Field::UnitParent), None);
    assert_eq!(root.state.get(Field::UnitPNumber), None);
    assert_eq!(root.state.text(Field::UnitEan), Some("5790000000001"));
    assert_eq!(root.state.text(Field::UnitPhone), Some("00000010"));
    assert_eq!(root.state.text(Field::UnitTypeCode), Some("00000"));
}

#[test]
fn an_ean_of_nines_is_none_and_a_stump_ends_on_its_last_day() {
    let all = readings(SNAPSHOT.as_bytes(), &Options::default());
    let school = &all[1].as_ref().unwrap().stated;
    assert_eq!(school.state.get(Field::UnitEan), None);
    assert_eq!(school.state.text(Field::UnitPNumber), Some("1000000018"));
    let stump = &all[2].as_ref().unwrap().stated;
    let days = Validity::new(date(2022, 8, 1), Some(date(2026, 8, 1))).unwrap();
    assert_eq!(stump.existence, Existence::Period(days));
    assert_eq!(stump.state.text(Field::UnitStreet), None);
}

#[test]
fn the_school_leader_is_read_whole_but_for_the_protected_address() {
    let all = readings(SNAPSHOT.as_bytes(), &Options::default());
    let Reading { stated, notes } = all[3].as_ref().unwrap();
    assert!(notes.is_empty());
    assert_eq!(stated.person.as_ref().unwrap().digits(), "7101809991");
    let state = &stated.state;
    assert!(state.is(Field::PersonAddressProtected) && state.is(Field::EmploymentIsManager));
    for field in [Field::PersonAddress, Field::PersonPostalCode, Field::PersonCity] {
        assert_eq!(state.get(field), None, "{field}");
    }
    assert_eq!(state.text(Field::PersonFirstName), Some("Åse"));
    assert_eq!(state.text(Field::PersonEmail), Some("AASE@FJORDBY.EXAMPLE"));
    assert_eq!(state.text(Field::EmploymentWorkPhone), Some("00 00 00 21"));
    assert_eq!(state.text(Field::EmploymentSubordinateLevel), Some("04"));
    assert_eq!(state.int(Field::EmploymentSuperiorLevel), Some(3));
    assert_eq!(state.int(Field::EmploymentHoursNumerator), Some(37_000));
    let initial = Some(&Value::Date(date(2009, 2, 1)));
    assert_eq!(state.get(Field::EmploymentInitialEntry), initial);
    let function = RoleFunction {
        from: date(2024, 1, 1),
        until: None,
        kind: 12,
        kind_name: Some("Arbejdsmiljørepræsentant".to_owned()),
        coverage: Some("20010".to_owned()),
        members: Some(0),
        role: Some(3),
        role_name: Some("Formand".to_owned()),
    };
    let functions = Some(&Value::Functions(vec![function]));
    assert_eq!(state.get(Field::EmploymentFunctions), functions);
}

#[test]
fn the_delta_is_complete_and_has_no_root_unit() {
    let (records, proof) = records(DELTA.as_bytes()).unwrap();
    assert!(proof.complete());
    let is_root = |it: &Record| it.kind == RecordKind::Unit && it.text("parentOrgUnit").is_none();
    assert!(!records.iter().any(|it| is_root(it.as_ref().unwrap())));
    assert_eq!(records.len(), 3);
}
