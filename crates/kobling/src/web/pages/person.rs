//! `GET /people/{person}`: one person on both time axes; where each value comes from and went.

use super::here::{Here, html};
use super::timelines::{self, Drawing};
use super::values::{Group, Teller, holds_on};
use super::words::unit_name;
use crate::web::frame::{Frame, Section};
use crate::web::problem::{Kind as Refusal, Problem};
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::text::{Text, common, person as t};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::access::Operation;
use kobling_domain::id::SubjectId;
use kobling_domain::people::{Field, FieldName, Kind};
use kobling_hub::exchange::deliver::went;
use kobling_hub::people::{
    self, About, EmploymentOf, History, PeopleError, Shown, ShownSlice, When,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/people/{person}", Gate::For(Operation::ReadPersons), show)]
}

#[derive(Template)]
#[template(path = "person.html")]
pub(super) struct Page {
    frame: Frame,
    id: SubjectId,
    lead: String,
    asked: Asked,
    error: Option<&'static str>,
    choices: Vec<(&'static str, &'static str, bool)>,
    moments: Vec<String>,
    step: usize,
    facts: Vec<(&'static str, String)>,
    may_reveal: bool,
    reveal: Reveal,
    may_extract: bool,
    employments: Vec<[String; 4]>,
    qualifications: Vec<(String, String, bool)>,
    activities: Vec<String>,
    absences: Vec<String>,
    timelines: Vec<Drawing>,
    values: Vec<Group>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The day at whose end the hub knew it.
    known: String,
    /// Which of the moments at which the hub learned something; the last one is now.
    step: Option<usize>,
    field: String,
}

/// What became of the wish to see the whole number.
#[derive(Clone, Debug, Default)]
pub(super) struct Reveal {
    /// What it is needed for, as it was typed.
    pub(super) purpose: String,
    pub(super) error: Option<&'static str>,
    /// The number, where it may be seen.
    pub(super) number: Option<String>,
}

async fn show(
    here: Here,
    Path(person): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    html(&page(&here, &person, asked, Reveal::default()).await?)
}

/// The page of a person within the caller's reach. That they see it is in the audit by then.
pub(super) async fn page(
    here: &Here,
    person: &str,
    asked: Asked,
    reveal: Reveal,
) -> Result<Page, Problem> {
    let id = person.parse::<Uuid>().map(SubjectId).map_err(|_| Refusal::NotFound)?;
    refuse_out_of_reach(here, id).await?;
    let frame = here.frame(Section::People, "").await?;
    let (hub, tenant) = (here.hub(), here.tenant());
    let history = people::history(hub, tenant, person).await.map_err(failed)?;
    let moments = moments(&history);
    let mut then = Then::of(&frame, &asked, &moments);
    let shown = match people::show(hub, tenant, Kind::Person, person, then.when()).await {
        Err(PeopleError::NothingKnown { .. }) => {
            then = Then { error: Some(t::NOTHING_KNOWN), ..Then::default() };
            people::show(hub, tenant, Kind::Person, person, then.when()).await
        }
        other => other,
    };
    let shown = shown.map_err(failed)?;
    here.note_read(vec![shown.id]).await?;
    let all = with_employments(here, &frame, &shown, then.when()).await?;
    let went = went::went(hub, tenant, shown.id).await.map_err(Problem::internal)?;
    let may_see_runs = here.may(Operation::ReadRuns);
    let told = Teller { frame: &frame, went: &went, day: shown.known_at.day, may_see_runs };
    let field = timelines::field(&asked.field);
    Ok(Page {
        id: shown.id,
        lead: then.lead.unwrap_or_else(|| frame.t(t::KNOWN_LEAD).to_owned()),
        error: then.error.map(|it| frame.t(it)),
        choices: timelines::choices(frame.lang, field),
        step: then.step.unwrap_or(moments.len()),
        moments: moments.iter().map(|it| frame.instant(*it)).collect(),
        facts: facts(&frame, &all),
        may_reveal: here.may(Operation::RevealNumber) && has_number(&shown),
        reveal,
        may_extract: here.may(Operation::ReadExtract),
        employments: employment_rows(&frame, &shown),
        qualifications: qualifications(&frame, &shown),
        activities: activities(&frame, &shown),
        absences: absences(&frame, &shown),
        timelines: timelines::timelines(&frame, &history, field, shown.known_at.day),
        values: all.iter().map(|(title, it)| told.group(title.clone(), it)).collect(),
        asked,
        frame: Frame { title: name(&frame, &shown), ..frame.clone() },
    })
}

/// When the hub learned what it knows of somebody, the earliest first.
fn moments(history: &History) -> Vec<Timestamp> {
    let replaced = history.claims.iter().filter_map(|it| it.replaced.as_ref());
    let all = history.claims.iter().map(|it| &it.since).chain(replaced.map(|it| &it.by));
    let by_version: BTreeMap<i64, Timestamp> =
        all.filter_map(|it| Some((it.version.0, it.at?))).collect();
    by_version.into_values().collect()
}

/// As known when the page tells of somebody.
#[derive(Clone, Debug, Default)]
struct Then {
    known_at: Option<Timestamp>,
    step: Option<usize>,
    lead: Option<String>,
    error: Option<Text>,
}

impl Then {
    /// A day that was typed counts before a moment that was moved to.
    fn of(frame: &Frame, asked: &Asked, moments: &[Timestamp]) -> Self {
        let typed = asked.known.trim();
        if let Some(day) = frame.lang.day_of(typed) {
            let lead = frame.fill(t::KNOWN_THEN, &[("day", &frame.lang.date(day))]);
            return Self { known_at: end_of(frame, day), lead: Some(lead), ..Self::default() };
        }
        let error = (!typed.is_empty()).then_some(t::DAY_WRONG);
        let step = asked.step.filter(|it| *it < moments.len());
        let moment = step.and_then(|it| moments.get(it.checked_sub(1)?).copied());
        let lead = moment.map(|at| frame.fill(t::KNOWN_AT, &[("at", &frame.instant(at))]));
        Self { known_at: moment, step, lead, error }
    }

    fn when(&self) -> When {
        When { as_of: None, known_at: self.known_at }
    }
}

/// The person, then each of their employments, with what each part is called.
pub(super) async fn with_employments(
    here: &Here,
    frame: &Frame,
    shown: &Shown,
    when: When,
) -> Result<Vec<(String, Shown)>, Problem> {
    let (hub, tenant) = (here.hub(), here.tenant());
    let mut all = vec![(frame.t(t::PERSON_VALUES).to_owned(), shown.clone())];
    for it in employments(shown) {
        let one = people::show(hub, tenant, Kind::Employment, &it.id.to_string(), when).await;
        let title = frame.fill(t::EMPLOYMENT_VALUES, &[("number", it.number.as_str())]);
        all.push((title, one.map_err(failed)?));
    }
    Ok(all)
}

fn has_number(shown: &Shown) -> bool {
    match &shown.about {
        About::Person { national_number, .. } => national_number.is_some(),
        About::Unit { .. } | About::Employment { .. } => false,
    }
}

/// A manager sees those whom they lead, and nobody else.
async fn refuse_out_of_reach(here: &Here, person: SubjectId) -> Result<(), Problem> {
    let access = &here.caller.access;
    if access.is_whole() {
        return Ok(());
    }
    let leader = here.caller.signed.person.filter(|_| access.has_led());
    let leader = leader.ok_or(Refusal::NotFound)?;
    let leads = people::leads(here.hub(), here.tenant(), leader, person).await;
    if leads.map_err(Problem::internal)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

/// The last instant of a day, as the employer's clock has it.
fn end_of(frame: &Frame, day: Date) -> Option<Timestamp> {
    let next = day.tomorrow().ok()?.to_zoned(frame.zone.clone()).ok()?;
    next.timestamp().checked_sub(jiff::SignedDuration::from_micros(1)).ok()
}

fn employments(shown: &Shown) -> &[EmploymentOf] {
    match &shown.about {
        About::Person { employments, .. } => employments,
        About::Unit { .. } | About::Employment { .. } => &[],
    }
}

/// The person's name on the day, else the last one there was.
pub(super) fn name(frame: &Frame, shown: &Shown) -> String {
    let text = |it: &ShownSlice, field| {
        let found = it.values.iter().find(|(name, _)| *name == FieldName::Known(field));
        found.and_then(|(_, it)| it.value.as_text()).map(str::to_owned)
    };
    let day = shown.known_at.day;
    let current = shown.slices.iter().find(|it| holds_on(it, day)).or(shown.slices.last());
    let names = current.map(|it| {
        let whole = text(it, Field::PersonName);
        let parts = [text(it, Field::PersonFirstName), text(it, Field::PersonLastName)];
        whole.unwrap_or_else(|| parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
    });
    names.filter(|it| !it.is_empty()).unwrap_or_else(|| frame.t(t::NO_NAME).to_owned())
}

fn facts(frame: &Frame, all: &[(String, Shown)]) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    for (_, shown) in all {
        match &shown.about {
            About::Person { national_number, primary, same_as, .. } => {
                let number = national_number.clone();
                let none = || frame.t(t::NUMBER_NONE).to_owned();
                facts.push((frame.t(t::NUMBER), number.unwrap_or_else(none)));
                facts.extend(
                    primary.as_ref().map(|it| (frame.t(t::PRIMARY), it.number.to_string())),
                );
                facts.extend(same_as.iter().map(|it| (frame.t(t::SAME_AS), it.to_string())));
            }
            About::Employment { manager, .. } => {
                let name = manager.as_ref().and_then(|it| it.person.name.clone());
                let none = || frame.t(t::MANAGER_NONE).to_owned();
                facts.push((frame.t(t::MANAGER), name.unwrap_or_else(none)));
            }
            About::Unit { .. } => {}
        }
    }
    facts
}

fn employment_rows(frame: &Frame, shown: &Shown) -> Vec<[String; 4]> {
    let row = |it: &EmploymentOf| {
        [
            it.number.to_string(),
            it.title.clone().unwrap_or_default(),
            it.unit.as_ref().map(unit_name).unwrap_or_default(),
            frame.lang.days(it.from, it.until),
        ]
    };
    employments(shown).iter().map(row).collect()
}

fn qualifications(frame: &Frame, shown: &Shown) -> Vec<(String, String, bool)> {
    let About::Person { qualifications, .. } = &shown.about else { return Vec::new() };
    let row = |it: &people::QualificationOf| {
        let until = it.valid_until.and_then(|it| it.tomorrow().ok());
        (it.name.clone(), frame.lang.days(it.obtained, until), it.is_valid)
    };
    qualifications.iter().map(row).collect()
}

fn activities(frame: &Frame, shown: &Shown) -> Vec<String> {
    let About::Person { activities, .. } = &shown.about else { return Vec::new() };
    let line = |it: &people::ActivityOf| {
        let completed = it.completed.map(|it| frame.lang.date(it));
        let parts = [Some(it.name.clone()), it.status.clone(), completed];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    activities.iter().map(line).collect()
}

fn absences(frame: &Frame, shown: &Shown) -> Vec<String> {
    let About::Person { absences, .. } = &shown.about else { return Vec::new() };
    let line = |it: &people::AbsenceOf| {
        let employment = it.employment.as_ref();
        let employment = employment.map(|it| format!("{} {it}", frame.t(t::EMPLOYMENT)));
        let days = Some(frame.lang.days(it.from, it.until));
        let parts = [it.kind.clone(), days, employment];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    absences.iter().map(line).collect()
}

pub(super) fn failed(error: PeopleError) -> Problem {
    match error {
        PeopleError::Unknown { .. }
        | PeopleError::OtherKind { .. }
        | PeopleError::PersonByNumber
        | PeopleError::Ambiguous { .. } => Refusal::NotFound.into(),
        other @ (PeopleError::NothingKnown { .. }
        | PeopleError::Configure(_)
        | PeopleError::Store(_)) => Problem::internal(other),
    }
}
