//! What things of the hub are called on pages.

use super::here::Here;
use crate::web::language::Language;
use crate::web::problem::Problem;
use crate::web::table::Tone;
use crate::web::text::{Text, common, runs as t};
use jiff::civil::Date;
use kobling_domain::exchange::Reason;
use kobling_domain::people::{Field, FieldName, Kind, RoleFunction, Value};
use kobling_domain::time::OPEN_START;
use kobling_hub::access;
use kobling_hub::access::configuration::Configuration;
use kobling_hub::exchange::decision::Undecided;
use kobling_hub::people::UnitOf;

/// What is configured.
pub(super) async fn configuration(here: &Here) -> Result<Configuration, Problem> {
    access::configured(here.hub(), here.tenant(), None).await.map_err(Problem::internal)
}

/// The employer's civil date.
pub(super) async fn today(here: &Here) -> Result<Date, Problem> {
    let now = access::civil_now(here.hub(), here.tenant()).await;
    Ok(now.map_err(Problem::internal)?.date())
}

/// Why somebody's word does not count.
pub(super) fn undecided(why: Undecided) -> Text {
    match why {
        Undecided::Silent => t::REASON_LACKS,
        Undecided::Number => t::REASON_NUMBER,
    }
}

/// A unit's name with its number.
pub(super) fn unit_name(unit: &UnitOf) -> String {
    match &unit.name {
        Some(name) => format!("{name} ({})", unit.number),
        None => unit.number.to_string(),
    }
}

/// A first day as it is told: none if it has always been so.
pub(super) fn first_day(from: Date) -> Option<Date> {
    (from != OPEN_START).then_some(from)
}

/// The state of a run in words.
pub(super) fn state_of_run(state: &str) -> (Tone, Text) {
    match state {
        "reading" => (Tone::Plain, t::S_READING),
        "applied" => (Tone::Good, t::S_APPLIED),
        "unchanged" => (Tone::Good, t::S_UNCHANGED),
        "held" => (Tone::Look, t::S_HELD),
        _ => (Tone::Bad, t::S_REFUSED),
    }
}

/// The state of a plan in words.
pub(super) fn state_of_plan(state: &str) -> (Tone, Text) {
    match state {
        "held" => (Tone::Look, t::S_HELD),
        "applied" => (Tone::Good, t::S_APPLIED),
        "superseded" => (Tone::Plain, t::S_SUPERSEDED),
        "rejected" => (Tone::Plain, t::S_REJECTED),
        _ => (Tone::Plain, t::S_DRAFT),
    }
}

/// A kind of subject, in the plural.
pub(super) fn kind(kind: Kind) -> Text {
    match kind {
        Kind::Unit => t::K_UNIT,
        Kind::Employment => t::K_EMPLOYMENT,
        Kind::Person => t::K_PERSON,
        Kind::Position => t::K_POSITION,
        Kind::Activity => t::K_ACTIVITY,
        Kind::Qualification => t::K_QUALIFICATION,
        Kind::Absence => t::K_ABSENCE,
    }
}

/// One subject of a kind.
pub(super) fn one_kind(kind: Kind) -> Text {
    match kind {
        Kind::Unit => t::UNIT,
        Kind::Employment => t::K_ONE_EMPLOYMENT,
        Kind::Person => t::K_ONE_PERSON,
        Kind::Position => t::K_ONE_POSITION,
        Kind::Activity => t::K_ONE_ACTIVITY,
        Kind::Qualification => t::K_ONE_QUALIFICATION,
        Kind::Absence => t::K_ONE_ABSENCE,
    }
}

/// Why a plan changes something.
pub(super) fn reason(reason: Reason) -> Text {
    match reason {
        Reason::Created => t::R_CREATED,
        Reason::Changed => t::R_CHANGED,
        Reason::Ended => t::R_ENDED,
        Reason::Annulled => t::R_ANNULLED,
        Reason::Vanished => t::R_VANISHED,
        Reason::Reopened => t::R_REOPENED,
        Reason::Renumbered => t::R_RENUMBERED,
    }
}

/// The value of a field as people read it.
pub(super) fn value(lang: Language, name: &FieldName, value: &Value) -> String {
    match value {
        Value::Text(it) => it.clone(),
        Value::Int(it) if is_thousandths(name) => thousandths(lang, *it),
        Value::Int(it) => it.to_string(),
        Value::Flag(true) => lang.t(common::YES).to_owned(),
        Value::Flag(false) => lang.t(common::NO).to_owned(),
        Value::Date(it) => lang.date(*it),
        Value::Functions(all) => {
            let name = |it: &RoleFunction| {
                let kind = it.kind_name.clone().unwrap_or_else(|| it.kind.to_string());
                format!("{kind} {}", lang.days(Some(it.from), it.until))
            };
            all.iter().map(name).collect::<Vec<_>>().join("; ")
        }
        Value::Erased => lang.t(common::ERASED).to_owned(),
    }
}

fn is_thousandths(name: &FieldName) -> bool {
    match name {
        FieldName::Known(field) => {
            [Field::EmploymentHoursNumerator, Field::EmploymentHoursDenominator].contains(field)
        }
        FieldName::Extra(_) => false,
    }
}

fn thousandths(lang: Language, n: i64) -> String {
    let mark = match lang {
        Language::Danish | Language::Dutch => ',',
        Language::English => '.',
    };
    let (whole, rest) = (n / 1_000, (n % 1_000).abs());
    let rest = format!("{rest:03}");
    match rest.trim_end_matches('0') {
        "" => whole.to_string(),
        rest => format!("{whole}{mark}{rest}"),
    }
}
