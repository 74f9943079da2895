//! `GET /api/v1/runs` and `/api/v1/runs/{run}`: readings of sources.

use super::asked::{Asked, get};
use super::configured::Configured;
use super::page::{Page, Wanted, count, number};
use crate::web::described::Nothing;
use crate::web::problem::{Kind, Problem};
use crate::web::route::Route;
use kobling_domain::access::Operation;
use kobling_hub::exchange::runs::{self, Listed, RunsError};
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    let read = Operation::ReadRuns;
    let told =
        ("list_runs", "Readings of sources, the latest first. A page may hold fewer than asked.");
    vec![
        get("/api/v1/runs", read, told, list),
        get("/api/v1/runs/{run}", read, ("show_run", "One run, also while it reads."), show)
            .refusing(&[Kind::NotFound]),
    ]
}

/// Which run.
#[derive(Deserialize, JsonSchema)]
struct Which {
    /// Its number.
    run: i64,
}

async fn list(asked: Asked<Nothing, Wanted>) -> Result<Page<Listed>, Problem> {
    let (before, count) = (number(asked.query.after.as_deref())?, count(asked.query.limit));
    let wanted = u32::try_from(count + 1).unwrap_or(u32::MAX);
    let found =
        runs::list(asked.by.hub(), asked.by.tenant(), before, wanted).await.map_err(refused)?;
    let mut page = Page::of(found, count, |it| it.run.to_string());
    let configured = Configured::at(&asked.by, None).await?;
    page.items.retain(|it| configured.reaches_source(&it.source));
    Ok(page)
}

async fn show(asked: Asked<Which>) -> Result<Listed, Problem> {
    let run =
        runs::one(asked.by.hub(), asked.by.tenant(), asked.path.run).await.map_err(refused)?;
    if !Configured::at(&asked.by, None).await?.reaches_source(&run.source) {
        return Err(refused(RunsError::Unknown { run: run.run }));
    }
    Ok(run)
}

fn refused(error: RunsError) -> Problem {
    match error {
        RunsError::Unknown { .. } => Problem::new(Kind::NotFound, &error.to_string()),
        RunsError::Store(it) => Problem::internal(it),
    }
}
