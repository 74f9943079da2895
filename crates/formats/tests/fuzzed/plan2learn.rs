//! The one entry of the fuzz target and of the test that replays its corpus.

use kobling_formats::plan2learn::{
    Bruger, Encoding, Engagement, File, FileSet, Inventory, Leder, Organisation, ReadError, Row,
    SetDiff, Stillingskode, diff, rows,
};

/// Between two files of a set. No file holds it: it is a control character.
const SEPARATOR: u8 = 0x1e;

/// Reads whatever `input` is as a set and holds what is read to the laws: an inventory survives
/// being stored, a set does not differ from itself, and against nothing all of it comes or goes.
/// Tells whether it is a set.
pub(crate) fn read_anything(input: &[u8]) -> bool {
    let Some((first, rest)) = input.split_first() else { return false };
    let encoding = if first.is_multiple_of(2) { Encoding::Utf8 } else { Encoding::Windows1252 };
    let mut files = rest.split(|it| *it == SEPARATOR);
    let Ok(set) = FileSet::try_from_fn(|_| files.next().ok_or(())) else { return false };

    let counts = [
        count::<Bruger>(set.bruger, encoding),
        count::<Leder>(set.leder, encoding),
        count::<Engagement>(set.engagement, encoding),
        count::<Organisation>(set.organisation, encoding),
        count::<Stillingskode>(set.stillingskode, encoding),
    ];
    let Ok(inventory) = Inventory::read(set, encoding) else { return false };
    for (file, count) in File::ALL.into_iter().zip(counts) {
        // What the reader takes the inventory takes; of rows with one id it keeps the last.
        assert!(count.is_none_or(|it| it >= inventory.rows(file)));
        assert!(inventory.active(file) <= inventory.rows(file));
    }
    holds(&inventory);
    true
}

/// How many rows a file has; none if one of them is refused.
fn count<R: Row>(file: &[u8], encoding: Encoding) -> Option<usize> {
    let read = || -> Result<usize, ReadError> {
        rows::<R, _>(file, encoding)?.try_fold(0, |count, row| row.map(|_| count + 1))
    };
    read().ok()
}

fn holds(inventory: &Inventory) {
    let stored = FileSet::try_from_fn(|file| Ok::<_, ()>(inventory.bytes(file))).unwrap();
    let again = Inventory::from_bytes(&stored).unwrap();
    assert_eq!(diff(inventory, &again), SetDiff::default());
    let nothing = Inventory::default();
    let (comes, goes) = (diff(&nothing, inventory), diff(inventory, &nothing));
    for file in File::ALL {
        assert_eq!(comes.files.get(file).added.len(), inventory.rows(file));
        assert_eq!(goes.files.get(file).gone.len(), inventory.rows(file));
    }
    assert_eq!(comes.inactivated, SetDiff::default().inactivated);
    assert_eq!(goes.inactivated.persons, inventory.rows(File::Bruger));
    assert_eq!(goes.inactivated.engagements, inventory.active(File::Engagement));
}
