//! Sources, runs, plans, targets: how a file becomes a change of the ledger, and the ledger files.

mod apply;
mod conclude;
pub mod decide;
pub mod deliver;
mod evaluate;
pub mod figures;
mod first;
mod gone;
mod hash;
mod identity;
pub mod input;
mod item;
mod judge;
pub(crate) mod mint;
pub mod part;
pub mod plan;
pub mod progress;
pub mod quarantine;
mod reading;
mod renumber;
pub mod report;
pub mod run;
mod seen;
mod source;
pub mod summary;
mod superseded;
pub mod waiting;
