//! What a receiver holds against what it should, and against what it was sent last.

use super::entry::Entry;
use super::read::each;
use super::{
    Bruger, Engagement, File, Form, Inventory, Leder, Maalgruppe, Organisation, ReadError, Row,
    Stillingskode,
};
use csv::StringRecord;
use kobling_domain::id::SubjectId;
use std::collections::BTreeMap;
use std::io::{self, Read};

/// How one file stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Rows that are as they should be.
    pub agreed: usize,
    /// Rows that are as they were sent last, and other than they should be: the next delivery
    /// brings them.
    pub awaited: usize,
    /// Rows that somebody else has changed, in order of ids.
    pub drifted: Vec<Drifted>,
}

/// One row that somebody else has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drifted {
    /// The row's id.
    pub id: SubjectId,
    /// What was done to it.
    pub how: How,
}

/// What was done to a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// It is not what was sent.
    Edited {
        /// The columns that differ from what it should be.
        cells: Vec<Cell>,
        /// Whether that has changed as well since it was sent.
        ours: Ours,
    },
    /// It was sent, should be there, and is not.
    Missing,
    /// It was not sent, should not be there, and is.
    Extra,
}

/// What a row should be, against what was sent last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ours {
    /// The same: all that differs at the receiver was changed there.
    AsSent,
    /// Something else, which the next delivery brings.
    Changed,
}

/// One cell that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The column, as the header spells it.
    pub column: &'static str,
    /// What should stand there; none if the row should not be there at all.
    pub should: Option<String>,
    /// What stands there.
    pub holds: String,
}

/// How `held`, the rows that a receiver holds of `file`, stand to those that it `should` hold and
/// to those it was `sent` last.
pub fn drift<I: Read, J: Read>(
    file: File,
    form: &Form,
    should: I,
    held: J,
    sent: &Inventory,
) -> Result<Drift, ReadError> {
    let (should, held) = (keyed_rows(file, form, should)?, keyed_rows(file, form, held)?);
    let columns = form.profile.columns(file);
    let sent = by_id(file, sent)?;
    let mut result = Drift::default();
    for (id, holds) in &held {
        let as_sent = sent.get(id).is_some_and(|it| it.is(holds));
        match should.get(id) {
            Some(wanted) if wanted == holds => result.agreed += 1,
            Some(_) | None if as_sent => result.awaited += 1,
            None if !sent.contains_key(id) => result.add(*id, How::Extra),
            wanted => {
                let entry = wanted.zip(sent.get(id));
                let is_as_sent = entry.is_some_and(|(wanted, entry)| entry.is(wanted));
                let ours = if is_as_sent { Ours::AsSent } else { Ours::Changed };
                result.add(*id, How::Edited { cells: cells(&columns, wanted, holds), ours });
            }
        }
    }
    for id in should.keys().filter(|it| !held.contains_key(it)) {
        if sent.contains_key(id) {
            result.add(*id, How::Missing);
        } else {
            result.awaited += 1;
        }
    }
    result.drifted.sort_by_key(|it| it.id);
    Ok(result)
}

/// The rows that were sent, by id.
fn by_id(file: File, sent: &Inventory) -> Result<BTreeMap<SubjectId, Entry>, ReadError> {
    let rows = sent.rows(file).map(|row| row.map(|it| (it.id, it)));
    rows.collect::<io::Result<_>>().map_err(|source| ReadError::List { file, source })
}

impl Drift {
    fn add(&mut self, id: SubjectId, how: How) {
        self.drifted.push(Drifted { id, how });
    }
}

/// The cells that differ; all of a row that should not be there.
fn cells(
    columns: &[&'static str],
    wanted: Option<&StringRecord>,
    holds: &StringRecord,
) -> Vec<Cell> {
    let cells = columns.iter().zip(holds).enumerate().map(|(nth, (column, holds))| Cell {
        column,
        should: wanted.and_then(|it| it.get(nth)).map(str::to_owned),
        holds: holds.to_owned(),
    });
    cells.filter(|it| it.should.as_deref() != Some(it.holds.as_str())).collect()
}

fn keyed_rows<I: Read>(
    file: File,
    form: &Form,
    input: I,
) -> Result<BTreeMap<SubjectId, StringRecord>, ReadError> {
    match file {
        File::Bruger => keyed::<Bruger, _>(input, form),
        File::Leder => keyed::<Leder, _>(input, form),
        File::Engagement => keyed::<Engagement, _>(input, form),
        File::Organisation => keyed::<Organisation, _>(input, form),
        File::Stillingskode => keyed::<Stillingskode, _>(input, form),
        File::Maalgruppe => keyed::<Maalgruppe, _>(input, form),
    }
}

/// The rows by id; of rows with one id the last counts.
fn keyed<R: Row, I: Read>(
    input: I,
    form: &Form,
) -> Result<BTreeMap<SubjectId, StringRecord>, ReadError> {
    let mut rows = BTreeMap::new();
    each::<R, I>(input, form, |values| {
        rows.insert(R::key_of(values)?, values.record.clone());
        Ok(())
    })?;
    Ok(rows)
}
