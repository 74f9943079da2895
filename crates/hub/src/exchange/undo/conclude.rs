//! The end of an undoing: its plan, held.

use super::super::conclude::{finish_unchanged, hold};
use super::super::counts::Counts;
use super::super::figures::ByReason;
use super::super::judge::{self, InputFacts};
use super::super::plan::PlanError;
use super::super::summary::{Settled, Summary};
use super::{Undoing, Undone};
use crate::hex::hex;
use kobling_domain::exchange::brake::{KnownName, Records};
use kobling_store::access::tenant;
use kobling_store::exchange::plan::{self, Plan, PlanState};
use std::collections::BTreeMap;

/// Stores the plan and leaves it held, or ends the run if nothing can be brought back.
pub(super) async fn conclude(mut undoing: Undoing<'_>) -> Result<Undone, PlanError> {
    let Undoing { hub, tenant, no, .. } = undoing;
    let summary = summary(&undoing);
    let facts = InputFacts {
        date: undoing.today,
        older_than: None,
        known_name: KnownName::Fits,
        records: Records::default(),
        is_first_load: false,
        is_snapshot: false,
        root_missing: None,
    };
    let figures = &undoing.figures;
    let judged = judge::judge(&mut undoing.ledger, tenant, &undoing.source, figures, facts).await?;
    let read_version = tenant::version(&mut undoing.ledger, tenant).await?;
    undoing.drafted.store().await?;
    let hash = undoing.drafted.hash().await?;
    let mut tx = hub.db.write().await?;
    let is_empty = figures.items() == 0;
    if is_empty {
        finish_unchanged(&mut tx, hub, tenant, no, &summary).await?;
    } else {
        let unreadable = |source| PlanError::Unreadable { hash: hex(&hash), source };
        let stored = Plan {
            run: no,
            source: undoing.source.no,
            hash,
            state: PlanState::Held,
            read_version,
            summary: serde_json::to_value(&summary).map_err(unreadable)?,
            brakes: serde_json::to_value(&judged.tripped).map_err(unreadable)?,
            decision: None,
        };
        plan::put(&mut tx, tenant, &stored).await?;
        hold(&mut tx, hub, tenant, no, &summary, hash).await?;
    }
    tx.commit().await?;
    Ok(Undone {
        plan: (!is_empty).then(|| hex(&hash)),
        source: summary.source,
        undoes: undoing.undoes,
        units: summary.units,
        employments: summary.employments,
        others: summary.others,
        brakes: judged.tripped,
    })
}

fn summary(undoing: &Undoing<'_>) -> Summary {
    let items = undoing.figures.items();
    let counts = Counts { read: items, planned: items, ..Counts::default() };
    let mut summary = Summary {
        source: undoing.source.text.key.clone(),
        input: format!("undo of run {} ({})", undoing.undoes.run, undoing.undoes.input),
        path: std::path::PathBuf::new(),
        date: undoing.today,
        exported_at: undoing.today.at(0, 0, 0, 0),
        file: None,
        input_mac: [0; 32],
        counts,
        gone: 0,
        units: ByReason::default(),
        employments: ByReason::default(),
        others: BTreeMap::new(),
        by_unit: Vec::new(),
        protects: Vec::new(),
        protection_lost: Vec::new(),
        configured: undoing.source.configured,
        is_first_load: false,
        settled: Settled {
            is_newest: false,
            settles_epochs: false,
            speaks_for_all: false,
            follows: undoing.source.applied.as_ref().map(|it| it.run),
            epoch: undoing.source.epoch,
        },
        undoes: Some(undoing.undoes.clone()),
    };
    summary.take_figures(&undoing.figures);
    summary
}
