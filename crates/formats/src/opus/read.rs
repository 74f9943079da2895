//! Cutting a file into records.

mod frame;

use super::input::{Filled, Input};
use super::lex::{Element, Finder, Lexed, Piece, Plain, element, is_space, lex, name};
use super::tag::Attributes;
use super::{
    Code, Connection, DEPTH_MAX, Proof, RECORD_BYTES_MAX, RawRecord, ReadError, RecordKind,
    RecordProblem,
};
use kobling_domain::id::RecordNo;
use std::borrow::Cow;
use std::io::Read;
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_128;

/// Problems kept at most; all are counted.
const PROBLEMS_MAX: usize = 1_000;
/// Clients kept at most; a second one already makes a file incomplete.
const CLIENTS_MAX: usize = 16;
/// Characters of a client that are told.
const CLIENT_CHARS_MAX: usize = 5;

/// Cuts an extract into its records, in the file's order, within a bounded buffer.
///
/// A plain record is cut at its end tag without being parsed. A comment, CDATA, an instruction or
/// an element of the record's own name in it, and whatever is not white space between records, is
/// read piece by piece instead; both ways cut alike.
///
/// ```
/// use kobling_formats::opus::{Connection, Reader};
///
/// let file = r#"<?xml version="1.0" encoding="utf-8"?>
/// <kmd>
///  <employee id="39777" client="999" action="leave"/>
/// </kmd>"#;
/// let mut reader = Reader::open(file.as_bytes(), Connection { client: Some("999".to_owned()) })?;
/// while let Some(raw) = reader.next_record()? {
///     assert_eq!((raw.native_no, raw.line), (39777, 3));
/// }
/// assert!(reader.finish()?.complete());
/// # Ok::<(), kobling_formats::opus::ReadError>(())
/// ```
pub struct Reader<R> {
    input: Input<R>,
    connection: Connection,
    finder: Finder,
    stage: Stage,
    /// Bytes of the record that was handed out last.
    handed_out: usize,
    record_no: RecordNo,
    /// The start tag without `lastChanged`, and the digest of the rest.
    digested: Vec<u8>,
    proof: Proof,
    problems: Vec<RecordProblem>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Records,
    AfterRoot,
    Done,
}

/// What a record's start tag says; ranges are in the window.
struct Head {
    kind: RecordKind,
    native_no: i64,
    tag_bytes: usize,
    last_changed: Option<Range<usize>>,
    action: Option<Range<usize>>,
}

impl<R: Read> Reader<R> {
    /// Begins to read `source`, up to and with the root's start tag.
    ///
    /// # Errors
    ///
    /// Refuses what is empty, not XML, of another root or an encoding that is not read, and a
    /// document type declaration.
    pub fn open(source: R, connection: Connection) -> Result<Self, ReadError> {
        let mut reader = Self {
            input: Input::open(source)?,
            connection,
            finder: Finder::new(),
            stage: Stage::Records,
            handed_out: 0,
            record_no: RecordNo(0),
            digested: Vec::new(),
            proof: Proof::default(),
            problems: Vec::new(),
        };
        reader.prolog()?;
        Ok(reader)
    }

    /// The next record; none behind the last. One without a readable key is not handed out but
    /// becomes one of the [`problems`](Self::problems).
    ///
    /// # Errors
    ///
    /// Refuses the file: see [`ReadError`].
    pub fn next_record(&mut self) -> Result<Option<RawRecord<'_>>, ReadError> {
        self.input.consume(std::mem::take(&mut self.handed_out));
        loop {
            match self.stage {
                Stage::Records => {
                    if let Some((head, bytes)) = self.record()? {
                        self.handed_out = bytes;
                        return self.raw(head, bytes).map(Some);
                    }
                }
                Stage::AfterRoot => self.after_root()?,
                Stage::Done => return Ok(None),
            }
        }
    }

    /// Reads the rest and tells what is proved of the file.
    ///
    /// # Errors
    ///
    /// Refuses the file: see [`ReadError`].
    pub fn finish(&mut self) -> Result<Proof, ReadError> {
        while self.next_record()?.is_some() {}
        Ok(self.proof.clone())
    }

    /// What is proved of the file so far.
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// What there is to say of records that were not handed out, and of what stands between
    /// records: the first thousand of them.
    pub fn problems(&self) -> &[RecordProblem] {
        &self.problems
    }

    /// How many records were begun so far, those without a readable key among them.
    pub fn records(&self) -> i64 {
        self.record_no.0
    }

    /// xxh3-128 of all bytes read so far; of the whole input after [`finish`](Self::finish).
    pub fn input_digest(&self) -> u128 {
        self.input.digest()
    }

    /// The record that begins the window, after what stands before it; none if there was only
    /// something else to pass over.
    fn record(&mut self) -> Result<Option<(Head, usize)>, ReadError> {
        self.skip_space()?;
        let (piece, bytes) = self.piece()?;
        match piece {
            Piece::Start | Piece::Empty => match self.kind() {
                Some(kind) => return self.cut(kind, piece, bytes),
                None => self.unknown_element(piece, bytes)?,
            },
            Piece::End => self.root_end(bytes)?,
            Piece::Text | Piece::CData => {
                self.check(bytes)?;
                self.note_between("text");
                self.input.consume(bytes);
            }
            Piece::Comment | Piece::Instruction => self.pass_over(piece, bytes)?,
            Piece::DocType => return Err(ReadError::DocType { at: self.input.position(0) }),
        }
        Ok(None)
    }

    fn kind(&self) -> Option<RecordKind> {
        match name(self.input.window().get(1..).unwrap_or_default()) {
            b"orgUnit" => Some(RecordKind::Unit),
            b"employee" => Some(RecordKind::Employee),
            _ => None,
        }
    }

    fn cut(
        &mut self,
        kind: RecordKind,
        piece: Piece,
        tag_bytes: usize,
    ) -> Result<Option<(Head, usize)>, ReadError> {
        self.record_no.0 += 1;
        let bytes = if piece == Piece::Empty { tag_bytes } else { self.extent(kind, tag_bytes)? };
        if bytes > RECORD_BYTES_MAX {
            return Err(self.too_large());
        }
        let Some(head) = self.head(kind, tag_bytes)? else {
            self.proof.unreadable_keys += 1;
            self.input.consume(bytes);
            return Ok(None);
        };
        Ok(Some((head, bytes)))
    }

    /// How many bytes the record has that begins the window.
    fn extent(&mut self, kind: RecordKind, tag_bytes: usize) -> Result<usize, ReadError> {
        loop {
            match self.finder.find(kind, self.input.window(), tag_bytes) {
                Plain::Whole(bytes) => return Ok(bytes),
                Plain::Unusual => return self.extent_by_piece(tag_bytes),
                Plain::Cut => self.more()?,
            }
        }
    }

    fn extent_by_piece(&mut self, tag_bytes: usize) -> Result<usize, ReadError> {
        loop {
            match element(self.input.window(), tag_bytes, DEPTH_MAX) {
                Element::Whole(bytes) => return Ok(bytes),
                Element::Cut => self.more()?,
                Element::TooDeep(offset) => {
                    let at = self.input.position(offset);
                    return Err(ReadError::TooDeep { at, limit: DEPTH_MAX });
                }
                Element::IllFormed(offset, what) => return Err(self.ill_formed(offset, what)),
            }
        }
    }

    /// What the start tag says; none, and a problem, if it has no readable key.
    fn head(&mut self, kind: RecordKind, tag_bytes: usize) -> Result<Option<Head>, ReadError> {
        let tag = self.input.window().get(..tag_bytes).unwrap_or_default();
        let mut id = None;
        let mut client = None;
        let (mut last_changed, mut action, mut left_out) = (None, None, tag_bytes..tag_bytes);
        for attribute in Attributes::of(tag) {
            let it = attribute.map_err(|what| self.ill_formed(0, what))?;
            let value = it.end - 1 - it.value.len()..it.end - 1;
            let is_new = match it.name {
                b"id" => id.replace(it.value).is_none(),
                b"client" => client.replace(it.value).is_none(),
                b"action" => action.replace(value).is_none(),
                b"lastChanged" => {
                    left_out = it.start..it.end;
                    last_changed.replace(value).is_none()
                }
                _ => true,
            };
            if !is_new {
                return Err(self.ill_formed(0, "an attribute stands twice in a tag"));
            }
        }
        self.digested.clear();
        self.digested.extend_from_slice(tag.get(..left_out.start).unwrap_or_default());
        self.digested.extend_from_slice(tag.get(left_out.end..).unwrap_or_default());

        let native_no = id.and_then(number);
        let client = client.map(|it| text(it).ok_or("the client is no text")).transpose();
        let client = client.map_err(|what| self.ill_formed(0, what))?;
        let (Some(native_no), Some(client)) = (native_no, client.as_deref().and_then(said)) else {
            let (code, what) = match native_no {
                None => (Code::KeyUnreadable, "has no id that is a number"),
                Some(_) => (Code::ClientMissing, "has no client"),
            };
            self.problem(Some(kind), code, format!("this {} {what}", kind.element()));
            return Ok(None);
        };
        let client = canonical_client(client);
        if !self.proof.clients.contains(client) {
            let client = client.to_owned();
            self.meet_client(client)?;
        }
        Ok(Some(Head { kind, native_no, tag_bytes, last_changed, action }))
    }

    fn meet_client(&mut self, client: String) -> Result<(), ReadError> {
        if let Some(expected) = &self.connection.client
            && canonical_client(expected) != client
        {
            let (at, expected) = (self.input.position(0), expected.clone());
            let is_short = client.chars().count() <= CLIENT_CHARS_MAX;
            let found = if is_short { client } else { "…".to_owned() };
            return Err(ReadError::OtherClient { at, found, expected });
        }
        if self.proof.clients.len() < CLIENTS_MAX {
            self.proof.clients.insert(client);
        }
        Ok(())
    }

    fn raw(&mut self, head: Head, bytes: usize) -> Result<RawRecord<'_>, ReadError> {
        let bytes = self.input.window().get(..bytes).unwrap_or_default();
        let body = bytes.get(head.tag_bytes..).unwrap_or_default();
        self.digested.extend_from_slice(&xxh3_128(body).to_le_bytes());
        let text = |it: Option<Range<usize>>| {
            it.map(|it| std::str::from_utf8(bytes.get(it).unwrap_or_default())).transpose()
        };
        let (Ok(last_changed), Ok(action)) = (text(head.last_changed), text(head.action)) else {
            return Err(self.ill_formed(0, "an attribute is not in the declared encoding"));
        };
        Ok(RawRecord {
            kind: head.kind,
            native_no: head.native_no,
            record_no: self.record_no,
            line: self.input.line(),
            last_changed,
            action,
            bytes,
            digest: xxh3_128(&self.digested),
        })
    }

    /// The first piece of the window, read whole.
    fn piece(&mut self) -> Result<(Piece, usize), ReadError> {
        loop {
            match lex(self.input.window()) {
                Lexed::Piece(piece, bytes) => return Ok((piece, bytes)),
                Lexed::IllFormed(what) => return Err(self.ill_formed(0, what)),
                Lexed::Cut => self.more()?,
            }
        }
    }

    /// Reads more, where there must be more.
    fn more(&mut self) -> Result<(), ReadError> {
        match self.input.fill()? {
            Filled::More => Ok(()),
            Filled::End => {
                let at = self.input.position(self.input.window().len());
                Err(ReadError::Truncated { at })
            }
        }
    }

    /// Consumes white space and tells how much; what follows is in the window, if anything does.
    fn skip_space(&mut self) -> Result<usize, ReadError> {
        let mut skipped = 0;
        loop {
            let spaces = self.input.window().iter().take_while(|it| is_space(**it)).count();
            self.input.consume(spaces);
            skipped += spaces;
            if !self.input.window().is_empty() || self.input.fill()? == Filled::End {
                return Ok(skipped);
            }
        }
    }

    fn note_between(&mut self, what: &str) {
        self.problem(None, Code::BetweenRecords, format!("passed over between records: {what}"));
    }

    fn problem(&mut self, kind: Option<RecordKind>, code: Code, text: String) {
        if self.problems.len() < PROBLEMS_MAX {
            let (line, record_no) = (self.input.line(), self.record_no);
            self.problems.push(RecordProblem { line, record_no, kind, code, text });
        }
    }

    fn ill_formed(&self, offset: usize, what: &'static str) -> ReadError {
        ReadError::IllFormed { at: self.input.position(offset), what }
    }

    fn too_large(&self) -> ReadError {
        ReadError::RecordTooLarge { at: self.input.position(0), limit_bytes: RECORD_BYTES_MAX }
    }
}

fn number(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let is_digits = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    text.parse().ok().filter(|_| is_digits)
}

/// An attribute's value, references resolved.
fn text(value: &[u8]) -> Option<Cow<'_, str>> {
    quick_xml::escape::unescape(std::str::from_utf8(value).ok()?).ok()
}

fn said(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|it| !it.is_empty())
}

/// A client as it is told from others: a number counts the same with zeros before it.
pub(super) fn canonical_client(client: &str) -> &str {
    let client = client.trim();
    let is_number = client.bytes().all(|it| it.is_ascii_digit());
    match client.trim_start_matches('0') {
        "" if is_number => "0",
        number if is_number => number,
        _ => client,
    }
}
