use super::answer::later;
use super::{Answer, Delay, Patience};
use jiff::{SignedDuration, Timestamp};

/// An answer that takes longer than this tells that the target has too much to do.
const SLOW: SignedDuration = SignedDuration::from_secs(2);
/// The first gap; it doubles while the target has too much to do.
const GAP_MIN_MS: u32 = 50;
/// No gap is longer.
const GAP_MAX_MS: u32 = 10_000;

/// How fast a target takes messages, and whether it takes any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Milliseconds between two messages.
    pub gap_ms: u32,
    /// Failures one after the other.
    pub failures: u32,
    /// It is left alone until then; one message tries again after it.
    pub rests_until: Option<Timestamp>,
}

impl Pace {
    /// Whether nothing is to be sent yet.
    pub fn rests(&self, now: Timestamp) -> bool {
        self.rests_until.is_some_and(|until| now < until)
    }

    /// How many messages may be under way before the next answer: one, while it is tried whether
    /// the target is back, or while it asks for gaps.
    pub fn at_once(&self, most: usize) -> usize {
        if self.failures > 0 || self.gap_ms > 0 { most.min(1) } else { most }
    }

    /// The pace after the answers to what was under way at once, which took `took` in all: it slows
    /// once, and at once, and recovers by halves. Among answers that differ the first that is no
    /// acceptance tells.
    #[must_use]
    pub fn after_all(
        self,
        answers: &[Answer],
        took: SignedDuration,
        patience: &Patience,
        now: Timestamp,
    ) -> Self {
        let telling = answers.iter().find(|it| !matches!(it, Answer::Accepted { .. }));
        let telling = telling.or(answers.first());
        telling.map_or(self, |it| self.after(it, took, patience, now))
    }

    /// The pace after one answer.
    ///
    /// Rejections count as failures too: a message that is wrong is one, a row of them is a target
    /// that is not what it was.
    fn after(
        self,
        answer: &Answer,
        took: SignedDuration,
        patience: &Patience,
        now: Timestamp,
    ) -> Self {
        match answer {
            Answer::Accepted { .. } if took > SLOW => {
                Self { gap_ms: self.slower(), ..Self::default() }
            }
            Answer::Accepted { .. } => Self { gap_ms: self.faster(), ..Self::default() },
            Answer::Later { delay: Delay::Throttled { rest }, .. } => {
                let rest = rest.filter(SignedDuration::is_positive).map(|it| later(now, it));
                Self { gap_ms: self.slower(), rests_until: rest, ..self }
            }
            Answer::Later { delay: Delay::Unreachable, .. } | Answer::Rejected { .. } => {
                self.failed(patience, now)
            }
        }
    }

    fn failed(self, patience: &Patience, now: Timestamp) -> Self {
        let failures = self.failures.saturating_add(1);
        let rest = SignedDuration::from_secs(patience.rest_s.into());
        let rests_until = (failures >= patience.failures_max).then(|| later(now, rest));
        Self { failures, rests_until, ..self }
    }

    fn slower(self) -> u32 {
        self.gap_ms.saturating_mul(2).clamp(GAP_MIN_MS, GAP_MAX_MS)
    }

    fn faster(self) -> u32 {
        if self.gap_ms <= GAP_MIN_MS { 0 } else { self.gap_ms / 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const QUICK: SignedDuration = SignedDuration::from_millis(20);

    fn accepted() -> Answer {
        Answer::Accepted { said: "200".to_owned() }
    }

    fn after(pace: Pace, answer: &Answer, took: SignedDuration) -> Pace {
        pace.after(answer, took, &Patience::default(), NOW)
    }

    #[test]
    fn a_throttled_target_gets_twice_the_gap_and_recovers_by_halves() {
        let busy =
            Answer::Later { reason: "429".to_owned(), delay: Delay::Throttled { rest: None } };
        let mut pace = Pace::default();
        let slowing = [0; 3].map(|_| {
            pace = after(pace, &busy, QUICK);
            pace.gap_ms
        });
        assert_eq!((slowing, pace.failures), ([50, 100, 200], 0));
        let recovering = [0; 4].map(|_| {
            pace = after(pace, &accepted(), QUICK);
            pace.gap_ms
        });
        assert_eq!(recovering, [100, 50, 0, 0]);
    }

    #[test]
    fn a_slow_answer_slows_the_pace_as_well() {
        let pace = after(Pace::default(), &accepted(), SignedDuration::from_secs(3));
        assert_eq!((pace.gap_ms, pace.at_once(20)), (50, 1));
    }

    #[test]
    fn what_went_at_once_slows_the_pace_once() {
        let (slow, patience) = (SignedDuration::from_secs(3), Patience::default());
        let batch = vec![accepted(); 250];
        assert_eq!(Pace::default().after_all(&batch, slow, &patience, NOW).gap_ms, 50);
        let unreachable = Answer::Later { reason: "full".to_owned(), delay: Delay::Unreachable };
        let failed = [accepted(), unreachable.clone(), unreachable];
        let pace = Pace::default().after_all(&failed, QUICK, &patience, NOW);
        assert_eq!((pace.failures, pace.rests(NOW)), (1, false));
        assert_eq!(pace.after_all(&[], QUICK, &patience, NOW), pace, "nothing was under way");
    }

    #[test]
    fn a_target_that_fails_again_and_again_is_left_alone_and_then_tried_with_one_message() {
        let unreachable = Answer::Later { reason: "refused".to_owned(), delay: Delay::Unreachable };
        let mut pace = Pace::default();
        for _ in 0..4 {
            pace = after(pace, &unreachable, QUICK);
            assert!(!pace.rests(NOW));
        }
        pace = after(pace, &unreachable, QUICK);
        assert!(pace.rests(NOW) && !pace.rests(Timestamp::from_second(60).unwrap()));
        assert_eq!(pace.at_once(20), 1);
        pace = after(pace, &unreachable, QUICK);
        assert!(pace.rests(NOW), "the one that tried it failed too");
        assert_eq!(after(pace, &accepted(), QUICK), Pace::default());
    }
}
