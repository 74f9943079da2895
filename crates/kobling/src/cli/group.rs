use super::arguments::{Common, Group};
use super::{Failure, Outcome, print, settings};
use kobling_hub::people;
use kobling_hub::people::group::{self, Because, Described, GroupsError, Members};
use serde::Serialize;
use std::fmt;

pub(super) async fn execute(common: &Common, command: Group) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    match command {
        Group::List => {
            let groups = group::list(&hub, tenant).await.map_err(|it| failed(&it))?;
            print::result(common, &Groups { groups })?;
        }
        Group::Show { group, as_of } => {
            let members =
                group::show(&hub, tenant, &group, people::When { as_of, known_at: None }).await;
            print::result(common, &Page(members.map_err(|it| failed(&it))?))?;
        }
    }
    Ok(Outcome::Done)
}

fn failed(error: &GroupsError) -> Failure {
    let what = "no group can be shown";
    match error {
        GroupsError::Unknown { .. } => Failure::bad_input(what, error),
        GroupsError::Group(_) | GroupsError::People(_) => Failure::failed(what, error),
    }
}

#[derive(Serialize)]
struct Groups {
    groups: Vec<Described>,
}

impl fmt::Display for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.groups.is_empty() {
            return f.write_str("no groups are configured; docs/plan2learn.md tells how");
        }
        self.groups.iter().try_for_each(|it| described(f, it))
    }
}

fn described(f: &mut fmt::Formatter<'_>, group: &Described) -> fmt::Result {
    writeln!(f, "{}: {}", group.key, group.name)?;
    group.rules.iter().zip(1..).try_for_each(|(it, nth)| writeln!(f, "  rule {nth}: {it}"))
}

#[derive(Serialize)]
#[serde(transparent)]
struct Page(Members);

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Members { group, as_of, version, people } = &self.0;
        described(f, group)?;
        writeln!(f, "on {as_of}, ledger version {}: {} people", version.0, people.len())?;
        for it in people {
            writeln!(f, "  {}  ({})", it.name.as_deref().unwrap_or("no name"), it.person)?;
            it.because.iter().try_for_each(|it| because(f, it))?;
        }
        Ok(())
    }
}

fn because(f: &mut fmt::Formatter<'_>, it: &Because) -> fmt::Result {
    let title = it.title.as_deref().unwrap_or("no position");
    write!(f, "    rule {}: employment {}, {title}", it.rule, it.employment)?;
    match (&it.unit, &it.unit_name) {
        (Some(unit), Some(name)) => writeln!(f, ", in {name} ({unit})"),
        (Some(unit), None) => writeln!(f, ", in unit {unit}"),
        (None, _) => writeln!(f),
    }
}
