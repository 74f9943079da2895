use super::arguments::{Common, Delivery};
use super::{Failure, Outcome, decision, print, settings};
use jiff::Timestamp;
use kobling_domain::id::SubjectId;
use kobling_hub::exchange::deliver::manage::ListedSet;
use kobling_hub::exchange::deliver::{self, DeliverError, Receipt};
use kobling_hub::exchange::delivery::{self, DeliveryError, Listed, Of};
use kobling_hub::exchange::lane::manage::{self, Decided, LISTED_MAX};
use kobling_hub::exchange::lane::{LaneError, Standing};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

pub(super) async fn execute(common: &Common, command: Delivery) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    match command {
        Delivery::Receipts { target, limit } => {
            let receipts = deliver::receipts(&hub, tenant, &target, None, limit).await;
            let receipts = receipts.map_err(|it| {
                let what = "the receipts cannot be listed";
                if it.is_bad_input() {
                    Failure::bad_input(what, &it)
                } else {
                    Failure::failed(what, &it)
                }
            })?;
            print::result(common, &Receipts { target, receipts })?;
            Ok(Outcome::Done)
        }
        Delivery::List { target } => {
            let listed = delivery::list(&hub, tenant, &target).await;
            print::result(common, &List(listed.map_err(|it| failed(&target, &it))?))?;
            Ok(Outcome::Done)
        }
        Delivery::Status { target } => {
            let standing = delivery::standing(&hub, tenant, &target).await;
            let standing = standing.map_err(|it| failed(&target, &it))?;
            print::result(common, &standing)?;
            Ok(outcome(&standing))
        }
        Delivery::Retry { target, subject, decision } => {
            let of = Of { subject: subject.map(SubjectId), seen: None };
            let decision = decision::typed(&hub, &decision)?;
            let done = delivery::retry(&hub, tenant, &target, of, &decision).await;
            told(common, &target, "to be sent again", done)
        }
        Delivery::GiveUp { target, subject, decision } => {
            let of = Of { subject: subject.map(SubjectId), seen: None };
            let decision = decision::typed(&hub, &decision)?;
            let done = delivery::give_up(&hub, tenant, &target, of, &decision).await;
            told(common, &target, "given up", done)
        }
        Delivery::Release { target, hash, decision } => {
            let done =
                delivery::release(&hub, tenant, &target, &hash, &decision::typed(&hub, &decision)?)
                    .await;
            told(common, &target, "released", done)
        }
    }
}

/// Held messages are told by the exit code, as held plans are.
pub(super) fn outcome(standing: &Standing) -> Outcome {
    if standing.held > 0 { Outcome::Held } else { Outcome::Done }
}

pub(super) fn failed(target: &str, error: &DeliveryError) -> Failure {
    let what = format!("the delivery to {target} was not done, or not to its end");
    let is_takeover = match error {
        DeliveryError::Messages(LaneError::Target(it))
        | DeliveryError::Set(DeliverError::Target(it)) => it.is_takeover(),
        DeliveryError::Messages(_) | DeliveryError::Set(_) | DeliveryError::Store(_) => false,
    };
    if is_takeover {
        Failure::held(what, error)
    } else if error.is_bad_input() {
        Failure::bad_input(what, error)
    } else {
        Failure::failed(what, error)
    }
}

fn told(
    common: &Common,
    target: &str,
    what: &'static str,
    done: Result<Decided, DeliveryError>,
) -> Result<Outcome, Failure> {
    let decided = done.map_err(|it| failed(target, &it))?;
    print::result(common, &Page { decided, what })?;
    Ok(Outcome::Done)
}

#[derive(Serialize)]
#[serde(transparent)]
struct List(Vec<Listed>);

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing is on its way");
        }
        self.0.iter().try_for_each(|it| match it {
            Listed::Message(it) => message(f, it),
            Listed::Set(it) => set(f, it),
        })?;
        if u32::try_from(self.0.len()).is_ok_and(|it| it >= LISTED_MAX) {
            writeln!(f, "only the first {LISTED_MAX} are listed")?;
        }
        let held = self.0.iter().filter_map(|it| match it {
            Listed::Message(it) => Some((it.action.name(), (&it.target, it.hash.as_ref()?))),
            Listed::Set(it) => Some(("set", (&it.target, it.hash.as_ref()?))),
        });
        for (what, (target, hash)) in held.collect::<BTreeMap<_, _>>() {
            writeln!(f, "to send every {what} that is held:")?;
            writeln!(f, "  kobling delivery release {target} {hash} --by NAME --reason TEXT")?;
        }
        Ok(())
    }
}

fn message(f: &mut fmt::Formatter<'_>, it: &manage::Listed) -> fmt::Result {
    let name = it.name.as_deref().unwrap_or("(its name does not leave)");
    writeln!(f, "{:<8} {} {} {} {name}", it.state, it.action, it.kind, it.subject)?;
    if !it.changed.is_empty() {
        writeln!(f, "  differs: {}", it.changed.join(", "))?;
    }
    tries(f, (it.attempts, it.reason.as_deref()), (it.owner.as_deref(), it.next_at))
}

fn set(f: &mut fmt::Formatter<'_>, it: &ListedSet) -> fmt::Result {
    let ListedSet { state, set, as_of, version, files, .. } = it;
    writeln!(f, "{state:<8} set {set} as of {as_of}, ledger version {version}")?;
    if !files.is_empty() {
        writeln!(f, "  without a receipt: {}", files.join(", "))?;
    }
    if let (0, Some(reason)) = (it.attempts, &it.reason) {
        writeln!(f, "  {reason}")?;
    }
    tries(f, (it.attempts, it.reason.as_deref()), (it.owner.as_deref(), it.next_at))
}

/// How often something was sent, what was wrong, and what follows.
fn tries(
    f: &mut fmt::Formatter<'_>,
    (attempts, reason): (u32, Option<&str>),
    (owner, next_at): (Option<&str>, Option<Timestamp>),
) -> fmt::Result {
    if attempts == 0 {
        return Ok(());
    }
    write!(f, "  sent {attempts} times; {}", reason.unwrap_or("no answer yet"))?;
    match (owner, next_at) {
        (Some(owner), _) => write!(f, "; {owner} sees to it")?,
        (None, Some(at)) => write!(f, "; again at {at:.0}")?,
        (None, None) => {}
    }
    writeln!(f)
}

#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    decided: Decided,
    #[serde(skip)]
    what: &'static str,
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Decided { target, messages } = &self.decided;
        let plural = if *messages == 1 { "" } else { "s" };
        writeln!(f, "{target}: {messages} message{plural} {}", self.what)?;
        write!(f, "  `kobling deliver {target}` or `kobling work` goes on with it")
    }
}

#[derive(Serialize)]
struct Receipts {
    target: String,
    receipts: Vec<Receipt>,
}

impl fmt::Display for Receipts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = None;
        for it in &self.receipts {
            if last != Some(it.set) {
                let Receipt { set, as_of, version, place, .. } = it;
                writeln!(f, "set {set} as of {as_of}, ledger version {version}, at {place}")?;
                last = Some(it.set);
            }
            writeln!(f, "  {it}")?;
        }
        if self.receipts.is_empty() {
            writeln!(f, "{} has taken nothing yet", self.target)?;
        }
        Ok(())
    }
}
