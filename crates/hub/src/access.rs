//! Tenants, what is configured in them, and who may sign in.

pub mod audit;
pub mod clients;
pub mod configuration;
mod configure;
mod jwt;
pub mod keys;
pub mod oidc;
pub mod once;
pub mod password;
pub mod reseal;
pub mod session;
pub mod token;
pub mod users;

pub use configure::{
    Change, ConfigureError, Difference, Differing, Write, apply, are_keys, civil_now, configured,
    export, load, load_at, tenant, tenants, written, zone,
};
pub(crate) use configure::{follow, zone_in, zone_of};
