use super::Action;
use crate::exchange::brake::Allowed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most that may pass of one action: a count or a share, or anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Most {
    /// Anything passes.
    Any,
    /// So many, or a share of what the target has if that is more.
    #[serde(untagged)]
    Of(Allowed),
}

impl Most {
    fn of(self, whole: u64) -> Option<u64> {
        match self {
            Self::Any => None,
            Self::Of(allowed) => Some(allowed.of(whole)),
        }
    }
}

/// How much of each action may go to a target before a person has looked at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ActionLimits {
    /// Subjects that it does not have. The first delivery of all passes.
    pub create: Most,
    /// Subjects that it has otherwise.
    pub change: Most,
    /// Subjects that it should have no longer.
    pub inactivate: Most,
}

impl Default for ActionLimits {
    fn default() -> Self {
        Self {
            create: Most::Of(Allowed { count: 50, per_mille: 100 }),
            change: Most::Of(Allowed { count: 200, per_mille: 250 }),
            inactivate: Most::Of(Allowed { count: 20, per_mille: 20 }),
        }
    }
}

impl ActionLimits {
    fn most(&self, action: Action) -> Most {
        match action {
            Action::Create => self.create,
            Action::Change => self.change,
            Action::Inactivate => self.inactivate,
        }
    }
}

/// What the brakes of a target look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActionFigures {
    /// Subjects that the target has.
    pub has: u64,
    /// Messages that would create, that nobody has let pass yet.
    pub create: u64,
    /// Messages that would change, likewise.
    pub change: u64,
    /// Messages that would inactivate, likewise.
    pub inactivate: u64,
}

impl ActionFigures {
    /// The messages of an action.
    pub fn count(&self, action: Action) -> u64 {
        match action {
            Action::Create => self.create,
            Action::Change => self.change,
            Action::Inactivate => self.inactivate,
        }
    }
}

/// A brake of a target that holds all messages of one action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrippedAction {
    /// Of which action.
    pub action: Action,
    /// How many messages it holds.
    pub count: u64,
    /// The most that would have passed.
    pub limit: u64,
    /// What is wrong, with figures, and what to do.
    pub text: String,
}

/// The brakes that hold messages, in the order of [`Action::ALL`].
pub fn check_actions(limits: &ActionLimits, figures: &ActionFigures) -> Vec<TrippedAction> {
    Action::ALL.into_iter().filter_map(|it| check(limits, figures, it)).collect()
}

fn check(limits: &ActionLimits, figures: &ActionFigures, action: Action) -> Option<TrippedAction> {
    let (has, count) = (figures.has, figures.count(action));
    if has == 0 && action == Action::Create {
        return None;
    }
    let limit = limits.most(action).of(has)?;
    (count > limit).then(|| TrippedAction {
        action,
        count,
        limit,
        text: format!(
            "{count} subjects would be told to {action}, of {has} that the target has; {limit} \
             pass. Look at them; release them if they are right, else correct the source or the \
             agreement, and what is wrong is taken back by itself"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tripped(limits: &ActionLimits, figures: ActionFigures) -> Vec<Action> {
        check_actions(limits, &figures).into_iter().map(|it| it.action).collect()
    }

    #[test]
    fn each_action_has_a_limit_of_its_own_by_count_and_by_share() {
        let limits = ActionLimits::default();
        let figures = ActionFigures { has: 2_000, create: 200, change: 500, inactivate: 40 };
        assert_eq!(tripped(&limits, figures), []);
        let figures = ActionFigures { has: 2_000, create: 201, change: 500, inactivate: 41 };
        assert_eq!(tripped(&limits, figures), [Action::Create, Action::Inactivate]);
        let few = ActionFigures { has: 10, inactivate: 21, ..ActionFigures::default() };
        assert_eq!(tripped(&limits, few), [Action::Inactivate]);
    }

    #[test]
    fn the_first_delivery_of_all_passes_and_so_does_what_has_no_limit() {
        let limits = ActionLimits { change: Most::Any, ..ActionLimits::default() };
        let first = ActionFigures { has: 0, create: 90_000, ..ActionFigures::default() };
        assert_eq!(tripped(&limits, first), []);
        let many = ActionFigures { has: 100, change: 100_000, ..ActionFigures::default() };
        assert_eq!(tripped(&limits, many), []);
    }

    #[test]
    fn limits_are_written_as_any_or_as_count_and_share() {
        let text = r#"{"create":"any","change":{"count":1,"per_mille":5}}"#;
        let limits: ActionLimits = serde_json::from_str(text).unwrap();
        assert_eq!(limits.create, Most::Any);
        assert_eq!(limits.change, Most::Of(Allowed { count: 1, per_mille: 5 }));
        assert_eq!(limits.inactivate, ActionLimits::default().inactivate);
        assert!(serde_json::from_str::<ActionLimits>(r#"{"create":"none"}"#).is_err());
        let back: ActionLimits =
            serde_json::from_str(&serde_json::to_string(&limits).unwrap()).unwrap();
        assert_eq!(back, limits);
    }
}
