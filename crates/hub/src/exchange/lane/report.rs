use super::held::{self, Brake};
use super::order::{self, Order};
use super::{LaneError, SendReport};
use crate::Hub;
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::exchange::lane::{ActionFigures, TrippedAction, check_actions};
use kobling_domain::id::TenantId;
use kobling_store::engine::Tx;
use kobling_store::exchange::{lane, message, target};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// Messages made, by what they tell the target to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// To take in a subject.
    pub create: u64,
    /// To change one.
    pub change: u64,
    /// To have one no longer.
    pub inactivate: u64,
}

impl From<ActionFigures> for Figures {
    fn from(it: ActionFigures) -> Self {
        Self { create: it.create, change: it.change, inactivate: it.inactivate }
    }
}

/// What a delivery did, and where the lanes stand after it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Messages made.
    pub made: Figures,
    /// What became of those that were sent.
    pub sent: SendReport,
    /// Where the lanes stand.
    pub standing: Standing,
}

/// What the lanes of a target are lanes of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// One of each subject.
    Subjects,
    /// One, of the whole set of files.
    Sets,
}

/// Where the lanes of a target stand. `due` is the sum of the next four.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "TargetStanding")]
pub struct Standing {
    /// The target's key.
    pub target: String,
    /// What is counted.
    pub counted: Counted,
    /// The agreement in force; none if there is none any more.
    pub agreement: Option<String>,
    /// The ledger version that the lanes follow.
    pub version: Option<i64>,
    /// The employer's civil date for which they do.
    pub as_of: Option<Date>,
    /// Subjects that the target has, or should have, or is still told of; or its set.
    pub due: u64,
    /// Those of which it has what it should have.
    pub accepted: u64,
    /// Those with a message on its way.
    pub pending: u64,
    /// Those whose message waits for a person.
    pub held: u64,
    /// Those whose message is a dead letter.
    pub rejected: u64,
    /// The brakes that hold messages.
    pub brakes: Vec<Brake>,
    /// Milliseconds between two messages, as the target wants it.
    pub gap_ms: u32,
    /// Until when the target is left alone.
    pub rests_until: Option<Timestamp>,
    /// When the next message is sent.
    pub next_at: Option<Timestamp>,
}

/// Where the lanes of the target of that key stand.
#[crate::boxed]
pub async fn standing(hub: &Hub, tenant: TenantId, key: &str) -> Result<Standing, LaneError> {
    let mut tx = hub.db.read().await?;
    let order = order::read(hub, &mut tx, tenant, key).await?;
    let figures = message::uncleared(&mut tx, tenant, order.no).await?;
    let held = check_actions(&order.target.brakes, &figures);
    of(&mut tx, &order, held).await
}

pub(super) async fn of(
    tx: &mut Tx,
    order: &Order,
    tripped: Vec<TrippedAction>,
) -> Result<Standing, LaneError> {
    let (tenant, no) = (order.tenant, order.no);
    let counts = lane::counts(tx, tenant, no).await?;
    let stored = target::by_key(tx, tenant, &order.target.key).await?;
    let (done, pace) = stored.map(|it| (it.done, it.pace)).unwrap_or_default();
    Ok(Standing {
        target: order.target.key.clone(),
        counted: Counted::Subjects,
        agreement: order.text.as_ref().map(|it| it.key.clone()),
        version: done.map(|it| it.version.0),
        as_of: done.map(|it| it.on),
        due: counts.due,
        accepted: counts.accepted,
        pending: counts.pending,
        held: counts.held,
        rejected: counts.rejected,
        brakes: held::brakes(tx, tenant, no, tripped).await?,
        gap_ms: pace.gap_ms,
        rests_until: pace.rests_until,
        next_at: message::next_at(tx, tenant, no).await?,
    })
}

pub(super) fn add(all: &mut ActionFigures, more: &ActionFigures) {
    all.create += more.create;
    all.change += more.change;
    all.inactivate += more.inactivate;
}

impl SendReport {
    pub(crate) fn and(self, later: Self) -> Self {
        Self {
            accepted: self.accepted + later.accepted,
            rejected: self.rejected + later.rejected,
            postponed: self.postponed + later.postponed,
            trouble: later.trouble.or(self.trouble),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures { create, change, inactivate } = self.made;
        let target = &self.standing.target;
        if create + change + inactivate == 0 {
            writeln!(f, "{target}: nothing has changed for it")?;
        } else {
            writeln!(
                f,
                "{target}: messages made: {create} create, {change} change, {inactivate} inactivate"
            )?;
        }
        let SendReport { accepted, rejected, postponed, trouble } = &self.sent;
        if accepted + rejected + postponed > 0 {
            writeln!(
                f,
                "  sent: {accepted} accepted, {rejected} became dead letters, {postponed} to be \
                 sent again"
            )?;
        }
        if let Some(trouble) = trouble {
            writeln!(f, "  the last trouble: {trouble}")?;
        }
        self.standing.fmt(f)
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, due, accepted, pending, held, rejected, .. } = self;
        match (self.version, self.as_of) {
            (Some(version), Some(day)) => {
                writeln!(f, "{target} follows ledger version {version} as of {day}")?;
            }
            (_, _) => writeln!(f, "{target} has not been delivered to yet")?,
        }
        let (what, look) = match self.counted {
            Counted::Subjects => ("due", format!("kobling delivery list {target}")),
            Counted::Sets => ("set due", format!("kobling deliver {target} --dry-run")),
        };
        writeln!(
            f,
            "  {due} {what} = {accepted} accepted + {pending} pending + {held} held + {rejected} \
             rejected"
        )?;
        if self.agreement.is_none() {
            writeln!(f, "  no agreement is in force")?;
        }
        for Brake { tripped: it, hash } in &self.brakes {
            writeln!(f, "  HELD, brake {}: {}", it.action, it.text)?;
            writeln!(f, "  to look: {look}")?;
            writeln!(
                f,
                "  to send all the same: kobling delivery release {target} {hash} --by NAME \
                 --reason TEXT"
            )?;
        }
        if self.gap_ms > 0 {
            writeln!(f, "  it wants {} ms between two messages", self.gap_ms)?;
        }
        if let Some(until) = self.rests_until {
            writeln!(f, "  it is left alone until {until}")?;
        }
        if let Some(next) = self.next_at {
            writeln!(f, "  what waits is sent at {next}, by `kobling work`")?;
        }
        if *rejected > 0 {
            writeln!(f, "  to see what was rejected and why: kobling delivery list {target}")?;
        }
        Ok(())
    }
}
