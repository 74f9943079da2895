//! All SQL, for SQLite and PostgreSQL.
//!
//! [`engine`] knows the two databases; everything else is plain SQL, written once. Functions take
//! the transaction first and the tenant second, and the caller owns the transaction.

pub mod access;
pub mod agreement;
pub mod engine;
mod error;
pub mod exchange;
pub mod job;
pub mod notice;
pub mod people;
pub mod sealed;
pub mod webhook;

pub use engine::{Db, Tx};
pub use error::StoreError;
