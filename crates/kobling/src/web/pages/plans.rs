//! `GET /plans`, `GET /plans/{plan}`, and the forms that release or reject one.

use super::brakes;
use super::here::{Here, html};
use super::plan_refused::{failed, why_not};
use super::words::{self, state_of_plan};
use crate::web::apart::apart;
use crate::web::frame::{Frame, Section};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::table::{Cell, Holds, Page as Listing, Table, Tone, Wish};
use crate::web::text::{common, fields, runs as t};
use askama::Template;
use axum::extract::{Form, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use kobling_domain::access::Operation;
use kobling_domain::exchange::Reason;
use kobling_domain::people::Kind;
use kobling_hub::exchange::decide;
use kobling_hub::exchange::decision::{Decision, Undecided};
use kobling_hub::exchange::plan::{self, FoundItem, Listed, PlanError, Shown, Wanted};
use kobling_hub::exchange::progress::Silent;
use serde::Deserialize;

/// Changes that are shown.
const ITEMS_MAX: usize = 50;
/// Characters of a hash that a list shows.
const HASH_SHOWN: usize = 12;

pub(super) fn routes() -> Vec<Route> {
    let (read, decide) = (Gate::For(Operation::ReadPlans), Gate::For(Operation::DecidePlan));
    vec![
        Route::page(Verb::Get, "/plans", read, list),
        Route::page(Verb::Get, "/plans/{plan}", read, show),
        Route::page(Verb::Post, "/plans/{plan}/release", decide, release),
        Route::page(Verb::Post, "/plans/{plan}/reject", decide, reject),
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
#[template(path = "plan.html")]
struct PlanPage {
    frame: Frame,
    plan: String,
    state: (Tone, &'static str),
    is_held: bool,
    may_decide: bool,
    decided: Option<String>,
    brakes: Vec<brakes::Told>,
    protects: Option<String>,
    facts: Vec<(&'static str, String)>,
    counts: Vec<(&'static str, &'static str, String)>,
    /// None if no unit's people change.
    by_unit: Option<Listing>,
    find: Find,
    kinds: Vec<(&'static str, &'static str, bool)>,
    reasons: Vec<(&'static str, &'static str, bool)>,
    examples: Vec<Example>,
    more: bool,
    reason: String,
    error: Option<String>,
}

/// A change, as it is shown.
struct Example {
    name: String,
    kind: &'static str,
    number: String,
    why: &'static str,
    from: String,
    fields: Vec<(String, String, String)>,
}

/// What is looked for in a plan.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Find {
    name: String,
    kind: String,
    why: String,
}

/// A person's word on a plan.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Word {
    reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Release,
    Reject,
}

async fn list(here: Here, Query(wish): Query<Wish>) -> Result<Response, Problem> {
    let frame = here.frame(Section::Plans, here.language.t(common::PLANS)).await?;
    let plans = plan::list(here.hub(), here.tenant()).await.map_err(failed)?;
    let table = table(&frame, &plans);
    if let Some(file) = here.file(&table, &wish).await? {
        return Ok(file);
    }
    let lead = frame.t(t::PLANS_LEAD);
    let listing = here.listing(table, &wish, Section::Plans.path(), &[]).await?;
    html(&ListPage { frame, lead, listing })
}

async fn show(
    here: Here,
    Path(hash): Path<String>,
    Query(find): Query<Find>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    html(&page(&here, &hash, (find, wish), Word::default(), None).await?)
}

async fn release(
    here: Here,
    Path(hash): Path<String>,
    Form(word): Form<Word>,
) -> Result<Response, Problem> {
    decided(here, &hash, word, Verdict::Release).await
}

async fn reject(
    here: Here,
    Path(hash): Path<String>,
    Form(word): Form<Word>,
) -> Result<Response, Problem> {
    decided(here, &hash, word, Verdict::Reject).await
}

/// Carries out what was decided, or shows the plan again with what is wrong and what was typed.
async fn decided(
    here: Here,
    hash: &str,
    word: Word,
    verdict: Verdict,
) -> Result<Response, Problem> {
    let here = &here.on(format!("/plans/{hash}"));
    let today = words::today(here).await?;
    let lang = here.language;
    let problem = match carry_out(here, hash, (&word.reason, today), verdict).await? {
        Ok(()) => None,
        Err(NotDone::Undecided(it)) => Some(lang.t(words::undecided(it)).to_owned()),
        Err(NotDone::Plan(it @ (PlanError::Unknown { .. } | PlanError::TooShort { .. }))) => {
            return Err(failed(it));
        }
        Err(NotDone::Plan(it)) if it.is_bad_input() => Some(lang.t(why_not(&it)).to_owned()),
        Err(NotDone::Plan(it)) => return Err(Problem::internal(it)),
    };
    let Some(problem) = problem else {
        return Ok(Redirect::to(&format!("/plans/{hash}")).into_response());
    };
    let wishes = (Find::default(), Wish::default());
    let page = page(here, hash, wishes, word, Some(problem)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}

/// Why what was asked was not done.
enum NotDone {
    Undecided(Undecided),
    Plan(PlanError),
}

impl From<Undecided> for NotDone {
    fn from(it: Undecided) -> Self {
        Self::Undecided(it)
    }
}

impl From<PlanError> for NotDone {
    fn from(it: PlanError) -> Self {
        Self::Plan(it)
    }
}

async fn carry_out(
    here: &Here,
    hash: &str,
    (reason, today): (&str, Date),
    verdict: Verdict,
) -> Result<Result<(), NotDone>, Problem> {
    let (hub, tenant) = (here.hub().clone(), here.tenant());
    let (by, reason) = (here.caller.signed.key.clone(), reason.to_owned());
    let hash = hash.to_owned();
    apart(move || async move {
        let decision = Decision::new(&by, &reason, today)?;
        match verdict {
            Verdict::Release => {
                decide::release(&hub, tenant, &hash, &decision, &Silent).await.map(drop)?;
            }
            Verdict::Reject => decide::reject(&hub, tenant, &hash, &decision).await.map(drop)?,
        }
        Ok(())
    })
    .await
}

async fn page(
    here: &Here,
    hash: &str,
    (find, wish): (Find, Wish),
    word: Word,
    error: Option<String>,
) -> Result<PlanPage, Problem> {
    let (hub, tenant) = (here.hub(), here.tenant());
    let shown = plan::show(hub, tenant, hash, 0).await.map_err(failed)?;
    let wanted = Wanted {
        find: find.name.clone(),
        kind: Kind::ALL.into_iter().find(|it| it.name() == find.kind),
        reason: Reason::ALL.into_iter().find(|it| it.name() == find.why),
        after: None,
    };
    let found = plan::search(hub, tenant, &shown.plan, &wanted, ITEMS_MAX).await;
    let (items, more) = found.map_err(failed)?;
    here.note_read(items.iter().filter_map(|it| it.person).collect()).await?;
    let lang = here.language;
    let values = [("source", &*shown.source), ("day", &*lang.date(shown.date))];
    let frame = here.frame(Section::Plans, lang.fill(t::PLAN_OF, &values)).await?;
    let (tone, state) = state_of_plan(shown.state);
    let is_held = shown.state == "held";
    let has_word = here.caller.signed.access(Operation::DecidePlan).is_some();
    let decided = shown.decided.as_ref().map(|it| {
        let at = frame.instant(it.at);
        frame.fill(t::DECIDED_BY, &[("who", &it.by), ("at", &at), ("why", &it.reason)])
    });
    let protects = shown.protects.len();
    Ok(PlanPage {
        state: (tone, lang.t(state)),
        is_held,
        may_decide: is_held && has_word,
        decided,
        brakes: shown.brakes.iter().map(|it| brakes::of_plan(lang, it)).collect(),
        protects: (protects > 0).then(|| lang.count(t::PROTECTS, protects)),
        facts: vec![
            (lang.t(t::SOURCE), shown.source.clone()),
            (lang.t(t::FILE), shown.input.clone()),
            (lang.t(t::FOR_DAY), lang.date(shown.date)),
            (lang.t(t::HASH), shown.plan.clone()),
        ],
        counts: counts(&frame, &shown),
        by_unit: (!shown.by_unit.is_empty()).then(|| {
            by_unit(&frame, &shown).page(lang, &wish, &format!("/plans/{}", shown.plan), &[])
        }),
        kinds: choices(
            lang.t(t::ANY),
            Kind::ALL.map(|it| (it.name(), lang.t(words::kind(it)))),
            &find.kind,
        ),
        reasons: choices(
            lang.t(t::ANY),
            Reason::ALL.map(|it| (it.name(), lang.t(words::reason(it)))),
            &find.why,
        ),
        find,
        examples: items.iter().map(|it| example(&frame, it)).collect(),
        more,
        reason: word.reason,
        error,
        plan: shown.plan,
        frame,
    })
}

/// What can be chosen from, after `any`, and what is chosen.
fn choices<const N: usize>(
    any: &'static str,
    all: [(&'static str, &'static str); N],
    chosen: &str,
) -> Vec<(&'static str, &'static str, bool)> {
    let all = std::iter::once(("", any)).chain(all);
    all.map(|(value, name)| (value, name, value == chosen)).collect()
}

fn table(frame: &Frame, plans: &[Listed]) -> Table {
    let lang = frame.lang;
    let columns = [
        (t::HASH, Holds::Text),
        (t::STATE, Holds::Text),
        (t::BRAKES, Holds::Numbers),
        (t::SOURCE, Holds::Text),
        (t::FOR_DAY, Holds::Text),
        (t::UNITS_N, Holds::Numbers),
        (t::EMPLOYMENTS_N, Holds::Numbers),
        (t::OTHERS_N, Holds::Numbers),
        (t::FILE, Holds::Names),
    ];
    let columns: Vec<(&str, Holds)> = columns.map(|(head, holds)| (lang.t(head), holds)).into();
    let mut table = Table::new(lang.t(common::PLANS), &columns);
    table.rows.extend(plans.iter().map(|it| {
        let (tone, state) = state_of_plan(it.state);
        let hash: String = it.plan.chars().take(HASH_SHOWN).collect();
        vec![
            Cell::text(hash).to(format!("/plans/{}", it.plan)),
            Cell::text(lang.t(state)).toned(tone),
            Cell::number(lang, it.brakes.len()),
            Cell::text(&it.source),
            Cell::day(lang, it.date),
            Cell::number(lang, it.units),
            Cell::number(lang, it.employments),
            Cell::number(lang, it.others.values().sum::<u64>()),
            Cell::text(&it.input),
        ]
    }));
    table
}

fn counts(frame: &Frame, plan: &Shown) -> Vec<(&'static str, &'static str, String)> {
    let own = [(Kind::Unit, &plan.units), (Kind::Employment, &plan.employments)];
    let all = own.into_iter().chain(plan.others.iter().map(|(kind, it)| (*kind, it)));
    let rows = all.flat_map(|(kind, by_reason)| {
        by_reason.0.iter().map(move |(reason, count)| (kind, *reason, *count))
    });
    let words = |(kind, reason, count): (Kind, Reason, u64)| {
        let (kind, reason) = (frame.t(words::kind(kind)), frame.t(words::reason(reason)));
        (kind, reason, frame.lang.number(count))
    };
    rows.map(words).collect()
}

fn by_unit(frame: &Frame, plan: &Shown) -> Table {
    let lang = frame.lang;
    let columns = [
        (lang.t(t::UNIT), Holds::Text),
        (lang.t(t::LEFT), Holds::Numbers),
        (lang.t(t::JOINED), Holds::Numbers),
        (lang.t(t::CHANGED), Holds::Numbers),
    ];
    let mut table = Table::new(lang.t(t::BY_UNIT), &columns);
    table.rows.extend(plan.by_unit.iter().map(|it| {
        let name = it
            .name
            .as_ref()
            .map_or_else(|| it.unit.to_string(), |name| format!("{name} ({})", it.unit));
        vec![
            Cell::text(name),
            Cell::number(lang, it.change.left),
            Cell::number(lang, it.change.joined),
            Cell::number(lang, it.change.changed),
        ]
    }));
    table
}

fn example(frame: &Frame, found: &FoundItem) -> Example {
    let (lang, item) = (frame.lang, &found.item);
    let told = |name, it: &Option<_>| match it {
        Some(it) => words::value(lang, name, it),
        None => lang.t(t::NOTHING_TOLD).to_owned(),
    };
    let fields = found.fields.iter().map(|it| {
        (fields::name(lang, &it.name), told(&it.name, &it.before), told(&it.name, &it.after))
    });
    Example {
        name: item.name.clone().unwrap_or_default(),
        kind: lang.t(words::one_kind(item.kind)),
        number: item.native.to_string(),
        why: lang.t(words::reason(item.reason)),
        from: lang.date(item.effective),
        fields: fields.collect(),
    }
}
