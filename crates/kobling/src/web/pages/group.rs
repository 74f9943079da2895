//! `GET /groups/edit` and `POST /groups/edit`: a target group, counted while it is written. Who saves
//! after somebody else has sees what they wrote, and nothing of it is lost.

use super::groups::rule;
use super::here::{Here, html};
use super::words;
use crate::web::frame::{Frame, Section, escaped};
use crate::web::problem::{Kind, Problem};
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::text::{Text, common, groups as t};
use askama::Template;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use kobling_domain::access::Operation;
use kobling_domain::people::{GroupError, GroupText, RuleText};
use kobling_hub::people::group::{self, GroupsError, Member, SaveError, Stands};
use std::collections::BTreeMap;

/// People of a group that are named.
const NAMED_MAX: usize = 10;
/// Rules that a form has, at most.
const RULES_MAX: usize = 50;

pub(super) fn routes() -> Vec<Route> {
    let gate = Gate::For(Operation::EditGroups);
    vec![
        Route::page(Verb::Get, "/groups/edit", gate, show),
        Route::page(Verb::Post, "/groups/edit", gate, send),
    ]
}

#[derive(Template)]
#[template(path = "group.html")]
struct Page {
    frame: Frame,
    is_new: bool,
    key: String,
    name: String,
    mark: String,
    rules: Vec<RuleForm>,
    error: Option<(&'static str, &'static str)>,
    /// What somebody else has written meanwhile, beside what was typed.
    difference: Vec<[String; 3]>,
    found: Option<String>,
    first: Vec<String>,
}

/// One rule, as it is typed.
struct RuleForm {
    nth: usize,
    legend: String,
    units: String,
    except: String,
    positions: String,
    contracts: String,
    choices: [(&'static str, &'static str, bool); 3],
}

/// What became of what was sent.
#[derive(Default)]
struct Outcome {
    error: Option<(&'static str, Text)>,
    /// How the group stands now, where somebody else has written it.
    now: Option<GroupText>,
    members: Option<Vec<Member>>,
}

/// The form: of a group that is there, of a new one, or as far as it was typed in another language.
async fn show(
    here: Here,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let text = typed_text(&asked);
    if let Some(mark) = asked.get("mark") {
        return html(&page(&here, text, mark.clone(), Outcome::default()).await?);
    }
    let stands = stands(&here, &text.key).await?;
    if stands.text.is_none() && !text.key.is_empty() {
        return Err(Kind::NotFound.into());
    }
    let text = stands.text.unwrap_or(text);
    html(&page(&here, text, stands.mark, Outcome::default()).await?)
}

/// The address of the form with all that was typed into it, but for what holds a national number.
fn address(typed: &BTreeMap<String, String>, mark: &str, today: Date) -> String {
    let own = |name: &str| !["form_token", "act", "mark"].contains(&name);
    let may_stand = |it: &str| !it.is_empty() && kobling_pii::find(it, today).is_empty();
    let told = typed.iter().filter(|(name, it)| own(name) && may_stand(it));
    let told = told.map(|(name, it)| (name.as_str(), it.as_str())).chain([("mark", mark)]);
    let told: Vec<String> =
        told.map(|(name, it)| format!("{}={}", escaped(name), escaped(it))).collect();
    format!("/groups/edit?{}", told.join("&"))
}

fn typed_text(typed: &BTreeMap<String, String>) -> GroupText {
    let told = |name: &str| typed.get(name).map(|it| it.trim().to_owned()).unwrap_or_default();
    let any = (1..=RULES_MAX).filter_map(|nth| typed_rule(typed, nth)).collect();
    GroupText { key: told("key"), name: told("name"), any }
}

async fn stands(here: &Here, key: &str) -> Result<Stands, Problem> {
    group::stands(here.hub(), here.tenant(), key).await.map_err(Problem::internal)
}

async fn send(
    here: Here,
    Form(typed): Form<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let told = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default().trim();
    let text = typed_text(&typed);
    let mut mark = told("mark").to_owned();
    let mut outcome = Outcome::default();
    if told("act") == "save" {
        let by = &here.caller.signed.key;
        match group::save(here.hub(), here.tenant(), &text, &mark, by).await {
            Ok(()) => return Ok(Redirect::to(Section::Groups.path()).into_response()),
            Err(SaveError::Changed { .. }) => {
                let stands = stands(&here, &text.key).await?;
                outcome.error = Some(("save", t::CHANGED));
                (outcome.now, mark) = (stands.text, stands.mark);
            }
            Err(SaveError::Group(it)) => outcome.error = Some(fault(&it)),
            Err(it) => return Err(Problem::internal(it)),
        }
    } else {
        match counted(&here, &text).await? {
            Ok(members) => outcome.members = Some(members),
            Err(it) => outcome.error = Some(fault(&it)),
        }
    }
    let today = words::today(&here).await?;
    let is_wrong = outcome.error.is_some();
    let here = here.on(address(&typed, &mark, today));
    let page = html(&page(&here, text, mark, outcome).await?)?;
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page).into_response())
}

/// The rule of that number, if anything was typed into it.
fn typed_rule(typed: &BTreeMap<String, String>, nth: usize) -> Option<RuleText> {
    let told = |name: &str| typed.get(&format!("{name}-{nth}")).map_or("", String::as_str);
    let list = |name: &str| {
        let parts = told(name).split(',').map(|it| it.trim().to_owned());
        parts.filter(|it| !it.is_empty()).collect()
    };
    let manager = match told("managers") {
        "only" => Some(true),
        "not" => Some(false),
        _ => None,
    };
    let rule = RuleText {
        units: list("units"),
        except: list("except"),
        positions: list("positions"),
        contracts: list("contracts"),
        manager,
    };
    (rule != RuleText::default()).then_some(rule)
}

/// Whom the group would hold today, unless it cannot be used as it is.
async fn counted(
    here: &Here,
    text: &GroupText,
) -> Result<Result<Vec<Member>, GroupError>, Problem> {
    match group::preview(here.hub(), here.tenant(), text, None).await {
        Ok(found) => Ok(Ok(found.people)),
        Err(GroupsError::Group(it)) => Ok(Err(it)),
        Err(it @ (GroupsError::Unknown { .. } | GroupsError::People(_))) => {
            Err(Problem::internal(it))
        }
    }
}

/// Which field is wrong, and what to do.
fn fault(error: &GroupError) -> (&'static str, Text) {
    match error {
        GroupError::Key { .. } => ("key", t::KEY_WRONG),
        GroupError::Name { .. } => ("name", t::NAME_LACKS),
        GroupError::NoRule { .. } | GroupError::EmptyRule { .. } | GroupError::EmptyText { .. } => {
            ("units-1", t::RULE_LACKS)
        }
    }
}

async fn page(
    here: &Here,
    text: GroupText,
    mark: String,
    outcome: Outcome,
) -> Result<Page, Problem> {
    let lang = here.language;
    let nobody = stands(here, "").await?.mark;
    let is_new = mark == nobody;
    let title = if is_new {
        lang.t(t::NEW).to_owned()
    } else {
        lang.fill(t::EDIT, &[("name", &text.name)])
    };
    let frame = here.frame(Section::Groups, title).await?;
    let named: Vec<&Member> = outcome.members.iter().flatten().take(NAMED_MAX).collect();
    here.note_read(named.iter().map(|it| it.person).collect()).await?;
    let more = std::iter::once(RuleText::default()).filter(|_| text.any.len() < RULES_MAX);
    let rules = text.any.iter().cloned().chain(more).zip(1..);
    Ok(Page {
        is_new,
        error: outcome.error.map(|(field, it)| (field, frame.t(it))),
        difference: outcome.now.map(|now| difference(&frame, &now, &text)).unwrap_or_default(),
        found: outcome.members.as_ref().map(|it| lang.count(t::FOUND, it.len())),
        first: named.iter().filter_map(|it| it.name.clone()).collect(),
        rules: rules.map(|(it, nth)| rule_form(&frame, &it, nth)).collect(),
        key: text.key,
        name: text.name,
        mark,
        frame,
    })
}

fn rule_form(frame: &Frame, it: &RuleText, nth: usize) -> RuleForm {
    let choice = |value, name: Text, is| (value, frame.t(name), it.manager == is);
    RuleForm {
        nth,
        legend: frame.fill(t::RULE_NO, &[("no", &nth.to_string())]),
        units: it.units.join(", "),
        except: it.except.join(", "),
        positions: it.positions.join(", "),
        contracts: it.contracts.join(", "),
        choices: [
            choice("", t::EVERYBODY, None),
            choice("only", t::ONLY, Some(true)),
            choice("not", t::NOT, Some(false)),
        ],
    }
}

/// What differs between how a group stands now and what was typed: the part, and both.
fn difference(frame: &Frame, now: &GroupText, typed: &GroupText) -> Vec<[String; 3]> {
    let mut all = vec![[frame.t(t::NAME).to_owned(), now.name.clone(), typed.name.clone()]];
    for at in 0..now.any.len().max(typed.any.len()) {
        let said = |text: &GroupText| text.any.get(at).map(|it| rule(frame.lang, it));
        let part = frame.fill(t::RULE_NO, &[("no", &(at + 1).to_string())]);
        all.push([part, said(now).unwrap_or_default(), said(typed).unwrap_or_default()]);
    }
    all.retain(|[_, now, typed]| now != typed);
    all
}
