//! The end of a first load: applied, or held and rolled back.

use super::super::conclude::{hold, settle};
use super::super::decide;
use super::super::judge::{self, InputFacts};
use super::super::report::{RunReport, RunState};
use super::super::run::{Intent, RunError, Running};
use super::super::summary::{Settled, Summary};
use super::super::superseded;
use super::{Loading, Released};
use crate::notice::{self, Notice};
use kobling_domain::exchange::brake::{KnownName, Tripped};
use kobling_domain::id::Version;
use kobling_domain::people::NativeKey;
use kobling_formats::opus;
use kobling_store::engine::{Tx, bulk};
use kobling_store::exchange::plan::{self, Plan, PlanState};
use kobling_store::exchange::quarantine;

impl Loading<'_> {
    pub(super) async fn conclude(
        mut self,
        mut tx: Tx,
        version: Version,
        input_digest: u128,
        released: &Released,
    ) -> Result<RunReport, RunError> {
        let Running { hub, tenant, source, intent, run, .. } = self.running;
        let brakes = self.brakes(&mut tx).await?;
        let summary = self.summary(hub.keys.input_mac(input_digest));
        let quarantined = self.aside.take_kept();
        let set_aside = self.aside.named().to_vec();
        let masked = self.masked.note();
        let hash = self.hasher.finish();
        let is_held = match released {
            Released::No => intent == Intent::Make || !brakes.is_empty(),
            // Another file than the one that was looked at: nothing of it is written.
            Released::Plan { hash: seen, .. } if *seen != hash => {
                return Ok(summary.report(RunState::Held, Some(hash), brakes, None));
            }
            Released::Plan { .. } => false,
        };
        let decision = match released {
            Released::No => None,
            Released::Plan { decided, .. } => Some(decided.clone()),
        };
        if is_held {
            drop(tx);
            tx = hub.db.write().await?;
        }
        let stored = Plan {
            run,
            source: source.no,
            hash,
            state: if is_held { PlanState::Held } else { PlanState::Applied },
            read_version: Version(version.0 - 1),
            summary: serde_json::to_value(&summary)?,
            brakes: serde_json::to_value(&brakes)?,
            decision,
        };
        superseded::mark(&mut tx, self.running).await?;
        plan::put(&mut tx, tenant, &stored).await?;
        if let Some(decided) = &stored.decision {
            let what = (decide::Verdict::Release, summary.source.as_str());
            decide::write_audit(&mut tx, tenant, what, &stored, decided).await?;
        }
        let (state, version) = if is_held {
            hold(&mut tx, hub, tenant, run, &summary, hash).await?;
            if let Some(it) = Notice::held(&summary, &hash, &brakes) {
                notice::tell(hub, &mut tx, tenant, &it).await?;
            }
            (RunState::Held, None)
        } else {
            quarantine::put(&mut tx, tenant, source.no, quarantined).await?;
            settle(&mut tx, hub, tenant, source, run, &summary, Some(hash)).await?;
            bulk::analyze(&mut tx).await?;
            (RunState::Applied, Some(version))
        };
        tx.commit().await?;
        let mut report = summary.report(state, Some(hash), brakes, version);
        report.set_aside = set_aside;
        report.notes.extend(masked);
        Ok(report)
    }

    async fn brakes(&self, tx: &mut Tx) -> Result<Vec<Tripped>, RunError> {
        let Running { tenant, source, .. } = self.running;
        let is_delta = source.text.mode == opus::Mode::Delta;
        let no_root = !self.has_root && !is_delta;
        let facts = InputFacts {
            date: self.date,
            older_than: None,
            known_name: KnownName::Fits,
            records: self.counts.records(),
            is_first_load: true,
            is_snapshot: false,
            root_missing: no_root.then(|| NativeKey::text("of this employer")),
        };
        Ok(judge::judge(tx, tenant, source, &self.figures, facts).await?.tripped)
    }

    fn summary(&self, input_mac: [u8; 32]) -> Summary {
        let Running { source, input, .. } = self.running;
        Summary {
            source: source.text.key.clone(),
            input: input.name.clone(),
            path: input.path().to_owned(),
            date: self.date,
            exported_at: input.exported_at,
            file: input.stamp,
            input_mac,
            counts: self.counts,
            gone: 0,
            units: self.figures.units.clone(),
            employments: self.figures.employments.clone(),
            others: self.figures.others.clone(),
            by_unit: self.figures.by_unit.iter().map(|(unit, it)| (unit.clone(), *it)).collect(),
            // Nobody's address is known yet.
            protects: Vec::new(),
            protection_lost: Vec::new(),
            configured: source.configured,
            is_first_load: true,
            settled: Settled {
                is_newest: true,
                settles_epochs: true,
                speaks_for_all: true,
                follows: None,
                epoch: source.epoch,
            },
            undoes: None,
        }
    }
}
