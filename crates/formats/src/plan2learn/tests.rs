mod letters;
mod proof;

use super::*;
use jiff::civil::date;
use jiff::tz::TimeZone;
use kobling_domain::id::SubjectId;
use kobling_domain::people::NationalNumber;
use kobling_domain::time::{OPEN_START, Validity};
use std::sync::LazyLock;
use uuid::Uuid;

fn id(number: u128) -> SubjectId {
    SubjectId(Uuid::from_u128(0x8000_8000_0000_0000_0000 | number))
}

#[expect(clippy::unnecessary_wraps, reason = "cells are optional")]
fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

fn bruger(number: u128) -> Bruger {
    Bruger {
        id: id(number),
        cpr: None,
        name: None,
        email: None,
        mobile: None,
        title: None,
        home: Home::default(),
        afdeling: None,
        ean: None,
    }
}

fn unit(number: u128, parent: Option<u128>) -> Organisation {
    Organisation {
        id: id(number),
        name: None,
        parent: parent.map(id),
        street: None,
        postal_code: None,
        city: None,
        ean: None,
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
    let (bruger, afdeling) = (id(bruger), id(afdeling));
    Leder { bruger, afdeling, status: Status::Active, title: None, function: None }
}

fn stillingskode(number: u128, title: &str) -> Stillingskode {
    Stillingskode { id: id(number), status: Status::Active, title: text(title) }
}

/// Every profile.
static PROFILES: [&Profile; 3] = [&Profile::VIBORG, &Profile::RSD, &Profile::STAMDATA];

static VIBORG: LazyLock<Form> = LazyLock::new(|| Form::of(&Profile::VIBORG));

fn begun(form: &Form) -> SetWriter<'_, Vec<u8>> {
    let outputs = FileSet::from_fn(form.files.clone(), |_| Vec::new());
    SetWriter::new(form, outputs).unwrap()
}

fn set() -> SetWriter<'static, Vec<u8>> {
    begun(&VIBORG)
}

fn of(files: &FileSet<Vec<u8>>, file: File) -> &[u8] {
    files.get(file).unwrap()
}

/// One unit, one position, two people employed there.
fn small_set(form: &Form, second: Option<&Engagement>) -> FileSet<Vec<u8>> {
    let mut set = begun(form);
    set.organisation(&unit(1, None)).unwrap();
    set.bruger(&bruger(11)).unwrap();
    set.engagement(&engagement(21, 11, 1)).unwrap();
    if let Some(second) = second {
        set.bruger(&Bruger { id: second.bruger, ..bruger(12) }).unwrap();
        set.engagement(second).unwrap();
    }
    set.finish().unwrap()
}

fn faults(set: SetWriter<'_, Vec<u8>>) -> Vec<Fault> {
    match set.finish() {
        Err(WriteError::NotClosed(it)) => it.faults,
        other => panic!("{:?}", other.map(|_| "closed")),
    }
}

fn read<R: Row>(bytes: &[u8]) -> Vec<R> {
    rows(bytes, &VIBORG).unwrap().map(Result::unwrap).collect()
}

/// A school with a head in the letter of `profile`, and the bytes.
fn school(profile: &'static Profile) -> (String, FileSet<Vec<u8>>) {
    let zone = TimeZone::get("Europe/Copenhagen").unwrap();
    let form = Form { zone, ..Form::of(profile) };
    let mut set = begun(&form);
    let school = Organisation {
        name: text("Ærø \"Ny\" Skole"),
        street: text("Prøvevej 9, 2. tv"),
        postal_code: text("0999"),
        city: text("Fjordby"),
        ean: text("5790000000001"),
        ..unit(2, Some(1))
    };
    set.organisation(&Organisation { name: text("Fjordby Kommune"), ..unit(1, None) }).unwrap();
    set.organisation(&school).unwrap();
    set.bruger(&head()).unwrap();
    let function = (profile.managers == Managers::All).then(|| id(41));
    set.leder(&Leder { title: text("Personaleledelse"), function, ..leder(11, 2) }).unwrap();
    set.stillingskode(&stillingskode(31, "Skoleleder")).unwrap();
    set.engagement(&engaged()).unwrap();
    if profile.has(File::Maalgruppe) {
        set.maalgruppe(&Maalgruppe { group: "ledere".to_owned(), bruger: id(11) }).unwrap();
    }
    let files = set.finish().unwrap();
    let mut shown = String::new();
    for (file, content) in files.iter() {
        shown += file.name();
        shown += "\n";
        shown += &std::str::from_utf8(content).unwrap().replace("\r\n", "␍␊\n");
    }
    (shown, files)
}

fn head() -> Bruger {
    Bruger {
        cpr: Some(NationalNumber::parse("7101809991").unwrap()),
        name: text("Åse Testesen"),
        email: text("AASE@FJORDBY.EXAMPLE"),
        mobile: text("+45 00 00 00 21"),
        title: text("Skoleleder"),
        home: Home {
            street: text("Åvej 3, st."),
            supplement: text("c/o Prøve"),
            postal_code: text("9999"),
            city: text("Fjordby"),
            country: text("DK"),
        },
        afdeling: Some(id(2)),
        ean: text("5790000000001"),
        ..bruger(11)
    }
}

fn engaged() -> Engagement {
    Engagement {
        stillingskode: Some(id(31)),
        primary: Some(true),
        kind: text("Månedsløn bagud"),
        start: Some(date(2026, 4, 1)),
        ..engagement(21, 11, 2)
    }
}

#[test]
fn the_five_files_are_written_to_the_letter() {
    let (shown, files) = school(&Profile::VIBORG);
    insta::assert_snapshot!(shown);
    let without = Bruger { home: Home::default(), afdeling: None, ean: None, ..head() };
    assert_eq!(read::<Bruger>(of(&files, File::Bruger)), [without]);
    assert_eq!(read::<Engagement>(of(&files, File::Engagement)), [engaged()]);
    let school = read::<Organisation>(of(&files, File::Organisation)).pop().unwrap();
    assert_eq!((school.street, school.ean), (text("Prøvevej 9, 2. tv"), None));
    assert_eq!(read::<Leder>(of(&files, File::Leder)).len(), 1);
    let positions = read::<Stillingskode>(of(&files, File::Stillingskode));
    assert_eq!(positions, [stillingskode(31, "Skoleleder")]);
}

/// A role has an id of its own, and every employment tells the moment it began.
#[test]
fn the_files_of_rsd_are_written_to_the_letter() {
    let (shown, files) = school(&Profile::RSD);
    insta::assert_snapshot!(shown);
    let form = Form::of(&Profile::RSD);
    let leder: Vec<Leder> =
        rows(of(&files, File::Leder), &form).unwrap().map(Result::unwrap).collect();
    assert_eq!(leder[0].function, Some(id(41)));
    let back: Vec<Engagement> =
        rows(of(&files, File::Engagement), &form).unwrap().map(Result::unwrap).collect();
    assert_eq!(back, [engaged()]);
}

/// Persons with address, workplace and location number, units with theirs, and a sixth file.
#[test]
fn the_files_of_stamdata_are_written_to_the_letter() {
    let (shown, files) = school(&Profile::STAMDATA);
    insta::assert_snapshot!(shown);
    let form = Form::of(&Profile::STAMDATA);
    let back: Vec<Bruger> =
        rows(of(&files, File::Bruger), &form).unwrap().map(Result::unwrap).collect();
    assert_eq!(back, [head()]);
    let groups: Vec<Maalgruppe> =
        rows(of(&files, File::Maalgruppe), &form).unwrap().map(Result::unwrap).collect();
    assert_eq!(groups, [Maalgruppe { group: "ledere".to_owned(), bruger: id(11) }]);
}

/// Weakness 1: one row per number dropped everybody without one but the first.
#[test]
fn two_people_without_a_national_number_are_both_kept_in_every_profile() {
    for form in PROFILES.map(Form::of) {
        let files = small_set(&form, Some(&engagement(22, 12, 1)));
        let people: Vec<Bruger> =
            rows(of(&files, File::Bruger), &form).unwrap().map(Result::unwrap).collect();
        assert_eq!(people.len(), 2);
        assert!(people.iter().all(|it| it.cpr.is_none()));
    }
}

/// Weakness 1, the other half: several titles of one person made several rows.
#[test]
fn a_second_row_of_one_person_is_refused_in_every_profile() {
    for form in PROFILES.map(Form::of) {
        let mut set = begun(&form);
        set.organisation(&unit(1, None)).unwrap();
        set.bruger(&Bruger { title: text("Lærer"), ..bruger(11) }).unwrap();
        set.bruger(&Bruger { title: text("Censor"), ..bruger(11) }).unwrap();
        assert_eq!(faults(set), [Fault::Repeated { file: File::Bruger, id: id(11) }]);
    }
}

/// Weakness 2: a unit that is not exported left its people with a dangling row.
#[test]
fn an_engagement_in_a_unit_without_a_row_is_refused_in_every_profile() {
    for form in PROFILES.map(Form::of) {
        let mut set = begun(&form);
        set.organisation(&unit(1, None)).unwrap();
        set.bruger(&bruger(11)).unwrap();
        set.engagement(&engagement(21, 11, 1)).unwrap();
        set.engagement(&engagement(22, 11, 7)).unwrap();
        let (file, target) = (File::Engagement, File::Organisation);
        assert_eq!(faults(set), [Fault::Missing { file, row: 2, target, id: id(7) }]);
    }
}

/// Weakness 3: an address was cut at its first comma.
#[test]
fn an_address_with_floor_and_door_stays_whole_in_its_column_in_every_profile() {
    for profile in PROFILES {
        let (_, files) = school(profile);
        let written = std::str::from_utf8(of(&files, File::Organisation)).unwrap();
        let address = "\"Prøvevej 9, 2. tv\";\"0999\";\"Fjordby\"";
        assert!(written.contains(address), "{written}");
    }
    let (_, files) = school(&Profile::STAMDATA);
    let written = std::str::from_utf8(of(&files, File::Bruger)).unwrap();
    let address = "\"Åvej 3, st.\";\"c/o Prøve\";\"9999\";\"Fjordby\";\"DK\"";
    assert!(written.contains(address), "{written}");
}

/// Weakness 4: `Primær` was always 0. Which employment is primary is the domain's to say.
#[test]
fn primary_is_written_as_it_is_told_in_every_profile() {
    let cases = [(Some(true), "\"1\""), (Some(false), "\"0\""), (None, "\"\"")];
    for form in PROFILES.map(Form::of) {
        for (primary, cell) in cases {
            let second = Engagement { primary, ..engagement(22, 12, 1) };
            let files = small_set(&form, Some(&second));
            let written = std::str::from_utf8(of(&files, File::Engagement)).unwrap();
            let last = written.lines().last().unwrap();
            assert_eq!(last.split(';').nth(5), Some(cell));
            let mut back = rows::<Engagement, _>(of(&files, File::Engagement), &form).unwrap();
            assert_eq!(back.nth(1).unwrap().unwrap().primary, primary);
        }
    }
}

/// Weakness 5: two readings at different moments gave employments of people without a row.
#[test]
fn an_engagement_manager_or_member_without_a_person_row_is_refused_in_every_profile() {
    for form in PROFILES.map(Form::of) {
        let mut set = begun(&form);
        set.organisation(&unit(1, None)).unwrap();
        set.engagement(&engagement(21, 11, 1)).unwrap();
        set.leder(&leder(12, 1)).unwrap();
        let missing =
            |file, number| Fault::Missing { file, row: 1, target: File::Bruger, id: id(number) };
        let mut expected = vec![missing(File::Engagement, 11), missing(File::Leder, 12)];
        if form.profile.has(File::Maalgruppe) {
            set.maalgruppe(&Maalgruppe { group: "alle".to_owned(), bruger: id(13) }).unwrap();
            expected.push(missing(File::Maalgruppe, 13));
        }
        assert_eq!(faults(set), expected);
    }
}

/// Weakness 6: whether a coming employment counts as active is the receiver's choice.
#[test]
fn a_coming_employment_is_active_or_not_as_the_receiver_says_in_every_profile() {
    let today = date(2026, 3, 5);
    let existence = [Validity::starting(date(2026, 4, 1))];
    let coming = Some(date(2026, 4, 1));
    for cautious in PROFILES.map(Form::of) {
        let expected = Standing { status: Status::Inactive, coming };
        assert_eq!(cautious.standing(&existence, today), Some(expected));
        let eager = Form { future: FutureEngagements::Active, ..cautious };
        let expected = Standing { status: Status::Active, coming };
        assert_eq!(eager.standing(&existence, today), Some(expected));
    }
}

fn nothing() -> Inventory {
    Inventory::empty(Box::new(Vec::new()), [])
}

fn differ(old: &Inventory, new: &Inventory) -> SetDiff {
    diff(old, new).unwrap()
}

fn active(list: &Inventory, file: File) -> usize {
    differ(list, &nothing()).before.get(file).unwrap().active
}

fn bytes(list: &Inventory, file: File) -> Vec<u8> {
    list.parts(file).flat_map(Result::unwrap).collect()
}

/// Weakness 7: absence makes inactive, so a set cut short would do it to everybody.
#[test]
fn what_a_set_would_inactivate_is_counted_before_it_is_sent_in_every_profile() {
    for form in PROFILES.map(Form::of) {
        let inventory = |set: &FileSet<Vec<u8>>| {
            let set = FileSet::from_fn(set.files(), |file| of(set, file));
            Inventory::read(set, &form).unwrap()
        };
        let both = inventory(&small_set(&form, Some(&engagement(22, 12, 1))));
        let one = inventory(&small_set(&form, None));
        let ended = Engagement { status: Status::Inactive, ..engagement(22, 12, 1) };
        let marked = inventory(&small_set(&form, Some(&ended)));
        let in_file = |it: &SetDiff, file| it.files.get(file).copied().unwrap_or_default();

        let cut = differ(&both, &one);
        assert_eq!(cut.inactivated, Inactivated { persons: 1, engagements: 1 });
        assert_eq!(in_file(&cut, File::Bruger).gone, 1);
        assert_eq!(in_file(&cut, File::Engagement).gone, 1);
        assert!(in_file(&cut, File::Organisation).is_empty());

        let told = differ(&both, &marked);
        assert_eq!(told.inactivated, Inactivated { persons: 1, engagements: 1 });
        assert_eq!((active(&both, File::Bruger), active(&marked, File::Bruger)), (2, 1));
        assert_eq!(in_file(&told, File::Engagement).changed, 1);
        let last = differ(&marked, &one);
        assert_eq!(last.inactivated, Inactivated { persons: 1, engagements: 0 });
        assert_eq!(in_file(&differ(&one, &both), File::Bruger).added, 1);
        let same = differ(&both, &both);
        assert!(same.files.iter().all(|(_, it)| it.is_empty()));
        let first = differ(&nothing(), &both);
        assert_eq!(in_file(&first, File::Engagement).added, 2);
    }
}

/// A file that a set has no more is told as rows that are gone.
#[test]
fn a_file_that_falls_away_is_a_difference() {
    let list = |set: SetWriter<'_, Vec<u8>>| set.finish_listed().unwrap().1;
    let form = Form::of(&Profile::STAMDATA);
    let mut with = begun(&form);
    with.bruger(&bruger(11)).unwrap();
    with.maalgruppe(&Maalgruppe { group: "alle".to_owned(), bruger: id(11) }).unwrap();
    let fewer = Form { files: vec![File::Bruger], ..Form::of(&Profile::STAMDATA) };
    let mut without = begun(&fewer);
    without.bruger(&bruger(11)).unwrap();
    let change = differ(&list(with), &list(without));
    assert_eq!(change.files.get(File::Maalgruppe).map(|it| it.gone), Some(1));
    assert!(change.files.get(File::Bruger).unwrap().is_empty());
}

#[test]
fn a_row_of_a_file_that_the_profile_lacks_is_refused() {
    let member = Maalgruppe { group: "alle".to_owned(), bruger: id(11) };
    let refused = set().maalgruppe(&member).unwrap_err();
    assert_eq!(refused.to_string(), "the set has no maalgruppe.csv");
    let outputs = FileSet::from_fn([File::Maalgruppe], |_| Vec::new());
    assert!(SetWriter::new(&VIBORG, outputs).is_err());
}

#[test]
fn a_person_may_be_in_several_groups_and_in_each_once() {
    let form = Form::of(&Profile::STAMDATA);
    let mut set = begun(&form);
    set.bruger(&bruger(11)).unwrap();
    for group in ["alle", "ledere", "alle"] {
        set.maalgruppe(&Maalgruppe { group: group.to_owned(), bruger: id(11) }).unwrap();
    }
    let met = faults(set);
    assert!(matches!(met.as_slice(), [Fault::Repeated { file: File::Maalgruppe, .. }]));
}

#[test]
fn only_a_coming_employment_tells_its_start() {
    let june = Validity::through(date(2026, 6, 1), Some(date(2026, 6, 30))).unwrap();
    let autumn = Validity::starting(date(2026, 9, 1));
    let standing = |day| VIBORG.standing(&[autumn, june], day);
    let active = Some(Standing { status: Status::Active, coming: None });
    let coming = |day| Some(Standing { status: Status::Inactive, coming: Some(day) });
    assert_eq!(standing(date(2026, 5, 31)), coming(date(2026, 6, 1)));
    assert_eq!(standing(date(2026, 6, 1)), active);
    assert_eq!(standing(date(2026, 6, 30)), active);
    assert_eq!(standing(date(2026, 7, 1)), coming(date(2026, 9, 1)));
    assert_eq!(standing(date(2026, 9, 1)), active);
    let (autumn, first) = (Some(date(2026, 9, 1)), Some(date(2026, 6, 1)));
    assert_eq!(Profile::VIBORG.start(None, first), None);
    assert_eq!(Profile::VIBORG.start(autumn, first), autumn);
}

/// `rsd` tells the earliest start over the whole history, whatever is coming.
#[test]
fn rsd_tells_the_earliest_start_and_none_that_is_always() {
    let (autumn, first) = (Some(date(2026, 9, 1)), Some(date(2026, 6, 1)));
    assert_eq!(Profile::RSD.start(autumn, first), first);
    assert_eq!(Profile::RSD.start(autumn, Some(OPEN_START)), None);
    assert_eq!(Profile::RSD.start(autumn, None), None);
}

#[test]
fn a_moment_has_the_offset_of_the_employers_zone_on_that_day() {
    let zone = TimeZone::get("Europe/Copenhagen").unwrap();
    let form = Form { zone, ..Form::of(&Profile::RSD) };
    for (day, told) in [
        (date(2026, 1, 1), "\"2026-01-01T00:00:00+01:00\""),
        (date(2026, 7, 1), "\"2026-07-01T00:00:00+02:00\""),
        (date(9999, 12, 31), "\"9999-12-31\""),
    ] {
        let second = Engagement { start: Some(day), ..engagement(22, 12, 1) };
        let files = small_set(&form, Some(&second));
        let written = std::str::from_utf8(of(&files, File::Engagement)).unwrap();
        assert!(written.trim_end().ends_with(told), "{written}");
        let mut back = rows::<Engagement, _>(of(&files, File::Engagement), &form).unwrap();
        assert_eq!(back.nth(1).unwrap().unwrap().start, Some(day));
    }
}

#[test]
fn an_ended_employment_is_absent_or_marked_as_the_receiver_says() {
    let june = Validity::through(date(2026, 6, 1), Some(date(2026, 6, 30))).unwrap();
    let today = date(2026, 7, 1);
    let marking = Form { ended: EndedEngagements::Marked, ..Form::of(&Profile::VIBORG) };
    let marked = Standing { status: Status::Inactive, coming: None };
    assert_eq!(VIBORG.standing(&[june], today), None);
    assert_eq!(marking.standing(&[june], today), Some(marked));
    assert_eq!(marking.standing(&[], today), None);
}
