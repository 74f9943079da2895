//! The ways in which programs write a character with others.

/// What stands at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    /// A character, written with so many bytes.
    Char(char, usize),
    /// So many bytes that a reader does not see.
    Nothing(usize),
    /// A character as it is.
    Plain,
}

/// Longest inline tag that is taken for one.
const TAG_BYTES_MAX: usize = 256;
/// Longest entity.
const ENTITY_BYTES_MAX: usize = 12;
/// Tags that set nothing apart: a number may go on behind them.
const INLINE_TAGS: [&str; 14] =
    ["a", "b", "em", "font", "i", "mark", "o:p", "s", "small", "span", "strong", "sub", "u", "wbr"];

/// `before` is the character read last.
pub(super) fn decode(text: &str, before: Option<char>) -> Decoded {
    let decoded = match text.bytes().next() {
        Some(b'<') => tag(text),
        Some(b'&') => entity(text),
        Some(b'%') => percent(text),
        Some(b'=') => quoted_printable(text, before),
        Some(b'\n') => reply_quote(text),
        _ => None,
    };
    decoded.unwrap_or(Decoded::Plain)
}

/// An inline tag is not seen; any other parts what stands around it.
fn tag(text: &str) -> Option<Decoded> {
    let end = text.bytes().take(TAG_BYTES_MAX).position(|it| it == b'>')?;
    let inside = text.get(1..end)?;
    let name = inside.trim_start_matches('/');
    if !name.starts_with(|it: char| it.is_ascii_alphabetic()) || inside.contains('<') {
        return None;
    }
    let name = name.split([' ', '/', '\n', '\t']).next()?.to_ascii_lowercase();
    let used = end + 1;
    if INLINE_TAGS.contains(&name.as_str()) {
        Some(Decoded::Nothing(used))
    } else {
        Some(Decoded::Char('\n', used))
    }
}

fn entity(text: &str) -> Option<Decoded> {
    let end = text.bytes().take(ENTITY_BYTES_MAX).position(|it| it == b';')?;
    let name = text.get(1..end)?;
    let char = match name {
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "ndash" | "mdash" | "minus" | "hyphen" | "dash" => '-',
        "shy" | "zwnj" | "zwj" => return Some(Decoded::Nothing(end + 1)),
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "period" => '.',
        "sol" => '/',
        "lowbar" => '_',
        _ => numbered(name.strip_prefix('#')?)?,
    };
    Some(Decoded::Char(char, end + 1))
}

fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?)
}

/// One character, of as many bytes as its first tells, each written `%XX`.
fn percent(text: &str) -> Option<Decoded> {
    encoded(text, b'%').map(|(char, used)| Decoded::Char(char, used))
}

/// A line broken by force, or a character that parts digits. Nothing else is decoded: `id=3107…`
/// is no quoted-printable.
fn quoted_printable(text: &str, before: Option<char>) -> Option<Decoded> {
    if text.starts_with("=\r\n") {
        return Some(Decoded::Nothing(3));
    }
    if text.starts_with("=\n") {
        return Some(Decoded::Nothing(2));
    }
    let (char, used) = encoded(text, b'=')?;
    let parts = char.is_whitespace() || !char.is_alphanumeric();
    let follows_digit = before.is_some_and(|it| it.is_ascii_digit());
    (parts && follows_digit).then_some(Decoded::Char(char, used))
}

fn encoded(text: &str, mark: u8) -> Option<(char, usize)> {
    let first = byte(text, 0, mark)?;
    let length = match first {
        0..=0x7f => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => return None,
    };
    let bytes: Option<Vec<u8>> = (0..length).map(|it| byte(text, it * 3, mark)).collect();
    let decoded = String::from_utf8(bytes?).ok()?;
    let char = decoded.chars().next()?;
    (!char.is_control() || char.is_whitespace()).then_some((char, length * 3))
}

fn byte(text: &str, at: usize, mark: u8) -> Option<u8> {
    let [first, high, low] = *text.as_bytes().get(at..at + 3)? else { return None };
    let digit = |it: u8| char::from(it).to_digit(16).and_then(|it| u8::try_from(it).ok());
    (first == mark).then_some(())?;
    Some(digit(high)? * 16 + digit(low)?)
}

/// The quote marks of a reply, after the line break before them.
fn reply_quote(text: &str) -> Option<Decoded> {
    let after = text.strip_prefix('\n')?;
    let rest = after.trim_start_matches(['>', ' ']);
    let marks = after.len() - rest.len();
    after.starts_with('>').then_some(Decoded::Char('\n', 1 + marks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_encoded_is_left_as_it_is() {
        for text in
            ["<5 og >3", "&c", "& ", "%zz", "%", "100%", "=31", "=", "\nx", "<", "&#x110000;"]
        {
            assert_eq!(decode(text, None), Decoded::Plain, "{text}");
        }
    }

    #[test]
    fn a_tag_within_a_line_is_not_seen_and_a_cell_ends_what_came_before() {
        assert_eq!(decode("<span class=\"x\">1", None), Decoded::Nothing(16));
        assert_eq!(decode("</td>1", None), Decoded::Char('\n', 5));
    }

    #[test]
    fn encoded_separators_are_decoded() {
        assert_eq!(decode("%2D1", Some('1')), Decoded::Char('-', 3));
        assert_eq!(decode("%C2%A01", Some('1')), Decoded::Char('\u{a0}', 6));
        assert_eq!(decode("=C2=A01", Some('1')), Decoded::Char('\u{a0}', 6));
        assert_eq!(decode("=\r\n1", Some('1')), Decoded::Nothing(3));
        assert_eq!(decode("\n>> 1", Some('1')), Decoded::Char('\n', 4));
        assert_eq!(decode("&#8209;1", Some('1')), Decoded::Char('\u{2011}', 7));
    }
}
