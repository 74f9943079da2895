use super::super::target::{self as configured, TargetError};
use super::LaneError;
use crate::Hub;
use crate::access;
use crate::access::configuration::{Configuration, TargetFormat, TargetText};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_domain::agreement::{Agreement, AgreementText};
use kobling_domain::exchange::lane::Pace;
use kobling_domain::id::{TargetNo, TenantId, Version};
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::exchange::target::{self, Done};
use xxhash_rust::xxh3::xxh3_64;

/// Projections that are made otherwise have another number, and are all made anew.
const PROJECTION_VERSION: u32 = 1;
/// The number of a target that is not stored: no lane has it.
const NO_LANES: TargetNo = TargetNo(0);

/// Whose lanes are brought up to date, by what, and to which state of the ledger.
pub(super) struct Order {
    pub(super) tenant: TenantId,
    pub(super) no: TargetNo,
    /// Whether it has no lanes yet.
    pub(super) is_unapplied: bool,
    pub(super) done: Option<Done>,
    pub(super) pace: Pace,
    pub(super) target: TargetText,
    /// Who sees to dead letters.
    pub(super) owner: String,
    /// What is in force; none if what there was has ended, or nothing has begun.
    pub(super) agreement: Option<Agreement>,
    pub(super) text: Option<AgreementText>,
    pub(super) zone: TimeZone,
    pub(super) today: Date,
    pub(super) version: Version,
    /// A digest of all that decides how subjects are projected; its first half is of the agreement.
    pub(super) basis: [u8; 16],
    /// The next day on which another agreement is in force, or none.
    pub(super) next_turn: Option<Date>,
}

/// The order to bring the lanes of the target of that key to the present state of the ledger.
///
/// # Errors
///
/// Without any agreement nothing leaves, not even that somebody is gone: whoever wants that gives
/// the agreement a last day.
pub(super) async fn read(
    hub: &Hub,
    ledger: &mut Tx,
    tenant: TenantId,
    key: &str,
) -> Result<Order, LaneError> {
    let version = tenant::version(ledger, tenant).await?;
    let configuration = access::load_at(ledger, tenant, version).await?;
    let today = hub.clock.civil(&configured::zone(&configuration)?).date();
    let order = on(ledger, &configuration, tenant, key, today).await?;
    if order.is_unapplied {
        return Err(LaneError::Unapplied { key: key.to_owned() });
    }
    Ok(order)
}

/// The same on `today` as `configuration` has it, whether or not that is applied.
pub(super) async fn on(
    ledger: &mut Tx,
    configuration: &Configuration,
    tenant: TenantId,
    key: &str,
    today: Date,
) -> Result<Order, LaneError> {
    let version = tenant::version(ledger, tenant).await?;
    let target = target_text(configuration, key)?;
    let texts = configured::agreements(configuration, key);
    let text = in_force(&texts, key, today)?.cloned();
    let agreement = text.clone().map(|it| Agreement::parse(it, version)).transpose();
    let agreement = agreement.map_err(TargetError::from)?;
    let stored = target::by_key(ledger, tenant, key).await?;
    let next_turn = turn_after(today, &texts);
    Ok(Order {
        tenant,
        is_unapplied: stored.is_none(),
        no: stored.as_ref().map_or(NO_LANES, |it| it.no),
        done: stored.as_ref().and_then(|it| it.done),
        pace: stored.map(|it| it.pace).unwrap_or_default(),
        basis: basis(configuration, &target, text.as_ref())?,
        owner: configured::owner(configuration, &target),
        zone: configured::zone(configuration)?,
        target,
        agreement,
        text,
        today,
        version,
        next_turn,
    })
}

/// When another agreement for the target of that key begins or ends, whatever is wrong with those
/// of today.
pub(crate) async fn next_turn(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
) -> Result<Option<Timestamp>, LaneError> {
    let configuration = access::load(tx, tenant).await?;
    let zone = configured::zone(&configuration)?;
    let texts = configured::agreements(&configuration, key);
    let turn = turn_after(hub.clock.civil(&zone).date(), &texts);
    Ok(turn.and_then(|it| begin_of(it, &zone)))
}

fn turn_after(today: Date, texts: &[&AgreementText]) -> Option<Date> {
    let turns = texts.iter().flat_map(|it| [Some(it.from), it.until]).flatten();
    turns.filter(|it| *it > today).min()
}

/// When a civil day begins.
pub(super) fn begin_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    day.to_zoned(zone.clone()).ok().map(|it| it.timestamp())
}

/// The target of that key, if it has lanes.
pub(super) fn target_text(
    configuration: &Configuration,
    key: &str,
) -> Result<TargetText, LaneError> {
    let target = configured::text(configuration, key)?;
    match target.format {
        TargetFormat::Messages => Ok(target.clone()),
        TargetFormat::Plan2learn => Err(LaneError::ASet { key: key.to_owned() }),
    }
}

/// The one agreement that is in force on `today`; none if what there was has ended.
pub(super) fn in_force<'a>(
    texts: &[&'a AgreementText],
    target: &str,
    today: Date,
) -> Result<Option<&'a AgreementText>, LaneError> {
    if texts.is_empty() {
        return Err(LaneError::NoAgreement { target: target.to_owned() });
    }
    Ok(configured::in_force(texts, target, today)?)
}

fn basis(
    configuration: &Configuration,
    target: &TargetText,
    text: Option<&AgreementText>,
) -> Result<[u8; 16], LaneError> {
    let sources: Vec<&str> = configuration.sources.iter().map(|it| it.key.as_str()).collect();
    let all = (PROJECTION_VERSION, target.ended, &configuration.authorities, sources);
    let rest = xxh3_64(&serde_json::to_vec(&all).map_err(LaneError::Unwritable)?);
    let agreement = xxh3_64(&serde_json::to_vec(&text).map_err(LaneError::Unwritable)?);
    Ok(((u128::from(agreement) << 64) | u128::from(rest)).to_be_bytes())
}

/// Whether two bases are of the same agreement.
pub(super) fn is_same_agreement(a: &[u8; 16], b: &[u8; 16]) -> bool {
    let agreement = |it: &[u8; 16]| u128::from_be_bytes(*it) >> 64;
    agreement(a) == agreement(b)
}
