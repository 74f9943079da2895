use super::Validity;
use crate::id::{RecordNo, RunNo};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The record that stated a slice's values. It goes along onto remnants of the slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The run that read the record.
    pub run: RunNo,
    /// Where the record stood in that run's input.
    pub record: RecordNo,
}

/// One state over some days, and who stated it.
///
/// Days of `validity` before `stated_from` are *assumed*: nobody stated them, and nobody knows
/// better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice<S> {
    /// The days.
    pub validity: Validity,
    /// What holds on them.
    pub state: S,
    /// The first day for which the state was stated rather than assumed.
    pub stated_from: Date,
    /// Who stated it.
    pub origin: Origin,
}

impl<S: Clone> Slice<S> {
    /// The same statement over other days.
    #[must_use]
    pub fn over(&self, validity: Validity) -> Self {
        Self { validity, ..self.clone() }
    }

    /// The same statement stretched over `validity`, which holds its own days. The days in front
    /// are assumed, and those behind too if it is assumed on its last day.
    #[must_use]
    pub(crate) fn stretched(&self, validity: Validity) -> Self {
        let assumed_until = if self.is_assumed() { validity.until() } else { None };
        let front = (validity.from() < self.validity.from()).then(|| self.validity.from());
        let stated_from =
            [assumed_until, front].into_iter().flatten().fold(self.stated_from, Date::max);
        Self { stated_from, ..self.over(validity) }
    }
}

impl<S> Slice<S> {
    /// Whether nobody stated it for any of its days.
    fn is_assumed(&self) -> bool {
        self.validity.until().is_some_and(|until| until <= self.stated_from)
    }
}

/// Joins equal neighbours of an ordered, non-overlapping list. The earlier one's origin stays;
/// from the first day on that either was stated for, the joined one is stated.
pub fn coalesce<S: PartialEq>(slices: Vec<Slice<S>>) -> Vec<Slice<S>> {
    let mut joined: Vec<Slice<S>> = Vec::with_capacity(slices.len());
    for slice in slices {
        match joined.last_mut() {
            Some(last) if last.validity.meets(&slice.validity) && last.state == slice.state => {
                if last.is_assumed() {
                    last.stated_from = slice.stated_from.max(slice.validity.from());
                }
                last.validity = last.validity.joined(&slice.validity);
            }
            _ => joined.push(slice),
        }
    }
    joined
}

/// The parts of ordered `slices` inside `window`.
pub fn cut<S: Clone>(slices: &[Slice<S>], window: &Validity) -> Vec<Slice<S>> {
    slices.iter().filter_map(|slice| Some(slice.over(slice.validity.intersect(window)?))).collect()
}

/// `slices` with everything inside `window` replaced by `inside`, in order. Both lists are
/// ordered and free of overlap; `inside` lies within `window`.
pub fn overlay<S: Clone>(
    slices: &[Slice<S>],
    window: &Validity,
    inside: Vec<Slice<S>>,
) -> Vec<Slice<S>> {
    let before = slices.iter().filter_map(|it| Some(it.over(it.validity.before(window.from())?)));
    let after = window.until().into_iter().flat_map(|until| {
        slices.iter().filter_map(move |it| Some(it.over(it.validity.since(until)?)))
    });
    before.chain(inside).chain(after).collect()
}
