//! `GET /people/{person}`: one person on both time axes; where each value comes from and went.

use super::here::{Here, html};
use super::words::{self, unit_name};
use crate::web::frame::{Frame, Section};
use crate::web::language::Language;
use crate::web::picture::timeline::{Belief, Timeline, Words};
use crate::web::problem::{Kind as Refusal, Problem};
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::text::{common, fields, person as t};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::access::Operation;
use kobling_domain::id::SubjectId;
use kobling_domain::people::{Field, FieldName, Kind};
use kobling_hub::exchange::deliver::went::{self, Went};
use kobling_hub::people::{
    self, About, Believed, EmploymentOf, History, PeopleError, Shown, ShownSlice, ShownValue, When,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The fields whose timeline can be drawn.
const DRAWN: [Field; 6] = [
    Field::EmploymentPositionTitle,
    Field::EmploymentUnit,
    Field::EmploymentContract,
    Field::EmploymentHoursNumerator,
    Field::PersonLastName,
    Field::PersonEmail,
];

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/people/{person}", Gate::For(Operation::ReadPersons), show)]
}

#[derive(Template)]
#[template(path = "person.html")]
struct Page {
    frame: Frame,
    id: SubjectId,
    lead: String,
    asked: Asked,
    error: Option<&'static str>,
    choices: Vec<(&'static str, &'static str, bool)>,
    facts: Vec<(&'static str, String)>,
    employments: Vec<[String; 4]>,
    qualifications: Vec<(String, String, bool)>,
    activities: Vec<String>,
    timelines: Vec<Drawing>,
    values: Vec<Group>,
}

/// A timeline with the table of what it shows.
struct Drawing {
    picture: Timeline,
    title: String,
    rows: Vec<[String; 4]>,
}

/// Beliefs, each with what it was made of.
type Beliefs<'a> = Vec<(&'a Believed, Belief)>;

/// The values of one subject.
struct Group {
    title: String,
    slices: Vec<Slice>,
}

/// Some days on which nothing changes.
struct Slice {
    days: String,
    is_current: bool,
    values: Vec<Told>,
}

/// One value, with all that is told of it.
struct Told {
    field: String,
    value: String,
    origin: String,
    run: i64,
    rule: String,
    went: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    known: String,
    field: String,
}

async fn show(
    here: Here,
    Path(person): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let id = person.parse::<Uuid>().map(SubjectId).map_err(|_| Refusal::NotFound)?;
    refuse_out_of_reach(&here, id).await?;
    let frame = here.frame(Section::People, "").await?;
    let known: Option<Date> = asked.known.trim().parse().ok();
    let mut error = (known.is_none() && !asked.known.trim().is_empty()).then_some(t::DAY_WRONG);
    let mut when = When { as_of: None, known_at: known.and_then(|it| end_of(&frame, it)) };
    let (hub, tenant) = (here.hub(), here.tenant());
    let shown = match people::show(hub, tenant, Kind::Person, &person, when).await {
        Err(PeopleError::NothingKnown { .. }) => {
            (error, when) = (Some(t::NOTHING_KNOWN), When::default());
            people::show(hub, tenant, Kind::Person, &person, when).await
        }
        other => other,
    };
    let shown = shown.map_err(failed)?;
    here.note_read(vec![shown.id]).await?;
    let mut all = vec![(frame.t(t::PERSON_VALUES).to_owned(), shown.clone())];
    for it in employments(&shown) {
        let one = people::show(hub, tenant, Kind::Employment, &it.id.to_string(), when).await;
        let title = frame.fill(t::EMPLOYMENT_VALUES, &[("number", it.number.as_str())]);
        all.push((title, one.map_err(failed)?));
    }
    let history = people::history(hub, tenant, &person).await.map_err(failed)?;
    let went = went::went(hub, tenant, shown.id).await.map_err(Problem::internal)?;
    let lead = match when.known_at.and(known) {
        Some(day) => frame.fill(t::KNOWN_THEN, &[("day", &frame.lang.date(day))]),
        None => frame.t(t::KNOWN_LEAD).to_owned(),
    };
    let told = Teller { frame: &frame, went: &went, day: shown.known_at.day };
    let values = all.iter().map(|(title, it)| told.group(title.clone(), it)).collect();
    let field = DRAWN.into_iter().find(|it| it.name() == asked.field);
    let field = field.unwrap_or(Field::EmploymentPositionTitle);
    let page = Page {
        id: shown.id,
        lead,
        error: error.map(|it| frame.t(it)),
        choices: choices(frame.lang, field),
        facts: facts(&frame, &all),
        employments: employment_rows(&frame, &shown),
        qualifications: qualifications(&frame, &shown),
        activities: activities(&frame, &shown),
        timelines: timelines(&frame, &history, field, shown.known_at.day),
        values,
        asked,
        frame: Frame { title: name(&frame, &shown), ..frame.clone() },
    };
    html(&page)
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
fn name(frame: &Frame, shown: &Shown) -> String {
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

fn holds_on(slice: &ShownSlice, day: Date) -> bool {
    slice.from.is_none_or(|it| it <= day) && slice.until.is_none_or(|it| it > day)
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

fn choices(lang: Language, chosen: Field) -> Vec<(&'static str, &'static str, bool)> {
    let choice = |it: Field| (it.name(), lang.t(fields::label(it)), it == chosen);
    DRAWN.into_iter().map(choice).collect()
}

/// One timeline for each employment that ever told of the field.
fn timelines(frame: &Frame, history: &History, field: Field, today: Date) -> Vec<Drawing> {
    let name = FieldName::Known(field);
    let mut by_number: BTreeMap<String, Beliefs<'_>> = BTreeMap::new();
    for it in &history.claims {
        let value = it.values.iter().find(|told| told.0 == name);
        let Some((_, value)) = value else { continue };
        let belief = Belief {
            text: words::value(frame.lang, &name, value),
            from: it.from,
            until: it.until,
            since: it.since.version.0,
            replaced: it.replaced.as_ref().map(|it| it.by.version.0),
        };
        let number = it.native.as_ref().map(ToString::to_string).unwrap_or_default();
        by_number.entry(number).or_default().push((it, belief));
    }
    let drawing = |(nth, (number, told)): (usize, (String, Beliefs<'_>))| {
        let label = frame.lang.t(fields::label(field));
        let title = frame.fill(t::TIMELINE_OF, &[("field", label), ("number", &number)]);
        draw(frame, (format!("timeline-{nth}"), title), today, &told)
    };
    by_number.into_iter().enumerate().map(drawing).collect()
}

fn draw(
    frame: &Frame,
    (id, title): (String, String),
    today: Date,
    told: &[(&Believed, Belief)],
) -> Drawing {
    let mut moments: BTreeMap<i64, String> = BTreeMap::new();
    for (it, _) in told {
        let replaced = it.replaced.as_ref().map(|it| &it.by);
        for known in std::iter::once(&it.since).chain(replaced) {
            let at = known.at.map(|it| frame.instant(it)).unwrap_or_default();
            moments.insert(known.version.0, at);
        }
    }
    let moment = |version: i64| moments.get(&version).cloned().unwrap_or_default();
    let rows = told.iter().map(|(it, belief)| {
        let until = belief.replaced.map_or_else(|| frame.t(t::STILL).to_owned(), &moment);
        [belief.text.clone(), frame.lang.days(it.from, it.until), moment(belief.since), until]
    });
    let rows = rows.collect();
    let words = Words {
        id,
        title: title.clone(),
        today: (frame.t(t::TIMELINE_TODAY), today),
        moment: &moment,
        day: &|it| frame.lang.date(it),
    };
    let beliefs: Vec<Belief> = told.iter().map(|it| it.1.clone()).collect();
    Drawing { picture: Timeline::new(words, &beliefs), title, rows }
}

/// What values are told with.
struct Teller<'a> {
    frame: &'a Frame,
    went: &'a [Went],
    day: Date,
}

impl Teller<'_> {
    fn group(&self, title: String, shown: &Shown) -> Group {
        let slice = |it: &ShownSlice| Slice {
            days: self.frame.lang.days(it.from, it.until),
            is_current: holds_on(it, self.day),
            values: it.values.iter().map(|(name, value)| self.told(name, value)).collect(),
        };
        let mut slices: Vec<Slice> = shown.slices.iter().map(slice).collect();
        // What holds today is looked for most.
        slices.sort_by_key(|it| !it.is_current);
        Group { title, slices }
    }

    fn told(&self, name: &FieldName, value: &ShownValue) -> Told {
        let (frame, origin) = (self.frame, &value.origin);
        let from = &origin.provenance;
        let record = frame.lang.number(from.record);
        let values = [("source", &*from.source), ("file", &*from.input), ("record", &*record)];
        let rule = if origin.stated {
            frame.t(t::RULE_STATED).to_owned()
        } else {
            frame.fill(t::RULE_ASSUMED, &[("day", &frame.lang.date(origin.stated_from))])
        };
        Told {
            field: fields::name(frame.lang, name),
            value: words::value(frame.lang, name, &value.value),
            origin: frame.fill(t::ORIGIN_TOLD, &values),
            run: from.run,
            rule,
            went: self.went(name, value),
        }
    }

    /// The targets that may have the field, and when each first took it as it is now.
    fn went(&self, name: &FieldName, value: &ShownValue) -> Vec<String> {
        let FieldName::Known(field) = name else { return Vec::new() };
        let may_have = self.went.iter().filter(|it| it.has && it.covers(*field));
        let line = |it: &Went| match it.first_since(value.origin.version) {
            Some(took) => {
                let at = self.frame.instant(took.at);
                self.frame.fill(t::WENT_AT, &[("target", &it.name), ("at", &at)])
            }
            None => self.frame.fill(t::WENT_NOT_YET, &[("target", &it.name)]),
        };
        may_have.map(line).collect()
    }
}

fn failed(error: PeopleError) -> Problem {
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
