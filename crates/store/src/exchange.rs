//! Sources and what was seen of them, runs, plans, quarantine, deliveries.

pub mod census;
pub mod delivered;
pub mod draft;
pub mod plan;
pub mod quarantine;
pub mod run;
pub mod seen;
pub mod source;
