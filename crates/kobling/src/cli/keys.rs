use super::arguments::Keys;
use super::{Failure, print};
use kobling_hub::access::keys;

pub(super) fn execute(command: &Keys) -> Result<(), Failure> {
    let Keys::New = command;
    let text = keys::generate().map_err(|it| Failure::failed("no keys were made", &it))?;
    print::text(text.trim_end());
    Ok(())
}
