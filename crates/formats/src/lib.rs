//! Bytes to records and back, for every outside format.

pub mod delimited;
pub mod difference;
pub mod listing;
pub mod messages;
pub mod opus;
pub mod plan2learn;
pub mod synthetic;
