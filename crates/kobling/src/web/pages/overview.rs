//! `GET /`: how everything stands, and who must act.

use super::here::{Here, html};
use crate::web::frame::{Frame, Section};
use crate::web::language::Language;
use crate::web::picture::Bars;
use crate::web::problem::Problem;
use crate::web::route::{Gate, Route, Verb};
use crate::web::table::Tone;
use crate::web::text::{Text, common, overview as t};
use askama::Template;
use axum::response::Response;
use kobling_domain::access::Operation;
use kobling_hub::doctor::Level;
use kobling_hub::overview::{self, Card, DayFigures, Thing, Why};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/", Gate::For(Operation::ReadOverview), show)]
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    frame: Frame,
    lead: String,
    cards: Vec<ShownCard>,
    bars: [Bars; 3],
    days: Vec<[String; 5]>,
}

struct ShownCard {
    class: &'static str,
    tone: Tone,
    state: &'static str,
    /// What it is, and its key: several may be of one system.
    kind: String,
    name: String,
    /// Where there is more of it; nowhere for who may not see it.
    href: Option<String>,
    reasons: Vec<String>,
    acts: Option<String>,
    fresh: Vec<String>,
}

async fn show(here: Here) -> Result<Response, Problem> {
    let frame = here.frame(Section::Overview, here.language.t(common::OVERVIEW)).await?;
    let mut told =
        overview::overview(here.hub(), here.tenant()).await.map_err(Problem::internal)?;
    let access = &here.caller.access;
    told.cards.retain(|it| access.is_whole() || it.parties.iter().any(|it| access.has_party(it)));
    let to_look_at = told.cards.iter().filter(|it| it.level != Level::Ok).count();
    let lead = match (to_look_at, told.cards.is_empty()) {
        (_, true) => frame.t(t::NOTHING).to_owned(),
        (0, false) => frame.t(t::LEAD_GOOD).to_owned(),
        (n, false) => frame.lang.count(t::LEAD_LOOK, n),
    };
    let may_see = |it: Section| here.caller.signed.access(it.operation()).is_some();
    let cards = told.cards.iter().map(|it| shown(&frame, it, may_see)).collect();
    let (bars, days) = (bars(frame.lang, &told.days), rows(frame.lang, &told.days));
    html(&Page { frame, lead, cards, bars, days })
}

fn shown(frame: &Frame, card: &Card, may_see: impl Fn(Section) -> bool) -> ShownCard {
    let (class, tone, state) = match card.level {
        Level::Ok => ("card-good", Tone::Good, common::STATE_GOOD),
        Level::Warning => ("card-look", Tone::Look, common::STATE_LOOK),
        Level::Problem => ("card-bad", Tone::Bad, common::STATE_BAD),
    };
    let (kind, more, at) = match card.thing {
        Thing::Source => (t::SOURCE, Section::Runs, t::AT_READ),
        Thing::Target => (t::TARGET, Section::Deliveries, t::AT_DELIVERED),
        Thing::Agreement => (t::AGREEMENT, Section::Agreements, t::AT_DELIVERED),
    };
    let href = match card.thing {
        Thing::Source => more.path().to_owned(),
        Thing::Target | Thing::Agreement => format!("{}/{}", more.path(), card.key),
    };
    let day = card.fresh.map(|day| frame.fill(t::FRESH, &[("day", &frame.lang.date(day))]));
    let at = card.at.map(|it| frame.fill(at, &[("at", &frame.instant(it))]));
    ShownCard {
        class,
        tone,
        state: frame.t(state),
        kind: format!("{} {}", frame.t(kind), card.key),
        name: card.name.clone(),
        href: may_see(more).then_some(href),
        reasons: card.reasons.iter().map(|it| reason(frame, it)).collect(),
        acts: card.acts.as_ref().map(|who| frame.fill(t::ACTS, &[("who", who)])),
        fresh: day.into_iter().chain(at).collect(),
    }
}

/// Why something stands so, and what to do.
fn reason(frame: &Frame, why: &Why) -> String {
    let lang = frame.lang;
    let last = |text: Text, until: jiff::civil::Date| {
        let last = until.yesterday().unwrap_or(until);
        lang.fill(text, &[("day", &lang.date(last))])
    };
    match why {
        Why::InOrder => lang.t(t::IN_ORDER).to_owned(),
        Why::Reading { since, .. } => lang.fill(t::READING, &[("at", &frame.instant(*since))]),
        Why::Refused { input, .. } => lang.fill(t::REFUSED, &[("input", input)]),
        Why::Held { plans } => lang.count(t::HELD, *plans),
        Why::Missing { day } => lang.fill(t::MISSING, &[("day", &lang.date(*day))]),
        Why::Late { days } => lang.count(t::LATE, *days),
        Why::NeverRead => lang.t(t::NEVER_READ).to_owned(),
        Why::SetAside { records } => lang.count(t::SET_ASIDE, *records),
        Why::NeverDelivered => lang.t(t::NEVER_DELIVERED).to_owned(),
        Why::HeldMessages { messages } => lang.count(t::HELD_MESSAGES, *messages),
        Why::DeadLetters { messages } => lang.count(t::DEAD_LETTERS, *messages),
        Why::OnTheWay { messages } => lang.count(t::ON_THE_WAY, *messages),
        Why::NoAgreement => lang.t(t::NO_AGREEMENT).to_owned(),
        Why::ClosedInEmergency { at } => {
            lang.fill(t::CLOSED_IN_EMERGENCY, &[("at", &frame.instant(*at))])
        }
        Why::DraftWaits { party } => lang.fill(t::DRAFT_WAITS, &[("party", party)]),
        Why::DraftRejected { party } => lang.fill(t::DRAFT_REJECTED, &[("party", party)]),
        Why::DraftOfNobody => lang.t(t::DRAFT_OF_NOBODY).to_owned(),
        Why::Begins { on } => lang.fill(t::BEGINS, &[("day", &lang.date(*on))]),
        Why::EndsSoon { until } => last(t::ENDS_SOON, *until),
        Why::Ended { until } => last(t::ENDED, *until),
    }
}

fn bars(lang: Language, days: &[DayFigures]) -> [Bars; 3] {
    let of = |id, title: Text, value: fn(&DayFigures) -> u64| {
        let bar = |it: &DayFigures| {
            let label = format!("{}.{}", it.day.day(), it.day.month());
            (label, value(it), lang.number(value(it)))
        };
        Bars::new(id, lang.t(title).to_owned(), days.iter().map(bar).collect())
    };
    [
        of("runs", t::RUNS_BY_DAY, |it| it.runs),
        of("changes", t::CHANGES_BY_DAY, |it| it.changes),
        of("files", t::FILES_BY_DAY, |it| it.files),
    ]
}

/// The figures once more, as text.
fn rows(lang: Language, days: &[DayFigures]) -> Vec<[String; 5]> {
    let row = |it: &DayFigures| {
        let [runs, stopped, changes, files] =
            [it.runs, it.stopped, it.changes, it.files].map(|it| lang.number(it));
        [lang.date(it.day), runs, stopped, changes, files]
    };
    days.iter().map(row).collect()
}
