mod backup;

use super::arguments::{Common, Db};
use super::progress::Terminal;
use super::{Failure, Outcome, print, settings};
use kobling_hub::exchange::progress::Silent;
use kobling_hub::people::roster;
use kobling_hub::{Hub, access};
use kobling_store::StoreError;
use serde::Serialize;
use std::fmt;

pub(super) async fn execute(common: &Common, command: Db) -> Result<Outcome, Failure> {
    let done = match command {
        Db::Backup { file } => return backup::backup(common, &file).map(|()| Outcome::Done),
        Db::Restore { file } => return backup::restore(common, &file).map(|()| Outcome::Done),
        Db::Migrate => {
            settings::hub_unchecked()?.db.migrate().await.map_err(|it| failed(&it))?;
            "the store's tables are of this program's version"
        }
        Db::Check => {
            let hub = settings::hub_unchecked()?;
            if !hub.db.is_current().await.map_err(|it| failed(&it))? {
                let what = "the store's tables are not those of this program's version";
                return Err(Failure::unsound(what).advise("run `kobling db migrate`"));
            }
            hub.db.check().await.map_err(|it| failed(&it))?;
            check_rosters(&hub).await?;
            "the store's tables are as they should be"
        }
        Db::Refresh => {
            let hub = settings::hub().await?;
            let tenant = settings::tenant(&hub, common).await?;
            let progress = Terminal::new();
            let brought_up = roster::bring_up(&hub, tenant, &progress).await;
            progress.finish();
            match brought_up.map_err(|it| failed(&it))? {
                0 => "the roster was up to the ledger",
                _ => "the roster was brought up to the ledger",
            }
        }
        Db::Rebuild => {
            let hub = settings::hub().await?;
            let tenant = settings::tenant(&hub, common).await?;
            let progress = Terminal::new();
            let rebuilt = roster::rebuild(&hub, tenant, &progress).await;
            progress.finish();
            rebuilt.map_err(|it| failed(&it))?;
            "the roster was built anew"
        }
    };
    print::result(common, &Done { done })?;
    Ok(Outcome::Done)
}

/// Brings each employer's roster up to the ledger and compares what it tells with what a new one
/// would.
async fn check_rosters(hub: &Hub) -> Result<(), Failure> {
    for employer in access::tenants(hub).await.map_err(|it| failed(&it))? {
        roster::bring_up(hub, employer.id, &Silent).await.map_err(|it| failed(&it))?;
        let fault = roster::first_fault(hub, employer.id).await.map_err(|it| failed(&it))?;
        if fault.is_some() {
            let what = format!("the roster of {} does not follow from its claims", employer.key);
            return Err(Failure::unsound(what).advise("run `kobling db rebuild`"));
        }
    }
    Ok(())
}

fn failed(error: &StoreError) -> Failure {
    Failure::failed("the store is not in order", error)
}

#[derive(Serialize)]
struct Done {
    done: &'static str,
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.done)
    }
}
