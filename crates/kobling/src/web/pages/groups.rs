//! `GET /groups`: target groups, how many each holds, and a rule to try, counted while it is written.

use super::here::{Here, html};
use crate::web::frame::{Frame, Section};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::text::{Text, common, organisation as t};
use askama::Template;
use axum::response::Response;
use kobling_domain::access::Operation;
use kobling_domain::people::{GroupText, RuleText};
use kobling_hub::people::group::{self, GroupsError, Member, Members};
use serde::Deserialize;

/// People of a rule that are named.
const NAMED_MAX: usize = 10;
/// The key of a group that is only tried.
const TRIED: &str = "tried";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/groups", Gate::For(Operation::ReadGroups), show)]
}

#[derive(Template)]
#[template(path = "groups.html")]
struct Page {
    frame: Frame,
    lead: &'static str,
    groups: Vec<(String, Vec<String>, String)>,
    rule: Rule,
    choices: [(&'static str, &'static str, bool); 3],
    error: Option<&'static str>,
    found: Option<String>,
    first: Vec<String>,
}

/// A rule as it is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Rule {
    units: String,
    except: String,
    positions: String,
    managers: String,
    /// Anything, if it is to be counted.
    count: Option<String>,
}

impl Rule {
    fn text(&self) -> RuleText {
        let list = |text: &str| {
            let parts = text.split(',').map(|it| it.trim().to_owned());
            parts.filter(|it| !it.is_empty()).collect()
        };
        RuleText {
            units: list(&self.units),
            except: list(&self.except),
            positions: list(&self.positions),
            contracts: Vec::new(),
            manager: match self.managers.as_str() {
                "only" => Some(true),
                "not" => Some(false),
                _ => None,
            },
        }
    }
}

async fn show(here: Here, Query(rule): Query<Rule>) -> Result<Response, Problem> {
    let frame = here.frame(Section::Groups, here.language.t(common::GROUPS)).await?;
    let (hub, tenant) = (here.hub(), here.tenant());
    let mut groups = Vec::new();
    for it in group::list(hub, tenant).await.map_err(Problem::internal)? {
        let members = group::show(hub, tenant, &it.key, None).await.map_err(Problem::internal)?;
        groups.push((it.name, it.rules, frame.lang.number(members.people.len())));
    }
    let tried = match &rule.count {
        Some(_) => Some(tried(&here, &rule).await?),
        None => None,
    };
    let (mut error, mut found, mut first) = (None, None, Vec::new());
    match tried {
        Some(Some(members)) => {
            found = Some(frame.lang.count(t::TRY_FOUND, members.people.len()));
            let named: Vec<&Member> = members.people.iter().take(NAMED_MAX).collect();
            here.note_read(named.iter().map(|it| it.person).collect()).await?;
            first = named.iter().filter_map(|it| it.name.clone()).collect();
        }
        Some(None) => error = Some(frame.t(t::TRY_EMPTY)),
        None => {}
    }
    let lead = frame.t(if groups.is_empty() { t::GROUPS_NONE } else { t::GROUPS_LEAD });
    let choice = |value: &'static str, name: Text| (value, frame.t(name), rule.managers == value);
    let choices =
        [choice("", t::TRY_EVERYBODY), choice("only", t::TRY_ONLY), choice("not", t::TRY_NOT)];
    html(&Page { frame, lead, groups, rule, choices, error, found, first })
}

/// Whom the rule holds; none if it says nothing.
async fn tried(here: &Here, rule: &Rule) -> Result<Option<Members>, Problem> {
    let text = GroupText { key: TRIED.to_owned(), name: TRIED.to_owned(), any: vec![rule.text()] };
    match group::preview(here.hub(), here.tenant(), &text, None).await {
        Ok(members) => Ok(Some(members)),
        Err(GroupsError::Group(_) | GroupsError::Unknown { .. }) => Ok(None),
        Err(other @ GroupsError::People(_)) => Err(Problem::internal(other)),
    }
}
