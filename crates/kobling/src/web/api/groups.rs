//! `GET /api/v1/groups`, `/api/v1/groups/{key}` and `/api/v1/groups/{key}/members`: target groups, and whom
//! they hold.

use super::asked::{Asked, get, put};
use super::configured::Configured;
use super::known::{Known, KnownPage};
use super::page::{ByKey, Limit, Page, Wanted};
use crate::web::described::Nothing;
use crate::web::problem::{Kind, Problem};
use crate::web::route::Route;
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::access::Operation;
use kobling_domain::people::{GroupText, RuleText};
use kobling_hub::people::group::{self, GroupsError, Member, SaveError};
use kobling_hub::people::{PeopleError, When};
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    let read = Operation::ReadGroups;
    let save_told = ("save_group", "Writes a group, in the place of the one that was read.");
    let members_told = ("list_group_members", "Who is in a group on a day, and by which rule.");
    vec![
        get("/api/v1/groups", read, ("list_groups", "Target groups, by key."), list),
        get("/api/v1/groups/{key}", read, ("show_group", "A group as it is written."), show),
        get("/api/v1/groups/{key}/members", read, members_told, members),
    ]
    .into_iter()
    .map(|it| it.refusing(&[Kind::NotFound]))
    .chain([put("/api/v1/groups/{key}", Operation::EditGroups, save_told, save)
        .refusing(&[Kind::ConditionMissing, Kind::ChangedMeanwhile])])
    .collect()
}

/// Which members.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sought {
    /// The `next` of the page before; the first page without it.
    after: Option<String>,
    /// How many at most; 50 without it.
    limit: Option<Limit>,
    /// The day; the employer's today without it.
    as_of: Option<Date>,
    /// As the hub knew people then, and as the group was written; as now without it.
    known_at: Option<Timestamp>,
}

async fn list(asked: Asked<Nothing, KnownPage>) -> Result<Page<GroupText>, Problem> {
    let all = Configured::at(&asked.by, asked.query.known_at).await?.text.groups;
    Ok(Page::by_key(all, &asked.query.page(), |it| &it.key))
}

async fn show(asked: Asked<ByKey, Known>) -> Result<GroupText, Problem> {
    let all = Configured::at(&asked.by, asked.query.known_at).await?.text.groups;
    asked.path.among("group", all, |it| &it.key)
}

/// A group as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    /// What people call it.
    name: String,
    /// Its rules. Who satisfies one of them is in the group.
    any: Vec<RuleText>,
}

async fn save(asked: Asked<ByKey, Nothing, Written>) -> Result<GroupText, Problem> {
    let Asked { by, path: ByKey { key }, body: Written { name, any }, condition, .. } = asked;
    let stands = group::stands(by.hub(), by.tenant(), &key).await.map_err(refused)?;
    condition.check(stands.text.as_ref())?;
    let text = GroupText { key, name, any };
    let saved = group::save(by.hub(), by.tenant(), &text, &stands.mark, by.who()).await;
    saved.map_err(|error| match error {
        SaveError::Changed { .. } => Problem::new(Kind::ChangedMeanwhile, &error.to_string()),
        SaveError::Group(_) => Problem::new(Kind::BadRequest, &error.to_string()),
        SaveError::Unwritable(_) | SaveError::People(_) | SaveError::Store(_) => {
            Problem::internal(error)
        }
    })?;
    Ok(text)
}

async fn members(asked: Asked<ByKey, Sought>) -> Result<Page<Member>, Problem> {
    let Sought { after, limit, as_of, known_at } = &asked.query;
    let when = When { as_of: *as_of, known_at: *known_at };
    let found = group::show(asked.by.hub(), asked.by.tenant(), &asked.path.key, when).await;
    let keyed = found.map_err(refused)?.people.into_iter();
    let keyed: Vec<(String, Member)> = keyed.map(|it| (it.person.to_string(), it)).collect();
    let wanted = Wanted { after: after.clone(), limit: *limit };
    let Page { items, next } = Page::by_key(keyed, &wanted, |it| &it.0);
    let people = items.iter().map(|it| it.1.person).collect();
    asked.by.note_read(people).await?;
    Ok(Page { items: items.into_iter().map(|it| it.1).collect(), next })
}

fn refused(error: GroupsError) -> Problem {
    match error {
        GroupsError::Unknown { .. } => Problem::new(Kind::NotFound, &error.to_string()),
        GroupsError::People(it @ PeopleError::NothingKnown { .. }) => {
            Problem::new(Kind::NotFound, &it.to_string())
        }
        GroupsError::Group(_) | GroupsError::People(_) => Problem::internal(error),
    }
}
