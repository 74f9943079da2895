//! For tests only: databases, clocks, ids, synthetic employers, outside systems.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what a test needs and cannot have ends the test"
)]

pub mod contents;
pub mod database;
pub mod forge;
pub mod listener;
mod postgres;
pub mod receiver;
pub mod server;
pub mod trickle;
