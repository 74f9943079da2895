use kobling_domain::agreement::Agreement;
use kobling_domain::people::{NativeKey, Tree};
use std::collections::BTreeSet;

/// Counts employments that are left out because their unit is not there on the day.
pub(super) struct Awaited {
    known: Tree<NativeKey>,
    within: BTreeSet<NativeKey>,
    in_scope: u64,
    of_unknown_units: u64,
    of_no_unit: u64,
}

impl Awaited {
    /// `known` is the tree of all units that the source has ever told of.
    pub(super) fn new(agreement: &Agreement, known: Tree<NativeKey>) -> Self {
        let within = agreement.covered(&known);
        Self { known, within, in_scope: 0, of_unknown_units: 0, of_no_unit: 0 }
    }

    /// Counts an employment in `unit`. What is in no unit is in nobody's scope: whoever might miss it
    /// is told.
    pub(super) fn count(&mut self, unit: Option<&NativeKey>) {
        let Some(unit) = unit else {
            self.of_no_unit += 1;
            return;
        };
        if self.within.contains(unit) {
            self.in_scope += 1;
        } else if !self.known.contains(unit) {
            self.of_unknown_units += 1;
        }
    }

    pub(super) fn notes(&self) -> Vec<String> {
        let told = [
            (self.in_scope, "employments left out because their unit is not there today"),
            (
                self.of_unknown_units,
                "employments left out because the source has never told of their unit",
            ),
            (self.of_no_unit, "employments left out because their record names no unit"),
        ];
        let counted = told.into_iter().filter(|(count, _)| *count > 0);
        counted.map(|(count, text)| format!("{text}: {count}")).collect()
    }
}
