//! Text as a reader sees it, each character with the bytes it stands for.

mod decode;
mod fold;

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
    /// Reads the part of `text` in `part`, whose ends are those of characters.
    pub(crate) fn read(text: &str, part: &Range<usize>) -> Self {
        let room = part.len();
        let mut it = Self { chars: Vec::with_capacity(room), spans: Vec::with_capacity(room) };
        let whole = text.get(..part.end).unwrap_or_default();
        let mut at = part.start;
        while let Some(first) = whole.as_bytes().get(at).copied() {
            if first.is_ascii_alphanumeric() {
                it.chars.push(char::from(first));
                it.spans.push(at..at + 1);
                at += 1;
                continue;
            }
            let rest = whole.get(at..).unwrap_or_default();
            let Some(char) = rest.chars().next() else { break };
            at += match decode::decode(rest, it.chars.last().copied()) {
                Decoded::Char(decoded, used) => {
                    it.push(decoded, at..at + used);
                    used
                }
                Decoded::Nothing(used) => used,
                Decoded::Plain => {
                    it.push(char, at..at + char.len_utf8());
                    char.len_utf8()
                }
            };
        }
        it
    }

    fn push(&mut self, char: char, span: Range<usize>) {
        if char.is_ascii() {
            let seen = if matches!(char, '\t' | '\u{b}' | '\u{c}') { ' ' } else { char };
            self.chars.push(seen);
            self.spans.push(span);
            return;
        }
        for folded in std::iter::once(char).nfkc() {
            if let Some(seen) = fold::seen(folded) {
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

    /// The characters of `range`, as far as there are any.
    pub(crate) fn chars(&self, range: Range<usize>) -> &[char] {
        let range = range.start.min(self.len())..range.end.min(self.len());
        self.chars.get(range).unwrap_or_default()
    }

    /// The bytes of the text that the characters of `range` stand for.
    pub(crate) fn span(&self, range: &Range<usize>) -> Range<usize> {
        let first = self.spans.get(range.start).map_or(0, |it| it.start);
        let last = range.end.checked_sub(1).and_then(|it| self.spans.get(it));
        first..last.map_or(first, |it| it.end)
    }

    /// The first character written with byte `at` or a later one.
    pub(crate) fn index_of(&self, at: usize) -> usize {
        self.spans.partition_point(|it| it.end <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        Plain::read(text, &(0..text.len())).chars.iter().collect()
    }

    #[test]
    fn dashes_spaces_and_wide_digits_are_folded_and_the_invisible_goes() {
        assert_eq!(plain("01\u{2011}02\u{a0}０３\u{ad}\u{200b}4\u{202c}"), "01-02 034");
        assert_eq!(plain("٠١٠٢०३1\u{fe0f}\u{20e3}𝟏①"), "01020311 1".replace(' ', ""));
    }

    #[test]
    fn every_character_knows_its_bytes() {
        let text = "å&nbsp;１<b>2</b>%2D3";
        let plain = Plain::read(text, &(0..text.len()));
        assert_eq!(plain.chars.iter().collect::<String>(), "å 12-3");
        assert_eq!(text.get(plain.span(&(1..2))), Some("&nbsp;"));
        assert_eq!(text.get(plain.span(&(2..4))), Some("１<b>2"));
        assert_eq!(text.get(plain.span(&(4..6))), Some("%2D3"));
    }
}
