//! `GET /runs` and `GET /runs/{run}`: readings of sources, while they read too; and the form by which
//! somebody has a source read now.

use super::here::{Here, html};
use super::words::{self, state_of_run};
use crate::web::frame::{Frame, Section};
use crate::web::problem::{Kind, Problem};
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::table::{Cell, Holds, Page as Listing, Table, Tone, Wish};
use crate::web::text::{Text, common, runs as t};
use askama::Template;
use axum::extract::{Form, Path};
use axum::response::{IntoResponse, Redirect, Response};
use kobling_domain::access::{Access, Operation};
use kobling_hub::access::configuration::{Configuration, SourceText};
use kobling_hub::exchange::asking;
use kobling_hub::exchange::runs::{self, Listed, Refusal, RunsError};
use serde::Deserialize;

/// Runs that are listed.
const LISTED_MAX: u32 = 1_000;
/// The browser asks again after so many seconds while a run reads.
const REFRESH_S: u32 = 2;

pub(super) fn routes() -> Vec<Route> {
    let gate = Gate::For(Operation::ReadRuns);
    vec![
        Route::page(Verb::Get, "/runs", gate, list),
        Route::page(Verb::Get, "/runs/{run}", gate, show),
        Route::page(Verb::Post, "/runs/ask", Gate::For(Operation::RunSource), ask),
    ]
}

#[derive(Template)]
#[template(path = "runs.html")]
struct ListPage {
    frame: Frame,
    lead: &'static str,
    /// What was asked for just now.
    asked: Option<String>,
    listing: Listing,
    /// Sources that the reader may have read.
    sources: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Done {
    /// The source that somebody has asked to be read.
    asked: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Wanted {
    source: String,
}

#[derive(Template)]
#[template(path = "run.html")]
struct RunPage {
    frame: Frame,
    run: Listed,
    state: (Tone, &'static str),
    is_reading: bool,
    so_far: String,
    /// How many records the last run read, while this one has read no more.
    usual: Option<u64>,
    /// Whether the reader wants the page left as it is.
    is_still: bool,
    refusal: Option<(&'static str, &'static str)>,
    /// Its plan, for who may see it.
    plan: Option<String>,
    facts: Vec<(&'static str, String)>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    still: Option<String>,
}

async fn list(
    here: Here,
    Query(wish): Query<Wish>,
    Query(done): Query<Done>,
) -> Result<Response, Problem> {
    let frame = here.frame(Section::Runs, here.language.t(common::RUNS)).await?;
    let runs = runs::list(here.hub(), here.tenant(), None, LISTED_MAX).await.map_err(failed)?;
    let reachable = reachable(&here).await?;
    let runs: Vec<Listed> = runs.into_iter().filter(|it| reachable.has(&it.source)).collect();
    let table = table(&frame, &runs);
    if let Some(file) = here.file(&table, &wish).await? {
        return Ok(file);
    }
    let lead = frame.t(t::RUNS_LEAD);
    let listing = here.listing(table, &wish, Section::Runs.path(), &[]).await?;
    let asked = done.asked.filter(|it| reachable.has(it));
    let asked = asked.map(|it| frame.fill(t::READ_ASKED, &[("source", &it)]));
    let sources = match here.caller.signed.access(Operation::RunSource) {
        Some(access) => runnable(&here, &access).await?,
        None => Vec::new(),
    };
    html(&ListPage { frame, lead, asked, listing, sources })
}

/// The sources within that reach that have a place where their files arrive.
async fn runnable(here: &Here, access: &Access) -> Result<Vec<String>, Problem> {
    let configuration = words::configuration(here).await?;
    let is_own = |it: &&SourceText| is_within(&configuration, access, it);
    let placed = configuration.sources.iter().filter(|it| it.place().is_some());
    Ok(placed.filter(is_own).map(|it| it.key.clone()).collect())
}

async fn ask(here: Here, Form(Wanted { source }): Form<Wanted>) -> Result<Response, Problem> {
    if !runnable(&here, &here.caller.access).await?.contains(&source) {
        return Err(Kind::NotFound.into());
    }
    let asked = asking::ask(here.hub(), here.tenant(), &source, &here.caller.signed.key).await;
    asked.map_err(Problem::internal)?;
    let path = format!("{}?asked={source}", Section::Runs.path());
    Ok(Redirect::to(&path).into_response())
}

async fn show(
    here: Here,
    Path(run): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let run = runs::one(here.hub(), here.tenant(), run).await.map_err(failed)?;
    if !reachable(&here).await?.has(&run.source) {
        return Err(Kind::NotFound.into());
    }
    let title = here.language.fill(t::RUN_NO, &[("no", &run.run.to_string())]);
    let mut frame = here.frame(Section::Runs, title).await?;
    let is_reading = run.state == "reading";
    let is_still = asked.still.is_some();
    frame.refresh_s = (is_reading && !is_still).then_some(REFRESH_S);
    let (tone, state) = state_of_run(run.state);
    let state = (tone, frame.t(state));
    let facts = facts(&frame, &run);
    let refusal = (run.state == "refused").then(|| {
        let (why, next) = refusal(run.refusal.unwrap_or(Refusal::Failed));
        (frame.t(why), frame.t(next))
    });
    let so_far = so_far(&frame, &run);
    let may_see_plan = here.caller.signed.access(Operation::ReadPlans).is_some();
    let plan = run.plan.clone().filter(|_| may_see_plan);
    let usual = run.usual.filter(|it| run.read <= *it);
    html(&RunPage { frame, run, state, is_reading, so_far, usual, is_still, refusal, plan, facts })
}

fn table(frame: &Frame, runs: &[Listed]) -> Table {
    let lang = frame.lang;
    let columns = [
        (t::RUN, Holds::Numbers),
        (t::STATE, Holds::Text),
        (t::SOURCE, Holds::Text),
        (t::HELD_N, Holds::Numbers),
        (t::ASIDE_N, Holds::Numbers),
        (t::STARTED, Holds::Text),
        (t::READ, Holds::Numbers),
        (t::APPLIED_N, Holds::Numbers),
        (t::FILE, Holds::Names),
    ];
    let columns: Vec<(&str, Holds)> = columns.map(|(head, holds)| (lang.t(head), holds)).into();
    let mut table = Table::new(lang.t(common::RUNS), &columns);
    table.rows.extend(runs.iter().map(|it| {
        let (tone, state) = state_of_run(it.state);
        vec![
            Cell::number(lang, it.run).to(format!("/runs/{}", it.run)),
            Cell::text(lang.t(state)).toned(tone),
            Cell::text(&it.source),
            Cell::number(lang, it.held),
            Cell::number(lang, it.quarantined),
            Cell::sorted(frame.instant(it.started_at), it.started_at.as_second()),
            Cell::number(lang, it.read),
            Cell::number(lang, it.applied),
            Cell::text(&it.input),
        ]
    }));
    table
}

/// How far a run has come.
fn so_far(frame: &Frame, run: &Listed) -> String {
    let number = |it: u64| frame.lang.number(it);
    match run.usual {
        Some(usual) => {
            frame.fill(t::READ_OF, &[("read", &number(run.read)), ("usual", &number(usual))])
        }
        None => frame.lang.count(t::READ_SO_FAR, run.read),
    }
}

/// Why a run was refused, and what to do.
pub(in crate::web) fn refusal(it: Refusal) -> (Text, Text) {
    match it {
        Refusal::Cut => (t::P_CUT, t::P_CUT_NEXT),
        Refusal::IllFormed => (t::P_FORM, t::P_FORM_NEXT),
        Refusal::OtherClient => (t::P_CLIENT, t::P_CLIENT_NEXT),
        Refusal::Future => (t::P_FUTURE, t::P_FUTURE_NEXT),
        Refusal::Unreachable => (t::P_UNREACHABLE, t::P_UNREACHABLE_NEXT),
        Refusal::Settings => (t::P_SETTINGS, t::P_SETTINGS_NEXT),
        Refusal::Failed => (t::P_FAILED, t::P_FAILED_NEXT),
    }
}

fn facts(frame: &Frame, run: &Listed) -> Vec<(&'static str, String)> {
    let number = |it: u64| frame.lang.number(it);
    let mut facts = vec![
        (t::SOURCE, run.source.clone()),
        (t::FILE, run.input.clone()),
        (t::FOR_DAY, run.date.map(|it| frame.lang.date(it)).unwrap_or_default()),
        (t::STARTED, frame.instant(run.started_at)),
        (t::ENDED, run.finished_at.map(|it| frame.instant(it)).unwrap_or_default()),
        (t::READ, number(run.read)),
    ];
    // What becomes of the records is known at the end.
    if run.state != "reading" {
        facts.extend([
            (t::APPLIED_N, number(run.applied)),
            (t::UNCHANGED_N, number(run.unchanged)),
            (t::HELD_N, number(run.held)),
            (t::ASIDE_N, number(run.quarantined)),
            (t::GONE_N, number(run.gone)),
        ]);
    }
    facts.retain(|it| !it.1.is_empty());
    facts.into_iter().map(|(name, told)| (frame.t(name), told)).collect()
}

/// The sources that somebody reaches.
pub(super) struct Reachable(Option<Vec<String>>);

impl Reachable {
    pub(super) fn has(&self, source: &str) -> bool {
        self.0.as_ref().is_none_or(|all| all.iter().any(|it| it == source))
    }
}

/// Those whose runs they may see: all, or those of their own party's systems.
pub(super) async fn reachable(here: &Here) -> Result<Reachable, Problem> {
    let access = &here.caller.access;
    if access.is_whole() {
        return Ok(Reachable(None));
    }
    let configuration = words::configuration(here).await?;
    let own = configuration.sources.iter().filter(|it| is_within(&configuration, access, it));
    Ok(Reachable(Some(own.map(|it| it.key.clone()).collect())))
}

/// Whether a source is one of a party that is within reach.
fn is_within(configuration: &Configuration, access: &Access, it: &SourceText) -> bool {
    let system = configuration.systems.iter().find(|system| system.key == it.system);
    system.is_some_and(|it| access.has_party(&it.party))
}

fn failed(error: RunsError) -> Problem {
    match error {
        RunsError::Unknown { .. } => Kind::NotFound.into(),
        RunsError::Store(it) => Problem::internal(it),
    }
}
