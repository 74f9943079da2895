//! Who may do what: roles, operations and the one table of rules between them.

mod operation;
mod role;
mod rule;

pub use operation::Operation;
pub use role::{Role, UnknownRole};
pub use rule::{Access, Grant, Reach, Span, access, may};
