//! The nightly XML extract of KMD Opus Personale (`ZLPE20260304224013_delta.xml`): reading,
//! what its records state, writing, and looking at a file without a ledger.
//!
//! A file is one `<kmd>` with `<orgUnit>` and `<employee>` records in it. Reading has three steps,
//! so that an unchanged record costs only the first:
//!
//! 1. [`Reader`] cuts the file into [`RawRecord`]s: key, line and a digest that leaves
//!    `lastChanged` out. No XML is parsed.
//! 2. [`parse`](fn@parse) makes a [`Record`] of one: every element as trimmed text, unknown ones kept.
//! 3. [`read_record`] resolves Opus's conventions (inclusive ends, 9999-12-31, three ways to
//!    protect an address, …) and yields what the record states.
//!
//! [`to_record`] and [`write_record`] are the way back.

mod compare;
mod element;
mod error;
mod fault;
mod input;
mod inspect;
mod lex;
mod mode;
mod name;
mod parse;
mod plain;
mod raw;
mod read;
mod record;
mod restate;
mod stated;
mod tag;
mod write;

pub use compare::{Difference, Item, compare};
pub use element::{EMPLOYEE, Element, Form, FunctionPlace, Meaning, UNIT};
pub use error::{Code, Effect, Position, ReadError, RecordProblem};
pub use inspect::{Inspection, inspect};
pub use mode::{Coverage, Mode, RootUnit};
pub use name::{NotAnExtractName, exported_at};
pub use parse::parse;
pub use raw::{Connection, Proof, RawRecord};
pub use read::Reader;
pub use record::{FunctionElement, Record, RecordKind};
pub use restate::{NotARecord, to_record};
pub use stated::{LeaveDate, Options, Reading, read_record};
pub use write::{write_end, write_record, write_start};

/// Bytes in one record at most; a real one has about 1,500.
pub const RECORD_BYTES_MAX: usize = 1 << 20;
/// Elements inside each other at most, the record's own counted. The grammar needs 3.
pub const DEPTH_MAX: usize = 8;
/// Bytes in one element's text or one attribute at most.
pub const TEXT_BYTES_MAX: usize = 64 << 10;
/// Attributes of one element at most.
pub const ATTRIBUTES_MAX: usize = 32;
/// Elements of one record without a place in the grammar, kept at most.
pub const EXTRAS_MAX: usize = 256;
/// Functions of one employment at most.
pub const FUNCTIONS_MAX: usize = 1_000;
