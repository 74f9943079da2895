//! Civil dates and half-open periods.
//!
//! Sources disagree on whether an end date is the last valid day or the first invalid one.
//! Inside the hub there is one answer, [`Validity`]; `formats` converts at the edge.

pub mod calendar;
mod slice;
mod timetable;
mod validity;

pub use slice::{Origin, Slice, coalesce, cut, overlay};
pub use timetable::{Cron, CronError, Days, Due, Expect, FileDay, Timetable};
pub use validity::{OPEN_START, Validity, ValidityError};
