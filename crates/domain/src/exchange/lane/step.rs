use super::Action;

/// The digest of what a target has, or should have, of a subject.
pub type Digest = [u8; 16];

/// What a target is known to have of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Nothing, or nothing any more.
    Nothing,
    /// What has this digest.
    Known(Digest),
    /// Something: it was erased here, or a message may have arrived that was never answered.
    Unknown,
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It has never left.
    Never,
    /// It has left, or is about to, and has no answer.
    Unanswered,
    /// Nobody sends it any more: it was rejected, or given up.
    Dead,
}

/// The message of a lane that has not ended well yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// What it tells the target to do.
    pub action: Action,
    /// What the target has once it has accepted it; none after an inactivation.
    pub leads_to: Option<Digest>,
    /// How far it has come.
    pub sent: Sent,
}

/// What becomes of a lane's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What there is stays: a message, or none.
    Keep,
    /// This one takes the place of what there is.
    Make(Action),
    /// It is taken away: the target has already what it should have.
    Withdraw,
}

/// What to do with a lane that should come to `wanted`; none is a subject that the target should
/// not have.
///
/// What left and was not answered stays, whatever is wanted by now: only its answer tells where
/// the target stands. What never left makes room for what is newer, and so does what is dead.
pub fn decide(accepted: Accepted, wanted: Option<Digest>, message: Option<&Unfinished>) -> Step {
    let is_there = match (accepted, wanted) {
        (Accepted::Nothing, None) => true,
        (Accepted::Known(has), Some(wanted)) => has == wanted,
        (Accepted::Known(_) | Accepted::Unknown, None)
        | (Accepted::Nothing | Accepted::Unknown, Some(_)) => false,
    };
    match message {
        Some(it) if it.sent == Sent::Unanswered => Step::Keep,
        Some(_) if is_there => Step::Withdraw,
        Some(it) if it.leads_to == wanted => Step::Keep,
        None if is_there => Step::Keep,
        Some(_) | None => Step::Make(action(accepted, wanted)),
    }
}

fn action(accepted: Accepted, wanted: Option<Digest>) -> Action {
    match (accepted, wanted) {
        (_, None) => Action::Inactivate,
        (Accepted::Nothing, Some(_)) => Action::Create,
        (Accepted::Known(_) | Accepted::Unknown, Some(_)) => Action::Change,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Digest = [1; 16];
    const B: Digest = [2; 16];

    fn message(action: Action, leads_to: Option<Digest>, sent: Sent) -> Unfinished {
        Unfinished { action, leads_to, sent }
    }

    #[test]
    fn a_target_is_brought_from_what_it_has_to_what_it_should_have() {
        let bring = |accepted, wanted| decide(accepted, wanted, None);
        assert_eq!(bring(Accepted::Nothing, Some(A)), Step::Make(Action::Create));
        assert_eq!(bring(Accepted::Known(A), Some(B)), Step::Make(Action::Change));
        assert_eq!(bring(Accepted::Known(A), None), Step::Make(Action::Inactivate));
        assert_eq!(bring(Accepted::Unknown, Some(A)), Step::Make(Action::Change));
        assert_eq!(bring(Accepted::Unknown, None), Step::Make(Action::Inactivate));
        assert_eq!(bring(Accepted::Known(A), Some(A)), Step::Keep);
        assert_eq!(bring(Accepted::Nothing, None), Step::Keep);
    }

    #[test]
    fn what_left_and_was_not_answered_stays_whatever_is_wanted_by_now() {
        let left = message(Action::Create, Some(A), Sent::Unanswered);
        for wanted in [Some(A), Some(B), None] {
            assert_eq!(decide(Accepted::Nothing, wanted, Some(&left)), Step::Keep);
        }
    }

    #[test]
    fn what_never_left_makes_room_for_what_is_newer() {
        let waiting = message(Action::Change, Some(B), Sent::Never);
        assert_eq!(decide(Accepted::Known(A), Some(A), Some(&waiting)), Step::Withdraw);
        assert_eq!(decide(Accepted::Known(A), Some(B), Some(&waiting)), Step::Keep);
        let newer = decide(Accepted::Known(A), None, Some(&waiting));
        assert_eq!(newer, Step::Make(Action::Inactivate));
    }

    #[test]
    fn what_was_rejected_stays_until_something_else_is_wanted() {
        let dead = message(Action::Create, Some(A), Sent::Dead);
        assert_eq!(decide(Accepted::Nothing, Some(A), Some(&dead)), Step::Keep);
        let corrected = decide(Accepted::Nothing, Some(B), Some(&dead));
        assert_eq!(corrected, Step::Make(Action::Create));
        assert_eq!(decide(Accepted::Nothing, None, Some(&dead)), Step::Withdraw);
    }
}
