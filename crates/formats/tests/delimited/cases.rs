use crate::{MEMBERS, layout, read, refusal, undeclared};
use jiff::civil::date;
use kobling_domain::exchange::Existence;
use kobling_domain::people::{Field, NationalNumber, NativeKey};
use kobling_domain::time::Validity;
use kobling_formats::delimited::{Layout, LayoutText, Reader, Whose, compare, inspect};
use kobling_formats::difference::ItemChange;

const HEADER: &str = "Medlemsnr;Navn;E-mail;Indmeldt;Udmeldt;Beskyttet;Adresse;Sidste login\n";

fn file(rows: &str) -> String {
    format!("{HEADER}{rows}")
}

#[test]
fn a_row_states_its_days_and_the_fields_that_are_mapped() {
    let text = file(
        "M-7;Åse Marie Testesen;aase@example.org;01-02-2020;31-12-2026;;Prøvevej 1;now\nANTAL;1\n",
    );
    let read = read(&layout(MEMBERS), text.as_bytes()).unwrap();
    let stated = &read[0].as_ref().unwrap().stated;
    assert_eq!(stated.native, NativeKey::text("M-7"));
    let days = Validity::new(date(2020, 2, 1), Some(date(2027, 1, 1))).unwrap();
    assert_eq!(stated.existence, Existence::Period(days));
    assert_eq!(stated.state.text(Field::PersonFirstName), Some("Åse Marie"));
    assert_eq!(stated.state.text(Field::PersonLastName), Some("Testesen"));
    assert_eq!(stated.state.text(Field::PersonAddress), Some("Prøvevej 1"));
    assert_eq!(stated.state.extras().count(), 0, "what is not mapped is not read");
}

#[test]
fn an_end_is_the_last_day_or_the_first_day_off_as_the_layout_says() {
    let row = file("1;A;;01-01-2026;31-01-2026;;;\n2;A;;;31-12-9999;;;\nANTAL;2\n");
    let until = |text: &str| {
        let read = read(&layout(text), row.as_bytes()).unwrap();
        let Existence::Period(days) = read[0].as_ref().unwrap().stated.existence else {
            return None;
        };
        let open = read[1].as_ref().unwrap().stated.existence;
        assert_eq!(open, Existence::Period(Validity::ALWAYS));
        days.until()
    };
    assert_eq!(until(MEMBERS), Some(date(2026, 2, 1)));
    let exclusive = format!("last_day = \"exclusive\"\n{MEMBERS}");
    assert_eq!(until(&exclusive), Some(date(2026, 1, 31)));
}

#[test]
fn a_protected_address_is_left_out() {
    let read = read(&layout(MEMBERS), file("1;A;;;;ja;Prøvevej 1;\nANTAL;1\n").as_bytes()).unwrap();
    let state = &read[0].as_ref().unwrap().stated.state;
    assert!(state.is(Field::PersonAddressProtected));
    assert_eq!(state.text(Field::PersonAddress), None);
}

#[test]
fn a_file_reads_the_same_with_a_mark_without_one_and_in_windows_1252() {
    let text = file("M-7;Åse Ørsted;;;;;Æblevej;\nANTAL;1\n");
    let marked = format!("\u{feff}{text}");
    let latin: Vec<u8> = text.chars().map(|it| u8::try_from(u32::from(it)).unwrap()).collect();
    let windows = layout(&format!("encoding = \"windows-1252\"\n{MEMBERS}"));
    let wanted = read(&layout(MEMBERS), text.as_bytes()).unwrap();
    assert_eq!(read(&layout(MEMBERS), marked.as_bytes()).unwrap(), wanted);
    assert_eq!(read(&windows, &latin).unwrap(), wanted);
    let said = refusal(&layout(MEMBERS), &latin);
    assert!(said.contains("line 2") && said.contains("windows-1252"), "{said}");
    assert!(refusal(&windows, marked.as_bytes()).contains("mark of UTF-8"));
}

#[test]
fn rows_that_cannot_be_read_are_set_aside_by_line_and_the_others_count() {
    let rows = "1;A;;01-02-2026;;;;\n2;A;;2026-02-01;;;;\n;A;;;;;;\n4;A\n5;A;;02-01-2026;01-01-2026;;;\n\
                6;A;;;;måske;;\n710180-9991;A;;;;;;\nANTAL;7\n";
    let read = read(&layout(MEMBERS), file(rows).as_bytes()).unwrap();
    let codes: Vec<String> = read.into_iter().filter_map(Result::err).collect();
    let wanted = [
        "3 date_unreadable",
        "6 end_before_start",
        "7 flag_unreadable",
        "4 key_unreadable",
        "5 cells_unlike",
        "8 key_may_be_number",
    ];
    assert_eq!(codes, wanted);
}

#[test]
fn a_row_without_a_readable_key_lets_nothing_be_inferred_from_absence() {
    let inspection = inspect(file("1;A;;;;;;\n;A;;;;;;\nANTAL;2\n").as_bytes(), &layout(MEMBERS));
    assert!(inspection.proof.declared_whole && !inspection.complete);
    assert_eq!((inspection.rows, inspection.problems_total), (2, 1));
    assert_eq!(inspection.unread_columns, ["Sidste login"]);
}

#[test]
fn a_repeated_key_is_told_by_line() {
    let inspection = inspect(file("1;A;;;;;;\n1;B;;;;;;\nANTAL;2\n").as_bytes(), &layout(MEMBERS));
    let told: Vec<String> = inspection.problems.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["line 3, row 2: this key stands in the file already; the first row counts"]);
}

#[test]
fn a_file_that_is_cut_or_lacks_a_column_is_refused_in_words() {
    let members = layout(MEMBERS);
    let told = |file: &str| refusal(&members, file.as_bytes());
    assert!(told("").contains("empty"));
    assert!(told(&file("1;A;;;;;;\n")).contains("without its last row \"ANTAL\""));
    assert!(told(&file("1;A;;;;;;\nANTAL;2\n")).contains("says that it has 2 rows, and it has 1"));
    assert!(told(&file("ANTAL;0\n1;A;;;;;;\n")).contains("line 3"));
    assert!(told(&file("ANTAL;many\n")).contains("no number of rows"));
    assert!(told(&file("1;\"A;;;;;;\nANTAL;1\n")).contains("inside a quoted cell"));
    let missing = told("Medlemsnr;Navn\n1;A\n");
    assert!(
        missing.contains("\"Indmeldt\"") && missing.contains("it has \"Medlemsnr\""),
        "{missing}"
    );
    assert!(told(&HEADER.replace("Sidste login", "Navn")).contains("two columns \"Navn\""));
}

#[test]
fn without_a_declared_end_the_last_line_must_end_and_nothing_is_gone() {
    let undeclared = layout(&undeclared());
    let said = refusal(&undeclared, file("1;A;;;;;;\n2;A;;;;;Prø").as_bytes());
    assert!(said.contains("line 3"), "{said}");
    let text = file("1;A;;;;;;\n");
    let mut reader = Reader::open(text.as_bytes(), &undeclared).unwrap();
    assert!(!reader.finish().unwrap().complete());
}

#[test]
fn a_row_that_never_ends_is_refused_within_bounds() {
    let endless = file(&format!("1;\"{}", "A;\n".repeat(200_000)));
    assert!(refusal(&layout(MEMBERS), endless.as_bytes()).contains("line 2: a row of more than"));
}

#[test]
fn a_key_of_a_national_number_is_kept_as_the_hub_says_and_one_of_two_columns_is_one() {
    let text = "kind = \"person\"\nkey = [\"CPR\", \"Del\"]\n[fields]\n\"person.national_number\" = \"CPR\"\n";
    let layout = layout(text);
    let file = "CPR;Del\n710180-9991;a/b\n";
    let mut reader = Reader::open(file.as_bytes(), &layout).unwrap();
    let row = reader.next_row().unwrap().unwrap();
    let native = row.key.native(|_| "blind".to_owned());
    assert_eq!(native, NativeKey::text("blind/a\\/b"));
    let stated = layout.read(&row, native).unwrap().stated;
    assert_eq!(stated.person, NationalNumber::parse("7101809991").ok());
    assert!(!format!("{row:?} {:?}", row.key).contains("7101"));
}

#[test]
fn a_person_known_elsewhere_is_found_by_the_declared_column() {
    let text = "kind = \"person\"\nkey = \"Nr\"\n[match_on]\ncolumn = \"Nr\"\nby = \"employment\"\nsource = \"opus\"\n";
    let layout = layout(text);
    let read = read(&layout, b"Nr;Mobil\n00042;x\n").unwrap();
    let whose = read[0].as_ref().unwrap().whose.clone();
    assert_eq!(whose, Some(Whose::Employment(NativeKey::number(42))));
}

#[test]
fn a_layout_that_cannot_be_used_says_what_to_do() {
    let told = |text: &str| {
        Layout::parse(&toml::from_str::<LayoutText>(text).unwrap()).unwrap_err().to_string()
    };
    let person = "kind = \"person\"\nkey = \"K\"\n";
    assert!(told("kind = \"position\"\nkey = \"K\"\n").contains("unit, person, employment"));
    assert!(told(&format!("{person}delimiter = \"a\"\n")).contains("delimiter"));
    assert!(told(&format!("{person}date = \"%d\"\n")).contains("%d-%m-%Y"));
    assert!(told(&format!("{person}name = \"members.csv\"\n")).contains("name"));
    assert!(told(&format!("{person}trailer = \"A\"\ncount = \"B\"\n")).contains("one of them"));
    assert!(
        told(&format!("{person}[fields]\n\"person.shoe_size\" = \"S\"\n"))
            .contains("docs/fields.md")
    );
    assert!(
        told(&format!("{person}[fields]\n\"unit.name\" = \"S\"\n")).contains("rows about a person")
    );
    let both = "[fields]\n\"person.name\" = \"S\"\n\"person.last_name\" = \"T\"\n";
    assert!(told(&format!("{person}{both}")).contains("last blank"));
    let entry = "kind = \"employment\"\nkey = \"K\"\n[fields]\n\"employment.entry_date\" = \"S\"\n";
    assert!(told(entry).contains("from and until"));
    let whose = "[match_on]\ncolumn = \"N\"\nby = \"employment\"\n";
    assert!(told(&format!("{person}{whose}")).contains("which source"));
}

#[test]
fn two_files_are_compared_by_key_and_nothing_is_gone_unless_the_newer_one_is_whole() {
    let old = file("1;A;;;;;;\n2;A;;;;;;\n3;A;;;;;;x\nANTAL;3\n");
    let new = file("2;B;;;;;;\n3;A;;;;;;y\n4;A;;;;;;\nANTAL;3\n");
    let difference = compare(old.as_bytes(), new.as_bytes(), &layout(MEMBERS)).unwrap();
    let items: Vec<_> = difference.items.iter().map(|it| (it.key.as_str(), it.change)).collect();
    let wanted = [("1", ItemChange::Gone), ("2", ItemChange::Changed), ("4", ItemChange::Added)];
    assert_eq!(items, wanted);
    assert_eq!(difference.rows.unchanged, 1);
    let open = |text: &str| text.replace("ANTAL;3\n", "");
    let undeclared = layout(&undeclared());
    let difference = compare(open(&old).as_bytes(), open(&new).as_bytes(), &undeclared).unwrap();
    assert_eq!(difference.rows.gone, 0);
}
