use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The first wait after a failure; each further one is twice as long.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(5);
/// No wait is longer, unless the target asks for it.
const WAIT_MAX: SignedDuration = SignedDuration::from_hours(1);
/// No wait is longer, even if the target asks for it.
const ASKED_MAX: SignedDuration = SignedDuration::from_hours(24);

/// What a target said to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has it now, or had it already.
    Accepted {
        /// Its words, or ours for them, without identity numbers.
        said: String,
    },
    /// It will never take this message.
    Rejected {
        /// Its words, or ours for them, without identity numbers.
        reason: String,
    },
    /// It may take it later; whether it has taken it already is not known.
    Later {
        /// What was wrong, without identity numbers.
        reason: String,
        /// What kind of wrong.
        delay: Delay,
    },
}

/// Why a message has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// The target wants less at once, and may say how long it wants to rest.
    Throttled {
        /// How long, if it says so; no time at all says nothing.
        rest: Option<SignedDuration>,
    },
    /// The target cannot be reached, or does not let us in.
    Unreachable,
}

/// How long a target's messages are sent again before somebody has to look at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Patience {
    /// Attempts, after which a message is given up.
    pub attempts_max: u32,
    /// Failures one after the other, of whatever message, after which the target is left alone.
    pub failures_max: u32,
    /// How long it is then left alone before one message tries again.
    pub rest_s: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self { attempts_max: 20, failures_max: 5, rest_s: 60 }
    }
}

/// What becomes of a message after an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// The lane has come to where the message leads.
    Done,
    /// It is sent again, byte for byte.
    Again {
        /// Not before.
        at: Timestamp,
    },
    /// It becomes a dead letter.
    Dead,
}

/// What becomes of a message that has been sent `attempts` times, the answered one included.
///
/// Waits double. They are the longer by up to an eighth the higher `spread` is, which differs from
/// message to message, so that what failed together does not come back together.
pub fn after(
    answer: &Answer,
    attempts: u32,
    patience: &Patience,
    spread: u8,
    now: Timestamp,
) -> Then {
    match answer {
        Answer::Accepted { .. } => Then::Done,
        Answer::Rejected { .. } => Then::Dead,
        Answer::Later { delay: Delay::Throttled { rest: Some(rest) }, .. }
            if rest.is_positive() =>
        {
            Then::Again { at: later(now, (*rest).min(ASKED_MAX)) }
        }
        Answer::Later { .. } if attempts >= patience.attempts_max => Then::Dead,
        Answer::Later { .. } => {
            let doublings = attempts.saturating_sub(1).min(16);
            let wait = FIRST_WAIT.saturating_mul(1 << doublings).min(WAIT_MAX);
            let spread = wait.saturating_mul(i32::from(spread)) / (8 * 255);
            Then::Again { at: later(now, wait + spread) }
        }
    }
}

pub(super) fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn unreachable() -> Answer {
        Answer::Later { reason: "no route".to_owned(), delay: Delay::Unreachable }
    }

    fn waits(attempts: u32, spread: u8) -> Option<i64> {
        match after(&unreachable(), attempts, &Patience::default(), spread, NOW) {
            Then::Again { at } => Some(at.as_second()),
            Then::Done | Then::Dead => None,
        }
    }

    #[test]
    fn waits_double_up_to_an_hour_and_then_the_message_is_given_up() {
        let all: Vec<_> = [1, 2, 3, 10, 11, 19, 20].map(|it| waits(it, 0)).into();
        let hour = Some(3_600);
        assert_eq!(all, [Some(5), Some(10), Some(20), Some(2_560), hour, hour, None]);
    }

    #[test]
    fn what_failed_together_does_not_come_back_together() {
        assert_eq!((waits(5, 0), waits(5, 255)), (Some(80), Some(90)));
    }

    #[test]
    fn a_target_that_says_how_long_is_taken_at_its_word_and_never_given_up_for_it() {
        let busy = |seconds| Answer::Later {
            reason: "429".to_owned(),
            delay: Delay::Throttled { rest: Some(SignedDuration::from_secs(seconds)) },
        };
        let at = |seconds| after(&busy(seconds), 99, &Patience::default(), 255, NOW);
        assert_eq!(at(7), Then::Again { at: Timestamp::from_second(7).unwrap() });
        assert_eq!(at(i64::MAX), Then::Again { at: Timestamp::from_second(86_400).unwrap() });
    }

    #[test]
    fn a_target_that_asks_for_no_time_at_all_is_waited_for_and_given_up_like_any_other() {
        for seconds in [0, -7] {
            let rest = Some(SignedDuration::from_secs(seconds));
            let busy = Answer::Later { reason: "429".to_owned(), delay: Delay::Throttled { rest } };
            let then = |attempts| after(&busy, attempts, &Patience::default(), 0, NOW);
            assert_eq!(then(1), Then::Again { at: Timestamp::from_second(5).unwrap() });
            assert_eq!(then(20), Then::Dead);
        }
    }
}
