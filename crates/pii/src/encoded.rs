//! Text within text, in base64.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::ops::Range;

/// A token that decodes to readable text.
pub(crate) struct Token {
    /// Where it stands, in bytes.
    pub(crate) span: Range<usize>,
    pub(crate) decoded: String,
}

/// Characters of base64 below which a token holds no number: eight bytes.
const CHARS_MIN: usize = 12;
/// A line of so many characters goes on in the next.
const LINE_MIN: usize = 60;
/// How the payload of a token of JSON begins.
const JSON: &str = "eyJ";

/// All such tokens of a text, in order.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = Token> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let span = next(text.as_bytes(), at)?;
        at = span.end;
        Some(span)
    })
    .filter_map(|span| {
        let decoded = decode(text.get(span.clone())?)?;
        Some(Token { span, decoded })
    })
}

/// The next run of characters of base64 that is long enough.
fn next(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        let rest = bytes.get(at..)?;
        at += rest.iter().position(|it| is_token(*it))?;
        let mut end = at + run(bytes, at);
        let mut line = end - at;
        // A long token is broken into lines of one length.
        while line >= LINE_MIN {
            let blank = breaks(bytes, end);
            line = if blank == 0 { 0 } else { run(bytes, end + blank) };
            if line > 0 {
                end += blank + line;
            }
        }
        if end - at >= CHARS_MIN {
            return Some(at..end);
        }
        at = end;
    }
}

fn run(bytes: &[u8], from: usize) -> usize {
    bytes.get(from..).unwrap_or_default().iter().take_while(|it| is_token(**it)).count()
}

fn breaks(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..) {
        Some([b'\r', b'\n', ..]) => 2,
        Some([b'\n', ..]) => 1,
        _ => 0,
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
}

fn decode(token: &str) -> Option<String> {
    // Text in base64 has letters of both sizes; a word, a code or a UUID has not.
    let has_both = token.bytes().any(|it| it.is_ascii_lowercase())
        && token.bytes().any(|it| it.is_ascii_uppercase());
    if !has_both {
        return None;
    }
    let joined: String = token.chars().filter(|it| !it.is_ascii_whitespace()).collect();
    // A name and an equal sign before it belong to no token: `data=SGFucw==`.
    let value = joined.trim_end_matches('=').rsplit('=').next()?;
    let bytes = match STANDARD.decode(&joined) {
        Ok(bytes) => bytes,
        Err(_) if value.starts_with(JSON) => URL_SAFE_NO_PAD.decode(value).ok()?,
        Err(_) => {
            let padded = format!("{value}{}", "=".repeat((4 - value.len() % 4) % 4));
            STANDARD.decode(padded).ok()?
        }
    };
    let text = String::from_utf8(bytes).ok()?;
    let is_readable = text.chars().all(|it| !it.is_control() || it.is_whitespace());
    is_readable.then_some(text)
}
