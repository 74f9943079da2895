//! A source as a run sees it.

use super::run::RunError;
use crate::Hub;
use crate::access::configuration::SourceText;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_domain::id::{SourceNo, TenantId, Version};
use kobling_formats::opus::Options;
use kobling_store::access::{setting, tenant};
use kobling_store::engine::Tx;
use kobling_store::exchange::source::{self, Applied};
use uuid::Uuid;

/// The version of what `formats::opus` reads out of a record. Raising it makes every record be
/// read anew once.
const PARSER_VERSION: i64 = 2;

/// A source, its settings and how far it was read.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) no: SourceNo,
    pub(super) tenant_uuid: Uuid,
    pub(super) time_zone: TimeZone,
    pub(super) text: SourceText,
    /// The ledger version at which it was configured.
    pub(super) configured: Version,
    /// The last input that was applied.
    pub(super) applied: Option<Applied>,
    /// The epoch under which this run judges.
    pub(super) epoch: i64,
    /// Epochs whose judgements hold for this run.
    pub(super) same_epochs: Vec<i64>,
}

impl Source {
    /// The source of that key. Writes the epoch of its parser and settings if that is new.
    pub(super) async fn load(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<Self, RunError> {
        let employer = tenant::list(tx).await?.into_iter().find(|it| it.id == tenant);
        let employer = employer.ok_or(kobling_store::StoreError::Missing { what: "tenant" })?;
        let mut settings = setting::list(tx, tenant, employer.version).await?;
        settings.retain(|it| it.kind == "source");
        let known = || settings.iter().map(|it| it.key.clone()).collect::<Vec<_>>().join(", ");
        let setting = settings.iter().find(|it| it.key == key);
        let setting = setting
            .ok_or_else(|| RunError::UnknownSource { key: key.to_owned(), known: known() })?;
        let text: SourceText = serde_json::from_value(setting.body.clone())
            .map_err(|source| RunError::Setting { key: key.to_owned(), source })?;
        let row = source::put(tx, tenant, key).await?;
        let time_zone = TimeZone::get(&employer.time_zone)
            .map_err(|source| RunError::TimeZone { name: employer.time_zone.clone(), source })?;
        let configured = setting.since;
        let (epoch, same_epochs) =
            source::epoch(tx, tenant, row.no, PARSER_VERSION, configured.0).await?;
        Ok(Self {
            no: row.no,
            tenant_uuid: employer.uuid,
            time_zone,
            text,
            configured,
            applied: row.applied,
            epoch,
            same_epochs,
        })
    }

    /// How its records are to be understood.
    pub(super) fn options(&self) -> Options {
        Options { leave_date: self.text.leave_date }
    }

    /// The employer's civil date.
    pub(super) fn today(&self, hub: &Hub) -> Date {
        hub.clock.civil(&self.time_zone).date()
    }
}
