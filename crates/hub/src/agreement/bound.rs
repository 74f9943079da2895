//! Targets that only two parties may move: those that an agreement between them delivers to.

use super::{goes_on, is_of_two};
use crate::access::configuration::{Configuration, SystemText, TargetText};
use jiff::civil::Date;
use kobling_domain::agreement::AgreementText;
use std::collections::BTreeMap;

/// A target and the agreements of two parties that deliver to it, now or later.
pub(super) struct Bound<'a> {
    target: &'a TargetText,
    agreements: Vec<&'a AgreementText>,
}

/// The targets that are bound by what `held` has in force, by key.
pub(super) fn bound(held: &Configuration, today: Date) -> BTreeMap<&str, Bound<'_>> {
    let mut all: BTreeMap<&str, Bound<'_>> = BTreeMap::new();
    for it in held.agreements.iter().filter(|it| is_of_two(it) && goes_on(it, today)) {
        let Some(target) = held.targets.iter().find(|target| target.key == it.target) else {
            continue;
        };
        let bound = || Bound { target, agreements: Vec::new() };
        all.entry(&target.key).or_insert_with(bound).agreements.push(it);
    }
    all
}

/// Leaves as it is in force what is agreed on of bound targets.
pub(super) fn keep(targets: &mut [TargetText], bound: &BTreeMap<&str, Bound<'_>>) {
    for it in targets {
        if let Some(bound) = bound.get(it.key.as_str()) {
            *it = it.under(bound.target);
        }
    }
}

/// Why what is wanted can be neither in force nor a draft: each with what to do.
pub(super) fn problems(
    held: &Configuration,
    bound: &BTreeMap<&str, Bound<'_>>,
    wanted: &Configuration,
) -> Vec<String> {
    let mut problems = Vec::new();
    for Bound { target, agreements } in bound.values() {
        let keys: Vec<&str> = agreements.iter().map(|it| it.key.as_str()).collect();
        let (key, agreements) = (&target.key, keys.join(", "));
        let moved = wanted.targets.iter().find(|it| it.key == *key && it.terms() != target.terms());
        if moved.is_some() && keys.len() > 1 {
            problems.push(format!(
                "target {key}: agreements {agreements} of two parties deliver to it, and what they \
                 agreed on changes by one of them alone; close the others (`kobling agreement close`), \
                 or configure another target"
            ));
        }
        if let (Some(old), Some(new)) = (system(held, target), system(wanted, target))
            && (old.party != new.party || old.uuid != new.uuid)
        {
            problems.push(format!(
                "system {}: agreement {agreements} of two parties delivers to it, so its party and \
                 uuid stay; configure another system beside it and name that at target {key}",
                old.key
            ));
        }
    }
    problems
}

/// The system that a target is.
fn system<'a>(it: &'a Configuration, target: &TargetText) -> Option<&'a SystemText> {
    it.systems.iter().find(|system| system.key == target.system)
}

/// The agreement of two parties beside that one which has the target as it is, and would be moved with
/// it unasked.
pub(super) fn other<'a>(
    in_force: &'a Configuration,
    moved: &AgreementText,
    today: Date,
) -> Option<&'a AgreementText> {
    let is_other = |it: &&AgreementText| it.target == moved.target && it.key != moved.key;
    let mut all = in_force.agreements.iter().filter(is_other);
    all.find(|it| is_of_two(it) && goes_on(it, today))
}
