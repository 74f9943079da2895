//! Deliveries: from one picture of the ledger to the files in a target's folder.
//!
//! The order of things is what makes it safe: the folder is locked before the ledger is read, so
//! that who delivers later delivers what is newer. Then the rows are written aside and proved
//! closed, compared with what the target was last given, judged by its brake, noted in the audit,
//! put in place all together, and only then is the receipt kept. The receipt decides what a
//! delivery that broke off has been: with it the set is the target's, without it is undone.

mod folder;
mod order;
mod output;
mod preview;
mod receipt;
mod report;
mod row;
mod set;

pub use folder::FolderError;
pub use preview::{Asked, Foreseen, Preview, PreviewError, preview};
pub use report::{Delivery, DeliveryState, FileReport};

use super::decide::Decision;
use super::progress::Progress;
use crate::Hub;
use crate::access::configuration::ExtentError;
use crate::access::{self, ConfigureError};
use folder::Folder;
use jiff::civil::Date;
use kobling_domain::agreement::{Agreement, AgreementError};
use kobling_domain::exchange::brake::{self, Limits, TargetFigures, Tripped};
use kobling_domain::id::TenantId;
use kobling_domain::people::Kind;
use kobling_formats::plan2learn::{
    File, Inactivated, Inventory, NotAnInventory, SetDiff, WriteError, diff,
};
use kobling_store::StoreError;
use kobling_store::access::audit;
use order::Order;
use output::Output;
use receipt::Receipt;
use serde_json::json;
use std::path::Path;

/// What is to become of the set that is made.
#[derive(Clone, Copy, Debug)]
pub enum Intent<'a> {
    /// It is delivered unless the target's brake holds it.
    Deliver,
    /// It is delivered whatever the brake says, as a person decides.
    Release(Decision<'a>),
    /// It is compared and thrown away.
    Look,
}

/// Why nothing was delivered. What lies in the target's folder stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// No such target.
    #[error("there is no target {key:?}; there is: {known}")]
    UnknownTarget {
        /// The key as given.
        key: String,
        /// Keys there are.
        known: String,
    },
    /// No agreement names the target.
    #[error("no agreement lets target {target:?} have anything; configure one and apply it")]
    NoAgreement {
        /// The target.
        target: String,
    },
    /// The agreements do not hold on the day.
    #[error("no agreement for target {target:?} is in force on {today}: {known}")]
    NotInForce {
        /// The target.
        target: String,
        /// The employer's civil date.
        today: Date,
        /// Which there are, and when they hold.
        known: String,
    },
    /// Several agreements hold at once.
    #[error(
        "several agreements for target {target:?} are in force: {known}; one set of files can \
         follow one agreement only, so unite them"
    )]
    SeveralInForce {
        /// The target.
        target: String,
        /// Their keys.
        known: String,
    },
    /// The target is to have what the agreement does not let it have.
    #[error("the target cannot get what it is configured for")]
    Extent(#[from] ExtentError),
    /// The stored agreement cannot be used.
    #[error("the agreement cannot be used")]
    Agreement(#[from] AgreementError),
    /// The agreement or the target was configured otherwise meanwhile.
    #[error("the configuration was changed while the set was made; deliver again")]
    Reconfigured,
    /// A later state of the ledger was delivered meanwhile, to another folder or by another node.
    #[error(
        "ledger version {stored} was delivered meanwhile, and this set was made from {version}; \
         deliver again"
    )]
    Overtaken {
        /// What this set was made from.
        version: i64,
        /// What the target has by now.
        stored: i64,
    },
    /// A decision without a name or a reason.
    #[error("a release needs who decides and why")]
    Undecided,
    /// The rows could not be written, or do not belong together.
    #[error("the files cannot be made")]
    Set(#[from] WriteError),
    /// The target's folder cannot be used.
    #[error("the target's folder cannot be used")]
    Folder(#[from] FolderError),
    /// What is stored of the last delivery cannot be read.
    #[error("what is stored of the last delivery cannot be read")]
    LastSet(#[from] NotAnInventory),
    /// The configuration cannot be read.
    #[error("the configuration cannot be read")]
    Configuration(#[from] ConfigureError),
    /// The employer's time zone is unknown here.
    #[error("the time zone {name:?} is not known here")]
    TimeZone {
        /// Its name.
        name: String,
        /// Why.
        source: jiff::Error,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl DeliverError {
    /// Whether what was given or configured is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::UnknownTarget { .. }
            | Self::NoAgreement { .. }
            | Self::NotInForce { .. }
            | Self::SeveralInForce { .. }
            | Self::Extent(_)
            | Self::Agreement(_)
            | Self::Undecided => true,
            Self::Reconfigured
            | Self::Overtaken { .. }
            | Self::Set(_)
            | Self::Folder(_)
            | Self::LastSet(_)
            | Self::Configuration(_)
            | Self::TimeZone { .. }
            | Self::Store(_) => false,
        }
    }
}

/// Brings the target of that key to the state its agreement allows, on the employer's today.
///
/// # Errors
///
/// Whatever fails, the files in the target's folder stay as they were; where only the receipt
/// could not be kept, the next delivery puts them back.
pub async fn deliver(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    intent: Intent<'_>,
    progress: &dyn Progress,
) -> Result<Delivery, DeliverError> {
    if let Intent::Release(Decision { by, reason }) = intent
        && (by.trim().is_empty() || reason.trim().is_empty())
    {
        return Err(DeliverError::Undecided);
    }
    match intent {
        Intent::Look => look(hub, tenant, key, progress).await,
        Intent::Deliver | Intent::Release(_) => bring(hub, tenant, key, intent, progress).await,
    }
}

async fn look(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    progress: &dyn Progress,
) -> Result<Delivery, DeliverError> {
    let mut ledger = hub.db.read().await?;
    let order = order::read(hub, &mut ledger, tenant, key).await?;
    preview::look(hub, &mut ledger, order, progress).await
}

async fn bring(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    intent: Intent<'_>,
    progress: &dyn Progress,
) -> Result<Delivery, DeliverError> {
    let path = order::read(hub, &mut hub.db.read().await?, tenant, key).await?.target.folder;
    let folder = Folder::lock(Path::new(&path))?;
    // Only a snapshot taken under the lock is newer than what lies in the folder.
    let mut ledger = hub.db.read().await?;
    let mut order = order::read(hub, &mut ledger, tenant, key).await?;
    if order.target.folder != path {
        return Err(DeliverError::Reconfigured);
    }
    let last = receipt::last(hub, &mut ledger, &order).await?;
    order.keep_files(last.as_ref());
    let staging = folder.stage(last.as_ref().map(|it| it.set.as_str()))?;
    let outputs = staging.outputs(&order.form.files)?;
    let mut made = set::make(hub, &mut ledger, &order, outputs, progress).await?;
    drop(ledger);
    let change = Change::between(&order, last.as_ref(), &made.inventory);
    let held = change.brake.is_some() && !matches!(intent, Intent::Release(_));
    let state = match &last {
        _ if held => DeliveryState::Held,
        Some(last) if change.is_none() => {
            let missed = last.missed(&order, &staging.differences(&made.outputs)?);
            let state =
                if missed.is_some() { DeliveryState::Delivered } else { DeliveryState::Unchanged };
            made.notes.extend(missed);
            state
        }
        Some(_) | None => DeliveryState::Delivered,
    };
    if state == DeliveryState::Delivered {
        announce(hub, &order, &change, intent).await?;
        staging.publish(&receipt::set_mac(&hub.keys, &made.outputs), &order.form.files)?;
        receipt::keep(hub, &order, &made).await?;
    }
    staging.end()?;
    Ok(report::report(&order, &made, &change, state))
}

/// What a set changes at the target, and what its brake says to that.
struct Change {
    diff: SetDiff,
    brake: Option<Tripped>,
}

impl Change {
    fn between(order: &Order, last: Option<&Receipt>, made: &Inventory) -> Self {
        let nothing = Inventory::default();
        let last = last.map_or(&nothing, |it| &it.inventory);
        let diff = diff(last, made);
        let figures = |kind, active: usize, inactivated: usize| {
            let count = |it| u64::try_from(it).unwrap_or(u64::MAX);
            // Of those that were told as coming only, some may be gone as well.
            TargetFigures {
                kind,
                active: count(active.max(inactivated)),
                inactivated: count(inactivated),
            }
        };
        let limits = Limits { inactivated: order.target.inactivated, ..Limits::default() };
        let Inactivated { persons, engagements } = diff.inactivated;
        let persons = figures(Kind::Person, last.active(File::Bruger), persons);
        let employments = figures(Kind::Employment, last.active(File::Engagement), engagements);
        let brake = brake::check_target(&limits, persons)
            .or_else(|| brake::check_target(&limits, employments));
        Self { diff, brake }
    }

    fn is_none(&self) -> bool {
        self.diff.files.iter().all(|(_, it)| it.is_empty())
    }
}

/// Writes down that the set leaves, before it does: what cannot be written down does not leave.
/// Refuses if the agreement or the target reads otherwise by now, or has a newer set.
async fn announce(
    hub: &Hub,
    order: &Order,
    change: &Change,
    intent: Intent<'_>,
) -> Result<(), DeliverError> {
    let mut tx = hub.db.write().await?;
    let now = access::load(&mut tx, order.tenant).await?;
    let agreements = now.agreements.iter().cloned();
    let still_agreed = agreements
        .filter_map(|it| Agreement::parse(it, order.version).ok())
        .any(|it| it == order.agreement);
    if !still_agreed || !now.targets.contains(&order.target) {
        return Err(DeliverError::Reconfigured);
    }
    receipt::refuse_older(&mut tx, order).await?;
    let (who, reason) = match intent {
        Intent::Release(Decision { by, reason }) => (by, Some(reason)),
        Intent::Deliver | Intent::Look => ("deliver", None),
    };
    let entry = audit::Entry {
        at: hub.clock.now(),
        who: who.to_owned(),
        action: "target.deliver".to_owned(),
        detail: json!({
            "target": order.target.key,
            "agreement": order.agreement.key(),
            "version": order.version.0,
            "as_of": order.today,
            "released": change.brake.as_ref().filter(|_| reason.is_some()),
            "reason": reason,
        }),
    };
    audit::write(&mut tx, order.tenant, &entry).await?;
    Ok(tx.commit().await?)
}
