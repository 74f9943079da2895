//! The list of what a target of messages holds.

use super::super::super::drift::DriftError;
use kobling_domain::id::SubjectId;
use kobling_formats::messages::Content;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Lines taken at once.
const LINES_AT_ONCE: usize = 500;
/// The most bytes of a line.
const LINE_BYTES_MAX: u64 = 1 << 20;

pub(super) struct List {
    path: PathBuf,
    lines: BufReader<File>,
    line: u64,
}

/// What a line must say; other members, such as those of a message, are passed over.
#[derive(Deserialize)]
struct Held {
    subject: SubjectId,
    /// None of whom the target was told that they are gone.
    #[serde(default)]
    content: Option<Content>,
}

impl List {
    pub(super) fn open(path: &Path) -> Result<Self, DriftError> {
        let path = path.to_owned();
        match File::open(&path) {
            Ok(file) => Ok(Self { path, lines: BufReader::new(file), line: 0 }),
            Err(source) => Err(DriftError::Open { path, source }),
        }
    }

    /// What the next lines say the target holds; nothing at the end. Each subject is noted in
    /// `listed`, and a second line of one is refused.
    pub(super) fn page(
        &mut self,
        listed: &mut BTreeSet<SubjectId>,
    ) -> Result<BTreeMap<SubjectId, Content>, DriftError> {
        let mut page = BTreeMap::new();
        while page.len() < LINES_AT_ONCE {
            let Some(bytes) = self.next()? else { break };
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            let held: Held = serde_json::from_slice(&bytes).map_err(|it| self.fault(&said(&it)))?;
            let Some(content) = held.content else { continue };
            if !listed.insert(held.subject) {
                return Err(self.fault("an earlier line tells of the same subject"));
            }
            page.insert(held.subject, sorted(content));
        }
        Ok(page)
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, DriftError> {
        let mut bytes = Vec::new();
        let read = self.lines.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes);
        let read = read.map_err(|source| DriftError::Open { path: self.path.clone(), source })?;
        self.line += 1;
        if u64::try_from(read).unwrap_or(u64::MAX) == LINE_BYTES_MAX && !bytes.ends_with(b"\n") {
            return Err(self.fault("the line is longer than a mebibyte"));
        }
        Ok((read > 0).then_some(bytes))
    }

    fn fault(&self, what: &str) -> DriftError {
        DriftError::Line { path: self.path.clone(), line: self.line, what: what.to_owned() }
    }
}

/// What is wrong, without what stands there: that may be somebody's number.
fn said(error: &serde_json::Error) -> String {
    let column = error.column();
    if error.is_data() {
        format!("column {column}: no `subject` and `content` as a message has them")
    } else {
        format!("column {column}: no JSON object")
    }
}

/// The same with employments in the order in which they are sent.
fn sorted(mut content: Content) -> Content {
    match &mut content {
        Content::Person(it) => it.employments.sort_by_key(|it| it.id),
        Content::Unit(_) => {}
    }
    content
}
