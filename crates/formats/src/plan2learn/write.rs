use super::cell::Cells;
use super::diff::Entry;
use super::{
    Bruger, Closure, Encoding, Engagement, File, FileSet, Inventory, Leder, NotClosed,
    Organisation, Profile, Row, Status, Stillingskode,
};
use csv::{ByteRecord, QuoteStyle, StringRecord, Terminator, WriterBuilder};
use encoding_rs::WINDOWS_1252;
use kobling_domain::id::SubjectId;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Why a set was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A value has a letter that the encoding lacks.
    #[error("{file} row {row}: column {column} has a letter that windows-1252 lacks")]
    Lossy {
        /// The file.
        file: File,
        /// The row, counted from 1 without the header.
        row: u32,
        /// The column, as the header spells it.
        column: &'static str,
    },
    /// More rows than a set may have.
    #[error("{file} has more than {} rows", u32::MAX)]
    TooManyRows {
        /// The file.
        file: File,
    },
    /// Ids without rows, or rows twice.
    #[error("the set cannot be published")]
    NotClosed(#[from] NotClosed),
    /// The output refused.
    #[error("{file} could not be written")]
    Output {
        /// The file.
        file: File,
        /// What the output said.
        #[source]
        source: csv::Error,
    },
    /// The output refused its last bytes.
    #[error("{file} could not be flushed")]
    Flush {
        /// The file.
        file: File,
        /// What the output said.
        #[source]
        source: io::Error,
    },
}

/// Writes the five files of a set, row by row and in any order of files.
///
/// [`finish`](Self::finish) is the only way to the outputs, and it proves the set closed first.
///
/// ```
/// use kobling_formats::plan2learn::{FileSet, Organisation, Profile, SetWriter};
/// # use kobling_domain::id::SubjectId;
/// # let id: SubjectId = SubjectId("00000000-0000-8000-8000-000000000001".parse()?);
///
/// let mut set = SetWriter::new(Profile::default(), FileSet::<Vec<u8>>::default())?;
/// let name = Some("Fjordby Kommune".to_owned());
/// set.organisation(&Organisation {
///     id, name, parent: None, street: None, postal_code: None, city: None,
/// })?;
/// let files = set.finish()?;
/// assert!(files.organisation.starts_with(b"\"AfdelingsID\";\"Afdelingsnavn\""));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SetWriter<W: Write> {
    sheets: FileSet<Sheet<W>>,
    closure: Closure,
    active: BTreeSet<SubjectId>,
}

impl<W: Write> SetWriter<W> {
    /// Begins a set: each output gets its header row.
    pub fn new(profile: Profile, outputs: FileSet<W>) -> Result<Self, WriteError> {
        let sheets = outputs.try_map(|file, out| Sheet::begin(file, profile.encoding, out))?;
        Ok(Self { sheets, closure: Closure::default(), active: BTreeSet::new() })
    }

    /// Writes a person.
    pub fn bruger(&mut self, row: &Bruger) -> Result<(), WriteError> {
        self.row(row)
    }

    /// Writes a manager.
    pub fn leder(&mut self, row: &Leder) -> Result<(), WriteError> {
        self.row(row)
    }

    /// Writes an employment.
    pub fn engagement(&mut self, row: &Engagement) -> Result<(), WriteError> {
        if row.status == Status::Active {
            self.active.insert(row.bruger);
        }
        self.row(row)
    }

    /// Writes a unit.
    pub fn organisation(&mut self, row: &Organisation) -> Result<(), WriteError> {
        self.row(row)
    }

    /// Writes a position.
    pub fn stillingskode(&mut self, row: &Stillingskode) -> Result<(), WriteError> {
        self.row(row)
    }

    /// How many rows each file has, without headers.
    pub fn row_counts(&self) -> FileSet<u32> {
        FileSet {
            bruger: self.sheets.bruger.rows,
            leder: self.sheets.leder.rows,
            engagement: self.sheets.engagement.rows,
            organisation: self.sheets.organisation.rows,
            stillingskode: self.sheets.stillingskode.rows,
        }
    }

    /// Proves the set closed, flushes and gives the outputs back. Without the proof there are no
    /// outputs to publish.
    pub fn finish(self) -> Result<FileSet<W>, WriteError> {
        self.finish_listed().map(|(outputs, _)| outputs)
    }

    /// The same with the list of what was written, for the comparison with another set.
    pub fn finish_listed(self) -> Result<(FileSet<W>, Inventory), WriteError> {
        self.closure.prove()?;
        let mut entries = FileSet::<Vec<Entry>>::default();
        let outputs = self.sheets.try_map(|file, mut sheet| {
            *entries.get_mut(file) = std::mem::take(&mut sheet.entries);
            sheet.end()
        })?;
        Ok((outputs, Inventory::of(entries, &self.active)))
    }

    fn row<R: Row>(&mut self, row: &R) -> Result<(), WriteError> {
        let number = self.sheets.get_mut(R::FILE).write(row)?;
        row.declare(number, &mut self.closure);
        Ok(())
    }
}

/// One file in the making.
struct Sheet<W: Write> {
    file: File,
    encoding: Encoding,
    out: csv::Writer<W>,
    rows: u32,
    entries: Vec<Entry>,
    text: StringRecord,
    bytes: ByteRecord,
}

impl<W: Write> Sheet<W> {
    fn begin(file: File, encoding: Encoding, out: W) -> Result<Self, WriteError> {
        let out = WriterBuilder::new()
            .delimiter(b';')
            .quote_style(QuoteStyle::Always)
            .terminator(Terminator::CRLF)
            .from_writer(out);
        let text = StringRecord::from(file.columns());
        let bytes = ByteRecord::new();
        let entries = Vec::new();
        let mut sheet = Self { file, encoding, out, rows: 0, entries, text, bytes };
        sheet.put()?;
        Ok(sheet)
    }

    fn write<R: Row>(&mut self, row: &R) -> Result<u32, WriteError> {
        self.rows = self.rows.checked_add(1).ok_or(WriteError::TooManyRows { file: self.file })?;
        self.text.clear();
        row.fill(&mut Cells(&mut self.text));
        self.entries.push(Entry::of(self.file, row.key(), &self.text));
        self.put()?;
        Ok(self.rows)
    }

    fn put(&mut self) -> Result<(), WriteError> {
        let written = match self.encoding {
            Encoding::Utf8 => self.out.write_byte_record(self.text.as_byte_record()),
            Encoding::Windows1252 => {
                self.encode()?;
                self.out.write_byte_record(&self.bytes)
            }
        };
        written.map_err(|source| WriteError::Output { file: self.file, source })
    }

    fn encode(&mut self) -> Result<(), WriteError> {
        self.bytes.clear();
        for (field, column) in self.text.iter().zip(self.file.columns()) {
            let (encoded, _, lossy) = WINDOWS_1252.encode(field);
            if lossy {
                return Err(WriteError::Lossy { file: self.file, row: self.rows, column });
            }
            self.bytes.push_field(&encoded);
        }
        Ok(())
    }

    fn end(self) -> Result<W, WriteError> {
        let file = self.file;
        self.out.into_inner().map_err(|it| WriteError::Flush { file, source: it.into_error() })
    }
}
