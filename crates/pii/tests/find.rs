//! What is found, and what is not, in text as people and programs write it.
//!
//! All numbers are of people born from 1900 to 1905, whom nobody meets any more.

#![allow(
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "the numbers of these tests are ASCII and there are enough of them"
)]

use jiff::civil::{Date, date};
use kobling_pii::{Column, Finding, Kind, Level, Rule, column, find, mask};
use proptest::prelude::*;

const TODAY: Date = date(2026, 3, 5);
const WEIGHTS: [u32; 10] = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
/// Check digit right, 11 July 1903, made by [`checked`].
const DATE: &str = "110703";

/// The `nth` number with a right check digit that begins with `date`.
fn checked(date: &str, nth: usize) -> String {
    (0..3999).map(|it| format!("{date}{it:04}")).filter(|it| is_checked(it)).nth(nth).unwrap()
}

fn is_checked(number: &str) -> bool {
    let digits = number.chars().filter_map(|it| it.to_digit(10));
    digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum::<u32>().is_multiple_of(11)
}

fn only(text: &str) -> Finding {
    let found = find(text, TODAY);
    assert_eq!(found.len(), 1, "{text:?}: {found:?}");
    found.into_iter().next().unwrap()
}

fn level(text: &str) -> Option<Level> {
    find(text, TODAY).into_iter().map(|it| it.level).max()
}

/// Forms a number is written in, `D` for the date, `S` for the last four digits.
const FORMS: [&str; 24] = [
    "{D}-{S}",
    "{D} {S}",
    "{D}  {S}",
    "{D} - {S}",
    "{D}.{S}",
    "{D}/{S}",
    "{D}:{S}",
    "{D}_{S}",
    "{D}\u{2013}{S}",
    "{D}\u{2011}{S}",
    "{D}\u{a0}{S}",
    "{D}\u{ad}-{S}",
    "{D}\u{200b}-{S}",
    "{D}\n{S}",
    "{D}-\n{S}",
    "{D}-\r\n{S}",
    "{D}<b>-</b>{S}",
    "<span>{D}</span><span>{S}</span>, født her",
    "{D}&nbsp;{S}",
    "{D}&#45;{S}",
    "{D}%2D{S}",
    "{D}%20{S}",
    "{D}=2D{S}",
    "> borgeren er {D}-\n> {S}",
];

#[test]
fn a_number_in_parts_is_found_however_it_is_parted() {
    for nth in 0..20 {
        let number = checked(DATE, nth);
        for form in FORMS {
            let text = form.replace("{D}", &number[..6]).replace("{S}", &number[6..]);
            assert_eq!(level(&text), Some(Level::Block), "{text:?}");
        }
    }
}

#[test]
fn a_number_in_dotted_spaced_or_wide_digits_is_found() {
    let number = checked(DATE, 3);
    let serial = &number[6..];
    let wide: String = number
        .chars()
        .map(|it| char::from_u32(u32::from('０') + it.to_digit(10).unwrap()).unwrap())
        .collect();
    let spaced = number.chars().map(String::from).collect::<Vec<_>>().join(" ");
    for text in [
        format!("11.07.03-{serial}"),
        format!("11-07-03-{serial}"),
        format!("11 07 03 {serial}"),
        format!("11/07/03 {serial}"),
        format!("borger {wide}"),
        spaced,
        format!("Kl. 14:30 {}-{serial} ringede", &number[..6]),
    ] {
        assert_eq!(level(&text), Some(Level::Block), "{text:?}");
    }
}

#[test]
fn a_number_that_touches_letters_in_a_file_name_is_found() {
    let number = checked(DATE, 5);
    assert_eq!(level(&format!("loen_{number}_2026.xlsx")), Some(Level::Warn));
    assert_eq!(level(&format!("CPR{number}.pdf")), Some(Level::Block));
}

#[test]
fn a_bare_number_with_check_digit_is_a_warning_and_among_people_a_block() {
    let number = checked(DATE, 0);
    assert_eq!(only(&number).rule, Rule::Checked);
    assert_eq!(only(&format!("Medarbejder {number} er ny")).level, Level::Block);
}

#[test]
fn a_number_without_check_digit_beside_the_word_cpr_is_a_block() {
    let number = "1107030001";
    assert!(!is_checked(number));
    assert_eq!(level(number), None);
    assert_eq!(only(&format!("cpr-nr.: {number}")).rule, Rule::Labelled);
    assert_eq!(only("Vores medarbejder 110703-0001").rule, Rule::Mistyped);
}

#[test]
fn a_number_of_new_years_day_needs_no_check_digit_in_the_years_that_are_known() {
    let (known, other) = ("010165-0001", "010103-0001");
    assert!(!is_checked(known) && !is_checked(other));
    assert_eq!(only(known).rule, Rule::FirstOfJanuary);
    assert_eq!(only("0101650001").rule, Rule::MaybeFirstOfJanuary);
    assert_eq!(only(other).rule, Rule::MaybeFirstOfJanuary);
    assert_eq!(level("0101030001"), None);
}

#[test]
fn another_kind_of_number_just_before_excuses_a_bare_number_only() {
    let number = checked(DATE, 1);
    for label in ["Faktura nr. ", "P-nr. ", "konto ", "ts=", "Ref: ", "tlf. "] {
        assert_eq!(level(&format!("{label}{number}")), None, "{label}");
    }
    let parted = format!("{}-{}", &number[..6], &number[6..]);
    assert_eq!(level(&format!("faktura {parted}")), Some(Level::Warn));
    let far = format!("Fakturaen blev sendt i går. Det var {parted}");
    assert_eq!(level(&far), Some(Level::Block));
    assert_eq!(level(&format!("Faktura 17 vedr. borger cpr {number}")), Some(Level::Block));
}

#[test]
fn replacement_numbers_lost_zeros_and_letters_for_digits_are_warnings() {
    assert_eq!(only("710703-0001").kind, Kind::CprReplacement);
    assert_eq!(level("7107030001"), None);
    assert_eq!(only("cpr 7107030001").kind, Kind::CprReplacement);
    assert_eq!(only("110703 1WQ3").kind, Kind::Ecpr);
    assert_eq!(only("cpr: 107030017").rule, Rule::ZeroLost);
    assert_eq!(only("cpr: 11O7O3-OOl7").rule, Rule::LettersForDigits);
    assert_eq!(level("11O7O3-OOl7"), None);
}

#[test]
fn a_bsn_is_one_only_beside_its_name() {
    for text in ["BSN 123456782", "burgerservicenummer: 1234.56.782", "bsn 123 456 782"] {
        assert_eq!((only(text).kind, only(text).level), (Kind::Bsn, Level::Block), "{text}");
    }
    assert_eq!(level("123456782"), None);
    assert_eq!(level("BSN 123456789"), None);
}

#[test]
fn a_table_of_html_names_its_numbers_by_the_heading_of_the_column() {
    let row =
        |it: usize| format!("<tr><td>Hans</td><td>110703000{it}</td><td>1107030006</td></tr>");
    let head = "<tr><th>Navn</th><th>CPR</th><th>Ordrenr.</th></tr>";
    let text = format!("<p>Se</p><table>{head}{}{}{}</table>", row(1), row(2), row(3));
    let found = find(&text, TODAY);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().all(|it| it.rule == Rule::Labelled));
}

#[test]
fn codes_accounts_and_longer_numbers_are_none() {
    let number = checked(DATE, 2);
    for text in [
        format!("5{number}"),
        format!("{number}5"),
        format!("579{number}"),
        format!("{}-{}-4{}-8123-{number}ab", "0a1b2c3d", "1234", "123"),
        format!("deadbeef{number}cafe"),
        format!("DK50 0040 {} {} {}", &number[..4], &number[4..8], &number[8..]),
    ] {
        assert_eq!(level(&text), None, "{text}");
    }
}

#[test]
fn a_number_hidden_in_base64_is_found_where_the_token_stands() {
    use base64::Engine as _;
    let text = format!("borger {}", checked(DATE, 4));
    let token = base64::engine::general_purpose::STANDARD.encode(text);
    let text = format!("Vedhæftet: {token} slut");
    let found = only(&text);
    assert_eq!(&text[found.span], token);
}

#[test]
fn masking_takes_all_of_every_number_and_nothing_else() {
    let (a, b) = (checked(DATE, 7), checked("010203", 8));
    let text = format!("Æble {}-{} og cpr {b}. Slut", &a[..6], &a[6..]);
    assert_eq!(mask(&text, TODAY), "Æble 11••••-•••• og cpr 01••••-••••. Slut");
    assert_eq!(mask("intet her", TODAY), "intet her");
}

#[test]
fn a_column_is_judged_as_a_whole() {
    let numbers: Vec<String> = (0..60).map(|it| checked(DATE, it)).collect();
    assert_eq!(column(numbers.iter().map(String::as_str), TODAY), Column::Numbers);
    let other: Vec<String> = (0..60).map(|it| format!("9{it:09}")).collect();
    assert_eq!(column(other.iter().map(String::as_str), TODAY), Column::Other);
    let mixed = other.iter().take(30).chain(&numbers[..3]).map(String::as_str);
    assert_eq!(column(mixed, TODAY), Column::Perhaps);
    assert_eq!(column(["", " "], TODAY), Column::Other);
}

/// Numbers in a row that chance deals, the same on every machine.
fn dealt(count: u64) -> impl Iterator<Item = u64> {
    (1..=count).map(|it| {
        let mixed = it.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) % 10_000_000_000
    })
}

#[test]
fn of_bare_numbers_dealt_by_chance_none_is_a_block_and_one_in_three_hundred_a_warning() {
    let levels: Vec<Option<Level>> =
        dealt(100_000).map(|it| level(&format!("se {it:010} her"))).collect();
    let count = |wanted| levels.iter().filter(|it| **it == Some(wanted)).count();
    assert_eq!(count(Level::Block), 0);
    assert!(count(Level::Warn) < 400, "{}", count(Level::Warn));
}

#[test]
fn of_numbers_six_and_four_dealt_by_chance_three_in_a_thousand_are_blocks_at_most() {
    let parted = dealt(100_000).map(|it| format!("se {:06}-{:04} her", it / 10_000, it % 10_000));
    let blocks = parted.filter(|it| level(it) == Some(Level::Block)).count();
    assert!(blocks <= 300, "{blocks}");
}

proptest! {
    #[test]
    fn any_text_is_read_and_its_findings_stand_in_it_in_order(
        text in "([0-9OIl&#;<>%=\\-. \n\u{200b}\u{2011}a-fæ１]|cpr|&nbsp;|%2D|<b>){0,60}"
    ) {
        let found = find(&text, TODAY);
        let mut end = 0;
        for it in &found {
            prop_assert!(it.span.start >= end && it.span.start < it.span.end);
            prop_assert!(text.get(it.span.clone()).is_some());
            end = it.span.end;
        }
        prop_assert!(find(&mask(&text, TODAY), TODAY).iter().all(|it| it.level == Level::Warn));
    }
}
