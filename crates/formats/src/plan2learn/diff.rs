use super::read::{ReadError, Records};
use super::{Encoding, File, FileSet};
use kobling_domain::id::SubjectId;
use std::cmp::Ordering;
use std::io::Read;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

/// What stood in a set: of each row its id and a digest. It lives in memory only, for the digests
/// are unkeyed.
#[derive(Debug, Default)]
pub struct Inventory(FileSet<Vec<Entry>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    id: [u8; 16],
    digest: [u8; 16],
    activity: Activity,
}

/// Whether a row counts as active: files without `AktivStatus` hold active rows only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Activity {
    Inactive,
    Active,
}

impl Inventory {
    /// Reads a set back. Of rows with one id the last counts.
    pub fn read<I: Read>(set: FileSet<I>, encoding: Encoding) -> Result<Self, ReadError> {
        set.try_map(|file, input| entries(file, input, encoding)).map(Self)
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
    /// Persons whose row is gone.
    pub persons: usize,
    /// Engagements that were active and are gone or marked inactive now.
    pub engagements: usize,
}

/// Compares two sets by id, in one pass over each file.
pub fn diff(old: &Inventory, new: &Inventory) -> SetDiff {
    let mut result = SetDiff::default();
    for file in File::ALL {
        let (difference, inactivated) = diff_file(old.0.get(file), new.0.get(file));
        match file {
            File::Bruger => result.inactivated.persons = inactivated,
            File::Engagement => result.inactivated.engagements = inactivated,
            File::Leder | File::Organisation | File::Stillingskode => {}
        }
        *result.files.get_mut(file) = difference;
    }
    result
}

fn diff_file(old: &[Entry], new: &[Entry]) -> (FileDiff, usize) {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut result = FileDiff::default();
    let mut inactivated = 0;
    let id = |it: &Entry| SubjectId(Uuid::from_bytes(it.id));
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return (result, inactivated),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.id.cmp(&new.id),
        };
        let before = if order.is_le() { old.next() } else { None };
        let after = if order.is_ge() { new.next() } else { None };
        let was_active = before.is_some_and(|it| it.activity == Activity::Active);
        let is_active = after.is_some_and(|it| it.activity == Activity::Active);
        inactivated += usize::from(was_active && !is_active);
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

fn entries<I: Read>(file: File, input: I, encoding: Encoding) -> Result<Vec<Entry>, ReadError> {
    let status = file.columns().iter().position(|it| *it == "AktivStatus");
    let mut records = Records::new(file, input, encoding)?;
    let mut entries = Vec::new();
    while let Some((row, record)) = records.advance()? {
        let values = super::cell::Values { file, record };
        let id = values
            .id(file.key_column())
            .map_err(|cell| ReadError::Cell { file, row, cell })?
            .0
            .into_bytes();
        let mut hasher = Xxh3::new();
        for field in record {
            // The length in front keeps "a", "b" apart from "ab", "".
            hasher.update(&field.len().to_le_bytes());
            hasher.update(field.as_bytes());
        }
        let inactive = status.and_then(|it| record.get(it)) == Some("0");
        let activity = if inactive { Activity::Inactive } else { Activity::Active };
        entries.push(Entry { id, digest: hasher.digest128().to_be_bytes(), activity });
    }
    // A stable sort keeps rows of one id in file order, so that reversed the last comes first.
    entries.reverse();
    entries.sort_by_key(|it| it.id);
    entries.dedup_by_key(|it| it.id);
    Ok(entries)
}
