//! What is wrong with an organisation as a whole.

use super::employer::{Employer, Told, roles};
use super::find::PeopleError;
use jiff::civil::Date;
use kobling_domain::id::{SourceNo, SubjectNo, TenantId};
use kobling_domain::people::{Chart, Field, NativeKey, Role, UnitDays, orphaned_ends};
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::exchange::source;
use kobling_store::people::subject;

/// Subjects looked at together.
const PAGE_SUBJECTS: i64 = 5_000;

/// What is wrong with the units of an employer, and with who leads them, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Rings, second roots, missing parents, and parents that close before what is below them.
    pub tree: Vec<String>,
    /// Units that several persons lead on one level.
    pub ties: Vec<String>,
}

/// Looks at all units and managers on `day`.
#[crate::boxed]
pub async fn faults(tx: &mut Tx, tenant: TenantId, day: Date) -> Result<Faults, PeopleError> {
    let version = tenant::version(tx, tenant).await?;
    let employer = Employer::on(tx, tenant, version, day).await?;
    let mut faults = Faults::default();
    for source in source::list(tx, tenant).await? {
        let organisation = employer.organisation(tx, Some(source.no)).await?;
        if organisation.days.is_empty() {
            continue;
        }
        faults.tree.extend(organisation.tree.faults().iter().map(ToString::to_string));
        let is_ahead =
            |it: &UnitDays<NativeKey>| it.validity.until().is_none_or(|until| until > day);
        let days: Vec<_> = organisation.days.iter().filter(|it| is_ahead(it)).cloned().collect();
        faults.tree.extend(orphaned_ends(&days).iter().map(ToString::to_string));
        let roles = leading(tx, &employer, source.no).await?;
        let ties = Chart::on(&days, &roles, day).ties();
        faults.ties.extend(ties.iter().map(ToString::to_string));
    }
    Ok(faults)
}

/// The roles of all who lead a unit of a source.
async fn leading(
    tx: &mut Tx,
    employer: &Employer,
    source: SourceNo,
) -> Result<Vec<Role>, PeopleError> {
    let last = subject::last(tx, employer.tenant).await?.0;
    let (mut all, mut first) = (Vec::new(), 1);
    while first <= last {
        let page = (SubjectNo(first), SubjectNo(first + PAGE_SUBJECTS - 1));
        let mut told = employer.between(tx, page).await?;
        told.retain(|it| it.source() == Some(source) && leads(it));
        all.extend(roles(&employer.rules, &told));
        first += PAGE_SUBJECTS;
    }
    Ok(all)
}

fn leads(it: &Told) -> bool {
    it.claims.list.iter().any(|claim| claim.slice.state.is(Field::EmploymentIsManager))
}
