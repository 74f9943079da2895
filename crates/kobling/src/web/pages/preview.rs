//! `GET /plans/{plan}/preview`: what each target would be sent if a held plan were released.
//!
//! Worked out by what `kobling plan preview` asks, on a copy of the ledger: that costs as much as a backup,
//! so it is for who decides, and stands behind a link.

use super::brakes;
use super::here::{Here, html};
use super::plan_refused::{failed, why_not};
use super::words;
use crate::web::apart::apart;
use crate::web::frame::{Frame, Section};
use crate::web::problem::Problem;
use crate::web::route::{Gate, Route, Verb};
use crate::web::text::{common, delivery, runs as t};
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use kobling_domain::access::Operation;
use kobling_domain::id::SubjectId;
use kobling_domain::people::Kind;
use kobling_hub::exchange::deliver::Delivery;
use kobling_hub::exchange::lane;
use kobling_hub::exchange::plan::PlanError;
use kobling_hub::exchange::preview::{self, Asked, Foreseen, Preview, PreviewError};
use kobling_hub::exchange::progress::Silent;

/// Messages of a target that are shown.
const MESSAGES_MAX: usize = 20;

pub(super) fn routes() -> Vec<Route> {
    let gate = Gate::For(Operation::DecidePlan);
    vec![Route::page(Verb::Get, "/plans/{plan}/preview", gate, show)]
}

#[derive(Template)]
#[template(path = "preview.html")]
struct Page {
    frame: Frame,
    plan: String,
    lead: Option<String>,
    /// Why nothing can be told.
    trouble: Option<&'static str>,
    targets: Vec<Shown>,
}

/// What one target would be sent.
struct Shown {
    target: String,
    /// What differs, and how much of it is added, changed and taken out.
    counts: Vec<(String, [String; 3])>,
    brakes: Vec<brakes::Told>,
    messages: Vec<[String; 3]>,
    /// Why it would be sent nothing, in the program's own words.
    refused: Option<String>,
}

async fn show(here: Here, Path(hash): Path<String>) -> Result<Response, Problem> {
    let (hub, tenant, plan) = (here.hub().clone(), here.tenant(), hash.clone());
    let look = move || async move {
        let asked = Asked { plan: Some(&plan), ..Asked::default() };
        preview::preview(&hub, tenant, asked, &Silent).await
    };
    let frame = here.frame(Section::Plans, here.language.t(t::PREVIEW)).await?;
    let page = match apart(look).await? {
        Ok(found) => {
            here.note_read(people(&found)).await?;
            let lead = frame.fill(t::PREVIEW_LEAD, &[("day", &frame.lang.date(found.at))]);
            let targets = found.targets.into_iter().map(|it| shown(&frame, it)).collect();
            Page { frame, plan: hash, lead: Some(lead), trouble: None, targets }
        }
        Err(PreviewError::Plan(PlanError::NotHeld { .. })) => {
            return Ok(Redirect::to(&format!("/plans/{hash}")).into_response());
        }
        Err(PreviewError::Plan(
            it @ (PlanError::Reconfigured { .. }
            | PlanError::MovedOn { .. }
            | PlanError::UndoMovedOn { .. }
            | PlanError::OtherFile { .. }),
        )) => {
            let trouble = Some(frame.t(why_not(&it)));
            Page { frame, plan: hash, lead: None, trouble, targets: Vec::new() }
        }
        Err(PreviewError::Plan(it)) => return Err(failed(it)),
        Err(it) => return Err(Problem::internal(it)),
    };
    html(&page)
}

/// Whom the page names.
fn people(found: &Preview) -> Vec<SubjectId> {
    let messages = found.targets.iter().filter_map(|it| it.messages.as_ref());
    let shown = messages.flat_map(|it| it.messages.iter().take(MESSAGES_MAX));
    shown.filter(|it| it.kind == Kind::Person).map(|it| it.subject).collect()
}

fn shown(frame: &Frame, it: Foreseen) -> Shown {
    let nothing = Shown {
        target: it.target,
        counts: Vec::new(),
        brakes: Vec::new(),
        messages: Vec::new(),
        refused: it.refused,
    };
    match (it.delivery, it.messages) {
        (Some(set), _) => of_files(frame, &set, nothing),
        (None, Some(messages)) => of_messages(frame, &messages, nothing),
        (None, None) => nothing,
    }
}

fn of_files(frame: &Frame, set: &Delivery, nothing: Shown) -> Shown {
    let number = |it: usize| frame.lang.number(it);
    let differs = set.files.iter().filter(|it| it.added + it.changed + it.gone > 0);
    let counts =
        differs.map(|it| (it.name.to_owned(), [it.added, it.changed, it.gone].map(number)));
    let brakes = set.brakes.iter().map(|it| brakes::of_plan(frame.lang, it));
    Shown { counts: counts.collect(), brakes: brakes.collect(), ..nothing }
}

fn of_messages(frame: &Frame, told: &lane::Foreseen, nothing: Shown) -> Shown {
    let made = [told.made.create, told.made.change, told.made.inactivate];
    let counts = (made.iter().sum::<u64>() > 0)
        .then(|| (frame.t(delivery::MESSAGES).to_owned(), made.map(|it| frame.lang.number(it))));
    let brakes = told.brakes.iter().map(|it| brakes::of_messages(frame.lang, it));
    let messages = told.messages.iter().take(MESSAGES_MAX).map(|it| {
        let (action, kind) =
            (frame.t(super::delivery::action_name(it.action)), frame.t(words::one_kind(it.kind)));
        // Who an employment is of stands nowhere else on the page, so its name is not told.
        let is_named = it.kind == Kind::Person || it.kind == Kind::Unit;
        let name = it.name.clone().filter(|_| is_named).unwrap_or_else(|| it.subject.to_string());
        [kind.to_owned(), name, action.to_owned()]
    });
    Shown {
        counts: counts.into_iter().collect(),
        brakes: brakes.collect(),
        messages: messages.collect(),
        ..nothing
    }
}
