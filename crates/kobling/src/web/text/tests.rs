use super::*;
use jiff::civil::date;
use std::collections::BTreeSet;

const MODULES: &[(&str, &[(&str, Text)])] = &[
    ("agreements", agreements::ALL),
    ("audit", audit::ALL),
    ("brakes", brakes::ALL),
    ("common", common::ALL),
    ("delivery", delivery::ALL),
    ("entry", entry::ALL),
    ("fields", fields::ALL),
    ("groups", groups::ALL),
    ("letters", letters::ALL),
    ("organisation", organisation::ALL),
    ("overview", overview::ALL),
    ("person", person::ALL),
    ("runs", runs::ALL),
];

/// Texts that rightly read the same in English and another language: names, and words that both have.
const SAME: &[&str] = &[
    "agreements::INTERFACES",
    "agreements::VERSION",
    "common::RUNS",
    "delivery::SET",
    "delivery::SET_NO",
    "organisation::WEBHOOKS",
    "overview::RUNS",
    "person::ORIGIN_TOLD",
    "person::RUN",
    "person::WENT_AT",
    "runs::PLAN_OF",
    "runs::RUN",
    "runs::RUN_NO",
];

/// Texts whose English has a word of the glossary in another sense, each with that word.
const OTHER_SENSE: &[(&str, &str)] = &[
    ("entry::LINK_SPENT", "link"),
    ("entry::SIGN_IN_LEAD", "link"),
    ("entry::SIGN_IN_NEW", "link"),
];

/// Forms of words that do not begin as the glossary's form does.
const IRREGULAR: &[(&str, &[&str])] = &[
    ("afwijzen", &["afgewezen", "wijs"]),
    ("vrijgeven", &["vrijgegeven", "geef"]),
    ("afvise", &["afvis"]),
    ("koppelen", &["gekoppeld"]),
];

/// Words in a sentence, at most.
const WORDS_MAX: usize = 25;

fn all() -> impl Iterator<Item = (String, Text)> {
    MODULES.iter().flat_map(|(module, texts)| {
        texts.iter().map(move |(name, it)| (format!("{module}::{name}"), *it))
    })
}

/// A row of the glossary: the English words, and the Danish and Dutch one; none where it has a dash.
struct Row {
    english: Vec<String>,
    danish: Vec<String>,
    dutch: Vec<String>,
}

fn glossary() -> Vec<Row> {
    let text = include_str!("../../../../../docs/glossary.md");
    // What follows are the words of other systems.
    let own = text.split("\n## ").next().unwrap_or(text);
    let rows = own.lines().filter(|it| it.starts_with("| ")).map(|line| {
        let mut cells = line.split('|').skip(1).map(|cell| {
            let words = cell.split(',').map(|it| it.trim().to_lowercase());
            words.filter(|it| !it.is_empty() && it != "–").collect::<Vec<_>>()
        });
        let mut next = || cells.next().unwrap_or_default();
        Row { english: next(), danish: next(), dutch: next() }
    });
    rows.filter(|it| !it.danish.is_empty() && it.english != ["english"]).collect()
}

/// Whether `text` has `word`, or its plural, as a word of its own.
fn has_word(text: &str, word: &str) -> bool {
    // What is filled in is no word.
    let told = text.split('{').map(|it| it.split_once('}').map_or(it, |(_, rest)| rest));
    let lower = told.collect::<Vec<_>>().join("#").to_lowercase();
    let ends = |it: char| !it.is_alphanumeric();
    lower.match_indices(word).any(|(at, _)| {
        let (before, after) = lower.split_at(at);
        let before = before.chars().next_back().is_none_or(ends);
        let after = after.strip_prefix(word).unwrap_or(after);
        let after = after.strip_prefix('s').unwrap_or(after);
        before && after.chars().next().is_none_or(ends)
    })
}

/// Whether `text` has one of the glossary's words in some form: its last word's first half.
fn has_term(text: &str, terms: &[String]) -> bool {
    let lower = text.to_lowercase();
    terms.iter().any(|term| {
        let word = term.rsplit([' ', '-']).next().unwrap_or(term);
        let length = word.chars().count();
        let stem: String = word.chars().take(length.div_ceil(2).max(3)).collect();
        let irregular = IRREGULAR.iter().find(|(it, _)| it == term).map(|it| it.1);
        lower.contains(&stem) || irregular.unwrap_or_default().iter().any(|it| lower.contains(it))
    })
}

#[test]
fn every_text_is_told_in_all_three_languages() {
    for (name, text) in all() {
        for lang in Language::ALL {
            assert!(!lang.t(text).trim().is_empty(), "{name} says nothing in {lang:?}");
        }
    }
}

#[test]
fn no_danish_or_dutch_text_is_left_in_english() {
    let reviewed: BTreeSet<&str> = SAME.iter().copied().collect();
    let same = all().filter(|(_, it)| it.en == it.da || it.en == it.nl);
    let same: BTreeSet<String> = same.map(|it| it.0).collect();
    let same: BTreeSet<&str> = same.iter().map(String::as_str).collect();
    let unreviewed: Vec<_> = same.difference(&reviewed).collect();
    assert!(unreviewed.is_empty(), "the same as in English: {unreviewed:?}");
    let idle: Vec<_> = reviewed.difference(&same).collect();
    assert!(idle.is_empty(), "reviewed, but not the same any more: {idle:?}");
}

#[test]
fn texts_use_the_words_of_the_glossary() {
    let mut faults = Vec::new();
    for row in glossary() {
        for (name, text) in all() {
            let Some(word) = row.english.iter().find(|it| has_word(text.en, it)) else { continue };
            if OTHER_SENSE.contains(&(name.as_str(), word.as_str())) {
                continue;
            }
            for (text, terms) in [(text.da, &row.danish), (text.nl, &row.dutch)] {
                if !has_term(text, terms) {
                    faults.push(format!("{name}: {word:?} is {terms:?}, but it says {text:?}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_is_filled_in_is_the_same_in_every_language() {
    let holes = |text: &str| {
        let names = text.split('{').skip(1).filter_map(|it| Some(it.split_once('}')?.0.to_owned()));
        names.collect::<BTreeSet<String>>()
    };
    let forms = |text: &str| text.matches('|').count();
    for (name, text) in all() {
        for other in [text.da, text.nl] {
            assert_eq!(holes(text.en), holes(other), "{name}");
            assert_eq!(forms(text.en), forms(other), "{name}: forms for one and for many");
        }
    }
}

#[test]
fn sentences_are_short_enough_to_be_read_once() {
    for (name, text) in all() {
        for lang in Language::ALL {
            for sentence in lang.t(text).split(['.', '|', '?', '!']) {
                let words = sentence.split_whitespace().count();
                assert!(words <= WORDS_MAX, "{name}, {lang:?}: {words} words: {sentence}");
            }
        }
    }
}

#[test]
fn a_term_of_the_glossary_is_missed_and_its_inflection_is_found() {
    let terms = ["kørsel".to_owned()];
    assert!(has_term("Alle kørsler", &terms));
    assert!(!has_term("Alle gennemløb", &terms));
    assert!(has_word("Runs and plans", "run") && !has_word("a runner", "run"));
}

#[test]
fn numbers_and_days_are_written_as_people_there_write_them() {
    let day = date(2026, 3, 5);
    let told = Language::ALL.map(|it| format!("{} {}", it.number(1_234_567), it.date(day)));
    assert_eq!(told, ["1.234.567 05.03.2026", "1.234.567 05-03-2026", "1,234,567 5 Mar 2026"]);
    assert_eq!(Language::Danish.number(-12), "−12");
}

#[test]
fn days_are_told_with_the_last_one_included() {
    let (from, until) = (Some(date(2026, 3, 5)), Some(date(2026, 4, 1)));
    assert_eq!(Language::English.days(from, until), "5 Mar 2026 – 31 Mar 2026");
    assert_eq!(Language::Danish.days(from, None), "fra 05.03.2026");
    assert_eq!(Language::Dutch.days(None, until), "tot en met 31-03-2026");
}
