//! Addresses that are protected no more.

use jiff::civil::Date;
use kobling_domain::id::{SourceNo, SubjectNo, TenantId, Version};
use kobling_domain::people::{Field, Kind, NativeKey, Track};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::seen;
use kobling_store::people::claim::{self, Claim};
use kobling_store::people::protect;
use kobling_store::people::subject::{self, Issuer, SubjectKey};
use std::collections::BTreeSet;

/// Ends the protection of persons whose employments, these, say that it has ended from `date` on,
/// unless something else that is believed of them says that it goes on. Gives the persons.
///
/// Their other employments are to be read anew by the next run: their addresses were erased too.
pub(super) async fn lift(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    version: Version,
    (employments, date): (&[NativeKey], Date),
) -> Result<BTreeSet<SubjectNo>, StoreError> {
    if employments.is_empty() {
        return Ok(BTreeSet::new());
    }
    let keys: Vec<SubjectKey> = employments.iter().cloned().map(SubjectKey::Native).collect();
    let issuer = Issuer::Source(source);
    let saying = subject::by_key(tx, tenant, issuer, Kind::Employment, &keys).await?;
    let saying: Vec<SubjectNo> = saying.into_iter().flatten().collect();
    let persons = claim::last_persons(tx, tenant, source, Track::Record, &saying).await?;
    let persons: BTreeSet<SubjectNo> = persons.into_values().collect();
    let persons: Vec<SubjectNo> = persons.into_iter().collect();
    let mut lifted = BTreeSet::new();
    for person in protect::protected_among(tx, tenant, &persons).await? {
        let mut claims = claim::at(tx, tenant, &[person], version).await?;
        claims.extend(claim::naming(tx, tenant, &[person], version).await?);
        claims.retain(|it| !saying.contains(&it.subject));
        if !claims.iter().any(|it| goes_on(it, date)) {
            protect::lift(tx, tenant, person).await?;
            let others: BTreeSet<SubjectNo> = claims.iter().map(|it| it.subject).collect();
            read_anew(tx, tenant, source, others).await?;
            lifted.insert(person);
        }
    }
    Ok(lifted)
}

/// Whether a claim protects an address on `date` or later.
fn goes_on(claim: &Claim, date: Date) -> bool {
    let is_over = claim.slice.validity.until().is_some_and(|until| until <= date);
    claim.slice.state.is(Field::PersonAddressProtected) && !is_over
}

/// Lets the next run find the records of these employments changed.
async fn read_anew(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    employments: BTreeSet<SubjectNo>,
) -> Result<(), StoreError> {
    let employments: Vec<SubjectNo> = employments.into_iter().collect();
    let known = subject::by_no(tx, tenant, &employments).await?;
    let numbers: Vec<i64> = known.iter().filter_map(|it| it.native.as_ref()?.as_number()).collect();
    let mut rows = seen::rows(tx, tenant, source, Kind::Employment, &numbers).await?;
    for row in &mut rows {
        (row.digest, row.content) = ([0; 16], [0; 16]);
    }
    seen::upsert(tx, tenant, source, rows).await
}
