//! plan2learn's master data: five CSV files that together say who works where.
//!
//! The profile is `viborg`: header row, `;` between fields, **every** field quoted, CRLF, UTF-8
//! without BOM. The receiver makes inactive whatever is absent, so the five files are one set: a
//! [`SetWriter`] gives its outputs back only when the set is [closed](closure), and
//! [`diff`](fn@diff) says what the receiver would add, change and make inactive.
//!
//! Values are written as they are. A cell that begins with `=` or `+` is not disarmed: the reader
//! is a machine that takes names and telephone numbers literally, not a spreadsheet.

mod cell;
pub mod closure;
mod diff;
mod file;
mod profile;
mod read;
mod row;
mod write;

pub use cell::BadCell;
pub use closure::{Closure, Fault, NotClosed};
pub use diff::{FileDiff, Inactivated, Inventory, NotAnInventory, SetDiff, diff};
pub use file::{File, FileSet};
pub use profile::{Encoding, EndedEngagements, FutureEngagements, Profile, Standing};
pub use read::{ReadError, Rows, rows};
pub use row::{Bruger, Engagement, Leder, Organisation, Row, Status, Stillingskode};
pub use write::{SetWriter, WriteError};

#[cfg(test)]
mod tests;
