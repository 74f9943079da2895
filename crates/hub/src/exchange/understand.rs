//! From the bytes of records that may have changed to what they state.

use super::aside::SetAsideRecord;
use super::records::Numbered;
use super::run::RunError;
use super::source::Source;
use crate::Hub;
use crate::access::configuration::Effective;
use crate::people::guard;
use jiff::civil::Date;
use kobling_domain::exchange::{Existence, Stated, canonical};
use kobling_domain::id::RecordNo;
use kobling_domain::people::{FieldName, Kind};
use kobling_formats::delimited::{Layout, Statement, Whose};
use kobling_formats::opus::{self, RawRecord, RecordKind};
use xxhash_rust::xxh3::xxh3_128;

/// A record that is new or not the same as last time, copied out of the reader.
pub(super) struct Candidate {
    pub(super) kind: RecordKind,
    pub(super) native_no: i64,
    pub(super) record_no: RecordNo,
    pub(super) line: u64,
    pub(super) last_changed: Option<String>,
    pub(super) action: Option<String>,
    pub(super) bytes: Vec<u8>,
    pub(super) digest: u128,
}

impl Candidate {
    pub(super) fn of(raw: &RawRecord<'_>) -> Self {
        Self {
            kind: raw.kind,
            native_no: raw.native_no,
            record_no: raw.record_no,
            line: raw.line,
            last_changed: raw.last_changed.map(str::to_owned),
            action: raw.action.map(str::to_owned),
            bytes: raw.bytes.to_vec(),
            digest: raw.digest,
        }
    }

    fn raw(&self) -> RawRecord<'_> {
        RawRecord {
            kind: self.kind,
            native_no: self.native_no,
            record_no: self.record_no,
            line: self.line,
            last_changed: self.last_changed.as_deref(),
            action: self.action.as_deref(),
            bytes: &self.bytes,
            digest: self.digest,
        }
    }
}

/// A record of any format that is new or not the same as last time.
pub(super) enum Pending {
    Opus(Candidate),
    Row(Numbered),
}

impl Pending {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Opus(it) => it.kind.subject(),
            Self::Row(it) => it.kind,
        }
    }

    pub(super) fn understand(
        &self,
        hub: &Hub,
        source: &Source,
        date: Date,
    ) -> Result<Result<Understood, SetAsideRecord>, RunError> {
        match (self, source.form.layout(self.kind())) {
            (Self::Opus(candidate), _) => understand(hub, source, candidate, date),
            (Self::Row(it), Some(layout)) => Ok(understand_row(hub, layout, it, date)),
            (Self::Row(_), None) => {
                Err(RunError::Incomplete { what: "its source is no table".to_owned() })
            }
        }
    }
}

/// A record understood, before it is compared.
pub(super) struct Understood {
    pub(super) stated: Stated,
    /// Fields in which a national number was masked.
    pub(super) masked: Vec<FieldName>,
    /// By what its person is found, beside a national number.
    pub(super) whose: Option<Whose>,
    pub(super) native_no: i64,
    pub(super) record_no: RecordNo,
    pub(super) line: u64,
    pub(super) digest: [u8; 16],
    pub(super) content: [u8; 16],
    last_changed: Option<Date>,
}

impl Understood {
    /// The day from which its values count, as the source is configured.
    pub(super) fn effective_without_history(&self, source: &Source, file: Date) -> Date {
        match (source.text.effective, self.stated.existence) {
            (Effective::LastChanged, Existence::Period(_) | Existence::Never) => {
                self.last_changed.unwrap_or(file)
            }
            (Effective::Entry, Existence::Period(days)) => days.from(),
            (Effective::File, _)
            | (Effective::LastChanged, Existence::Ended)
            | (Effective::Entry, Existence::Never | Existence::Ended) => file,
        }
    }
}

/// Parses a candidate. The outer error refuses the input, the inner one sets the record aside.
pub(super) fn understand(
    hub: &Hub,
    source: &Source,
    candidate: &Candidate,
    date: Date,
) -> Result<Result<Understood, SetAsideRecord>, RunError> {
    let raw = candidate.raw();
    let read =
        opus::parse(&raw).and_then(|record| opus::read_record(&raw, record, &source.options()));
    let mut reading = match read {
        Ok(reading) => reading,
        Err(problem) if problem.code.effect() == opus::Effect::RefusesFile => {
            return Err(RunError::Record(problem));
        }
        Err(problem) => {
            return Ok(Err(SetAsideRecord {
                native_no: candidate.native_no,
                record_no: candidate.record_no,
                line: candidate.line,
                code: problem.code.name().to_owned(),
                text: problem.text,
                other: None,
            }));
        }
    };
    let masked = guard::mask(&mut reading.stated, date);
    let mut bytes = Vec::with_capacity(2_048);
    canonical(&reading.stated, &mut bytes);
    let keys = &hub.keys;
    Ok(Ok(Understood {
        whose: None,
        native_no: candidate.native_no,
        content: keys.digest_block(xxh3_128(&bytes)),
        digest: keys.digest_block(candidate.digest),
        stated: reading.stated,
        masked,
        record_no: candidate.record_no,
        line: candidate.line,
        last_changed: raw.last_changed_on(),
    }))
}

fn understand_row(
    hub: &Hub,
    layout: &Layout,
    it: &Numbered,
    date: Date,
) -> Result<Understood, SetAsideRecord> {
    let statement = layout.read(&it.row, it.native.clone()).map_err(|problem| SetAsideRecord {
        native_no: it.native_no,
        record_no: problem.record_no,
        line: problem.line,
        code: problem.code.name().to_owned(),
        text: problem.text,
        other: None,
    })?;
    let Statement { mut stated, whose } = statement;
    let masked = guard::mask(&mut stated, date);
    let mut bytes = Vec::with_capacity(512);
    canonical(&stated, &mut bytes);
    // Whose it is belongs to what the row says.
    bytes.extend_from_slice(format!("{whose:?}").as_bytes());
    Ok(Understood {
        content: hub.keys.digest_block(xxh3_128(&bytes)),
        digest: hub.keys.digest_block(it.row.digest),
        stated,
        masked,
        whose,
        native_no: it.native_no,
        record_no: it.row.record_no,
        line: it.row.line,
        last_changed: None,
    })
}
