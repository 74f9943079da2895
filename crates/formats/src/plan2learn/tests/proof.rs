//! That a set refers to nothing that it lacks is proved before it is written.

use super::*;

#[test]
fn a_set_is_closed_only_with_every_position_parent_and_root() {
    let mut open = set();
    open.organisation(&unit(1, Some(9))).unwrap();
    open.bruger(&bruger(11)).unwrap();
    let engaged = Engagement { stillingskode: Some(id(31)), ..engagement(21, 11, 1) };
    open.engagement(&engaged).unwrap();
    assert_eq!(
        faults(open),
        [
            Fault::Missing {
                file: File::Organisation,
                row: 1,
                target: File::Organisation,
                id: id(9)
            },
            Fault::Missing {
                file: File::Engagement,
                row: 1,
                target: File::Stillingskode,
                id: id(31)
            },
            Fault::NoRoot,
        ]
    );
}

#[test]
fn units_that_hang_in_a_loop_are_refused() {
    let mut set = set();
    for (number, parent) in [(1, None), (2, Some(1)), (3, Some(4)), (4, Some(3)), (5, Some(4))] {
        set.organisation(&unit(number, parent)).unwrap();
    }
    let mut met = faults(set);
    met.sort_by_key(|it| format!("{it}"));
    let expected =
        [(3, 3), (4, 4), (5, 5)].map(|(row, number)| Fault::Loop { row, id: id(number) });
    assert_eq!(met, expected);
}

#[test]
fn a_unit_with_two_managers_is_refused() {
    let mut set = set();
    set.organisation(&unit(1, None)).unwrap();
    for number in [11, 12] {
        set.bruger(&bruger(number)).unwrap();
        set.leder(&leder(number, 1)).unwrap();
    }
    assert_eq!(faults(set), [Fault::Repeated { file: File::Leder, id: id(1) }]);
}

/// The proof must hold beyond the size at which ids are sorted on the way.
#[test]
fn a_large_set_is_proved_and_its_faults_are_counted_but_not_all_listed() {
    let mut closed = set();
    let mut broken = set();
    for set in [&mut closed, &mut broken] {
        set.organisation(&unit(1, None)).unwrap();
        for number in (10_000..30_000).rev() {
            set.engagement(&engagement(number, number, 1)).unwrap();
        }
    }
    for number in 10_000..30_000 {
        closed.bruger(&bruger(number)).unwrap();
        if number >= 10_100 {
            broken.bruger(&bruger(number)).unwrap();
        }
    }
    assert_eq!(closed.row_counts().get(File::Engagement), Some(&20_000));
    assert!(closed.finish().is_ok());
    let Err(WriteError::NotClosed(it)) = broken.finish() else { panic!("closed") };
    assert_eq!((it.count, it.faults.len()), (100, closure::FAULTS_LISTED_MAX));
    assert!(it.to_string().starts_with("the set is not closed (100 faults); engagement.csv row"));
}

/// Who has a row right before an engagement is found active on the way, who has it elsewhere later.
#[test]
fn what_is_listed_while_a_set_is_written_is_what_is_read_back_from_it_in_any_order_of_rows() {
    let form = Form::of(&Profile::VIBORG);
    let ended = Engagement { status: Status::Inactive, ..engagement(22, 12, 1) };
    let mut together = set();
    let mut apart = set();
    for set in [&mut together, &mut apart] {
        set.organisation(&unit(1, None)).unwrap();
    }
    for engagement in [engagement(21, 11, 1), ended.clone(), engagement(23, 13, 1)] {
        together.bruger(&Bruger { id: engagement.bruger, ..bruger(11) }).unwrap();
        together.engagement(&engagement).unwrap();
    }
    for engagement in [engagement(23, 13, 1), engagement(21, 11, 1), ended] {
        apart.engagement(&engagement).unwrap();
    }
    for number in [13, 12, 11] {
        apart.bruger(&Bruger { id: id(number), ..bruger(11) }).unwrap();
    }
    let mut met = Vec::new();
    for set in [together, apart] {
        let (files, listed) = set.finish_listed().unwrap();
        let files = FileSet::from_fn(files.files(), |file| of(&files, file));
        let read = Inventory::read(files, &form).unwrap();
        for file in listed.files() {
            assert_eq!(bytes(&listed, file), bytes(&read, file), "{file}");
        }
        assert_eq!((active(&listed, File::Bruger), active(&listed, File::Engagement)), (2, 2));
        met.push(bytes(&listed, File::Bruger));
    }
    assert_eq!(met.first(), met.last());
}

/// What is stored of a set comes back from the store part by part.
#[test]
fn a_list_of_more_rows_than_a_part_holds_is_the_same_from_its_parts() {
    let mut set = set();
    let numbers = 0..70_000_u128;
    // Spread over all first bytes, as minted ids are.
    let spread = |number: u128| {
        SubjectId(Uuid::from_u128(number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)))
    };
    for number in numbers.clone() {
        set.bruger(&Bruger { id: spread(number), ..bruger(1) }).unwrap();
    }
    let (_, listed) = set.finish_listed().unwrap();
    let parts: Vec<Vec<u8>> = listed.parts(File::Bruger).map(Result::unwrap).collect();
    assert_eq!(parts.len(), 3);
    let mut again = Inventory::empty(Box::new(Vec::new()), listed.files());
    for part in &parts {
        again.add(File::Bruger, part).unwrap();
    }
    let same = differ(&listed, &again);
    assert!(same.files.iter().all(|(_, it)| it.is_empty()));
    assert_eq!(same.before.get(File::Bruger).map(|it| it.rows), Some(70_000));
    let has = |id| parts.iter().any(|it| part_has(File::Bruger, it, id).unwrap());
    assert!(numbers.step_by(997).all(|it| has(spread(it))) && !has(spread(70_000)));
    let ids: Vec<[u8; 16]> =
        parts.concat().as_chunks::<33>().0.iter().map(|it| *it.first_chunk().unwrap()).collect();
    assert!(ids.is_sorted());
}

#[test]
fn bytes_that_are_no_list_are_refused() {
    let mut list = Inventory::empty(Box::new(Vec::new()), [File::Bruger]);
    for bad in [vec![0; 32], vec![2; 33]] {
        let refused = list.add(File::Bruger, &bad).unwrap_err();
        assert_eq!(refused.to_string(), "the bytes are no list of the rows of bruger.csv");
        assert!(part_has(File::Bruger, &bad, id(1)).is_err());
    }
    assert!(list.add(File::Leder, &[]).is_err(), "a file that the set has not");
}
