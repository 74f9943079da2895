use super::arguments::{Common, Demo};
use super::{Failure, Outcome};

pub(super) fn execute(_common: &Common, _arguments: Demo) -> Result<Outcome, Failure> {
    Err(Failure::refused("not built yet"))
}
