//! Drift of a target that takes messages, against a list of what it holds.
//!
//! Each line of the list is a JSON object that has `subject` and `content` as a message has them, so
//! that a receiver may give the last message it took of each subject. What it should hold is what
//! its lanes were last brought to, and what it was sent is what it last accepted: nothing is
//! projected anew.

mod list;
mod settle;

use super::super::drift::{Cell, Doing, Drift, DriftError, FileDrift, How, Row, masked};
use super::super::own::Own;
use super::order::{self, Order};
use super::save;
use crate::Hub;
use crate::access::configuration::DriftPolicy;
use kobling_domain::exchange::lane::{Accepted, Digest};
use kobling_domain::id::{SubjectId, SubjectNo, TenantId};
use kobling_domain::people::Kind;
use kobling_formats::messages::{Content, Fields};
use kobling_store::engine::Tx;
use kobling_store::exchange::lane::{self, Lane};
use kobling_store::exchange::message;
use kobling_store::people::subject::{self, Subject};
use list::List;
use settle::Settling;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Lanes looked at in one reading.
const PAGE_LANES: u32 = 500;

/// Compares what `lists`, of which there must be one, say that the target holds, and does what is to
/// be done with what differs.
pub(in super::super) async fn find(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    lists: &[PathBuf],
    doing: Doing,
) -> Result<Drift, DriftError> {
    let mut ledger = hub.db.read().await?;
    let order = order::read(hub, &mut ledger, tenant, target).await?;
    if order.done.is_none() {
        return Err(DriftError::NeverDelivered { target: target.to_owned() });
    }
    let [path] = lists else { return Err(DriftError::NoList { target: target.to_owned() }) };
    let mut list = List::open(path)?;
    let own = Own::read(hub, &mut ledger, tenant, target).await?;
    let mut finding = Finding {
        hub,
        order: &order,
        listed: BTreeSet::new(),
        units: Found::default(),
        persons: Found::default(),
        settling: Settling::new(own),
    };
    loop {
        let held = list.page(&mut finding.listed)?;
        if held.is_empty() {
            break;
        }
        finding.page(&mut ledger, held).await?;
    }
    for kind in [Kind::Unit, Kind::Person] {
        finding.missing(&mut ledger, kind).await?;
    }
    drop(ledger);
    let Finding { units, persons, settling, .. } = finding;
    match doing {
        Doing::Tell => {}
        Doing::Settle => settling.settle(hub, &order).await?,
    }
    let told = |name, it: Found| FileDrift::of(name, (it.agreed, it.awaited), it.rows);
    let files = vec![told("units", units), told("persons", persons)];
    Ok(Drift { target: order.target.key.clone(), files })
}

struct Finding<'a> {
    hub: &'a Hub,
    order: &'a Order,
    /// Of whom the list says that the target holds something.
    listed: BTreeSet<SubjectId>,
    units: Found,
    persons: Found,
    settling: Settling<'a>,
}

/// What was found of one kind.
#[derive(Default)]
struct Found {
    agreed: usize,
    awaited: usize,
    rows: Vec<Row>,
}

/// How ours stands to what was sent.
#[derive(Clone, Copy)]
enum Ours {
    AsSent,
    Changed,
}

/// What a target was sent of a subject, and what it should hold.
struct Known {
    wanted: Option<Digest>,
    accepted: Accepted,
    sent: Option<Content>,
}

impl Finding<'_> {
    async fn page(
        &mut self,
        ledger: &mut Tx,
        mut held: BTreeMap<SubjectId, Content>,
    ) -> Result<(), DriftError> {
        let (tenant, target) = (self.order.tenant, self.order.no);
        let ids: Vec<SubjectId> = held.keys().copied().collect();
        let subjects = subject::by_ids(ledger, tenant, &ids).await?;
        let numbers: Vec<SubjectNo> = subjects.iter().map(|it| it.no).collect();
        let lanes = lane::of(ledger, tenant, target, &numbers).await?;
        let lanes: BTreeMap<SubjectNo, Lane> =
            lanes.into_iter().map(|it| (it.subject, it)).collect();
        let mut sent = BTreeMap::new();
        for (no, sealed) in lane::accepted(ledger, tenant, target, &numbers).await? {
            let document = save::open(self.hub, tenant, target, no, &sealed)?;
            sent.extend(document.content.map(|it| (no, it)));
        }
        for it in &subjects {
            let Some(holds) = held.remove(&it.id) else { continue };
            let lane = lanes.get(&it.no);
            let known = Known {
                wanted: lane.and_then(|it| it.wanted),
                accepted: lane.map_or(Accepted::Nothing, |it| it.accepted),
                sent: sent.remove(&it.no),
            };
            self.one(ledger, it, &holds, known).await?;
        }
        for (id, holds) in held {
            self.of(&holds).rows.push(Row { id, how: How::Extra, fields: Vec::new() });
        }
        Ok(())
    }

    async fn one(
        &mut self,
        ledger: &mut Tx,
        subject: &Subject,
        holds: &Content,
        known: Known,
    ) -> Result<(), DriftError> {
        let digest = save::digest(self.hub, holds)?;
        let is_as_sent = |it: Digest| known.accepted == Accepted::Known(it);
        if known.wanted == Some(digest) {
            self.of(holds).agreed += 1;
        } else if is_as_sent(digest) {
            self.of(holds).awaited += 1;
        } else if (known.wanted, known.accepted) == (None, Accepted::Nothing) {
            self.settling.extra(self.order, subject);
            self.of(holds).rows.push(Row { id: subject.id, how: How::Extra, fields: Vec::new() });
        } else {
            let ours =
                if known.wanted.is_some_and(is_as_sent) { Ours::AsSent } else { Ours::Changed };
            let should = match (ours, known.sent) {
                (Ours::AsSent, Some(sent)) => Some(sent),
                (Ours::AsSent | Ours::Changed, _) => self.on_its_way(ledger, subject.no).await?,
            };
            self.edited(subject, holds, should.as_ref(), ours)?;
        }
        Ok(())
    }

    /// What the message that is on its way brings; none if it inactivates, or there is none.
    async fn on_its_way(
        &self,
        ledger: &mut Tx,
        no: SubjectNo,
    ) -> Result<Option<Content>, DriftError> {
        let (tenant, target) = (self.order.tenant, self.order.no);
        let Some(it) = message::one(ledger, tenant, target, no).await? else { return Ok(None) };
        Ok(save::open(self.hub, tenant, target, no, &it.body)?.content)
    }

    fn edited(
        &mut self,
        subject: &Subject,
        holds: &Content,
        should: Option<&Content>,
        ours: Ours,
    ) -> Result<(), DriftError> {
        let (there, here) = (holds.parts(), should.map(Content::parts).unwrap_or_default());
        let mut fields = Vec::new();
        for name in there.keys().chain(here.keys()).collect::<BTreeSet<_>>() {
            let texts = (text(&here, name), text(&there, name));
            if texts.0 == texts.1 {
                continue;
            }
            let policy = self.policy(name, ours);
            self.settling.edited(subject, (name, policy), (&texts.0, &texts.1))?;
            let today = self.order.today;
            fields.push(Cell {
                column: name.clone(),
                should: should.map(|_| masked(name, &texts.0, today)),
                holds: masked(name, &texts.1, today),
                policy,
            });
        }
        self.of(holds).rows.push(Row { id: subject.id, how: How::Edited, fields });
        Ok(())
    }

    /// The policy of a part of a message. A value is accepted only where ours is what was sent: else
    /// the target's may be older than ours and nobody's.
    fn policy(&self, name: &str, ours: Ours) -> DriftPolicy {
        match (self.order.target.drift.of(name.parse().ok()), ours) {
            (DriftPolicy::Accept, Ours::Changed) => DriftPolicy::Report,
            (policy, Ours::AsSent | Ours::Changed) => policy,
        }
    }

    /// Finds whom the target was told of and does not hold any more.
    async fn missing(&mut self, ledger: &mut Tx, kind: Kind) -> Result<(), DriftError> {
        let (tenant, target) = (self.order.tenant, self.order.no);
        let mut after = SubjectNo(0);
        loop {
            let page = lane::page(ledger, tenant, target, kind, after, PAGE_LANES).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = *last;
            let subjects = subject::by_no(ledger, tenant, &page).await?;
            let gone = subjects.iter().filter(|it| !self.listed.contains(&it.id));
            let gone: BTreeMap<SubjectNo, &Subject> = gone.map(|it| (it.no, it)).collect();
            let numbers: Vec<SubjectNo> = gone.keys().copied().collect();
            for lane in lane::of(ledger, tenant, target, &numbers).await? {
                let Some(subject) = gone.get(&lane.subject) else { continue };
                match (lane.wanted, lane.accepted) {
                    (None, _) | (Some(_), Accepted::Nothing) => self.of_kind(kind).awaited += 1,
                    (Some(_), Accepted::Known(_) | Accepted::Unknown) => {
                        let (id, how) = (subject.id, How::Missing);
                        self.of_kind(kind).rows.push(Row { id, how, fields: Vec::new() });
                        self.settling.missing(self.order, subject);
                    }
                }
            }
        }
    }

    fn of(&mut self, content: &Content) -> &mut Found {
        match content {
            Content::Unit(_) => &mut self.units,
            Content::Person(_) => &mut self.persons,
        }
    }

    fn of_kind(&mut self, kind: Kind) -> &mut Found {
        match kind {
            Kind::Unit => &mut self.units,
            Kind::Person
            | Kind::Employment
            | Kind::Position
            | Kind::Activity
            | Kind::Qualification
            | Kind::Absence => &mut self.persons,
        }
    }
}

/// A part as it is shown: of what is no text the JSON.
fn text(parts: &Fields, name: &str) -> String {
    match parts.get(name) {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(it)) => it.clone(),
        Some(it) => it.to_string(),
    }
}
