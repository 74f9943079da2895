use super::DeliverError;
use super::receipt::Last;
use crate::Hub;
use crate::access;
use crate::access::configuration::{
    Configuration, EndedEmployments, FutureEmployments, TargetFormat, TargetText, TextEncoding,
    extent,
};
use crate::connectors::Place;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_domain::agreement::Agreement;
use kobling_domain::id::{TenantId, Version};
use kobling_domain::people::Group;
use kobling_formats::plan2learn::{Encoding, EndedEngagements, Form, FutureEngagements};
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use serde_json::json;

/// Whose set is made, by what, and for which day.
pub(in super::super) struct Order {
    pub(in super::super) tenant: TenantId,
    pub(in super::super) target: TargetText,
    pub(in super::super) place: Place,
    pub(in super::super) agreement: Agreement,
    pub(in super::super) form: Form,
    /// The target groups it is told of.
    pub(in super::super) groups: Vec<Group>,
    /// What must still hold for a set that was made under it to leave: the agreement's text and
    /// the place.
    pub(in super::super) terms: serde_json::Value,
    pub(in super::super) today: Date,
    pub(in super::super) version: Version,
}

impl Order {
    /// Goes on with the files that the target was given last. One that it may no longer have, or
    /// no longer wants, is delivered without rows: left lying there, its last rows would count on.
    pub(super) fn keep_files(&mut self, last: Option<&Last>) {
        let Some(last) = last else { return };
        let (files, profile) = (&mut self.form.files, self.form.profile);
        for file in last.inventory.files().filter(|it| profile.has(*it)) {
            if !files.contains(&file) {
                files.push(file);
            }
        }
        files.sort_unstable();
    }
}

/// The order to bring the target of that key up to date, as the ledger's configuration has it.
pub(in super::super) async fn read(
    hub: &Hub,
    ledger: &mut Tx,
    tenant: TenantId,
    key: &str,
) -> Result<Order, DeliverError> {
    let version = tenant::version(ledger, tenant).await?;
    let configuration = access::load_at(ledger, tenant, version).await?;
    let today = hub.clock.civil(&zone(&configuration)?).date();
    on(&configuration, tenant, key, (today, version))
}

/// The same on `today` as `configuration` has it, whether or not that is applied.
pub(super) fn on(
    configuration: &Configuration,
    tenant: TenantId,
    key: &str,
    (today, version): (Date, Version),
) -> Result<Order, DeliverError> {
    let known = || configuration.targets.iter().map(|it| it.key.clone()).collect::<Vec<_>>();
    let target = configuration.targets.iter().find(|it| it.key == key).cloned();
    let target = target.ok_or_else(|| DeliverError::UnknownTarget {
        key: key.to_owned(),
        known: known().join(", "),
    })?;
    match target.format {
        TargetFormat::Plan2learn => {}
        TargetFormat::Messages => return Err(DeliverError::Messages { key: key.to_owned() }),
    }
    let place = target.place().ok_or_else(|| DeliverError::NoPlace { target: key.to_owned() })?;
    let agreement = agreement(configuration, key, today, version)?;
    let text = configuration.agreements.iter().find(|it| it.key == agreement.key());
    let terms = json!({ "agreement": text, "place": place.to_string() });
    let extent = extent(configuration, &target, &agreement)?;
    let form = Form {
        profile: extent.profile,
        files: extent.files,
        encoding: match target.encoding {
            TextEncoding::Utf8 => Encoding::Utf8,
            TextEncoding::Utf8Marked => Encoding::Utf8Marked,
            TextEncoding::Windows1252 => Encoding::Windows1252,
        },
        future: match target.future {
            FutureEmployments::Active => FutureEngagements::Active,
            FutureEmployments::Inactive => FutureEngagements::Inactive,
        },
        ended: match target.ended {
            EndedEmployments::Absent => EndedEngagements::Absent,
            EndedEmployments::Marked => EndedEngagements::Marked,
        },
        zone: zone(configuration)?,
    };
    let groups = extent.groups;
    Ok(Order { tenant, target, place, agreement, form, groups, terms, today, version })
}

/// The employer's time zone.
pub(super) fn zone(configuration: &Configuration) -> Result<TimeZone, DeliverError> {
    let name = configuration.tenant.time_zone.clone();
    TimeZone::get(&name).map_err(|source| DeliverError::TimeZone { name, source })
}

/// The one agreement that lets `target` have anything on `today`.
fn agreement(
    configuration: &Configuration,
    target: &str,
    today: Date,
    version: Version,
) -> Result<Agreement, DeliverError> {
    let target = target.to_owned();
    let texts = configuration.agreements.iter().filter(|it| it.target == target);
    let all: Vec<Agreement> =
        texts.map(|it| Agreement::parse(it.clone(), version)).collect::<Result<_, _>>()?;
    let in_force: Vec<&Agreement> = all.iter().filter(|it| it.validity().contains(today)).collect();
    match (all.as_slice(), in_force.as_slice()) {
        ([], _) => Err(DeliverError::NoAgreement { target }),
        (_, [only]) => Ok((*only).clone()),
        (_, []) => {
            let known = all.iter().map(|it| format!("{} {}", it.key(), it.validity()));
            let known = known.collect::<Vec<_>>().join(", ");
            Err(DeliverError::NotInForce { target, today, known })
        }
        (_, several) => {
            let known = several.iter().map(|it| it.key()).collect::<Vec<_>>().join(", ");
            Err(DeliverError::SeveralInForce { target, known })
        }
    }
}
