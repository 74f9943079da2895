//! `GET /api/v1/changes`: of whom something else is known since when, for those who keep up with it.

use super::asked::{Asked, get};
use super::page::{Limit, count};
use super::subjects::refused;
use crate::web::described::Nothing;
use crate::web::problem::{Kind, Problem};
use crate::web::route::Route;
use kobling_domain::access::Operation;
use kobling_hub::people::changes::{self, Change, Cursor, NoCursor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn routes() -> Vec<Route> {
    let told = ("list_changes", "What changed in the ledger, in the order in which it did, by id.");
    vec![get("/api/v1/changes", Operation::ReadPlans, told, list).refusing(&[Kind::NotFound])]
}

/// Since when.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Since {
    /// The `cursor` of the answer before, or a version of which all is known; everything without
    /// it.
    after: Option<String>,
    /// How many at most; 50 without it.
    limit: Option<Limit>,
}

/// Some changes, and where the next ones begin.
#[derive(Serialize, JsonSchema)]
struct Changes {
    /// Each subject once for each version of the ledger that tells something else of it.
    items: Vec<Change>,
    /// The `after` that gives those that come after these, now or later.
    cursor: String,
}

async fn list(asked: Asked<Nothing, Since>) -> Result<Changes, Problem> {
    let Since { after, limit } = &asked.query;
    let wrong = |it: NoCursor| Problem::new(Kind::BadRequest, &format!("after: {it}"));
    let after = after.as_deref().map(str::parse).transpose().map_err(wrong)?;
    let count = u32::try_from(count(*limit)).unwrap_or(u32::MAX);
    let (hub, tenant) = (asked.by.hub(), asked.by.tenant());
    let found = changes::changes(hub, tenant, after.unwrap_or(Cursor::START), count).await;
    let (items, cursor) = found.map_err(refused)?;
    Ok(Changes { items, cursor: cursor.to_string() })
}

#[cfg(test)]
mod tests {
    use crate::web::testing::{App, SignedIn};
    use kobling_domain::access::Role;
    use std::collections::BTreeSet;

    async fn read(app: &App, signed: &SignedIn, mut after: String) -> (Vec<(i64, String)>, String) {
        let mut all = Vec::new();
        loop {
            let path = format!("/api/v1/changes?limit=60&after={after}");
            let answer = app.get(&path, Some(signed)).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let answer = answer.json();
            let items = answer["items"].as_array().unwrap().clone();
            after = answer["cursor"].as_str().unwrap().to_owned();
            if items.is_empty() {
                return (all, after);
            }
            let told = |it: &serde_json::Value| {
                (it["version"].as_i64().unwrap(), it["id"].as_str().unwrap().to_owned())
            };
            all.extend(items.iter().map(told));
        }
    }

    #[tokio::test]
    async fn who_keeps_up_is_told_of_every_change_once_and_goes_on_where_they_were() {
        let (app, held) = App::with_nights().await;
        let owner = app.signed_in(Role::SystemOwner).await;
        let (all, cursor) = read(&app, &owner, "0".to_owned()).await;
        let once: BTreeSet<&(i64, String)> = all.iter().collect();
        assert_eq!(once.len(), all.len());
        assert!(all.is_sorted_by_key(|it| it.0));
        let (first, last) = (all.first().unwrap().0, all.last().unwrap().0);
        assert!(all.len() > 300 && first < last, "two nights: {first} {last}");
        let (since_first, same) = read(&app, &owner, first.to_string()).await;
        let later: Vec<_> = all.iter().filter(|it| it.0 > first).cloned().collect();
        assert_eq!((since_first, same), (later, cursor.clone()));
        let release = format!("/api/v1/plans/{held}/release");
        let headers =
            [("authorization", owner.bearer.as_str()), ("content-type", "application/json")];
        let released = app.ask("POST", &release, &headers, "{\"reason\":\"looked at\"}").await;
        assert_eq!(released.status, 200, "{}", released.text());
        let (new, _) = read(&app, &owner, cursor).await;
        assert!(!new.is_empty() && new.iter().all(|it| it.0 > last), "{new:?}");
    }
}
