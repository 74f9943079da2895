//! `GET /audit`: who decided what, and why.

use super::here::{Here, html};
use super::words;
use crate::web::frame::{Frame, Section};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::table::{Cell, Holds, Page as Listing, Table, Wish};
use crate::web::text::{Text, audit as a, common, organisation as t};
use askama::Template;
use axum::response::Response;
use kobling_domain::access::Operation;
use kobling_hub::access::audit::{self, Told};
use serde::Deserialize;
use serde_json::Value;

/// Of so few things each is named.
const LISTED_IN_FULL_MAX: usize = 3;
/// Acts that are listed at once.
const LISTED_MAX: u32 = 1_000;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/audit", Gate::For(Operation::ReadAudit), list)]
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    frame: Frame,
    lead: &'static str,
    listing: Listing,
    /// Where what was done before these is listed; none if nothing was.
    earlier: Option<String>,
    is_newest: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Only acts before the one of this number.
    before: Option<i64>,
}

async fn list(
    here: Here,
    Query(Asked { before }): Query<Asked>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let frame = here.frame(Section::Audit, here.language.t(common::AUDIT)).await?;
    let acts = audit::list(here.hub(), here.tenant(), before, LISTED_MAX).await;
    let acts = acts.map_err(Problem::internal)?;
    let earlier = earlier(&acts);
    let today = words::today(&here).await?;
    let columns = [
        (t::WHEN, Holds::Text),
        (t::WHO, Holds::Names),
        (t::ACT, Holds::Text),
        (t::WHY, Holds::Text),
        (t::DETAIL, Holds::Names),
    ];
    let columns: Vec<(&str, Holds)> = columns.map(|(head, holds)| (frame.t(head), holds)).into();
    let mut table = Table::new(frame.t(common::AUDIT), &columns);
    table.rows.extend(acts.iter().map(|it| row(&frame, it, today)));
    if let Some(file) = here.file(&table, &wish).await? {
        return Ok(file);
    }
    let lead = frame.t(t::AUDIT_LEAD);
    let kept = before.map(|it| it.to_string());
    let keep: Vec<(&str, &str)> = kept.iter().map(|it| ("before", it.as_str())).collect();
    let listing = here.listing(table, &wish, Section::Audit.path(), &keep).await?;
    html(&Page { frame, lead, listing, earlier, is_newest: before.is_none() })
}

/// Where what was done before these acts is listed; none if nothing was.
fn earlier(acts: &[Told]) -> Option<String> {
    let first = acts.last().map(|it| it.no).filter(|it| *it > 1);
    first.map(|it| format!("{}?before={it}", Section::Audit.path()))
}

/// What somebody typed may hold a national number; it is not shown again.
fn row(frame: &Frame, it: &Told, today: jiff::civil::Date) -> Vec<Cell> {
    let masked = |text: &str| kobling_pii::mask(text, today).into_owned();
    let reason = it.detail.get("reason").and_then(|it| it.as_str());
    let act = act(&it.action).map_or_else(|| it.action.clone(), |it| frame.t(it).to_owned());
    vec![
        Cell::sorted(frame.instant(it.at), it.at.as_second()),
        Cell::text(&it.who),
        Cell::text(act),
        Cell::text(masked(reason.unwrap_or_default())),
        Cell::text(masked(&details(frame, &it.detail))),
    ]
}

/// What was done, in words; what has none is told by its name.
fn act(action: &str) -> Option<Text> {
    Some(match action {
        "agreement.close" => a::AGREEMENT_CLOSE,
        "agreement.reject" => a::AGREEMENT_REJECT,
        "agreement.release" => a::AGREEMENT_RELEASE,
        "configuration.apply" => a::CONFIGURATION_APPLY,
        "delivery.give_up" => a::DELIVERY_GIVE_UP,
        "delivery.release" => a::DELIVERY_RELEASE,
        "delivery.retry" => a::DELIVERY_RETRY,
        "employment.annul" => a::EMPLOYMENT_ANNUL,
        "group.save" => a::GROUP_SAVE,
        "number.reveal" => a::NUMBER_REVEAL,
        "person.read" => a::PERSON_READ,
        "plan.protect" => a::PLAN_PROTECT,
        "plan.reject" => a::PLAN_REJECT,
        "plan.release" => a::PLAN_RELEASE,
        "push.close" => a::PUSH_CLOSE,
        "push.open" => a::PUSH_OPEN,
        "push.record" => a::PUSH_RECORD,
        "quarantine.decide" => a::QUARANTINE_DECIDE,
        "session.open" => a::SESSION_OPEN,
        "session.refuse" => a::SESSION_REFUSE,
        "source.run" => a::SOURCE_RUN,
        "takeover.decide" => a::TAKEOVER_DECIDE,
        "takeover.list" => a::TAKEOVER_LIST,
        "takeover.release" => a::TAKEOVER_RELEASE,
        "target.deliver" => a::TARGET_DELIVER,
        "target.drift" => a::TARGET_DRIFT,
        "target.messages" => a::TARGET_MESSAGES,
        "user.add" => a::USER_ADD,
        "user.code_app" => a::USER_CODE_APP,
        "user.disable" => a::USER_DISABLE,
        "user.grant" => a::USER_GRANT,
        "user.password" => a::USER_PASSWORD,
        "user.reset" => a::USER_RESET,
        _ => return None,
    })
}

/// All that was written down beside the reason, the longer lists as their length.
fn details(frame: &Frame, detail: &Value) -> String {
    let Some(all) = detail.as_object() else { return String::new() };
    let told = all.iter().filter(|(key, value)| *key != "reason" && !value.is_null());
    let told = told.map(|(key, value)| {
        let name = key_name(key).map_or(key.as_str(), |it| frame.t(it));
        let value = value
            .as_str()
            .filter(|_| key == "operation")
            .and_then(place)
            .map_or_else(|| told_value(frame, value), |it| frame.t(it).to_owned());
        format!("{name}: {value}")
    });
    told.collect::<Vec<_>>().join("; ")
}

fn told_value(frame: &Frame, value: &Value) -> String {
    match value {
        Value::String(it) => it.clone(),
        Value::Array(all) if all.len() > LISTED_IN_FULL_MAX => {
            frame.lang.count(a::K_COUNT, all.len())
        }
        Value::Array(all) => {
            all.iter().map(|it| told_value(frame, it)).collect::<Vec<_>>().join(", ")
        }
        Value::Object(all) => {
            all.values().map(|it| told_value(frame, it)).collect::<Vec<_>>().join(" ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// The part of the site that an operation is about.
pub(super) fn place(operation: &str) -> Option<Text> {
    let operation = Operation::ALL.into_iter().find(|it| it.name() == operation)?;
    let section = Section::ALL.into_iter().find(|it| it.operation() == operation);
    section.map(Section::name).or_else(|| beside(operation))
}

/// What an operation that shows people beside those of the sections is called.
fn beside(operation: Operation) -> Option<Text> {
    let all = [
        (Operation::RevealNumber, a::NUMBER_REVEAL),
        (Operation::ReadExtract, a::EXTRACT_READ),
        (Operation::EditGroups, common::GROUPS),
        (Operation::DecidePlan, common::PLANS),
        (Operation::DecideDelivery, common::DELIVERIES),
    ];
    all.into_iter().find(|it| it.0 == operation).map(|it| it.1)
}

fn key_name(key: &str) -> Option<Text> {
    Some(match key {
        "agreement" => a::K_AGREEMENT,
        "employment" => a::K_EMPLOYMENT,
        "files" => a::K_FILES,
        "group" => a::K_GROUP,
        "messages" => a::K_MESSAGES,
        "objects" => a::K_OBJECTS,
        "operation" => a::K_OPERATION,
        "plan" => a::K_PLAN,
        "run" => a::K_RUN,
        "source" => a::K_SOURCE,
        "subjects" => a::K_SUBJECTS,
        "target" => a::K_TARGET,
        "user" => a::K_USER,
        "version" => a::K_VERSION,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn there_is_something_earlier_until_the_first_act_is_listed() {
        let act = |no| Told {
            no,
            at: "2026-03-04T05:30:00Z".parse().unwrap(),
            who: "kari".to_owned(),
            action: "plan.release".to_owned(),
            detail: json!({}),
        };
        assert_eq!(earlier(&[]), None);
        assert_eq!(earlier(&[act(3), act(2)]).as_deref(), Some("/audit?before=2"));
        assert_eq!(earlier(&[act(3), act(2), act(1)]), None);
    }
}
