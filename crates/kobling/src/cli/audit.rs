//! `kobling audit`: who did what, and the proof that nobody wrote it anew.

use super::arguments::{Audit, AuditList, AuditVerify, Common};
use super::{Failure, Outcome, print, settings};
use kobling_hub::access::audit::{self, Told};
use serde::Serialize;
use std::fmt;

#[derive(Serialize)]
struct Entries {
    entries: Vec<Told>,
}

impl fmt::Display for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.iter().try_for_each(|it| it.fmt(f))
    }
}

pub(super) async fn execute(common: &Common, command: Audit) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    let failed = |it| Failure::failed("the audit cannot be read", &it);
    match command {
        Audit::List(AuditList { last, before }) => {
            let entries = audit::list(&hub, tenant, before, last).await.map_err(failed)?;
            print::result(common, &Entries { entries })?;
        }
        Audit::Verify(AuditVerify { head }) => {
            let noted = head.as_deref();
            let examined = audit::verify(&hub, tenant, noted).await.map_err(failed)?;
            print::result(common, &examined)?;
            if examined.fault.is_some() {
                return Err(Failure::unsound("the audit is not as it was written").advise(
                    "keep the store as it is, and find out who could write to it; \
                     a backup tells what stood there",
                ));
            }
        }
    }
    Ok(Outcome::Done)
}
