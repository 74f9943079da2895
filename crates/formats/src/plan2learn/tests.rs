use super::*;
use jiff::civil::date;
use kobling_domain::id::SubjectId;
use kobling_domain::people::NationalNumber;
use kobling_domain::time::Validity;
use proptest::prelude::*;
use std::error::Error;
use uuid::Uuid;

fn id(number: u128) -> SubjectId {
    SubjectId(Uuid::from_u128(0x8000_8000_0000_0000_0000 | number))
}

#[expect(clippy::unnecessary_wraps, reason = "cells are optional")]
fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

fn bruger(number: u128) -> Bruger {
    Bruger { id: id(number), cpr: None, name: None, email: None, mobile: None, title: None }
}

fn unit(number: u128, parent: Option<u128>) -> Organisation {
    Organisation {
        id: id(number),
        name: None,
        parent: parent.map(id),
        street: None,
        postal_code: None,
        city: None,
    }
}

fn engagement(number: u128, bruger: u128, afdeling: u128) -> Engagement {
    Engagement {
        id: id(number),
        bruger: id(bruger),
        afdeling: id(afdeling),
        status: Status::Active,
        stillingskode: None,
        primary: None,
        kind: None,
        start: None,
    }
}

fn leder(bruger: u128, afdeling: u128) -> Leder {
    Leder { bruger: id(bruger), afdeling: id(afdeling), status: Status::Active, title: None }
}

fn stillingskode(number: u128, title: &str) -> Stillingskode {
    Stillingskode { id: id(number), status: Status::Active, title: text(title) }
}

fn set() -> SetWriter<Vec<u8>> {
    SetWriter::new(Profile::default(), FileSet::default()).unwrap()
}

/// One unit, one position, two people employed there.
fn small_set(second: Option<&Engagement>) -> FileSet<Vec<u8>> {
    let mut set = set();
    set.organisation(&unit(1, None)).unwrap();
    set.bruger(&bruger(11)).unwrap();
    set.engagement(&engagement(21, 11, 1)).unwrap();
    if let Some(second) = second {
        set.bruger(&Bruger { id: second.bruger, ..bruger(12) }).unwrap();
        set.engagement(second).unwrap();
    }
    set.finish().unwrap()
}

fn faults(set: SetWriter<Vec<u8>>) -> Vec<Fault> {
    match set.finish() {
        Err(WriteError::NotClosed(it)) => it.faults,
        other => panic!("{:?}", other.map(|_| "closed")),
    }
}

fn read<R: Row>(bytes: &[u8]) -> Vec<R> {
    rows(bytes, Encoding::Utf8).unwrap().map(Result::unwrap).collect()
}

#[test]
fn the_five_files_are_written_to_the_letter() {
    let mut set = set();
    let school = Organisation {
        name: text("Ærø \"Ny\" Skole"),
        street: text("Prøvevej 9, 2. tv"),
        postal_code: text("0999"),
        city: text("Fjordby"),
        ..unit(2, Some(1))
    };
    set.organisation(&Organisation { name: text("Fjordby Kommune"), ..unit(1, None) }).unwrap();
    set.organisation(&school).unwrap();
    let person = Bruger {
        cpr: Some(NationalNumber::parse("7101809991").unwrap()),
        name: text("Åse Testesen"),
        email: text("AASE@FJORDBY.EXAMPLE"),
        mobile: text("+45 00 00 00 21"),
        title: text("Skoleleder"),
        ..bruger(11)
    };
    set.bruger(&person).unwrap();
    set.leder(&Leder { title: text("Personaleledelse"), ..leder(11, 2) }).unwrap();
    set.stillingskode(&stillingskode(31, "Skoleleder")).unwrap();
    let engaged = Engagement {
        stillingskode: Some(id(31)),
        primary: Some(true),
        kind: text("Månedsløn bagud"),
        start: Some(date(2026, 4, 1)),
        ..engagement(21, 11, 2)
    };
    set.engagement(&engaged).unwrap();

    let files = set.finish().unwrap();
    let mut shown = String::new();
    for file in File::ALL {
        let content = std::str::from_utf8(files.get(file)).unwrap();
        shown += file.name();
        shown += "\n";
        shown += &content.replace("\r\n", "␍␊\n");
    }
    insta::assert_snapshot!(shown, @r#"
    bruger.csv
    "BrugerId";"CPR";"Navn";"E-mail";"Mobil";"Stilling"␍␊
    "00000000-0000-8000-8000-00000000000b";"7101809991";"Åse Testesen";"AASE@FJORDBY.EXAMPLE";"+45 00 00 00 21";"Skoleleder"␍␊
    leder.csv
    "BrugerId";"AfdelingsID";"AktivStatus";"Titel"␍␊
    "00000000-0000-8000-8000-00000000000b";"00000000-0000-8000-8000-000000000002";"1";"Personaleledelse"␍␊
    engagement.csv
    "EngagementId";"BrugerId";"AfdelingsId";"AktivStatus";"StillingskodeId";"Primær";"Engagementstype";"StartdatoEngagement"␍␊
    "00000000-0000-8000-8000-000000000015";"00000000-0000-8000-8000-00000000000b";"00000000-0000-8000-8000-000000000002";"1";"00000000-0000-8000-8000-00000000001f";"1";"Månedsløn bagud";"2026-04-01"␍␊
    organisation.csv
    "AfdelingsID";"Afdelingsnavn";"Parentid";"Gade";"Postnr";"By"␍␊
    "00000000-0000-8000-8000-000000000001";"Fjordby Kommune";"";"";"";""␍␊
    "00000000-0000-8000-8000-000000000002";"Ærø ""Ny"" Skole";"00000000-0000-8000-8000-000000000001";"Prøvevej 9, 2. tv";"0999";"Fjordby"␍␊
    stillingskode.csv
    "StillingskodeID";"AktivStatus";"Stillingskode";"Stillingskode#"␍␊
    "00000000-0000-8000-8000-00000000001f";"1";"Skoleleder";"00000000-0000-8000-8000-00000000001f"␍␊
    "#);
    assert_eq!(read::<Bruger>(&files.bruger), [person]);
    assert_eq!(read::<Engagement>(&files.engagement), [engaged]);
    assert_eq!(read::<Organisation>(&files.organisation).last(), Some(&school));
    assert_eq!(read::<Leder>(&files.leder).len(), 1);
    assert_eq!(read::<Stillingskode>(&files.stillingskode), [stillingskode(31, "Skoleleder")]);
}

/// Weakness 1: one row per number dropped everybody without one but the first.
#[test]
fn two_people_without_a_national_number_are_both_kept() {
    let files = small_set(Some(&engagement(22, 12, 1)));
    let people = read::<Bruger>(&files.bruger);
    assert_eq!(people.len(), 2);
    assert!(people.iter().all(|it| it.cpr.is_none()));
}

/// Weakness 1, the other half: several titles of one person made several rows.
#[test]
fn a_second_row_of_one_person_is_refused() {
    let mut set = set();
    set.organisation(&unit(1, None)).unwrap();
    set.bruger(&Bruger { title: text("Lærer"), ..bruger(11) }).unwrap();
    set.bruger(&Bruger { title: text("Censor"), ..bruger(11) }).unwrap();
    assert_eq!(faults(set), [Fault::Repeated { file: File::Bruger, row: 2, id: id(11) }]);
}

/// Weakness 2: a unit that is not exported left its people with a dangling row.
#[test]
fn an_engagement_in_a_unit_without_a_row_is_refused() {
    let mut set = set();
    set.organisation(&unit(1, None)).unwrap();
    set.bruger(&bruger(11)).unwrap();
    set.engagement(&engagement(21, 11, 1)).unwrap();
    set.engagement(&engagement(22, 11, 7)).unwrap();
    let (file, target) = (File::Engagement, File::Organisation);
    assert_eq!(faults(set), [Fault::Missing { file, row: 2, target, id: id(7) }]);
}

/// Weakness 3: an address was cut at its first comma.
#[test]
fn an_address_with_floor_and_door_stays_whole_in_its_column() {
    let mut set = set();
    let home = Organisation {
        street: text("Prøvevej 9, 2. tv"),
        postal_code: text("9999"),
        city: text("Fjordby"),
        ..unit(1, None)
    };
    set.organisation(&home).unwrap();
    let files = set.finish().unwrap();
    let written = String::from_utf8(files.organisation).unwrap();
    assert!(written.ends_with("\"Prøvevej 9, 2. tv\";\"9999\";\"Fjordby\"\r\n"), "{written}");
}

/// Weakness 4: `Primær` was always 0. Which employment is primary is the domain's to say.
#[test]
fn primary_is_written_as_it_is_told() {
    let cases = [(Some(true), "\"1\""), (Some(false), "\"0\""), (None, "\"\"")];
    for (primary, cell) in cases {
        let files = small_set(Some(&Engagement { primary, ..engagement(22, 12, 1) }));
        let written = String::from_utf8(files.engagement.clone()).unwrap();
        let last = written.lines().last().unwrap();
        assert_eq!(last.split(';').nth(5), Some(cell));
        assert_eq!(read::<Engagement>(&files.engagement)[1].primary, primary);
    }
}

/// Weakness 5: two readings at different moments gave employments of people without a row.
#[test]
fn an_engagement_or_manager_without_a_person_row_is_refused() {
    let mut set = set();
    set.organisation(&unit(1, None)).unwrap();
    set.engagement(&engagement(21, 11, 1)).unwrap();
    set.leder(&leder(12, 1)).unwrap();
    let target = File::Bruger;
    assert_eq!(
        faults(set),
        [
            Fault::Missing { file: File::Engagement, row: 1, target, id: id(11) },
            Fault::Missing { file: File::Leder, row: 1, target, id: id(12) },
        ]
    );
}

/// Weakness 6: whether a coming employment counts as active is the receiver's choice.
#[test]
fn a_coming_employment_is_active_or_not_as_the_profile_says() {
    let today = date(2026, 3, 5);
    let coming = [Validity::starting(date(2026, 4, 1))];
    let start = Some(date(2026, 4, 1));
    let cautious = Profile::default();
    let eager = Profile { future: FutureEngagements::Active, ..cautious };
    let expected = Standing { status: Status::Inactive, start };
    assert_eq!(cautious.standing(&coming, today), Some(expected));
    let expected = Standing { status: Status::Active, start };
    assert_eq!(eager.standing(&coming, today), Some(expected));
}

/// Weakness 7: absence makes inactive, so a set cut short would do it to everybody.
#[test]
fn what_a_set_would_inactivate_is_counted_before_it_is_sent() {
    let inventory = |set: &FileSet<Vec<u8>>| {
        let set = FileSet::try_from_fn(|file| Ok::<_, ReadError>(set.get(file).as_slice()));
        Inventory::read(set.unwrap(), Encoding::Utf8).unwrap()
    };
    let both = inventory(&small_set(Some(&engagement(22, 12, 1))));
    let one = inventory(&small_set(None));
    let ended = Engagement { status: Status::Inactive, ..engagement(22, 12, 1) };
    let marked = inventory(&small_set(Some(&ended)));

    let cut = diff(&both, &one);
    assert_eq!(cut.inactivated, Inactivated { persons: 1, engagements: 1 });
    assert_eq!(cut.files.bruger.gone, [id(12)]);
    assert_eq!(cut.files.engagement.gone, [id(22)]);
    assert!(cut.files.organisation.is_empty());

    let told = diff(&both, &marked);
    assert_eq!(told.inactivated, Inactivated { persons: 1, engagements: 1 });
    assert_eq!((both.active(File::Bruger), marked.active(File::Bruger)), (2, 1));
    assert_eq!(told.files.engagement.changed, [id(22)]);
    assert_eq!(diff(&marked, &one).inactivated, Inactivated { persons: 1, engagements: 0 });
    assert_eq!(diff(&one, &both).files.bruger.added, [id(12)]);
    assert_eq!(diff(&both, &both), SetDiff::default());
    assert_eq!(diff(&Inventory::default(), &both).files.engagement.added, [id(21), id(22)]);
}

#[test]
fn only_a_coming_employment_tells_its_start() {
    let profile = Profile::default();
    let june = Validity::through(date(2026, 6, 1), Some(date(2026, 6, 30))).unwrap();
    let autumn = Validity::starting(date(2026, 9, 1));
    let standing = |day| profile.standing(&[autumn, june], day);
    let active = Some(Standing { status: Status::Active, start: None });
    let coming = |start| Some(Standing { status: Status::Inactive, start: Some(start) });
    assert_eq!(standing(date(2026, 5, 31)), coming(date(2026, 6, 1)));
    assert_eq!(standing(date(2026, 6, 1)), active);
    assert_eq!(standing(date(2026, 6, 30)), active);
    assert_eq!(standing(date(2026, 7, 1)), coming(date(2026, 9, 1)));
    assert_eq!(standing(date(2026, 9, 1)), active);
}

#[test]
fn an_ended_employment_is_absent_or_marked_as_the_profile_says() {
    let june = Validity::through(date(2026, 6, 1), Some(date(2026, 6, 30))).unwrap();
    let today = date(2026, 7, 1);
    let marking = Profile { ended: EndedEngagements::Marked, ..Profile::default() };
    let marked = Standing { status: Status::Inactive, start: None };
    assert_eq!(Profile::default().standing(&[june], today), None);
    assert_eq!(marking.standing(&[june], today), Some(marked));
    assert_eq!(marking.standing(&[], today), None);
}

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
    assert_eq!(faults(set), [Fault::Repeated { file: File::Leder, row: 2, id: id(1) }]);
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
    assert_eq!(closed.row_counts().engagement, 20_000);
    assert!(closed.finish().is_ok());
    let Err(WriteError::NotClosed(it)) = broken.finish() else { panic!("closed") };
    assert_eq!((it.count, it.faults.len()), (100, closure::FAULTS_LISTED_MAX));
    assert!(it.to_string().starts_with("the set is not closed (100 faults); engagement.csv row"));
}

/// Hard case 25.
#[test]
fn separators_quotes_line_breaks_and_emoji_survive() {
    let nasty = "a;b \"c\" \r\nd 😀 Ł æøå =1+1";
    let mut set = set();
    set.bruger(&Bruger { name: text(nasty), ..bruger(11) }).unwrap();
    let files = set.finish().unwrap();
    assert_eq!(read::<Bruger>(&files.bruger)[0].name.as_deref(), Some(nasty));
    assert!(!files.bruger.starts_with(b"\xef\xbb\xbf"));
}

/// Hard case 25.
#[test]
fn a_set_with_a_byte_order_mark_is_read_too() {
    let files = small_set(None);
    let marked = [b"\xef\xbb\xbf".as_slice(), &files.bruger].concat();
    assert_eq!(read::<Bruger>(&marked), [bruger(11)]);
}

/// Hard case 25: a lossy letter is an error that names its place and keeps its value to itself.
#[test]
fn windows_1252_takes_danish_and_refuses_what_it_lacks() {
    let profile = Profile { encoding: Encoding::Windows1252, ..Profile::default() };
    let mut set = SetWriter::new(profile, FileSet::<Vec<u8>>::default()).unwrap();
    set.bruger(&Bruger { name: text("Åse Ærø"), ..bruger(11) }).unwrap();
    let refused = set.bruger(&Bruger { title: text("Łódź"), ..bruger(12) }).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "bruger.csv row 2: column Stilling has a letter that windows-1252 lacks"
    );
    let files = set.finish().unwrap();
    assert!(files.bruger.windows(3).any(|it| it == b"\xc5se"));
    let header = files.engagement.windows(6).any(|it| it == b"Prim\xe6r");
    assert!(header);
    let people: Vec<Bruger> =
        rows(files.bruger.as_slice(), Encoding::Windows1252).unwrap().map(Result::unwrap).collect();
    assert_eq!(people[0].name.as_deref(), Some("Åse Ærø"));
}

#[test]
fn what_cannot_be_read_is_told_by_place_and_never_by_value() {
    let header = "\"BrugerId\";\"CPR\";\"Navn\";\"E-mail\";\"Mobil\";\"Stilling\"\r\n";
    let good = "\"00000000-0000-8000-8000-00000000000b\"";
    let cases = [
        (String::new(), "bruger.csv: the header row is not the one of profile viborg"),
        (
            header.replace("CPR", "Cpr"),
            "bruger.csv: the header row is not the one of profile viborg",
        ),
        (
            format!("{header}{good};\"\"\r\n"),
            "bruger.csv row 1: not as many fields as the header has",
        ),
        (
            format!("{header}{good};\"710180-99\";;;;\r\n"),
            "bruger.csv row 1: column CPR holds something other than a national number",
        ),
        (format!("{header}\"\";;;;;\r\n"), "bruger.csv row 1: column BrugerId holds no id"),
    ];
    for (content, expected) in cases {
        let result: Result<Vec<Bruger>, _> =
            rows(content.as_bytes(), Encoding::Utf8).and_then(Iterator::collect);
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
    let bytes = [header.as_bytes(), b"\"\xe6\";;;;;\r\n"].concat();
    let result: Result<Vec<Bruger>, _> =
        rows(bytes.as_slice(), Encoding::Utf8).and_then(Iterator::collect);
    let error = result.unwrap_err();
    assert_eq!(error.to_string(), "bruger.csv row 1: not text in the expected encoding");
    assert!(error.source().is_none());
}

proptest! {
    #[test]
    fn any_person_is_read_back_as_written(
        cells in prop::collection::vec(prop::option::of("(?s)[^\u{feff}]{1,20}"), 4),
    ) {
        let [name, email, mobile, title]: [Option<String>; 4] = cells.try_into().unwrap();
        let person = Bruger { name, email, mobile, title, ..bruger(11) };
        let mut set = set();
        set.bruger(&person).unwrap();
        let files = set.finish().unwrap();
        prop_assert_eq!(read::<Bruger>(&files.bruger), [person]);
    }
}
