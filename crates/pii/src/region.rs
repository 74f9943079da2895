//! Where in a text numbers can stand at all, so that the rest is passed by at the speed of its bytes.

use std::ops::Range;

/// A part of a text in which candidates begin, and what stands around it.
pub(crate) struct Region {
    /// Bytes in which a candidate may begin.
    pub(crate) core: Range<usize>,
    /// The same with the words around.
    pub(crate) around: Range<usize>,
}

/// Digits below which nothing is a number; letters may stand for the others.
const DIGITS_MIN: usize = 7;
/// Bytes between two digits of one number.
const GAP_MAX: usize = 16;
/// The same behind a date, where words may lead on.
const DATE_GAP_MAX: usize = 48;
/// Digits of a date.
const DATE_DIGITS: usize = 6;
/// The same where a tag stands between.
const TAGGED_GAP_MAX: usize = 300;
/// Bytes of context before and behind.
const CONTEXT: usize = 160;
/// A core that is longer is cut, so that little is in memory at a time.
const CORE_MAX: usize = 16 * 1024;

/// All regions of a text, in order.
pub(crate) fn all(text: &str) -> Vec<Region> {
    let mut cores: Vec<Range<usize>> = Vec::new();
    let mut run = Run::default();
    for (at, byte) in text.bytes().enumerate() {
        match weight(byte, run.is_digit) {
            Weight::Nothing => run.pass(byte),
            Weight::Digit => run.digit(at, &mut cores),
        }
    }
    run.close(&mut cores);
    cores.into_iter().map(|core| Region { around: around(text, &core), core }).collect()
}

enum Weight {
    Nothing,
    Digit,
}

/// A digit of any script is known by its first byte only: what is too many is looked at and is none.
fn weight(byte: u8, follows_digit: bool) -> Weight {
    match byte {
        b'0'..=b'9' | 0xc2 | 0xd9 | 0xdb | 0xdf | 0xe0 | 0xe1 | 0xe2 | 0xef | 0xf0 => Weight::Digit,
        b'O' | b'o' | b'l' | b'I' if follows_digit => Weight::Digit,
        _ => Weight::Nothing,
    }
}

#[derive(Default)]
struct Run {
    from: usize,
    until: usize,
    digits: usize,
    is_digit: bool,
    is_tagged: bool,
}

impl Run {
    fn pass(&mut self, byte: u8) {
        self.is_digit = false;
        self.is_tagged |= byte == b'<';
    }

    fn digit(&mut self, at: usize, cores: &mut Vec<Range<usize>>) {
        let gap_max = match self.digits {
            _ if self.is_tagged => TAGGED_GAP_MAX,
            DATE_DIGITS => DATE_GAP_MAX,
            _ => GAP_MAX,
        };
        let is_cut = at - self.from > CORE_MAX && !self.is_digit;
        if self.digits == 0 || at - self.until > gap_max || is_cut {
            self.close(cores);
            (self.from, self.digits) = (at, 0);
        }
        self.digits += 1;
        self.until = at + 1;
        self.is_digit = true;
        self.is_tagged = false;
    }

    /// Regions whose contexts meet are one, unless that is too long.
    fn close(&mut self, cores: &mut Vec<Range<usize>>) {
        if self.digits < DIGITS_MIN {
            return;
        }
        match cores.last_mut() {
            Some(last)
                if self.from - last.end < 2 * CONTEXT && self.until - last.start < CORE_MAX =>
            {
                last.end = self.until;
            }
            _ => cores.push(self.from..self.until),
        }
    }
}

fn around(text: &str, core: &Range<usize>) -> Range<usize> {
    let from = text.floor_char_boundary(core.start.saturating_sub(CONTEXT));
    let until = text.ceil_char_boundary(core.end.saturating_add(CONTEXT).min(text.len()));
    from..until
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_few_digits_has_no_region_and_one_with_many_is_cut() {
        assert!(all("Kl. 14 den 3. maj, 7 mand").is_empty());
        let long = "110703 ".repeat(10_000);
        let regions = all(&long);
        assert!(regions.len() > 3);
        assert!(regions.windows(2).all(|it| matches!(it, [a, b] if a.core.end <= b.core.start)));
        assert!(regions.iter().all(|it| it.core.len() <= CORE_MAX + 16));
    }
}
