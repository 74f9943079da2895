//! Texts one to a line, each answered by a line.

use super::super::{Failure, Outcome, print};
use super::report::{kind, level};
use jiff::civil::Date;
use kobling_pii::Finding;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::ops::Range;

/// A longer line is not read.
const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Answers are written when so many bytes wait, or when nothing more has arrived.
const WAITING_BYTES_MAX: usize = 64 * 1024;
/// Bad lines that are told one by one.
const TOLD_MAX: usize = 20;

#[derive(Deserialize)]
struct Asked {
    id: Value,
    text: String,
}

#[derive(Serialize)]
struct Answer {
    id: Value,
    level: &'static str,
    kind: Option<&'static str>,
    /// In characters of the text, from 0, the end not included.
    spans: Vec<[usize; 2]>,
}

/// Answers line by line; a line that is none is told by its number and passed by.
pub(super) fn answer(input: impl Read, today: Date) -> Result<Outcome, Failure> {
    let mut input = BufReader::with_capacity(WAITING_BYTES_MAX, input);
    let (mut waiting, mut line) = (String::new(), Vec::new());
    let (mut number, mut bad) = (0_usize, 0_usize);
    while let Some(is_whole) = next(&mut input, &mut line)? {
        number += 1;
        if line.iter().all(u8::is_ascii_whitespace) && is_whole {
            continue;
        }
        match answered(&line, is_whole, today) {
            Ok(answer) => {
                waiting.push_str(&answer);
                waiting.push('\n');
            }
            Err(why) => {
                bad += 1;
                if bad <= TOLD_MAX {
                    print::note(&format!("line {number}: {why}"));
                }
            }
        }
        if waiting.len() > WAITING_BYTES_MAX || input.buffer().is_empty() {
            write(&mut waiting);
        }
    }
    write(&mut waiting);
    if bad == 0 {
        return Ok(Outcome::Done);
    }
    Err(Failure::refused(format!("lines that could not be read: {bad} of {number}")).advise(
        "write each line as {\"id\": \"…\", \"text\": \"…\"}; the other lines were answered",
    ))
}

fn write(waiting: &mut String) {
    if !waiting.is_empty() {
        print::text(waiting.trim_end());
        waiting.clear();
    }
}

/// Reads the next line; whether it is whole, or none at the end.
fn next(input: &mut impl BufRead, line: &mut Vec<u8>) -> Result<Option<bool>, Failure> {
    let fail = |it: std::io::Error| Failure::bad_input("the lines cannot be read", &it);
    line.clear();
    let read = input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', line).map_err(fail)?;
    if read == 0 {
        return Ok(None);
    }
    let is_whole = line.ends_with(b"\n") || u64::try_from(read).is_ok_and(|it| it < LINE_BYTES_MAX);
    if !is_whole {
        line.clear();
        skip_line(input).map_err(fail)?;
    }
    Ok(Some(is_whole))
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (used, is_end) = match buffer.iter().position(|it| *it == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(used);
        if is_end {
            return Ok(());
        }
    }
}

/// What is wrong with a line is said without a word of it.
fn answered(line: &[u8], is_whole: bool, today: Date) -> Result<String, &'static str> {
    if !is_whole {
        return Err("is longer than 16 MiB");
    }
    let asked: Asked = serde_json::from_slice(line).map_err(|it| match it.classify() {
        serde_json::error::Category::Data => "has not both an id and a text",
        serde_json::error::Category::Io
        | serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof => "is no JSON",
    })?;
    let found = kobling_pii::find(&asked.text, today);
    let worst = found.iter().max_by_key(|it| it.level);
    let answer = Answer {
        id: masked(asked.id, today),
        level: level(worst.map(|it| it.level)),
        kind: worst.map(|it| kind(it.kind)),
        spans: spans(&asked.text, &found),
    };
    serde_json::to_string(&answer).map_err(|_| "cannot be answered")
}

/// An id is given back as it came, unless it is a number of a person itself.
fn masked(id: Value, today: Date) -> Value {
    match id.as_str() {
        Some(text) => Value::String(kobling_pii::mask(text, today).into_owned()),
        None => id,
    }
}

/// In characters: what most who read JSON count in.
fn spans(text: &str, found: &[Finding]) -> Vec<[usize; 2]> {
    let mut counted = Counted { text, bytes: 0, chars: 0 };
    found.iter().map(|it| counted.span(&it.span)).collect()
}

struct Counted<'a> {
    text: &'a str,
    bytes: usize,
    chars: usize,
}

impl Counted<'_> {
    fn span(&mut self, span: &Range<usize>) -> [usize; 2] {
        [self.until(span.start), self.until(span.end)]
    }

    fn until(&mut self, at: usize) -> usize {
        self.chars += self.text.get(self.bytes..at).map_or(0, |it| it.chars().count());
        self.bytes = at;
        self.chars
    }
}
