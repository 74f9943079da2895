//! `GET /deliveries/{target}`: what went to a target, what it answered, what waits and what has drifted;
//! and the forms by which a person lets it go on.

use super::brakes;
use super::deliveries::{find, standing};
use super::drift::{self, Told};
use super::here::{Here, html};
use super::words;
use crate::web::frame::{Frame, Section};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::table::{Cell, Holds, Page as Listing, Table, Tone, Wish};
use crate::web::text::{Text, common, delivery as t, runs};
use askama::Template;
use axum::extract::{Form, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use kobling_domain::access::Operation;
use kobling_domain::exchange::lane::Action;
use kobling_domain::id::SubjectId;
use kobling_hub::access::configuration::{TargetFormat, TargetText};
use kobling_hub::exchange::decision::Decision;
use kobling_hub::exchange::deliver::{self, DeliverError, Receipt};
use kobling_hub::exchange::delivery::{self, DeliveryError, Listed, Of};
use kobling_hub::exchange::lane::{Brake, Counted, LaneError, Standing};
use serde::Deserialize;
use uuid::Uuid;

/// Receipts that are listed.
const RECEIPTS_MAX: u32 = 2_500;
/// Dead letters of which one can be chosen by itself.
const CHOICES_MAX: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    let read = Gate::For(Operation::ReadDeliveries);
    let decide = Gate::For(Operation::DecideDelivery);
    vec![
        Route::page(Verb::Get, "/deliveries/{target}", read, show),
        Route::page(Verb::Post, "/deliveries/{target}/release", decide, release),
        Route::page(Verb::Post, "/deliveries/{target}/retry", decide, retry),
        Route::page(Verb::Post, "/deliveries/{target}/give-up", decide, give_up),
    ]
}

#[derive(Template)]
#[template(path = "delivery.html")]
struct Page {
    frame: Frame,
    target: String,
    facts: Vec<(&'static str, String)>,
    brakes: Vec<brakes::Told>,
    unfinished: Vec<Vec<Cell>>,
    heads: Vec<&'static str>,
    receipts: Option<Listing>,
    /// What may be released: what it does, and by which hash.
    releases: Vec<(&'static str, String)>,
    may_retry: bool,
    choices: Vec<(String, String)>,
    /// The number of the set on its way.
    set: Option<i64>,
    word: Word,
    errors: Vec<(&'static str, &'static str)>,
    has_drift: bool,
    drift: Option<Told>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    drift: Option<String>,
}

/// A person's word on what waits.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Word {
    reason: String,
    /// The subject and the number of its message, or the number of the set; nothing for all.
    of: String,
    /// What is released, as it was shown.
    hash: String,
}

impl Word {
    /// What is decided on, as it was shown.
    fn of(&self) -> Of {
        let (subject, seen) = self.of.split_once(':').unwrap_or(("", &self.of));
        let subject = subject.parse::<Uuid>().ok().map(SubjectId);
        Of { subject, seen: seen.parse().ok() }
    }

    /// What is missing or wrong in it: the field, and what to do.
    fn faults(&self, verdict: Verdict, format: TargetFormat) -> Vec<(&'static str, Text)> {
        let chooses = verdict == Verdict::GiveUp && format == TargetFormat::Messages;
        let of = (chooses && self.of.is_empty()).then_some(("of", t::CHOOSE_ONE));
        of.into_iter().collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Release,
    Retry,
    GiveUp,
}

async fn show(
    here: Here,
    Path(target): Path<String>,
    Query(asked): Query<Asked>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let text = find(&here, &target).await?;
    let drift = match asked.drift {
        Some(_) => Some(drift::look(&here, &text).await?),
        None => None,
    };
    if wish.r#as.is_some()
        && let Some(file) = here.file(&receipts(&here, &text).await?, &wish).await?
    {
        return Ok(file);
    }
    html(&page(&here, &text, &wish, (Word::default(), Vec::new()), drift).await?)
}

async fn release(
    here: Here,
    Path(target): Path<String>,
    Form(word): Form<Word>,
) -> Result<Response, Problem> {
    decided(here, &target, word, Verdict::Release).await
}

async fn retry(
    here: Here,
    Path(target): Path<String>,
    Form(word): Form<Word>,
) -> Result<Response, Problem> {
    decided(here, &target, word, Verdict::Retry).await
}

async fn give_up(
    here: Here,
    Path(target): Path<String>,
    Form(word): Form<Word>,
) -> Result<Response, Problem> {
    decided(here, &target, word, Verdict::GiveUp).await
}

/// Carries out what was decided, or shows the target again with what is wrong and what was typed.
async fn decided(
    here: Here,
    target: &str,
    word: Word,
    verdict: Verdict,
) -> Result<Response, Problem> {
    let here = &here.on(format!("/deliveries/{target}"));
    let text = find(here, target).await?;
    let today = words::today(here).await?;
    let mut faults = word.faults(verdict, text.format);
    match Decision::new(&here.caller.signed.key, &word.reason, today) {
        Err(it) => faults.push(("reason", words::undecided(it))),
        Ok(decision) if faults.is_empty() => {
            match carry_out(here, &text, &word, (verdict, &decision)).await {
                Ok(()) => return Ok(Redirect::to(&format!("/deliveries/{target}")).into_response()),
                Err(it) if it.is_bad_input() => faults.push(("reason", why_not(&it))),
                Err(it) => return Err(Problem::internal(it)),
            }
        }
        Ok(_) => {}
    }
    let page = page(here, &text, &Wish::default(), (word, faults), None).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}

async fn carry_out(
    here: &Here,
    text: &TargetText,
    word: &Word,
    (verdict, decision): (Verdict, &Decision<'_>),
) -> Result<(), DeliveryError> {
    let (hub, tenant, key) = (here.hub(), here.tenant(), text.key.as_str());
    let of = word.of();
    match verdict {
        Verdict::Release => delivery::release(hub, tenant, key, &word.hash, decision).await,
        Verdict::Retry => delivery::retry(hub, tenant, key, of, decision).await,
        Verdict::GiveUp => delivery::give_up(hub, tenant, key, of, decision).await,
    }
    .map(drop)
}

/// Why a decision could not be carried out.
fn why_not(error: &DeliveryError) -> Text {
    match error {
        DeliveryError::Messages(
            LaneError::NothingHeld { .. }
            | LaneError::NoMessage { .. }
            | LaneError::Otherwise { .. }
            | LaneError::HeldOtherwise { .. },
        )
        | DeliveryError::Set(
            DeliverError::NoSet { .. }
            | DeliverError::OtherSet { .. }
            | DeliverError::HeldOtherwise { .. },
        ) => t::DECIDED_MEANWHILE,
        DeliveryError::Messages(LaneError::UnderWay { .. })
        | DeliveryError::Set(DeliverError::UnderWay { .. }) => t::UNDER_WAY,
        DeliveryError::Messages(_) | DeliveryError::Set(_) | DeliveryError::Store(_) => {
            t::NOT_POSSIBLE
        }
    }
}

async fn page(
    here: &Here,
    text: &TargetText,
    wish: &Wish,
    (word, faults): (Word, Vec<(&'static str, Text)>),
    drift: Option<Told>,
) -> Result<Page, Problem> {
    let key = &text.key;
    let frame = here.frame(Section::Deliveries, key).await?;
    let now = standing(here, key).await?;
    let unfinished = match &now {
        Some(_) => delivery::list(here.hub(), here.tenant(), key).await,
        None => Ok(Vec::new()),
    };
    let unfinished = unfinished.map_err(Problem::internal)?;
    let decides = here.caller.signed.access(Operation::DecideDelivery).is_some();
    let may_retry = decides && now.as_ref().is_some_and(|it| it.rejected > 0);
    let held = now.iter().filter(|_| decides).flat_map(|it| it.brakes.clone());
    let held: Vec<Brake> = held.collect();
    let receipts = match text.format {
        TargetFormat::Plan2learn => {
            let path = format!("/deliveries/{key}");
            Some(here.listing(receipts(here, text).await?, wish, &path, &[]).await?)
        }
        TargetFormat::Messages => None,
    };
    Ok(Page {
        target: key.clone(),
        facts: now.as_ref().map(|it| facts(&frame, it)).unwrap_or_default(),
        brakes: now
            .iter()
            .flat_map(|it| &it.brakes)
            .map(|it| brakes::of_messages(frame.lang, &it.tripped))
            .collect(),
        heads: [t::SUBJECT, t::ACTION, t::STATE, t::ATTEMPTS, t::REASON, t::OWNER]
            .map(|it| frame.t(it))
            .into(),
        choices: choices(&frame, &unfinished),
        set: unfinished.iter().find_map(|it| match it {
            Listed::Set(it) => Some(it.set),
            Listed::Message(_) => None,
        }),
        unfinished: unfinished.iter().map(|it| row(&frame, it)).collect(),
        receipts,
        releases: held
            .into_iter()
            .map(|it| (frame.t(action_name(it.tripped.action)), it.hash))
            .collect(),
        may_retry,
        word,
        errors: faults.into_iter().map(|(field, it)| (field, frame.t(it))).collect(),
        has_drift: text.format == TargetFormat::Plan2learn,
        drift,
        frame,
    })
}

impl Page {
    /// Whether there is anything to decide.
    fn may_decide(&self) -> bool {
        self.may_retry || !self.releases.is_empty()
    }

    /// What is wrong with that field of the form.
    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|it| it.0 == field).map(|it| it.1)
    }
}

async fn receipts(here: &Here, text: &TargetText) -> Result<Table, Problem> {
    let all = deliver::receipts(here.hub(), here.tenant(), &text.key, None, RECEIPTS_MAX).await;
    let all = all.map_err(Problem::internal)?;
    let frame = here.frame(Section::Deliveries, "").await?;
    Ok(table(&frame, &all))
}

fn table(frame: &Frame, all: &[Receipt]) -> Table {
    let lang = frame.lang;
    let columns = [
        (lang.t(t::SET), Holds::Numbers),
        (lang.t(t::FILE), Holds::Names),
        (lang.t(t::BYTES), Holds::Numbers),
        (lang.t(t::AS_OF), Holds::Text),
        (lang.t(t::TAKEN), Holds::Text),
        (lang.t(t::VERSION), Holds::Numbers),
        (lang.t(t::PLACE), Holds::Names),
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
            Cell::text(answer(lang, &it.answer)),
        ]
    }));
    table
}

/// What was said there. What we say ourselves of our own folders is told in the reader's language.
fn answer(lang: crate::web::language::Language, answer: &str) -> String {
    if answer == deliver::IN_PLACE { lang.t(t::IN_PLACE).to_owned() } else { answer.to_owned() }
}

/// What has not been accepted yet. By our own ids: who sees deliveries need not know whom they are
/// about.
fn row(frame: &Frame, it: &Listed) -> Vec<Cell> {
    let lang = frame.lang;
    let (about, action, state, attempts, reason, owner) = match it {
        Listed::Message(it) => {
            (it.subject.to_string(), Some(it.action), it.state, it.attempts, &it.reason, &it.owner)
        }
        Listed::Set(it) => {
            let set = lang.fill(t::SET_NO, &[("no", &lang.number(it.set))]);
            (set, None, it.state, it.attempts, &it.reason, &it.owner)
        }
    };
    let (tone, state) = match state {
        "held" => (Tone::Look, t::S_HELD),
        "rejected" => (Tone::Bad, t::S_DEAD),
        _ => (Tone::Plain, t::S_PENDING),
    };
    // Why a brake holds it stands above the table.
    let reason = reason.clone().filter(|_| state != t::S_HELD);
    vec![
        Cell::text(about),
        Cell::text(action.map_or(lang.t(t::A_FILES), |it| lang.t(action_name(it)))),
        Cell::text(lang.t(state)).toned(tone),
        Cell::number(lang, attempts),
        Cell::text(reason.unwrap_or_default()),
        Cell::text(owner.clone().unwrap_or_default()),
    ]
}

/// What a message tells a target to do.
pub(super) fn action_name(action: Action) -> Text {
    match action {
        Action::Create => t::A_CREATE,
        Action::Change => t::A_CHANGE,
        Action::Inactivate => t::A_INACTIVATE,
    }
}

/// The dead letters of which one can be chosen.
fn choices(frame: &Frame, all: &[Listed]) -> Vec<(String, String)> {
    let choice = |it: &Listed| match it {
        Listed::Message(it) if it.state == "rejected" => {
            let name = format!("{}: {}", it.subject, frame.t(action_name(it.action)));
            Some((format!("{}:{}", it.subject, it.seq), name))
        }
        Listed::Message(_) | Listed::Set(_) => None,
    };
    all.iter().filter_map(choice).take(CHOICES_MAX).collect()
}

fn facts(frame: &Frame, now: &Standing) -> Vec<(&'static str, String)> {
    let number = |it: u64| frame.lang.number(it);
    let stands = match now.counted {
        Counted::Sets => vec![(t::SET_STATE, frame.t(state_of_set(now)).to_owned())],
        Counted::Subjects => vec![
            (t::ACCEPTED, number(now.accepted)),
            (t::ON_THE_WAY, number(now.pending)),
            (t::HELD, number(now.held)),
            (t::DEAD, number(now.rejected)),
        ],
    };
    let mut facts = vec![
        (t::AS_OF, now.as_of.map(|it| frame.lang.date(it)).unwrap_or_default()),
        (t::RESTS, now.rests_until.map(|it| frame.instant(it)).unwrap_or_default()),
        (t::NEXT_AT, now.next_at.map(|it| frame.instant(it)).unwrap_or_default()),
    ];
    facts.splice(1..1, stands);
    facts.retain(|it| !it.1.is_empty());
    facts.into_iter().map(|(name, told)| (frame.t(name), told)).collect()
}

/// How the one set of a target stands: of one there is nothing to count.
fn state_of_set(now: &Standing) -> Text {
    match now {
        Standing { held: 1.., .. } => t::S_HELD,
        Standing { rejected: 1.., .. } => t::SET_DEAD,
        Standing { pending: 1.., .. } => t::S_PENDING,
        Standing { accepted: 1.., .. } => t::SET_TAKEN,
        Standing { .. } => t::SET_NONE,
    }
}
