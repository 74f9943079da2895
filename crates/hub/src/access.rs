//! Tenants and what is configured in them.

pub mod configuration;
mod configure;
pub mod keys;

pub use configure::{
    ConfigureError, Difference, Write, apply, are_keys, civil_now, export, load, load_at, tenant,
    tenants,
};
