//! Who decides, and why, as it was typed.

use super::Failure;
use super::arguments::Decision as Typed;
use jiff::tz::TimeZone;
use kobling_hub::Hub;
use kobling_hub::exchange::decision::Decision;

/// The decision that was typed with a command of its own.
pub(super) fn typed<'a>(hub: &Hub, typed: &'a Typed) -> Result<Decision<'a>, Failure> {
    of(hub, &typed.by, &typed.reason)
}

/// The decision of `by`, because of `reason`.
pub(super) fn of<'a>(hub: &Hub, by: &'a str, reason: &'a str) -> Result<Decision<'a>, Failure> {
    let today = hub.clock.civil(&TimeZone::UTC).date();
    Decision::new(by, reason, today)
        .map_err(|it| Failure::bad_input("nothing was decided", &it))
        .map_err(|it| it.advise("--by says who decides, --reason why"))
}
