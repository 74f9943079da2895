//! Tenants, their settings, their audit trail.

pub mod audit;
pub mod setting;
pub mod tenant;
