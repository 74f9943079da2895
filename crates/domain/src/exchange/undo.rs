use super::ClaimRef;
use crate::id::Version;
use crate::time::Slice;
use std::collections::BTreeSet;

/// A claim with the versions between which it was believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Believed<S> {
    /// The version that wrote it.
    pub since: Version,
    /// The version that closed it; [`Version::OPEN`] while it is believed.
    pub until: Version,
    /// What it says.
    pub slice: Slice<S>,
}

/// What it takes to bring back what was believed of a subject before some versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo<S> {
    /// They changed nothing that is not so again.
    Nothing,
    /// Another version has changed the subject since.
    Overtaken(Version),
    /// These claims are believed no more, and these slices again.
    Change {
        /// Claims no longer believed, by day.
        replaces: Vec<ClaimRef>,
        /// Slices believed again, by day.
        written: Vec<Slice<S>>,
    },
}

/// How to undo what `versions` did to the subject of which `claims` are all there ever were, of
/// one source and track.
pub fn undo<S: Clone>(claims: &[Believed<S>], versions: &BTreeSet<Version>) -> Undo<S> {
    let touching = || claims.iter().flat_map(|it| [it.since, it.until]);
    let Some(first) = touching().filter(|it| versions.contains(it)).min() else {
        return Undo::Nothing;
    };
    let others = touching().filter(|it| *it > first && *it != Version::OPEN);
    if let Some(other) = others.filter(|it| !versions.contains(it)).min() {
        return Undo::Overtaken(other);
    }
    let was = |it: &&Believed<S>| it.since < first && it.until >= first;
    let is = |it: &&Believed<S>| it.until == Version::OPEN;
    let replaces = claims.iter().filter(|it| is(it) && !was(it));
    let mut replaces: Vec<ClaimRef> = replaces
        .map(|it| ClaimRef { valid_from: it.slice.validity.from(), since: it.since })
        .collect();
    let written = claims.iter().filter(|it| was(it) && !is(it));
    let mut written: Vec<Slice<S>> = written.map(|it| it.slice.clone()).collect();
    if replaces.is_empty() && written.is_empty() {
        return Undo::Nothing;
    }
    replaces.sort();
    written.sort_by_key(|it| it.validity.from());
    Undo::Change { replaces, written }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{RecordNo, RunNo};
    use crate::time::{Origin, Validity};
    use jiff::civil::date;

    const OPEN: i64 = Version::OPEN.0;

    /// What was believed from one version to another, from that day of March on.
    fn claim(since: i64, until: i64, day: i8, says: &'static str) -> Believed<&'static str> {
        let slice = Slice {
            validity: Validity::starting(date(2026, 3, day)),
            state: says,
            stated_from: date(2026, 3, day),
            origin: Origin { run: RunNo(since), record: RecordNo(1) },
        };
        Believed { since: Version(since), until: Version(until), slice }
    }

    fn of(claims: &[Believed<&'static str>], versions: &[i64]) -> Undo<&'static str> {
        undo(claims, &versions.iter().copied().map(Version).collect())
    }

    #[test]
    fn what_was_believed_just_before_is_believed_again_and_the_rest_is_left_alone() {
        let claims = [claim(1, OPEN, 1, "kept"), claim(1, 3, 5, "old"), claim(3, OPEN, 6, "new")];
        let Undo::Change { replaces, written } = of(&claims, &[3]) else { panic!("{claims:?}") };
        assert_eq!(replaces, [ClaimRef { valid_from: date(2026, 3, 6), since: Version(3) }]);
        assert_eq!(written, [claims[1].slice.clone()]);
    }

    #[test]
    fn who_came_with_it_goes_and_who_went_with_it_comes_back() {
        let came = of(&[claim(3, OPEN, 1, "new")], &[3]);
        assert!(matches!(came, Undo::Change { written, .. } if written.is_empty()));
        let went = of(&[claim(1, 3, 1, "old")], &[3]);
        assert!(matches!(went, Undo::Change { replaces, .. } if replaces.is_empty()));
    }

    #[test]
    fn what_another_version_has_changed_since_is_not_undone() {
        let claims = [claim(1, 3, 1, "old"), claim(3, 5, 1, "new"), claim(5, OPEN, 1, "newer")];
        assert_eq!(of(&claims, &[3]), Undo::Overtaken(Version(5)));
        assert_eq!(of(&claims, &[3, 7]), Undo::Overtaken(Version(5)));
        assert!(matches!(of(&claims, &[3, 5]), Undo::Change { .. }));
    }

    #[test]
    fn what_they_did_not_touch_or_took_back_themselves_needs_nothing() {
        assert_eq!(of(&[claim(1, OPEN, 1, "kept")], &[3]), Undo::Nothing);
        assert_eq!(of(&[claim(3, 4, 1, "brief")], &[3, 4]), Undo::Nothing);
    }
}
