use super::arguments::{Common, Deliver};
use super::{Failure, Outcome};

pub(super) fn execute(_common: &Common, _arguments: Deliver) -> Result<Outcome, Failure> {
    Err(Failure::refused("not built yet"))
}
