//! The one entry of the fuzz target and of the test that replays its corpus.

use kobling_formats::plan2learn::{
    Bruger, Encoding, Engagement, File, FileSet, Form, Had, Inventory, Leder, Maalgruppe,
    Organisation, Profile, ReadError, Row, SetDiff, Stillingskode, diff, rows,
};

/// Between two files of a set. No file holds it: it is a control character.
const SEPARATOR: u8 = 0x1e;

/// Reads whatever `input` is as a set and holds what is read to the laws: an inventory survives
/// being stored, a set does not differ from itself, and against nothing all of it comes or goes.
/// Tells whether it is a set.
pub(crate) fn read_anything(input: &[u8]) -> bool {
    let Some((first, rest)) = input.split_first() else { return false };
    let encoding = if first.is_multiple_of(2) { Encoding::Utf8 } else { Encoding::Windows1252 };
    let profile = match first >> 6 {
        0 | 1 => &Profile::VIBORG,
        2 => &Profile::RSD,
        _ => &Profile::STAMDATA,
    };
    let form = Form { encoding, ..Form::of(profile) };
    let mut files = rest.split(|it| *it == SEPARATOR);
    let set = FileSet::try_from_fn(form.files.clone(), |_| files.next().ok_or(()));
    let Ok(set) = set else { return false };

    let counts = FileSet::from_fn(set.files(), |file| {
        let bytes = set.get(file).copied().unwrap_or_default();
        match file {
            File::Bruger => count::<Bruger>(bytes, &form),
            File::Leder => count::<Leder>(bytes, &form),
            File::Engagement => count::<Engagement>(bytes, &form),
            File::Organisation => count::<Organisation>(bytes, &form),
            File::Stillingskode => count::<Stillingskode>(bytes, &form),
            File::Maalgruppe => count::<Maalgruppe>(bytes, &form),
        }
    });
    let Ok(inventory) = Inventory::read(set, &form) else { return false };
    let had = diff(&inventory, &nothing()).unwrap().before;
    for (file, count) in counts.iter() {
        // What the reader takes the inventory takes; of rows with one id it keeps the last.
        let Had { rows, active } = had.get(file).copied().unwrap_or_default();
        assert!(count.is_none_or(|it| it >= rows));
        assert!(active <= rows);
    }
    holds(&inventory);
    true
}

/// How many rows a file has; none if one of them is refused.
fn count<R: Row>(file: &[u8], form: &Form) -> Option<usize> {
    let read = || -> Result<usize, ReadError> {
        rows::<R, _>(file, form)?.try_fold(0, |count, row| row.map(|_| count + 1))
    };
    read().ok()
}

fn nothing() -> Inventory {
    Inventory::empty(Box::new(Vec::new()), [])
}

fn holds(inventory: &Inventory) {
    let mut again = Inventory::empty(Box::new(Vec::new()), inventory.files());
    for file in inventory.files() {
        for part in inventory.parts(file) {
            again.add(file, &part.unwrap()).unwrap();
        }
    }
    let same = diff(inventory, &again).unwrap();
    assert!(same.files.iter().all(|(_, it)| it.is_empty()));
    assert_eq!(same.inactivated, SetDiff::default().inactivated);
    let nothing = nothing();
    let comes = diff(&nothing, inventory).unwrap();
    let goes = diff(inventory, &nothing).unwrap();
    let had = |file| goes.before.get(file).copied().unwrap_or_default();
    for file in inventory.files() {
        let comes = comes.files.get(file).map(|it| it.added);
        let goes = goes.files.get(file).map(|it| it.gone);
        assert_eq!((comes, goes), (Some(had(file).rows), Some(had(file).rows)));
    }
    assert_eq!(comes.inactivated, SetDiff::default().inactivated);
    assert_eq!(goes.inactivated.persons, had(File::Bruger).rows);
    assert_eq!(goes.inactivated.engagements, had(File::Engagement).active);
}
