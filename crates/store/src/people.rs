//! Subjects and what is claimed of them.

pub mod claim;
pub mod digest;
pub mod protect;
pub mod roster;
pub mod same;
mod shape;
pub mod subject;
pub mod waiting;

pub(crate) use shape::Shapes;
