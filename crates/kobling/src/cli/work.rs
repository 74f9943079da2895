use super::arguments::{Common, Work};
use super::progress::Terminal;
use super::{Failure, Outcome, print, settings};
use kobling_hub::Hub;
use kobling_hub::exchange::lane::steps::Uninterrupted;
use kobling_hub::exchange::progress::Progress;
use kobling_hub::jobs::{self, Ran};
use std::time::Duration;

/// How long nothing is looked for when nothing is due.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn execute(common: &Common, arguments: &Work) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let watch = Terminal::new();
    let tell = |ran: &Ran| {
        watch.finish();
        print::result(common, ran)
    };
    if !arguments.once {
        return Err(forever(&hub, &watch, &tell).await);
    }
    match all_due(&hub, &watch, &tell).await? {
        Ended::Well => Ok(Outcome::Done),
        Ended::Held => Ok(Outcome::Held),
        Ended::Badly => Err(Failure::refused("some of the work was not done")
            .advise("see above; `kobling work` tries it again later by itself")),
    }
}

/// Is told of each piece of work that was done or failed.
type Tell<'a> = &'a dyn Fn(&Ran) -> Result<(), Failure>;

/// Does what is due, again and again, until it cannot.
pub(super) async fn forever(hub: &Hub, watch: &dyn Progress, tell: Tell<'_>) -> Failure {
    loop {
        if let Err(failure) = all_due(hub, watch, tell).await {
            return failure;
        }
        pause().await;
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

async fn all_due(hub: &Hub, watch: &dyn Progress, tell: Tell<'_>) -> Result<Ended, Failure> {
    let mut worst = Ended::Well;
    let failed = |it| Failure::failed("no work was found", &it);
    while let Some(ran) = jobs::run_next(hub, (&Uninterrupted, watch)).await.map_err(failed)? {
        tell(&ran)?;
        worst = worst.max(match &ran.report {
            None => Ended::Badly,
            Some(report) if report.standing.held > 0 => Ended::Held,
            Some(_) => Ended::Well,
        });
    }
    Ok(worst)
}
