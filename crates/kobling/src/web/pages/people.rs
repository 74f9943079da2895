//! `GET /people`: everybody by name, on any day.

use super::here::{Here, html};
use super::words::{first_day, today, unit_name};
use crate::web::frame::{Frame, Section};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::table::{Cell, Holds, Page as Listing, Table, Wish};
use crate::web::text::{common, person as t};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use kobling_domain::access::Operation;
use kobling_hub::people::{self, FoundEmployment};
use serde::Deserialize;

/// Employments that a page lists.
const LISTED_MAX: u32 = 500;
/// Employments that a file lists.
const SAVED_MAX: u32 = 100_000;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/people", Gate::For(Operation::ReadPersons), list)]
}

#[derive(Template)]
#[template(path = "people.html")]
struct Page {
    frame: Frame,
    name: String,
    name_error: Option<&'static str>,
    day: String,
    more: bool,
    error: Option<&'static str>,
    listing: Listing,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    name: String,
    day: String,
}

async fn list(
    here: Here,
    Query(mut asked): Query<Asked>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    if !here.caller.access.is_whole() {
        // Who reaches only those whom they lead finds them there.
        return Ok(Redirect::to(Section::MyPeople.path()).into_response());
    }
    let mut frame = here.frame(Section::People, here.language.t(common::PEOPLE)).await?;
    let day: Option<Date> = frame.lang.day_of(&asked.day);
    let error = (day.is_none() && !asked.day.trim().is_empty()).then(|| frame.t(t::DAY_WRONG));
    // Nobody is looked up by a national number, and none that is typed is shown again.
    let today = today(&here).await?;
    let name_error = (!kobling_pii::find(&asked.name, today).is_empty()).then(|| {
        asked.name.clear();
        Section::People.path().clone_into(&mut frame.here);
        frame.t(t::FIND_NUMBER)
    });
    let max = if wish.r#as.is_some() { SAVED_MAX } else { LISTED_MAX };
    let found = people::search(here.hub(), here.tenant(), (&asked.name, day), max).await;
    let found = found.map_err(Problem::internal)?;
    let table = table(&frame, &found.employments);
    if let Some(file) = here.file(&table, &wish).await? {
        return Ok(file);
    }
    let keep = [("name", asked.name.as_str()), ("day", asked.day.as_str())];
    let listing =
        here.listing(table, &wish, Section::People.path(), &keep).await?.found_for(&asked.name);
    let (name, day) = (asked.name, asked.day);
    html(&Page { frame, name, name_error, day, more: found.more, error, listing })
}

fn table(frame: &Frame, employments: &[FoundEmployment]) -> Table {
    let lang = frame.lang;
    let columns = [
        (lang.t(t::NAME), Holds::Text),
        (lang.t(t::TITLE), Holds::Text),
        (lang.t(t::UNIT), Holds::Text),
        (lang.t(t::EMPLOYMENT), Holds::Text),
        (lang.t(t::DAYS), Holds::Text),
    ];
    let mut table = Table::new(lang.t(common::PEOPLE), &columns);
    table.rows.extend(employments.iter().map(|it| {
        let name = if it.name.is_empty() { lang.t(t::NO_NAME) } else { &it.name };
        let name = match it.person {
            Some(person) => Cell::text(name).to(format!("/people/{person}")).about(person),
            None => Cell::text(name),
        };
        vec![
            name,
            Cell::text(&it.title),
            it.unit.as_ref().map_or_else(Cell::none, |it| Cell::text(unit_name(it))),
            Cell::text(it.number.to_string()),
            Cell::text(lang.days(first_day(it.from), it.until)),
        ]
    }));
    table
}
