//! A person's word on something that waits for one.

use crate::web::problem::{Kind, Problem};
use jiff::civil::Date;
use kobling_hub::exchange::decision::Decision;
use schemars::JsonSchema;
use serde::Deserialize;

/// What somebody says of what they decide.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Word {
    /// Why; kept in the audit for ever. No national number may stand in it.
    pub(super) reason: String,
}

/// The decision of somebody, for a reason.
pub(super) fn decision<'a>(
    by: &'a str,
    reason: &'a str,
    today: Date,
) -> Result<Decision<'a>, Problem> {
    let refused = |it: kobling_hub::exchange::decision::Undecided| {
        Problem::new(Kind::BadRequest, &format!("reason: {it}"))
    };
    Decision::new(by, reason, today).map_err(refused)
}
