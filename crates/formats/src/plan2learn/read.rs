use super::cell::{BadCell, Values};
use super::{Encoding, File, Form, Row};
use csv::{ByteRecord, ReaderBuilder, StringRecord};
use encoding_rs::WINDOWS_1252;
use std::io::{self, Read};
use std::marker::PhantomData;

/// Why a file of a set could not be read back. No value is told.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The header row is not the profile's.
    #[error("{file}: the header row is not the one of profile {profile}")]
    Header {
        /// The file.
        file: File,
        /// The profile.
        profile: &'static str,
    },
    /// A row has another number of fields than the header.
    #[error("{file} row {row}: not as many fields as the header has")]
    Shape {
        /// The file.
        file: File,
        /// The row, counted from 1 without the header.
        row: u32,
    },
    /// The bytes are not text in the encoding.
    #[error("{file} row {row}: not text in the expected encoding")]
    Encoding {
        /// The file.
        file: File,
        /// The row, counted from 1 without the header; 0 is the header.
        row: u32,
    },
    /// A value its column does not allow.
    #[error("{file} row {row}: {cell}")]
    Cell {
        /// The file.
        file: File,
        /// The row, counted from 1 without the header.
        row: u32,
        /// The column and what is wrong with it.
        cell: BadCell,
    },
    /// The list of what was sent failed.
    #[error("the list of the rows of {file} could not be read")]
    List {
        /// The file.
        file: File,
        /// What the shelf said.
        source: io::Error,
    },
    /// The input failed.
    #[error("{file} could not be read after row {row}")]
    Input {
        /// The file.
        file: File,
        /// The last row read.
        row: u32,
        /// What the input said.
        #[source]
        source: csv::Error,
    },
}

/// Reads the rows of one file of a set; a UTF-8 byte order mark is passed over.
pub fn rows<R: Row, I: Read>(input: I, form: &Form) -> Result<Rows<R, I>, ReadError> {
    let records = Records::new(R::FILE, input, form.encoding, form.names::<R>())?;
    let profile = form.profile.name;
    let records = records.ok_or(ReadError::Header { file: R::FILE, profile })?;
    Ok(Rows { records, row: PhantomData })
}

/// Shows the values of each row of one file to `see`.
pub(super) fn each<R: Row, I: Read>(
    input: I,
    form: &Form,
    mut see: impl FnMut(Values<'_>) -> Result<(), BadCell>,
) -> Result<(), ReadError> {
    let Rows { mut records, .. } = rows::<R, I>(input, form)?;
    while let Some(row) = records.advance()? {
        let file = records.file;
        see(records.values()).map_err(|cell| ReadError::Cell { file, row, cell })?;
    }
    Ok(())
}

/// The rows of one file.
pub struct Rows<R, I> {
    records: Records<I>,
    row: PhantomData<R>,
}

impl<R: Row, I: Read> Iterator for Rows<R, I> {
    type Item = Result<R, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.records.advance() {
            Err(error) => Some(Err(error)),
            Ok(None) => None,
            Ok(Some(row)) => {
                let file = self.records.file;
                let read = R::from_values(self.records.values());
                Some(read.map_err(|cell| ReadError::Cell { file, row, cell }))
            }
        }
    }
}

/// The records of one file as text, its header checked.
struct Records<I> {
    file: File,
    encoding: Encoding,
    names: Vec<&'static str>,
    input: csv::Reader<I>,
    row: u32,
    bytes: ByteRecord,
    text: StringRecord,
}

impl<I: Read> Records<I> {
    /// None if the header row is another one.
    fn new(
        file: File,
        input: I,
        encoding: Encoding,
        names: Vec<&'static str>,
    ) -> Result<Option<Self>, ReadError> {
        let input = ReaderBuilder::new()
            .delimiter(b';')
            .has_headers(false)
            .flexible(true)
            .from_reader(input);
        let (bytes, text) = (ByteRecord::new(), StringRecord::new());
        let mut records = Self { file, encoding, names, input, row: 0, bytes, text };
        let header_is_ours = records.fill()? && records.text == *records.names;
        Ok(header_is_ours.then_some(records))
    }

    /// The values of the row read last.
    fn values(&self) -> Values<'_> {
        Values { names: &self.names, record: &self.text }
    }

    /// Goes to the next row and tells its number; `None` at the end.
    fn advance(&mut self) -> Result<Option<u32>, ReadError> {
        self.row = self.row.saturating_add(1);
        if !self.fill()? {
            return Ok(None);
        }
        if self.text.len() != self.names.len() {
            return Err(ReadError::Shape { file: self.file, row: self.row });
        }
        Ok(Some(self.row))
    }

    fn fill(&mut self) -> Result<bool, ReadError> {
        let (file, row) = (self.file, self.row);
        let input = |source| ReadError::Input { file, row: row.saturating_sub(1), source };
        if !self.input.read_byte_record(&mut self.bytes).map_err(input)? {
            return Ok(false);
        }
        self.text.clear();
        for field in &self.bytes {
            match self.encoding {
                Encoding::Utf8 | Encoding::Utf8Marked => self.text.push_field(
                    std::str::from_utf8(field).map_err(|_| ReadError::Encoding { file, row })?,
                ),
                Encoding::Windows1252 => {
                    let (decoded, _) = WINDOWS_1252.decode_without_bom_handling(field);
                    self.text.push_field(&decoded);
                }
            }
        }
        Ok(true)
    }
}
