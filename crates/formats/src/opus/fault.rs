//! What can be wrong with a record while it is parsed.

use super::{Code, RawRecord, RecordProblem};
use quick_xml::errors::{Error, IllFormedError};
use std::borrow::Cow;

/// What is wrong with a record.
pub(super) struct Fault {
    code: Code,
    text: Cow<'static, str>,
    /// Lines of the record before the one it stands on.
    lines_before: u64,
}

impl Fault {
    /// As a problem of that record: of ill-formed text, on its own line.
    pub(super) fn of(self, raw: &RawRecord<'_>) -> RecordProblem {
        let mut problem = raw.problem(self.code, self.text.into_owned());
        problem.line += self.lines_before;
        problem
    }

    /// Found where that part of the record ends.
    pub(super) fn after(mut self, part: &[u8]) -> Self {
        if self.code == Code::IllFormed {
            let lines = memchr::memchr_iter(b'\n', part).count();
            self.lines_before = u64::try_from(lines).unwrap_or(u64::MAX);
        }
        self
    }
}

pub(super) fn ill_formed(what: &'static str) -> Fault {
    fault(Code::IllFormed, format!("not well-formed XML: {what}"))
}

pub(super) fn fault(code: Code, text: impl Into<Cow<'static, str>>) -> Fault {
    Fault { code, text: text.into(), lines_before: 0 }
}

/// What an XML reader could not read, without any of the text.
pub(super) fn unread(error: &Error) -> &'static str {
    match error {
        Error::IllFormed(IllFormedError::UnclosedReference) => {
            "& begins no reference; a plain & is written &amp;"
        }
        Error::IllFormed(
            IllFormedError::MissingEndTag(_)
            | IllFormedError::UnmatchedEndTag(_)
            | IllFormedError::MismatchedEndTag { .. },
        ) => "tags do not pair",
        Error::IllFormed(IllFormedError::DoubleHyphenInComment) => "-- inside a comment",
        Error::Syntax(_) => "markup has no end",
        Error::IllFormed(
            IllFormedError::MissingDeclVersion(_)
            | IllFormedError::UnknownVersion
            | IllFormedError::MissingDoctypeName,
        )
        | Error::Io(_)
        | Error::InvalidAttr(_)
        | Error::Encoding(_)
        | Error::Escape(_)
        | Error::Namespace(_) => "tags do not pair, or markup has no end",
    }
}
