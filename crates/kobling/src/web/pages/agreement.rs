//! `GET /agreements/{key}`: an agreement with its steps and versions, and the forms by which its parties
//! release, reject and close it.

use super::agreements::{is_seen, party_name};
use super::here::{Here, html};
use super::settings::facts;
use super::words::{self, today};
use crate::web::frame::{Frame, Section};
use crate::web::problem::{Kind, Problem};
use crate::web::route::{Gate, Route, Verb};
use crate::web::text::{Text, agreements as t, common, fields, organisation as o, runs};
use askama::Template;
use axum::extract::{Form, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use kobling_domain::access::{Access, Operation};
use kobling_domain::agreement::{Act, Step, StepStands, StepState, Template as Signs, Verdict};
use kobling_domain::people::Field;
use kobling_hub::access::configuration::Configuration;
use kobling_hub::agreement::{
    self, AgreementError, Closing, EntryChange, Listed, Said, Standing, Stands, State, Version,
};
use kobling_hub::exchange::decision::Decision;
use serde::Deserialize;
use serde_json::Value;

pub(super) fn routes() -> Vec<Route> {
    let release = Gate::For(Operation::ReleaseAgreement);
    let close_by = Gate::For(Operation::CloseAgreement);
    vec![
        Route::page(Verb::Get, "/agreements/{key}", Gate::For(Operation::ReadAgreements), show),
        Route::page(Verb::Post, "/agreements/{key}/steps/{step}", release, say),
        Route::page(Verb::Post, "/agreements/{key}/close", close_by, close),
    ]
}

#[derive(Template)]
#[template(path = "agreement.html")]
struct Page {
    frame: Frame,
    key: String,
    /// That it was closed in emergency, if it was.
    closed: Option<String>,
    lead: Option<String>,
    facts: Vec<(&'static str, String)>,
    steps_title: String,
    steps: Vec<[String; 4]>,
    versions: Vec<Told>,
    /// The step that waits for whoever looks: its name, and what they are told of it.
    own: Option<(Step, String)>,
    latest: u32,
    may_close: bool,
    in_force: u32,
    word: Word,
    errors: Vec<(&'static str, &'static str)>,
}

/// A version in words.
struct Told {
    name: String,
    title: String,
    state: String,
    written: String,
    /// Where its data go, and to whom; nothing of a version without a target.
    goes_to: Option<String>,
    acts: Vec<String>,
    differences: Vec<[String; 3]>,
}

/// What was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Word {
    /// The version that was looked at.
    version: u32,
    verdict: String,
    reason: String,
    until: String,
    end_reason: String,
}

/// An agreement as whoever looks may see it.
struct Seen {
    configuration: Configuration,
    listed: Listed,
    versions: Vec<Version>,
    stands: Stands,
}

impl Seen {
    async fn of(here: &Here, key: &str) -> Result<Self, Problem> {
        let (hub, tenant) = (here.hub(), here.tenant());
        let shown = agreement::show(hub, tenant, key).await;
        let (configuration, listed) = shown.map_err(failed)?;
        if !is_seen(here, &configuration, &listed) {
            return Err(Kind::NotFound.into());
        }
        let versions = agreement::versions(hub, tenant, key, None).await.map_err(failed)?;
        let stands = agreement::stands(hub, tenant, key, None).await.map_err(failed)?;
        Ok(Self { configuration, listed, versions, stands })
    }

    /// The step that is awaited, if a draft waits for it.
    fn awaited(&self) -> Option<&StepStands> {
        let is_draft = matches!(self.stands.state, State::Draft | State::Rejected);
        self.stands.steps.iter().find(|it| is_draft && it.state != StepState::Done)
    }

    fn in_force(&self) -> Option<u32> {
        self.versions.iter().rfind(|it| it.state == State::InForce).map(|it| it.number)
    }

    /// Whether somebody who reaches so far may end it.
    fn may_close(&self, access: &Access) -> bool {
        let is_open = match self.listed.standing {
            Standing::Coming | Standing::InForce | Standing::ClosedInEmergency => true,
            Standing::Drafted | Standing::Ended => false,
        };
        let may = match self.listed.text.template {
            Signs::OneParty => access.is_whole(),
            Signs::Standard => true,
        };
        is_open && may
    }
}

async fn show(here: Here, Path(key): Path<String>) -> Result<Response, Problem> {
    let seen = Seen::of(&here, &key).await?;
    html(&page(&here, &seen, Word::default(), None).await?)
}

async fn say(
    here: Here,
    Path((key, step)): Path<(String, Step)>,
    Form(word): Form<Word>,
) -> Result<Response, Problem> {
    let here = here.on(format!("/agreements/{key}"));
    let seen = Seen::of(&here, &key).await?;
    let access = &here.caller.access;
    let owner = seen.stands.steps.iter().find(|it| it.step == step).map(|it| it.owner.as_str());
    let own = owner.filter(|it| access.has_party(it));
    let party = own.or_else(|| access.parties().next()).unwrap_or_default();
    let verdict = if word.verdict == "reject" { Verdict::Rejected } else { Verdict::Done };
    let said = Said { version: word.version, step, party, verdict };
    let fault = match Decision::new(&here.caller.signed.key, &word.reason, today(&here).await?) {
        Err(it) => Some(("reason", words::undecided(it))),
        Ok(decision) => {
            match agreement::say(here.hub(), here.tenant(), &key, &said, &decision).await {
                Ok(_) => None,
                Err(it) => Some(("reason", why_not(it)?)),
            }
        }
    };
    answered(&here, &key, word, fault).await
}

async fn close(
    here: Here,
    Path(key): Path<String>,
    Form(word): Form<Word>,
) -> Result<Response, Problem> {
    let here = here.on(format!("/agreements/{key}"));
    let seen = Seen::of(&here, &key).await?;
    let until = match word.until.trim() {
        "" => Some(None),
        typed => here.language.day_of(typed).map(Some),
    };
    let is_theirs = seen.listed.text.template != Signs::OneParty || here.caller.access.is_whole();
    let decision = Decision::new(&here.caller.signed.key, &word.end_reason, today(&here).await?);
    let fault = match (until, decision) {
        _ if !is_theirs => Some(("end_reason", t::EMPLOYER_ONLY)),
        (None, _) => Some(("until", t::DAY_WRONG)),
        (Some(_), Err(it)) => Some(("end_reason", words::undecided(it))),
        (Some(until), Ok(decision)) => {
            let closing = Closing { version: Some(word.version), until };
            match agreement::close(here.hub(), here.tenant(), &key, closing, &decision).await {
                // What never lasted a day is taken out, and has no page any more.
                Ok(_) => return Ok(Redirect::to(Section::Agreements.path()).into_response()),
                Err(it) => Some(("until", why_not(it)?)),
            }
        }
    };
    answered(&here, &key, word, fault).await
}

/// Back to the agreement; with what is wrong and what was typed, if something is.
async fn answered(
    here: &Here,
    key: &str,
    word: Word,
    fault: Option<(&'static str, Text)>,
) -> Result<Response, Problem> {
    if fault.is_none() {
        return Ok(Redirect::to(&format!("/agreements/{key}")).into_response());
    }
    let page = page(here, &Seen::of(here, key).await?, word, fault).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}

/// Why it cannot be shown.
fn failed(error: AgreementError) -> Problem {
    why_not(error).err().unwrap_or_else(|| Kind::Conflict.into())
}

/// Why it could not be done.
fn why_not(error: AgreementError) -> Result<Text, Problem> {
    match error {
        AgreementError::Changed { .. } | AgreementError::NoDraft { .. } => Ok(t::CHANGED),
        AgreementError::Step { .. } => Ok(t::NOT_YOURS),
        AgreementError::Inconsistent { .. } => Ok(t::NOT_TOGETHER),
        AgreementError::Past { .. } => Ok(t::DAY_WRONG),
        AgreementError::EndsBefore { .. } | AgreementError::NeverInForce { .. } => {
            Ok(t::NOT_SOONER)
        }
        AgreementError::Unknown { .. } | AgreementError::NothingKnown { .. } => {
            Err(Kind::NotFound.into())
        }
        AgreementError::Unreadable { .. }
        | AgreementError::Configuration(_)
        | AgreementError::Store(_) => Err(Problem::internal(error)),
    }
}

async fn page(
    here: &Here,
    seen: &Seen,
    word: Word,
    fault: Option<(&'static str, Text)>,
) -> Result<Page, Problem> {
    let key = &seen.listed.text.key;
    let frame = here.frame(Section::Agreements, key).await?;
    let signed = &here.caller.signed;
    let latest = seen.stands.version;
    let n = latest.to_string();
    let own = signed.access(Operation::ReleaseAgreement).and_then(|access| {
        let awaited = seen.awaited().filter(|it| access.has_party(&it.owner))?;
        let party = party_name(&seen.configuration, &awaited.owner);
        Some((awaited.step, frame.fill(t::DECIDE_LEAD, &[("party", &party), ("n", &n)])))
    });
    let may_close = signed.access(Operation::CloseAgreement).is_some_and(|it| seen.may_close(&it));
    let is_draft = seen.awaited().is_some();
    Ok(Page {
        key: key.clone(),
        closed: closed(&frame, &seen.listed),
        lead: is_draft.then(|| frame.fill(t::DRAFT_LEAD, &[("n", &n)])),
        facts: facts(&frame, &seen.listed.text),
        steps_title: frame.fill(t::STEPS, &[("n", &n)]),
        steps: seen.stands.steps.iter().map(|it| step(&frame, &seen.configuration, it)).collect(),
        versions: seen.versions.iter().rev().map(|it| version(&frame, it)).collect(),
        own,
        latest,
        may_close,
        in_force: seen.in_force().unwrap_or_default(),
        word,
        errors: fault.into_iter().map(|(field, it)| (field, frame.t(it))).collect(),
        frame,
    })
}

/// That nothing leaves, where it was closed in emergency.
fn closed(frame: &Frame, it: &Listed) -> Option<String> {
    let told = [("target", it.text.target.as_str()), ("key", &it.text.key)];
    (it.standing == Standing::ClosedInEmergency).then(|| frame.fill(t::CLOSED_LEAD, &told))
}

impl Page {
    /// What is wrong with that field of a form.
    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|it| it.0 == field).map(|it| it.1)
    }

    /// Whether the form is shown that has that field.
    fn has(&self, field: &str) -> bool {
        if field == "reason" { self.own.is_some() } else { self.may_close }
    }

    /// A text about the latest version.
    fn of_latest(&self, text: Text) -> String {
        self.frame.fill(text, &[("n", &self.latest.to_string())])
    }
}

fn step(frame: &Frame, configuration: &Configuration, it: &StepStands) -> [String; 4] {
    let name = match it.step {
        Step::ReleasedBySource => t::STEP_SOURCE,
        Step::ReleasedByTarget => t::STEP_TARGET,
    };
    let state = match it.state {
        StepState::Open => t::OPEN,
        StepState::Done => t::DONE,
        StepState::Rejected => t::REJECTED,
    };
    let said = it.act.as_ref().map(|it| said(frame, it)).unwrap_or_default();
    let owner = party_name(configuration, &it.owner);
    [frame.t(name).to_owned(), owner, frame.t(state).to_owned(), said]
}

fn said(frame: &Frame, it: &Act) -> String {
    format!("{}, {}: {}", it.by, frame.instant(it.at), it.reason)
}

fn version(frame: &Frame, it: &Version) -> Told {
    let n = it.number.to_string();
    let instant = |at: Option<_>| at.map(|it| frame.instant(it)).unwrap_or_default();
    let (since, until) = (instant(it.in_force_since), instant(it.in_force_until));
    let last = it.text.until.and_then(|it| it.yesterday().ok()).map(|it| frame.lang.date(it));
    let state = match it.state {
        State::Draft => t::V_DRAFT,
        State::Rejected => t::V_REJECTED,
        State::Withdrawn => t::V_WITHDRAWN,
        State::InForce if last.is_some() => t::V_IN_FORCE_UNTIL,
        State::InForce => t::V_IN_FORCE,
        State::Replaced => t::V_REPLACED,
    };
    let act = |it: &Act| {
        let verdict = match it.verdict {
            Verdict::Done => t::DONE,
            Verdict::Rejected => t::REJECTED,
        };
        format!("{}: {}", frame.t(verdict), said(frame, it))
    };
    Told {
        name: frame.fill(t::VERSION, &[("n", &n)]),
        title: frame.fill(t::DIFFERENCES, &[("n", &n)]),
        state: frame.fill(
            state,
            &[("since", &since), ("until", &until), ("last", &last.unwrap_or_default())],
        ),
        written: written(frame, it, &instant(it.written_at)),
        goes_to: goes_to(frame, it),
        acts: it.acts.iter().map(act).collect(),
        differences: it.differences.iter().map(|it| difference(frame, it)).collect(),
    }
}

/// What an entry of a target is called, of those that are agreed on.
fn entry_of_target(name: &str) -> Option<Text> {
    let (_, last) = name.rsplit_once('.')?;
    Some(match last {
        "system" => t::GOES_SYSTEM,
        "owner" => t::GOES_OWNER,
        "format" => t::GOES_FORMAT,
        "profile" => t::GOES_PROFILE,
        "groups" => t::GOES_GROUPS,
        "future" => t::GOES_FUTURE,
        "ended" => t::GOES_ENDED,
        "folder" | "path" => t::GOES_FOLDER,
        "host" => t::GOES_HOST,
        "port" => t::GOES_PORT,
        "user" => t::GOES_USER,
        "host_key" => t::GOES_HOST_KEY,
        "ca_file" => t::GOES_CA_FILE,
        "url" => t::GOES_URL,
        "method" => t::GOES_METHOD,
        _ => return None,
    })
}

/// The entries of its target that are agreed on.
fn goes_to(frame: &Frame, it: &Version) -> Option<String> {
    let told = |(name, said): (&String, &Value)| {
        let called = entry_of_target(name).map_or(name.as_str(), |it| frame.t(it));
        format!("{called} {}", value(frame, said))
    };
    let told: Vec<String> = it.goes_to.iter().map(told).collect();
    (!told.is_empty()).then(|| frame.fill(t::GOES_TO, &[("where", &told.join(", "))]))
}

fn written(frame: &Frame, it: &Version, at: &str) -> String {
    let who = it.written_by.as_deref().unwrap_or_default();
    let why = it.reason.as_deref().unwrap_or_default();
    let text = match (&it.written_by, &it.reason) {
        (None, _) => t::WRITTEN,
        (Some(_), None) => t::WRITTEN_BY,
        (Some(_), Some(_)) => t::WRITTEN_WHY,
    };
    frame.fill(text, &[("at", at), ("who", who), ("why", why)])
}

/// An entry that reads otherwise: its name, and both values in words.
fn difference(frame: &Frame, it: &EntryChange) -> [String; 3] {
    let of_target = it.entry.starts_with("target.").then(|| entry_of_target(&it.entry));
    let name = match it.entry.as_str() {
        "template" => t::TEMPLATE,
        "source" => o::SOURCE,
        "sources" => t::SOURCES,
        "members" => t::MEMBERS,
        "target" => o::TARGET,
        "fields" => o::FIELDS,
        "interfaces" => t::INTERFACES,
        "packages" => t::PACKAGES,
        "scope" => t::SCOPE,
        "except" => t::EXCEPT,
        "from" => t::FROM,
        "until" => t::UNTIL,
        "purpose" => o::PURPOSE,
        _ => o::LEGAL_BASIS,
    };
    let (gone, new) = it.gone_and_new();
    let name = match of_target {
        Some(Some(entry)) => format!("{}: {}", frame.t(o::TARGET), frame.t(entry)),
        Some(None) => it.entry.clone(),
        None => frame.t(name).to_owned(),
    };
    [name, value(frame, &gone), value(frame, &new)]
}

fn value(frame: &Frame, it: &Value) -> String {
    match it {
        Value::Array(all) if all.is_empty() => frame.t(t::NOTHING).to_owned(),
        Value::Array(all) => all.iter().map(|it| value(frame, it)).collect::<Vec<_>>().join(", "),
        Value::String(it) => word(frame, it),
        Value::Null => frame.t(t::NOTHING).to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => it.to_string(),
    }
}

/// A field, a day or a kind of agreement in the reader's language; anything else as it is.
fn word(frame: &Frame, it: &str) -> String {
    match (it, it.parse::<Field>(), it.parse::<Date>()) {
        ("self", ..) => frame.t(t::SELF).to_owned(),
        ("standard", ..) => frame.t(t::STANDARD).to_owned(),
        (_, Ok(field), _) => frame.t(fields::label(field)).to_owned(),
        (_, Err(_), Ok(day)) => frame.lang.date(day),
        (_, Err(_), Err(_)) => it.to_owned(),
    }
}
