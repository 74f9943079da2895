//! `GET /api/v1/users` and `/api/v1/users/{key}`: who may sign in, and in which roles.

use super::asked::{Asked, get};
use super::page::{Page, Wanted};
use crate::web::described::Nothing;
use crate::web::problem::{Kind, Problem};
use crate::web::route::Route;
use kobling_domain::access::Operation;
use kobling_hub::access::users::{self, User};
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    let read = Operation::ReadUsers;
    let told = ("list_users", "Who may sign in, by the name they sign in with.");
    vec![
        get("/api/v1/users", read, told, list),
        get("/api/v1/users/{key}", read, ("show_user", "One of them."), show)
            .refusing(&[Kind::NotFound]),
    ]
}

/// Which user.
#[derive(Deserialize, JsonSchema)]
struct Which {
    /// The name they sign in with.
    key: String,
}

async fn list(asked: Asked<Nothing, Wanted>) -> Result<Page<User>, Problem> {
    let all = users::list(asked.by.hub(), asked.by.tenant()).await.map_err(Problem::internal)?;
    Ok(Page::by_key(all, &asked.query, |it| &it.key))
}

async fn show(asked: Asked<Which>) -> Result<User, Problem> {
    let key = &asked.path.key;
    let all = users::list(asked.by.hub(), asked.by.tenant()).await.map_err(Problem::internal)?;
    let unknown = || Problem::new(Kind::NotFound, &format!("there is no user {key:?}"));
    all.into_iter().find(|it| it.key == *key).ok_or_else(unknown)
}
