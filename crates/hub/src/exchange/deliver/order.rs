use super::super::target::{self as configured, TargetError};
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
use kobling_domain::agreement::{Agreement, AgreementText};
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
    /// Who sees to a set that the target does not take.
    pub(in super::super) owner: String,
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
    let today = hub.clock.civil(&configured::zone(&configuration)?).date();
    on(&configuration, tenant, key, (today, version))
}

/// The same on `today` as `configuration` has it, whether or not that is applied.
pub(in super::super) fn on(
    configuration: &Configuration,
    tenant: TenantId,
    key: &str,
    (today, version): (Date, Version),
) -> Result<Order, DeliverError> {
    let target = set_target(configuration, key)?.clone();
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
        zone: configured::zone(configuration)?,
    };
    let groups = extent.groups;
    let owner = configured::owner(configuration, &target);
    Ok(Order { tenant, target, place, owner, agreement, form, groups, terms, today, version })
}

/// The target of that key, if it takes sets of files.
pub(super) fn set_target<'a>(
    configuration: &'a Configuration,
    key: &str,
) -> Result<&'a TargetText, DeliverError> {
    let target = configured::text(configuration, key)?;
    match target.format {
        TargetFormat::Plan2learn => Ok(target),
        TargetFormat::Messages => Err(DeliverError::Messages { key: key.to_owned() }),
    }
}

/// The one agreement that lets `target` have anything on `today`.
fn agreement(
    configuration: &Configuration,
    target: &str,
    today: Date,
    version: Version,
) -> Result<Agreement, DeliverError> {
    let texts = configured::agreements(configuration, target);
    let parsed = |it: &AgreementText| Agreement::parse(it.clone(), version);
    match configured::in_force(&texts, target, today)? {
        Some(text) => Ok(parsed(text).map_err(TargetError::from)?),
        None if texts.is_empty() => Err(DeliverError::NoAgreement { target: target.to_owned() }),
        None => {
            let all = texts.into_iter().map(parsed).collect::<Result<Vec<_>, _>>();
            let all = all.map_err(TargetError::from)?;
            let known = all.iter().map(|it| format!("{} {}", it.key(), it.validity()));
            let known = known.collect::<Vec<_>>().join(", ");
            Err(DeliverError::NotInForce { target: target.to_owned(), today, known })
        }
    }
}
