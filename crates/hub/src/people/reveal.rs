//! Showing a national number in full: for a purpose, and written down before it is seen.

use super::find::PeopleError;
use crate::Hub;
use crate::exchange::mint::open_number;
use kobling_domain::id::{SubjectId, TenantId};
use kobling_domain::people::{Kind, NationalNumber};
use kobling_store::access::audit::{self, Entry};
use kobling_store::people::subject;
use serde_json::json;

/// The national number of a person; none if the hub knows none. Who sees it and what for is in the
/// audit, and in the person's own extract, before this returns.
#[crate::boxed]
pub async fn reveal(
    hub: &Hub,
    tenant: TenantId,
    person: SubjectId,
    by: &str,
    purpose: &str,
) -> Result<Option<NationalNumber>, PeopleError> {
    let mut tx = hub.db.write().await?;
    let found = subject::by_id(&mut tx, tenant, person).await?;
    let found = found.filter(|it| it.kind == Kind::Person);
    let unknown =
        || PeopleError::Unknown { what: Kind::Person.to_string(), id: person.to_string() };
    let found = found.ok_or_else(unknown)?;
    let Some(sealed) = &found.number_sealed else { return Ok(None) };
    let number = open_number(hub, tenant, person, sealed)?;
    let entry = Entry {
        at: hub.clock.now(),
        who: by.to_owned(),
        action: "number.reveal".to_owned(),
        detail: json!({ "subjects": [person], "reason": purpose }),
    };
    let no = audit::write_all(&mut tx, tenant, &[entry]).await?;
    audit::note_subjects(&mut tx, tenant, &[(no, person)]).await?;
    tx.commit().await?;
    Ok(Some(number))
}
