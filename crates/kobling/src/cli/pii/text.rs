//! Text of any length, a piece at a time.

use super::report::{Place, Report};
use encoding_rs::{Decoder, Encoding, UTF_8, WINDOWS_1252};
use jiff::civil::Date;
use std::io::{self, Read};

/// How much is looked at together; a number that a line break parts stands within one.
const PIECE_BYTES: usize = 4 * 1024 * 1024;
/// What is read at once.
const READ_BYTES: usize = 256 * 1024;
/// A longer first line is no heading of a table.
const HEADING_MAX: usize = 4 * 1024;
/// So much of the end of a piece is looked at again with the next.
const OVERLAP: usize = 512;

/// Scans what `input` gives, to its end. `file` is how the report calls it.
pub(super) fn scan(
    file: &str,
    mut input: impl Read,
    today: Date,
    report: &mut Report,
) -> io::Result<()> {
    let mut pieces = Pieces::new(file, today);
    let mut buffer = vec![0; READ_BYTES];
    let mut bytes = 0;
    let mut decoder: Option<Decoder> = None;
    loop {
        let read = input.read(&mut buffer)?;
        let part = buffer.get(..read).unwrap_or_default();
        bytes += u64::try_from(read).unwrap_or_default();
        let decoder = decoder.get_or_insert_with(|| encoding(part).new_decoder());
        pieces.push(decoder, part, read == 0);
        if read == 0 {
            pieces.scan_all(report);
            report.read(bytes);
            return Ok(());
        }
        pieces.scan_whole(report);
    }
}

/// By its mark, else UTF-8 unless the beginning is none.
fn encoding(beginning: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(beginning) {
        return encoding;
    }
    match std::str::from_utf8(beginning) {
        Err(it) if it.error_len().is_some() => WINDOWS_1252,
        Ok(_) | Err(_) => UTF_8,
    }
}

/// Text that was read and not yet scanned.
struct Pieces<'a> {
    file: &'a str,
    today: Date,
    text: String,
    /// The first line of all, if it may be a heading.
    heading: Option<String>,
    /// Lines and characters of the line before the text.
    line: usize,
    column: usize,
    /// Bytes at the beginning of the text of which the findings were told already.
    told: usize,
}

impl<'a> Pieces<'a> {
    fn new(file: &'a str, today: Date) -> Self {
        Self { file, today, text: String::new(), heading: None, line: 1, column: 1, told: 0 }
    }

    fn push(&mut self, decoder: &mut Decoder, part: &[u8], is_last: bool) {
        let room = decoder.max_utf8_buffer_length(part.len()).unwrap_or(part.len() * 3);
        self.text.reserve(room);
        let (_, _, _) = decoder.decode_to_string(part, &mut self.text, is_last);
    }

    /// Scans what is there if it is enough for a piece.
    fn scan_whole(&mut self, report: &mut Report) {
        if self.text.len() < PIECE_BYTES {
            return;
        }
        // The end of the piece may be the middle of a number: it is looked at again.
        let overlap = self.text.floor_char_boundary(self.text.len() - OVERLAP);
        let end =
            self.text.get(..overlap).and_then(|it| it.rfind('\n')).map_or(overlap, |it| it + 1);
        let kept = end.max(overlap.saturating_sub(PIECE_BYTES / 2));
        self.scan_until(kept, report);
    }

    fn scan_all(&mut self, report: &mut Report) {
        self.scan_until(self.text.len(), report);
    }

    /// Scans the text, tells of what begins before `end`, and keeps the rest.
    fn scan_until(&mut self, end: usize, report: &mut Report) {
        let heading = self.heading.clone().unwrap_or_default();
        let with_heading = format!("{heading}{}", self.text);
        let (mut line, mut column, mut counted) = (self.line, self.column, 0);
        for finding in kobling_pii::find(&with_heading, self.today) {
            let Some(at) = finding.span.start.checked_sub(heading.len()) else { continue };
            if at >= end || at < self.told {
                continue;
            }
            let passed = self.text.get(counted..at).unwrap_or_default();
            (line, column) = after(passed, line, column);
            counted = at;
            let place = Place { part: None, line: Some(line), column: Some(column) };
            report.found(self.file, place, &finding);
            self.told = self.told.max(finding.span.end.saturating_sub(heading.len()));
        }
        if self.heading.is_none() {
            self.heading = Some(heading_of(&self.text));
        }
        let passed = self.text.get(..end).unwrap_or_default();
        (self.line, self.column) = after(passed, self.line, self.column);
        self.told = self.told.saturating_sub(end);
        self.text = self.text.get(end..).unwrap_or_default().to_owned();
    }
}

/// The first line, with its end, if it may be the heading of a table.
fn heading_of(text: &str) -> String {
    let first = text.split_inclusive('\n').next().unwrap_or_default();
    let is_heading = first.len() <= HEADING_MAX && first.contains([';', '\t', ',', '|']);
    if is_heading { first.to_owned() } else { String::new() }
}

fn after(passed: &str, line: usize, column: usize) -> (usize, usize) {
    match passed.rfind('\n') {
        None => (line, column + passed.chars().count()),
        Some(at) => {
            let lines = passed.bytes().filter(|it| *it == b'\n').count();
            (line + lines, passed.get(at + 1..).unwrap_or_default().chars().count() + 1)
        }
    }
}
