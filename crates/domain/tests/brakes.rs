//! Which plans the brakes hold, and what they say.

use jiff::civil::date;
use kobling_domain::exchange::brake::{
    Allowed, Below, Brake, Gone, KnownName, Limits, LimitsBelow, PlanFigures, Records,
    TargetFigures, UnitPeople, check, check_target, emptied, units_held,
};
use kobling_domain::people::{Fault, Kind, NativeKey, Tree};
use std::collections::{BTreeMap, BTreeSet};

fn key(number: i64) -> NativeKey {
    NativeKey::number(number)
}

fn gone(open: u64, gone: u64) -> Gone {
    Gone { open, gone, ended: 0, items: vec![key(1)] }
}

fn tripped(plan: &PlanFigures) -> Vec<(Brake, Option<Kind>, u64, u64)> {
    check(&Limits::default(), plan)
        .into_iter()
        .map(|it| (it.brake, it.kind, it.count, it.limit))
        .collect()
}

fn school(people: u64) -> UnitPeople {
    let above = vec![key(200), key(1)];
    UnitPeople { unit: key(20010), name: "Fjordby Skole".to_owned(), people, above }
}

/// Limits of their own for some units.
fn with_below(below: &[(i64, LimitsBelow)]) -> Limits {
    let below = below.iter().map(|(unit, it)| (key(*unit), it.clone())).collect();
    Limits { below, ..Limits::default() }
}

fn names(limits: &Limits, plan: &PlanFigures) -> Vec<Brake> {
    check(limits, plan).into_iter().map(|it| it.brake).collect()
}

#[test]
fn what_records_end_counts_with_what_is_no_longer_mentioned() {
    let of = |gone, ended| {
        let employments = Gone { open: 2000, gone, ended, items: vec![key(1)] };
        PlanFigures { employments, ..PlanFigures::default() }
    };
    assert_eq!(tripped(&of(20, 20)), []);
    for (gone, ended, said) in [
        (
            0,
            286,
            "286 of 2000 open employments would end by what their records say, more than the 40",
        ),
        (20, 21, "41 of 2000 open employments would end: 20 no longer mentioned, 21 by what their"),
        (41, 0, "41 of 2000 open employments are no longer mentioned, more than the 40"),
    ] {
        let plan = of(gone, ended);
        assert_eq!(tripped(&plan), [(Brake::Gone, Some(Kind::Employment), gone + ended, 40)]);
        let text = check(&Limits::default(), &plan).remove(0).text;
        assert!(text.starts_with(said), "{text}");
    }
}

#[test]
fn a_plan_in_which_nothing_is_unusual_is_not_held() {
    assert_eq!(tripped(&PlanFigures::default()), []);
}

/// Fifteen of two thousand are fewer than twenty, and one unit fewer than three.
#[test]
fn a_lacking_school_of_fifteen_people_is_held_although_the_counts_pass() {
    let plan = PlanFigures {
        units: gone(120, 1),
        employments: gone(2000, 15),
        emptied: vec![school(15)],
        ..PlanFigures::default()
    };
    assert_eq!(tripped(&plan), [(Brake::UnitEmptied, Some(Kind::Unit), 1, 0)]);
    let held = check(&Limits::default(), &plan);
    assert_eq!(
        held.first().unwrap().text,
        "unit 20010 (Fjordby Skole) and all below it would lose everybody in it: 15 employments. Check that \
         the input is whole; release the plan if the unit has really closed, else reject it"
    );
}

#[test]
fn a_unit_of_very_few_people_may_lose_them_all() {
    let plan = PlanFigures { emptied: vec![school(4)], ..PlanFigures::default() };
    assert_eq!(tripped(&plan), []);
}

#[test]
fn so_many_may_be_gone_or_a_share_of_the_open_ones_whichever_is_more() {
    let plan = |units, employments| PlanFigures { units, employments, ..PlanFigures::default() };
    assert_eq!(tripped(&plan(gone(10, 3), gone(100, 20))), []);
    assert_eq!(
        tripped(&plan(gone(10, 4), gone(100, 21))),
        [(Brake::Gone, Some(Kind::Unit), 4, 3), (Brake::Gone, Some(Kind::Employment), 21, 20)]
    );
    assert_eq!(tripped(&plan(gone(1000, 20), gone(100_000, 2000))), []);
    assert_eq!(
        tripped(&plan(gone(1000, 21), gone(100_000, 2001))),
        [
            (Brake::Gone, Some(Kind::Unit), 21, 20),
            (Brake::Gone, Some(Kind::Employment), 2001, 2000)
        ]
    );
}

#[test]
fn each_kind_below_a_unit_can_have_a_limit_of_its_own_beside_that_of_the_source() {
    let plan = |units, employments| PlanFigures {
        units: gone(2000, 3),
        employments: gone(2000, 3),
        below: BTreeMap::from([(key(2), Below { units, employments, ..Below::default() })]),
        ..PlanFigures::default()
    };
    let two = Some(Allowed { count: 2, per_mille: 0 });
    let below = LimitsBelow { employments_gone: two, units_gone: two, ..LimitsBelow::default() };
    let limits = with_below(&[(2, below)]);
    assert_eq!(check(&limits, &plan(gone(5, 2), gone(30, 2))), []);
    let held = check(&limits, &plan(gone(5, 3), gone(30, 3)));
    let [units, employments] = held.as_slice() else { panic!("{held:?}") };
    assert_eq!((units.kind, &units.below), (Some(Kind::Unit), &Some(key(2))));
    assert_eq!((employments.brake, employments.kind), (Brake::Gone, Some(Kind::Employment)));
    let text = &employments.text;
    assert!(text.starts_with("3 of 30 open employments in unit 2 and below are"), "{text}");
    let only_units = LimitsBelow { units_gone: two, ..LimitsBelow::default() };
    let held = check(&with_below(&[(2, only_units)]), &plan(gone(5, 2), gone(30, 30)));
    assert_eq!(held, [], "what is not set below holds for the source as a whole only");
}

#[test]
fn of_least_numbers_of_people_the_one_set_nearest_above_a_unit_holds() {
    let emptied = |people| PlanFigures { emptied: vec![school(people)], ..PlanFigures::default() };
    let min = |min| LimitsBelow { emptied_people_min: Some(min), ..LimitsBelow::default() };
    let limits = with_below(&[(1, min(50)), (200, min(2))]);
    assert_eq!(names(&limits, &emptied(2)), [Brake::UnitEmptied]);
    assert_eq!(names(&with_below(&[(1, min(50))]), &emptied(49)), []);
    let moved = PlanFigures { moved: vec![school(3)], ..PlanFigures::default() };
    let min = LimitsBelow { moved_people_min: Some(3), ..LimitsBelow::default() };
    assert_eq!(names(&with_below(&[(20010, min)]), &moved), [Brake::UnitMoved]);
    assert_eq!(names(&limits, &moved), []);
}

#[test]
fn a_brake_can_be_off_below_a_unit_and_a_few_lost_protections_may_pass_there() {
    let plan = PlanFigures {
        emptied: vec![school(15)],
        moved: vec![school(50)],
        ..PlanFigures::default()
    };
    let off = BTreeSet::from([Brake::UnitEmptied]);
    let below = LimitsBelow { off, ..LimitsBelow::default() };
    assert_eq!(names(&with_below(&[(200, below)]), &plan), [Brake::UnitMoved]);

    let lost = |there: Vec<NativeKey>| PlanFigures {
        protection_lost: vec![key(7)],
        below: BTreeMap::from([(key(2), Below { protection_lost: there, ..Below::default() })]),
        ..PlanFigures::default()
    };
    let below = LimitsBelow { protection_lost_max: Some(0), ..LimitsBelow::default() };
    let limits = Limits { protection_lost_max: 5, ..with_below(&[(2, below)]) };
    assert_eq!(names(&limits, &lost(vec![])), []);
    let held = check(&limits, &lost(vec![key(7)]));
    let text = &held.first().unwrap().text;
    assert!(
        text.starts_with("the address of 1 protected person in unit 2 and below would"),
        "{text}"
    );
}

#[test]
fn all_units_that_a_brake_holds_are_told_not_only_those_it_names() {
    let unit = |number| UnitPeople { unit: key(number), ..school(5) };
    let plan = PlanFigures { emptied: (100..130).map(unit).collect(), ..PlanFigures::default() };
    let held = check(&Limits::default(), &plan);
    assert_eq!((held[0].count, held[0].items.len()), (30, 20));
    assert_eq!(units_held(&Limits::default(), Brake::UnitEmptied, &plan).len(), 30);
    assert_eq!(units_held(&Limits::default(), Brake::Gone, &plan), BTreeSet::new());
}

#[test]
fn a_missing_root_holds_and_says_what_a_delta_would_need() {
    let plan = PlanFigures { root_missing: Some(key(1)), ..PlanFigures::default() };
    assert_eq!(tripped(&plan), [(Brake::RootMissing, Some(Kind::Unit), 1, 0)]);
}

#[test]
fn fewer_records_of_a_kind_than_the_last_runs_hold_once_there_are_enough_runs() {
    let records = |employments| Records { units: 100, employments };
    let plan = |it, before: &[u64]| PlanFigures {
        records: it,
        records_before: before.iter().copied().map(records).collect(),
        ..PlanFigures::default()
    };
    assert_eq!(tripped(&plan(records(0), &[2000, 2010])), []);
    assert_eq!(tripped(&plan(records(1960), &[2000, 2010, 2020])), []);
    assert_eq!(
        tripped(&plan(records(1959), &[2000, 2010, 2020])),
        [(Brake::FewerRecords, Some(Kind::Employment), 1959, 1960)]
    );
    let few_units = Records { units: 96, employments: 2000 };
    assert_eq!(
        tripped(&plan(few_units, &[2000, 2010, 2020])),
        [(Brake::FewerRecords, Some(Kind::Unit), 96, 97)]
    );
}

#[test]
fn an_older_input_and_a_known_name_with_other_bytes_hold() {
    let plan = |older_than| PlanFigures {
        day: Some(date(2026, 3, 4)),
        older_than,
        ..PlanFigures::default()
    };
    assert_eq!(tripped(&plan(None)), []);
    let older = plan(Some(date(2026, 3, 5)));
    assert_eq!(tripped(&older), [(Brake::OlderThanApplied, None, 1, 0)]);
    let known = PlanFigures { known_name: KnownName::OtherBytes, ..PlanFigures::default() };
    assert_eq!(tripped(&known), [(Brake::SameNameOtherBytes, None, 1, 0)]);
}

#[test]
fn a_unit_moved_with_its_people_a_lost_protection_and_a_broken_tree_hold() {
    let plan = PlanFigures {
        moved: vec![school(19), school(20), school(50)],
        protection_lost: vec![key(7)],
        tree_faults: vec![Fault::MissingParent { unit: key(3), parent: key(9) }],
        ..PlanFigures::default()
    };
    assert_eq!(
        tripped(&plan),
        [
            (Brake::UnitMoved, Some(Kind::Unit), 2, 0),
            (Brake::ProtectionLost, Some(Kind::Person), 1, 0),
            (Brake::ManagerTreeBroken, Some(Kind::Unit), 1, 0),
        ]
    );
}

#[test]
fn a_target_is_not_told_that_many_have_left_before_somebody_looked() {
    let held = |active, inactivated| {
        let figures = TargetFigures { kind: Kind::Person, active, inactivated };
        check_target(&Limits::default(), figures).is_some()
    };
    assert_eq!([held(2000, 40), held(2000, 41), held(10, 10)], [false, true, false]);
}

#[test]
fn a_brake_that_is_off_holds_nothing_and_limits_are_read_from_a_configuration() {
    let limits: Limits = serde_json::from_str(
        r#"{"units_gone": {"count": 0, "per_mille": 0}, "off": ["unit_emptied"]}"#,
    )
    .unwrap();
    let plan =
        PlanFigures { units: gone(10, 1), emptied: vec![school(15)], ..PlanFigures::default() };
    let brakes: Vec<_> = check(&limits, &plan).into_iter().map(|it| it.brake).collect();
    assert_eq!(brakes, [Brake::Gone]);
    assert!(serde_json::from_str::<Limits>(r#"{"unit_gone": 3}"#).is_err());
}

#[test]
fn every_brake_is_found_by_its_name_and_written_with_it() {
    for brake in Brake::ALL {
        assert_eq!(Brake::from_name(brake.name()), Some(brake));
        assert_eq!(serde_json::to_value(brake).unwrap(), brake.name());
    }
}

#[test]
fn of_an_emptied_subtree_only_the_top_is_named_with_all_its_people() {
    let tree = Tree::new(
        [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(2)), (5, Some(1))]
            .map(|(unit, parent)| (key(unit), parent.map(key))),
    );
    let people = |counts: &[(i64, u64)]| -> BTreeMap<NativeKey, u64> {
        counts.iter().map(|(unit, count)| (key(*unit), *count)).collect()
    };
    let before = people(&[(3, 8), (4, 7), (5, 10), (2, 0)]);
    let after = people(&[(5, 9)]);
    assert_eq!(emptied(&tree, &before, &after), people(&[(2, 15), (3, 8), (4, 7)]));
    assert_eq!(emptied(&tree, &before, &people(&[(4, 1), (5, 9)])), people(&[(3, 8)]));
    assert_eq!(emptied(&tree, &before, &before), BTreeMap::new());
    let named = |after| {
        let unit = |(unit, people): (NativeKey, u64)| {
            let above = tree.ancestors(&unit).cloned().collect();
            UnitPeople { unit, name: String::new(), people, above }
        };
        let emptied = emptied(&tree, &before, &after).into_iter().map(unit).collect();
        let plan = PlanFigures { emptied, ..PlanFigures::default() };
        check(&Limits::default(), &plan).into_iter().flat_map(|it| it.items).collect::<Vec<_>>()
    };
    assert_eq!(named(after), [key(2)]);
    assert_eq!(named(people(&[])), [key(1)]);
}
