use super::Assertion;
use crate::time::{Origin, Slice, Validity, coalesce, cut, overlay};
use jiff::civil::Date;

/// What must change in the claims of one subject and track. Both lists are in order of days;
/// both are empty when the ledger already says what the source says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<S> {
    /// Slices that are no longer believed.
    pub closed: Vec<Slice<S>>,
    /// Slices that are believed from now on.
    pub written: Vec<Slice<S>>,
}

impl<S> Change<S> {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.closed.is_empty() && self.written.is_empty()
    }
}

/// What `assertion` changes in `before`, the ordered slices believed so far.
///
/// A record's existence holds for all days: what lies outside is cut. Its values are written from
/// the effective date. Days of existence that then have no slice are filled from the nearest
/// earlier, else the nearest later slice, and where there is none at all with the values, as
/// assumed. Slices that stay as they were are in neither list.
pub fn compare<S: Clone + PartialEq>(
    before: &[Slice<S>],
    assertion: Assertion<S>,
    origin: Origin,
) -> Change<S> {
    let after = match assertion {
        Assertion::Record { existence: None, .. } => Vec::new(),
        Assertion::Record { existence: Some(existence), effective, values } => {
            record(before, &existence, effective, values, origin)
        }
        Assertion::History { window, slices } => overlay(before, &window, cut(&slices, &window)),
    };
    difference(before, coalesce(after))
}

fn record<S: Clone>(
    before: &[Slice<S>],
    existence: &Validity,
    effective: Date,
    values: S,
    origin: Origin,
) -> Vec<Slice<S>> {
    let kept = cut(before, existence);
    let state = |validity| Slice { validity, state: values, stated_from: effective, origin };
    match existence.since(effective) {
        Some(stated) => filled(overlay(&kept, &stated, vec![state(stated)]), existence),
        None if kept.is_empty() => vec![state(*existence)],
        None => filled(kept, existence),
    }
}

/// `slices` stretched so that they cover all of `existence`: each gap goes to the slice before
/// it, a gap in front to the first slice.
fn filled<S: Clone>(slices: Vec<Slice<S>>, existence: &Validity) -> Vec<Slice<S>> {
    let ends: Vec<Option<Date>> = slices
        .iter()
        .skip(1)
        .map(|next| Some(next.validity.from()))
        .chain([existence.until()])
        .collect();
    let mut from = existence.from();
    slices
        .into_iter()
        .zip(ends)
        .filter_map(|(slice, until)| {
            let validity = Validity::new(from, until).ok()?;
            from = until.unwrap_or(from);
            Some(slice.stretched(validity))
        })
        .collect()
}

/// What is in one list and not in the other. Both are ordered, so a slice is found by its first
/// day.
fn difference<S: Clone + PartialEq>(before: &[Slice<S>], after: Vec<Slice<S>>) -> Change<S> {
    let closed = before.iter().filter(|it| !holds(&after, it)).cloned().collect();
    let written = after.into_iter().filter(|it| !holds(before, it)).collect();
    Change { closed, written }
}

fn holds<S: PartialEq>(slices: &[Slice<S>], slice: &Slice<S>) -> bool {
    let at = slices.binary_search_by_key(&slice.validity.from(), |it| it.validity.from());
    let found = at.ok().and_then(|it| slices.get(it));
    found.is_some_and(|it| it.validity == slice.validity && it.state == slice.state)
}
