//! Deliveries: from one picture of the ledger to the files in a target's folder.
//!
//! The order of things is what makes it safe: the rows are written aside and proved closed, compared
//! with what the target was last given, judged by its brake, noted in the audit, put in place all
//! together, and only then is the receipt kept.

mod folder;
mod report;
mod row;
mod set;

pub use folder::FolderError;
pub use report::{Delivery, DeliveryState, FileReport};

use super::decide::Decision;
use super::progress::Progress;
use crate::Hub;
use crate::access::configuration::{
    Configuration, EndedEmployments, FutureEmployments, TargetText,
};
use crate::access::{self, ConfigureError};
use folder::Staging;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_domain::agreement::{Agreement, AgreementError};
use kobling_domain::exchange::brake::{self, Limits, TargetFigures, Tripped};
use kobling_domain::id::{SourceNo, TenantId, Version};
use kobling_formats::plan2learn::{
    EndedEngagements, File, FileSet, FutureEngagements, Inventory, NotAnInventory, Profile,
    SetDiff, WriteError, diff,
};
use kobling_store::StoreError;
use kobling_store::access::{audit, tenant};
use kobling_store::engine::Tx;
use kobling_store::exchange::{delivered, source};
use kobling_store::sealed::context;
use serde_json::json;
use set::Made;
use std::io;
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
    /// The stored agreement cannot be used.
    #[error("the agreement cannot be used")]
    Agreement(#[from] AgreementError),
    /// The agreement or the target was configured otherwise meanwhile.
    #[error("the configuration was changed while the set was made; deliver again")]
    Reconfigured,
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
            | Self::Agreement(_)
            | Self::Undecided => true,
            Self::Reconfigured
            | Self::Set(_)
            | Self::Folder(_)
            | Self::LastSet(_)
            | Self::Configuration(_)
            | Self::TimeZone { .. }
            | Self::Store(_) => false,
        }
    }
}

/// Whose set is made, by what, and for which day.
struct Order {
    tenant: TenantId,
    target: TargetText,
    agreement: Agreement,
    profile: Profile,
    today: Date,
    version: Version,
}

/// Brings the target of that key to the state its agreement allows, on the employer's today.
///
/// # Errors
///
/// Whatever fails, the files in the target's folder stay as they were.
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
    let mut ledger = hub.db.read().await?;
    let order = order(hub, &mut ledger, tenant, key).await?;
    if let Intent::Look = intent {
        let outputs = FileSet::<Counted<io::Sink>>::default();
        let made = set::make(hub, &mut ledger, &order, outputs, progress).await?;
        let last = last_set(hub, &mut ledger, &order).await?;
        let change = Change::between(&order, last.as_ref(), &made.inventory);
        return Ok(report::report(&order, &made, &change, DeliveryState::DryRun));
    }
    let staging = Staging::begin(Path::new(&order.target.folder))?;
    let outputs = staging.outputs()?;
    let made = set::make(hub, &mut ledger, &order, outputs, progress).await?;
    let last = last_set(hub, &mut ledger, &order).await?;
    drop(ledger);
    let change = Change::between(&order, last.as_ref(), &made.inventory);
    let released = matches!(intent, Intent::Release(_));
    let state = if change.is_none() && last.is_some() && staging.follows_a_whole_one() {
        DeliveryState::Unchanged
    } else if change.brake.is_some() && !released {
        DeliveryState::Held
    } else {
        DeliveryState::Delivered
    };
    if state == DeliveryState::Delivered {
        announce(hub, &order, &change, intent).await?;
        staging.publish()?;
        keep_receipt(hub, &order, &made).await?;
    }
    staging.end()?;
    Ok(report::report(&order, &made, &change, state))
}

async fn order(
    hub: &Hub,
    ledger: &mut Tx,
    tenant: TenantId,
    key: &str,
) -> Result<Order, DeliverError> {
    let version = tenant::version(ledger, tenant).await?;
    let configuration = access::load_at(ledger, tenant, version).await?;
    let name = configuration.tenant.time_zone.clone();
    let zone = TimeZone::get(&name).map_err(|source| DeliverError::TimeZone { name, source })?;
    let today = hub.clock.civil(&zone).date();
    let known = || configuration.targets.iter().map(|it| it.key.clone()).collect::<Vec<_>>();
    let target = configuration.targets.iter().find(|it| it.key == key).cloned();
    let target = target.ok_or_else(|| DeliverError::UnknownTarget {
        key: key.to_owned(),
        known: known().join(", "),
    })?;
    let agreement = agreement(&configuration, key, today, version)?;
    let profile = Profile {
        future: match target.future {
            FutureEmployments::Active => FutureEngagements::Active,
            FutureEmployments::Inactive => FutureEngagements::Inactive,
        },
        ended: match target.ended {
            EndedEmployments::Absent => EndedEngagements::Absent,
            EndedEmployments::Marked => EndedEngagements::Marked,
        },
        ..Profile::default()
    };
    Ok(Order { tenant, target, agreement, profile, today, version })
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

/// What the target was last given; none if it never was.
async fn last_set(
    hub: &Hub,
    ledger: &mut Tx,
    order: &Order,
) -> Result<Option<Inventory>, DeliverError> {
    let receipts = delivered::list(ledger, order.tenant, &order.target.key).await?;
    if receipts.is_empty() {
        return Ok(None);
    }
    let mut bodies = FileSet::<Vec<u8>>::default();
    for file in File::ALL {
        if let Some(it) = receipts.iter().find(|it| it.file == file.name()) {
            let context = receipt_context(order, file);
            *bodies.get_mut(file) = hub.keys.open(&context, &it.body)?.to_vec();
        }
    }
    Ok(Some(Inventory::from_bytes(&bodies)?))
}

fn receipt_context(order: &Order, file: File) -> Vec<u8> {
    context(order.tenant, &format!("delivered {}", order.target.key), file.name().as_bytes())
}

/// What a set changes at the target, and what its brake says to that.
struct Change {
    diff: SetDiff,
    brake: Option<Tripped>,
}

impl Change {
    fn between(order: &Order, last: Option<&Inventory>, made: &Inventory) -> Self {
        let nothing = Inventory::default();
        let last = last.unwrap_or(&nothing);
        let diff = diff(last, made);
        let count = |it: usize| u64::try_from(it).unwrap_or(u64::MAX);
        let figures = TargetFigures {
            active: count(last.rows(File::Bruger)),
            inactivated: count(diff.inactivated.persons),
        };
        let limits = Limits { inactivated: order.target.inactivated, ..Limits::default() };
        Self { diff, brake: brake::check_target(&limits, figures) }
    }

    fn is_none(&self) -> bool {
        File::ALL.into_iter().all(|file| self.diff.files.get(file).is_empty())
    }
}

/// Writes down that the set leaves, before it does: what cannot be written down does not leave.
/// Refuses if the agreement or the target reads otherwise by now.
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

/// Keeps what the target now has: of each row its id and a digest, sealed.
async fn keep_receipt<W>(hub: &Hub, order: &Order, made: &Made<W>) -> Result<(), DeliverError> {
    let mut tx = hub.db.write().await?;
    for file in File::ALL {
        let body = hub.keys.seal(&receipt_context(order, file), &made.inventory.bytes(file))?;
        let delivered = delivered::Delivered {
            file: file.name().to_owned(),
            at: hub.clock.now(),
            version: order.version,
            detail: json!({ "as_of": order.today, "rows": made.rows.get(file) }),
            body,
        };
        delivered::put(&mut tx, order.tenant, &order.target.key, delivered).await?;
    }
    Ok(tx.commit().await?)
}

/// The number of the source the agreement is about; none while nothing was read from it.
async fn agreed_source(ledger: &mut Tx, order: &Order) -> Result<Option<SourceNo>, StoreError> {
    let source = source::by_key(ledger, order.tenant, order.agreement.source()).await?;
    Ok(source.map(|it| it.no))
}

/// An output that counts its bytes.
#[derive(Debug, Default)]
struct Counted<W> {
    out: W,
    bytes: u64,
}

impl<W: io::Write> io::Write for Counted<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.out.write(buffer)?;
        self.bytes = self.bytes.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
