//! `GET /my-extract` and `GET /people/{person}/extract`: who got what about somebody.

use super::here::{Here, html};
use super::person::{failed, name};
use super::values::{Group, Teller};
use crate::web::frame::{Frame, Section};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::table::{Cell, Holds, Page as Listing, Table, Wish};
use crate::web::text::{audit, common, fields, person as t};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kobling_domain::access::Operation;
use kobling_domain::people::FieldName;
use kobling_hub::exchange::deliver::went::{Took, Went};
use kobling_hub::people::{self, About, Extract, ExtractError, Read, Shown};

pub(super) fn routes() -> Vec<Route> {
    let (own, any) = (Gate::For(Operation::ReadOwnExtract), Gate::For(Operation::ReadExtract));
    vec![
        Route::page(Verb::Get, "/my-extract", own, of_oneself),
        Route::page(Verb::Get, "/people/{person}/extract", any, of_person),
    ]
}

#[derive(Template)]
#[template(path = "extract.html")]
struct Page {
    frame: Frame,
    lead: &'static str,
    targets: Vec<Target>,
    read: Option<Listing>,
    values: Vec<Group>,
}

/// A system that may have data of the person.
struct Target {
    name: String,
    facts: Vec<(&'static str, String)>,
}

async fn of_oneself(here: Here, Query(wish): Query<Wish>) -> Result<Response, Problem> {
    let Some(person) = here.caller.signed.person else {
        let frame = here.frame(Section::MyExtract, here.language.t(t::EXTRACT_MINE)).await?;
        let lead = frame.t(t::MY_UNKNOWN);
        return html(&Page { frame, lead, targets: Vec::new(), read: None, values: Vec::new() });
    };
    let (section, path) = (Section::MyExtract, Section::MyExtract.path());
    show(&here, &person.to_string(), &wish, (section, path)).await
}

async fn of_person(
    here: Here,
    Path(person): Path<String>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let path = format!("/people/{person}/extract");
    show(&here, &person, &wish, (Section::People, &path)).await
}

async fn show(
    here: &Here,
    person: &str,
    wish: &Wish,
    (section, path): (Section, &str),
) -> Result<Response, Problem> {
    let found = people::extract(here.hub(), here.tenant(), person).await.map_err(refused)?;
    here.note_read(vec![found.person]).await?;
    let mut frame = here.frame(section, here.language.t(t::EXTRACT_MINE)).await?;
    if let (Section::People, Some(shown)) = (section, found.known.first()) {
        frame.title = frame.fill(t::EXTRACT_OF, &[("name", &name(&frame, shown))]);
    }
    let table = table(&frame, &found.read);
    if let Some(file) = here.file(&table, wish).await? {
        return Ok(file);
    }
    let read = Some(here.listing(table, wish, path, &[]).await?);
    let targets = found.targets.iter().map(|it| target(&frame, it)).collect();
    let (values, lead) = (values(here, &frame, &found), frame.t(t::EXTRACT_LEAD));
    html(&Page { frame, lead, targets, read, values })
}

fn target(frame: &Frame, it: &Went) -> Target {
    let label = |it| fields::name(frame.lang, &FieldName::Known(it));
    let fields: Vec<String> = it.fields.iter().map(|it| label(*it)).collect();
    let at = |it: Option<&Took>| it.map(|it| frame.instant(it.at));
    let facts = [
        (t::HAS_IT, Some(frame.t(if it.has { common::YES } else { common::NO }).to_owned())),
        (t::FOR_WHAT, Some(it.purpose.clone())),
        (t::LEGAL_BASIS, Some(it.legal_basis.clone())),
        (t::FIELDS, Some(fields.join(", "))),
        (t::FIRST_TAKEN, at(it.took.first())),
        (t::LAST_TAKEN, at(it.took.last())),
    ];
    let facts = facts.into_iter().filter_map(|(name, told)| Some((frame.t(name), told?)));
    Target { name: it.name.clone(), facts: facts.collect() }
}

fn table(frame: &Frame, all: &[Read]) -> Table {
    let columns = [t::WHEN, t::WHO, t::WHERE, t::FOR_WHAT];
    let columns: Vec<(&str, Holds)> = columns.map(|it| (frame.t(it), Holds::Text)).into();
    let mut table = Table::new(frame.t(t::WHO_SAW), &columns);
    table.rows.extend(all.iter().map(|it| {
        vec![
            Cell::sorted(frame.instant(it.at), it.at.as_second()),
            Cell::text(&it.who),
            Cell::text(place(frame, it)),
            Cell::text(it.purpose.clone().unwrap_or_default()),
        ]
    }));
    table
}

/// Where somebody saw it: the part of the site, or what they did.
fn place(frame: &Frame, it: &Read) -> String {
    if it.action == "number.reveal" {
        return frame.t(audit::NUMBER_REVEAL).to_owned();
    }
    let operation = it.operation.as_deref().unwrap_or_default();
    super::audit::place(operation).map_or_else(|| operation.to_owned(), |it| frame.t(it).to_owned())
}

fn values(here: &Here, frame: &Frame, found: &Extract) -> Vec<Group> {
    let told = |it: &Shown| {
        let title = match (&it.about, &it.native) {
            (About::Employment { .. }, Some(number)) => {
                frame.fill(t::EMPLOYMENT_VALUES, &[("number", number.as_str())])
            }
            _ => frame.t(t::PERSON_VALUES).to_owned(),
        };
        let (day, may_see_runs) = (it.known_at.day, here.may(Operation::ReadRuns));
        let teller = Teller { frame, went: &found.targets, day, may_see_runs };
        teller.group(title, it)
    };
    found.known.iter().map(told).collect()
}

fn refused(error: ExtractError) -> Problem {
    match error {
        ExtractError::People(it) => failed(it),
        ExtractError::Deliver(it) => Problem::internal(it),
    }
}
