use kobling_domain::id::RecordNo;
use serde::Serialize;
use std::fmt;

/// Why a file is refused as a whole. Nothing of it may be applied.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The input could not be read.
    #[error("the input could not be read")]
    Io(#[source] std::io::Error),
    /// It has no content.
    #[error("the file is empty: it has not even a row of column names")]
    Empty,
    /// A row is not UTF-8.
    #[error("line {line}: this is not UTF-8; if the file is in windows-1252, say so as encoding")]
    NotUtf8 {
        /// The line.
        line: u64,
    },
    /// It begins with the mark of UTF-8.
    #[error("the file begins with the mark of UTF-8, but the source says it is in windows-1252")]
    MarkedUtf8,
    /// A column that the layout names is not there.
    #[error(
        "the file has no column {}; it has {}",
        named(.missing),
        named(.found)
    )]
    ColumnMissing {
        /// The columns that are not there.
        missing: Vec<String>,
        /// Those there are.
        found: Vec<String>,
    },
    /// A column that the layout names stands there twice.
    #[error("the file has two columns {column:?}: nobody knows which one counts")]
    ColumnDoubled {
        /// The column.
        column: String,
    },
    /// It has more columns than any real one.
    #[error("line {line}: more than {limit} cells in one row")]
    TooManyColumns {
        /// The line.
        line: u64,
        /// The most there may be.
        limit: usize,
    },
    /// A row is larger than any real one.
    #[error(
        "line {line}: a row of more than {limit_bytes} bytes begins here; a quote may not be closed"
    )]
    RowTooLarge {
        /// Where it begins.
        line: u64,
        /// The most there may be.
        limit_bytes: usize,
    },
    /// It ends inside a quoted cell.
    #[error(
        "line {line}: the file ends inside a quoted cell of the row that begins here: it is cut, \
         or a quote is not closed"
    )]
    QuoteOpen {
        /// Where the row begins.
        line: u64,
    },
    /// Its last line does not end, and nothing else tells that it is whole.
    #[error(
        "line {line}: the last line does not end: the file may be cut. Have it written with a line \
         end after the last row, or with a row that ends it (trailer or count)"
    )]
    LineOpen {
        /// The last line.
        line: u64,
    },
    /// The row that ends a whole file is not there.
    #[error("the file ends without its last row {trailer:?}: it is cut, have it delivered again")]
    Truncated {
        /// The first cell of that row.
        trailer: String,
    },
    /// More rows come after the one that ends it.
    #[error("line {line}: rows come after the row {trailer:?} that ends the file")]
    AfterTrailer {
        /// The line.
        line: u64,
        /// The first cell of that row.
        trailer: String,
    },
    /// It does not have as many rows as it says.
    #[error(
        "the file says that it has {declared} rows, and it has {found}: have it delivered again"
    )]
    OtherCount {
        /// What it says.
        declared: u64,
        /// What there is.
        found: u64,
    },
    /// The number of rows is none.
    #[error("line {line}: behind {trailer:?} there is no number of rows")]
    CountUnreadable {
        /// The line.
        line: u64,
        /// The first cell of that row.
        trailer: String,
    },
}

fn named(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|it| format!("{it:?}")).collect();
    quoted.join(", ")
}

/// What is wrong with a row. The row is set aside and its subject keeps its last state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The row has more or fewer cells than there are columns: nobody knows which is which.
    CellsUnlike,
    /// A cell of the key is empty, or is no national number where one is the key.
    KeyUnreadable,
    /// The key looks like a national number, and the layout does not say that it is one.
    KeyMayBeNumber,
    /// The key stands in the file already.
    KeyRepeated,
    /// A date is none.
    DateUnreadable,
    /// A number is none.
    NumberUnreadable,
    /// A yes-or-no is neither.
    FlagUnreadable,
    /// The national number is none.
    NationalNumberUnreadable,
    /// The end lies before the start.
    EndBeforeStart,
    /// The cell by which the person is found is empty, or is no id.
    MatchUnreadable,
}

impl Code {
    /// Its name in documents and the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::CellsUnlike => "cells_unlike",
            Self::KeyUnreadable => "key_unreadable",
            Self::KeyMayBeNumber => "key_may_be_number",
            Self::KeyRepeated => "key_repeated",
            Self::DateUnreadable => "date_unreadable",
            Self::NumberUnreadable => "number_unreadable",
            Self::FlagUnreadable => "flag_unreadable",
            Self::NationalNumberUnreadable => "national_number_unreadable",
            Self::EndBeforeStart => "end_before_start",
            Self::MatchUnreadable => "match_unreadable",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What there is to say of one row. The text names columns, never what stands in them: it may be a
/// national number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("line {line}, row {record_no}: {text}")]
pub struct Problem {
    /// Line on which the row begins.
    pub line: u64,
    /// Where the row stands in the file; the first behind the column names is 1.
    #[serde(rename = "row")]
    pub record_no: RecordNo,
    /// What it is.
    pub code: Code,
    /// The same for people.
    pub text: String,
}
