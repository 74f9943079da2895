//! `GET /audit`: who decided what, and why.

use super::here::{Here, html};
use super::words;
use crate::web::frame::{Frame, Section};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::table::{Cell, Holds, Page as Listing, Table, Wish};
use crate::web::text::{common, organisation as t};
use askama::Template;
use axum::response::Response;
use kobling_domain::access::Operation;
use kobling_hub::access::audit::{self, Told};

/// Acts that are listed.
const LISTED_MAX: u32 = 5_000;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/audit", Gate::For(Operation::ReadAudit), list)]
}

#[derive(Template)]
#[template(path = "listing.html")]
struct Page {
    frame: Frame,
    lead: &'static str,
    listing: Listing,
}

async fn list(here: Here, Query(wish): Query<Wish>) -> Result<Response, Problem> {
    let frame = here.frame(Section::Audit, here.language.t(common::AUDIT)).await?;
    let acts = audit::list(here.hub(), here.tenant(), None, LISTED_MAX).await;
    let acts = acts.map_err(Problem::internal)?;
    let today = words::today(&here).await?;
    let columns = [t::WHEN, t::WHO, t::ACT, t::WHY, t::DETAIL];
    let columns: Vec<(&str, Holds)> = columns.map(|it| (frame.t(it), Holds::Text)).into();
    let mut table = Table::new(frame.t(common::AUDIT), &columns);
    table.rows.extend(acts.iter().map(|it| row(&frame, it, today)));
    if let Some(file) = here.file(&table, &wish).await? {
        return Ok(file);
    }
    let lead = frame.t(t::AUDIT_LEAD);
    let listing = here.listing(table, &wish, Section::Audit.path(), &[]).await?;
    html(&Page { frame, lead, listing })
}

/// What somebody typed may hold a national number; it is not shown again.
fn row(frame: &Frame, it: &Told, today: jiff::civil::Date) -> Vec<Cell> {
    let masked = |text: &str| kobling_pii::mask(text, today).into_owned();
    let reason = it.detail.get("reason").and_then(|it| it.as_str());
    vec![
        Cell::sorted(frame.instant(it.at), it.at.as_second()),
        Cell::text(&it.who),
        Cell::text(&it.action),
        Cell::text(masked(reason.unwrap_or_default())),
        Cell::text(masked(&it.detail.to_string())),
    ]
}
