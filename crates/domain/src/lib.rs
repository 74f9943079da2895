//! Rules as types and pure functions: no I/O, no async, no clock.
//!
//! Areas are modules ([`people`], [`exchange`], [`agreement`], [`access`]); [`time`] and [`id`] serve them all.

pub mod access;
pub mod agreement;
pub mod exchange;
pub mod id;
pub mod people;
pub mod time;
