use crate::given::{DIRECTORY, PAYROLL, claim, day, days, employment, state, text, unit};
use jiff::civil::Date;
use kobling_domain::exchange::{Authority, Line, Topic};
use kobling_domain::id::SourceNo;
use kobling_domain::people::{
    Claim, Claims, Field, Kind, NativeKey, Rules, State, Value, person_view, person_view_at, view,
    view_at, view_near,
};
use kobling_domain::time::Validity;
use proptest::prelude::*;

fn rules(lines: Vec<Line>) -> Rules {
    Rules { authority: Authority::new(vec![PAYROLL, DIRECTORY], lines), ..Rules::default() }
}

#[test]
fn a_null_says_nothing_and_the_next_source_answers() {
    let email = |it: &str| state([(Field::PersonEmail, text(it))]);
    let own = [claim(DIRECTORY, Validity::ALWAYS, email("a@directory.example"))];
    let silent = state([(Field::PersonMobile, text("12345678"))]);
    let employments = [employment(
        7,
        vec![
            claim(PAYROLL, days(1, Some(10)), email("a@payroll.example")),
            claim(PAYROLL, days(10, None), silent),
        ],
    )];
    let rules = rules(vec![]);
    let on = |day| person_view_at(&rules, &own, &employments, day).unwrap();
    assert_eq!(on(day(9)).text(Field::PersonEmail), Some("a@payroll.example"));
    assert_eq!(on(day(10)).text(Field::PersonEmail), Some("a@directory.example"));
    assert_eq!(on(day(10)).told(Field::PersonEmail).unwrap().claim.source, DIRECTORY);
    assert_eq!(on(day(10)).text(Field::PersonMobile), Some("12345678"));
}

#[test]
fn the_authority_table_decides_on_its_days() {
    let email = |it: &str| state([(Field::PersonEmail, text(it))]);
    let own = [claim(DIRECTORY, Validity::ALWAYS, email("a@directory.example"))];
    let employments =
        [employment(7, vec![claim(PAYROLL, days(1, None), email("a@payroll.example"))])];
    let line =
        Line { topic: Topic::Kind(Kind::Person), source: DIRECTORY, validity: days(5, Some(8)) };
    let rules = rules(vec![line]);
    let emails: Vec<_> = person_view(&rules, &own, &employments)
        .field(Field::PersonEmail)
        .into_iter()
        .map(|(days, told)| (days, told.value.as_text().unwrap().to_owned()))
        .collect();
    let before = Validity::new(Validity::ALWAYS.from(), Some(day(1))).unwrap();
    assert_eq!(
        emails,
        [
            (before, "a@directory.example".to_owned()),
            (days(1, Some(5)), "a@payroll.example".to_owned()),
            (days(5, Some(8)), "a@directory.example".to_owned()),
            (days(8, None), "a@payroll.example".to_owned()),
        ]
    );
}

fn named(first: &str, contract: &str) -> State {
    state([
        (Field::PersonFirstName, text(first)),
        (Field::PersonLastName, text("Prøve")),
        (Field::EmploymentContractCode, text(contract)),
    ])
}

/// Hard case 14.
#[test]
fn of_two_names_the_one_of_the_lower_contract_code_speaks_and_the_other_is_reported() {
    let employments = [
        employment(10, vec![claim(PAYROLL, days(1, None), named("Anne", "03"))]),
        employment(9, vec![claim(PAYROLL, days(1, None), named("Anna", "03"))]),
        employment(2, vec![claim(PAYROLL, days(1, None), named("A.", "99"))]),
    ];
    let rules = rules(vec![]);
    let picture = person_view_at(&rules, &[], &employments, day(1)).unwrap();
    assert_eq!(picture.text(Field::PersonName), Some("Anna Prøve"), "9 goes before 10");
    assert_eq!(picture.other_names, [&NativeKey::number(2), &NativeKey::number(10)]);
}

#[test]
fn an_address_is_never_mixed_from_two_records() {
    let home = |values: [(Field, Value); 2]| claim(PAYROLL, days(1, None), state(values));
    let employments = [
        employment(
            1,
            vec![home([
                (Field::PersonAddress, text("Prøvevej 9")),
                (Field::PersonPostalCode, text("9999")),
            ])],
        ),
        employment(
            2,
            vec![home([
                (Field::PersonAddressSupplement, text("2. tv")),
                (Field::PersonEmail, text("a@payroll.example")),
            ])],
        ),
    ];
    let rules = rules(vec![]);
    let picture = person_view_at(&rules, &[], &employments, day(1)).unwrap();
    assert_eq!(picture.text(Field::PersonAddress), Some("Prøvevej 9"));
    assert_eq!(picture.text(Field::PersonAddressSupplement), None);
    assert_eq!(picture.text(Field::PersonEmail), Some("a@payroll.example"));
}

#[test]
fn on_days_without_a_claim_the_nearest_coming_else_the_last_past_one_speaks() {
    let employments = [
        employment(1, vec![claim(PAYROLL, days(5, Some(10)), named("Anna", "01"))]),
        employment(2, vec![claim(PAYROLL, days(20, Some(30)), named("Anne", "01"))]),
    ];
    let rules = rules(vec![]);
    let name = |number| {
        let picture = person_view_at(&rules, &[], &employments, day(number)).unwrap();
        let told = picture.told(Field::PersonFirstName).unwrap();
        (told.value.as_text().unwrap().to_owned(), told.is_assumed_on(day(number)))
    };
    assert_eq!(name(1), ("Anna".to_owned(), true));
    assert_eq!(name(9), ("Anna".to_owned(), false));
    assert_eq!(name(10), ("Anne".to_owned(), true));
    assert_eq!(name(30), ("Anne".to_owned(), false), "carried on from where it was stated");
    assert_eq!(person_view(&rules, &[], &employments).slices.len(), 2);
    assert!(person_view_at(&rules, &[], &[], day(1)).is_none());
}

fn at_home(protected: Option<bool>) -> State {
    let mut state = state([(Field::PersonAddress, text("Prøvevej 9"))]);
    if let Some(protected) = protected {
        state.set(Field::PersonAddressProtected, Value::Flag(protected));
    }
    state
}

/// Hard case 17, the part of the view.
#[test]
fn one_protected_record_protects_the_person_in_all_sources() {
    let own = [claim(DIRECTORY, Validity::ALWAYS, at_home(None))];
    let employments = [
        employment(1, vec![claim(PAYROLL, days(1, None), at_home(Some(false)))]),
        employment(2, vec![claim(PAYROLL, days(10, Some(20)), at_home(Some(true)))]),
    ];
    let rules = rules(vec![]);
    let on = |number| {
        let picture = person_view_at(&rules, &own, &employments, day(number)).unwrap();
        (picture.is(Field::PersonAddressProtected), picture.get(Field::PersonAddress).is_some())
    };
    assert_eq!(on(15), (true, false));
    assert_eq!(on(5), (true, false), "a coming protection counts at once");
    assert_eq!(on(20), (false, true), "it ends with the last record that states it");
}

/// Hard cases 12 and 13.
#[test]
fn an_employment_is_there_on_its_last_day_and_not_on_the_next() {
    let subject = employment(
        7,
        vec![
            claim(PAYROLL, days(1, Some(6)), state([])),
            claim(PAYROLL, days(6, Some(11)), named("A", "01")),
        ],
    );
    let rules = rules(vec![]);
    let last = view_at(&rules, &subject, day(10)).unwrap();
    assert_eq!(last.get(Field::EmploymentEntryDate), Some(&Value::Date(day(1))));
    assert_eq!(last.get(Field::EmploymentLeaveDate), Some(&Value::Date(day(10))));
    assert_eq!(last.text(Field::EmploymentNumber), Some("7"));
    assert!(view_at(&rules, &subject, day(11)).is_none());
    assert_eq!(view_near(&rules, &subject, day(40)).unwrap().day, day(10));
}

#[test]
fn an_employment_says_nothing_of_the_person_and_a_person_nothing_of_the_employment() {
    let subject = employment(7, vec![claim(PAYROLL, days(1, None), named("Anna", "01"))]);
    let rules = rules(vec![]);
    let employment = view_at(&rules, &subject, day(1)).unwrap();
    assert_eq!(employment.get(Field::PersonFirstName), None);
    let subjects = [subject.clone()];
    let person = person_view_at(&rules, &[], &subjects, day(1)).unwrap();
    assert_eq!(person.get(Field::EmploymentContractCode), None);
}

#[test]
fn where_slices_are_joined_the_first_day_that_was_stated_is_kept() {
    let titled = |validity, title| {
        let name = (Field::PersonFirstName, text("Anna"));
        claim(PAYROLL, validity, state([name, (Field::EmploymentPositionTitle, text(title))]))
    };
    let stated_from = |days| {
        let mut first = titled(days, "Lærer");
        first.slice.stated_from = day(20);
        let employments = [employment(
            7,
            vec![first, titled(days.until().map_or(days, Validity::starting), "Leder")],
        )];
        let whole = person_view(&rules(vec![]), &[], &employments).field(Field::PersonFirstName);
        whole.iter().map(|(days, told)| (*days, told.stated_from)).collect::<Vec<_>>()
    };
    assert_eq!(stated_from(days(1, Some(10))), [(Validity::ALWAYS, day(10))]);
    assert_eq!(stated_from(days(1, Some(30))), [(Validity::ALWAYS, day(20))]);
}

#[test]
fn slices_that_tell_the_same_are_one() {
    let name = |it| state([(Field::UnitName, text(it))]);
    let subject = unit(
        1,
        vec![
            claim(DIRECTORY, days(1, Some(20)), state([(Field::UnitCity, text("Fjordby"))])),
            claim(PAYROLL, days(10, None), name("Skolen")),
            claim(PAYROLL, days(1, Some(10)), name("Skolen")),
        ],
    );
    let slices: Vec<_> =
        view(&rules(vec![]), &subject).slices.into_iter().map(|(days, _)| days).collect();
    assert_eq!(slices, [days(1, Some(20)), days(20, None)]);
}

const FIELDS: [Field; 4] = [
    Field::PersonEmail,
    Field::PersonFirstName,
    Field::PersonAddressProtected,
    Field::EmploymentContractCode,
];

fn any_claim() -> impl Strategy<Value = Claim> {
    (1..15_i16, 1..8_i16, any::<bool>(), any::<[Option<bool>; 4]>(), 1..3_i64).prop_map(
        |(from, length, open, values, source)| {
            let validity = days(from, (!open).then_some(from + length));
            let mut state = State::new();
            for (field, value) in FIELDS.into_iter().zip(values) {
                let Some(value) = value else { continue };
                let flag = field == Field::PersonAddressProtected;
                let it = if flag { Value::Flag(value) } else { text(&u8::from(value).to_string()) };
                state.set(field, it);
            }
            claim(SourceNo(source), validity, state)
        },
    )
}

fn any_line() -> impl Strategy<Value = Line> {
    let topic = prop_oneof![
        Just(Topic::All),
        Just(Topic::Kind(Kind::Person)),
        Just(Topic::Field(Field::PersonEmail)),
    ];
    (topic, 1..3_i64, 1..15_i16).prop_map(|(topic, source, from)| Line {
        topic,
        source: SourceNo(source),
        validity: days(from, Some(from + 4)),
    })
}

/// Who answers for the e-mail address on `day`, in the words of the rule.
fn email_by_the_rule(
    rules: &Rules,
    own: &[Claim],
    employments: &[Claims],
    day: Date,
) -> Option<Value> {
    let claims = own.iter().map(|it| (None, it)).chain(
        employments.iter().flat_map(|it| it.list.iter().map(|claim| (Some(&it.native), claim))),
    );
    let name = kobling_domain::people::FieldName::Known(Field::PersonEmail);
    let contract =
        |it: &Claim| it.slice.state.text(Field::EmploymentContractCode).unwrap_or("9").to_owned();
    claims
        .filter(|(_, it)| it.slice.validity.contains(day))
        .filter_map(|(number, it)| {
            let place = rules.authority.place(&name, it.source, day);
            let through = number.map(|number| (contract(it), number));
            Some(((place, through, it.slice.validity), it.slice.state.get(Field::PersonEmail)?))
        })
        .min_by(|(a, _), (b, _)| a.cmp(b))
        .map(|(_, value)| value.clone())
}

proptest! {
    /// One date asked alone is the same as that date in the whole picture, and both are what the
    /// rule says.
    #[test]
    fn a_view_says_of_each_day_what_the_rule_says(
        own in prop::collection::vec(any_claim(), 0..3),
        first in prop::collection::vec(any_claim(), 0..4),
        second in prop::collection::vec(any_claim(), 0..4),
        lines in prop::collection::vec(any_line(), 0..3),
    ) {
        let employments = [employment(10, first), employment(9, second)];
        let rules = rules(lines);
        let whole = person_view(&rules, &own, &employments);
        let mut speaks = false;
        for day in (1..30).map(day) {
            let then = whole.slices.iter().find(|(days, _)| days.contains(day));
            let alone = person_view_at(&rules, &own, &employments, day);
            prop_assert_eq!(then.is_some(), alone.is_some());
            let (Some((_, then)), Some(alone)) = (then, alone) else { continue };
            prop_assert!(then.tells_as(&alone), "{day}: {then:?} and {alone:?}");
            let claimed = own.iter().chain(employments.iter().flat_map(|it| &it.list));
            if claimed.into_iter().any(|it| it.slice.validity.contains(day)) {
                speaks = true;
                let expected = email_by_the_rule(&rules, &own, &employments, day);
                prop_assert_eq!(alone.get(Field::PersonEmail), expected.as_ref());
            }
        }
        prop_assert_eq!(speaks, !whole.slices.is_empty());
    }

    #[test]
    fn the_slices_of_a_view_are_ordered_and_each_differs_from_the_next(
        list in prop::collection::vec(any_claim(), 0..5),
    ) {
        let subject = employment(1, list);
        let rules = rules(vec![]);
        let whole = view(&rules, &subject);
        for pair in whole.slices.windows(2) {
            let [(a, x), (b, y)] = pair else { continue };
            prop_assert!(a.until().is_some_and(|until| until <= b.from()));
            prop_assert!(!(a.meets(b) && x.tells_as(y)));
        }
        for day in (1..30).map(day) {
            let then = whole.slices.iter().any(|(days, _)| days.contains(day));
            prop_assert_eq!(then, view_at(&rules, &subject, day).is_some());
        }
    }
}
