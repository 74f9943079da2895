//! `POST` and `GET /api/v1/agreements/{key}/emergency`: closing an agreement in emergency, and its receipt;
//! and opening it again.

use super::asked::{Asked, Asker, get, post};
use super::page::ByKey;
use super::word::{Word, decision};
use crate::web::described::Nothing;
use crate::web::problem::{Kind, Problem};
use crate::web::route::Route;
use kobling_domain::access::Operation;
use kobling_domain::agreement::Receipt;
use kobling_hub::access;
use kobling_hub::agreement::emergency::{self, Signed};
use kobling_hub::agreement::{self, EmergencyError, Known, Reopening, Undoing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn routes() -> Vec<Route> {
    let told_close = ("close_in_emergency", "Stops at once all that leaves by an agreement.");
    let told_show = ("show_closing", "The last closing in emergency, with its receipt.");
    let told_reopen = ("reopen_agreement", "The word of one of the two who open it again.");
    let (close_by, reopen_by) = (Operation::CloseInEmergency, Operation::ReopenAgreement);
    let path = "/api/v1/agreements/{key}/emergency";
    let refusing = &[Kind::NotFound, Kind::Conflict];
    vec![
        post(path, close_by, told_close, close).refusing(refusing),
        get(path, Operation::ReadAgreements, told_show, show).refusing(&[Kind::NotFound]),
        post("/api/v1/agreements/{key}/reopen", reopen_by, told_reopen, reopen).refusing(refusing),
    ]
}

/// An order to close at once.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Order {
    /// The agreement's key once more: anything else, and nothing happens.
    confirm: String,
    /// Why; it stands in the receipt and in the audit for ever. No national number may stand in it.
    reason: String,
}

/// A closing in emergency.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClosingTold")]
struct Told {
    /// What it came to.
    receipt: Receipt,
    /// Every byte of the receipt as it was signed: kept in a file, `kobling receipt verify` proves it.
    signed: String,
    /// How far it is undone.
    undoing: Undoing,
}

async fn close(asked: Asked<ByKey, Nothing, Order>) -> Result<Told, Problem> {
    let Asked { by, path: ByKey { key }, body: Order { confirm, reason }, .. } = asked;
    agreement::ahead(by.hub(), by.tenant(), &key).await.map_err(refused)?;
    if confirm != key {
        let detail = format!("nothing was closed: confirm says {confirm:?} and not {key:?}");
        return Err(Problem::new(Kind::BadRequest, &detail));
    }
    let decision = decision(by.who(), &reason, today(&by).await?)?;
    let known = Known::Signed(&by.caller.signed);
    let which = (by.tenant(), key.as_str());
    let closed = emergency::close(by.hub(), by.journal(), which, &known, &decision).await;
    let Signed { receipt, text: signed } = closed.map_err(refused)?;
    Ok(Told { receipt, signed, undoing: Undoing::Closed })
}

async fn show(asked: Asked<ByKey>) -> Result<Told, Problem> {
    let Asked { by, path: ByKey { key }, .. } = asked;
    if !by.caller.access.is_whole() {
        return Err(Problem::new(Kind::NotFound, &format!("there is no closing of {key:?}")));
    }
    let agreement::Closed { signed, undoing } =
        match agreement::closed(by.hub(), by.tenant(), &key).await {
            Ok(it) => it,
            Err(it @ EmergencyError::Open { .. }) => {
                return Err(Problem::new(Kind::NotFound, &it.to_string()));
            }
            Err(it) => return Err(refused(it)),
        };
    Ok(Told { receipt: signed.receipt, signed: signed.text, undoing })
}

/// What came of a word on opening again.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AgreementReopening")]
struct Reopened {
    /// The agreement's key.
    agreement: String,
    /// Whether it is open; another person has to say so too if not.
    is_open: bool,
}

async fn reopen(asked: Asked<ByKey, Nothing, Word>) -> Result<Reopened, Problem> {
    let Asked { by, path: ByKey { key }, body: Word { reason }, .. } = asked;
    agreement::ahead(by.hub(), by.tenant(), &key).await.map_err(refused)?;
    let decision = decision(by.who(), &reason, today(&by).await?)?;
    let known = Known::Signed(&by.caller.signed);
    let state = agreement::reopen(by.hub(), by.tenant(), &key, &known, &decision).await;
    let is_open = state.map_err(refused)? == Reopening::Open;
    Ok(Reopened { agreement: key, is_open })
}

async fn today(by: &Asker) -> Result<jiff::civil::Date, Problem> {
    let now = access::civil_now(by.hub(), by.tenant()).await;
    Ok(now.map_err(Problem::internal)?.date())
}

fn refused(error: EmergencyError) -> Problem {
    let kind = match &error {
        EmergencyError::Agreement(it) if it.is_bad_input() => Kind::NotFound,
        EmergencyError::NotAllowed { .. } => Kind::NotAllowed,
        EmergencyError::Closed { .. }
        | EmergencyError::Open { .. }
        | EmergencyError::SamePerson { .. }
        | EmergencyError::NoPerson { .. } => Kind::Conflict,
        EmergencyError::Agreement(_)
        | EmergencyError::User(_)
        | EmergencyError::Journal(_)
        | EmergencyError::Busy
        | EmergencyError::Receipt(_)
        | EmergencyError::Unreadable(_)
        | EmergencyError::Store(_) => return Problem::internal(error),
    };
    Problem::new(kind, &error.to_string())
}
