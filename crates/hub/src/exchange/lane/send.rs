//! Sending what is on the lanes of a target.

use super::LaneError;
use super::keeper::Keeper;
use super::lease::{AgreementLease, still_agreed};
use super::order::Order;
use super::steps::{Step, Steps};
use crate::Hub;
use crate::agreement::gate::{Right, Way};
use crate::connectors::outlet::{Outlet, Parcel};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use kobling_domain::agreement::{Became, Outcome};
use kobling_domain::exchange::lane::{Answer, Delay, Pace, Then, after};
use kobling_formats::messages::Document;
use kobling_store::engine::Tx;
use kobling_store::exchange::message::{self, Fate, MessageKey, Taken};
use kobling_store::exchange::target;
use kobling_store::sealed::context;
use serde::Serialize;
use std::time::{Duration, Instant};

/// What became of the messages that were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SendReport {
    /// The target took them.
    pub accepted: u64,
    /// They became dead letters.
    pub rejected: u64,
    /// They are sent again later.
    pub postponed: u64,
    /// What was wrong the last time something was.
    pub trouble: Option<String>,
}

/// The answers to some messages, sorted by what becomes of these.
#[derive(Default)]
struct Noted {
    accepted: Vec<(MessageKey, String)>,
    again: Vec<(MessageKey, Timestamp, String)>,
    dead: Vec<(MessageKey, String, Fate)>,
}

/// Sends every message whose time has come, in order, as fast as the target takes them, until
/// there are no more or the target wants to rest.
pub(super) async fn send(
    hub: &Hub,
    order: &Order,
    keeper: &Keeper<'_>,
    steps: &dyn Steps,
) -> Result<SendReport, LaneError> {
    let mut report = SendReport::default();
    let mut pace = order.pace;
    let mut lease = AgreementLease::new(order);
    let mut outlet = Outlet::new(&order.target);
    while !pace.rests(hub.clock.now()) {
        lease.check(hub).await?;
        steps.before(Step::Take)?;
        let most = u32::try_from(pace.at_once(outlet.at_once())).unwrap_or(u32::MAX);
        let mut tx = hub.db.write().await?;
        let taken = message::take(&mut tx, order.tenant, order.no, hub.clock.now(), most).await?;
        if taken.is_empty() {
            keeper.commit(tx).await?;
            break;
        }
        let parcels = parcels(hub, order, &taken)?;
        let mut right = start(hub, &mut tx, order, &parcels).await?;
        keeper.commit(tx).await?;
        steps.before(Step::Send)?;
        let begun = Instant::now();
        let answers = match hand_over(hub, order, (&mut right, &mut outlet), &parcels).await {
            Ok(answers) => masked(answers, order.today),
            Err(error) => return Err(broken_off(hub, &right, &parcels, error).await),
        };
        let took = SignedDuration::try_from(begun.elapsed()).unwrap_or(SignedDuration::MAX);
        steps.before(Step::Note)?;
        let (mut tx, next) = note(hub, order, &taken, &answers, (pace, took), &mut report).await?;
        right.end(&mut tx, &outcomes(&parcels, &answers)).await?;
        keeper.commit(tx).await?;
        pace = next;
        rest(pace).await;
    }
    Ok(report)
}

/// Writes down that these messages leave, in the transaction that takes them.
async fn start(
    hub: &Hub,
    tx: &mut Tx,
    order: &Order,
    parcels: &[Parcel],
) -> Result<Right, LaneError> {
    let names: Vec<String> = parcels.iter().map(|it| it.name.clone()).collect();
    let way = (Way::Target, &*order.target.key);
    Ok(Right::take(tx, order.tenant, way, (&names, hub.clock.now())).await?)
}

/// Hands messages over, as long as the right to it lasts.
async fn hand_over(
    hub: &Hub,
    order: &Order,
    (right, outlet): (&mut Right, &mut Outlet),
    parcels: &[Parcel],
) -> Result<Vec<Answer>, LaneError> {
    let agreed = || still_agreed(hub, order);
    right.check(hub, agreed).await?;
    right.hold(hub, agreed, outlet.send(parcels)).await
}

/// Gives back the right to what was left where it stood; why that was.
async fn broken_off(hub: &Hub, right: &Right, parcels: &[Parcel], why: LaneError) -> LaneError {
    let said = "broken off before the target had answered".to_owned();
    let outcome = |it: &Parcel| {
        let (name, said) = (it.name.clone(), said.clone());
        Outcome { name, became: Became::Unknown, said }
    };
    let outcomes: Vec<Outcome> = parcels.iter().map(outcome).collect();
    let told = async {
        let mut tx = hub.db.write().await?;
        right.end(&mut tx, &outcomes).await?;
        tx.commit().await
    };
    if told.await.is_err() {
        // Nobody knows then either, and why it was broken off is what is told.
    }
    why
}

/// What became of messages that were answered.
fn outcomes(parcels: &[Parcel], answers: &[Answer]) -> Vec<Outcome> {
    let outcome = |(it, answer): (&Parcel, &Answer)| {
        let (became, said) = match answer {
            Answer::Accepted { said } => (Became::Finished, said),
            Answer::Rejected { reason }
            | Answer::Later { reason, delay: Delay::Throttled { .. } } => (Became::Cut, reason),
            Answer::Later { reason, delay: Delay::Unreachable } => (Became::Unknown, reason),
        };
        Outcome { name: it.name.clone(), became, said: said.clone() }
    };
    parcels.iter().zip(answers).map(outcome).collect()
}

/// The gap that the target wants between two messages.
#[expect(clippy::disallowed_methods, reason = "the gap is a time that the target asked for")]
async fn rest(pace: Pace) {
    if pace.gap_ms > 0 {
        tokio::time::sleep(Duration::from_millis(pace.gap_ms.into())).await;
    }
}

fn parcels(hub: &Hub, order: &Order, taken: &[Taken]) -> Result<Vec<Parcel>, LaneError> {
    let parcel = |it: &Taken| {
        let context = context::message(order.tenant, order.no, it.subject);
        let body = hub.keys.open(&context, &it.body)?;
        let document = Document::parse(&body)?;
        Ok(Parcel { name: document.name(), subject: document.subject, body })
    };
    taken.iter().map(parcel).collect()
}

/// What the target said, without identity numbers.
fn masked(answers: Vec<Answer>, today: Date) -> Vec<Answer> {
    let mask = |it: String| kobling_pii::mask(&it, today).into_owned();
    let masked = |it| match it {
        Answer::Accepted { said } => Answer::Accepted { said: mask(said) },
        Answer::Rejected { reason } => Answer::Rejected { reason: mask(reason) },
        Answer::Later { reason, delay } => Answer::Later { reason: mask(reason), delay },
    };
    answers.into_iter().map(masked).collect()
}

/// Writes down what the target said, in one transaction that is to be committed; gives the pace
/// from now on.
async fn note(
    hub: &Hub,
    order: &Order,
    taken: &[Taken],
    answers: &[Answer],
    (pace, took): (Pace, SignedDuration),
    report: &mut SendReport,
) -> Result<(Tx, Pace), LaneError> {
    let (tenant, target, now) = (order.tenant, order.no, hub.clock.now());
    let mut noted = Noted::default();
    let pace = pace.after_all(answers, took, &order.target.patience, now);
    for (message, answer) in taken.iter().zip(answers) {
        sort(order, message, answer, now, &mut noted);
    }
    report.accepted += count(&noted.accepted);
    report.postponed += count(&noted.again);
    report.rejected += count(&noted.dead);
    let reasons = noted.again.iter().map(|it| &it.2).chain(noted.dead.iter().map(|it| &it.1));
    report.trouble = reasons.last().cloned().or_else(|| report.trouble.take());
    let mut tx = hub.db.write().await?;
    message::accept(&mut tx, tenant, target, now, &noted.accepted).await?;
    message::postpone(&mut tx, tenant, target, &noted.again).await?;
    for (key, reason, fate) in &noted.dead {
        let why = (now, reason.as_str(), order.owner.as_str());
        message::bury(&mut tx, tenant, target, *key, why, *fate).await?;
    }
    target::set_pace(&mut tx, tenant, target, pace).await?;
    Ok((tx, pace))
}

fn sort(order: &Order, message: &Taken, answer: &Answer, now: Timestamp, noted: &mut Noted) {
    let key = MessageKey { subject: message.subject, seq: message.seq };
    let spread = u8::try_from((message.subject.0 ^ message.seq) & 0xff).unwrap_or(0);
    let then = after(answer, message.attempts, &order.target.patience, spread, now);
    match (then, answer) {
        (Then::Done, Answer::Accepted { said }) => noted.accepted.push((key, said.clone())),
        (Then::Again { at }, Answer::Later { reason, .. }) => {
            noted.again.push((key, at, reason.clone()));
        }
        (Then::Dead, Answer::Rejected { reason }) => {
            noted.dead.push((key, reason.clone(), Fate::Refused));
        }
        (Then::Dead, Answer::Later { reason, delay }) => {
            let reason = format!("given up after {} attempts: {reason}", message.attempts);
            let fate = match delay {
                Delay::Throttled { .. } => Fate::Refused,
                Delay::Unreachable => Fate::Unknown,
            };
            noted.dead.push((key, reason, fate));
        }
        // No other pairs are made.
        (Then::Done | Then::Again { .. }, Answer::Accepted { .. } | Answer::Rejected { .. })
        | (Then::Done, Answer::Later { .. })
        | (Then::Dead, Answer::Accepted { .. }) => {}
    }
}

fn count<T>(all: &[T]) -> u64 {
    u64::try_from(all.len()).unwrap_or(u64::MAX)
}
