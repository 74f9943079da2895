//! Whom an agreement is between.

use super::{Configuration, PartyText};
use kobling_domain::agreement::{AgreementText, Step, Template};
use std::collections::BTreeSet;

impl Configuration {
    /// The party that does a step of an agreement.
    pub fn owner_of_step(&self, agreement: &AgreementText, step: Step) -> Option<&PartyText> {
        match step {
            Step::ReleasedBySource => self.owner_of_source(&agreement.source),
            Step::ReleasedByTarget => self.owner_of_target(&agreement.target),
        }
    }

    /// The keys of the parties that an agreement concerns: those that operate one of its systems, and
    /// those that see to its source and its target.
    pub fn parties_of(&self, agreement: &AgreementText) -> BTreeSet<&str> {
        let AgreementText { source, sources, target, .. } = agreement;
        let is_named = |key: &String| key == source || sources.contains(key);
        let of_sources = self.sources.iter().filter(|it| is_named(&it.key)).map(|it| &it.system);
        let of_target = self.targets.iter().filter(|it| it.key == *target).map(|it| &it.system);
        let systems: BTreeSet<&String> = of_sources.chain(of_target).collect();
        let operators = self.systems.iter().filter(|it| systems.contains(&it.key));
        let owners = Step::ALL.into_iter().filter_map(|it| self.owner_of_step(agreement, it));
        operators.map(|it| it.party.as_str()).chain(owners.map(|it| it.key.as_str())).collect()
    }

    /// The keys of the parties that receive by an agreement, the employer left out: those that see to
    /// its target or operate the target's system.
    pub(crate) fn receivers_of(&self, agreement: &AgreementText) -> BTreeSet<String> {
        let AgreementText { target, .. } = agreement;
        let text = self.targets.iter().find(|it| it.key == *target);
        let system = text.and_then(|text| self.systems.iter().find(|it| it.key == text.system));
        let owner = self.owner_of_target(target).map(|it| it.key.clone());
        let mut all: BTreeSet<String> = system.map(|it| it.party.clone()).into_iter().collect();
        all.extend(owner);
        if let Some(employer) = self.employer() {
            all.remove(&employer.key);
        }
        all
    }
}

/// What is wrong with whom agreements are between.
pub(super) fn problems(it: &Configuration) -> Vec<String> {
    it.agreements.iter().filter_map(|agreement| problem(it, agreement)).collect()
}

fn problem(it: &Configuration, agreement: &AgreementText) -> Option<String> {
    match agreement.template {
        Template::OneParty => return None,
        Template::Standard => {}
    }
    let AgreementText { key, source, target, .. } = agreement;
    let gives = it.owner_of_step(agreement, Step::ReleasedBySource);
    let takes = it.owner_of_step(agreement, Step::ReleasedByTarget);
    match (gives, takes) {
        (None, _) => Some(format!(
            "agreement {key}.template: nobody sees to source {source}, so nobody could release it; \
             name the source's owner, or one party as the employer"
        )),
        (Some(_), None) => Some(format!(
            "agreement {key}.template: nobody sees to target {target}, so nobody could release it; \
             name the target's owner"
        )),
        (Some(gives), Some(takes)) if gives.key == takes.key => Some(format!(
            "agreement {key}.template: {} sees to both source {source} and target {target}; write \
             template = \"self\", or name another owner of one of them",
            gives.key
        )),
        (Some(_), Some(_)) => None,
    }
}
