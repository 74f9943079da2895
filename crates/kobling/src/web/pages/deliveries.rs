//! `GET /deliveries` and `GET /deliveries/{target}`: what went to targets, what they answered, what
//! waits, and what has drifted; and the forms that let it go on.

use super::here::{Here, apart, html};
use super::words;
use crate::web::frame::{Frame, Section};
use crate::web::problem::{Kind, Problem};
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::table::{Cell, Holds, Page as Listing, Table, Tone, Wish};
use crate::web::text::{common, delivery as t, runs as words_of};
use askama::Template;
use axum::extract::{Form, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use kobling_domain::access::Operation;
use kobling_hub::access::configuration::{Configuration, TargetFormat, TargetText};
use kobling_hub::exchange::decide::Decision;
use kobling_hub::exchange::deliver::drift::{self, Drift, DriftError};
use kobling_hub::exchange::deliver::{self, Receipt};
use kobling_hub::exchange::lane::manage::{self, Listed};
use kobling_hub::exchange::lane::{LaneError, Standing, standing};
use kobling_hub::exchange::progress::Silent;
use serde::Deserialize;

/// Receipts that are listed.
const RECEIPTS_MAX: u32 = 2_500;

pub(super) fn routes() -> Vec<Route> {
    let read = Gate::For(Operation::ReadDeliveries);
    let decide = Gate::For(Operation::DecideDelivery);
    vec![
        Route::page(Verb::Get, "/deliveries", read, list),
        Route::page(Verb::Get, "/deliveries/{target}", read, show),
        Route::page(Verb::Post, "/deliveries/{target}/release", decide, release),
        Route::page(Verb::Post, "/deliveries/{target}/retry", decide, retry),
    ]
}

#[derive(Template)]
#[template(path = "listing.html")]
struct ListPage {
    frame: Frame,
    lead: &'static str,
    listing: Listing,
}

#[derive(Template)]
#[template(path = "delivery.html")]
struct TargetPage {
    frame: Frame,
    target: String,
    title: &'static str,
    listing: Listing,
    facts: Vec<(&'static str, String)>,
    /// The brakes that may be released: what each holds, and by which hash.
    releases: Vec<(String, String)>,
    may_retry: bool,
    reason: String,
    error: Option<String>,
    has_drift: bool,
    drift: Option<Told>,
}

/// What was found of drift.
enum Told {
    Nothing,
    Rows(Vec<(&'static str, [usize; 5])>),
    Failed(String),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    drift: Option<String>,
}

/// A person's word on messages.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Word {
    reason: String,
    /// What is released, as it was shown.
    hash: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Release,
    Retry,
}

async fn list(here: Here, Query(wish): Query<Wish>) -> Result<Response, Problem> {
    let frame = here.frame(Section::Deliveries, here.language.t(common::DELIVERIES)).await?;
    let configuration = words::configuration(&here).await?;
    let columns = [
        (t::TARGET, Holds::Text),
        (t::SYSTEM, Holds::Text),
        (t::FORMAT, Holds::Text),
        (t::AS_OF, Holds::Text),
        (t::LAST, Holds::Text),
        (t::ON_THE_WAY, Holds::Numbers),
        (t::HELD, Holds::Numbers),
        (t::DEAD, Holds::Numbers),
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
    html(&ListPage { frame, lead, listing })
}

/// Whether a target is of a system of the party of the one who asks.
fn reaches(here: &Here, configuration: &Configuration, target: &TargetText) -> bool {
    let system = configuration.systems.iter().find(|it| it.key == target.system);
    system.is_some_and(|it| here.caller.access.has_party(&it.party))
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
    let mut cells =
        vec![Cell::text(&it.key).to(format!("/deliveries/{}", it.key)), Cell::text(name)];
    match it.format {
        TargetFormat::Plan2learn => {
            let receipts = deliver::receipts(here.hub(), here.tenant(), &it.key, 1).await;
            let receipts = receipts.map_err(Problem::internal)?;
            let last = receipts.first();
            let never = || Cell::text(lang.t(t::NEVER)).toned(Tone::Look);
            cells.push(Cell::text(lang.t(t::FILES)));
            cells.push(last.map_or_else(Cell::none, |it| Cell::day(lang, it.as_of)));
            cells.push(
                last.map_or_else(never, |it| Cell::sorted(frame.instant(it.at), it.at.as_second())),
            );
            cells.extend([Cell::none(), Cell::none(), Cell::none()]);
        }
        TargetFormat::Messages => {
            let now = standing(here.hub(), here.tenant(), &it.key).await.map_err(failed)?;
            cells.push(Cell::text(lang.t(t::MESSAGES)));
            cells.push(now.as_of.map_or_else(Cell::none, |it| Cell::day(lang, it)));
            cells.push(Cell::none());
            cells.push(Cell::number(lang, now.pending));
            cells.push(Cell::number(lang, now.held));
            cells.push(Cell::number(lang, now.rejected));
        }
    }
    Ok(cells)
}

async fn show(
    here: Here,
    Path(target): Path<String>,
    Query(asked): Query<Asked>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let text = find(&here, &target).await?;
    let found = match asked.drift {
        Some(_) => Some(look(&here, &text).await?),
        None => None,
    };
    let (page, table) = page(&here, &text, &wish, (Word::default(), None), found).await?;
    match here.file(&table, &wish).await? {
        Some(file) => Ok(file),
        None => html(&page),
    }
}

async fn release(
    here: Here,
    Path(target): Path<String>,
    Form(word): Form<Word>,
) -> Result<Response, Problem> {
    decided(&here, &target, word, Verdict::Release).await
}

async fn retry(
    here: Here,
    Path(target): Path<String>,
    Form(word): Form<Word>,
) -> Result<Response, Problem> {
    decided(&here, &target, word, Verdict::Retry).await
}

async fn decided(
    here: &Here,
    target: &str,
    word: Word,
    verdict: Verdict,
) -> Result<Response, Problem> {
    let text = find(here, target).await?;
    let today = words::today(here).await?;
    let lang = here.language;
    let problem = if word.reason.trim().is_empty() {
        lang.t(words_of::REASON_LACKS).to_owned()
    } else if !kobling_pii::find(&word.reason, today).is_empty() {
        lang.t(words_of::REASON_NUMBER).to_owned()
    } else {
        let decision = Decision { by: &here.caller.signed.key, reason: word.reason.trim() };
        let (hub, tenant) = (here.hub(), here.tenant());
        let done = match verdict {
            Verdict::Release => {
                manage::release(hub, tenant, &text.key, &word.hash, &decision).await
            }
            Verdict::Retry => manage::retry(hub, tenant, &text.key, None, &decision).await,
        };
        match done {
            Ok(_) => return Ok(Redirect::to(&format!("/deliveries/{target}")).into_response()),
            Err(it) if it.is_bad_input() => {
                lang.fill(words_of::NOT_DONE, &[("why", &it.to_string())])
            }
            Err(it) => return Err(Problem::internal(it)),
        }
    };
    let wrong = (word, Some(problem));
    let (page, _) = page(here, &text, &Wish::default(), wrong, None).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}

/// The target of that key, if they reach it.
async fn find(here: &Here, key: &str) -> Result<TargetText, Problem> {
    let configuration = words::configuration(here).await?;
    let found = configuration.targets.iter().find(|it| it.key == key);
    let found = found.filter(|it| reaches(here, &configuration, it));
    found.cloned().ok_or_else(|| Kind::NotFound.into())
}

async fn page(
    here: &Here,
    text: &TargetText,
    wish: &Wish,
    (word, error): (Word, Option<String>),
    drift: Option<Told>,
) -> Result<(TargetPage, Table), Problem> {
    let (hub, tenant, key) = (here.hub(), here.tenant(), &text.key);
    let frame = here.frame(Section::Deliveries, key).await?;
    let may_decide = here.caller.signed.access(Operation::DecideDelivery).is_some();
    let (title, table, facts, standing) = match text.format {
        TargetFormat::Plan2learn => {
            let all = deliver::receipts(hub, tenant, key, RECEIPTS_MAX).await;
            let all = all.map_err(Problem::internal)?;
            (t::RECEIPTS, receipts(&frame, &all), Vec::new(), None)
        }
        TargetFormat::Messages => {
            let now = standing(hub, tenant, key).await.map_err(failed)?;
            let all = manage::list(hub, tenant, key).await.map_err(failed)?;
            (t::UNFINISHED, messages(&frame, &all), facts(&frame, &now), Some(now))
        }
    };
    let is_rejected = standing.as_ref().is_some_and(|it| it.rejected > 0);
    let brakes = standing.into_iter().flat_map(|it| it.brakes).filter(|_| may_decide);
    let releases = brakes.map(|it| (it.tripped.action.to_string(), it.hash));
    let listing = table.clone().page(frame.lang, wish, &format!("/deliveries/{key}"), &[]);
    let page = TargetPage {
        target: key.clone(),
        title: frame.t(title),
        listing,
        facts,
        releases: releases.collect(),
        may_retry: may_decide && is_rejected,
        reason: word.reason,
        error,
        has_drift: text.format == TargetFormat::Plan2learn,
        drift,
        frame,
    };
    Ok((page, table))
}

fn receipts(frame: &Frame, all: &[Receipt]) -> Table {
    let lang = frame.lang;
    let columns = [
        (lang.t(t::SET), Holds::Numbers),
        (lang.t(t::FILE), Holds::Text),
        (lang.t(t::BYTES), Holds::Numbers),
        (lang.t(t::AS_OF), Holds::Text),
        (lang.t(t::TAKEN), Holds::Text),
        (lang.t(t::VERSION), Holds::Numbers),
        (lang.t(t::PLACE), Holds::Text),
        (lang.t(t::ANSWER), Holds::Text),
    ];
    let mut table = Table::new(lang.t(t::RECEIPTS), &columns);
    table.rows.extend(all.iter().map(|it| {
        vec![
            Cell::number(lang, it.set),
            Cell::text(&it.file),
            Cell::number(lang, it.bytes),
            Cell::day(lang, it.as_of),
            Cell::sorted(frame.instant(it.at), it.at.as_second()),
            Cell::number(lang, it.version),
            Cell::text(&it.place),
            Cell::text(&it.answer),
        ]
    }));
    table
}

/// By our own ids: who sees deliveries need not know whom they are about.
fn messages(frame: &Frame, all: &[Listed]) -> Table {
    let lang = frame.lang;
    let columns = [
        (lang.t(t::SUBJECT), Holds::Text),
        (lang.t(t::ACTION), Holds::Text),
        (lang.t(t::STATE), Holds::Text),
        (lang.t(t::ATTEMPTS), Holds::Numbers),
        (lang.t(t::REASON), Holds::Text),
        (lang.t(t::OWNER), Holds::Text),
    ];
    let mut table = Table::new(lang.t(t::UNFINISHED), &columns);
    table.rows.extend(all.iter().map(|it| {
        let (tone, state) = match it.state {
            "held" => (Tone::Look, t::S_HELD),
            "rejected" => (Tone::Bad, t::S_DEAD),
            _ => (Tone::Plain, t::S_PENDING),
        };
        vec![
            Cell::text(it.subject.to_string()),
            Cell::text(it.action.to_string()),
            Cell::text(lang.t(state)).toned(tone),
            Cell::number(lang, it.attempts),
            Cell::text(it.reason.clone().unwrap_or_default()),
            Cell::text(it.owner.clone().unwrap_or_default()),
        ]
    }));
    table
}

fn facts(frame: &Frame, now: &Standing) -> Vec<(&'static str, String)> {
    let number = |it: u64| frame.lang.number(it);
    vec![
        (frame.t(t::AS_OF), now.as_of.map(|it| frame.lang.date(it)).unwrap_or_default()),
        (frame.t(t::ON_THE_WAY), number(now.pending)),
        (frame.t(t::HELD), number(now.held)),
        (frame.t(t::DEAD), number(now.rejected)),
    ]
}

/// Compares what lies at the target with what it was sent.
async fn look(here: &Here, text: &TargetText) -> Result<Told, Problem> {
    let (hub, tenant, key) = (here.hub().clone(), here.tenant(), text.key.clone());
    let found: Result<Drift, DriftError> =
        apart(move || async move { drift::drift(&hub, tenant, &key, &[], &Silent).await }).await?;
    Ok(match found {
        Ok(it) => {
            let told = |it: &drift::FileDrift| {
                (it.name, [it.agreed, it.awaited, it.edited, it.missing, it.extra])
            };
            let drifted = it.files.iter().any(|it| it.edited + it.missing + it.extra > 0);
            if drifted { Told::Rows(it.files.iter().map(told).collect()) } else { Told::Nothing }
        }
        Err(it) => Told::Failed(it.to_string()),
    })
}

fn failed(error: LaneError) -> Problem {
    Problem::internal(error)
}
