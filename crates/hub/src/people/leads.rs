//! Whether somebody leads somebody else, however many leaders stand between them.

use super::employer::{Employer, Told};
use super::find::PeopleError;
use crate::Hub;
use crate::access;
use kobling_domain::id::{SubjectId, TenantId};
use kobling_domain::people::{Chart, Field, Kind, NativeKey, view_at};
use kobling_store::access::tenant;
use kobling_store::people::subject;

/// Whether `leader` leads a unit today in which, or above which, `id` works: a person, or one of
/// their employments. Nobody leads themselves.
#[crate::boxed]
pub async fn leads(
    hub: &Hub,
    tenant: TenantId,
    leader: SubjectId,
    id: SubjectId,
) -> Result<bool, PeopleError> {
    let today = access::civil_now(hub, tenant).await?.date();
    let mut tx = hub.db.read().await?;
    let version = tenant::version(&mut tx, tenant).await?;
    let employer = hub.kept.employer(&mut tx, (tenant, version, today)).await?;
    let Some(leader) = subject::by_id(&mut tx, tenant, leader).await? else { return Ok(false) };
    let Some(found) = subject::by_id(&mut tx, tenant, id).await? else { return Ok(false) };
    let leader = employer.links.one(leader.no);
    let own = match found.kind {
        Kind::Person => employer.employments_of(&mut tx, found.no).await?,
        Kind::Employment => employer.told(&mut tx, &[found.no]).await?,
        Kind::Unit | Kind::Position | Kind::Activity | Kind::Qualification | Kind::Absence => {
            Vec::new()
        }
    };
    let others = own.iter().filter(|it| it.person.is_some_and(|it| it != leader));
    for it in others {
        let organisation = employer.organisation(&mut tx, it.source()).await?;
        let Some(unit) = unit_of(&employer, it) else { continue };
        let chain = organisation.chain(&unit);
        let leading = employer.leading(&mut tx, organisation, &chain).await?;
        let chart = Chart::of(organisation.cut_to(&chain), &leading, today);
        if chain.iter().any(|it| chart.leader(it).is_some_and(|it| it.person == leader)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn unit_of(employer: &Employer, it: &Told) -> Option<NativeKey> {
    let picture = view_at(&employer.rules, &it.claims, employer.day)?;
    picture.text(Field::EmploymentUnit).map(NativeKey::text)
}
