//! For tests only: databases, clocks, ids, synthetic employers.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what a test needs and cannot have ends the test"
)]

mod contents;
pub mod database;
mod postgres;
pub mod server;
