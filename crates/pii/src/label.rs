//! The words around a number.

use super::text::Plain;
use super::word::{self, Says};
use std::ops::Range;

/// How far a word that names the number may stand from it, in characters.
const NAMED_WITHIN: usize = 30;
/// The same in one sentence before it.
const NAMED_IN_SENTENCE: usize = 56;
/// How far words about people may stand from it.
const PEOPLE_WITHIN: usize = 60;
/// How far before it a word may stand that says it is something else.
const OTHER_WITHIN: usize = 28;
/// How far behind it.
const OTHER_BEHIND: usize = 14;
/// Words that are asked together.
const TOGETHER_MAX: usize = 3;
/// Digits of another number that stands between.
const OTHER_DIGITS_MIN: usize = 6;

/// What the words around a number say of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is said or not, whatever else is")]
pub(crate) struct Words {
    pub(crate) name_cpr: bool,
    pub(crate) name_bsn: bool,
    pub(crate) name_other: bool,
    pub(crate) tell_of_people: bool,
}

impl Words {
    /// Of the number at `range`.
    pub(crate) fn around(text: &Plain, range: &Range<usize>) -> Self {
        let mut words = Self::default();
        let start = range.start.saturating_sub(PEOPLE_WITHIN);
        words.before(text.chars(start..range.start));
        words.behind(text.chars(range.end..range.end + PEOPLE_WITHIN));
        words
    }

    /// What a heading says of the numbers under it; none if it names none.
    pub(crate) fn of_heading(heading: &str) -> Option<Self> {
        let chars: Vec<char> = heading.chars().collect();
        let mut words = Self::default();
        for said in sayings(&chars) {
            words.hear(said.says);
        }
        // A heading that names both kinds, such as `cpr_or_order`, names a national number.
        words.name_other &= !words.name_cpr && !words.name_bsn;
        (words != Self::default()).then_some(words)
    }

    fn hear(&mut self, says: Says) {
        match says {
            Says::Cpr => self.name_cpr = true,
            Says::Bsn => self.name_bsn = true,
            Says::National => {
                self.name_cpr = true;
                self.name_bsn = true;
            }
            Says::Other => self.name_other = true,
            Says::People => self.tell_of_people = true,
        }
    }

    /// The nearest word that names a number names it, unless another number stands between.
    fn before(&mut self, text: &[char]) {
        let sentence = sentence(text);
        let mut nearest_is_other = None;
        for said in sayings(text).into_iter().rev() {
            let distance = text.len() - said.range.end;
            let between = text.get(said.range.end..).unwrap_or_default();
            let is_in_sentence = said.range.start >= sentence;
            match said.says {
                Says::Cpr | Says::Bsn | Says::National => {
                    let reach = if is_in_sentence { NAMED_IN_SENTENCE } else { NAMED_WITHIN };
                    let is_of_another = digits(between) >= OTHER_DIGITS_MIN;
                    let is_other = nearest_is_other == Some(true);
                    if distance <= reach && !(is_of_another && is_other) {
                        self.hear(said.says);
                        nearest_is_other = nearest_is_other.or(Some(false));
                    }
                }
                Says::Other => {
                    let is_near = distance <= OTHER_WITHIN && is_in_sentence;
                    if is_near && digits(between) == 0 {
                        nearest_is_other = nearest_is_other.or(Some(true));
                    }
                }
                Says::People => {
                    self.tell_of_people = true;
                    if digits(between) == 0 {
                        nearest_is_other = nearest_is_other.or(Some(false));
                    }
                }
            }
        }
        let is_named = self.name_cpr || self.name_bsn;
        self.name_other = nearest_is_other == Some(true) && !is_named;
    }

    fn behind(&mut self, text: &[char]) {
        for said in sayings(text) {
            let between = text.get(..said.range.start).unwrap_or_default();
            let is_near = said.range.start <= NAMED_WITHIN && digits(between) < OTHER_DIGITS_MIN;
            match said.says {
                Says::Cpr | Says::Bsn | Says::National => {
                    let is_of_next = owns_next(text, said.range.end);
                    if is_near && !is_of_next && !(self.name_other && said.range.start > 3) {
                        self.hear(said.says);
                        self.name_other = false;
                    }
                }
                Says::Other => {
                    let is_label = said.range.start <= OTHER_BEHIND
                        && between.iter().any(|it| matches!(it, '(' | '=' | '['))
                        && digits(between) == 0;
                    self.name_other |= is_label && !self.name_cpr && !self.name_bsn;
                }
                Says::People => self.tell_of_people = true,
            }
        }
        self.name_other |= !self.name_cpr && is_amount(text);
    }
}

/// Digits that go on with two decimals, or before a currency.
fn is_amount(after: &[char]) -> bool {
    if let [',' | '.', a, b, rest @ ..] = after {
        let is_two = a.is_ascii_digit() && b.is_ascii_digit();
        return is_two && !rest.first().is_some_and(|it| it.is_ascii_digit());
    }
    let skipped = after.iter().take_while(|it| **it == ' ').count();
    let word: String = after
        .iter()
        .skip(skipped)
        .take_while(|it| it.is_alphabetic())
        .flat_map(|it| it.to_lowercase())
        .collect();
    skipped <= 1 && word::is_unit(&word)
}

/// Whether a word that ends at `at` is followed by a number of its own.
fn owns_next(text: &[char], at: usize) -> bool {
    let mut rest = text.iter().skip(at).take(16).skip_while(|it| !it.is_ascii_digit());
    rest.by_ref().take_while(|it| it.is_ascii_digit()).count() >= 4
}

fn digits(text: &[char]) -> usize {
    text.iter().filter(|it| it.is_ascii_digit()).count()
}

/// Where the sentence begins in which the text ends. The point of *nr. 17* ends none; nor does one
/// line break, for a label may stand over what it names.
fn sentence(text: &[char]) -> usize {
    let ends = text.windows(3).rposition(|it| match it {
        ['.' | '!' | '?', ' ', next] => next.is_uppercase(),
        ['\n', '\n', _] | [';' | '}', _, _] => true,
        _ => false,
    });
    ends.map_or(0, |it| it + 1)
}

/// A word, or some that belong together, that says something.
struct Saying {
    range: Range<usize>,
    says: Says,
}

/// All in order. Of words that are read together the longest count.
fn sayings(text: &[char]) -> Vec<Saying> {
    let words = words(text);
    let mut all = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let longest = (1..=TOGETHER_MAX).rev().find_map(|count| {
            let together = words.get(at..at + count)?;
            Some((count, said_by(text, together)?))
        });
        let (count, says) = longest.map_or((1, None), |(count, says)| (count, Some(says)));
        if let (Some(says), Some(first), Some(last)) =
            (says, words.get(at), words.get(at + count - 1))
        {
            all.push(Saying { range: first.start..last.end, says });
        }
        at += count;
    }
    all
}

fn said_by(text: &[char], together: &[Range<usize>]) -> Option<Says> {
    let joined: String = together.iter().map(|it| lower(text, it)).collect();
    match together {
        [_] => word::says(&joined),
        [.., of, number] if are_glued(text, together) => {
            if word::are_numbered(&lower(text, of), &lower(text, number)) {
                // *CPR nr* is asked as one word first.
                let names = word::says(&joined).filter(|it| *it != Says::People);
                return names.or(Some(Says::Other));
            }
            match word::says(&joined) {
                it @ Some(Says::Cpr | Says::Bsn | Says::National) => it,
                it @ Some(Says::Other) if word::says(&lower(text, of)).is_none() => it,
                Some(Says::Other | Says::People) | None => None,
            }
        }
        _ => None,
    }
}

fn lower(text: &[char], range: &Range<usize>) -> String {
    text.get(range.clone()).unwrap_or_default().iter().flat_map(|it| it.to_lowercase()).collect()
}

/// Whether words stand so near that they may be one: with a mark, a blank, or a point and a blank.
fn are_glued(text: &[char], words: &[Range<usize>]) -> bool {
    words.windows(2).all(|it| {
        let [a, b] = it else { return false };
        let between = text.get(a.end..b.start).unwrap_or_default();
        matches!(between, [] | [' ' | '-' | '_' | '.' | '\''] | ['.', ' '])
    })
}

/// Runs of letters, cut where a small letter is followed by a capital: `invoiceNumber`.
fn words(text: &[char]) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut before = ' ';
    for (at, char) in text.iter().enumerate() {
        if char.is_alphabetic() {
            let begins = !before.is_alphabetic() || before.is_lowercase() && char.is_uppercase();
            match words.last_mut() {
                Some(last) if !begins => last.end = at + 1,
                _ => words.push(at..at + 1),
            }
        }
        before = *char;
    }
    words
}
