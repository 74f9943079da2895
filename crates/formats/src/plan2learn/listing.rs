//! The list of a file's rows while they are written, in any order.

use super::entry::{Activity, Entry};
use super::inventory::{Chunk, Shelf};
use kobling_domain::id::SubjectId;
use std::collections::BTreeSet;
use std::io;

/// How many bytes of a chunk are gathered before they go to the shelf. A file of many rows has as
/// many chunks as an id's first byte has values, so this times 256 is what a list takes of memory.
const BLOCK_BYTES: usize = 4_224;

/// The rows of one file by the first byte of their ids: each chunk is small enough to be sorted by
/// itself, and sorted chunk by chunk they are sorted as a whole.
pub(super) struct Listing {
    chunks: Vec<Chunk>,
    /// The row taken in last. It may still turn out to be active.
    last: Option<Entry>,
}

/// The persons with an active engagement, told in the order of engagements. Of a set that names each
/// person right before their engagements, nobody is kept here.
#[derive(Debug, Default)]
pub(super) struct Employed(pub(super) BTreeSet<SubjectId>);

impl Employed {
    /// That person, whose row may be the last of `persons`, has one.
    pub(super) fn learn(&mut self, person: SubjectId, persons: &mut Listing) {
        match &mut persons.last {
            Some(last) if last.id == person => last.activity = Activity::Active,
            Some(_) | None => {
                self.0.insert(person);
            }
        }
    }
}

impl Listing {
    pub(super) fn new() -> Self {
        Self { chunks: (0..=u8::MAX).map(|_| Chunk::default()).collect(), last: None }
    }

    pub(super) fn push(&mut self, entry: Entry, blocks: &mut dyn Shelf) -> io::Result<()> {
        self.last.replace(entry).map_or(Ok(()), |it| self.put(it, blocks))
    }

    /// Whether the row last taken in has that id.
    pub(super) fn ends_with(&self, id: SubjectId) -> bool {
        self.last.is_some_and(|it| it.id == id)
    }

    /// All of it.
    pub(super) fn end(mut self, blocks: &mut dyn Shelf) -> io::Result<Vec<Chunk>> {
        self.last.take().map_or(Ok(()), |it| self.put(it, blocks))?;
        Ok(self.chunks)
    }

    fn put(&mut self, entry: Entry, blocks: &mut dyn Shelf) -> io::Result<()> {
        let packed = entry.pack();
        let [first, ..] = packed;
        let Some(chunk) = self.chunks.get_mut(usize::from(first)) else { return Ok(()) };
        chunk.rest.extend_from_slice(&packed);
        if chunk.rest.len() >= BLOCK_BYTES {
            chunk.blocks.push(blocks.put(&chunk.rest)?);
            chunk.rest.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan2learn::File;
    use csv::StringRecord;
    use uuid::Uuid;

    fn entry(number: u128) -> Entry {
        let id = SubjectId(Uuid::from_u128(
            number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835),
        ));
        Entry::new(File::Engagement, (id, Activity::Active), &StringRecord::from(vec!["1"]))
    }

    #[test]
    fn of_any_number_of_rows_memory_keeps_a_block_of_each_chunk() {
        let (mut listing, mut shelf) = (Listing::new(), Vec::new());
        for number in 0..200_000 {
            listing.push(entry(number), &mut shelf).unwrap();
        }
        let kept: usize = listing.chunks.iter().map(|it| it.rest.capacity()).sum();
        assert!(kept <= 256 * 2 * BLOCK_BYTES, "{kept} bytes");
        let shelved: usize = shelf.iter().map(Vec::len).sum();
        let rest: usize = listing.chunks.iter().map(|it| it.rest.len()).sum();
        assert_eq!(shelved + rest, 199_999 * 33, "the last row may still turn out to be active");
    }

    #[test]
    fn a_list_without_a_block_needs_no_shelf() {
        let (mut listing, mut shelf) = (Listing::new(), Vec::new());
        listing.push(entry(1), &mut shelf).unwrap();
        assert!(listing.ends_with(entry(1).id) && !listing.ends_with(entry(2).id));
        assert_eq!(listing.end(&mut shelf).unwrap().len(), 256);
        assert!(shelf.is_empty());
    }
}
