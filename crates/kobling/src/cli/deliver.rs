use super::arguments::{Common, Deliver};
use super::progress::Terminal;
use super::{Failure, Outcome, decision, delivery, print, settings};
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::exchange::deliver::{self, DeliverError, Delivery, Intent};
use kobling_hub::exchange::lane;
use kobling_hub::exchange::lane::steps::{Steps, Uninterrupted};
use kobling_hub::exchange::progress::Progress;
use kobling_hub::jobs;

pub(super) async fn execute(common: &Common, arguments: &Deliver) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    let key = arguments.target.as_str();
    if lane::takes_messages(&hub, tenant, key)
        .await
        .map_err(|it| delivery::failed(key, &it.into()))?
    {
        return messages(common, &hub, tenant, arguments).await;
    }
    let intent = match (arguments.dry_run, &arguments.release_by, &arguments.reason) {
        (true, _, _) => Intent::Look,
        (false, Some(by), Some(reason)) => Intent::Release(decision::of(&hub, by, reason)?),
        (false, _, _) => Intent::Deliver,
    };
    let delivery = deliver(&hub, tenant, &arguments.target, intent).await?;
    print::result(common, &delivery)?;
    Ok(outcome(&delivery))
}

/// Brings the lanes of a target up to date and sends what is on them.
async fn messages(
    common: &Common,
    hub: &Hub,
    tenant: TenantId,
    arguments: &Deliver,
) -> Result<Outcome, Failure> {
    let key = arguments.target.as_str();
    if arguments.dry_run {
        let progress = Terminal::new();
        let foreseen = lane::look(hub, tenant, key, &progress).await;
        progress.finish();
        print::result(common, &foreseen.map_err(|it| delivery::failed(key, &it.into()))?)?;
        return Ok(Outcome::Done);
    }
    let progress = Terminal::new();
    let watch: (&dyn Steps, &dyn Progress) = (&Uninterrupted, &progress);
    let report = match (&arguments.release_by, &arguments.reason) {
        (Some(by), Some(reason)) => {
            let decision = decision::of(hub, by, reason)?;
            jobs::deliver_all(hub, tenant, key, &decision, watch).await
        }
        (_, _) => jobs::deliver(hub, tenant, key, watch).await,
    };
    progress.finish();
    let report = report.map_err(|it| delivery::failed(key, &it.into()))?;
    print::result(common, &report)?;
    Ok(delivery::outcome(&report.standing))
}

/// Writes the files of one target.
pub(super) async fn deliver(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    intent: Intent<'_>,
) -> Result<Delivery, Failure> {
    let progress = Terminal::new();
    let delivery = deliver::deliver(hub, tenant, target, intent, &progress).await;
    progress.finish();
    delivery.map_err(|it| failed(target, &it))
}

fn outcome(delivery: &Delivery) -> Outcome {
    if delivery.is_held() { Outcome::Held } else { Outcome::Done }
}

pub(super) fn failed(target: &str, error: &DeliverError) -> Failure {
    let what = format!("not everything was delivered to {target}");
    let failure = if matches!(error, DeliverError::Target(it) if it.is_takeover()) {
        Failure::held(what, error)
    } else if error.is_bad_input() {
        Failure::bad_input(what, error)
    } else {
        Failure::failed(what, error)
    };
    match error.advice() {
        Some(advice) => failure.advise(advice),
        None => failure,
    }
}
