use crate::id::SubjectNo;
use std::collections::BTreeMap;

/// Persons whom somebody has said to be one, at one version of the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    same_as: BTreeMap<SubjectNo, SubjectNo>,
    linked: BTreeMap<SubjectNo, Vec<SubjectNo>>,
}

impl Links {
    /// Each pair says that the first is the second.
    pub fn new(pairs: impl IntoIterator<Item = (SubjectNo, SubjectNo)>) -> Self {
        let same_as: BTreeMap<SubjectNo, SubjectNo> = pairs.into_iter().collect();
        let mut links = Self { same_as, linked: BTreeMap::new() };
        let all: Vec<SubjectNo> = links.same_as.keys().copied().collect();
        for it in all {
            let one = links.one(it);
            if one != it {
                links.linked.entry(one).or_default().push(it);
            }
        }
        links
    }

    /// The one under whom a person is told of: the person, unless linked to another.
    pub fn one(&self, person: SubjectNo) -> SubjectNo {
        let mut at = person;
        // A ring cannot be made; should there be one, everybody in it stays who they are.
        for _ in 0..=self.same_as.len() {
            match self.same_as.get(&at) {
                Some(next) => at = *next,
                None => return at,
            }
        }
        person
    }

    /// Whom a person is directly said to be.
    pub fn same_as(&self, person: SubjectNo) -> Option<SubjectNo> {
        self.same_as.get(&person).copied()
    }

    /// The others who are told of under `one`.
    pub fn others(&self, one: SubjectNo) -> &[SubjectNo] {
        self.linked.get(&one).map(Vec::as_slice).unwrap_or_default()
    }

    /// `one`, and the others who are told of under it.
    pub fn all_of(&self, one: SubjectNo) -> Vec<SubjectNo> {
        std::iter::once(one).chain(self.others(one).iter().copied()).collect()
    }

    /// Whether nobody is linked.
    pub fn is_empty(&self) -> bool {
        self.same_as.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn no(it: i64) -> SubjectNo {
        SubjectNo(it)
    }

    #[test]
    fn links_of_links_lead_to_one_and_without_a_link_everybody_is_themselves() {
        let links = Links::new([(no(3), no(2)), (no(2), no(1))]);
        assert_eq!(
            [no(1), no(2), no(3), no(4)].map(|it| links.one(it)),
            [no(1), no(1), no(1), no(4)]
        );
        assert_eq!(links.all_of(no(1)), [no(1), no(2), no(3)]);
        assert_eq!(links.all_of(no(3)), [no(3)], "nobody is told of under one who is linked");
        let parted = Links::new([(no(3), no(2))]);
        assert_eq!(parted.all_of(no(1)), [no(1)]);
        assert_eq!(parted.all_of(no(2)), [no(2), no(3)]);
    }

    #[test]
    fn a_ring_leaves_everybody_in_it_as_they_are() {
        let ring = Links::new([(no(1), no(2)), (no(2), no(1))]);
        assert_eq!((ring.one(no(1)), ring.one(no(2))), (no(1), no(2)));
    }
}
