//! Reading a plain record, the form that Opus gives nearly all of them, without an XML reader.

use super::lex::is_space;
use super::tag::Attributes;
use super::{RawRecord, Record, TEXT_BYTES_MAX};

/// What [`parse`](fn@super::parse) makes of a record whose children are all of the grammar, in its
/// order, with text and nothing else in them.
///
/// None where anything is otherwise, also where it is wrong: then the XML reader must read the
/// record, and it alone tells what is wrong.
pub(super) fn parse_plain(raw: &RawRecord<'_>, text: &str) -> Option<Record> {
    if text.bytes().fold(false, |found, it| found | needs_a_reader(it)) {
        return None;
    }
    let (tag, mut rest) = text.split_at_checked(text.find('>')? + 1)?;
    let mut record = start(raw, tag)?;
    let elements = raw.kind.elements();
    let mut next = 0;
    loop {
        let (space, markup) = rest.split_once('<')?;
        if !space.bytes().all(is_space) {
            return None;
        }
        if let Some(end) = markup.strip_prefix('/') {
            let is_end = end.strip_suffix('>')? == raw.kind.element();
            return is_end.then_some(record);
        }
        let name = markup.get(..markup.bytes().position(|it| !it.is_ascii_alphanumeric())?)?;
        let is_it = |index: &usize| {
            elements.get(*index).is_some_and(|it| it.name == name && it.attribute.is_none())
        };
        let index = (next..elements.len()).find(is_it)?;
        next = index + 1;
        let after_name = markup.get(name.len()..)?;
        if let Some(after) = after_name.strip_prefix("/>") {
            rest = after;
            continue;
        }
        rest = match after_name.strip_prefix('>') {
            Some(rest) => rest,
            None => after_attribute(&mut record, name, markup)?,
        };
        let value;
        (value, rest) = rest.split_once('<')?;
        rest = rest.strip_prefix('/')?.strip_prefix(name)?.strip_prefix('>')?;
        *record.slot_at(index)? = trimmed(value)?;
    }
}

/// Characters that stand for others or may not stand in a record, and line ends to be normalised.
fn needs_a_reader(byte: u8) -> bool {
    byte == b'&' || (byte < b' ' && byte != b'\n' && byte != b'\t')
}

/// The record that a start tag begins.
fn start(raw: &RawRecord<'_>, tag: &str) -> Option<Record> {
    let attributes = tag.strip_prefix('<')?.strip_prefix(raw.kind.element())?;
    if !attributes.starts_with([' ', '\n', '\t']) || attributes.ends_with("/>") {
        return None;
    }
    let mut record = Record::new(raw.kind, raw.native_no, "");
    let (mut id, mut client) = (None, None);
    for attribute in Attributes::of(tag.as_bytes()) {
        let attribute = attribute.ok()?;
        let value = attribute_value(attribute.value)?;
        let slot = match attribute.name {
            b"id" => &mut id,
            b"client" => &mut client,
            b"lastChanged" => &mut record.last_changed,
            b"action" => &mut record.action,
            _ => return None,
        };
        if slot.is_some() {
            return None;
        }
        *slot = value;
    }
    record.client = client.unwrap_or_default();
    Some(record)
}

/// Takes the one attribute of the child `name`, and tells what follows its start tag.
fn after_attribute<'a>(record: &mut Record, name: &str, markup: &'a str) -> Option<&'a str> {
    let (tag, rest) = markup.split_once('>')?;
    if tag.ends_with('/') {
        return None;
    }
    let tag = format!("<{tag}>");
    let mut attributes = Attributes::of(tag.as_bytes());
    let attribute = attributes.next()?.ok()?;
    if attributes.next().is_some() {
        return None;
    }
    let place = std::str::from_utf8(attribute.name).ok()?;
    *record.slot(name, Some(place))? = attribute_value(attribute.value)?;
    Some(rest)
}

/// The text of an attribute. None where white space in it would have to be normalised.
#[expect(clippy::option_option, reason = "the outer one: an XML reader is needed")]
fn attribute_value(value: &[u8]) -> Option<Option<String>> {
    if value.iter().any(|it| matches!(it, b'<' | b'\n' | b'\t')) {
        return None;
    }
    trimmed(std::str::from_utf8(value).ok()?)
}

#[expect(clippy::option_option, reason = "the outer one: an XML reader is needed")]
fn trimmed(text: &str) -> Option<Option<String>> {
    let text = text.trim();
    let is_short = text.len() <= TEXT_BYTES_MAX;
    is_short.then(|| Some(text).filter(|it| !it.is_empty()).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse_with_reader;
    use super::*;
    use crate::opus::{Connection, Reader};
    use crate::synthetic::Employer;
    use proptest::prelude::*;

    fn extract() -> Vec<u8> {
        let mut out = Vec::new();
        Employer::new(100, 7).unwrap().extract(1).write(&mut out).unwrap();
        out
    }

    #[test]
    fn most_records_are_plain_and_both_ways_read_them_alike() {
        let file = extract();
        let mut reader = Reader::open(file.as_slice(), Connection::default()).unwrap();
        let (mut plain, mut all) = (0, 0);
        while let Some(raw) = reader.next_record().unwrap() {
            let text = std::str::from_utf8(raw.bytes).unwrap();
            if raw.action.is_none() {
                all += 1;
            }
            if let Some(record) = parse_plain(&raw, text) {
                plain += 1;
                assert!(parse_with_reader(&raw, text).unwrap() == record, "{raw:?}");
            }
        }
        assert!(plain * 10 > all * 7, "{plain} of {all}");
    }

    proptest! {
        #[test]
        fn what_is_read_as_plain_says_the_same_to_an_xml_reader(
            which in 0..60_usize,
            at in 0..2_000_usize,
            left_out in 0..3_usize,
            put_in in proptest::sample::select(vec![
                "", " ", "<", ">", "/", "\"", "'", "&", "&amp;", "\n", "\t", "\r", "=", "<a/>",
                "<b>", "</b>", "]]>", "<!-- -->", "\u{1}", "æ", " x=\"1\"", "</employee>",
            ]),
        ) {
            let file = extract();
            let mut reader = Reader::open(file.as_slice(), Connection::default()).unwrap();
            for _ in 0..which {
                prop_assume!(reader.next_record().unwrap().is_some());
            }
            let raw = reader.next_record().unwrap();
            prop_assume!(raw.is_some());
            let raw = raw.unwrap();
            let mut text: Vec<char> = std::str::from_utf8(raw.bytes).unwrap().chars().collect();
            let at = at.min(text.len());
            let end = (at + left_out).min(text.len());
            text.splice(at..end, put_in.chars());
            let text: String = text.into_iter().collect();
            let raw = RawRecord { bytes: text.as_bytes(), ..raw };
            if let Some(record) = parse_plain(&raw, &text) {
                let read = parse_with_reader(&raw, &text);
                prop_assert!(matches!(read, Ok(it) if it == record), "{text}");
            }
        }
    }
}
