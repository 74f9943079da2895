//! The words around a number.

use super::text::Plain;
use std::ops::Range;

/// How far a word that names the number may stand from it, in characters.
const NAMED_WITHIN: usize = 30;
/// How far words about people may stand from it.
const PEOPLE_WITHIN: usize = 60;
/// How far before it a word may stand that says it is something else.
const OTHER_WITHIN: usize = 24;

const CPR_WORDS: [&str; 5] = ["cpr", "personnummer", "personnr", "person-nr", "personnr."];
const BSN_WORDS: [&str; 3] = ["bsn", "burgerservicenummer", "sofi"];
/// Beginnings of words about people, Danish and English.
const PEOPLE_WORDS: [&str; 28] = [
    "borger",
    "født",
    "fødsel",
    "ansat",
    "ansæt",
    "medarbejder",
    "løn",
    "patient",
    "barn",
    "børn",
    "elev",
    "kollega",
    "lærer",
    "navn",
    "person",
    "mor ",
    "far ",
    "søn",
    "datter",
    "ægtefælle",
    "citizen",
    "born",
    "employee",
    "sygemeld",
    "leder",
    "vikar",
    "pårørende",
    "hr.",
];
/// Beginnings of words that name another kind of number.
const OTHER_WORDS: [&str; 27] = [
    "faktura",
    "ordre",
    "order",
    "bilag",
    "konto",
    "reg.nr",
    "regnr",
    "p-nr",
    "p-nummer",
    "pnr",
    "p.nr",
    "kunde",
    "sagsnr",
    "sag ",
    "ean",
    "gln",
    "tlf",
    "telefon",
    "iban",
    "cvr",
    "ref",
    "invoice",
    "ts=",
    "ts:",
    "timestamp",
    "epoch",
    "varenr",
];

/// The words around a number.
pub(crate) struct Words {
    /// Before and behind it, near.
    near: [String; 2],
    /// And farther.
    far: [String; 2],
    /// What stands just before it.
    before: String,
}

impl Words {
    pub(crate) fn around(text: &Plain, range: &Range<usize>) -> Self {
        let within = |chars: usize| {
            let before = text.lower(range.start.saturating_sub(chars)..range.start);
            [before, text.lower(range.end..range.end.saturating_add(chars))]
        };
        let before = text.lower(range.start.saturating_sub(OTHER_WITHIN)..range.start);
        Self { near: within(NAMED_WITHIN), far: within(PEOPLE_WITHIN), before }
    }

    /// Whether a word such as *cpr* is near.
    pub(crate) fn name_cpr(&self) -> bool {
        holds(&self.near, &CPR_WORDS)
    }

    /// Whether a word such as *bsn* is near.
    pub(crate) fn name_bsn(&self) -> bool {
        holds(&self.near, &BSN_WORDS)
    }

    /// Whether words about people are near.
    pub(crate) fn tell_of_people(&self) -> bool {
        holds(&self.far, &PEOPLE_WORDS)
    }

    /// Whether the sentence before it ends in a word that names another kind of number, with no
    /// other number between.
    pub(crate) fn name_other(&self) -> bool {
        let sentence = self.before.rsplit(['\n', '!', '?', ';']).next().unwrap_or_default();
        // The point of "nr. 17" ends no sentence.
        let sentence = sentence.trim_end().rsplit(". ").next().unwrap_or_default();
        let adjacent = sentence.rsplit(|it: char| it.is_ascii_digit()).next().unwrap_or_default();
        OTHER_WORDS.iter().any(|word| begins_in(adjacent, word))
    }
}

fn holds(texts: &[String; 2], words: &[&str]) -> bool {
    texts.iter().any(|text| words.iter().any(|word| text.contains(word)))
}

/// Whether a word of `text` begins with `word`.
fn begins_in(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        !before.is_some_and(char::is_alphabetic)
    })
}
