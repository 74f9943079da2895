//! What a source tells as records, whatever its format.

use super::aside::SetAsideRecord;
use super::input::{Content, Input};
use super::pushed::{Pushed, Whole};
use super::quarantine;
use super::run::{RunError, Running, open_opus, require_whole};
use super::source::{Form, Source};
use crate::Hub;
use crate::hex::hex;
use kobling_domain::people::{Kind, NativeKey};
use kobling_formats::delimited::{self, Key, Row};
use kobling_formats::opus::{self, RawRecord};
use kobling_store::exchange::native;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::File;

/// Rows whose keys are given numbers at once.
const CHUNK_ROWS: usize = 1_000;
/// Bytes of a blind index that are kept as a key: as many as no two people share.
const BLIND_BYTES: usize = 16;

/// The records of a file, in its order.
pub(super) enum Reader<'a> {
    /// An extract of Opus.
    Opus(Box<opus::Reader<File>>),
    /// A table.
    Table(Box<Table<'a>>),
    /// What the source sent itself.
    Pushed(Pushed<'a>),
}

/// A table, its rows numbered.
pub(super) struct Table<'a> {
    reader: delimited::Reader<'a, File>,
    kind: Kind,
    chunk: VecDeque<Numbered>,
}

/// A row whose key has a number.
pub(super) struct Numbered {
    pub(super) row: Row,
    pub(super) native: NativeKey,
    pub(super) native_no: i64,
    pub(super) kind: Kind,
}

/// A record cut out of a file, not parsed.
pub(super) enum Raw<'a> {
    Opus(RawRecord<'a>),
    Row(Numbered),
}

/// What is proved of a file that was read to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proof {
    /// Whether it was read whole and every key was readable.
    pub(super) complete: bool,
    /// Reader of which nobody knows whom they speak of.
    pub(super) unreadable_keys: u64,
}

impl Raw<'_> {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Opus(raw) => raw.kind.subject(),
            Self::Row(it) => it.kind,
        }
    }

    pub(super) fn native_no(&self) -> i64 {
        match self {
            Self::Opus(raw) => raw.native_no,
            Self::Row(it) => it.native_no,
        }
    }

    pub(super) fn digest(&self) -> u128 {
        match self {
            Self::Opus(raw) => raw.digest,
            Self::Row(it) => it.row.digest,
        }
    }

    /// Whether it only says that its subject has ended.
    pub(super) fn is_stub(&self) -> bool {
        match self {
            Self::Opus(raw) => raw.action == Some(super::reading::LEAVE),
            Self::Row(_) => false,
        }
    }

    /// The record is set aside: one of its key stands in the file already.
    pub(super) fn repeated(&self) -> SetAsideRecord {
        match self {
            Self::Opus(raw) => super::aside::repeated(raw),
            Self::Row(it) => SetAsideRecord {
                native_no: it.native_no,
                record_no: it.row.record_no,
                line: it.row.line,
                code: delimited::Code::KeyRepeated.name().to_owned(),
                text: format!(
                    "{} {} stands in this file already; the first row counts",
                    it.kind, it.native
                ),
                other: None,
            },
        }
    }
}

impl<'a> Reader<'a> {
    /// Opens `input` for reading.
    pub(super) fn open(source: &'a Source, input: &Input) -> Result<Self, RunError> {
        match (&source.form, &input.content) {
            (Form::Opus, Content::File(_)) => Ok(Self::Opus(Box::new(open_opus(source, input)?))),
            (Form::Table(layout), Content::File(path)) => {
                let failed = |source| RunError::Open { path: path.clone(), source };
                let reader = delimited::Reader::open(File::open(path).map_err(failed)?, layout)?;
                let (kind, chunk) = (layout.kind(), VecDeque::new());
                Ok(Self::Table(Box::new(Table { reader, kind, chunk })))
            }
            (Form::Pushed(layouts), Content::Record(no)) => {
                Ok(Self::Pushed(Pushed::new(layouts, (*no, Whole::No))))
            }
            (Form::Pushed(layouts), Content::Snapshot(no)) => {
                Ok(Self::Pushed(Pushed::new(layouts, (*no, Whole::Yes))))
            }
            (Form::Pushed(_), Content::File(_)) => {
                Err(RunError::SendsItself { key: source.text.key.clone() })
            }
            (Form::Opus | Form::Table(_), Content::Record(_) | Content::Snapshot(_)) => {
                Err(RunError::SendsNoMore { key: source.text.key.clone() })
            }
        }
    }

    /// The next record; none behind the last.
    pub(super) async fn next(&mut self, running: Running<'_>) -> Result<Option<Raw<'_>>, RunError> {
        match self {
            Self::Opus(reader) => Ok(reader.next_record()?.map(Raw::Opus)),
            Self::Table(table) => Ok(table.next(running).await?.map(Raw::Row)),
            Self::Pushed(pushed) => Ok(pushed.next(running).await?.map(Raw::Row)),
        }
    }

    /// Refuses a file that was not read whole, and tells what is proved of it.
    pub(super) fn finish(&mut self) -> Result<Proof, RunError> {
        match self {
            Self::Opus(reader) => {
                let proof = reader.finish()?;
                require_whole(&proof)?;
                let unreadable_keys = proof.unreadable_keys;
                Ok(Proof { complete: proof.complete(), unreadable_keys })
            }
            Self::Table(table) => {
                let proof = table.reader.finish()?;
                let unreadable_keys = proof.unreadable_keys;
                Ok(Proof { complete: proof.complete(), unreadable_keys })
            }
            Self::Pushed(pushed) => Ok(pushed.proof()),
        }
    }

    /// The records of which nobody knows whom they speak of, each with what it describes.
    pub(super) fn without_key(&self) -> Vec<(Kind, SetAsideRecord)> {
        match self {
            Self::Opus(reader) => {
                reader.problems().iter().filter_map(SetAsideRecord::without_key).collect()
            }
            Self::Table(table) => {
                let problems = table.reader.problems().iter();
                problems.map(|it| (table.kind, of_row(it))).collect()
            }
            Self::Pushed(_) => Vec::new(),
        }
    }

    /// xxh3-128 of all bytes of the input, behind the last record.
    pub(super) fn input_digest(&self) -> u128 {
        match self {
            Self::Opus(reader) => reader.input_digest(),
            Self::Table(table) => table.reader.input_digest(),
            Self::Pushed(pushed) => pushed.digest(),
        }
    }
}

fn of_row(problem: &delimited::Problem) -> SetAsideRecord {
    SetAsideRecord {
        native_no: quarantine::keyless(problem.record_no),
        record_no: problem.record_no,
        line: problem.line,
        code: problem.code.name().to_owned(),
        text: problem.text.clone(),
        other: None,
    }
}

impl Table<'_> {
    async fn next(&mut self, running: Running<'_>) -> Result<Option<Numbered>, RunError> {
        if self.chunk.is_empty() {
            self.read_chunk(running).await?;
        }
        Ok(self.chunk.pop_front())
    }

    /// Reads some rows and gives those keys numbers that have none. A number is no statement: it
    /// stays, whatever becomes of the run.
    async fn read_chunk(&mut self, running: Running<'_>) -> Result<(), RunError> {
        let Running { hub, tenant, source, .. } = running;
        let mut rows = Vec::new();
        while rows.len() < CHUNK_ROWS
            && let Some(row) = self.reader.next_row()?
        {
            let native = native_of(hub, &row.key);
            rows.push((row, native));
        }
        if rows.is_empty() {
            return Ok(());
        }
        let (no, kind) = (source.no, self.kind);
        let keys: BTreeSet<NativeKey> = rows.iter().map(|(_, native)| native.clone()).collect();
        let keys: Vec<NativeKey> = keys.into_iter().collect();
        let mut known = native::numbers(&mut hub.db.read().await?, tenant, no, kind, &keys).await?;
        let mut met = BTreeSet::new();
        // In the order of the file, so that the next file comes in order of numbers too.
        let new = rows.iter().map(|(_, native)| native);
        let new = new.filter(|it| !known.contains_key(*it) && met.insert((*it).clone()));
        let new: Vec<NativeKey> = new.cloned().collect();
        if !new.is_empty() {
            let mut tx = hub.db.write().await?;
            known.extend(native::mint(&mut tx, tenant, no, kind, &new).await?);
            tx.commit().await?;
        }
        self.chunk = rows.into_iter().filter_map(|it| numbered(it, kind, &known)).collect();
        Ok(())
    }
}

/// The source's key of a row, with an index in the place of a national number.
pub(super) fn native_of(hub: &Hub, key: &Key) -> NativeKey {
    key.native(|number| {
        let index = hub.keys.blind_index(number);
        hex(index.get(..BLIND_BYTES).unwrap_or_default())
    })
}

fn numbered(
    (row, native): (Row, NativeKey),
    kind: Kind,
    known: &BTreeMap<NativeKey, i64>,
) -> Option<Numbered> {
    let native_no = *known.get(&native)?;
    Some(Numbered { row, native, native_no, kind })
}
