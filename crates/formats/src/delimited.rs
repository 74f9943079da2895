//! Delimited text (CSV) of any system that can write a table: HR systems, customer databases,
//! member registers, what a learning system gives back.
//!
//! Records that come one by one and in no file are rows too: [`Layout::row`].
//!
//! A [`Layout`] says which column is which field, which columns are the key, which tell the days,
//! and how a file proves that it is whole. Columns that it does not name are not read.
//!
//! 1. [`Reader`] cuts a file into [`Row`]s: key, line and a digest of the cells that matter.
//! 2. [`Layout::read`] makes of one what it states.

mod compare;
mod error;
mod given;
mod inspect;
mod layout;
mod name;
mod read;
mod row;
mod rows;
mod text;

pub use compare::{Difference, Item, compare};
pub use error::{Code, Problem, ReadError};
pub use inspect::{Inspection, inspect};
pub use layout::{Layout, LayoutError};
pub use name::{NotItsName, exported_at};
pub use read::{Proof, Reader};
pub use row::{Key, KeyPart, Row, Statement, Whose};
pub use text::{Encoding, Keys, LastDay, LayoutText, MatchBy, MatchText};

/// Bytes in one row at most.
pub const ROW_BYTES_MAX: usize = 256 << 10;
/// Columns at most.
pub const COLUMNS_MAX: usize = 1_000;
