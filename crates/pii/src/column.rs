//! A column of a table is judged as a whole: chance makes some numbers of another kind look right.

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
    let (mut filled, mut right) = (0_usize, 0_usize);
    for cell in cells {
        let cell = cell.trim();
        if !cell.is_empty() {
            filled += 1;
            right += usize::from(is_number(cell, today));
        }
    }
    if right >= RIGHT_MIN && right * ONE_IN >= filled {
        Column::Numbers
    } else if right == 0 || (filled >= CHANCE_CELLS && right * CHANCE_ONE_IN < filled) {
        Column::Other
    } else {
        Column::Perhaps
    }
}

fn is_number(cell: &str, today: Date) -> bool {
    let plain = Plain::read(cell);
    let Some(shape) = shape::at(&plain, 0) else { return false };
    let Form::Ten(digits) = shape.form else { return false };
    shape.range.end == plain.len() && number::cpr(&digits, today).is_some_and(|it| it.is_checked)
}
