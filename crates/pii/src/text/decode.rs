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
const INLINE_TAGS: [&str; 37] = [
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "big",
    "cite",
    "code",
    "data",
    "del",
    "dfn",
    "em",
    "font",
    "i",
    "ins",
    "kbd",
    "label",
    "mark",
    "nobr",
    "o:p",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "time",
    "tt",
    "u",
    "wbr",
    "w:r",
    "w:t",
    "a:r",
    "a:t",
    "text:span",
];
/// Tags that begin a line, and mean nothing else where they stand alone.
const LINE_TAGS: [&str; 4] = ["br", "div", "li", "p"];
/// Digits from which the inside of a tag is read as text.
const TAG_DIGITS_MAX: usize = 7;

/// `before` is the character read last.
pub(super) fn decode(text: &str, before: Option<char>) -> Decoded {
    let decoded = match text.bytes().next() {
        Some(b'<') => tag(text),
        Some(b'&') => entity(text),
        Some(b'%') => percent(text),
        Some(b'=') => quoted_printable(text, before),
        Some(b'\\') => escape(text),
        Some(b'\r') => Some(carriage_return(text)),
        Some(b'\n') => reply_quote(text),
        _ => None,
    };
    decoded.unwrap_or(Decoded::Plain)
}

/// An inline tag is not seen, nor is a comment; any other is text, for its name or an attribute may
/// tell what stands in it, or hold it.
fn tag(text: &str) -> Option<Decoded> {
    if text.starts_with("<!--") {
        let end = text.get(..text.floor_char_boundary(TAG_BYTES_MAX))?.find("-->")?;
        return (digits(text.get(..end)?) <= TAG_DIGITS_MAX).then_some(Decoded::Nothing(end + 3));
    }
    if text.starts_with("<![CDATA[") {
        return Some(Decoded::Nothing("<![CDATA[".len()));
    }
    let end = text.bytes().take(TAG_BYTES_MAX).position(|it| it == b'>')?;
    let inside = text.get(1..end)?;
    let name = inside.trim_start_matches('/');
    if !name.starts_with(|it: char| it.is_ascii_alphabetic()) || inside.contains('<') {
        return None;
    }
    let name = name.split([' ', '/', '\n', '\r', '\t']).next()?.to_ascii_lowercase();
    if digits(inside) > TAG_DIGITS_MAX {
        None
    } else if INLINE_TAGS.contains(&name.as_str()) {
        Some(Decoded::Nothing(end + 1))
    } else if LINE_TAGS.contains(&name.as_str()) {
        Some(Decoded::Char('\n', end + 1))
    } else {
        None
    }
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

fn entity(text: &str) -> Option<Decoded> {
    let end = text.bytes().take(ENTITY_BYTES_MAX).position(|it| it == b';')?;
    let name = text.get(1..end)?;
    let char = match name {
        "nbsp" | "ensp" | "emsp" | "thinsp" | "puncsp" | "numsp" | "hairsp" | "Tab" => ' ',
        "ndash" | "mdash" | "minus" | "hyphen" | "dash" | "horbar" => '-',
        "NewLine" => '\n',
        "colon" => ':',
        "num" => '#',
        "oslash" => 'ø',
        "aelig" => 'æ',
        "aring" => 'å',
        "shy" | "zwnj" | "zwj" | "lrm" | "rlm" | "ZeroWidthSpace" | "NoBreak" => {
            return Some(Decoded::Nothing(end + 1));
        }
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "middot" | "period" => '.',
        "frasl" | "sol" => '/',
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

/// What a string of JSON or a program writes with a backslash, and Markdown before a mark.
fn escape(text: &str) -> Option<Decoded> {
    let rest = text.strip_prefix('\\')?;
    let char = match rest.chars().next()? {
        'u' => return hexadecimal(rest.get(1..5)?, 6),
        'x' => return hexadecimal(rest.get(1..3)?, 4),
        'n' | 'r' => '\n',
        't' => ' ',
        mark @ ('/' | '-' | '.' | '_' | '"' | '(' | ')') => mark,
        _ => return None,
    };
    Some(Decoded::Char(char, 2))
}

fn hexadecimal(digits: &str, used: usize) -> Option<Decoded> {
    let code = u32::from_str_radix(digits, 16).ok()?;
    char::from_u32(code).map(|it| Decoded::Char(it, used))
}

/// Before a line feed it is no character of its own.
fn carriage_return(text: &str) -> Decoded {
    if text.starts_with("\r\n") { Decoded::Nothing(1) } else { Decoded::Char('\n', 1) }
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
        assert_eq!(decode("</p>1", None), Decoded::Char('\n', 4));
        assert_eq!(decode("<span id=\"12345678\">1", None), Decoded::Plain);
    }

    #[test]
    fn encoded_separators_are_decoded() {
        assert_eq!(decode("%2D1", Some('1')), Decoded::Char('-', 3));
        assert_eq!(decode("%C2%A01", Some('1')), Decoded::Char('\u{a0}', 6));
        assert_eq!(decode("=C2=A01", Some('1')), Decoded::Char('\u{a0}', 6));
        assert_eq!(decode("\\u002d1", Some('1')), Decoded::Char('-', 6));
        assert_eq!(decode("=\r\n1", Some('1')), Decoded::Nothing(3));
        assert_eq!(decode("\n>> 1", Some('1')), Decoded::Char('\n', 4));
        assert_eq!(decode("&#8209;1", Some('1')), Decoded::Char('\u{2011}', 7));
    }
}
