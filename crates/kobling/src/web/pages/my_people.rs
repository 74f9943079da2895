//! `GET /my-people` and `GET /my-people/{leader}`: the people of a leader, and a click down those of
//! the leaders below.

use super::here::{Here, html};
use super::words::unit_name;
use crate::web::frame::{Frame, Section};
use crate::web::problem::{Kind, Problem};
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::table::{Cell, Holds, Page as Listing, Table, Tone, Wish};
use crate::web::text::{common, person as t};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kobling_domain::access::Operation;
use kobling_domain::id::SubjectId;
use kobling_hub::people::{self, ActivityOf, Led, Team};
use uuid::Uuid;

pub(super) fn routes() -> Vec<Route> {
    let gate = Gate::For(Operation::ReadOwnPeople);
    vec![
        Route::page(Verb::Get, "/my-people", gate, own),
        Route::page(Verb::Get, "/my-people/{leader}", gate, below),
    ]
}

#[derive(Template)]
#[template(path = "my_people.html")]
struct Page {
    frame: Frame,
    lead: String,
    units: Vec<String>,
    listing: Option<Listing>,
    is_below: bool,
}

async fn own(here: Here, Query(wish): Query<Wish>) -> Result<Response, Problem> {
    let title = here.language.t(common::MY_PEOPLE);
    let Some(leader) = here.caller.signed.person else {
        let frame = here.frame(Section::MyPeople, title).await?;
        let lead = frame.t(t::MY_UNKNOWN).to_owned();
        return html(&Page { frame, lead, units: Vec::new(), listing: None, is_below: false });
    };
    show(&here, leader, &wish, Section::MyPeople.path().to_owned()).await
}

async fn below(
    here: Here,
    Path(leader): Path<String>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let leader = leader.parse::<Uuid>().map(SubjectId).map_err(|_| Kind::NotFound)?;
    let own = here.caller.signed.person.ok_or(Kind::NotFound)?;
    let leads = people::leads(here.hub(), here.tenant(), own, leader).await;
    if leader != own && !leads.map_err(Problem::internal)? {
        return Err(Kind::NotFound.into());
    }
    show(&here, leader, &wish, format!("/my-people/{leader}")).await
}

async fn show(
    here: &Here,
    leader: SubjectId,
    wish: &Wish,
    path: String,
) -> Result<Response, Problem> {
    let team = people::team(here.hub(), here.tenant(), &leader.to_string(), None).await;
    let team = team.map_err(Problem::internal)?;
    let is_below = here.caller.signed.person != Some(leader);
    let lang = here.language;
    let name = team.manager.name.clone().unwrap_or_else(|| lang.t(t::NO_NAME).to_owned());
    let title = if is_below {
        lang.fill(t::TEAM_OF, &[("name", &name)])
    } else {
        lang.t(common::MY_PEOPLE).to_owned()
    };
    let frame = here.frame(Section::MyPeople, title).await?;
    let table = table(&frame, &team);
    if let Some(file) = here.file(&table, wish).await? {
        return Ok(file);
    }
    let lead = if team.units.is_empty() {
        frame.t(t::MY_NONE).to_owned()
    } else {
        lang.count(t::MY_LEAD, team.people.len())
    };
    let listing = if team.units.is_empty() {
        None
    } else {
        Some(here.listing(table, wish, &path, &[]).await?)
    };
    let units = team.units.iter().map(unit_name).collect();
    html(&Page { frame, lead, units, listing, is_below })
}

fn table(frame: &Frame, team: &Team) -> Table {
    let lang = frame.lang;
    let columns = [
        (lang.t(t::NAME), Holds::Text),
        (lang.t(t::TITLE), Holds::Text),
        (lang.t(t::UNIT), Holds::Text),
        (lang.t(t::LEADS), Holds::Text),
        (lang.t(t::EXPIRES), Holds::Text),
        (lang.t(t::QUALIFICATIONS), Holds::Text),
        (lang.t(t::ACTIVITIES), Holds::Text),
    ];
    let mut table = Table::new(lang.t(common::MY_PEOPLE), &columns);
    table.rows.extend(team.people.iter().map(|it| row(frame, it)));
    table
}

fn row(frame: &Frame, it: &Led) -> Vec<Cell> {
    let lang = frame.lang;
    let name = it.person.name.clone().unwrap_or_else(|| lang.t(t::NO_NAME).to_owned());
    let expires = it.expires.as_ref().map_or_else(Cell::none, |end| {
        let (day, past) = (lang.date(end.valid_until), lang.t(t::EXPIRED));
        if end.is_past {
            Cell::text(format!("{day} {} ({past})", end.name)).toned(Tone::Bad)
        } else {
            Cell::text(format!("{day} {}", end.name))
        }
    });
    let qualifications: Vec<&str> = it.qualifications.iter().map(|it| it.name.as_str()).collect();
    let activities: Vec<String> = it.activities.iter().map(activity).collect();
    let below = if it.leads {
        Cell::text(lang.t(t::SEE_PEOPLE)).to(format!("/my-people/{}", it.person.id))
    } else {
        Cell::none()
    };
    vec![
        Cell::text(name).to(format!("/people/{}", it.person.id)).about(it.person.id),
        Cell::text(it.title.clone().unwrap_or_default()),
        Cell::text(unit_name(&it.unit)),
        below,
        expires,
        Cell::text(qualifications.join(", ")),
        Cell::text(activities.join(", ")),
    ]
}

/// What it is called, and how far they have come.
fn activity(it: &ActivityOf) -> String {
    match &it.status {
        Some(status) => format!("{} ({status})", it.name),
        None => it.name.clone(),
    }
}
