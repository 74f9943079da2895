//! plan2learn's master data: CSV files that together say who works where.
//!
//! Header row, `;` between fields, **every** field quoted, CRLF. Which columns there are, and by
//! what rules they are filled, is said by a [`Profile`]; what one receiver chooses within it by a
//! [`Form`]. The receiver makes inactive whatever is absent, so the files are one set: a
//! [`SetWriter`] gives its outputs back only when the set is [closed](closure), and
//! [`diff`](fn@diff) says what the receiver would add, change and make inactive.
//!
//! Values are written as they are. A cell that begins with `=` or `+` is not disarmed: the reader
//! is a machine that takes names and telephone numbers literally, not a spreadsheet.

mod cell;
pub mod closure;
mod column;
mod diff;
mod drift;
mod entry;
mod file;
mod inventory;
mod listing;
mod profile;
mod read;
mod row;
mod write;

pub use cell::BadCell;
pub use closure::{Closure, Fault, NotClosed};
pub use column::Column;
pub use diff::{FileDiff, Had, Inactivated, SetDiff, diff};
pub use drift::{Cell, Drift, Drifted, How, Ours, drift};
pub use file::{File, FileSet};
pub use inventory::{Inventory, InventoryError, Shelf, part_has};
pub use profile::{
    Encoding, EndedEngagements, Form, FutureEngagements, Managers, Profile, Standing, Starts,
    Titles,
};
pub use read::{ReadError, Rows, rows};
pub use row::{
    Bruger, Engagement, Home, Leder, Maalgruppe, Organisation, Row, Status, Stillingskode,
};
pub use write::{SetWriter, WriteError};

#[cfg(test)]
mod tests;
