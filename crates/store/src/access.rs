//! Tenants, their users and who of them is signed in, their settings, their audit trail.

pub mod account;
pub mod audit;
pub mod client;
pub mod credential;
pub mod kept_answer;
pub mod session;
pub mod setting;
pub mod tenant;
