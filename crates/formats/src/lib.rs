//! Bytes to records and back, for every outside format.

pub mod plan2learn;
