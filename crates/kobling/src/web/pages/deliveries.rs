//! `GET /deliveries`: how deliveries to each target stand.

use super::here::{Here, html};
use super::words;
use crate::web::frame::{Frame, Section};
use crate::web::problem::{Kind, Problem};
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::table::{Cell, Holds, Page as Listing, Table, Tone, Wish};
use crate::web::text::{common, delivery as t};
use askama::Template;
use axum::response::Response;
use kobling_domain::access::Operation;
use kobling_hub::access::configuration::{Configuration, TargetFormat, TargetText};
use kobling_hub::exchange::deliver::{self, Receipt};
use kobling_hub::exchange::delivery;
use kobling_hub::exchange::lane::Standing;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/deliveries", Gate::For(Operation::ReadDeliveries), list)]
}

#[derive(Template)]
#[template(path = "listing.html")]
struct Page {
    frame: Frame,
    lead: &'static str,
    listing: Listing,
}

async fn list(here: Here, Query(wish): Query<Wish>) -> Result<Response, Problem> {
    let frame = here.frame(Section::Deliveries, here.language.t(common::DELIVERIES)).await?;
    let configuration = words::configuration(&here).await?;
    let columns = [
        (t::TARGET, Holds::Text),
        (t::DEAD, Holds::Numbers),
        (t::HELD, Holds::Numbers),
        (t::ON_THE_WAY, Holds::Numbers),
        (t::AS_OF, Holds::Text),
        (t::LAST, Holds::Text),
        (t::SYSTEM, Holds::Text),
        (t::FORMAT, Holds::Text),
    ];
    let columns: Vec<(&str, Holds)> = columns.map(|(head, holds)| (frame.t(head), holds)).into();
    let mut table = Table::new(frame.t(common::DELIVERIES), &columns);
    for it in configuration.targets.iter().filter(|it| reaches(&here, &configuration, it)) {
        table.rows.push(row(&here, &frame, &configuration, it).await?);
    }
    if let Some(file) = here.file(&table, &wish).await? {
        return Ok(file);
    }
    let lead = frame.t(t::LEAD);
    let listing = here.listing(table, &wish, Section::Deliveries.path(), &[]).await?;
    html(&Page { frame, lead, listing })
}

/// Whether a target is of a system of the party of the one who asks.
fn reaches(here: &Here, configuration: &Configuration, target: &TargetText) -> bool {
    let system = configuration.systems.iter().find(|it| it.key == target.system);
    system.is_some_and(|it| here.caller.access.has_party(&it.party))
}

/// The target of that key, if they reach it.
pub(super) async fn find(here: &Here, key: &str) -> Result<TargetText, Problem> {
    let configuration = words::configuration(here).await?;
    let found = configuration.targets.iter().find(|it| it.key == key);
    let found = found.filter(|it| reaches(here, &configuration, it));
    found.cloned().ok_or_else(|| Kind::NotFound.into())
}

/// How a target stands; none while nothing lets it have anything, or it was never followed.
pub(super) async fn standing(here: &Here, key: &str) -> Result<Option<Standing>, Problem> {
    match delivery::standing(here.hub(), here.tenant(), key).await {
        Ok(now) => Ok(Some(now)),
        Err(it) if it.is_bad_input() => Ok(None),
        Err(it) => Err(Problem::internal(it)),
    }
}

async fn row(
    here: &Here,
    frame: &Frame,
    configuration: &Configuration,
    it: &TargetText,
) -> Result<Vec<Cell>, Problem> {
    let lang = frame.lang;
    let system = configuration.systems.iter().find(|system| system.key == it.system);
    let name = system.map_or_else(|| it.system.clone(), |it| it.name.clone());
    let (format, last) = match it.format {
        TargetFormat::Plan2learn => {
            let receipts = deliver::receipts(here.hub(), here.tenant(), &it.key, None, 1).await;
            let receipts = receipts.map_err(Problem::internal)?;
            (t::FILES, taken(frame, receipts.first()))
        }
        TargetFormat::Messages => (t::MESSAGES, Cell::none()),
    };
    let now = standing(here, &it.key).await?;
    let count = |count: fn(&Standing) -> u64| {
        now.as_ref().map_or_else(Cell::none, |it| Cell::number(lang, count(it)))
    };
    let as_of = now.as_ref().and_then(|it| it.as_of);
    Ok(vec![
        Cell::text(&it.key).to(format!("/deliveries/{}", it.key)),
        count(|it| it.rejected),
        count(|it| it.held),
        count(|it| it.pending),
        as_of.map_or_else(Cell::none, |it| Cell::day(lang, it)),
        last,
        Cell::text(name),
        Cell::text(lang.t(format)),
    ])
}

fn taken(frame: &Frame, last: Option<&Receipt>) -> Cell {
    match last {
        Some(it) => Cell::sorted(frame.instant(it.at), it.at.as_second()),
        None => Cell::text(frame.t(t::NEVER)).toned(Tone::Look),
    }
}
