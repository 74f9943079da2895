//! Sending what is on the lanes of a target.

use super::LaneError;
use super::keeper::Keeper;
use super::lease::AgreementLease;
use super::order::Order;
use super::steps::{Step, Steps};
use crate::Hub;
use crate::connectors::outlet::{Outlet, Parcel};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
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
        keeper.commit(tx).await?;
        if taken.is_empty() {
            break;
        }
        let parcels = parcels(hub, order, &taken)?;
        steps.before(Step::Send)?;
        lease.check(hub).await?;
        let begun = Instant::now();
        let answers = masked(outlet.send(&parcels).await, order.today);
        let took = SignedDuration::try_from(begun.elapsed()).unwrap_or(SignedDuration::MAX);
        steps.before(Step::Note)?;
        let (tx, next) = note(hub, order, &taken, &answers, (pace, took), &mut report).await?;
        keeper.commit(tx).await?;
        pace = next;
        rest(pace).await;
    }
    Ok(report)
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
