//! A column of a table is judged as a whole: chance makes some numbers of another kind look right.

use super::group::Groups;
use super::number;
use super::shape::{self, Form};
use super::text::Plain;
use jiff::civil::Date;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// National numbers.
    Numbers,
    /// Perhaps national numbers.
    Perhaps,
    /// Something else; what looks right in it is chance.
    Other,
}

/// Cells with a right number from which a column can be one of numbers.
const RIGHT_MIN: usize = 3;
/// One cell in so many must be right.
const ONE_IN: usize = 4;
/// Below one in so many it is chance, in a column of enough cells.
const CHANCE_ONE_IN: usize = 50;
/// Cells that are enough to tell chance.
const CHANCE_CELLS: usize = 50;

/// Judges the cells of one column; empty ones are not counted. A cell is right if it is a CPR
/// number with date and check digit and nothing else.
pub fn column<'a>(cells: impl IntoIterator<Item = &'a str>, today: Date) -> Column {
    let mut count = Count::default();
    for cell in cells {
        count.add(cell.trim(), today);
    }
    count.judge()
}

/// Cells of one column.
#[derive(Default)]
pub(crate) struct Count {
    filled: usize,
    right: usize,
}

impl Count {
    pub(crate) fn add(&mut self, cell: &str, today: Date) {
        if !cell.is_empty() {
            self.filled += 1;
            self.right += usize::from(is_number(cell, today));
        }
    }

    pub(crate) fn is_enough(&self) -> bool {
        self.filled >= RIGHT_MIN
    }

    pub(crate) fn judge(&self) -> Column {
        let Self { filled, right } = *self;
        if right >= RIGHT_MIN && right * ONE_IN >= filled {
            Column::Numbers
        } else if right == 0 || (filled >= CHANCE_CELLS && right * CHANCE_ONE_IN < filled) {
            Column::Other
        } else {
            Column::Perhaps
        }
    }
}

fn is_number(cell: &str, today: Date) -> bool {
    let plain = Plain::read(cell, &(0..cell.len()));
    let mut shapes = Vec::new();
    shape::at(&plain, 0, &mut Groups::default(), &mut shapes);
    shapes.into_iter().any(|it| {
        let Form::Ten(digits) = it.form else { return false };
        it.range.end == plain.len() && number::cpr(&digits, today).is_some_and(|it| it.is_checked)
    })
}
