//! What is stored of a plan beside its items.

use super::counts::Counts;
use super::figures::{ByReason, Figures, UnitChange};
use super::input::Stamp;
use super::report::{RunReport, RunState};
use super::undo::Undoes;
use crate::hex::hex;
use crate::people::OpenIssues;
use jiff::civil::{Date, DateTime};
use kobling_domain::exchange::brake::Tripped;
use kobling_domain::id::{RunNo, Version};
use kobling_domain::people::{Kind, NativeKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A plan in figures, and what applying it has to know of the run that made it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Summary {
    /// The source's key.
    pub source: String,
    /// The input's name.
    pub input: String,
    /// Where it was read.
    pub path: PathBuf,
    /// The date for which it speaks.
    pub date: Date,
    /// When the source wrote it.
    pub exported_at: DateTime,
    /// How the input looked from outside.
    #[serde(default)]
    pub file: Option<Stamp>,
    /// Digest of the whole input under the hub's key.
    pub input_mac: [u8; 32],
    /// Records.
    pub counts: Counts,
    /// Subjects no longer mentioned that the plan ends or annuls.
    pub gone: u64,
    /// Changes of units, by reason.
    pub units: ByReason,
    /// Changes of employments, by reason.
    pub employments: ByReason,
    /// Changes of persons, activities, qualifications and absences, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<Kind, ByReason>,
    /// What happens to the people of each unit.
    pub by_unit: Vec<(NativeKey, UnitChange)>,
    /// Employments whose record newly says that the address is protected.
    #[serde(default)]
    pub protects: Vec<NativeKey>,
    /// Employments whose record says that the address is protected no more.
    #[serde(default)]
    pub protection_lost: Vec<NativeKey>,
    /// The ledger version at which the source was configured.
    pub configured: Version,
    /// Whether the items are not stored but read again from the input.
    pub is_first_load: bool,
    /// What else becomes true when the plan is applied.
    pub settled: Settled,
    /// The run it undoes, if it was made to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<Undoes>,
}

/// What becomes true beside the claims when a plan is applied.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Settled {
    /// Whether the input is then the newest applied one.
    pub is_newest: bool,
    /// Whether every record of the source was judged.
    pub settles_epochs: bool,
    /// Whether the input speaks about what it does not mention.
    pub speaks_for_all: bool,
    /// The run whose input was the last applied one when the plan was made.
    pub follows: Option<RunNo>,
    /// Under this epoch.
    pub epoch: i64,
}

impl Summary {
    /// Tells what these figures tell.
    pub(super) fn take_figures(&mut self, figures: &Figures) {
        self.gone = figures.gone();
        self.units = figures.units.clone();
        self.employments = figures.employments.clone();
        self.others.clone_from(&figures.others);
        self.by_unit = figures.by_unit.iter().map(|(unit, it)| (unit.clone(), *it)).collect();
        self.protects.clone_from(&figures.protects);
        self.protection_lost =
            figures.protection_lost.iter().map(|(employment, _)| employment.clone()).collect();
    }

    pub(super) fn report(
        &self,
        state: RunState,
        hash: Option<[u8; 32]>,
        brakes: Vec<Tripped>,
        version: Option<Version>,
    ) -> RunReport {
        let Counts { read, unchanged, quarantined, parsed, .. } = self.counts;
        let (applied, held) = match state {
            RunState::Held => self.counts.while_held(),
            RunState::Applied | RunState::Unchanged => self.counts.when_applied(),
        };
        RunReport {
            source: self.source.clone(),
            input: self.input.clone(),
            date: self.date,
            plan: hash.map(|it| hex(&it)),
            state,
            read,
            applied,
            unchanged,
            held,
            quarantined,
            gone: self.gone,
            parsed,
            brakes,
            protects: match state {
                RunState::Held => self.protects.clone(),
                RunState::Applied | RunState::Unchanged => Vec::new(),
            },
            input_digest: hex(&self.input_mac),
            version: version.map(|it| it.0),
            roster: 0,
            notes: Vec::new(),
            open_issues: OpenIssues::default(),
            set_aside: Vec::new(),
        }
    }
}
