use super::arguments::{self, Common};
use super::show::{failed, readable};
use super::{Failure, Outcome, print, settings};
use kobling_hub::people::{self, Extract, ExtractError, Read, Shown, ShownSlice};
use serde::Serialize;
use std::fmt;

pub(super) async fn execute(
    common: &Common,
    arguments: arguments::Extract,
) -> Result<Outcome, Failure> {
    let arguments::Extract::Person { id } = arguments;
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    let extract = people::extract(&hub, tenant, &id).await.map_err(refused)?;
    print::result(common, &Page(extract))?;
    Ok(Outcome::Done)
}

fn refused(error: ExtractError) -> Failure {
    match error {
        ExtractError::People(it) => failed(&it),
        ExtractError::Deliver(it) => Failure::failed("where their data went cannot be told", &it),
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Page(Extract);

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.0;
        writeln!(f, "Extract of person {}, made {}", it.person, it.made_at)?;
        writeln!(f, "\nSystems that may have data of them:")?;
        if it.targets.is_empty() {
            writeln!(f, "  none: no agreement is in force")?;
        }
        for it in &it.targets {
            let fields: Vec<&str> = it.fields.iter().map(|it| it.name()).collect();
            let has = if it.has { "has them" } else { "does not have them" };
            writeln!(f, "  {}: {has}", it.name)?;
            writeln!(f, "    for {} ({})", it.purpose, it.legal_basis)?;
            writeln!(f, "    fields: {}", fields.join(", "))?;
            if let (Some(first), Some(last)) = (it.took.first(), it.took.last()) {
                writeln!(f, "    took {} times, from {} to {}", it.took.len(), first.at, last.at)?;
            }
        }
        writeln!(f, "\nWho saw their data, the latest first:")?;
        if it.read.is_empty() {
            writeln!(f, "  nobody")?;
        }
        it.read.iter().try_for_each(|it| reading(f, it))?;
        writeln!(f, "\nWhat the hub knows today:")?;
        it.known.iter().try_for_each(|it| known(f, it))
    }
}

fn reading(f: &mut fmt::Formatter<'_>, it: &Read) -> fmt::Result {
    write!(f, "  {}  {}  {}", it.at, it.who, it.operation.as_deref().unwrap_or(&it.action))?;
    match &it.purpose {
        Some(purpose) => writeln!(f, "  for: {purpose}"),
        None => writeln!(f),
    }
}

fn known(f: &mut fmt::Formatter<'_>, it: &Shown) -> fmt::Result {
    let day = it.known_at.day;
    let holds = |slice: &&ShownSlice| {
        slice.from.is_none_or(|it| it <= day) && slice.until.is_none_or(|it| it > day)
    };
    let native = it.native.as_ref().map(|it| format!(" {it}")).unwrap_or_default();
    writeln!(f, "  {}{native}", it.kind)?;
    for (name, told) in it.slices.iter().find(holds).map(|it| &it.values).into_iter().flatten() {
        let value = readable(name, &told.value);
        writeln!(f, "    {name}: {value}  ({})", told.origin.provenance.source)?;
    }
    Ok(())
}
