use super::layout::{End, Layout};
use super::row::Row;
use super::rows::Rows;
use super::{Code, Problem, ReadError};
use kobling_domain::id::RecordNo;
use serde::Serialize;
use std::io::Read;
use xxhash_rust::xxh3::xxh3_128;

/// Problems kept at most; all are counted.
const PROBLEMS_MAX: usize = 1_000;

/// What is proved of a file that was read to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Whether the file itself says that it is whole: its last row, or its number of rows.
    pub declared_whole: bool,
    /// Rows of which nobody knows whom they speak of.
    pub unreadable_keys: u64,
}

impl Proof {
    /// Whether the file speaks about what it does not mention.
    pub fn complete(&self) -> bool {
        self.declared_whole && self.unreadable_keys == 0
    }
}

/// Cuts a delimited file into its rows, in the file's order, within a bounded buffer.
///
/// ```
/// use kobling_formats::delimited::{Layout, LayoutText, Reader};
///
/// let text: LayoutText = serde_json::from_str(
///     r#"{"kind": "person", "key": "No", "fields": {"person.email": "E-mail"}}"#,
/// )?;
/// let layout = Layout::parse(&text)?;
/// let mut reader = Reader::open("No;E-mail\nM1;aase@example.org\n".as_bytes(), &layout)?;
/// while let Some(row) = reader.next_row()? {
///     assert_eq!(row.line, 2);
/// }
/// assert!(!reader.finish()?.complete());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Reader<'a, R> {
    rows: Rows<R>,
    layout: &'a Layout,
    /// Where each column of the layout stands.
    places: Vec<usize>,
    /// The columns of the file.
    header: Vec<String>,
    record_no: RecordNo,
    end: Option<(u64, Option<u64>)>,
    last_line: u64,
    is_over: bool,
    proof: Proof,
    problems: Vec<Problem>,
}

impl<'a, R: Read> Reader<'a, R> {
    /// Begins to read `source`, up to and with the row of column names.
    ///
    /// # Errors
    ///
    /// Refuses a file without the columns that the layout names, or with one of them twice.
    pub fn open(source: R, layout: &'a Layout) -> Result<Self, ReadError> {
        let mut rows = Rows::open(source, layout.delimiter, layout.quote, layout.encoding)?;
        let line = rows.next()?.ok_or(ReadError::Empty)?;
        let names = (0..rows.count()).map(|it| rows.cell(it, line));
        let header: Vec<String> = names.collect::<Result<_, _>>()?;
        let places = places(layout, &header)?;
        Ok(Self {
            rows,
            layout,
            places,
            header,
            record_no: RecordNo(0),
            end: None,
            last_line: line,
            is_over: false,
            proof: Proof::default(),
            problems: Vec::new(),
        })
    }

    /// The next row; none behind the last. One without a readable key is not handed out but becomes
    /// one of the [`problems`](Self::problems).
    ///
    /// # Errors
    ///
    /// Refuses the file: see [`ReadError`].
    pub fn next_row(&mut self) -> Result<Option<Row>, ReadError> {
        while !self.is_over {
            let Some(line) = self.rows.next()? else {
                self.prove()?;
                self.is_over = true;
                break;
            };
            if self.rows.is_blank() {
                continue;
            }
            self.last_line = line;
            if let Some((_, trailer)) = self.end.as_ref().map(|_| (line, self.trailer())) {
                return Err(ReadError::AfterTrailer { line, trailer });
            }
            if self.is_end(line)? {
                continue;
            }
            self.record_no.0 += 1;
            if let Some(row) = self.row(line)? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// Reads the rest and tells what is proved of the file.
    ///
    /// # Errors
    ///
    /// Refuses the file: see [`ReadError`].
    pub fn finish(&mut self) -> Result<Proof, ReadError> {
        while self.next_row()?.is_some() {}
        Ok(self.proof)
    }

    /// What there is to say of rows that were not handed out: the first thousand of them.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The columns of the file that the layout does not name.
    pub fn unread_columns(&self) -> Vec<&str> {
        let is_read = |it: &&String| !self.layout.columns.contains(it);
        self.header.iter().filter(is_read).map(String::as_str).collect()
    }

    /// xxh3-128 of all bytes read so far; of the whole input after [`finish`](Self::finish).
    pub fn input_digest(&self) -> u128 {
        self.rows.input_digest()
    }

    fn row(&mut self, line: u64) -> Result<Option<Row>, ReadError> {
        let record_no = self.record_no;
        if self.rows.count() != self.header.len() {
            let (has, wanted) = (self.rows.count(), self.header.len());
            let text = format!("it has {has} cells, and there are {wanted} columns");
            self.set_aside(Problem { line, record_no, code: Code::CellsUnlike, text });
            return Ok(None);
        }
        let cells = self.places.iter().map(|it| self.rows.cell(*it, line));
        let cells: Vec<String> = cells.collect::<Result<_, _>>()?;
        match self.layout.key(&cells) {
            Ok(key) => Ok(Some(Row { key, record_no, line, digest: digest(&cells), cells })),
            Err((code, text)) => {
                self.set_aside(Problem { line, record_no, code, text });
                Ok(None)
            }
        }
    }

    fn set_aside(&mut self, problem: Problem) {
        self.proof.unreadable_keys += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }

    fn trailer(&self) -> String {
        match &self.layout.end {
            End::Undeclared => String::new(),
            End::Trailer(it) | End::Count(it) => it.clone(),
        }
    }

    /// Whether the row at `line` is the one that ends the file.
    fn is_end(&mut self, line: u64) -> Result<bool, ReadError> {
        let (trailer, counts) = match &self.layout.end {
            End::Undeclared => return Ok(false),
            End::Trailer(it) => (it.clone(), false),
            End::Count(it) => (it.clone(), true),
        };
        if self.rows.cell(0, line)? != trailer {
            return Ok(false);
        }
        let count = self.rows.cell(1, line)?.parse::<u64>();
        let count = match (count, counts) {
            (Ok(count), true) => Some(count),
            (Err(_), true) => return Err(ReadError::CountUnreadable { line, trailer }),
            (_, false) => None,
        };
        self.end = Some((line, count));
        Ok(true)
    }

    /// Holds the file to what it says of itself.
    fn prove(&mut self) -> Result<(), ReadError> {
        let found = u64::try_from(self.record_no.0).unwrap_or_default();
        match (&self.layout.end, &self.end) {
            (End::Undeclared, _) if !self.rows.is_ended() => {
                Err(ReadError::LineOpen { line: self.last_line })
            }
            (End::Undeclared, _) => Ok(()),
            (End::Trailer(_) | End::Count(_), None) => {
                Err(ReadError::Truncated { trailer: self.trailer() })
            }
            (End::Trailer(_) | End::Count(_), Some((_, Some(declared)))) if *declared != found => {
                Err(ReadError::OtherCount { declared: *declared, found })
            }
            (End::Trailer(_) | End::Count(_), Some(_)) => {
                self.proof.declared_whole = true;
                Ok(())
            }
        }
    }
}

fn places(layout: &Layout, header: &[String]) -> Result<Vec<usize>, ReadError> {
    let (mut places, mut missing) = (Vec::new(), Vec::new());
    for column in &layout.columns {
        let mut found = header.iter().enumerate().filter(|(_, it)| *it == column);
        match (found.next(), found.next()) {
            (Some((at, _)), None) => places.push(at),
            (None, _) => missing.push(column.clone()),
            (Some(_), Some(_)) => return Err(ReadError::ColumnDoubled { column: column.clone() }),
        }
    }
    if missing.is_empty() {
        return Ok(places);
    }
    Err(ReadError::ColumnMissing { missing, found: header.to_vec() })
}

/// Each cell is preceded by its length, so that no two rows share their bytes.
pub(super) fn digest(cells: &[String]) -> u128 {
    let mut bytes = Vec::with_capacity(256);
    for cell in cells {
        bytes.extend_from_slice(&u64::try_from(cell.len()).unwrap_or(u64::MAX).to_le_bytes());
        bytes.extend_from_slice(cell.as_bytes());
    }
    xxh3_128(&bytes)
}
