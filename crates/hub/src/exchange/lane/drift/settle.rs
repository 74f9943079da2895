//! Doing what a target's policies say of what has drifted.

use super::super::super::drift::DriftError;
use super::super::super::own::Own;
use super::Order;
use crate::Hub;
use crate::access::configuration::DriftPolicy;
use kobling_domain::id::SubjectNo;
use kobling_store::StoreError;
use kobling_store::access::audit;
use kobling_store::exchange::lane::{self, Wanted};
use kobling_store::exchange::own_value::{self, OwnValue};
use kobling_store::job;
use kobling_store::people::subject::Subject;
use serde_json::json;
use std::collections::BTreeSet;

/// What is gathered while it is compared.
pub(super) struct Settling<'a> {
    own: Own<'a>,
    accepted: Vec<OwnValue>,
    /// Whose lanes are looked at again, as they are sent their own back.
    kept: BTreeSet<SubjectNo>,
    /// Who is sent ours again.
    enforced: BTreeSet<SubjectNo>,
    /// Those of them that the target was never told of.
    strange: Vec<Wanted>,
}

impl<'a> Settling<'a> {
    pub(super) fn new(own: Own<'a>) -> Self {
        let (kept, enforced) = (BTreeSet::new(), BTreeSet::new());
        Self { own, accepted: Vec::new(), kept, enforced, strange: Vec::new() }
    }

    /// A part is not what it should be.
    pub(super) fn edited(
        &mut self,
        subject: &Subject,
        (name, policy): (&str, DriftPolicy),
        (should, holds): (&str, &str),
    ) -> Result<(), StoreError> {
        match (policy, name.parse().ok()) {
            (DriftPolicy::Accept, Some(field)) => {
                self.accepted.push(self.own.accepted((subject.id, field), (should, holds))?);
                self.kept.insert(subject.no);
            }
            (DriftPolicy::Enforce, _) => {
                self.enforced.insert(subject.no);
            }
            (DriftPolicy::Report | DriftPolicy::Accept, _) => {}
        }
        Ok(())
    }

    /// The target does not hold it any more.
    pub(super) fn missing(&mut self, order: &Order, subject: &Subject) {
        if order.target.drift.default == DriftPolicy::Enforce {
            self.enforced.insert(subject.no);
        }
    }

    /// The target holds it, and should not.
    pub(super) fn extra(&mut self, order: &Order, subject: &Subject) {
        if order.target.drift.default == DriftPolicy::Enforce {
            self.enforced.insert(subject.no);
            let Subject { no, kind, .. } = *subject;
            self.strange.push(Wanted { subject: no, kind, digest: None, reconsider_on: None });
        }
    }

    /// Keeps what is accepted, and has what is enforced sent again.
    pub(super) async fn settle(self, hub: &Hub, order: &Order) -> Result<(), DriftError> {
        if self.accepted.is_empty() && self.enforced.is_empty() {
            return Ok(());
        }
        let (tenant, target, now) = (order.tenant, &*order.target.key, hub.clock.now());
        let enforced: Vec<SubjectNo> = self.enforced.into_iter().collect();
        let again: Vec<SubjectNo> = self.kept.into_iter().chain(enforced.iter().copied()).collect();
        let mut tx = hub.db.write().await?;
        own_value::put(&mut tx, tenant, target, now, &self.accepted).await?;
        lane::want(&mut tx, tenant, order.no, &self.strange).await?;
        lane::doubt(&mut tx, tenant, order.no, &enforced).await?;
        lane::reconsider(&mut tx, tenant, order.no, &again).await?;
        job::ask(&mut tx, tenant, job::DELIVER, target, now).await?;
        let (accepted, enforced) = (self.accepted.len(), enforced.len());
        let entry = audit::Entry {
            at: now,
            who: "drift".to_owned(),
            action: "target.drift".to_owned(),
            detail: json!({ "target": target, "accepted": accepted, "enforced": enforced }),
        };
        audit::write(&mut tx, tenant, &entry).await?;
        Ok(tx.commit().await?)
    }
}
