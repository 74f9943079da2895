use kobling_pii::{Finding, Kind, Level};
use serde::Serialize;
use std::fmt;

/// Findings and files that are told of; the rest is counted.
const TOLD_MAX: usize = 1_000;

/// What a scan found. Names of files and places are masked, for they may hold numbers too.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    files: usize,
    bytes: u64,
    blocks: usize,
    warnings: usize,
    findings: Vec<Found>,
    not_scanned: Vec<Unread>,
    #[serde(skip_serializing_if = "is_zero")]
    not_told: usize,
}

#[derive(Debug, Serialize)]
struct Found {
    file: String,
    #[serde(flatten)]
    place: Place,
    kind: &'static str,
    level: &'static str,
    rule: String,
    masked: String,
}

/// Where in a file something stands.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Place {
    /// A part of the file: a sheet, a page, a file within it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) part: Option<String>,
    /// From 1; none in a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<usize>,
    /// In characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) column: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Unread {
    file: String,
    why: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Report {
    /// Counts a file that was read; `file` is masked already.
    pub(super) fn read(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }

    pub(super) fn found(&mut self, file: &str, place: Place, finding: &Finding) {
        match finding.level {
            Level::Block => self.blocks += 1,
            Level::Warn => self.warnings += 1,
        }
        if self.findings.len() >= TOLD_MAX {
            self.not_told += 1;
            return;
        }
        self.findings.push(Found {
            file: file.to_owned(),
            place,
            kind: kind(finding.kind),
            level: level(Some(finding.level)),
            rule: format!("{:?}", finding.rule),
            masked: finding.masked.clone(),
        });
    }

    pub(super) fn not_scanned(&mut self, file: &str, why: impl Into<String>) {
        if self.not_scanned.len() < TOLD_MAX {
            self.not_scanned.push(Unread { file: file.to_owned(), why: why.into() });
        } else {
            self.not_told += 1;
        }
    }

    pub(super) fn has_blocks(&self) -> bool {
        self.blocks > 0
    }
}

/// A kind by the name it has in answers.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Cpr => "cpr",
        Kind::CprReplacement => "cpr_replacement",
        Kind::Ecpr => "ecpr",
        Kind::Bsn => "bsn",
    }
}

/// A level by the name it has in answers.
pub(super) fn level(level: Option<Level>) -> &'static str {
    match level {
        None => "none",
        Some(Level::Warn) => "warn",
        Some(Level::Block) => "block",
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for it in &self.findings {
            writeln!(f, "{}{}: {} {} {}", it.file, it.place, it.level, it.kind, it.masked)?;
        }
        for it in &self.not_scanned {
            writeln!(f, "{}: not scanned: {}", it.file, it.why)?;
        }
        if self.not_told > 0 {
            writeln!(f, "and {} more", self.not_told)?;
        }
        writeln!(
            f,
            "{} scanned: {} blocked, {} to look at, {} not scanned",
            counted(self.files, "file"),
            self.blocks,
            self.warnings,
            self.not_scanned.len()
        )
    }
}

fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(part) = &self.part {
            write!(f, " ({part})")?;
        }
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, ":{line}:{column}"),
            _ => write!(f, ""),
        }
    }
}
