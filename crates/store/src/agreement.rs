//! Gates before what leaves, and closings that shut them.

pub mod closing;
pub mod gate;
