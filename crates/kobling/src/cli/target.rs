use super::arguments::{Common, Takeover, Target};
use super::progress::Terminal;
use super::{Failure, Outcome, decision, print, probe, settings};
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::exchange::drift;
use kobling_hub::exchange::takeover::{self, Columns, TakeoverError, Verdict};
use std::path::PathBuf;

pub(super) async fn execute(common: &Common, command: Target) -> Result<Outcome, Failure> {
    match command {
        Target::Test { target } => return probe::target(common, &target).await,
        Target::Drift { target, list, settle } => {
            let doing = if settle { Doing::Settle } else { Doing::Tell };
            drifted(common, &target, &list, doing).await?;
        }
        Target::Takeover(it) => {
            let hub = settings::hub().await?;
            let tenant = settings::tenant(&hub, common).await?;
            take_over(common, &hub, tenant, it).await?;
        }
    }
    Ok(Outcome::Done)
}

/// What is done with what has drifted.
#[derive(Clone, Copy)]
enum Doing {
    Tell,
    Settle,
}

async fn drifted(
    common: &Common,
    target: &str,
    lists: &[PathBuf],
    doing: Doing,
) -> Result<(), Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    let progress = Terminal::new();
    let found = match doing {
        Doing::Tell => Box::pin(drift::drift(&hub, tenant, target, lists, &progress)).await,
        Doing::Settle => Box::pin(drift::settle(&hub, tenant, target, lists, &progress)).await,
    };
    progress.finish();
    let what = "what has drifted cannot be told";
    match found {
        Ok(found) => print::result(common, &found),
        Err(it) if it.is_bad_input() => Err(Failure::bad_input(what, &it)),
        Err(it) => Err(Failure::failed(what, &it)),
    }
}

async fn take_over(
    common: &Common,
    hub: &Hub,
    tenant: TenantId,
    command: Takeover,
) -> Result<(), Failure> {
    let told = match command {
        Takeover::List { target, list, there, map } => {
            let columns = Columns::parse(&map).map_err(|it| failed(&it))?;
            let (name, bytes) = list_of(hub, tenant, &target, (list, there)).await?;
            Box::pin(takeover::begin(hub, tenant, &target, (&name, &bytes), &columns)).await
        }
        Takeover::Show { target } => Box::pin(takeover::show(hub, tenant, &target)).await,
        Takeover::Decide { target, entry, verdict, decision } => {
            let verdict = verdict.same.as_deref().map_or(Verdict::Nobody, Verdict::Same);
            let decision = decision::typed(hub, &decision)?;
            Box::pin(takeover::decide(hub, tenant, &target, (&entry, verdict), &decision)).await
        }
        Takeover::Release { target, decision } => {
            let decision = decision::typed(hub, &decision)?;
            Box::pin(takeover::release(hub, tenant, &target, &decision)).await
        }
    };
    print::result(common, &told.map_err(|it| failed(&it))?)
}

/// The name of a list and its bytes, from here or from where the target's files lie.
async fn list_of(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    (list, there): (Option<PathBuf>, Option<String>),
) -> Result<(String, Vec<u8>), Failure> {
    let Some(list) = list else {
        let name = there.unwrap_or_default();
        let bytes = takeover::read_there(hub, tenant, target, &name).await;
        return Ok((name, bytes.map_err(|it| failed(&it))?));
    };
    let bytes = std::fs::read(&list)
        .map_err(|it| Failure::bad_input(format!("{} cannot be read", list.display()), &it))?;
    let name = list.file_name().unwrap_or(list.as_os_str()).to_string_lossy().into_owned();
    Ok((name, bytes))
}

fn failed(error: &TakeoverError) -> Failure {
    let what = "the take-over does not go on";
    if error.is_bad_input() {
        Failure::bad_input(what, error)
    } else {
        Failure::failed(what, error)
    }
}
