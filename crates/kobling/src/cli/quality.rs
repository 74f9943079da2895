use super::arguments::{Common, Quality};
use super::progress::Terminal;
use super::{Failure, Outcome, print, settings};
use kobling_hub::exchange::quality;

pub(super) async fn execute(common: &Common, arguments: &Quality) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    let progress = Terminal::new();
    let report = quality::quality(&hub, tenant, &arguments.target, &progress).await;
    progress.finish();
    let report = report.map_err(|it| {
        let what = format!("nothing can be said of the records for {}", arguments.target);
        if it.is_bad_input() { Failure::bad_input(what, &it) } else { Failure::failed(what, &it) }
    })?;
    print::result(common, &report)?;
    Ok(Outcome::Done)
}
