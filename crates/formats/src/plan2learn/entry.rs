//! What is kept of a row that stood in a file: its id, a digest and whether it counts as active, 33
//! bytes.

use super::{File, Row, Status};
use csv::StringRecord;
use kobling_domain::id::SubjectId;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

/// One row of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: SubjectId,
    pub(super) digest: [u8; 16],
    pub(super) activity: Activity,
}

/// Bytes of an entry: id, digest, activity.
const ENTRY_BYTES: usize = 33;

/// An entry as it lies among others. Ordered by its bytes, it is ordered by its id.
pub(super) type Packed = [u8; ENTRY_BYTES];

/// Whether a row counts as active: by its `AktivStatus`; a person by having an active engagement;
/// the others always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activity {
    Inactive,
    Active,
}

impl Entry {
    /// What is kept of a row that is written as `cells`. A person is active once an engagement is.
    pub(super) fn of<R: Row>(row: &R, cells: &StringRecord) -> Self {
        let activity = match row.status() {
            Status::Inactive => Activity::Inactive,
            Status::Active => Activity::Active,
        };
        Self::new(R::FILE, (row.key(), activity), cells)
    }

    pub(super) fn new(file: File, row: (SubjectId, Activity), cells: &StringRecord) -> Self {
        let (id, activity) = match (file, row) {
            (File::Bruger, (id, _)) => (id, Activity::Inactive),
            (_, row) => row,
        };
        Self { id, digest: digest_of(cells), activity }
    }

    /// Whether a row that is written as `cells` is this one.
    pub(super) fn is(&self, cells: &StringRecord) -> bool {
        self.digest == digest_of(cells)
    }

    pub(super) fn pack(&self) -> Packed {
        let mut packed = [u8::from(self.activity == Activity::Active); ENTRY_BYTES];
        let parts = self.id.0.as_bytes().iter().chain(&self.digest);
        packed.iter_mut().zip(parts).for_each(|(byte, from)| *byte = *from);
        packed
    }

    pub(super) fn unpack(packed: &Packed) -> Self {
        let [digest_and_activity @ .., activity] = packed;
        let digest = digest_and_activity.last_chunk().copied().unwrap_or_default();
        let activity = if *activity == 0 { Activity::Inactive } else { Activity::Active };
        Self { id: id_of(packed), digest, activity }
    }
}

/// The entries that lie in these bytes; none if they are no entries.
pub(super) fn packed_in(bytes: &[u8]) -> Option<&[Packed]> {
    let (entries, rest): (&[Packed], _) = bytes.as_chunks();
    let are_entries = rest.is_empty() && entries.iter().all(|it| matches!(it, [.., 0 | 1]));
    are_entries.then_some(entries)
}

pub(super) fn id_of(packed: &Packed) -> SubjectId {
    SubjectId(Uuid::from_bytes(packed.first_chunk().copied().unwrap_or_default()))
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
