use super::read::{ReadError, Records};
use super::{Encoding, File, FileSet};
use csv::StringRecord;
use kobling_domain::id::SubjectId;
use std::cmp::Ordering;
use std::collections::BTreeSet;
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

/// The column of `engagement.csv` that names the person.
const ENGAGEMENT_PERSON_COLUMN: usize = 1;

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
    /// Reads a set back. Of rows with one id the last counts.
    pub fn read<I: Read>(set: FileSet<I>, encoding: Encoding) -> Result<Self, ReadError> {
        let mut active = BTreeSet::new();
        let rows = set.try_map(|file, input| entries(file, input, encoding, &mut active))?;
        Ok(Self::of(rows, &active))
    }

    /// What stood in a set of these rows, each with an id of its own; `active` are the persons
    /// with an active engagement.
    pub(super) fn of(mut rows: FileSet<Vec<Entry>>, active: &BTreeSet<SubjectId>) -> Self {
        for person in &mut rows.bruger {
            let is_active = active.contains(&SubjectId(Uuid::from_bytes(person.id)));
            person.activity = if is_active { Activity::Active } else { Activity::Inactive };
        }
        for file in File::ALL {
            rows.get_mut(file).sort_unstable_by_key(|it| it.id);
        }
        Self(rows)
    }

    /// How many rows one file has.
    pub fn rows(&self, file: File) -> usize {
        self.0.get(file).len()
    }

    /// How many of them are active: persons with an active engagement, engagements by their
    /// `AktivStatus`, all of the others.
    pub fn active(&self, file: File) -> usize {
        self.0.get(file).iter().filter(|it| it.activity == Activity::Active).count()
    }

    /// The part of one file as bytes, to be stored encrypted.
    pub fn bytes(&self, file: File) -> Vec<u8> {
        let entries = self.0.get(file);
        let mut bytes = Vec::with_capacity(entries.len() * ENTRY_BYTES);
        for Entry { id, digest, activity } in entries {
            bytes.extend_from_slice(id);
            bytes.extend_from_slice(digest);
            bytes.push(u8::from(*activity == Activity::Active));
        }
        bytes
    }

    /// The inventory whose [`bytes`](Self::bytes) these are.
    pub fn from_bytes(set: &FileSet<Vec<u8>>) -> Result<Self, NotAnInventory> {
        FileSet::try_from_fn(|file| {
            let bytes = set.get(file).as_slice();
            let entries: Option<Vec<Entry>> =
                bytes.chunks(ENTRY_BYTES).map(Entry::from_bytes).collect();
            entries.ok_or(NotAnInventory { file })
        })
        .map(Self)
    }
}

impl Entry {
    /// What is kept of a row of `file` that is about `id`.
    pub(super) fn of(file: File, id: SubjectId, row: &StringRecord) -> Self {
        let mut hasher = Xxh3::new();
        for field in row {
            // The length in front keeps "a", "b" apart from "ab", "".
            hasher.update(&field.len().to_le_bytes());
            hasher.update(field.as_bytes());
        }
        let status = file.columns().iter().position(|it| *it == "AktivStatus");
        let inactive = status.and_then(|it| row.get(it)) == Some("0");
        let activity = if inactive { Activity::Inactive } else { Activity::Active };
        Self { id: id.0.into_bytes(), digest: hasher.digest128().to_be_bytes(), activity }
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

/// What changes at a receiver that holds one set when it gets another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetDiff {
    /// What changes, per file.
    pub files: FileSet<FileDiff>,
    /// What the receiver will make inactive.
    pub inactivated: Inactivated,
}

/// What changes in one file: ids in ascending order. Of `leder.csv` these are units.
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
    let mut result = SetDiff::default();
    for file in File::ALL {
        let (difference, ended) = diff_file(old.0.get(file), new.0.get(file));
        match file {
            File::Bruger => result.inactivated.persons = ended.active + ended.idle,
            File::Engagement => result.inactivated.engagements = ended.active,
            File::Leder | File::Organisation | File::Stillingskode => {}
        }
        *result.files.get_mut(file) = difference;
    }
    result
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

/// The rows of one file; who has an active engagement goes to `active`.
fn entries<I: Read>(
    file: File,
    input: I,
    encoding: Encoding,
    active: &mut BTreeSet<SubjectId>,
) -> Result<Vec<Entry>, ReadError> {
    let mut records = Records::new(file, input, encoding)?;
    let mut entries = Vec::new();
    while let Some((row, record)) = records.advance()? {
        let values = super::cell::Values { file, record };
        let bad = |cell| ReadError::Cell { file, row, cell };
        let entry = Entry::of(file, values.id(file.key_column()).map_err(bad)?, record);
        if file == File::Engagement && entry.activity == Activity::Active {
            active.insert(values.id(ENGAGEMENT_PERSON_COLUMN).map_err(bad)?);
        }
        entries.push(entry);
    }
    // A stable sort keeps rows of one id in file order, so that reversed the last comes first.
    entries.reverse();
    entries.sort_by_key(|it| it.id);
    entries.dedup_by_key(|it| it.id);
    Ok(entries)
}
