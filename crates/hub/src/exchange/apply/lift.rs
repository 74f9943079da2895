//! Addresses that are protected no more.

use jiff::civil::Date;
use kobling_domain::id::{SourceNo, SubjectNo, TenantId, Version};
use kobling_domain::people::{Field, Kind, NativeKey, Track};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::{native, seen};
use kobling_store::people::claim::{self, Claim};
use kobling_store::people::protect;
use kobling_store::people::subject::{self, Issuer, Subject, SubjectKey};
use std::collections::{BTreeMap, BTreeSet};

/// Ends the protection of persons whose employments, these, say that it has ended from `date` on,
/// unless something else that is believed of them says that it goes on. Gives the persons.
///
/// What else any source says of them is read anew by its next run.
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
            read_anew(tx, tenant, &claims).await?;
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

/// Lets the next run of each source find its records of whom these claims are about changed: their
/// addresses were erased too.
async fn read_anew(tx: &mut Tx, tenant: TenantId, claims: &[Claim]) -> Result<(), StoreError> {
    let subjects: BTreeSet<SubjectNo> = claims.iter().map(|it| it.subject).collect();
    let subjects: Vec<SubjectNo> = subjects.into_iter().collect();
    let known = subject::by_no(tx, tenant, &subjects).await?;
    let mut records: BTreeMap<(SourceNo, Kind), BTreeSet<SubjectNo>> = BTreeMap::new();
    for claim in claims {
        for it in known.iter().filter(|it| it.no == claim.subject) {
            records.entry((claim.source, it.kind)).or_default().insert(it.no);
        }
    }
    for ((source, kind), subjects) in records {
        let of = |it: &&Subject| subjects.contains(&it.no);
        let keys: Vec<NativeKey> = match kind {
            // A source's number of an employment is what it is shown with.
            Kind::Employment => {
                known.iter().filter(of).filter_map(|it| it.native.clone()).collect()
            }
            Kind::Unit
            | Kind::Person
            | Kind::Position
            | Kind::Activity
            | Kind::Qualification
            | Kind::Absence => {
                let subjects: Vec<SubjectNo> = subjects.iter().copied().collect();
                subject::keys_at(tx, tenant, (source, kind), &subjects).await?
            }
        };
        let numbers = native::of_keys(tx, tenant, source, kind, &keys).await?;
        let mut rows = seen::rows(tx, tenant, source, kind, &numbers).await?;
        for row in &mut rows {
            (row.digest, row.content) = ([0; 16], [0; 16]);
        }
        seen::upsert(tx, tenant, source, rows).await?;
    }
    Ok(())
}
