//! `GET /agreements`: who may receive what, and what waits for whom.

use super::here::{Here, html};
use crate::web::frame::{Frame, Section};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::table::{Cell, Holds, Page as Listing, Table, Tone, Wish};
use crate::web::text::{Text, agreements as t, common, organisation as o};
use askama::Template;
use axum::response::Response;
use kobling_domain::access::Operation;
use kobling_hub::access::configuration::Configuration;
use kobling_hub::agreement::{self, Listed, Standing};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/agreements", Gate::For(Operation::ReadAgreements), list)]
}

#[derive(Template)]
#[template(path = "agreements.html")]
struct Page {
    frame: Frame,
    listing: Listing,
}

async fn list(here: Here, Query(wish): Query<Wish>) -> Result<Response, Problem> {
    let frame = here.frame(Section::Agreements, here.language.t(common::AGREEMENTS)).await?;
    let found = agreement::list(here.hub(), here.tenant(), None).await;
    let (configuration, all) = found.map_err(Problem::internal)?;
    let columns = [t::AGREEMENT, o::SOURCE, o::TARGET, o::DAYS, t::STATE, t::WAITS_FOR];
    let columns: Vec<(&str, Holds)> = columns.map(|head| (frame.t(head), Holds::Text)).into();
    let mut table = Table::new(frame.t(common::AGREEMENTS), &columns);
    let seen = all.iter().filter(|it| is_seen(&here, &configuration, it));
    table.rows.extend(seen.map(|it| row(&frame, &configuration, it)));
    if let Some(file) = here.file(&table, &wish).await? {
        return Ok(file);
    }
    let listing = here.listing(table, &wish, Section::Agreements.path(), &[]).await?;
    html(&Page { frame, listing })
}

/// Whether an agreement concerns a party of whoever asks.
pub(super) fn is_seen(here: &Here, configuration: &Configuration, it: &Listed) -> bool {
    let access = &here.caller.access;
    let awaited = it.draft.as_ref().and_then(|it| it.awaits.as_ref());
    access.is_whole()
        || configuration.parties_of(&it.text).iter().any(|it| access.has_party(it))
        || awaited.is_some_and(|it| access.has_party(&it.owner))
}

fn row(frame: &Frame, configuration: &Configuration, it: &Listed) -> Vec<Cell> {
    let (tone, standing) = standing(it.standing);
    vec![
        Cell::text(&it.text.key).to(format!("/agreements/{}", it.text.key)),
        Cell::text(&it.text.source),
        Cell::text(&it.text.target),
        Cell::text(frame.lang.days(Some(it.text.from), it.text.until)),
        Cell::text(frame.t(standing)).toned(tone),
        waits_for(frame, configuration, it),
    ]
}

fn standing(standing: Standing) -> (Tone, Text) {
    match standing {
        Standing::Drafted => (Tone::Look, t::DRAFTED),
        Standing::Coming => (Tone::Plain, t::COMING),
        Standing::InForce => (Tone::Good, t::IN_FORCE),
        Standing::Ended => (Tone::Plain, t::ENDED),
        Standing::ClosedInEmergency => (Tone::Bad, t::CLOSED_IN_EMERGENCY),
    }
}

fn waits_for(frame: &Frame, configuration: &Configuration, it: &Listed) -> Cell {
    let Some(draft) = &it.draft else { return Cell::none() };
    let owner = draft.awaits.as_ref().map(|it| party_name(configuration, &it.owner));
    let owner = owner.unwrap_or_else(|| frame.t(t::NOBODY).to_owned());
    if draft.is_rejected {
        Cell::text(frame.fill(t::REJECTED_BY, &[("party", &owner)])).toned(Tone::Bad)
    } else {
        Cell::text(owner).toned(Tone::Look)
    }
}

/// What a party is called.
pub(super) fn party_name(configuration: &Configuration, key: &str) -> String {
    let found = configuration.parties.iter().find(|it| it.key == key);
    found.map_or_else(|| key.to_owned(), |it| it.name.clone())
}
