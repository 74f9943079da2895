use super::arguments::{Annul, Common};
use super::show::days;
use super::{Failure, Outcome, decision, print, settings};
use kobling_hub::exchange::annul::{self, Annulled};
use serde::Serialize;
use std::fmt;

pub(super) async fn execute(common: &Common, command: Annul) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    let Annul::Employment { id, decision } = command;
    let decision = decision::typed(&hub, &decision)?;
    let annulled = annul::annul(&hub, tenant, &id, &decision).await.map_err(|it| {
        let what = "nothing was annulled";
        if it.is_bad_input() { Failure::bad_input(what, &it) } else { Failure::failed(what, &it) }
    })?;
    print::result(common, &Page(annulled))?;
    Ok(Outcome::Done)
}

#[derive(Serialize)]
#[serde(transparent)]
struct Page(Annulled);

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.0;
        let was = days(Some(it.from), it.until);
        writeln!(
            f,
            "employment {} of {} never was; it was believed {was}",
            it.employment, it.source
        )?;
        write!(f, "  `kobling history {}` tells what was believed when", it.id)
    }
}
