use crate::given::{PAYROLL, claim, day, days, employment, state, text, unit};
use kobling_domain::agreement::{
    Address, Agreement, AgreementError, AgreementText, EmploymentFacts, ManagerFacts, PersonFacts,
    Projection, Reach, Standing, Template, UnitFacts,
};
use kobling_domain::id::{SubjectId, Version};
use kobling_domain::people::{
    Claims, Field, FieldName, NativeKey, Picture, Rules, State, Tree, UnitDays, Value,
    person_view_at, view_at, view_near,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

fn id(number: i64) -> SubjectId {
    SubjectId(Uuid::from_u128(u128::try_from(number).unwrap()))
}

fn written(fields: &[&str], scope: &[&str]) -> AgreementText {
    AgreementText {
        key: "learning".to_owned(),
        template: Template::OneParty,
        interfaces: Vec::new(),
        source: "opus".to_owned(),
        sources: vec![],
        members: vec![],
        target: "plan2learn".to_owned(),
        fields: fields.iter().map(|it| (*it).to_owned()).collect(),
        scope: scope.iter().map(|it| (*it).to_owned()).collect(),
        packages: None,
        except: vec![],
        from: day(1),
        until: Some(day(100)),
        purpose: "courses".to_owned(),
        legal_basis: "databeskyttelseslovens § 12".to_owned(),
    }
}

fn agreement(fields: &[&str], scope: &[&str]) -> Agreement {
    Agreement::parse(written(fields, scope), Version(1)).unwrap()
}

/// Units 1 (root) ← 2 ← 3, and 4 below 1.
fn tree() -> Tree<NativeKey> {
    let key = NativeKey::number;
    Tree::new(
        [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(1))]
            .map(|(unit, parent)| (key(unit), parent.map(key))),
    )
}

fn employed(number: i64, unit: &str, from: i16, until: Option<i16>) -> Claims {
    let mut values = state([
        (Field::EmploymentUnit, text(unit)),
        (Field::EmploymentPositionTitle, text("Lærer")),
        (Field::PersonFirstName, text("Anna")),
        (Field::PersonLastName, text("Prøve")),
        (Field::PersonEmail, text("anna@fjordby.example")),
    ]);
    values.set_named(FieldName::Extra("shoeSize".to_owned()), text("38"));
    employment(number, vec![claim(PAYROLL, days(from, until), values)])
}

fn facts<'a>(number: i64, picture: &'a Picture<'a>) -> EmploymentFacts<'a> {
    let (unit, position) = (Some(id(900)), Some(id(800)));
    EmploymentFacts {
        id: id(number),
        unit,
        position,
        picture,
        primary: Some(true),
        first_day: None,
    }
}

#[test]
fn only_named_fields_leave_and_our_own_ids_always_do() {
    let rules = Rules::default();
    let subjects = [employed(7, "3", 1, None)];
    let agreement = agreement(&["person.email"], &["2"]);
    let projection = Projection::on(&agreement, &tree(), day(5), Reach::Present).unwrap();
    let picture = view_at(&rules, &subjects[0], day(5)).unwrap();
    let person = person_view_at(&rules, &[], &subjects, day(5)).unwrap();
    let employments = [facts(7, &picture)];
    let it = PersonFacts {
        id: id(1),
        picture: &person,
        address: Address::Open,
        national_number: Some("7101809991"),
        employments: &employments,
        membership: None,
    };
    let projected = projection.person(&it).unwrap();
    let email = (Field::PersonEmail, text("anna@fjordby.example"));
    assert_eq!((projected.id, &projected.values), (id(1), &BTreeMap::from([email])));
    let [employment] = projected.employments.as_slice() else { panic!("one employment") };
    assert_eq!((employment.id, employment.unit), (id(7), Some(id(900))));
    assert_eq!(employment.values, BTreeMap::new());
    assert_eq!(projection.position(&employments[0]).unwrap().values, BTreeMap::new());
    assert_eq!(
        serde_json::to_string(&projected).unwrap().matches("7101809991").count(),
        0,
        "a number nobody named"
    );
}

#[test]
fn derived_fields_and_the_national_number_must_be_named_too() {
    let rules = Rules::default();
    let subjects = [employed(7, "3", 1, None)];
    let fields = [
        "person.name",
        "person.national_number",
        "employment.primary",
        "employment.entry_date",
        "position.title",
    ];
    let agreement = agreement(&fields, &["1"]);
    let projection = Projection::on(&agreement, &tree(), day(5), Reach::Present).unwrap();
    let picture = view_at(&rules, &subjects[0], day(5)).unwrap();
    let person = person_view_at(&rules, &[], &subjects, day(5)).unwrap();
    let employments = [facts(7, &picture)];
    let it = PersonFacts {
        id: id(1),
        picture: &person,
        address: Address::Open,
        national_number: Some("7101809991"),
        employments: &employments,
        membership: None,
    };
    let projected = projection.person(&it).unwrap();
    assert_eq!(projected.values.get(&Field::PersonName), Some(&text("Anna Prøve")));
    assert_eq!(projected.values.get(&Field::PersonNationalNumber), Some(&text("7101809991")));
    let [employment] = projected.employments.as_slice() else { panic!("one employment") };
    assert_eq!(
        employment.values,
        BTreeMap::from([
            (Field::EmploymentEntryDate, Value::Date(day(1))),
            (Field::EmploymentPrimary, Value::Flag(true)),
        ])
    );
    let position = projection.position(&employments[0]).unwrap();
    assert_eq!(position.values, BTreeMap::from([(Field::PositionTitle, text("Lærer"))]));
}

#[test]
fn units_above_the_scope_follow_with_their_name_alone_and_others_not_at_all() {
    let rules = Rules::default();
    let agreement = agreement(&["unit.name", "unit.city"], &["2"]);
    let projection = Projection::on(&agreement, &tree(), day(5), Reach::Present).unwrap();
    let values = |number: i64| {
        let values = state([(Field::UnitName, text("U")), (Field::UnitCity, text("Fjordby"))]);
        let subject = unit(number, vec![claim(PAYROLL, days(1, None), values)]);
        let picture = view_at(&rules, &subject, day(5)).unwrap();
        let projected = projection.unit(&UnitFacts {
            id: id(number),
            parent: None,
            picture: &picture,
            ean: None,
        });
        projected.map(|it| it.values.keys().copied().collect::<Vec<_>>())
    };
    assert_eq!(values(1), Some(vec![Field::UnitName]));
    assert_eq!(values(2), Some(vec![Field::UnitName, Field::UnitCity]));
    assert_eq!(values(3), Some(vec![Field::UnitName, Field::UnitCity]));
    assert_eq!(values(4), None);
    assert_eq!(values(5), None, "a unit that is not in the tree");
}

/// Hard case 19: until its unit is there, an employment waits; then it follows by itself.
#[test]
fn an_employment_in_a_unit_that_is_missing_or_has_closed_is_held_back_until_it_is_there() {
    let rules = Rules::default();
    let subjects = [employed(7, "9", 1, None)];
    let agreement = agreement(&[], &["1"]);
    let key = NativeKey::number;
    let days_of = |unit, validity| UnitDays { unit: key(unit), parent: Some(key(1)), validity };
    let root = UnitDays { unit: key(1), parent: None, validity: days(1, None) };
    let given = |units: &[UnitDays<NativeKey>], on| {
        let projection =
            Projection::on(&agreement, &Tree::on(units, on), on, Reach::Present).unwrap();
        let picture = view_at(&rules, &subjects[0], on).unwrap();
        let person = person_view_at(&rules, &[], &subjects, on).unwrap();
        let employments = [facts(7, &picture)];
        let (picture, national_number) = (&person, None);
        let (address, employments) = (Address::Open, employments.as_slice());
        let it = PersonFacts {
            id: id(1),
            picture,
            address,
            national_number,
            employments,
            membership: None,
        };
        projection.person(&it).is_some()
    };
    let missing = [root.clone()];
    assert!(!given(&missing, day(5)));
    let closed = [root.clone(), days_of(9, days(1, Some(5)))];
    assert!(given(&closed, day(4)) && !given(&closed, day(5)));
    let created_a_day_later = [root, days_of(9, days(6, None))];
    assert!(!given(&created_a_day_later, day(5)) && given(&created_a_day_later, day(6)));
}

/// Hard case 18. The list acts when projecting, so that neither a move nor a changed list needs a
/// new input.
#[test]
fn a_unit_moved_below_one_that_is_left_out_is_left_out_and_comes_back_with_it() {
    let key = NativeKey::number;
    let tree = |parent_of_3| {
        let units = [(1, None), (2, Some(1)), (4, Some(1)), (3, Some(parent_of_3))];
        Tree::new(units.map(|(unit, parent)| (key(unit), parent.map(key))))
    };
    let rules = Rules::default();
    let subject = employed(7, "3", 1, None);
    let given = |except: &[&str], parent_of_3| {
        let except = except.iter().map(|it| (*it).to_owned()).collect();
        let text = AgreementText { except, ..written(&["position.title"], &["1"]) };
        let agreement = Agreement::parse(text, Version(1)).unwrap();
        let projection =
            Projection::on(&agreement, &tree(parent_of_3), day(5), Reach::Present).unwrap();
        let picture = view_at(&rules, &subject, day(5)).unwrap();
        projection.position(&facts(7, &picture)).is_some()
    };
    assert!(given(&["4"], 2));
    assert!(!given(&["4"], 4), "moved below a unit that is left out");
    assert!(given(&[], 4), "the list changed");
    assert!(!given(&["3"], 2), "left out itself");
}

#[test]
fn a_manager_outside_the_scope_is_left_out() {
    let rules = Rules::default();
    let led = unit(2, vec![claim(PAYROLL, days(1, None), State::new())]);
    let led = view_at(&rules, &led, day(5)).unwrap();
    let agreement = agreement(&[], &["2"]);
    let projection = Projection::on(&agreement, &tree(), day(5), Reach::All).unwrap();
    let manager = |subject: &Claims, on| {
        let picture = view_at(&rules, subject, on).unwrap();
        let unit = UnitFacts { id: id(2), parent: None, picture: &led, ean: None };
        let manager = ManagerFacts { unit, person: id(1), employment: facts(7, &picture) };
        projection.manager(&manager).map(|it| it.employment)
    };
    assert_eq!(manager(&employed(7, "2", 1, None), day(5)), Some(id(7)));
    assert_eq!(manager(&employed(7, "4", 1, None), day(5)), None, "sits elsewhere");
    assert_eq!(manager(&employed(7, "2", 1, Some(5)), day(4)), None, "has left");
}

#[test]
fn an_agreement_lets_nothing_out_on_days_on_which_it_does_not_hold() {
    let agreement = agreement(&["person.email"], &["1"]);
    let on = |number| Projection::on(&agreement, &tree(), day(number), Reach::All).is_some();
    assert_eq!([0, 1, 99, 100].map(on), [false, true, true, false]);
}

#[test]
fn an_agreement_text_is_read_back_as_written() {
    let text = written(&["person.name", "employment.unit"], &["2", "10"]);
    assert_eq!(Agreement::parse(text.clone(), Version(3)).unwrap().to_text(), text);
    let json = serde_json::to_value(&text).unwrap();
    assert_eq!(json["template"], "self");
}

#[test]
fn an_agreement_text_that_is_wrong_is_refused_with_its_key_and_what_to_do() {
    let refused = |change: fn(&mut AgreementText)| {
        let mut text = written(&["person.name"], &["2"]);
        change(&mut text);
        Agreement::parse(text, Version(1)).unwrap_err().to_string()
    };
    assert_eq!(
        refused(|it| it.fields.push("person.shoe_size".to_owned())),
        "agreement learning: fields: \"person.shoe_size\" is not a field; docs/fields.md lists them all"
    );
    assert_eq!(
        refused(|it| it.fields.push("extra.shoeSize".to_owned())),
        "agreement learning: fields: \"extra.shoeSize\" never leaves the hub; take it out"
    );
    assert_eq!(
        refused(|it| it.scope.clear()),
        "agreement learning: scope is empty; say the number of at least one unit, the root's for all"
    );
    assert_eq!(
        refused(|it| it.scope.push("02".to_owned())),
        "agreement learning: scope: \"02\" stands there twice; take one out"
    );
    assert_eq!(
        refused(|it| it.legal_basis.clear()),
        "agreement learning: legal_basis is empty; say the law that allows it"
    );
    assert_eq!(
        refused(|it| it.until = Some(it.from)),
        "agreement learning: until 2026-01-01 is not after from 2026-01-01; give a later day or none"
    );
    assert!(
        refused(|it| "Læring".clone_into(&mut it.key)).starts_with("key \"Læring\": use small")
    );
    let mut twice = written(&["person.name", "person.name"], &["2"]);
    assert!(matches!(
        Agreement::parse(twice.clone(), Version(1)),
        Err(AgreementError::Twice { entry: "fields", .. })
    ));
    twice.fields.clear();
    assert!(Agreement::parse(twice, Version(1)).is_ok(), "our own ids alone are a good agreement");
}

/// Whether `unit` stands at or below one of `tops`, walked by hand; rings end.
fn stands_below(parents: &[Option<i64>], unit: i64, tops: &BTreeSet<i64>) -> bool {
    let mut at = Some(unit);
    for _ in 0..=parents.len() {
        match at {
            Some(unit) if tops.contains(&unit) => return true,
            Some(unit) => {
                at = usize::try_from(unit).ok().and_then(|it| parents.get(it).copied()).flatten();
            }
            None => return false,
        }
    }
    false
}

proptest! {
    /// No output holds a field, a subject or a day outside the agreement, and none is missing.
    #[test]
    fn nothing_outside_the_agreement_leaves_and_nothing_inside_is_missing(
        parents in prop::collection::vec(prop::option::of(0..6_i64), 6),
        tops in prop::collection::btree_set(0..6_i64, 1..3),
        except in prop::collection::btree_set(0..6_i64, 0..3),
        fields in prop::collection::btree_set(0..Field::ALL.len(), 0..20),
        (from, length) in (1..20_i16, 1..20_i16),
        on in 1..40_i16,
        jobs in prop::collection::vec((0..7_i64, 1..40_i16, prop::option::of(1..20_i16)), 1..4),
    ) {
        let fields: BTreeSet<Field> =
            fields.into_iter().filter_map(|it| Field::ALL.get(it).copied()).collect();
        let names: Vec<&str> = fields.iter().map(|it| it.name()).collect();
        let scope: Vec<String> = tops.iter().map(i64::to_string).collect();
        let scope: Vec<&str> = scope.iter().map(String::as_str).collect();
        let text = AgreementText {
            from: day(from),
            until: Some(day(from + length)),
            except: except.iter().map(i64::to_string).collect(),
            ..written(&names, &scope)
        };
        let agreement = Agreement::parse(text, Version(1)).unwrap();
        let units = parents.iter().zip(0..).map(|(parent, unit): (_, i64)| {
            (NativeKey::number(unit), parent.map(NativeKey::number))
        });
        let tree = Tree::new(units);
        let projection = Projection::on(&agreement, &tree, day(on), Reach::All);
        prop_assert_eq!(projection.is_some(), agreement.validity().contains(day(on)));
        let Some(projection) = projection else { return Ok(()) };

        let rules = Rules::default();
        let subjects: Vec<Claims> = (100..)
            .zip(&jobs)
            .map(|(number, (unit, from, length))| {
                employed(number, &unit.to_string(), *from, length.map(|it| from + it))
            })
            .collect();
        let pictures: Vec<_> =
            subjects.iter().map(|it| view_near(&rules, it, day(on)).unwrap()).collect();
        let employments: Vec<_> =
            (100..).zip(&pictures).map(|(number, picture)| facts(number, picture)).collect();
        let person = person_view_at(&rules, &[], &subjects, day(on)).unwrap();
        let projected = projection.person(&PersonFacts {
            id: id(1),
            picture: &person,
            address: Address::Open,
        national_number: Some("7101809991"),
            employments: &employments,
            membership: None,
        });

        let expected: Vec<_> = (100..)
            .zip(&jobs)
            .zip(&pictures)
            .filter(|((_, (unit, ..)), picture)| {
                let there = usize::try_from(*unit).is_ok_and(|it| it < parents.len());
                there
                    && stands_below(&parents, *unit, &tops)
                    && !stands_below(&parents, *unit, &except)
                    && agreement.validity().contains(picture.day)
            })
            .map(|((number, _), picture)| {
                let standing = match picture.day.cmp(&day(on)) {
                    std::cmp::Ordering::Less => Standing::Ended,
                    std::cmp::Ordering::Equal => Standing::Present,
                    std::cmp::Ordering::Greater => Standing::Coming,
                };
                (id(number), standing)
            })
            .collect();
        let employments = projected.iter().flat_map(|it| it.employments.iter());
        let given: Vec<_> = employments.clone().map(|it| (it.id, it.standing)).collect();
        prop_assert_eq!(given, expected);
        let named = projected
            .iter()
            .flat_map(|it| it.values.keys())
            .chain(employments.flat_map(|it| it.values.keys()));
        for field in named {
            prop_assert!(fields.contains(field), "{field} is not in the agreement");
        }
    }
}

/// Without the package organisation nobody learns what stands above what.
#[test]
fn without_the_hierarchy_units_are_told_flat_and_none_above_the_scope() {
    let rules = Rules::default();
    let flat =
        AgreementText { packages: Some(vec![]), ..written(&["unit.name", "unit.parent"], &["2"]) };
    let flat = Agreement::parse(flat, Version(1)).unwrap();
    let projection = Projection::on(&flat, &tree(), day(5), Reach::Present).unwrap();
    let told = |number: i64, parent: &str| {
        let values = state([(Field::UnitName, text("U")), (Field::UnitParent, text(parent))]);
        let subject = unit(number, vec![claim(PAYROLL, days(1, None), values)]);
        let picture = view_at(&rules, &subject, day(5)).unwrap();
        let parent = Some(id(900));
        projection.unit(&UnitFacts { id: id(number), parent, picture: &picture, ean: None })
    };
    let school = told(3, "2").unwrap();
    assert_eq!(school.parent, None);
    assert_eq!(school.values, BTreeMap::from([(Field::UnitName, text("U"))]));
    assert!(told(1, "").is_none());
}

/// Whoever protects it, and whether this source knows of it or not.
#[test]
fn a_protected_address_is_told_to_nobody_though_the_agreement_names_it() {
    let rules = Rules::default();
    let home = |number: i64| {
        let values = state([
            (Field::EmploymentUnit, text("3")),
            (Field::PersonAddress, text("Prøvevej 3")),
            (Field::PersonPostalCode, text("9999")),
            (Field::PersonEmail, text("anna@fjordby.example")),
        ]);
        employment(number, vec![claim(PAYROLL, days(1, None), values)])
    };
    let subjects = [home(7)];
    let fields = ["person.address", "person.postal_code", "person.email"];
    let agreement = agreement(&fields, &["1"]);
    let projection = Projection::on(&agreement, &tree(), day(5), Reach::Present).unwrap();
    let picture = view_at(&rules, &subjects[0], day(5)).unwrap();
    let person = person_view_at(&rules, &[], &subjects, day(5)).unwrap();
    let employments = [facts(7, &picture)];
    let told = |address| {
        let (id, picture, national_number) = (id(1), &person, None);
        let employments = employments.as_slice();
        let membership = None;
        let it = PersonFacts { id, picture, address, national_number, employments, membership };
        projection.person(&it).unwrap().values.keys().copied().collect::<Vec<_>>()
    };
    let open = [Field::PersonAddress, Field::PersonPostalCode, Field::PersonEmail];
    assert_eq!(told(Address::Open), open);
    assert_eq!(told(Address::Protected), [Field::PersonEmail]);
}
