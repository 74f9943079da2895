//! Deliveries to targets that take one subject at a time.
//!
//! A delivery brings every lane of a target to what the ledger says by now, and sends what came of
//! it. It is a job: it may die before any step, and whoever does it again finds what lasts done.

pub(super) mod drift;
mod held;
mod keeper;
mod lease;
mod look;
mod make;
pub mod manage;
mod order;
mod portrait;
mod report;
mod roles;
mod save;
mod send;
mod span;
pub mod steps;

pub use held::Brake;
pub(crate) use keeper::{Keeper, lease_until};
pub use look::{Foreseen, Foretold, look};
pub(super) use look::{look_on, persons};
pub(crate) use order::next_turn;
pub use report::{Counted, Report, Standing, standing};
pub use send::SendReport;

use super::progress::Progress;
use super::takeover;
use super::target::TargetError;
use crate::Hub;
use crate::access::configuration::{TargetFormat, TargetText};
use crate::access::{self, ConfigureError};
use crate::agreement::Shut;
use crate::agreement::gate::{self, GateError};
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::exchange::lane::{ActionFigures, TrippedAction};
use kobling_domain::id::{SubjectId, SubjectNo, TenantId};
use kobling_domain::people::Kind;
use kobling_formats::messages::NotAMessage;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::{lane, message, target};
use order::Order;
use steps::{Steps, Stopped};

/// Lanes that should be elsewhere when their message is answered are brought there at once, so
/// often at most.
const ROUNDS_MAX: u32 = 5;

/// Why a delivery stopped. What was done lasts, and the next one goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum LaneError {
    /// Nothing can be delivered to the target at all.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The target takes sets of files.
    #[error("target {key:?} takes whole sets of files, not messages")]
    ASet {
        /// Its key.
        key: String,
    },
    /// The target was configured by an older program.
    #[error("target {key:?} has no lanes yet; apply the configuration again")]
    Unapplied {
        /// Its key.
        key: String,
    },
    /// No agreement names the target.
    #[error(
        "no agreement lets target {target:?} have anything, so nothing leaves; to have everybody \
         inactivated there, configure the agreement with a last day"
    )]
    NoAgreement {
        /// The target.
        target: String,
    },
    /// The agreement or the target was configured otherwise meanwhile.
    #[error("the agreement or the target was changed meanwhile; nothing more has left")]
    Reconfigured,
    /// The agreement was closed in emergency.
    #[error(transparent)]
    Shut(#[from] Shut),
    /// Somebody else does the job.
    #[error("another process delivers to {key} just now; wait until it has ended")]
    UnderWay {
        /// The target.
        key: String,
    },
    /// Somebody else took the job over.
    #[error("another process has taken this delivery over, as this one gave no sign of life")]
    Lost,
    /// No such message.
    #[error("there is no {what} for {subject} at this target")]
    NoMessage {
        /// What was looked for.
        what: &'static str,
        /// Of whom.
        subject: SubjectId,
    },
    /// It is another message by now than the one a person looked at.
    #[error("the message for {subject} is not the one that was looked at any more; look again")]
    Otherwise {
        /// Of whom.
        subject: SubjectId,
    },
    /// It was not said whose message.
    #[error("say whose message, as `kobling delivery list {key}` names it")]
    WhoseMessage {
        /// The target.
        key: String,
    },
    /// No brake holds anything.
    #[error("no message to target {key:?} is held")]
    NothingHeld {
        /// The target.
        key: String,
    },
    /// Others are held than those a person looked at.
    #[error(
        "what is held of target {key:?} is not, or no longer, what {hash} stands for; look again: \
         kobling delivery list {key}"
    )]
    HeldOtherwise {
        /// The target.
        key: String,
        /// What was to be released.
        hash: String,
    },
    /// What is stored of a message cannot be read.
    #[error("a stored message cannot be read")]
    Message(#[from] NotAMessage),
    /// What is to be stored cannot be written.
    #[error("a projection cannot be written")]
    Unwritable(#[source] serde_json::Error),
    /// Somebody stopped it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl LaneError {
    /// Whether what was given or configured is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::Target(it) => it.is_bad_input(),
            Self::ASet { .. }
            | Self::Unapplied { .. }
            | Self::NoAgreement { .. }
            | Self::NoMessage { .. }
            | Self::Otherwise { .. }
            | Self::WhoseMessage { .. }
            | Self::NothingHeld { .. }
            | Self::Shut(_)
            | Self::HeldOtherwise { .. } => true,
            Self::Reconfigured
            | Self::UnderWay { .. }
            | Self::Lost
            | Self::Message(_)
            | Self::Unwritable(_)
            | Self::Stopped(_)
            | Self::Store(_) => false,
        }
    }
}

impl From<GateError> for LaneError {
    fn from(error: GateError) -> Self {
        match error {
            GateError::Shut(it) => it.into(),
            GateError::Lost => Self::Lost,
            GateError::Store(it) => it.into(),
        }
    }
}

impl From<ConfigureError> for LaneError {
    fn from(error: ConfigureError) -> Self {
        Self::Target(error.into())
    }
}

/// Whether the target of that key takes messages; false if there is none of that key.
#[crate::boxed]
pub async fn takes_messages(hub: &Hub, tenant: TenantId, key: &str) -> Result<bool, LaneError> {
    let mut tx = hub.db.read().await?;
    let configuration = access::load(&mut tx, tenant).await?;
    let takes = |it: &TargetText| it.key == key && it.format == TargetFormat::Messages;
    Ok(configuration.targets.iter().any(takes))
}

/// What bringing the lanes up to date came to.
struct Made {
    figures: ActionFigures,
    held: Vec<TrippedAction>,
    next_turn: Option<Date>,
}

/// What a delivery did, and when there is something to do again.
pub(crate) struct Done {
    pub(crate) report: Report,
    pub(crate) next: Option<Timestamp>,
}

/// Brings the lanes of the target of that key up to date and sends what is on them.
pub(crate) async fn deliver(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    keeper: &Keeper<'_>,
    (steps, progress): (&dyn Steps, &dyn Progress),
) -> Result<Done, LaneError> {
    let (mut figures, mut sent) = (ActionFigures::default(), SendReport::default());
    let mut rounds = 0;
    loop {
        let mut ledger = hub.db.read().await?;
        let order = order::read(hub, &mut ledger, tenant, key).await?;
        takeover::refuse_open::<LaneError>(&mut ledger, tenant, &order.target).await?;
        gate::refuse_shut_target(&mut ledger, tenant, key).await?;
        let made = make::make(hub, &mut ledger, &order, keeper, (steps, progress)).await?;
        drop(ledger);
        report::add(&mut figures, &made.figures);
        let round = send::send(hub, &order, keeper, steps).await?;
        let is_more = round.accepted + round.rejected > 0;
        sent = sent.and(round);
        rounds += 1;
        let mut tx = hub.db.read().await?;
        let due = lane::due(&mut tx, tenant, order.no, order.today).await?;
        if due.is_empty() || !is_more || rounds == ROUNDS_MAX {
            let next = next(hub, &mut tx, &order, &made, &due).await?;
            let standing = report::of(&mut tx, &order, made.held).await?;
            return Ok(Done { report: Report { made: figures.into(), sent, standing }, next });
        }
    }
}

/// When there is something to do again by itself: a message waits for its time, or a day comes on
/// which a projection differs.
async fn next(
    hub: &Hub,
    tx: &mut Tx,
    order: &Order,
    made: &Made,
    due: &[(SubjectNo, Kind)],
) -> Result<Option<Timestamp>, LaneError> {
    let (tenant, no) = (order.tenant, order.no);
    let stored = target::by_key(tx, tenant, &order.target.key).await?;
    let rests = stored.and_then(|it| it.pace.rests_until);
    let message = message::next_at(tx, tenant, no).await?;
    let message = message.map(|it| rests.map_or(it, |rests| it.max(rests)));
    let day = lane::next_due(tx, tenant, no).await?.filter(|it| *it > order.today);
    let day = day.into_iter().chain(made.next_turn).min();
    let day = day.and_then(|it| order::begin_of(it, &order.zone));
    let at_once = (!due.is_empty()).then(|| hub.clock.now());
    Ok(message.into_iter().chain(day).chain(at_once).min())
}
