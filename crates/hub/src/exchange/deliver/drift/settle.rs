//! Doing what a target's policies say of what has drifted.

use super::super::super::own::Own;
use super::{DriftError, Order};
use crate::Hub;
use crate::access::configuration::DriftPolicy;
use kobling_domain::people::Field;
use kobling_formats::plan2learn::{Drift, File, How, Ours};
use kobling_store::access::audit;
use kobling_store::engine::Tx;
use kobling_store::exchange::{delivered, own_value};
use kobling_store::job;
use serde_json::json;

/// The policy of a cell. A value is accepted only where ours is what was sent: else the target's may
/// be older than ours and nobody's.
pub(super) fn policy(order: &Order, (file, column): (File, &str), ours: Ours) -> DriftPolicy {
    match (order.target.drift.of(field(file, column)), ours) {
        (DriftPolicy::Accept, Ours::Changed) => DriftPolicy::Report,
        (policy, Ours::AsSent | Ours::Changed) => policy,
    }
}

/// The field that stands in a column; none where several do, or an id.
fn field(file: File, column: &str) -> Option<Field> {
    Some(match (file, column) {
        (File::Bruger, "CPR") => Field::PersonNationalNumber,
        (File::Bruger, "Navn") => Field::PersonName,
        (File::Bruger, "E-mail") => Field::PersonEmail,
        (File::Bruger, "Mobil") => Field::PersonMobile,
        (File::Bruger, "Gade") => Field::PersonAddress,
        (File::Bruger, "Adresselinje2") => Field::PersonAddressSupplement,
        (File::Bruger, "Postnr") => Field::PersonPostalCode,
        (File::Bruger, "By") => Field::PersonCity,
        (File::Bruger, "Land") => Field::PersonCountry,
        (File::Bruger, "Stilling") | (File::Leder, "Titel") => Field::EmploymentPositionTitle,
        (File::Engagement, "Engagementstype") => Field::EmploymentContract,
        (File::Engagement, "Primær") => Field::EmploymentPrimary,
        (File::Engagement, "StartdatoEngagement") => Field::EmploymentEntryDate,
        (File::Organisation, "Afdelingsnavn") => Field::UnitName,
        (File::Organisation, "Gade") => Field::UnitStreet,
        (File::Organisation, "Postnr") => Field::UnitPostalCode,
        (File::Organisation, "By") => Field::UnitCity,
        (File::Bruger | File::Organisation, "EAN") => Field::UnitEan,
        (File::Stillingskode, "Stillingskode") => Field::PositionTitle,
        _ => return None,
    })
}

/// Accepts what the target may keep, and lets all be sent anew if anything is enforced.
pub(super) async fn settle(
    hub: &Hub,
    order: &Order,
    found: &[(File, Drift)],
) -> Result<(), DriftError> {
    let (tenant, target, now) = (order.tenant, &*order.target.key, hub.clock.now());
    let mut tx = hub.db.write().await?;
    let own = Own::read(hub, &mut tx, tenant, target).await?;
    let (mut accepted, mut enforced) = (Vec::new(), 0_usize);
    for (file, row) in
        found.iter().flat_map(|(file, it)| it.drifted.iter().map(move |row| (file, row)))
    {
        let How::Edited { cells, ours } = &row.how else {
            enforced += usize::from(order.target.drift.default == DriftPolicy::Enforce);
            continue;
        };
        for cell in cells {
            let named = field(*file, cell.column);
            match (policy(order, (*file, cell.column), *ours), named) {
                (DriftPolicy::Accept, Some(field)) => {
                    let texts = (cell.should.as_deref().unwrap_or_default(), &*cell.holds);
                    accepted.push(own.accepted((row.id, field), texts)?);
                }
                (DriftPolicy::Enforce, _) => enforced += 1,
                (DriftPolicy::Report | DriftPolicy::Accept, _) => {}
            }
        }
    }
    if accepted.is_empty() && enforced == 0 {
        return Ok(());
    }
    own_value::put(&mut tx, tenant, target, now, &accepted).await?;
    if enforced > 0 {
        distrust(&mut tx, order).await?;
        job::ask(&mut tx, tenant, job::DELIVER, target, now).await?;
    }
    let entry = audit::Entry {
        at: now,
        who: "drift".to_owned(),
        action: "target.drift".to_owned(),
        detail: json!({ "target": target, "accepted": accepted.len(), "enforced": enforced }),
    };
    audit::write(&mut tx, tenant, &entry).await?;
    Ok(tx.commit().await?)
}

/// Notes that the target does not hold what it was given.
async fn distrust(tx: &mut Tx, order: &Order) -> Result<(), DriftError> {
    let (tenant, target) = (order.tenant, &*order.target.key);
    for it in delivered::list(tx, tenant, target).await? {
        let mut detail = it.detail;
        if let Some(detail) = detail.as_object_mut() {
            detail.insert("drifted".to_owned(), json!(true));
        }
        delivered::set_detail(tx, tenant, target, (&it.file, detail)).await?;
    }
    Ok(())
}
