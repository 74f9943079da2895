//! Lists of what another system holds, as its people export them: a header row, and a row for each
//! entry. Separator and encoding are found out; columns are asked for by name.

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::WINDOWS_1252;
use std::collections::BTreeSet;

/// The mark that some programs put in front of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";
/// What may stand between fields.
const SEPARATORS: [u8; 3] = [b';', b'\t', b','];
/// The longest list that is read.
const ROWS_MAX: usize = 5_000_000;

/// Why a list cannot be read. No value is told.
#[derive(Debug, thiserror::Error)]
pub enum ListingError {
    /// There is nothing in it.
    #[error("there is no header row")]
    NoHeader,
    /// A column is named twice.
    #[error("the header row names {name:?} twice")]
    ColumnTwice {
        /// The name.
        name: String,
    },
    /// A row has another number of fields than the header.
    #[error("row {row} has {fields} fields, and the header has {columns}")]
    Shape {
        /// The row, counted from 1 without the header.
        row: usize,
        /// What it has.
        fields: usize,
        /// What the header has.
        columns: usize,
    },
    /// It is too long.
    #[error("there are more than {ROWS_MAX} rows")]
    TooLong,
    /// There is no such column.
    #[error("there is no column {name:?}; there is: {known}")]
    NoColumn {
        /// The name as given.
        name: String,
        /// Columns there are.
        known: String,
    },
    /// The bytes are no table.
    #[error("the rows cannot be told apart")]
    Csv(#[from] csv::Error),
}

/// A list in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Listing {
    /// Reads a list. Bytes that are not UTF-8 are taken for windows-1252.
    pub fn read(bytes: &[u8]) -> Result<Self, ListingError> {
        let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
        };
        let header = text.lines().next().unwrap_or_default();
        let count = |it: &u8| header.bytes().filter(|byte| byte == it).count();
        // Of equally frequent ones the first; a header of one column has none.
        let separator = SEPARATORS.into_iter().rev().max_by_key(count).unwrap_or(b';');
        let mut reader = ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut records = reader.byte_records();
        let columns = match records.next() {
            Some(header) => fields(&header?),
            None => return Err(ListingError::NoHeader),
        };
        let columns: Vec<String> = columns.into_iter().map(|it| it.trim().to_owned()).collect();
        let mut once = BTreeSet::new();
        for name in &columns {
            if !once.insert(name.as_str()) {
                return Err(ListingError::ColumnTwice { name: name.clone() });
            }
        }
        let mut rows = Vec::new();
        for record in records {
            let row = fields(&record?);
            if row.len() != columns.len() {
                let (fields, columns) = (row.len(), columns.len());
                return Err(ListingError::Shape { row: rows.len() + 1, fields, columns });
            }
            if rows.len() == ROWS_MAX {
                return Err(ListingError::TooLong);
            }
            rows.push(row);
        }
        Ok(Self { columns, rows })
    }

    /// The names of the columns, in order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The rows, in order.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// The place of a column; capitals and small letters are the same.
    pub fn column(&self, name: &str) -> Result<usize, ListingError> {
        let found = self.columns.iter().position(|it| it.to_lowercase() == name.to_lowercase());
        found.ok_or_else(|| ListingError::NoColumn {
            name: name.to_owned(),
            known: self.columns.join(", "),
        })
    }
}

fn fields(record: &ByteRecord) -> Vec<String> {
    record.iter().map(|it| String::from_utf8_lossy(it).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separator_and_encoding_are_found_out() {
        let told = Listing::read("Id;Navn\r\n1;\"Åse; Å\"\r\n".as_bytes()).unwrap();
        assert_eq!(told.rows(), [["1", "Åse; Å"]]);
        let comma = Listing::read(b"\xEF\xBB\xBFId,Navn\n1,\xC3\x85se\n").unwrap();
        assert_eq!((comma.rows()[0][1].as_str(), comma.column("NAVN").unwrap()), ("Åse", 1));
        let old = Listing::read(b"Id\tNavn\n1\t\xC5se\n").unwrap();
        assert_eq!(old.rows(), [["1", "Åse"]]);
        assert_eq!(Listing::read(b"Id\n1\n").unwrap().rows(), [["1"]]);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        assert!(matches!(Listing::read(b""), Err(ListingError::NoHeader)));
        let shape = Listing::read(b"a;b\n1\n");
        assert!(matches!(shape, Err(ListingError::Shape { row: 1, fields: 1, columns: 2 })));
        assert!(matches!(Listing::read(b"a;a\n"), Err(ListingError::ColumnTwice { .. })));
        let told = Listing::read(b"a;b\n").unwrap();
        let problem = told.column("c").unwrap_err().to_string();
        assert_eq!(problem, "there is no column \"c\"; there is: a, b");
    }
}
