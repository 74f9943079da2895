//! Use cases: authorise → transact → decide → save → enqueue → audit.
//!
//! Every write of the program is one function here. Commands and handlers translate; they decide
//! nothing. The rules themselves are in `domain`, the statements in `store`.

pub mod access;
pub mod agreement;
pub mod clock;
pub mod connectors;
pub mod doctor;
pub mod exchange;
mod hex;
pub mod jobs;
pub mod metrics;
pub mod notice;
pub mod overview;
pub mod people;
pub mod secrets;
pub mod traced;
mod validity;
pub mod webhook;

/// An asynchronous function whose work is compiled here, once, and not in every part of the program that asks for it.
pub(crate) use async_recursion::async_recursion as boxed;

use clock::Clock;
use kobling_store::engine::Db;
use kobling_store::sealed::KeyRing;
use people::Kept;
use secrets::Secrets;

/// What every use case works with: the store, the keys and the time.
#[derive(Clone)]
pub struct Hub {
    /// The store.
    pub db: Db,
    /// The secrets that seal and index what is stored.
    pub keys: KeyRing,
    /// The one place where the time is read.
    pub clock: Clock,
    /// The passwords of other systems.
    pub secrets: Secrets,
    /// What was read of employers and still holds.
    pub kept: Kept,
}
