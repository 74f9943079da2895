//! `GET /groups`: target groups, and how many each holds.

use super::here::{Here, html};
use super::words;
use crate::web::frame::{Frame, Section, escaped};
use crate::web::language::Language;
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::table::{Cell, Holds, Page as Listing, Table, Wish};
use crate::web::text::{common, groups as t};
use askama::Template;
use axum::response::Response;
use kobling_domain::access::Operation;
use kobling_domain::people::RuleText;
use kobling_hub::people;
use kobling_hub::people::group;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/groups", Gate::For(Operation::ReadGroups), list)]
}

#[derive(Template)]
#[template(path = "groups.html")]
struct Page {
    frame: Frame,
    lead: &'static str,
    may_edit: bool,
    listing: Listing,
}

async fn list(here: Here, Query(wish): Query<Wish>) -> Result<Response, Problem> {
    let frame = here.frame(Section::Groups, here.language.t(common::GROUPS)).await?;
    let (hub, tenant, lang) = (here.hub(), here.tenant(), frame.lang);
    let may_edit = here.caller.signed.access(Operation::EditGroups).is_some();
    let columns = [(t::GROUP, Holds::Text), (t::RULES, Holds::Text), (t::COUNT, Holds::Numbers)];
    let columns: Vec<(&str, Holds)> = columns.map(|(head, holds)| (frame.t(head), holds)).into();
    let mut table = Table::new(frame.t(common::GROUPS), &columns);
    let groups = words::configuration(&here).await?.groups;
    for it in &groups {
        let members = group::show(hub, tenant, &it.key, people::When::default())
            .await
            .map_err(Problem::internal)?;
        let rules: Vec<String> = it.any.iter().map(|it| rule(lang, it)).collect();
        let edit = may_edit.then(|| format!("/groups/edit?key={}", escaped(&it.key)));
        let name = edit.map_or_else(|| Cell::text(&it.name), |edit| Cell::text(&it.name).to(edit));
        table.rows.push(vec![
            name,
            Cell::text(rules.join(&format!(" {} ", frame.t(t::OR)))),
            Cell::number(lang, members.people.len()),
        ]);
    }
    if let Some(file) = here.file(&table, &wish).await? {
        return Ok(file);
    }
    let lead = frame.t(if groups.is_empty() { t::NONE } else { t::LEAD });
    let listing = here.listing(table, &wish, Section::Groups.path(), &[]).await?;
    html(&Page { frame, lead, may_edit, listing })
}

/// A rule in words.
pub(super) fn rule(lang: Language, it: &RuleText) -> String {
    let lists = [
        (t::W_UNITS, &it.units),
        (t::W_EXCEPT, &it.except),
        (t::W_POSITIONS, &it.positions),
        (t::W_CONTRACTS, &it.contracts),
    ];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    let mut said: Vec<String> =
        lists.map(|(text, list)| lang.fill(text, &[("list", &list.join(", "))])).collect();
    said.extend(it.manager.map(|it| lang.t(if it { t::ONLY } else { t::NOT }).to_owned()));
    said.join("; ")
}
