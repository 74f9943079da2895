use super::arguments::{Common, Work};
use super::progress::Terminal;
use super::{Failure, Outcome, print, settings};
use kobling_hub::Hub;
use kobling_hub::exchange::deliver::DeliveryState;
use kobling_hub::exchange::delivery::Delivered;
use kobling_hub::exchange::lane::steps::Uninterrupted;
use kobling_hub::exchange::progress::Progress;
use kobling_hub::jobs::{self, Ran};
use std::convert::Infallible;
use std::time::Duration;

/// How long nothing is looked for when nothing is due.
const PAUSE: Duration = Duration::from_secs(1);
/// How long nothing is looked for when the store cannot be asked.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

pub(super) async fn execute(common: &Common, arguments: &Work) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let watch = Terminal::new();
    let tell = |ran: &Ran| {
        watch.finish();
        print::result(common, ran)
    };
    if !arguments.once {
        match forever(&hub, &watch, &tell, &print::failure).await {}
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

/// Does what is due, again and again. A store that is away comes back, and the work with it, so
/// nothing that goes wrong is an end.
pub(super) async fn forever(
    hub: &Hub,
    watch: &dyn Progress,
    tell: Tell<'_>,
    tell_failure: &dyn Fn(&Failure),
) -> Infallible {
    loop {
        match all_due(hub, watch, tell).await {
            Ok(_) => pause(PAUSE).await,
            Err(failure) => {
                tell_failure(&failure.advise("nothing: it is tried again by itself"));
                pause(PAUSE_AFTER_FAILURE).await;
            }
        }
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
async fn pause(so_long: Duration) {
    tokio::time::sleep(so_long).await;
}

async fn all_due(hub: &Hub, watch: &dyn Progress, tell: Tell<'_>) -> Result<Ended, Failure> {
    let mut worst = Ended::Well;
    let failed = |it| Failure::failed("the store cannot be asked for work", &it);
    while let Some(ran) = jobs::run_next(hub, (&Uninterrupted, watch)).await.map_err(failed)? {
        tell(&ran)?;
        worst = worst.max(match &ran.report {
            None => Ended::Badly,
            Some(Delivered::Messages(it)) if it.standing.held > 0 => Ended::Held,
            Some(Delivered::Set(it)) if it.state == DeliveryState::Held => Ended::Held,
            Some(Delivered::Messages(_) | Delivered::Set(_)) => Ended::Well,
        });
    }
    Ok(worst)
}
