//! `GET /api/v1/clients`: the programs that may sign in by themselves.

use super::asked::{Asked, get};
use super::page::{Page, Wanted};
use crate::web::described::Nothing;
use crate::web::problem::Problem;
use crate::web::route::Route;
use kobling_domain::access::Operation;
use kobling_hub::access::clients::{self, Client};

pub(super) fn routes() -> Vec<Route> {
    let told = ("list_clients", "The programs that may sign in by themselves, by key.");
    vec![get("/api/v1/clients", Operation::ReadUsers, told, list)]
}

async fn list(asked: Asked<Nothing, Wanted>) -> Result<Page<Client>, Problem> {
    let all = clients::list(asked.by.hub(), asked.by.tenant()).await;
    let all = all.map_err(Problem::internal)?;
    Ok(Page::by_key(all, &asked.query, |it| &it.key))
}
