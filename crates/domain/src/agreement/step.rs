use super::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What must be done before a version of an agreement is in force.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AgreementStep")]
pub enum Step {
    /// The party that sees to the source lets the data go.
    ReleasedBySource,
    /// The party that sees to the target takes them on these terms.
    ReleasedByTarget,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::ReleasedBySource, Self::ReleasedByTarget];

    /// What it is called in the API and the audit.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReleasedBySource => "released_by_source",
            Self::ReleasedByTarget => "released_by_target",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No step is called that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not a step; there is: {}", Step::ALL.map(Step::name).join(", "))]
pub struct UnknownStep {
    /// The name as given.
    pub name: String,
}

impl FromStr for Step {
    type Err = UnknownStep;

    fn from_str(name: &str) -> Result<Self, UnknownStep> {
        let found = Self::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| UnknownStep { name: name.to_owned() })
    }
}

impl Template {
    /// The steps of each version, in order.
    pub const fn steps(self) -> &'static [Step] {
        match self {
            Self::OneParty => &[],
            Self::Standard => &[Step::ReleasedBySource, Step::ReleasedByTarget],
        }
    }
}

/// What a party says to a step that is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AgreementVerdict")]
pub enum Verdict {
    /// It has done it.
    Done,
    /// It will not, as the version stands.
    Rejected,
}

/// The word of a party on a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AgreementAct")]
pub struct Act {
    /// The step.
    pub step: Step,
    /// The key of the party.
    pub party: String,
    /// What it says.
    pub verdict: Verdict,
    /// Who spoke for it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AgreementStepState")]
pub enum StepState {
    /// Nobody has done it.
    Open,
    /// Its owner has.
    Done,
    /// Its owner will not.
    Rejected,
}

/// One step of a version of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AgreementStepStands")]
pub struct StepStands {
    /// The step.
    pub step: Step,
    /// The key of the party that does it.
    pub owner: String,
    /// How it stands.
    pub state: StepState,
    /// The last word of its owner; none while it is open.
    pub act: Option<Act>,
}

/// Why a step is not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The version has no such step.
    #[error("step {step}: this agreement has no such step")]
    NoStep {
        /// The step.
        step: Step,
    },
    /// Another party does it.
    #[error("step {step} is for {owner} to do, not for {party}")]
    NotOwner {
        /// The step.
        step: Step,
        /// Who does it.
        owner: String,
        /// Who wanted to.
        party: String,
    },
    /// It comes later.
    #[error("step {step} comes after {first}, which {owner} does first")]
    OutOfOrder {
        /// The step.
        step: Step,
        /// The one before it that is not done.
        first: Step,
        /// Who does that.
        owner: String,
    },
    /// It was done.
    #[error("step {step} was done by {by} at {at}; nobody need do it again")]
    Done {
        /// The step.
        step: Step,
        /// By whom.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// It was rejected, and is not rejected again.
    #[error("step {step} was rejected by {by} at {at}; {owner} may still release it")]
    Rejected {
        /// The step.
        step: Step,
        /// By whom.
        by: String,
        /// When.
        at: Timestamp,
        /// Who may.
        owner: String,
    },
}

/// The steps of one version of an agreement, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepPlan(Vec<StepStands>);

impl StepPlan {
    /// How steps stand that these parties own, by what was said so far. What a party said to a step
    /// that is no longer its own does not count.
    pub fn new(owners: Vec<(Step, String)>, acts: &[Act]) -> Self {
        let stands = |(step, owner): (Step, String)| {
            let mut of_owner = acts.iter().filter(|it| it.step == step && it.party == owner);
            let act = of_owner.next_back().cloned();
            let state = match act.as_ref().map(|it| it.verdict) {
                None => StepState::Open,
                Some(Verdict::Done) => StepState::Done,
                Some(Verdict::Rejected) => StepState::Rejected,
            };
            StepStands { step, owner, state, act }
        };
        Self(owners.into_iter().map(stands).collect())
    }

    /// Each step.
    pub fn steps(&self) -> &[StepStands] {
        &self.0
    }

    /// The first step that is not done.
    pub fn awaited(&self) -> Option<&StepStands> {
        self.0.iter().find(|it| it.state != StepState::Done)
    }

    /// Whether somebody will not have it as it stands.
    pub fn is_rejected(&self) -> bool {
        self.0.iter().any(|it| it.state == StepState::Rejected)
    }

    /// Agrees that `party` says that to `step` now.
    ///
    /// # Errors
    ///
    /// Refused, with who can, if the step is another party's, was done, was rejected already, or comes
    /// after one that is not done.
    pub fn may(&self, step: Step, party: &str, verdict: Verdict) -> Result<(), StepError> {
        let found = self.0.iter().find(|it| it.step == step);
        let stands = found.ok_or(StepError::NoStep { step })?;
        let owner = stands.owner.clone();
        if owner != party {
            return Err(StepError::NotOwner { step, owner, party: party.to_owned() });
        }
        if let Some(act) = &stands.act {
            let (by, at) = (act.by.clone(), act.at);
            match (act.verdict, verdict) {
                (Verdict::Done, Verdict::Done | Verdict::Rejected) => {
                    return Err(StepError::Done { step, by, at });
                }
                (Verdict::Rejected, Verdict::Rejected) => {
                    return Err(StepError::Rejected { step, by, at, owner });
                }
                (Verdict::Rejected, Verdict::Done) => {}
            }
        }
        match self.awaited() {
            Some(first) if first.step != step => {
                Err(StepError::OutOfOrder { step, first: first.step, owner: first.owner.clone() })
            }
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(step: Step, party: &str, verdict: Verdict) -> Act {
        let at = "2026-03-10T05:00:00Z".parse().unwrap();
        let (by, reason) = ("Signe".to_owned(), "looked at it".to_owned());
        Act { step, party: party.to_owned(), verdict, by, at, reason }
    }

    fn plan(acts: &[Act]) -> StepPlan {
        let owner = |step| match step {
            Step::ReleasedBySource => (step, "fjordby".to_owned()),
            Step::ReleasedByTarget => (step, "learning".to_owned()),
        };
        StepPlan::new(Template::Standard.steps().iter().copied().map(owner).collect(), acts)
    }

    #[test]
    fn a_step_is_refused_to_the_wrong_party_out_of_order_and_twice_with_who_can() {
        let (source, target) = (Step::ReleasedBySource, Step::ReleasedByTarget);
        let said = |acts: &[Act], step, party| {
            plan(acts).may(step, party, Verdict::Done).unwrap_err().to_string()
        };
        assert_eq!(
            said(&[], source, "learning"),
            "step released_by_source is for fjordby to do, not for learning"
        );
        assert_eq!(
            said(&[], target, "learning"),
            "step released_by_target comes after released_by_source, which fjordby does first"
        );
        let done = [act(source, "fjordby", Verdict::Done)];
        assert_eq!(
            said(&done, source, "fjordby"),
            "step released_by_source was done by Signe at 2026-03-10T05:00:00Z; nobody need do it \
             again"
        );
        assert_eq!(plan(&done).may(target, "learning", Verdict::Done), Ok(()));
    }

    #[test]
    fn who_rejected_may_still_release_and_nobody_goes_on_meanwhile() {
        let source = Step::ReleasedBySource;
        let mut acts = vec![act(source, "fjordby", Verdict::Rejected)];
        let rejected = plan(&acts);
        assert!(rejected.is_rejected());
        assert!(rejected.may(source, "fjordby", Verdict::Rejected).is_err());
        assert!(rejected.may(Step::ReleasedByTarget, "learning", Verdict::Done).is_err());
        assert_eq!(rejected.may(source, "fjordby", Verdict::Done), Ok(()));
        acts.push(act(source, "fjordby", Verdict::Done));
        acts.push(act(Step::ReleasedByTarget, "learning", Verdict::Done));
        assert!(!plan(&acts).is_rejected());
        assert_eq!(plan(&acts).awaited(), None);
    }

    #[test]
    fn what_a_party_said_to_a_step_that_is_no_longer_its_own_does_not_count() {
        let acts = [act(Step::ReleasedBySource, "payroll", Verdict::Done)];
        assert_eq!(plan(&acts).awaited().map(|it| it.state), Some(StepState::Open));
    }

    #[test]
    fn names_of_steps_are_read_back() {
        for step in Step::ALL {
            assert_eq!(step.name().parse(), Ok(step));
        }
        assert!("signed".parse::<Step>().unwrap_err().to_string().contains("released_by_source"));
    }
}
