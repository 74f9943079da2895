use super::arguments::{Common, Delivery};
use super::{Failure, Outcome, print, settings};
use kobling_hub::exchange::deliver::{self, Receipt};
use serde::Serialize;
use std::fmt;

pub(super) async fn execute(common: &Common, arguments: Delivery) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    match arguments {
        Delivery::Receipts { target, limit } => {
            let receipts = deliver::receipts(&hub, tenant, &target, limit).await;
            let receipts = receipts.map_err(|it| {
                let what = "the receipts cannot be listed";
                if it.is_bad_input() {
                    Failure::bad_input(what, &it)
                } else {
                    Failure::failed(what, &it)
                }
            })?;
            print::result(common, &Receipts { target, receipts })?;
        }
    }
    Ok(Outcome::Done)
}

#[derive(Serialize)]
struct Receipts {
    target: String,
    receipts: Vec<Receipt>,
}

impl fmt::Display for Receipts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = None;
        for it in &self.receipts {
            if last != Some(it.set) {
                let Receipt { set, as_of, version, place, .. } = it;
                writeln!(f, "set {set} as of {as_of}, ledger version {version}, at {place}")?;
                last = Some(it.set);
            }
            writeln!(f, "  {it}")?;
        }
        if self.receipts.is_empty() {
            writeln!(f, "{} has taken nothing yet", self.target)?;
        }
        Ok(())
    }
}
