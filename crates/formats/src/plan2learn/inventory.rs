//! What stood in a set, row by row, in memory that does not grow with it.

use super::cell::{BadCell, Values};
use super::entry::{Activity, Entry, Packed, id_of, packed_in};
use super::listing::{Employed, Listing};
use super::read::{ReadError, each};
use super::{
    Bruger, Engagement, File, FileSet, Form, Leder, Maalgruppe, Organisation, Row, Stillingskode,
};
use kobling_domain::id::SubjectId;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::{slice, vec};

/// Rows of a part: a mebibyte.
const PART_ROWS: usize = 31_775;

/// Where blocks of lists lie until they are wanted. They hold unkeyed digests: what is not memory
/// must seal them.
pub trait Shelf: Send + Sync {
    /// Puts a block there; its place.
    fn put(&mut self, block: &[u8]) -> io::Result<usize>;

    /// The block at a place.
    fn block(&self, place: usize) -> io::Result<Vec<u8>>;
}

/// A shelf in memory.
impl Shelf for Vec<Vec<u8>> {
    fn put(&mut self, block: &[u8]) -> io::Result<usize> {
        self.push(block.to_vec());
        Ok(self.len() - 1)
    }

    fn block(&self, place: usize) -> io::Result<Vec<u8>> {
        self.get(place).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// What stood in a set: of each row its id and a digest, 33 bytes, on a [`Shelf`].
pub struct Inventory {
    shelf: Box<dyn Shelf>,
    files: FileSet<Vec<Chunk>>,
    employed: Employed,
}

/// Some rows of a file, each id lower than those of the next chunk.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// The places of those on the shelf.
    pub(super) blocks: Vec<usize>,
    pub(super) rest: Vec<u8>,
}

/// Why a stored list cannot be taken back.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// The bytes are no list.
    #[error("the bytes are no list of the rows of {file}")]
    NotAnInventory {
        /// The file whose rows they should list.
        file: File,
    },
    /// The shelf refused.
    #[error("the list of the rows of {file} cannot be put aside")]
    Shelf {
        /// The file.
        file: File,
        /// What it said.
        source: io::Error,
    },
}

impl Inventory {
    /// The list of no rows of `files`, to which the [parts](Self::parts) of another are
    /// [added](Self::add).
    pub fn empty(shelf: Box<dyn Shelf>, files: impl IntoIterator<Item = File>) -> Self {
        Self::of(shelf, FileSet::from_fn(files, |_| Vec::new()), Employed::default())
    }

    /// Adds the next part of the list of one of its files.
    pub fn add(&mut self, file: File, part: &[u8]) -> Result<(), InventoryError> {
        let chunks = self.files.get_mut(file).filter(|_| packed_in(part).is_some());
        let chunks = chunks.ok_or(InventoryError::NotAnInventory { file })?;
        let place = self.shelf.put(part);
        let place = place.map_err(|source| InventoryError::Shelf { file, source })?;
        chunks.push(Chunk { blocks: vec![place], rest: Vec::new() });
        Ok(())
    }

    /// Reads a set back, whoever wrote it: only ids and `AktivStatus` must be what they should. Of
    /// rows with one id the last counts.
    pub fn read<I: Read>(set: FileSet<I>, form: &Form) -> Result<Self, ReadError> {
        let mut employed = Employed::default();
        let mut shelf = Vec::new();
        let files = set.try_map(|file, input| {
            let entries = match file {
                File::Bruger => entries::<Bruger, _>(input, form, |_| Ok(())),
                File::Leder => entries::<Leder, _>(input, form, |_| Ok(())),
                File::Engagement => entries::<Engagement, _>(input, form, |it| {
                    if activity(it) == Activity::Active {
                        employed.0.insert(it.id("BrugerId")?);
                    }
                    Ok(())
                }),
                File::Organisation => entries::<Organisation, _>(input, form, |_| Ok(())),
                File::Stillingskode => entries::<Stillingskode, _>(input, form, |_| Ok(())),
                File::Maalgruppe => entries::<Maalgruppe, _>(input, form, |_| Ok(())),
            }?;
            let mut listing = Listing::new();
            let all = entries.into_values().try_for_each(|it| listing.push(it, &mut shelf));
            let chunks = all.and_then(|()| listing.end(&mut shelf));
            chunks.map_err(|source| ReadError::List { file, source })
        })?;
        Ok(Self::of(Box::new(shelf), files, employed))
    }

    pub(super) fn of(
        shelf: Box<dyn Shelf>,
        files: FileSet<Vec<Chunk>>,
        employed: Employed,
    ) -> Self {
        Self { shelf, files, employed }
    }

    /// The files it lists rows of.
    pub fn files(&self) -> impl Iterator<Item = File> {
        self.files.files()
    }

    /// The rows of one file as bytes, to be stored encrypted, a mebibyte at a time.
    pub fn parts(&self, file: File) -> impl Iterator<Item = io::Result<Vec<u8>>> {
        let mut rows = self.rows(file);
        std::iter::from_fn(move || {
            let mut part = Vec::new();
            for row in rows.by_ref().take(PART_ROWS) {
                match row {
                    Ok(it) => part.extend_from_slice(&it.pack()),
                    Err(error) => return Some(Err(error)),
                }
            }
            (!part.is_empty()).then_some(Ok(part))
        })
    }

    /// The rows of one file in the order of their ids.
    pub(super) fn rows(&self, file: File) -> Rows<'_> {
        let chunks = self.files.get(file).map(Vec::as_slice).unwrap_or_default();
        let employed = (file == File::Bruger).then_some(&self.employed.0);
        Rows { of: self, employed, chunks: chunks.iter(), sorted: Vec::new().into_iter() }
    }

    fn sorted(&self, chunk: &Chunk) -> io::Result<Vec<Packed>> {
        let mut rows: Vec<Packed> = Vec::new();
        for place in &chunk.blocks {
            rows.extend_from_slice(self.shelf.block(*place)?.as_chunks().0);
        }
        rows.extend_from_slice(chunk.rest.as_chunks().0);
        rows.sort_unstable();
        Ok(rows)
    }
}

/// Whether that id has a row among those that a [part](Inventory::parts) lists.
pub fn part_has(file: File, part: &[u8], id: SubjectId) -> Result<bool, InventoryError> {
    let rows = packed_in(part).ok_or(InventoryError::NotAnInventory { file })?;
    Ok(rows.binary_search_by_key(&id, id_of).is_ok())
}

/// Rows of a list; memory holds one chunk.
pub(super) struct Rows<'a> {
    of: &'a Inventory,
    /// Whom rows of the set were found to employ; of other files than that of persons none.
    employed: Option<&'a BTreeSet<SubjectId>>,
    chunks: slice::Iter<'a, Chunk>,
    sorted: vec::IntoIter<Packed>,
}

impl Iterator for Rows<'_> {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(packed) = self.sorted.next() {
                let mut entry = Entry::unpack(&packed);
                if self.employed.is_some_and(|it| it.contains(&entry.id)) {
                    entry.activity = Activity::Active;
                }
                return Some(Ok(entry));
            }
            match self.of.sorted(self.chunks.next()?) {
                Ok(rows) => self.sorted = rows.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

fn activity(values: Values<'_>) -> Activity {
    let inactive = values.text("AktivStatus").as_deref() == Some("0");
    if inactive { Activity::Inactive } else { Activity::Active }
}

/// The rows of one file, each shown to `see`; of rows with one id the last.
fn entries<R: Row, I: Read>(
    input: I,
    form: &Form,
    mut see: impl FnMut(Values<'_>) -> Result<(), BadCell>,
) -> Result<BTreeMap<SubjectId, Entry>, ReadError> {
    let mut entries = BTreeMap::new();
    each::<R, I>(input, form, |values| {
        see(values)?;
        let row = (R::key_of(values)?, activity(values));
        let entry = Entry::new(R::FILE, row, values.record);
        entries.insert(entry.id, entry);
        Ok(())
    })?;
    Ok(entries)
}
