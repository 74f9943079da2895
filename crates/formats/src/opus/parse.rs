//! Parsing a record that was cut out.

use super::fault::{Fault, fault, ill_formed, unread};
use super::lex::is_space;
use super::plain::parse_plain;
use super::{
    ATTRIBUTES_MAX, Code, DEPTH_MAX, EXTRAS_MAX, FUNCTIONS_MAX, Form, FunctionElement,
    FunctionPlace, RawRecord, Record, RecordKind, RecordProblem, TEXT_BYTES_MAX,
};
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Parses a record: every element of the grammar as trimmed text, everything else as extras.
///
/// # Errors
///
/// A record that is ill-formed or too deep refuses its file
/// ([`Effect::RefusesFile`](super::Effect::RefusesFile)); one that breaks another limit or repeats
/// an element is set aside.
pub fn parse(raw: &RawRecord<'_>) -> Result<Record, RecordProblem> {
    let text = utf8(raw.bytes).map_err(ill_formed).map_err(|it| it.of(raw))?;
    parse_plain(raw, text).map_or_else(|| parse_with_reader(raw, text), Ok)
}

/// The same for any record, plain or not.
pub(super) fn parse_with_reader(raw: &RawRecord<'_>, text: &str) -> Result<Record, RecordProblem> {
    Parser::new(raw).parse(text).map_err(|it| it.of(raw))
}

/// Refuses `content` unless it is well-formed: elements and text that could stand in an element.
pub(super) fn check(content: &[u8]) -> Result<(), &'static str> {
    let mut reader = quick_xml::Reader::from_str(utf8(content)?);
    reader.config_mut().check_comments = true;
    let mut depth = 0_u32;
    loop {
        match reader.read_event().map_err(|it| unread(&it))? {
            Event::Start(start) => {
                check_tag(&start)?;
                depth += 1;
            }
            Event::Empty(start) => check_tag(&start)?,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::GeneralRef(reference) => drop(resolved(&reference)?),
            Event::DocType(_) => return Err("<!DOCTYPE> inside"),
            Event::Text(_) | Event::CData(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Decl(_) => return Err("an XML declaration that does not stand first"),
            Event::Eof if depth == 0 => return Ok(()),
            Event::Eof => return Err("an element is not closed"),
        }
    }
}

/// An element that is open.
struct Open<'a> {
    /// Its name, with its number among equals where it is outside the grammar.
    name: Cow<'static, str>,
    place: Place,
    text: Cow<'a, str>,
}

/// Where the text of an open element goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Record,
    Known(usize),
    Function,
    InFunction(FunctionPlace),
    Unknown,
}

struct Parser {
    record: Record,
    /// The place after the last one met: elements mostly come in order.
    next_place: usize,
    /// Places met, so that one cannot come twice.
    met: u64,
    functions: usize,
    /// Elements outside the grammar so far, by path.
    unknown: BTreeMap<String, usize>,
}

impl Parser {
    fn new(raw: &RawRecord<'_>) -> Self {
        Self {
            record: Record::new(raw.kind, raw.native_no, ""),
            next_place: 0,
            met: 0,
            functions: 0,
            unknown: BTreeMap::new(),
        }
    }

    fn parse(self, text: &str) -> Result<Record, Fault> {
        let mut reader = quick_xml::Reader::from_str(text);
        reader.config_mut().check_comments = true;
        self.events(&mut reader).map_err(|fault| {
            let at = match reader.error_position() {
                0 => reader.buffer_position(),
                at => at,
            };
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            fault.after(text.as_bytes().get(..at).unwrap_or_default())
        })
    }

    fn events<'a>(mut self, reader: &mut quick_xml::Reader<&'a [u8]>) -> Result<Record, Fault> {
        let mut open: Vec<Open<'a>> = Vec::with_capacity(4);
        let mut is_closed = false;
        loop {
            let event = reader.read_event().map_err(|it| ill_formed(unread(&it)))?;
            if is_closed && !matches!(event, Event::Eof) {
                return Err(ill_formed("something stands behind the record"));
            }
            match event {
                Event::Start(start) => {
                    let element = self.open(&open, &start)?;
                    open.push(element);
                }
                Event::Empty(start) => {
                    let element = self.open(&open, &start)?;
                    is_closed = open.is_empty();
                    self.close(&open, &element)?;
                }
                Event::End(_) => {
                    let element = open.pop().ok_or_else(|| ill_formed("tags do not pair"))?;
                    is_closed = open.is_empty();
                    self.close(&open, &element)?;
                }
                Event::Text(text) => append(&mut open, text.xml10_content())?,
                Event::CData(text) => append(&mut open, text.xml10_content())?,
                Event::GeneralRef(reference) => {
                    append(&mut open, resolved(&reference).map_err(ill_formed)?)?;
                }
                Event::Comment(_) | Event::PI(_) => {}
                Event::Decl(_) | Event::DocType(_) => {
                    return Err(ill_formed("a declaration inside a record"));
                }
                Event::Eof if is_closed => return Ok(self.record),
                Event::Eof => return Err(ill_formed("the record is not closed")),
            }
        }
    }

    fn open(&mut self, open: &[Open<'_>], start: &BytesStart<'_>) -> Result<Open<'static>, Fault> {
        if open.len() >= DEPTH_MAX {
            return Err(fault(Code::TooDeep, format!("elements more than {DEPTH_MAX} deep")));
        }
        check_tag(start).map_err(ill_formed)?;
        let (name, place) = self.place(open, start.name().into_inner())?;
        let element = Open { name, place, text: Cow::Borrowed("") };
        self.attributes(open, &element, start)?;
        Ok(element)
    }

    fn place(
        &mut self,
        open: &[Open<'_>],
        name: &str,
    ) -> Result<(Cow<'static, str>, Place), Fault> {
        match (open, open.last().map(|it| it.place)) {
            ([], _) => return Ok((Cow::Borrowed(""), Place::Record)),
            (_, Some(Place::Record)) => {
                if let Some((index, name)) = self.known(name)? {
                    return Ok((Cow::Borrowed(name), Place::Known(index)));
                }
                if self.record.kind == RecordKind::Employee && name == "function" {
                    return Ok((self.function()?, Place::Function));
                }
            }
            (_, Some(Place::Function)) => {
                if let Some(place) = FunctionPlace::find(Form::Child, name) {
                    return Ok((Cow::Borrowed(place.name()), Place::InFunction(place)));
                }
            }
            (_, Some(Place::Known(_) | Place::InFunction(_) | Place::Unknown) | None) => {}
        }
        let count = self.unknown.entry(path(open, name)).or_default();
        *count += 1;
        let count = *count;
        if count > EXTRAS_MAX || self.unknown.len() > EXTRAS_MAX {
            return Err(fault(Code::TooLong, format!("more than {EXTRAS_MAX} unknown elements")));
        }
        Ok((Cow::Owned(numbered(name, count)), Place::Unknown))
    }

    /// The place of the child element `name`, which may come once.
    fn known(&mut self, name: &str) -> Result<Option<(usize, &'static str)>, Fault> {
        let elements = self.record.kind.elements();
        let is_it = |index: &usize| {
            elements.get(*index).is_some_and(|it| it.attribute.is_none() && it.name == name)
        };
        let Some(index) = (self.next_place..elements.len()).chain(0..self.next_place).find(is_it)
        else {
            return Ok(None);
        };
        let bit = 1 << index;
        let name = elements.get(index).map_or("", |it| it.name);
        if self.met & bit != 0 {
            return Err(fault(Code::ElementRepeated, format!("{name} stands twice in the record")));
        }
        self.met |= bit;
        self.next_place = index + 1;
        Ok(Some((index, name)))
    }

    fn function(&mut self) -> Result<Cow<'static, str>, Fault> {
        self.functions += 1;
        if self.functions > FUNCTIONS_MAX {
            return Err(fault(Code::TooLong, format!("more than {FUNCTIONS_MAX} functions")));
        }
        self.record.functions.push(FunctionElement::default());
        Ok(Cow::Owned(numbered("function", self.functions)))
    }

    fn attributes(
        &mut self,
        open: &[Open<'_>],
        element: &Open<'_>,
        start: &BytesStart<'_>,
    ) -> Result<(), Fault> {
        for (count, attribute) in start.attributes().enumerate() {
            if count >= ATTRIBUTES_MAX {
                let text = format!("more than {ATTRIBUTES_MAX} attributes in one tag");
                return Err(fault(Code::TooLong, text));
            }
            let attribute = attribute.map_err(|_| ill_formed("an attribute"))?;
            let name = attribute.key.into_inner();
            if !is_name(name) {
                return Err(ill_formed("an attribute without a name"));
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| ill_formed("a reference in an attribute"))?;
            if is_forbidden(&value) {
                return Err(ill_formed("a control character"));
            }
            let value = trimmed(&value)?;
            self.attribute(open, element, name, value)?;
        }
        Ok(())
    }

    fn attribute(
        &mut self,
        open: &[Open<'_>],
        element: &Open<'_>,
        name: &str,
        value: Option<&str>,
    ) -> Result<(), Fault> {
        let owned = || value.map(str::to_owned);
        match element.place {
            Place::Record => match name {
                "id" => return Ok(()),
                "client" => {
                    self.record.client = owned().unwrap_or_default();
                    return Ok(());
                }
                "lastChanged" => {
                    self.record.last_changed = owned();
                    return Ok(());
                }
                "action" => {
                    self.record.action = owned();
                    return Ok(());
                }
                _ => {}
            },
            Place::Known(_) => {
                if let Some(slot) = self.record.slot(&element.name, Some(name)) {
                    *slot = owned();
                    return Ok(());
                }
            }
            Place::Function => {
                let place = FunctionPlace::find(Form::Attribute, name);
                if let (Some(place), Some(function)) = (place, self.record.functions.last_mut()) {
                    function.set(place, value.unwrap_or_default());
                    return Ok(());
                }
            }
            Place::InFunction(_) | Place::Unknown => {}
        }
        let element = path(open, &element.name);
        let path =
            if element.is_empty() { format!("@{name}") } else { format!("{element}/@{name}") };
        self.extra(path, value)
    }

    fn close(&mut self, open: &[Open<'_>], element: &Open<'_>) -> Result<(), Fault> {
        if is_forbidden(&element.text) {
            return Err(ill_formed("a control character"));
        }
        let text = trimmed(&element.text)?;
        match element.place {
            Place::Known(index) => {
                if let Some(slot) = self.record.slot_at(index) {
                    *slot = text.map(str::to_owned);
                }
                Ok(())
            }
            Place::InFunction(place) => match (self.record.functions.last_mut(), text) {
                (Some(function), Some(text)) if function.get(place).is_some() => {
                    let (name, _) = (place.name(), text);
                    Err(fault(Code::ElementRepeated, format!("{name} stands twice in a function")))
                }
                (Some(function), Some(text)) => {
                    function.set(place, text);
                    Ok(())
                }
                (None, _) | (_, None) => Ok(()),
            },
            Place::Record => self.extra("text()".to_owned(), text),
            Place::Function | Place::Unknown => self.extra(path(open, &element.name), text),
        }
    }

    fn extra(&mut self, path: String, text: Option<&str>) -> Result<(), Fault> {
        if let Some(text) = text {
            self.record.extra.insert(path, text.to_owned());
        }
        if self.record.extra.len() > EXTRAS_MAX {
            return Err(fault(Code::TooLong, format!("more than {EXTRAS_MAX} unknown elements")));
        }
        Ok(())
    }
}

/// The path inside the record of the element `name` in the innermost of `open`.
fn path(open: &[Open<'_>], name: &str) -> String {
    let names = open.iter().skip(1).map(|it| it.name.as_ref()).chain([name]);
    names.collect::<Vec<_>>().join("/")
}

fn numbered(name: &str, number: usize) -> String {
    if number == 1 { name.to_owned() } else { format!("{name}[{number}]") }
}

fn append<'a>(open: &mut [Open<'a>], text: Cow<'a, str>) -> Result<(), Fault> {
    let Some(element) = open.last_mut() else {
        return Err(ill_formed("text outside the record"));
    };
    if element.text.is_empty() {
        // Texts are trimmed, so white space in front need not be kept.
        if !text.bytes().all(is_space) {
            element.text = text;
        }
    } else if element.text.len() <= TEXT_BYTES_MAX {
        element.text.to_mut().push_str(&text);
    }
    Ok(())
}

fn trimmed(text: &str) -> Result<Option<&str>, Fault> {
    let text = text.trim();
    if text.len() > TEXT_BYTES_MAX {
        return Err(fault(Code::TooLong, format!("a text of more than {TEXT_BYTES_MAX} bytes")));
    }
    Ok(Some(text).filter(|it| !it.is_empty()))
}

/// The text of a reference. Only characters and XML's own five entities can be referred to.
fn resolved(reference: &BytesRef<'_>) -> Result<Cow<'static, str>, &'static str> {
    let character = reference.resolve_char_ref().map_err(|_| "a character that is none")?;
    if let Some(character) = character {
        return Ok(Cow::Owned(character.to_string()));
    }
    resolve_xml_entity(reference)
        .map(Cow::Borrowed)
        .ok_or("an entity that is not declared; a plain & is written &amp;")
}

fn check_tag(start: &BytesStart<'_>) -> Result<(), &'static str> {
    if !is_name(start.name().into_inner()) {
        return Err("a tag without a name");
    }
    if start.attributes_raw().contains('<') {
        return Err("< inside a tag");
    }
    Ok(())
}

/// Whether `text` can be the name of an element or attribute. Letters outside ASCII all pass.
fn is_name(text: &str) -> bool {
    let begins = |it: &u8| it.is_ascii_alphabetic() || matches!(it, b'_' | b':' | 0x80..);
    let goes_on = |it: &u8| begins(it) || it.is_ascii_digit() || matches!(it, b'-' | b'.');
    text.as_bytes().first().is_some_and(begins) && text.as_bytes().iter().all(goes_on)
}

/// Whether a character is in `text` that XML forbids.
fn is_forbidden(text: &str) -> bool {
    text.bytes().any(|it| it < b' ' && !matches!(it, b'\t' | b'\n' | b'\r'))
}

fn utf8(bytes: &[u8]) -> Result<&str, &'static str> {
    std::str::from_utf8(bytes).map_err(|_| "not in the declared encoding")
}
