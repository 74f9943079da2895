//! How what a source says becomes a change of the ledger.

mod assertion;
mod authority;
pub mod brake;
mod canonical;
mod compare;
mod conclude;
mod item;
pub mod lane;
mod renumber;
mod takeover;
mod undo;

pub use assertion::{Assertion, Existence, Stated};
pub use authority::{Authority, Line, Place, Topic};
pub use canonical::{canonical, canonical_state};
pub use compare::{Change, compare};
pub use conclude::{Known, Span, assertion_of, existence, gone, reason_of};
pub use item::{ClaimRef, PlanItem, Reason};
pub use renumber::{Ambiguous, Employed, Renumbered, renumbered};
pub use takeover::{Found, Ground, Traits, birth_of, take_over};
pub use undo::{Believed, Undo, undo};
