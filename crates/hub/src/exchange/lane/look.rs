//! What a target would be told: made by what delivers, with nothing written.

use super::order::{self, Order};
use super::report::Figures;
use super::{LaneError, make, manage};
use crate::Hub;
use crate::access::configuration::Configuration;
use crate::exchange::progress::{Progress, Silent};
use crate::exchange::takeover;
use jiff::civil::Date;
use kobling_domain::exchange::lane::{Action, ActionFigures, TrippedAction, check_actions};
use kobling_domain::id::{SubjectId, TenantId};
use kobling_domain::people::Kind;
use kobling_formats::messages::{Content, Document};
use kobling_store::engine::Tx;
use kobling_store::exchange::{lane, message};
use serde::Serialize;
use std::fmt;

/// Messages kept of a look.
const TOLD_MAX: usize = 10_000;
/// Messages named in text; as JSON the first ten thousand are.
const NAMED_MAX: usize = 50;

/// What a target would be told.
#[derive(Clone, Debug, Serialize)]
pub struct Foreseen {
    /// The target's key.
    pub target: String,
    /// The agreement that would be in force; none if there is none any more.
    pub agreement: Option<String>,
    /// The ledger version.
    pub version: i64,
    /// The employer's civil date.
    pub as_of: Date,
    /// Messages that would be made.
    pub made: Figures,
    /// Lanes whose message is on its way already.
    pub pending: u64,
    /// The brakes that would hold messages.
    pub brakes: Vec<TrippedAction>,
    /// The messages, in the order in which they would be made.
    pub messages: Vec<Foretold>,
    /// What somebody should know.
    pub notes: Vec<String>,
}

/// A message that would be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Foretold {
    /// What it would tell the target to do.
    pub action: Action,
    /// Of what.
    pub kind: Kind,
    /// Our own id of it.
    pub subject: SubjectId,
    /// Its name, as far as the target may have it.
    pub name: Option<String>,
    /// The e-mail of a person, as far as the target may have it.
    #[serde(skip)]
    pub email: Option<String>,
    /// What differs from what the target has.
    pub changed: Vec<String>,
}

impl Foretold {
    pub(super) fn of(document: Document, before: Option<&Content>) -> Self {
        Self {
            action: document.action,
            kind: document.kind,
            subject: document.subject,
            name: document.content.as_ref().or(before).and_then(manage::name),
            email: document.content.as_ref().and_then(manage::email),
            changed: document.changed.unwrap_or_default(),
        }
    }
}

/// What the target of that key would be told now.
#[crate::boxed(?Send)]
pub async fn look(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    progress: &dyn Progress,
) -> Result<Foreseen, LaneError> {
    let mut ledger = hub.db.read().await?;
    let order = order::read(hub, &mut ledger, tenant, key).await?;
    foresee(hub, &mut ledger, &order, progress).await
}

/// What it would be told on `today` as `configuration` has it, whether or not that is applied.
pub(in super::super) async fn look_on(
    hub: &Hub,
    ledger: &mut Tx,
    (configuration, today): (&Configuration, Date),
    tenant: TenantId,
    key: &str,
    progress: &dyn Progress,
) -> Result<Foreseen, LaneError> {
    let order = order::on(ledger, configuration, tenant, key, today).await?;
    foresee(hub, ledger, &order, progress).await
}

/// The persons that a target that was never delivered to would be told of, and the source whose
/// employments they have.
pub(in super::super) async fn persons(
    hub: &Hub,
    ledger: &mut Tx,
    tenant: TenantId,
    key: &str,
) -> Result<(String, Vec<Foretold>), LaneError> {
    let order = order::read(hub, ledger, tenant, key).await?;
    let source = order.agreement.as_ref().map(|it| it.source().to_owned());
    let (_, looked) = make::look(hub, ledger, &order, (usize::MAX, &Silent)).await?;
    let persons = looked.messages.into_iter().filter(|it| it.kind == Kind::Person);
    Ok((source.unwrap_or_default(), persons.collect()))
}

async fn foresee(
    hub: &Hub,
    ledger: &mut Tx,
    order: &Order,
    progress: &dyn Progress,
) -> Result<Foreseen, LaneError> {
    let (made, looked) = make::look(hub, ledger, order, (TOLD_MAX, progress)).await?;
    let stored = message::uncleared(ledger, order.tenant, order.no).await?;
    let waits = |action: Action| {
        let kept = stored.count(action).saturating_sub(looked.replaced.count(action));
        kept + made.count(action)
    };
    let figures = ActionFigures {
        has: stored.has,
        create: waits(Action::Create),
        change: waits(Action::Change),
        inactivate: waits(Action::Inactivate),
    };
    let open = takeover::refuse_open::<LaneError>(ledger, order.tenant, &order.target).await;
    Ok(Foreseen {
        target: order.target.key.clone(),
        agreement: order.text.as_ref().map(|it| it.key.clone()),
        version: order.version.0,
        as_of: order.today,
        made: made.into(),
        pending: lane::counts(ledger, order.tenant, order.no).await?.pending,
        brakes: check_actions(&order.target.brakes, &figures),
        messages: looked.messages,
        notes: open.err().map(|it| it.to_string()).into_iter().collect(),
    })
}

impl fmt::Display for Foreseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, as_of, version, pending, .. } = self;
        let Figures { create, change, inactivate } = self.made;
        writeln!(
            f,
            "{target} as of {as_of}, ledger version {version}: would be told to create {create}, \
             change {change}, inactivate {inactivate}; nothing was made"
        )?;
        if *pending > 0 {
            writeln!(f, "  {pending} messages are on their way already")?;
        }
        for it in &self.brakes {
            writeln!(f, "  brake {} would hold its messages: {}", it.action, it.text)?;
        }
        for it in self.messages.iter().take(NAMED_MAX) {
            let name = it.name.as_deref().unwrap_or("(its name does not leave)");
            write!(f, "  {} {} {} {name}", it.action, it.kind, it.subject)?;
            if it.changed.is_empty() {
                writeln!(f)?;
            } else {
                writeln!(f, ": {}", it.changed.join(", "))?;
            }
        }
        let all = create + change + inactivate;
        match usize::try_from(all).ok().and_then(|it| it.checked_sub(NAMED_MAX)) {
            Some(more) if more > 0 => writeln!(f, "  … and {more} more (--json names more)")?,
            Some(_) | None => {}
        }
        for note in &self.notes {
            writeln!(f, "  note: {note}")?;
        }
        Ok(())
    }
}
