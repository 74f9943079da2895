use super::cell::Cells;
use super::entry::Entry;
use super::inventory::Shelf;
use super::listing::{Employed, Listing};
use super::{
    Bruger, Closure, Encoding, Engagement, File, FileSet, Form, Inventory, Leder, Maalgruppe,
    NotClosed, Organisation, Row, Status, Stillingskode,
};
use csv::{ByteRecord, QuoteStyle, StringRecord, Terminator, WriterBuilder};
use encoding_rs::WINDOWS_1252;
use jiff::tz::TimeZone;
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
    /// A row of a file that the set has not.
    #[error("the set has no {file}")]
    NotInSet {
        /// The file.
        file: File,
    },
    /// Ids without rows, or rows twice.
    #[error("the set cannot be published")]
    NotClosed(#[from] NotClosed),
    /// The shelf of the lists refused.
    #[error("the list of the rows could not be put aside or taken back")]
    Shelf(#[from] io::Error),
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

/// Writes the files of a set, row by row and in any order of files.
///
/// [`finish`](Self::finish) is the only way to the outputs, and it proves the set closed first.
///
/// ```
/// use kobling_formats::plan2learn::{File, FileSet, Form, Organisation, Profile, SetWriter};
/// # use kobling_domain::id::SubjectId;
/// # let id: SubjectId = SubjectId("00000000-0000-8000-8000-000000000001".parse()?);
///
/// let form = Form::of(&Profile::VIBORG);
/// let outputs = FileSet::from_fn(form.files.clone(), |_| Vec::new());
/// let mut set = SetWriter::new(&form, outputs)?;
/// let name = Some("Fjordby Kommune".to_owned());
/// set.organisation(&Organisation {
///     id, name, parent: None, street: None, postal_code: None, city: None, ean: None,
/// })?;
/// let files = set.finish()?;
/// let units = files.get(File::Organisation).map(Vec::as_slice).unwrap_or_default();
/// assert!(units.starts_with(b"\"AfdelingsID\";\"Afdelingsnavn\""));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SetWriter<'a, W: Write> {
    form: &'a Form,
    sheets: FileSet<Sheet<'a, W>>,
    closure: Closure,
    employed: Employed,
    shelf: Box<dyn Shelf>,
}

impl<'a, W: Write> SetWriter<'a, W> {
    /// Begins a set of the files that have an output: each gets its header row. A file that the
    /// profile has no columns for is refused.
    pub fn new(form: &'a Form, outputs: FileSet<W>) -> Result<Self, WriteError> {
        Self::listing_on(Box::new(Vec::new()), form, outputs)
    }

    /// The same of a set whose rows may be more than memory should list.
    pub fn listing_on(
        shelf: Box<dyn Shelf>,
        form: &'a Form,
        outputs: FileSet<W>,
    ) -> Result<Self, WriteError> {
        let sheets = outputs.try_map(|file, out| Sheet::begin(file, form, out))?;
        let (closure, employed) = (Closure::default(), Employed::default());
        Ok(Self { form, sheets, closure, employed, shelf })
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
        if let (Status::Active, Some(persons)) = (row.status, self.sheets.get_mut(File::Bruger)) {
            self.employed.learn(row.bruger, &mut persons.listing);
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

    /// Writes that a person is in a target group.
    pub fn maalgruppe(&mut self, row: &Maalgruppe) -> Result<(), WriteError> {
        self.row(row)
    }

    /// How many rows each file has, without headers.
    pub fn row_counts(&self) -> FileSet<u32> {
        let rows = |file| self.sheets.get(file).map_or(0, |it| it.rows);
        FileSet::from_fn(self.sheets.files(), rows)
    }

    /// Proves the set closed, flushes and gives the outputs back. Without the proof there are no
    /// outputs to publish.
    pub fn finish(self) -> Result<FileSet<W>, WriteError> {
        self.finish_listed().map(|(outputs, _)| outputs)
    }

    /// The same with the list of what was written, for the comparison with another set.
    pub fn finish_listed(self) -> Result<(FileSet<W>, Inventory), WriteError> {
        let Self { sheets, closure, employed, mut shelf, .. } = self;
        let mut ended = Vec::new();
        let mut listed = Vec::new();
        for (file, sheet) in sheets {
            listed.push((file, sheet.listing.end(&mut *shelf)?));
            ended.push((file, (sheet.file, sheet.out)));
        }
        let inventory = Inventory::of(shelf, listed.into_iter().collect(), employed);
        closure.prove(&inventory)?;
        let ended: FileSet<_> = ended.into_iter().collect();
        let outputs = ended.try_map(|_, (file, out)| {
            out.into_inner().map_err(|it| WriteError::Flush { file, source: it.into_error() })
        })?;
        Ok((outputs, inventory))
    }

    fn row<R: Row>(&mut self, row: &R) -> Result<(), WriteError> {
        let columns = R::columns(self.form.profile);
        let missing = WriteError::NotInSet { file: R::FILE };
        let sheet = self.sheets.get_mut(R::FILE).ok_or(missing)?;
        let number = sheet.write(row, &mut *self.shelf)?;
        row.declare(number, &mut self.closure);
        for (target, id) in columns.iter().filter_map(|it| it.names(row)) {
            // What the last row of a file is about is the likeliest to be named, and is there.
            if !self.sheets.get(target).is_some_and(|it| it.listing.ends_with(id)) {
                self.closure.needs(R::FILE, number, target, id);
            }
        }
        Ok(())
    }
}

/// One file in the making.
struct Sheet<'a, W: Write> {
    file: File,
    form: &'a Form,
    out: csv::Writer<W>,
    rows: u32,
    listing: Listing,
    text: StringRecord,
    bytes: ByteRecord,
}

/// What UTF-8 is marked with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl<'a, W: Write> Sheet<'a, W> {
    fn begin(file: File, form: &'a Form, mut out: W) -> Result<Self, WriteError> {
        let names = form.profile.columns(file);
        if names.is_empty() {
            return Err(WriteError::NotInSet { file });
        }
        if form.encoding == Encoding::Utf8Marked {
            out.write_all(BYTE_ORDER_MARK).map_err(|source| WriteError::Flush { file, source })?;
        }
        let out = WriterBuilder::new()
            .delimiter(b';')
            .quote_style(QuoteStyle::Always)
            .terminator(Terminator::CRLF)
            .from_writer(out);
        let text = StringRecord::from(names);
        let bytes = ByteRecord::new();
        let listing = Listing::new();
        let mut sheet = Self { file, form, out, rows: 0, listing, text, bytes };
        sheet.put()?;
        Ok(sheet)
    }

    fn write<R: Row>(&mut self, row: &R, blocks: &mut dyn Shelf) -> Result<u32, WriteError> {
        self.rows = self.rows.checked_add(1).ok_or(WriteError::TooManyRows { file: self.file })?;
        self.text.clear();
        let zone: &TimeZone = &self.form.zone;
        let mut cells = Cells { record: &mut self.text, zone };
        for column in R::columns(self.form.profile) {
            column.fill(row, &mut cells);
        }
        self.listing.push(Entry::of(row, &self.text), blocks)?;
        self.put()?;
        Ok(self.rows)
    }

    fn put(&mut self) -> Result<(), WriteError> {
        let written = match self.form.encoding {
            Encoding::Utf8 | Encoding::Utf8Marked => {
                self.out.write_byte_record(self.text.as_byte_record())
            }
            Encoding::Windows1252 => {
                self.encode()?;
                self.out.write_byte_record(&self.bytes)
            }
        };
        written.map_err(|source| WriteError::Output { file: self.file, source })
    }

    fn encode(&mut self) -> Result<(), WriteError> {
        self.bytes.clear();
        for (nth, field) in self.text.iter().enumerate() {
            let (encoded, _, lossy) = WINDOWS_1252.encode(field);
            if lossy {
                let columns = self.form.profile.columns(self.file);
                let column = columns.get(nth).copied().unwrap_or_default();
                return Err(WriteError::Lossy { file: self.file, row: self.rows, column });
            }
            self.bytes.push_field(&encoded);
        }
        Ok(())
    }
}
