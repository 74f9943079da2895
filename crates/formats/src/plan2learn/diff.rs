use super::inventory::{Activity, Entry};
use super::{File, FileSet, Inventory};
use std::cmp::Ordering;

/// What changes at a receiver that holds one set when it gets another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetDiff {
    /// What changes, for each file of either set.
    pub files: FileSet<FileDiff>,
    /// What the receiver will make inactive.
    pub inactivated: Inactivated,
}

/// What changes in one file: rows by what becomes of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileDiff {
    /// In the new set only.
    pub added: usize,
    /// In both, with other values.
    pub changed: usize,
    /// In the old set only.
    pub gone: usize,
}

impl FileDiff {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
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

fn diff_file(
    old: impl Iterator<Item = Entry>,
    new: impl Iterator<Item = Entry>,
) -> (FileDiff, Ended) {
    let (mut old, mut new) = (old.peekable(), new.peekable());
    let mut result = FileDiff::default();
    let mut ended = Ended::default();
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
            (Some(before), Some(after)) if before.digest != after.digest => result.changed += 1,
            (Some(_), Some(_)) | (None, None) => {}
            (Some(_), None) => result.gone += 1,
            (None, Some(_)) => result.added += 1,
        }
    }
}
