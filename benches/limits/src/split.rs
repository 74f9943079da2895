use crate::Failure;
use memchr::memmem::Finder;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use xxhash_rust::xxh3::xxh3_128;

const BLOCK_BYTES: usize = 1 << 20;
/// A longer record is not one.
pub(crate) const RECORD_MAX: usize = 1 << 20;

/// Splits and hashes; tells how many records there were.
pub(crate) fn digest_all(file: &Path) -> Result<u64, Failure> {
    let mut folded: u128 = 0;
    let records = for_each_record(file, |record| {
        let key = key(record);
        folded ^= xxh3_128(record) ^ xxh3_128(key);
        Ok(())
    })?;
    // Told, so that the compiler cannot leave the work out.
    eprintln!("{folded:032x}");
    Ok(records)
}

/// The value of the first attribute, `id`.
fn key(record: &[u8]) -> &[u8] {
    let Some(start) = memchr::memchr(b'"', record) else { return &[] };
    let rest = record.get(start + 1..).unwrap_or_default();
    memchr::memchr(b'"', rest).and_then(|end| rest.get(..end)).unwrap_or_default()
}

/// Hands each `<orgUnit>` and `<employee>` to `each`, from its first to its last byte, through a
/// buffer that holds a block and a record.
pub(crate) fn for_each_record(
    file: &Path,
    mut each: impl FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<u64, Failure> {
    let mut input = BufReader::with_capacity(BLOCK_BYTES, File::open(file)?);
    let cutter = Cutter::new();
    let (mut carried, mut records) = (Vec::new(), 0);
    loop {
        let block = input.fill_buf()?;
        if block.is_empty() {
            break;
        }
        let length = block.len();
        carried.extend_from_slice(block);
        input.consume(length);

        let mut rest = carried.as_slice();
        while let Some(piece) = cutter.next(rest) {
            if piece.is_record {
                each(rest.get(..piece.length).unwrap_or_default())?;
                records += 1;
            }
            rest = rest.get(piece.length..).unwrap_or_default();
        }
        if rest.len() > RECORD_MAX {
            return Err(Failure::Cut);
        }
        let done = carried.len() - rest.len();
        carried.drain(..done);
    }
    if carried.iter().all(u8::is_ascii_whitespace) { Ok(records) } else { Err(Failure::Cut) }
}

/// The next piece of the input: a record, or what stands around records.
pub(crate) struct Piece {
    pub(crate) length: usize,
    pub(crate) is_record: bool,
}

/// Knows where records end.
pub(crate) struct Cutter {
    unit_end: Finder<'static>,
    employee_end: Finder<'static>,
}

impl Cutter {
    pub(crate) fn new() -> Self {
        Self { unit_end: Finder::new("</orgUnit>"), employee_end: Finder::new("</employee>") }
    }

    /// `None` until `rest` holds the whole of the next piece.
    pub(crate) fn next(&self, rest: &[u8]) -> Option<Piece> {
        let start = memchr::memchr(b'<', rest)?;
        if start > 0 {
            return Some(Piece { length: start, is_record: false });
        }
        let tag_end = memchr::memchr(b'>', rest)? + 1;
        let tag = rest.get(..tag_end)?;
        let (end, length) = if tag.starts_with(b"<employee ") {
            (&self.employee_end, "</employee>".len())
        } else if tag.starts_with(b"<orgUnit ") {
            (&self.unit_end, "</orgUnit>".len())
        } else {
            return Some(Piece { length: tag_end, is_record: false });
        };
        if tag.ends_with(b"/>") {
            return Some(Piece { length: tag_end, is_record: true });
        }
        let body = end.find(rest.get(tag_end..)?)?;
        Some(Piece { length: tag_end + body + length, is_record: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const EXTRACT: &[u8] = b"<?xml version=\"1.0\"?>\n<kmd>\n <orgUnit id=\"1\">\n  <orgUnit2/>\n </orgUnit>\n <employee id=\"2\"><orgUnit>1</orgUnit></employee>\n <employee id=\"3\" action=\"leave\"/>\n</kmd>\n";

    #[test]
    fn records_are_cut_whole_and_the_unit_inside_an_employee_is_no_record() {
        let path = std::env::temp_dir().join(format!("kobling-limits-{}.xml", std::process::id()));
        std::fs::write(&path, EXTRACT).unwrap();
        let mut keys = Vec::new();
        let records = for_each_record(&path, |it| {
            keys.push(String::from_utf8(key(it).to_vec()).unwrap());
            Ok(())
        });
        std::fs::remove_file(&path).unwrap();
        assert_eq!(records.unwrap(), 3);
        assert_eq!(keys, ["1", "2", "3"]);
    }
}
