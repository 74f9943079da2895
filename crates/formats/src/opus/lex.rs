use super::RecordKind;
use memchr::{memchr, memchr2, memmem};

/// One piece of XML at the beginning of some text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Characters, references among them.
    Text,
    /// `<![CDATA[ … ]]>`
    CData,
    /// `<!-- … -->`
    Comment,
    /// `<? … ?>`
    Instruction,
    /// `<!DOCTYPE`; it is not read to its end.
    DocType,
    /// `<name …>`
    Start,
    /// `<name …/>`
    Empty,
    /// `</name>`
    End,
}

/// What there is at the beginning of some text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lexed {
    /// A piece of so many bytes.
    Piece(Piece, usize),
    /// A piece that goes on behind the text.
    Cut,
    /// Nothing XML has.
    IllFormed(&'static str),
}

/// The first piece of `text`, which is not empty.
pub(super) fn lex(text: &[u8]) -> Lexed {
    match text {
        [b'<', b'!', rest @ ..] => declaration(text, rest),
        [b'<', b'?', ..] => delimited(Piece::Instruction, text, 2, b"?>"),
        [b'<', b'/', ..] => match memchr(b'>', text) {
            Some(at) => Lexed::Piece(Piece::End, at + 1),
            None => Lexed::Cut,
        },
        [b'<', ..] => tag(text),
        _ => match memchr(b'<', text) {
            Some(at) => Lexed::Piece(Piece::Text, at),
            None => Lexed::Cut,
        },
    }
}

/// What a document type at the beginning of some text does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DocumentType {
    /// It names `kmd`, and at most a declaration that lies elsewhere, in so many bytes.
    Names(usize),
    /// It declares something itself, from this byte on.
    Declares(usize),
    /// It goes on behind the text.
    Cut,
    /// It is of another document.
    Other,
}

/// Looks at the document type that begins `text`.
pub(super) fn document_type(text: &[u8]) -> DocumentType {
    let opening = b"<!DOCTYPE";
    let mut at = opening.len();
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let Some(found) = rest.iter().position(|it| matches!(it, b'"' | b'\'' | b'[' | b'>'))
        else {
            return DocumentType::Cut;
        };
        let is_of_kmd = || {
            let named = text.get(opening.len()..at + found).unwrap_or_default().trim_ascii_start();
            let ends = |it: &u8| is_space(*it) || matches!(it, b'"' | b'\'');
            let name = named.split(ends).next().unwrap_or_default();
            text.starts_with(opening) && name == b"kmd"
        };
        match rest.get(found) {
            Some(b'>' | b'[') if !is_of_kmd() => return DocumentType::Other,
            Some(b'>') => return DocumentType::Names(at + found + 1),
            Some(b'[') => return DocumentType::Declares(at + found),
            Some(quote) => match memchr(*quote, rest.get(found + 1..).unwrap_or_default()) {
                Some(closing) => at += found + 1 + closing + 1,
                None => return DocumentType::Cut,
            },
            None => return DocumentType::Cut,
        }
    }
}

/// Where the element ends that begins `text` with a start tag of `tag_bytes`.
pub(super) fn element(text: &[u8], tag_bytes: usize, depth_max: usize) -> Element {
    let mut depth = 1;
    let mut at = tag_bytes;
    loop {
        let Some(rest) = text.get(at..).filter(|it| !it.is_empty()) else { return Element::Cut };
        let bytes = match lex(rest) {
            Lexed::Piece(Piece::Start, bytes) => {
                depth += 1;
                bytes
            }
            Lexed::Piece(Piece::End, bytes) => {
                depth -= 1;
                bytes
            }
            Lexed::Piece(Piece::DocType, _) => return Element::IllFormed(at, "<!DOCTYPE> inside"),
            Lexed::Piece(
                Piece::Text | Piece::CData | Piece::Comment | Piece::Instruction | Piece::Empty,
                bytes,
            ) => bytes,
            Lexed::Cut => return Element::Cut,
            Lexed::IllFormed(what) => return Element::IllFormed(at, what),
        };
        if depth > depth_max {
            return Element::TooDeep(at);
        }
        at += bytes;
        if depth == 0 {
            return Element::Whole(at);
        }
    }
}

/// How far an element reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// It has so many bytes.
    Whole(usize),
    /// It goes on behind the text.
    Cut,
    /// Elements in it stand too deep from this byte on.
    TooDeep(usize),
    /// It is ill-formed at this byte.
    IllFormed(usize, &'static str),
}

/// What a search for the end of a plain record found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    /// The record has so many bytes, and nothing unusual in them.
    Whole(usize),
    /// It goes on behind the text.
    Cut,
    /// Something in it must be read piece by piece.
    Unusual,
}

/// Finds the ends of plain records: those without comments, CDATA, instructions and elements of
/// their own name.
pub(super) struct Finder {
    unit: memmem::Finder<'static>,
    employee: memmem::Finder<'static>,
}

impl Finder {
    pub(super) fn new() -> Self {
        Self { unit: memmem::Finder::new("orgUnit"), employee: memmem::Finder::new("employee") }
    }

    /// Where the record of `kind` ends that begins `text` with a start tag of `tag_bytes`.
    pub(super) fn find(&self, kind: RecordKind, text: &[u8], tag_bytes: usize) -> Plain {
        let (finder, name_bytes) = match kind {
            RecordKind::Unit => (&self.unit, "orgUnit".len()),
            RecordKind::Employee => (&self.employee, "employee".len()),
        };
        let body = text.get(tag_bytes..).unwrap_or_default();
        let mut from = 0;
        let end = loop {
            let Some(found) = finder.find(body.get(from..).unwrap_or_default()) else {
                return Plain::Cut;
            };
            let (before, name_on) = body.split_at(from + found);
            match (before, name_on.get(name_bytes)) {
                (_, None) => return Plain::Cut,
                ([.., b'<', b'/'], Some(b'>')) => break from + found + name_bytes + 1,
                ([.., b'<' | b'/'], Some(_)) => return Plain::Unusual,
                (_, Some(_)) => from += found + name_bytes,
            }
        };
        if has_markup_declaration(body.get(..end).unwrap_or_default()) {
            return Plain::Unusual;
        }
        Plain::Whole(tag_bytes + end)
    }
}

/// Whether `<!` or `<?` is in `text`.
fn has_markup_declaration(text: &[u8]) -> bool {
    memchr::memchr2_iter(b'!', b'?', text)
        .any(|at| at.checked_sub(1).and_then(|it| text.get(it)) == Some(&b'<'))
}

/// Whether `byte` is one of XML's white space characters.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// The name at the beginning of a tag without its `<` or `</`.
pub(super) fn name(tag: &[u8]) -> &[u8] {
    let ends = |it: &u8| is_space(*it) || matches!(it, b'/' | b'>');
    tag.get(..tag.iter().position(ends).unwrap_or(tag.len())).unwrap_or_default()
}

fn declaration(text: &[u8], rest: &[u8]) -> Lexed {
    let begins = |it: &[u8]| rest.starts_with(it);
    // XML writes it in capitals; a web page need not.
    let (head, doctype) = (rest.get(..7).unwrap_or(rest), b"DOCTYPE");
    let doctype = doctype.get(..head.len()).unwrap_or_default();
    let may_begin = |it: &[u8]| it.starts_with(rest);
    if begins(b"--") {
        delimited(Piece::Comment, text, 4, b"-->")
    } else if begins(b"[CDATA[") {
        delimited(Piece::CData, text, 9, b"]]>")
    } else if head.eq_ignore_ascii_case(doctype) && head.len() == 7 {
        Lexed::Piece(Piece::DocType, 9)
    } else if may_begin(b"--") || may_begin(b"[CDATA[") || head.eq_ignore_ascii_case(doctype) {
        Lexed::Cut
    } else {
        Lexed::IllFormed("<! begins neither a comment nor CDATA")
    }
}

fn delimited(piece: Piece, text: &[u8], opening_bytes: usize, end: &[u8]) -> Lexed {
    match memmem::find(text.get(opening_bytes..).unwrap_or_default(), end) {
        Some(at) => Lexed::Piece(piece, opening_bytes + at + end.len()),
        None => Lexed::Cut,
    }
}

/// A start tag or an empty element's tag: a `>` inside quotes does not end it.
fn tag(text: &[u8]) -> Lexed {
    let begins_name = |it: &u8| it.is_ascii_alphabetic() || matches!(it, b'_' | b':' | 0x80..);
    match text.get(1) {
        None => return Lexed::Cut,
        Some(it) if begins_name(it) => {}
        Some(_) => return Lexed::IllFormed("< begins no tag"),
    }
    let mut at = 1;
    while let Some(rest) = text.get(at..) {
        let Some(found) = rest.iter().position(|it| matches!(it, b'"' | b'\'' | b'>' | b'<'))
        else {
            return Lexed::Cut;
        };
        match rest.get(found) {
            Some(b'>') => {
                let empty = text.get(at + found - 1) == Some(&b'/');
                let piece = if empty { Piece::Empty } else { Piece::Start };
                return Lexed::Piece(piece, at + found + 1);
            }
            Some(b'<') => return Lexed::IllFormed("< inside a tag"),
            Some(quote) => match memchr2(*quote, b'<', rest.get(found + 1..).unwrap_or_default()) {
                None => return Lexed::Cut,
                Some(closing) if rest.get(found + 1 + closing) == Some(&b'<') => {
                    return Lexed::IllFormed("< inside an attribute");
                }
                Some(closing) => at += found + 1 + closing + 1,
            },
            None => return Lexed::Cut,
        }
    }
    Lexed::Cut
}
