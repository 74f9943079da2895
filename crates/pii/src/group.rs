//! Groups of digits in a row, and what stands between them.

use super::text::Plain;
use std::ops::Range;

/// Groups that stand one after the other.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    pub(crate) lengths: Vec<usize>,
    pub(crate) digits: Vec<u32>,
    /// Where each group stands.
    pub(crate) ranges: Vec<Range<usize>>,
    /// Between each group and the next.
    pub(crate) gaps: Vec<Gap>,
    /// Whether letters stand for digits in one.
    pub(crate) has_letters: bool,
}

/// What parts two groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) means: Means,
    pub(crate) mark: Option<char>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// One mark, perhaps with a blank on either side, or one blank.
    Near,
    /// Blanks, marks, a line break: as wide as people part a date from the rest.
    Wide,
    /// Marks that also part other things: commas, quotes.
    Loose,
    /// Words that say what follows: *the last four are*.
    Words,
}

/// Which characters are digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Digits,
    /// O, o, I and l too.
    Letters,
}

/// A group that is longer is another kind of number.
const GROUP_MAX: usize = 12;
const GROUPS_MAX: usize = 12;
const DIGITS_MAX: usize = 15;
const GAP_MAX: usize = 8;
const BLANKS_MAX: usize = 3;
const MARKS_MAX: usize = 3;
/// How far the words go that stand between a date and *the last four*.
const WORDS_MAX: usize = 44;
/// What people say or write between the date and the last four.
const SAID: [&str; 21] = [
    "sidste",
    "fire cif",
    "løbenr",
    "løbenummer",
    "kontrol",
    "last four",
    "last 4",
    "laatste",
    "efterfulgt",
    "followed",
    "gevolgd",
    "bindestreg",
    "streg",
    "dash",
    "hyphen",
    "minus",
    "streepje",
    "punktum",
    "mellemrum",
    "dernæst",
    "og så",
];

impl Reading {
    pub(crate) fn digit(self, char: char) -> Option<u32> {
        match (self, char) {
            (Self::Letters, 'O' | 'o') => Some(0),
            (Self::Letters, 'I' | 'l') => Some(1),
            (Self::Letters | Self::Digits, it) => it.to_digit(10),
        }
    }
}

impl Groups {
    /// Reads the groups that begin at `at` in the place of what was read before; whether there are
    /// any: not if the first is too long.
    pub(crate) fn read(&mut self, text: &Plain, at: usize, reading: Reading) -> bool {
        self.clear();
        let mut at = at;
        while let Some(end) = self.group(text, at, reading) {
            if self.lengths.len() == GROUPS_MAX || self.digits.len() > DIGITS_MAX {
                break;
            }
            let leads_on = |it: &(Gap, usize)| begins(text, it.1, reading);
            let gap = gap(text, end).filter(leads_on);
            let gap = gap.or_else(|| self.said(text, end).filter(leads_on));
            let Some((gap, next)) = gap else { break };
            self.gaps.push(gap);
            at = next;
        }
        !self.lengths.is_empty()
    }

    fn clear(&mut self) {
        self.lengths.clear();
        self.digits.clear();
        self.ranges.clear();
        self.gaps.clear();
        self.has_letters = false;
    }

    /// Words that lead on from a date.
    fn said(&self, text: &Plain, end: usize) -> Option<(Gap, usize)> {
        matches!(self.lengths.as_slice(), [6] | [2, 2, 2]).then(|| said(text, end)).flatten()
    }

    fn group(&mut self, text: &Plain, at: usize, reading: Reading) -> Option<usize> {
        let mut end = at;
        while let Some((char, digit)) = text.get(end).and_then(|it| Some((it, reading.digit(it)?)))
        {
            self.digits.push(digit);
            self.has_letters |= !char.is_ascii_digit();
            end += 1;
        }
        let length = end - at;
        // What is read of it so far may still be one; a long group ends it.
        if length > GROUP_MAX && self.lengths.is_empty() {
            return None;
        }
        self.lengths.push(length);
        self.ranges.push(at..end);
        Some(end)
    }

    /// The end of the first `count` groups.
    pub(crate) fn end(&self, count: usize) -> Option<usize> {
        Some(self.ranges.get(count.checked_sub(1)?)?.end)
    }

    pub(crate) fn is_closed_after(&self, count: usize) -> bool {
        self.lengths.len() == count
    }

    /// Whether the first `count` groups stand as near each other as the parts of a date.
    pub(crate) fn are_near(&self, count: usize) -> bool {
        let gaps = self.gaps.iter().take(count.saturating_sub(1));
        gaps.map(|it| it.means).all(|it| it == Means::Near)
    }
}

fn begins(text: &Plain, at: usize, reading: Reading) -> bool {
    text.get(at).and_then(|it| reading.digit(it)).is_some()
}

/// What stands between a group and the next, and where that begins.
fn gap(text: &Plain, from: usize) -> Option<(Gap, usize)> {
    let (mut lines, mut blanks, mut marks, mut loose, mut mark) = (0, 0, 0, 0, None);
    let mut at = from;
    while at - from <= GAP_MAX {
        match text.get(at)? {
            '\n' => lines += 1,
            ' ' => blanks += 1,
            '*' | '`' => loose += usize::from(mark.is_none()),
            it @ ('-' | '.' | '/' | ':' | '_' | '\\' | '|' | '~' | '+' | '=') => {
                marks += 1;
                mark = Some(it);
            }
            '(' | ')' | '[' | ']' => marks += usize::from(mark.is_none()),
            ',' | ';' | '"' | '\'' | '{' | '}' => loose += 1,
            _ => break,
        }
        at += 1;
    }
    let is_gap = at > from
        && lines <= 1
        && blanks <= 2 * BLANKS_MAX
        && marks <= MARKS_MAX
        && loose <= MARKS_MAX;
    let means = if loose > 0 {
        Means::Loose
    } else if lines == 0 && blanks + marks == 1 || marks == 1 && lines == 0 && at - from <= 3 {
        Means::Near
    } else {
        Means::Wide
    };
    is_gap.then_some((Gap { means, mark }, at))
}

fn said(text: &Plain, from: usize) -> Option<(Gap, usize)> {
    if !text.get(from)?.is_ascii_punctuation() && text.get(from)? != ' ' {
        return None;
    }
    let between: String = text
        .chars(from..from + WORDS_MAX)
        .iter()
        .take_while(|it| !it.is_ascii_digit())
        .flat_map(|it| it.to_lowercase())
        .collect();
    let is_said = SAID.iter().any(|it| between.contains(it));
    let chars = between.chars().count();
    is_said.then_some((Gap { means: Means::Words, mark: None }, from + chars))
}
