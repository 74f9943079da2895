//! Digits that are a part of something longer.

use super::text::Plain;
use std::ops::Range;

/// Hexadecimal digits in one run from which a code, not a number, is read.
const CODE_CHARS: usize = 16;
/// The most characters that are looked at on either side.
const LOOK: usize = 40;
/// Letters and digits of an account number with its country.
const IBAN_CHARS: Range<usize> = 15..35;

/// Whether the place lies within a UUID, a long hexadecimal number, an account number with its
/// country, a letter code with other digits, or the groups of four of a longer number.
pub(crate) fn holds(text: &Plain, range: &Range<usize>) -> bool {
    is_hexadecimal(text, range)
        || is_part_of_token(text, range)
        || follows_groups_of_four(text, range.start)
}

fn is_hexadecimal(text: &Plain, range: &Range<usize>) -> bool {
    let is_code = |it: char| it.is_ascii_hexdigit() || it == '-';
    let touches = |it: Option<char>| it.is_some_and(|it| is_code(it) && !it.is_ascii_digit());
    if !touches(text.before(range.start)) && !touches(text.get(range.end)) {
        return false;
    }
    let at = range.start;
    let from = extent_before(text, at, is_code);
    let run: String = text.chars(from..at + LOOK).iter().take_while(|it| is_code(**it)).collect();
    let groups: Vec<usize> = run.split('-').map(str::len).collect();
    let is_uuid = groups.windows(5).any(|it| it == [8, 4, 4, 4, 12]);
    let is_hex = run.split('-').any(|it| {
        it.len() >= CODE_CHARS
            && it.contains(|it: char| it.is_ascii_alphabetic())
            && it.contains(|it: char| it.is_ascii_digit())
    });
    is_uuid || is_hex
}

/// Whether letters touch the place and digits other than its own stand beyond them.
fn is_part_of_token(text: &Plain, range: &Range<usize>) -> bool {
    let is_token = |it: char| it.is_ascii_alphanumeric();
    let from = extent_before(text, range.start, is_token);
    let after =
        text.chars(range.end..range.end + LOOK).iter().take_while(|it| is_token(**it)).count();
    let before = text.chars(from..range.start);
    let behind = text.chars(range.end..range.end + after);
    let has_others = before.iter().chain(behind).any(|it| it.is_ascii_digit());
    let is_iban = matches!(before, [a, b, c, d, ..]
        if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit())
        && IBAN_CHARS.contains(&(before.len() + range.len() + after));
    is_iban || has_others
}

fn extent_before(text: &Plain, at: usize, belongs: impl Fn(char) -> bool) -> usize {
    let before = text.chars(at.saturating_sub(LOOK)..at);
    at - before.iter().rev().take_while(|it| belongs(**it)).count()
}

/// Two groups of four before it, each with a space: an account number in groups goes on.
fn follows_groups_of_four(text: &Plain, at: usize) -> bool {
    let Some(from) = at.checked_sub(10) else { return false };
    let groups = text.chars(from..at);
    let fits = groups.iter().enumerate().all(|(index, it)| match index % 5 {
        4 => *it == ' ',
        _ => it.is_ascii_alphanumeric(),
    });
    fits && groups.iter().any(|it| it.is_ascii_digit())
}
