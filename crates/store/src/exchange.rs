//! Sources and what was seen of them, runs, plans, quarantine, deliveries, lanes and messages.

pub mod arriving;
pub mod census;
pub mod delivered;
pub mod draft;
pub mod file_receipt;
pub mod input;
pub mod lane;
pub mod message;
pub mod native;
pub mod own_value;
pub mod pending;
pub mod plan;
pub mod push;
pub mod quarantine;
pub mod run;
pub mod seen;
pub mod set_list;
pub mod source;
pub mod takeover;
pub mod target;
