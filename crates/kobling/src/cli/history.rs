use super::arguments::{Common, History};
use super::{Failure, Outcome};

pub(super) fn execute(_common: &Common, _arguments: History) -> Result<Outcome, Failure> {
    Err(Failure::refused("not built yet"))
}
