//! What is written is read back letter by letter, and what is not text is told by its place.

use super::*;
use proptest::prelude::*;
use std::error::Error;

/// Hard case 25.
#[test]
fn separators_quotes_line_breaks_and_emoji_survive() {
    let nasty = "a;b \"c\" \r\nd 😀 Ł æøå =1+1";
    let mut set = set();
    set.bruger(&Bruger { name: text(nasty), ..bruger(11) }).unwrap();
    let files = set.finish().unwrap();
    assert_eq!(read::<Bruger>(of(&files, File::Bruger))[0].name.as_deref(), Some(nasty));
    assert!(!of(&files, File::Bruger).starts_with(b"\xef\xbb\xbf"));
}

/// Hard case 25.
#[test]
fn a_set_is_written_with_a_byte_order_mark_where_asked_and_read_either_way() {
    let marking = Form { encoding: Encoding::Utf8Marked, ..Form::of(&Profile::VIBORG) };
    let files = small_set(&marking, None);
    let marked = of(&files, File::Bruger);
    assert!(marked.starts_with(b"\xef\xbb\xbf\"BrugerId\""));
    assert_eq!(read::<Bruger>(marked), [bruger(11)]);
    let plain = small_set(&VIBORG, None);
    assert_eq!(marked[3..], *of(&plain, File::Bruger));
}

/// Hard case 25: a lossy letter is an error that names its place and keeps its value to itself.
#[test]
fn windows_1252_takes_danish_and_refuses_what_it_lacks() {
    let form = Form { encoding: Encoding::Windows1252, ..Form::of(&Profile::VIBORG) };
    let mut set = begun(&form);
    set.bruger(&Bruger { name: text("Åse Ærø"), ..bruger(11) }).unwrap();
    let refused = set.bruger(&Bruger { title: text("Łódź"), ..bruger(12) }).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "bruger.csv row 2: column Stilling has a letter that windows-1252 lacks"
    );
    let files = set.finish().unwrap();
    assert!(of(&files, File::Bruger).windows(3).any(|it| it == b"\xc5se"));
    let header = of(&files, File::Engagement).windows(6).any(|it| it == b"Prim\xe6r");
    assert!(header);
    let people: Vec<Bruger> =
        rows(of(&files, File::Bruger), &form).unwrap().map(Result::unwrap).collect();
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
            rows(content.as_bytes(), &VIBORG).and_then(Iterator::collect);
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
    let bytes = [header.as_bytes(), b"\"\xe6\";;;;;\r\n"].concat();
    let result: Result<Vec<Bruger>, _> =
        rows(bytes.as_slice(), &VIBORG).and_then(Iterator::collect);
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
        prop_assert_eq!(read::<Bruger>(of(&files, File::Bruger)), [person]);
    }
}
