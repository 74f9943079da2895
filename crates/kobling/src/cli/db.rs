use super::arguments::{Common, Db};
use super::{Failure, Outcome, print, settings};
use kobling_store::StoreError;
use serde::Serialize;
use std::fmt;

pub(super) async fn execute(common: &Common, command: Db) -> Result<Outcome, Failure> {
    let hub = settings::hub_unchecked()?;
    let done = match command {
        Db::Migrate => {
            hub.db.migrate().await.map_err(|it| failed(&it))?;
            "the store's tables are of this program's version"
        }
        Db::Check => {
            hub.db.check().await.map_err(|it| failed(&it))?;
            "the store's tables are as they should be"
        }
        Db::Rebuild => "nothing derived is stored yet",
    };
    print::result(common, &Done { done })?;
    Ok(Outcome::Done)
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
