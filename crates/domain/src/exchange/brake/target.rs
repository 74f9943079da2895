//! What holds a set of files before it is delivered.

use super::judge::is_or_are;
use super::{Brake, Found, Limits, TargetFigures, Tripped};
use crate::exchange::lane::{Action, ActionFigures, ActionLimits, check_actions};
use crate::people::Kind;

/// The brake that holds deliveries to a target with these figures.
pub fn check_target(limits: &Limits, target: TargetFigures) -> Option<Tripped> {
    let TargetFigures { kind, active, inactivated } = target;
    let limit = limits.inactivated.of(active);
    let off = limits.off.contains(&Brake::MassInactivation);
    (inactivated > limit && !off).then(|| Tripped {
        brake: Brake::MassInactivation,
        kind: Some(kind),
        below: None,
        count: inactivated,
        limit,
        text: format!(
            "the target would be told that {inactivated} of {active} active {} {} no longer active, \
             more than the {limit} that may pass. Look at the preview; release it if they \
             have really left, else correct the source or the agreement",
            kind.plural(),
            is_or_are(inactivated)
        ),
        found: Found::OutOf(active),
        items: Vec::new(),
    })
}

/// The brake that holds a set of files of which so many persons are new to the target, or told
/// otherwise than before. What is inactivated is [judged apart](check_target).
pub fn check_persons(limits: &ActionLimits, figures: &ActionFigures) -> Option<Tripped> {
    let tripped = check_actions(limits, figures).into_iter();
    let told = tripped.filter_map(|it| {
        let (brake, how) = match it.action {
            Action::Create => (Brake::MassCreation, "of persons it does not have"),
            Action::Change => (Brake::MassChange, "something else of persons it has"),
            Action::Inactivate => return None,
        };
        let (count, limit, has) = (it.count, it.limit, figures.has);
        Some(Tripped {
            brake,
            kind: Some(Kind::Person),
            below: None,
            count,
            limit,
            text: format!(
                "the target would be told {how}: {count}, where it has {has}, more than the {limit} \
                 that may pass. Look at some of them; release the set if they are right, else \
                 correct the source or the agreement"
            ),
            found: Found::OutOf(has),
            items: Vec::new(),
        })
    });
    told.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brake(figures: &ActionFigures) -> Option<Brake> {
        check_persons(&ActionLimits::default(), figures).map(|it| it.brake)
    }

    #[test]
    fn many_new_persons_and_many_told_otherwise_hold_a_set_and_a_first_one_passes() {
        let has = |has| ActionFigures { has, ..ActionFigures::default() };
        assert_eq!(brake(&ActionFigures { create: 5_000, ..has(0) }), None);
        assert_eq!(brake(&ActionFigures { create: 200, change: 500, ..has(2_000) }), None);
        let created = ActionFigures { create: 201, ..has(2_000) };
        assert_eq!(brake(&created), Some(Brake::MassCreation));
        assert_eq!(brake(&ActionFigures { change: 501, ..has(2_000) }), Some(Brake::MassChange));
        assert_eq!(brake(&ActionFigures { inactivate: 2_000, ..has(2_000) }), None);
    }
}
