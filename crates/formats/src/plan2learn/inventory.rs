use super::cell::{BadCell, Values};
use super::read::{ReadError, each};
use super::{
    Bruger, Engagement, File, FileSet, Form, Leder, Maalgruppe, Organisation, Row, Status,
    Stillingskode,
};
use csv::StringRecord;
use kobling_domain::id::SubjectId;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

/// What stood in a set: of each row its id and a digest, 33 bytes. The digests are unkeyed, so it
/// leaves memory encrypted only.
#[derive(Debug, Default)]
pub struct Inventory(FileSet<Entries>);

/// The entries of one file, packed one after the other: they are stored as they lie here, so that a
/// million rows take their bytes once.
#[derive(Debug, Default)]
pub(super) struct Entries(Vec<u8>);

/// One row of an inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: SubjectId,
    pub(super) digest: [u8; 16],
    pub(super) activity: Activity,
}

/// Bytes of an entry: id, digest, activity.
const ENTRY_BYTES: usize = 33;

/// An entry as it lies among others. Ordered by its bytes, it is ordered by its id.
type Packed = [u8; ENTRY_BYTES];

/// How much is asked for when the entries of a file need more room: an eighth of what they have.
/// A vector by itself doubles, and of a million rows half would lie idle.
const ROOM: usize = 8;

/// The bytes are no inventory's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are no list of the rows of {file}")]
pub struct NotAnInventory {
    /// The file whose rows they should list.
    pub file: File,
}

/// Whether a row counts as active: by its `AktivStatus`; a person by having an active engagement;
/// the others always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activity {
    Inactive,
    Active,
}

/// The persons with an active engagement, told in the order of engagements. Of a set that names each
/// person right before their engagements, nobody is kept here.
#[derive(Debug, Default)]
pub(super) struct Employed(BTreeSet<SubjectId>);

impl Employed {
    /// That person, whose row may be the last of `persons`, has one.
    pub(super) fn learn(&mut self, person: SubjectId, persons: &mut Entries) {
        match persons.last_mut() {
            Some(last) if id_of(last) == person => activate(last),
            Some(_) | None => {
                self.0.insert(person);
            }
        }
    }
}

impl Inventory {
    /// Reads a set back, whoever wrote it: only ids and `AktivStatus` must be what they should. Of
    /// rows with one id the last counts.
    pub fn read<I: Read>(set: FileSet<I>, form: &Form) -> Result<Self, ReadError> {
        let mut employed = Employed::default();
        let mut rows = set.try_map(|file, input| match file {
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
        })?;
        // Whether a person is active is told by other rows only.
        for person in rows.get_mut(File::Bruger).into_iter().flat_map(Entries::packed_mut) {
            deactivate(person);
        }
        Ok(Self::of(rows, &employed))
    }

    /// What stood in a set of these rows, of which persons are active if they were found to be.
    pub(super) fn of(mut rows: FileSet<Entries>, employed: &Employed) -> Self {
        for file in File::ALL {
            if let Some(rows) = rows.get_mut(file) {
                rows.packed_mut().sort_unstable();
            }
        }
        if let Some(persons) = rows.get_mut(File::Bruger) {
            for person in &employed.0 {
                persons.find_mut(*person).map(activate);
            }
        }
        Self(rows)
    }

    /// How many rows one file has.
    pub fn rows(&self, file: File) -> usize {
        self.packed(file).len()
    }

    /// Whether one file has a row with that id.
    pub fn has(&self, file: File, id: SubjectId) -> bool {
        self.packed(file).binary_search_by_key(&id, id_of).is_ok()
    }

    /// How many of them are active: persons with an active engagement, engagements by their
    /// `AktivStatus`, all of the others.
    pub fn active(&self, file: File) -> usize {
        self.entries(file).filter(|it| it.activity == Activity::Active).count()
    }

    /// The part of one file as bytes, to be stored encrypted.
    pub fn bytes(&self, file: File) -> &[u8] {
        self.packed(file).as_flattened()
    }

    /// The same of all files, which are let go one by one.
    pub fn into_files(self) -> impl Iterator<Item = (File, Vec<u8>)> {
        self.0.into_iter().map(|(file, entries)| (file, entries.0))
    }

    /// The inventory whose [`bytes`](Self::bytes) these are.
    pub fn from_bytes(set: FileSet<Vec<u8>>) -> Result<Self, NotAnInventory> {
        let rows = |file, bytes: Vec<u8>| {
            let all_are_entries =
                bytes.chunks(ENTRY_BYTES).all(|it| it.try_into().is_ok_and(Entry::is_one));
            if all_are_entries { Ok(Entries(bytes)) } else { Err(NotAnInventory { file }) }
        };
        set.try_map(rows).map(Self)
    }

    /// The files it lists rows of.
    pub fn files(&self) -> impl Iterator<Item = File> {
        self.0.files()
    }

    /// The rows of one file by id.
    pub(super) fn by_id(&self, file: File) -> BTreeMap<SubjectId, Entry> {
        self.entries(file).map(|it| (it.id, it)).collect()
    }

    /// The rows of one file in the order of their ids.
    pub(super) fn entries(&self, file: File) -> impl Iterator<Item = Entry> {
        self.packed(file).iter().map(Entry::unpack)
    }

    fn packed(&self, file: File) -> &[Packed] {
        self.0.get(file).map_or(&[], Entries::packed)
    }
}

impl Entries {
    pub(super) fn push(&mut self, entry: &Entry) {
        if self.0.capacity() - self.0.len() < ENTRY_BYTES {
            self.0.reserve_exact((self.0.len() / ROOM).max(ENTRY_BYTES * ROOM));
        }
        self.0.extend_from_slice(&entry.pack());
    }

    /// Whether the row last taken in has that id.
    pub(super) fn ends_with(&self, id: SubjectId) -> bool {
        self.packed().last().is_some_and(|it| id_of(it) == id)
    }

    fn packed(&self) -> &[Packed] {
        self.0.as_chunks().0
    }

    fn packed_mut(&mut self) -> &mut [Packed] {
        self.0.as_chunks_mut().0
    }

    fn last_mut(&mut self) -> Option<&mut Packed> {
        self.packed_mut().last_mut()
    }

    /// The entry with that id, once they are sorted.
    fn find_mut(&mut self, id: SubjectId) -> Option<&mut Packed> {
        let packed = self.packed_mut();
        let place = packed.binary_search_by_key(&id, id_of).ok()?;
        packed.get_mut(place)
    }
}

impl Entry {
    /// What is kept of a row that is written as `cells`. A person is active once an engagement is.
    pub(super) fn of<R: Row>(row: &R, cells: &StringRecord) -> Self {
        let activity = match (R::FILE, row.status()) {
            (File::Bruger, _) | (_, Status::Inactive) => Activity::Inactive,
            (_, Status::Active) => Activity::Active,
        };
        Self::new(row.key(), activity, cells)
    }

    /// Whether a row that is written as `cells` is this one.
    pub(super) fn is(&self, cells: &StringRecord) -> bool {
        self.digest == digest_of(cells)
    }

    fn new(id: SubjectId, activity: Activity, cells: &StringRecord) -> Self {
        Self { id, digest: digest_of(cells), activity }
    }

    fn pack(&self) -> Packed {
        let mut packed = [u8::from(self.activity == Activity::Active); ENTRY_BYTES];
        let parts = self.id.0.as_bytes().iter().chain(&self.digest);
        packed.iter_mut().zip(parts).for_each(|(byte, from)| *byte = *from);
        packed
    }

    fn unpack(packed: &Packed) -> Self {
        let [digest_and_activity @ .., activity] = packed;
        let digest = digest_and_activity.last_chunk().copied().unwrap_or_default();
        let activity = if *activity == 0 { Activity::Inactive } else { Activity::Active };
        Self { id: id_of(packed), digest, activity }
    }

    /// Whether these bytes are an entry.
    fn is_one(packed: &Packed) -> bool {
        matches!(packed, [.., 0 | 1])
    }
}

fn id_of(packed: &Packed) -> SubjectId {
    SubjectId(Uuid::from_bytes(packed.first_chunk().copied().unwrap_or_default()))
}

fn activate(packed: &mut Packed) {
    let [.., activity] = packed;
    *activity = 1;
}

fn deactivate(packed: &mut Packed) {
    let [.., activity] = packed;
    *activity = 0;
}

fn digest_of(cells: &StringRecord) -> [u8; 16] {
    let mut hasher = Xxh3::new();
    for field in cells {
        // The length in front keeps "a", "b" apart from "ab", "".
        hasher.update(&field.len().to_le_bytes());
        hasher.update(field.as_bytes());
    }
    hasher.digest128().to_be_bytes()
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
) -> Result<Entries, ReadError> {
    let mut entries = BTreeMap::new();
    each::<R, I>(input, form, |values| {
        see(values)?;
        let entry = Entry::new(R::key_of(values)?, activity(values), values.record);
        entries.insert(entry.id, entry);
        Ok(())
    })?;
    let mut rows = Entries::default();
    for it in entries.values() {
        rows.push(it);
    }
    Ok(rows)
}
