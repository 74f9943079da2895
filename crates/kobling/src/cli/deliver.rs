use super::arguments::{Common, Deliver};
use super::progress::Terminal;
use super::{Failure, Outcome, print, settings};
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::exchange::decide::Decision;
use kobling_hub::exchange::deliver::{self, DeliverError, Delivery, DeliveryState, Intent};

pub(super) async fn execute(common: &Common, arguments: &Deliver) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    let intent = match (arguments.dry_run, &arguments.release_by, &arguments.reason) {
        (true, _, _) => Intent::Look,
        (false, Some(by), Some(reason)) => Intent::Release(Decision { by, reason }),
        (false, _, _) => Intent::Deliver,
    };
    let delivery = deliver(&hub, tenant, &arguments.target, intent).await?;
    print::result(common, &delivery)?;
    Ok(outcome(&delivery))
}

/// Delivers to one target.
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
    match delivery.state {
        DeliveryState::Held => Outcome::Held,
        DeliveryState::Delivered | DeliveryState::Unchanged | DeliveryState::DryRun => {
            Outcome::Done
        }
    }
}

pub(super) fn failed(target: &str, error: &DeliverError) -> Failure {
    let what = format!("not everything was delivered to {target}");
    let failure = if error.is_bad_input() {
        Failure::bad_input(what, error)
    } else {
        Failure::failed(what, error)
    };
    match error.advice() {
        Some(advice) => failure.advise(advice),
        None => failure,
    }
}
