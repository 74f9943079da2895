//! `GET /settings`: what is configured.

use super::here::{Here, html};
use super::words;
use crate::web::frame::{Frame, Section};
use crate::web::problem::Problem;
use crate::web::route::{Gate, Route, Verb};
use crate::web::text::{Text, common, fields, organisation as t};
use askama::Template;
use axum::response::Response;
use kobling_domain::access::Operation;
use kobling_domain::agreement::AgreementText;
use kobling_domain::people::Field;
use kobling_hub::access::configuration::{Configuration, SystemText, TargetText};
use kobling_hub::webhook::{self, Standing, State};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/settings", Gate::For(Operation::ReadSettings), show)]
}

const WEBHOOK_HEADS: [Text; 6] =
    [t::KEY, t::PARTY, t::WEBHOOK_URL, t::WEBHOOK_STATE, t::WEBHOOK_WAITING, t::WEBHOOK_SAID];

#[derive(Template)]
#[template(path = "settings.html")]
struct Page {
    frame: Frame,
    tables: Vec<Listed>,
    agreements: Vec<Agreement>,
}

/// One agreement.
struct Agreement {
    key: String,
    facts: Vec<(&'static str, String)>,
}

/// Things of one kind.
struct Listed {
    title: &'static str,
    heads: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

async fn show(here: Here) -> Result<Response, Problem> {
    let frame = here.frame(Section::Settings, here.language.t(common::SETTINGS)).await?;
    let it = words::configuration(&here).await?;
    let tables = vec![
        listed(&frame, t::PARTIES, &[t::KEY, t::NAME], parties(&it)),
        listed(&frame, t::SYSTEMS, &[t::KEY, t::NAME, t::PARTY], systems(&it)),
        listed(&frame, t::SOURCES, &[t::KEY, t::SYSTEM, t::PLACE], sources(&frame, &it)),
        listed(&frame, t::TARGETS, &[t::KEY, t::SYSTEM, t::PLACE_TO], targets(&frame, &it)),
        listed(&frame, t::WEBHOOKS, &WEBHOOK_HEADS, webhooks(&here, &frame).await?),
    ];
    let agreements = it.agreements.iter().map(|it| agreement(&frame, it)).collect();
    html(&Page { frame, tables, agreements })
}

fn listed(frame: &Frame, title: Text, heads: &[Text], rows: Vec<Vec<String>>) -> Listed {
    let heads = heads.iter().map(|it| frame.t(*it)).collect();
    Listed { title: frame.t(title), heads, rows }
}

fn parties(it: &Configuration) -> Vec<Vec<String>> {
    it.parties.iter().map(|it| vec![it.key.clone(), it.name.clone()]).collect()
}

fn systems(it: &Configuration) -> Vec<Vec<String>> {
    let row = |it: &SystemText| vec![it.key.clone(), it.name.clone(), it.party.clone()];
    it.systems.iter().map(row).collect()
}

fn sources(frame: &Frame, it: &Configuration) -> Vec<Vec<String>> {
    let place = |place: Option<String>| place.unwrap_or_else(|| frame.t(t::BY_HAND).to_owned());
    let rows = it.sources.iter().map(|it| {
        let there = it.place().map(|it| it.to_string());
        vec![it.key.clone(), it.system.clone(), place(there)]
    });
    rows.collect()
}

fn targets(frame: &Frame, it: &Configuration) -> Vec<Vec<String>> {
    let row = |it: &TargetText| {
        let place = it.place().map(|it| it.to_string());
        let http = it.http.as_ref().map(|it| it.url.clone());
        let place = place.or(http).unwrap_or_else(|| frame.t(t::BY_HAND).to_owned());
        vec![it.key.clone(), it.system.clone(), place]
    };
    it.targets.iter().map(row).collect()
}

/// Those who are told what happens, and how each stands.
async fn webhooks(here: &Here, frame: &Frame) -> Result<Vec<Vec<String>>, Problem> {
    let all = webhook::standings(here.hub(), here.tenant()).await.map_err(Problem::internal)?;
    let row = |it: Standing| {
        let state = match it.state {
            State::New => t::WEBHOOK_NEW,
            State::Started => t::WEBHOOK_STARTED,
            State::Stopped => t::WEBHOOK_STOPPED,
        };
        let said =
            it.said.zip(it.said_at).map(|(said, at)| format!("{}: {said}", frame.instant(at)));
        let waiting = frame.lang.number(it.waiting);
        let state = frame.t(state).to_owned();
        vec![it.key, it.party, it.url, state, waiting, said.unwrap_or_default()]
    };
    Ok(all.into_iter().map(row).collect())
}

fn agreement(frame: &Frame, it: &AgreementText) -> Agreement {
    Agreement { key: it.key.clone(), facts: facts(frame, it) }
}

/// What an agreement says: what each part is called, and what stands there.
pub(super) fn facts(frame: &Frame, it: &AgreementText) -> Vec<(&'static str, String)> {
    let field = |it: &String| match it.parse::<Field>().ok() {
        Some(field) => frame.t(fields::label(field)).to_owned(),
        None => it.clone(),
    };
    let fields: Vec<String> = it.fields.iter().map(field).collect();
    let facts = [
        (t::SOURCE, it.source.clone()),
        (t::TARGET, it.target.clone()),
        (t::PURPOSE, it.purpose.clone()),
        (t::LEGAL_BASIS, it.legal_basis.clone()),
        (t::DAYS, frame.lang.days(Some(it.from), it.until)),
        (t::FIELDS, fields.join(", ")),
    ];
    facts.into_iter().map(|(name, told)| (frame.t(name), told)).collect()
}
