//! Text as a reader sees it, each character with the bytes it stands for.

mod decode;

use decode::Decoded;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization as _;

/// Text with everything decoded and folded that hides a number from a program, not from a person.
pub(crate) struct Plain {
    chars: Vec<char>,
    /// Of each character the bytes of the text it was written with.
    spans: Vec<Range<usize>>,
}

impl Plain {
    pub(crate) fn read(text: &str) -> Self {
        let mut it = Self { chars: Vec::with_capacity(text.len()), spans: Vec::new() };
        let mut rest = text;
        let mut at = 0;
        while let Some(first) = rest.chars().next() {
            let used = match decode::decode(rest, it.chars.last().copied()) {
                Decoded::Char(decoded, used) => {
                    it.push(decoded, at..at + used);
                    used
                }
                Decoded::Nothing(used) => used,
                Decoded::Plain => {
                    it.push(first, at..at + first.len_utf8());
                    first.len_utf8()
                }
            };
            at += used;
            rest = rest.get(used..).unwrap_or_default();
        }
        it
    }

    fn push(&mut self, char: char, span: Range<usize>) {
        if char.is_ascii() {
            self.chars.push(char);
            self.spans.push(span);
            return;
        }
        for folded in std::iter::once(char).nfkc() {
            if let Some(seen) = seen(folded) {
                self.chars.push(seen);
                self.spans.push(span.clone());
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.chars.len()
    }

    pub(crate) fn get(&self, at: usize) -> Option<char> {
        self.chars.get(at).copied()
    }

    /// The character before `at`.
    pub(crate) fn before(&self, at: usize) -> Option<char> {
        self.get(at.checked_sub(1)?)
    }

    /// The characters of `range`, as far as there are any, in lower case.
    pub(crate) fn lower(&self, range: Range<usize>) -> String {
        let range = range.start.min(self.len())..range.end.min(self.len());
        self.chars.get(range).unwrap_or_default().iter().flat_map(|it| it.to_lowercase()).collect()
    }

    /// The bytes of the text that the characters of `range` stand for.
    pub(crate) fn span(&self, range: &Range<usize>) -> Range<usize> {
        let first = self.spans.get(range.start).map_or(0, |it| it.start);
        let last = range.end.checked_sub(1).and_then(|it| self.spans.get(it));
        first..last.map_or(first, |it| it.end)
    }
}

/// What a reader sees of a character: every dash is one, every space too, and what has no width is
/// not there.
fn seen(char: char) -> Option<char> {
    match char {
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => None,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => Some('-'),
        '\u{2028}' | '\u{2029}' => Some('\n'),
        it if it.is_whitespace() => Some(' '),
        it => Some(it),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        Plain::read(text).chars.iter().collect()
    }

    #[test]
    fn dashes_spaces_and_wide_digits_are_folded_and_the_invisible_goes() {
        assert_eq!(plain("01\u{2011}02\u{a0}０３\u{ad}\u{200b}4"), "01-02 034");
    }

    #[test]
    fn every_character_knows_its_bytes() {
        let text = "å&nbsp;１<b>2</b>%2D3";
        let plain = Plain::read(text);
        assert_eq!(plain.chars.iter().collect::<String>(), "å 12-3");
        assert_eq!(text.get(plain.span(&(1..2))), Some("&nbsp;"));
        assert_eq!(text.get(plain.span(&(2..4))), Some("１<b>2"));
        assert_eq!(text.get(plain.span(&(4..6))), Some("%2D3"));
    }
}
