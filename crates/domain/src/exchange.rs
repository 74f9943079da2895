//! How what a source says becomes a change of the ledger.

mod assertion;
mod authority;
pub mod brake;
mod compare;
mod item;

pub use assertion::{Assertion, Existence, Stated};
pub use authority::{Authority, Line, Place, Topic};
pub use compare::{Change, compare};
pub use item::{ClaimRef, PlanItem, Reason};
