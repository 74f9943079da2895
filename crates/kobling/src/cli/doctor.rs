use super::arguments::Common;
use super::{Failure, Outcome};

pub(super) fn execute(_common: &Common) -> Result<Outcome, Failure> {
    Err(Failure::refused("not built yet"))
}
