//! Cutting bytes into rows of cells, within a bounded buffer.

use super::{COLUMNS_MAX, Encoding, ROW_BYTES_MAX, ReadError};
use csv_core::ReadRecordResult;
use encoding_rs::WINDOWS_1252;
use std::io::{ErrorKind, Read};
use std::ops::Range;
use xxhash_rust::xxh3::Xxh3;

/// Bytes asked of the input at once.
const READ_BYTES: usize = 64 << 10;
/// The mark of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A file as rows of cells.
pub(super) struct Rows<R> {
    source: R,
    encoding: Encoding,
    core: csv_core::Reader,
    input: Vec<u8>,
    unread: Range<usize>,
    at_end: bool,
    cells: Vec<u8>,
    ends: Vec<usize>,
    /// Cells of the row that was cut last.
    count: usize,
    hash: Box<Xxh3>,
    /// The line of the next byte.
    line: u64,
    /// Whether the row that was cut last ended with a line end.
    ended: bool,
}

impl<R: Read> Rows<R> {
    pub(super) fn open(
        source: R,
        delimiter: u8,
        quote: u8,
        encoding: Encoding,
    ) -> Result<Self, ReadError> {
        let core = csv_core::ReaderBuilder::new().delimiter(delimiter).quote(quote).build();
        let mut rows = Self {
            source,
            encoding,
            core,
            input: vec![0; READ_BYTES],
            unread: 0..0,
            at_end: false,
            cells: vec![0; ROW_BYTES_MAX],
            ends: vec![0; COLUMNS_MAX],
            count: 0,
            hash: Box::new(Xxh3::new()),
            line: 1,
            ended: true,
        };
        rows.fill_first()?;
        if rows.unread.is_empty() {
            return Err(ReadError::Empty);
        }
        if rows.input.get(rows.unread.clone()).is_some_and(|it| it.starts_with(MARK)) {
            if encoding == Encoding::Windows1252 {
                return Err(ReadError::MarkedUtf8);
            }
            rows.unread.start += MARK.len();
        }
        Ok(rows)
    }

    /// Cuts the next row and tells the line it begins on; none behind the last.
    pub(super) fn next(&mut self) -> Result<Option<u64>, ReadError> {
        let (mut begun, mut bytes, mut ends) = (None, 0, 0);
        loop {
            if self.unread.is_empty() {
                self.fill()?;
            }
            // Behind the last byte a line end is put: it ends a row, or stands inside a quote.
            let end_of_input: &[u8] = b"\n";
            let input = match self.unread.is_empty() {
                false => self.input.get(self.unread.clone()).unwrap_or_default(),
                true if begun.is_some() => end_of_input,
                true => return Ok(None),
            };
            let (cells, places) = (self.cells.get_mut(bytes..), self.ends.get_mut(ends..));
            let (result, read, written, ended) =
                self.core.read_record(input, cells.unwrap_or_default(), places.unwrap_or_default());
            let consumed = input.get(..read).unwrap_or_default();
            self.line += note(consumed, self.line, &mut begun);
            let at = begun.unwrap_or(self.line);
            (bytes, ends) = (bytes + written, ends + ended);
            let is_over = self.unread.is_empty();
            self.unread.start = self.unread.end.min(self.unread.start + read);
            match result {
                ReadRecordResult::Record => {
                    self.count = ends;
                    self.ended = !is_over;
                    return Ok(Some(at));
                }
                ReadRecordResult::InputEmpty if is_over => {
                    return Err(ReadError::QuoteOpen { line: at });
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => {
                    return Err(ReadError::RowTooLarge { line: at, limit_bytes: ROW_BYTES_MAX });
                }
                ReadRecordResult::OutputEndsFull => {
                    return Err(ReadError::TooManyColumns { line: at, limit: COLUMNS_MAX });
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// How many cells the row has that was cut last.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether that row ended with a line end.
    pub(super) fn is_ended(&self) -> bool {
        self.ended
    }

    /// Whether nothing stands in any of its cells.
    pub(super) fn is_blank(&self) -> bool {
        self.count.checked_sub(1).and_then(|it| self.ends.get(it)).is_none_or(|end| *end == 0)
    }

    /// The text of one of its cells, trimmed; empty if it has fewer.
    pub(super) fn cell(&self, index: usize, line: u64) -> Result<String, ReadError> {
        let from = match index.checked_sub(1) {
            None => Some(0),
            Some(before) => self.ends.get(before).copied(),
        };
        let until = self.ends.get(index).copied().filter(|_| index < self.count);
        let bytes = from.zip(until).and_then(|(from, until)| self.cells.get(from..until));
        let bytes = bytes.unwrap_or_default();
        let text = match self.encoding {
            Encoding::Utf8 => std::str::from_utf8(bytes)
                .map_err(|_| ReadError::NotUtf8 { line })?
                .trim()
                .to_owned(),
            Encoding::Windows1252 => {
                let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
                text.trim().to_owned()
            }
        };
        Ok(text)
    }

    /// xxh3-128 of all bytes read so far.
    pub(super) fn input_digest(&self) -> u128 {
        self.hash.digest128()
    }

    /// Reads as much as a mark needs.
    fn fill_first(&mut self) -> Result<(), ReadError> {
        while self.unread.end < MARK.len() && !self.at_end {
            self.read_on()?;
        }
        Ok(())
    }

    fn fill(&mut self) -> Result<(), ReadError> {
        while self.unread.is_empty() && !self.at_end {
            self.unread = 0..0;
            self.read_on()?;
        }
        Ok(())
    }

    /// Reads on behind what is unread.
    fn read_on(&mut self) -> Result<(), ReadError> {
        loop {
            let room = self.input.get_mut(self.unread.end..).unwrap_or_default();
            match self.source.read(room) {
                Ok(0) => self.at_end = true,
                Ok(bytes) => {
                    self.hash.update(room.get(..bytes).unwrap_or_default());
                    self.unread.end += bytes;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(ReadError::Io(error)),
            }
            return Ok(());
        }
    }
}

/// Counts the line ends among `bytes`, and notes the line of the first byte that is none.
fn note(bytes: &[u8], line: u64, begun: &mut Option<u64>) -> u64 {
    let mut lines = 0;
    for byte in bytes {
        match byte {
            b'\n' => lines += 1,
            b'\r' => {}
            _ => {
                begun.get_or_insert(line + lines);
            }
        }
    }
    lines
}
