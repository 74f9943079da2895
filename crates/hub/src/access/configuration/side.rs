//! Whom an agreement is between.

use super::{Configuration, PartyText};
use kobling_domain::agreement::{AgreementText, Step, Template};

impl Configuration {
    /// The party that does a step of an agreement.
    pub fn owner_of_step(&self, agreement: &AgreementText, step: Step) -> Option<&PartyText> {
        match step {
            Step::ReleasedBySource => self.owner_of_source(&agreement.source),
            Step::ReleasedByTarget => self.owner_of_target(&agreement.target),
        }
    }

    /// The parties that an agreement is between, by the steps that they do.
    pub fn sides(&self, agreement: &AgreementText) -> Vec<(Step, Option<&PartyText>)> {
        let steps = agreement.template.steps().iter();
        steps.map(|it| (*it, self.owner_of_step(agreement, *it))).collect()
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
