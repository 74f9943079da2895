use super::arguments::{Common, Work};
use super::progress::Terminal;
use super::{Failure, Outcome, print, settings};
use kobling_hub::Hub;
use kobling_hub::exchange::lane::steps::Uninterrupted;
use kobling_hub::jobs::{self, Ran};
use kobling_store::StoreError;
use std::time::Duration;

/// How long nothing is looked for when nothing is due.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn execute(common: &Common, arguments: &Work) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    if !arguments.once {
        loop {
            all_due(common, &hub).await?;
            pause().await;
        }
    }
    match all_due(common, &hub).await? {
        Ended::Well => Ok(Outcome::Done),
        Ended::Held => Ok(Outcome::Held),
        Ended::Badly => Err(Failure::refused("some of the work was not done")
            .advise("see above; `kobling work` tries it again later by itself")),
    }
}

/// How the worst of all work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ended {
    Well,
    Held,
    Badly,
}

#[expect(clippy::disallowed_methods, reason = "other processes ask for work; nobody tells us")]
async fn pause() {
    tokio::time::sleep(PAUSE).await;
}

async fn all_due(common: &Common, hub: &Hub) -> Result<Ended, Failure> {
    let mut worst = Ended::Well;
    while let Some(ran) = next(hub).await.map_err(|it| Failure::failed("no work was found", &it))? {
        print::result(common, &ran)?;
        worst = worst.max(match &ran.report {
            None => Ended::Badly,
            Some(report) if report.standing.held > 0 => Ended::Held,
            Some(_) => Ended::Well,
        });
    }
    Ok(worst)
}

async fn next(hub: &Hub) -> Result<Option<Ran>, StoreError> {
    let progress = Terminal::new();
    let ran = jobs::run_next(hub, (&Uninterrupted, &progress)).await;
    progress.finish();
    ran
}
