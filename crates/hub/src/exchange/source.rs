//! A source as a run sees it.

use super::input::Naming;
use super::run::RunError;
use crate::Hub;
use crate::access::configuration::SourceText;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_domain::id::{SourceNo, TenantId, Version};
use kobling_domain::people::{Kind, NativeKey};
use kobling_domain::time::Days;
use kobling_formats::delimited::{Layout, LayoutError};
use kobling_formats::opus::{Coverage, Mode, Options, RootUnit};
use kobling_store::StoreError;
use kobling_store::access::{setting, tenant};
use kobling_store::engine::Tx;
use kobling_store::exchange::native;
use kobling_store::exchange::source::{self, Applied};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The version of what `formats::opus` reads out of a record. Raising it makes every record be
/// read anew once.
const PARSER_VERSION: i64 = 2;

/// How the records of a source come, and how they are read.
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// In extracts of Opus.
    Opus,
    /// In tables, whose rows are all about one kind.
    Table(Layout),
    /// It sends them itself; rows of these kinds.
    Pushed(BTreeMap<Kind, Layout>),
}

impl Form {
    fn of(text: &SourceText) -> Result<Self, LayoutError> {
        Ok(match (&text.delimited, &text.push) {
            (Some(delimited), _) => Self::Table(Layout::parse(delimited)?),
            (None, Some(push)) => Self::Pushed(push.layouts()?),
            (None, None) => Self::Opus,
        })
    }

    /// The kinds of record there are, in their order.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        match self {
            Self::Opus => vec![Kind::Unit, Kind::Employment],
            Self::Table(layout) => vec![layout.kind()],
            Self::Pushed(layouts) => layouts.keys().copied().collect(),
        }
    }

    /// How rows about `kind` are read.
    pub(super) fn layout(&self, kind: Kind) -> Option<&Layout> {
        match self {
            Self::Opus => None,
            Self::Table(layout) => Some(layout).filter(|it| it.kind() == kind),
            Self::Pushed(layouts) => layouts.get(&kind),
        }
    }
}

/// A source, its settings and how far it was read.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) no: SourceNo,
    pub(super) tenant_uuid: Uuid,
    pub(super) time_zone: TimeZone,
    pub(super) text: SourceText,
    /// The ledger version at which it was configured.
    pub(super) configured: Version,
    /// How its records come.
    pub(super) form: Form,
    /// The source that issued the numbers by which its persons are found.
    pub(super) issuer: Option<SourceNo>,
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
        let employer = employer.ok_or(StoreError::Missing { what: "tenant" })?;
        let mut settings = setting::list(tx, tenant, employer.version).await?;
        settings.retain(|it| it.kind == "source");
        let known = || settings.iter().map(|it| it.key.clone()).collect::<Vec<_>>().join(", ");
        let setting = settings.iter().find(|it| it.key == key);
        let setting = setting
            .ok_or_else(|| RunError::UnknownSource { key: key.to_owned(), known: known() })?;
        let text: SourceText = serde_json::from_value(setting.body.clone())
            .map_err(|source| RunError::Setting { key: key.to_owned(), source })?;
        let form =
            Form::of(&text).map_err(|source| RunError::Layout { key: key.to_owned(), source })?;
        let issuer = text.delimited.as_ref().and_then(|it| it.match_on.as_ref()?.source.clone());
        let issuer = issuer.or_else(|| text.push.as_ref()?.employments.clone());
        let issuer = match issuer {
            Some(issuer) => Some(source::put(tx, tenant, &issuer).await?.no),
            None => None,
        };
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
            form,
            issuer,
            applied: row.applied,
            epoch,
            same_epochs,
        })
    }

    /// How its records are to be understood.
    pub(super) fn options(&self) -> Options {
        Options { leave_date: self.text.leave_date }
    }

    /// How its files are named.
    pub(super) fn naming(&self) -> Naming {
        match &self.form {
            Form::Opus => Naming::Opus,
            Form::Table(layout) => Naming::Pattern(layout.name().map(str::to_owned)),
            Form::Pushed(_) => Naming::Pattern(None),
        }
    }

    /// What an input of it speaks about, if it is complete.
    pub(super) fn coverage(&self, root: RootUnit) -> Coverage {
        match &self.form {
            Form::Opus => self.text.mode.coverage(root),
            Form::Table(layout) if !layout.declares_its_end() => Coverage::Mentioned,
            Form::Table(_) | Form::Pushed(_) => Coverage::All,
        }
    }

    /// Whether its keys are numbers of Opus.
    pub(super) fn is_opus(&self) -> bool {
        matches!(self.form, Form::Opus)
    }

    /// Whether each of its files holds the root of an organisation.
    pub(super) fn expects_root(&self) -> bool {
        self.is_opus() && self.text.mode != Mode::Delta
    }

    /// Its keys of those numbers, in their order.
    pub(super) async fn natives(
        &self,
        tx: &mut Tx,
        tenant: TenantId,
        kind: Kind,
        numbers: &[i64],
    ) -> Result<Vec<NativeKey>, StoreError> {
        if self.is_opus() {
            return Ok(numbers.iter().copied().map(NativeKey::number).collect());
        }
        let mut known = native::keys(tx, tenant, self.no, kind, numbers).await?;
        let missing = StoreError::Missing { what: "key of a source" };
        let keys = numbers.iter().map(|it| known.remove(it));
        keys.collect::<Option<_>>().ok_or(missing)
    }

    /// The days on which a file of it should come.
    pub(super) fn working_days(&self) -> Days {
        self.text.working_days(self.time_zone.iana_name().unwrap_or_default())
    }

    /// The employer's civil date.
    pub(super) fn today(&self, hub: &Hub) -> Date {
        hub.clock.civil(&self.time_zone).date()
    }
}
