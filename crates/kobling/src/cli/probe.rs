//! `kobling target test` and `kobling source test`.

use super::arguments::{Common, Source};
use super::{Failure, Outcome, print, settings};
use kobling_hub::exchange::probe::{self, ProbeError, Report};

pub(super) async fn target(common: &Common, target: &str) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    finish(common, probe::target(&hub, tenant, target).await)
}

pub(super) async fn source(common: &Common, arguments: Source) -> Result<Outcome, Failure> {
    let Source::Test { source } = arguments;
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    finish(common, probe::source(&hub, tenant, &source).await)
}

fn finish(common: &Common, tried: Result<Report, ProbeError>) -> Result<Outcome, Failure> {
    let report = tried.map_err(|it| Failure::bad_input("nothing was tried", &it))?;
    print::result(common, &report)?;
    match report.failed() {
        0 => Ok(Outcome::Done),
        failed => Err(Failure::unwell(failed)),
    }
}
