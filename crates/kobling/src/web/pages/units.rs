//! `GET /units`: the organisation as a tree and as a chart, on any day.

use super::here::{Here, html};
use crate::web::frame::{Frame, Section, escaped};
use crate::web::picture::chart::{Chart, Place};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::text::{common, organisation as t};
use askama::Template;
use axum::response::Response;
use jiff::civil::Date;
use kobling_domain::access::Operation;
use kobling_domain::people::Kind;
use kobling_hub::people::{self, About, UnitNode, When};
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/units", Gate::For(Operation::ReadUnits), show)]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    day: String,
    unit: String,
}

#[derive(Template)]
#[template(path = "units.html")]
struct Page {
    frame: Frame,
    lead: String,
    day: String,
    unit: String,
    error: Option<&'static str>,
    heading: Option<String>,
    chart: Option<Chart>,
    facts: Vec<(&'static str, String)>,
    tree: Vec<Line>,
}

/// One unit of the tree, with what it opens and closes.
struct Line {
    name: String,
    note: String,
    href: String,
    opens: bool,
    is_open: bool,
    closes: usize,
}

async fn show(here: Here, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let frame = here.frame(Section::Units, here.language.t(common::UNITS)).await?;
    let day: Option<Date> = frame.lang.day_of(&asked.day);
    let error = (day.is_none() && !asked.day.trim().is_empty()).then(|| frame.t(t::DAY_WRONG));
    let told = people::units(here.hub(), here.tenant(), day).await.map_err(Problem::internal)?;
    let lead = frame.fill(t::UNITS_LEAD, &[("day", &frame.lang.date(told.as_of))]);
    let units = &told.units;
    let by_id = units.iter().find(|it| it.id.to_string() == asked.unit);
    let chosen = by_id.or(units.first());
    let day = day.map(|it| it.to_string()).unwrap_or_default();
    let facts = match chosen {
        Some(it) => facts(&here, &frame, it, told.as_of).await?,
        None => Vec::new(),
    };
    let heading = chosen.map(|it| frame.fill(t::CHART_OF, &[("unit", &name(&frame, it))]));
    let chart = chosen.map(|it| chart(&frame, units, it, &day));
    let tree = tree(&frame, units, &day);
    let unit = chosen.map(|it| it.id.to_string()).unwrap_or_default();
    let day = if error.is_some() { asked.day } else { day };
    html(&Page { frame, lead, day, unit, error, heading, chart, facts, tree })
}

fn name(frame: &Frame, unit: &UnitNode) -> String {
    unit.name.clone().unwrap_or_else(|| format!("{} ({})", frame.t(t::NO_NAME), unit.number))
}

fn href(unit: &UnitNode, day: &str) -> String {
    match day {
        "" => format!("/units?unit={}", unit.id),
        day => format!("/units?unit={}&day={}", unit.id, escaped(day)),
    }
}

fn chart(frame: &Frame, units: &[UnitNode], chosen: &UnitNode, day: &str) -> Chart {
    let place = |it: &UnitNode| Place {
        name: name(frame, it),
        note: frame.lang.count(t::PEOPLE_IN, it.people_below),
        href: href(it, day),
    };
    let above = units.iter().find(|it| Some(it.id) == chosen.parent).map(place);
    let below = units.iter().filter(|it| it.parent == Some(chosen.id)).map(place).collect();
    let title = frame.fill(t::CHART_OF, &[("unit", &name(frame, chosen))]);
    let more = |n: usize| frame.fill(t::MORE_BELOW, &[("n", &frame.lang.number(n))]);
    Chart::new(title, above, place(chosen), below, &more)
}

async fn facts(
    here: &Here,
    frame: &Frame,
    unit: &UnitNode,
    day: Date,
) -> Result<Vec<(&'static str, String)>, Problem> {
    let when = When { as_of: Some(day), known_at: None };
    let id = unit.id.to_string();
    let shown = people::show(here.hub(), here.tenant(), Kind::Unit, &id, when).await;
    let manager = match shown.map_err(Problem::internal)?.about {
        About::Unit { manager, .. } => manager.and_then(|it| it.person.name),
        About::Person { .. } | About::Employment { .. } => None,
    };
    let none = || frame.t(t::MANAGER_NONE).to_owned();
    Ok(vec![
        (frame.t(t::NUMBER), unit.number.to_string()),
        (frame.t(t::MANAGER), manager.unwrap_or_else(none)),
        (frame.t(t::PEOPLE_HERE), frame.lang.number(unit.people)),
        (frame.t(t::PEOPLE_BELOW), frame.lang.number(unit.people_below)),
    ])
}

/// The units as nested lists: each line says how many lists end after it.
fn tree(frame: &Frame, units: &[UnitNode], day: &str) -> Vec<Line> {
    let depths = units.iter().skip(1).map(|it| it.depth).chain([0]);
    let line = |(it, next): (&UnitNode, usize)| Line {
        name: name(frame, it),
        note: frame.lang.count(t::PEOPLE_IN, it.people_below),
        href: href(it, day),
        opens: next > it.depth,
        is_open: it.depth == 0,
        closes: it.depth.saturating_sub(next),
    };
    units.iter().zip(depths).map(line).collect()
}
