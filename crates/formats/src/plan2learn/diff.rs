use super::cell::{BadCell, Values};
use super::read::{ReadError, each};
use super::{
    Bruger, Engagement, File, FileSet, Form, Leder, Maalgruppe, Organisation, Row, Status,
    Stillingskode,
};
use csv::StringRecord;
use kobling_domain::id::SubjectId;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

/// What stood in a set: of each row its id and a digest. The digests are unkeyed, so it leaves
/// memory encrypted only.
#[derive(Debug, Default)]
pub struct Inventory(FileSet<Vec<Entry>>);

/// One row of an inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    id: [u8; 16],
    digest: [u8; 16],
    activity: Activity,
}

/// Bytes of an entry: id, digest, activity.
const ENTRY_BYTES: usize = 33;

/// The bytes are no inventory's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are no list of the rows of {file}")]
pub struct NotAnInventory {
    /// The file whose rows they should list.
    pub file: File,
}

/// Whether a row counts as active: by its `AktivStatus`; a person by having an active engagement;
/// the others always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Activity {
    Inactive,
    Active,
}

impl Inventory {
    /// Reads a set back, whoever wrote it: only ids and `AktivStatus` must be what they should. Of
    /// rows with one id the last counts.
    pub fn read<I: Read>(set: FileSet<I>, form: &Form) -> Result<Self, ReadError> {
        let mut active = BTreeSet::new();
        let rows = set.try_map(|file, input| match file {
            File::Bruger => entries::<Bruger, _>(input, form, |_| Ok(())),
            File::Leder => entries::<Leder, _>(input, form, |_| Ok(())),
            File::Engagement => entries::<Engagement, _>(input, form, |it| {
                if activity(it) == Activity::Active {
                    active.insert(it.id("BrugerId")?);
                }
                Ok(())
            }),
            File::Organisation => entries::<Organisation, _>(input, form, |_| Ok(())),
            File::Stillingskode => entries::<Stillingskode, _>(input, form, |_| Ok(())),
            File::Maalgruppe => entries::<Maalgruppe, _>(input, form, |_| Ok(())),
        })?;
        Ok(Self::of(rows, &active))
    }

    /// What stood in a set of these rows, each with an id of its own; `active` are the persons
    /// with an active engagement.
    pub(super) fn of(mut rows: FileSet<Vec<Entry>>, active: &BTreeSet<SubjectId>) -> Self {
        for person in rows.get_mut(File::Bruger).into_iter().flatten() {
            let is_active = active.contains(&SubjectId(Uuid::from_bytes(person.id)));
            person.activity = if is_active { Activity::Active } else { Activity::Inactive };
        }
        for file in File::ALL {
            if let Some(entries) = rows.get_mut(file) {
                entries.sort_unstable_by_key(|it| it.id);
            }
        }
        Self(rows)
    }

    /// How many rows one file has.
    pub fn rows(&self, file: File) -> usize {
        self.entries(file).len()
    }

    /// Whether one file has a row with that id.
    pub fn has(&self, file: File, id: SubjectId) -> bool {
        self.entries(file).binary_search_by_key(id.0.as_bytes(), |it| it.id).is_ok()
    }

    /// How many of them are active: persons with an active engagement, engagements by their
    /// `AktivStatus`, all of the others.
    pub fn active(&self, file: File) -> usize {
        self.entries(file).iter().filter(|it| it.activity == Activity::Active).count()
    }

    /// The part of one file as bytes, to be stored encrypted.
    pub fn bytes(&self, file: File) -> Vec<u8> {
        let entries = self.entries(file);
        let mut bytes = Vec::with_capacity(entries.len() * ENTRY_BYTES);
        for Entry { id, digest, activity } in entries {
            bytes.extend_from_slice(id);
            bytes.extend_from_slice(digest);
            bytes.push(u8::from(*activity == Activity::Active));
        }
        bytes
    }

    /// The inventory whose [`bytes`](Self::bytes) these are.
    pub fn from_bytes(set: FileSet<Vec<u8>>) -> Result<Self, NotAnInventory> {
        let entries = |file, bytes: Vec<u8>| {
            let entries: Option<Vec<Entry>> =
                bytes.chunks(ENTRY_BYTES).map(Entry::from_bytes).collect();
            entries.ok_or(NotAnInventory { file })
        };
        set.try_map(entries).map(Self)
    }

    /// The files it lists rows of.
    pub fn files(&self) -> impl Iterator<Item = File> {
        self.0.files()
    }

    /// The rows of one file by id.
    pub(super) fn by_id(&self, file: File) -> BTreeMap<SubjectId, &Entry> {
        let entries = self.entries(file).iter();
        entries.map(|it| (SubjectId(Uuid::from_bytes(it.id)), it)).collect()
    }

    fn entries(&self, file: File) -> &[Entry] {
        self.0.get(file).map_or(&[], Vec::as_slice)
    }
}

impl Entry {
    /// What is kept of a row that is written as `cells`.
    pub(super) fn of<R: Row>(row: &R, cells: &StringRecord) -> Self {
        let activity = match row.status() {
            Status::Active => Activity::Active,
            Status::Inactive => Activity::Inactive,
        };
        Self::new(row.key(), activity, cells)
    }

    fn new(id: SubjectId, activity: Activity, cells: &StringRecord) -> Self {
        Self { id: id.0.into_bytes(), digest: digest_of(cells), activity }
    }

    /// Whether a row that is written as `cells` is this one.
    pub(super) fn is(&self, cells: &StringRecord) -> bool {
        self.digest == digest_of(cells)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk()?;
        let (digest, rest) = rest.split_first_chunk()?;
        let activity = match rest {
            [0] => Activity::Inactive,
            [1] => Activity::Active,
            _ => return None,
        };
        Some(Self { id: *id, digest: *digest, activity })
    }
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

/// What changes at a receiver that holds one set when it gets another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetDiff {
    /// What changes, for each file of either set.
    pub files: FileSet<FileDiff>,
    /// What the receiver will make inactive.
    pub inactivated: Inactivated,
}

/// What changes in one file: ids in ascending order. Of `leder.csv` these are units or roles; of
/// `maalgruppe.csv` they stand for a group with a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileDiff {
    /// In the new set only.
    pub added: Vec<SubjectId>,
    /// In both, with other values.
    pub changed: Vec<SubjectId>,
    /// In the old set only.
    pub gone: Vec<SubjectId>,
}

impl FileDiff {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.gone.is_empty()
    }
}

/// What a set makes inactive at the receiver: the figure for the target's brake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inactivated {
    /// Persons whose row is gone, or whose last active engagement has ended.
    pub persons: usize,
    /// Engagements that were active and are gone or marked inactive now.
    pub engagements: usize,
}

/// Compares two sets by id, in one pass over each file.
pub fn diff(old: &Inventory, new: &Inventory) -> SetDiff {
    let mut inactivated = Inactivated::default();
    let files = FileSet::from_fn(old.files().chain(new.files()), |file| {
        let (difference, ended) = diff_file(old.entries(file), new.entries(file));
        match file {
            File::Bruger => inactivated.persons = ended.active + ended.idle,
            File::Engagement => inactivated.engagements = ended.active,
            File::Leder | File::Organisation | File::Stillingskode | File::Maalgruppe => {}
        }
        difference
    });
    SetDiff { files, inactivated }
}

/// Rows by what became of them.
#[derive(Default)]
struct Ended {
    /// They were active and are gone, or inactive now.
    active: usize,
    /// They were not active and are gone.
    idle: usize,
}

fn diff_file(old: &[Entry], new: &[Entry]) -> (FileDiff, Ended) {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut result = FileDiff::default();
    let mut ended = Ended::default();
    let id = |it: &Entry| SubjectId(Uuid::from_bytes(it.id));
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return (result, ended),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.id.cmp(&new.id),
        };
        let before = if order.is_le() { old.next() } else { None };
        let after = if order.is_ge() { new.next() } else { None };
        match (before.map(|it| it.activity), after.map(|it| it.activity)) {
            (Some(Activity::Active), None | Some(Activity::Inactive)) => ended.active += 1,
            (Some(Activity::Inactive), None) => ended.idle += 1,
            (Some(_), Some(_)) | (None, _) => {}
        }
        match (before, after) {
            (Some(before), Some(after)) if before.digest != after.digest => {
                result.changed.push(id(after));
            }
            (Some(_), Some(_)) | (None, None) => {}
            (Some(before), None) => result.gone.push(id(before)),
            (None, Some(after)) => result.added.push(id(after)),
        }
    }
}

fn activity(values: Values<'_>) -> Activity {
    let inactive = values.text("AktivStatus").as_deref() == Some("0");
    if inactive { Activity::Inactive } else { Activity::Active }
}

/// The rows of one file, each shown to `see`.
fn entries<R: Row, I: Read>(
    input: I,
    form: &Form,
    mut see: impl FnMut(Values<'_>) -> Result<(), BadCell>,
) -> Result<Vec<Entry>, ReadError> {
    let mut entries = Vec::new();
    each::<R, I>(input, form, |values| {
        see(values)?;
        entries.push(Entry::new(R::key_of(values)?, activity(values), values.record));
        Ok(())
    })?;
    // A stable sort keeps rows of one id in file order, so that reversed the last comes first.
    entries.reverse();
    entries.sort_by_key(|it| it.id);
    entries.dedup_by_key(|it| it.id);
    Ok(entries)
}
