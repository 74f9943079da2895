//! The program as a whole: through its binary, and through the hub it is made of.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test needs and cannot have ends the test"
)]

mod agreements;
mod backup;
mod deliver;
mod delivery;
mod demo;
mod drift;
mod emergency;
mod flaws;
mod harness;
mod house;
mod kill;
mod learning;
mod nights;
mod numbers;
mod people;
mod pii;
mod places;
mod preview;
mod registers;
mod serve;
mod takeover;
mod traces;
mod undo;
