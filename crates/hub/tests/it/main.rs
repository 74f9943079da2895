//! The hub's suite: files in, ledger out. What reads the ledger runs on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test needs and cannot have ends the test"
)]

mod cases;
mod counting;
mod flaws;
mod identity;
mod lanes;
mod parts;
mod plans;
mod protection;
mod pushes;
mod readings;
mod renumbering;
mod round_trip;
mod samples;
mod sealing;
mod tables;
mod vanishing;
mod waiting;
mod watching;
mod webhooks;
mod work;
mod world;
