use super::{Code, RecordKind, RecordProblem};
use jiff::civil::Date;
use kobling_domain::id::RecordNo;
use kobling_domain::people::NativeKey;
use std::collections::BTreeSet;

/// What a file is read for.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// The client whose records are expected; a record of another refuses the file. None accepts
    /// any.
    pub client: Option<String>,
}

/// A record cut out of a file, not parsed.
///
/// It lives in the reader's buffer until the next one is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RawRecord<'a> {
    /// What it is.
    pub kind: RecordKind,
    /// Its `id`.
    pub native_no: i64,
    /// Where it stands in the file, the first record being 1.
    pub record_no: RecordNo,
    /// The line on which it begins.
    pub line: u64,
    /// Its `lastChanged`, as written.
    pub last_changed: Option<&'a str>,
    /// Its `action`, as written; `leave` makes it a stub.
    pub action: Option<&'a str>,
    /// Its text, in UTF-8 unless it is ill-formed, from its start tag through its end tag.
    pub bytes: &'a [u8],
    /// xxh3-128 of that text without `lastChanged`. Two records of one digest say the same.
    pub digest: u128,
}

impl RawRecord<'_> {
    /// Its key.
    pub fn native(&self) -> NativeKey {
        NativeKey::number(self.native_no)
    }

    /// A problem of this record.
    pub fn problem(&self, code: Code, text: String) -> RecordProblem {
        let (line, record_no, kind) = (self.line, self.record_no, Some(self.kind));
        RecordProblem { line, record_no, kind, code, text }
    }

    /// That its key stands in the file already.
    pub(super) fn repeated(&self) -> RecordProblem {
        let text = format!("this {} stands in the file already", self.kind.element());
        self.problem(Code::KeyRepeated, text)
    }

    /// Its `lastChanged` as a date, if it is one.
    pub fn last_changed_on(&self) -> Option<Date> {
        self.last_changed?.trim().parse().ok()
    }
}

/// A record holds names and national numbers: only where it stands is printed.
impl std::fmt::Debug for RawRecord<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, native_no, line, .. } = self;
        write!(f, "{} {native_no} on line {line} …", kind.element())
    }
}

/// The points that make a file *complete*. Only a complete file speaks about what it does not
/// mention.
///
/// A reader that ends without an error has read a frame that is well-formed to the root's end tag;
/// the bodies of records are vouched for by whoever read them: either the digest is that of a
/// record that was parsed before, or [`parse`](fn@super::parse) finds it well-formed now. A record
/// that is neither refuses the file ([`Effect::RefusesFile`](super::Effect::RefusesFile)).
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Proof {
    /// The root element was closed and nothing but white space and comments came after it.
    pub root_closed: bool,
    /// The frame around the records is well-formed, and so are the bodies that were parsed.
    pub well_formed: bool,
    /// The clients whose records were seen; numbers without zeros before them.
    pub clients: BTreeSet<String>,
    /// Records that have no readable `id` or no `client`.
    pub unreadable_keys: u64,
}

impl Proof {
    /// Whether every point holds.
    pub fn complete(&self) -> bool {
        self.root_closed && self.well_formed && self.clients.len() <= 1 && self.unreadable_keys == 0
    }
}
