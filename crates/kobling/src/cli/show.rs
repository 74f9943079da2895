use super::arguments::{Common, Show};
use super::{Failure, Outcome};

pub(super) fn execute(_common: &Common, _arguments: Show) -> Result<Outcome, Failure> {
    Err(Failure::refused("not built yet"))
}
