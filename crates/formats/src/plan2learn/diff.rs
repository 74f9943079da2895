use super::entry::Activity;
use super::inventory::Rows;
use super::{File, FileSet, Inventory};
use std::cmp::Ordering;
use std::io;

/// What changes at a receiver that holds one set when it gets another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetDiff {
    /// What changes, for each file of either set.
    pub files: FileSet<FileDiff>,
    /// What the old set had of it.
    pub before: FileSet<Had>,
    /// What the receiver will make inactive.
    pub inactivated: Inactivated,
}

/// How many rows a set has of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Had {
    /// All of them.
    pub rows: usize,
    /// The active ones: persons with an active engagement, engagements by their `AktivStatus`, all of
    /// the others.
    pub active: usize,
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
pub fn diff(old: &Inventory, new: &Inventory) -> io::Result<SetDiff> {
    let mut result = SetDiff::default();
    let mut befores = Vec::new();
    result.files = FileSet::try_from_fn(old.files().chain(new.files()), |file| {
        let (difference, before, ended) = diff_file(old.rows(file), new.rows(file))?;
        match file {
            File::Bruger => result.inactivated.persons = ended.active + ended.idle,
            File::Engagement => result.inactivated.engagements = ended.active,
            File::Leder | File::Organisation | File::Stillingskode | File::Maalgruppe => {}
        }
        befores.push((file, before));
        Ok::<_, io::Error>(difference)
    })?;
    result.before = befores.into_iter().collect();
    Ok(result)
}

/// Rows by what became of them.
#[derive(Default)]
struct Ended {
    /// They were active and are gone, or inactive now.
    active: usize,
    /// They were not active and are gone.
    idle: usize,
}

fn diff_file(mut old: Rows<'_>, mut new: Rows<'_>) -> io::Result<(FileDiff, Had, Ended)> {
    let (mut result, mut had, mut ended) = (FileDiff::default(), Had::default(), Ended::default());
    let (mut before, mut after) = (old.next().transpose()?, new.next().transpose()?);
    loop {
        let order = match (before, after) {
            (None, None) => return Ok((result, had, ended)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(before), Some(after)) => before.id.cmp(&after.id),
        };
        let (was, is) = (before.filter(|_| order.is_le()), after.filter(|_| order.is_ge()));
        if let Some(was) = was {
            had.rows += 1;
            had.active += usize::from(was.activity == Activity::Active);
            before = old.next().transpose()?;
        }
        if is.is_some() {
            after = new.next().transpose()?;
        }
        match (was.map(|it| it.activity), is.map(|it| it.activity)) {
            (Some(Activity::Active), None | Some(Activity::Inactive)) => ended.active += 1,
            (Some(Activity::Inactive), None) => ended.idle += 1,
            (Some(_), Some(_)) | (None, _) => {}
        }
        match (was, is) {
            (Some(was), Some(is)) if was.digest != is.digest => result.changed += 1,
            (Some(_), Some(_)) | (None, None) => {}
            (Some(_), None) => result.gone += 1,
            (None, Some(_)) => result.added += 1,
        }
    }
}
