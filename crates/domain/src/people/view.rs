//! The hub's one picture of a subject, derived from what its sources claim. Never stored as truth.

mod voices;

use super::{Field, FieldName, Kind, NativeKey, Ranking, State, Track, Value};
use crate::exchange::Authority;
use crate::id::{SourceNo, Version};
use crate::time::{Origin, Slice, Validity};
use jiff::civil::Date;
use std::borrow::Cow;
use voices::Voices;

/// What one source says of a subject on one track, for some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who says it.
    pub source: SourceNo,
    /// On which track.
    pub track: Track,
    /// Since which version of the ledger.
    pub since: Version,
    /// What, for which days, from which record.
    pub slice: Slice<State>,
}

/// All that is claimed of one subject, at one version of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// What kind of subject it is.
    pub kind: Kind,
    /// The source's key of it.
    pub native: NativeKey,
    /// The claims, in any order.
    pub list: Vec<Claim>,
}

/// By what a view is derived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Which source answers for which field.
    pub authority: Authority,
    /// Which of a person's employments speaks first.
    pub ranking: Ranking,
}

/// The value of one field, and the claim it was taken from.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// The value; owned where it is derived.
    pub value: Cow<'a, Value>,
    /// The claim.
    pub claim: &'a Claim,
    /// The first day for which it was stated rather than assumed. What was stated once is carried
    /// on, also past the end of the last claim.
    pub stated_from: Date,
}

impl<'a> Told<'a> {
    fn by(claim: &'a Claim, value: Cow<'a, Value>) -> Self {
        let stated_from = claim.slice.stated_from.max(claim.slice.validity.from());
        Self { value, claim, stated_from }
    }

    /// Goes on as `next`, which tells the same from `day` on.
    fn join(&mut self, next: &Self, day: Date) {
        if self.is_assumed_on(day) {
            self.stated_from = next.stated_from.max(day);
        }
    }

    /// The run and record that stated it.
    pub fn origin(&self) -> Origin {
        self.claim.slice.origin
    }

    /// Whether nobody had stated it by `day`: it was filled in from a later one.
    pub fn is_assumed_on(&self, day: Date) -> bool {
        day < self.stated_from
    }
}

/// A subject on one day.
#[derive(Clone, Debug)]
pub struct Picture<'a> {
    /// What kind of subject it is.
    pub kind: Kind,
    /// The day.
    pub day: Date,
    /// The unbroken days of existence around `day`; of a person all days there are.
    pub days: Validity,
    /// Employments that give the person another name than the one that speaks, in order.
    pub other_names: Vec<&'a NativeKey>,
    values: Vec<(&'a FieldName, Told<'a>)>,
}

impl<'a> Picture<'a> {
    /// What is told of `field`.
    pub fn told(&self, field: Field) -> Option<&Told<'a>> {
        let name = FieldName::Known(field);
        let at = self.values.binary_search_by(|(it, _)| (*it).cmp(&name)).ok()?;
        self.values.get(at).map(|(_, told)| told)
    }

    /// The value of `field`.
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.told(field).map(|it| &*it.value)
    }

    /// The text of `field`; none if it is absent, erased or no text.
    pub fn text(&self, field: Field) -> Option<&str> {
        self.get(field)?.as_text()
    }

    /// The number of `field`; none if it is absent, erased or no number.
    pub fn int(&self, field: Field) -> Option<i64> {
        self.get(field)?.as_int()
    }

    /// Whether `field` is present and says yes.
    pub fn is(&self, field: Field) -> bool {
        self.get(field) == Some(&Value::Flag(true))
    }

    /// All names and what is told of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&FieldName, &Told<'a>)> {
        self.values.iter().map(|(name, told)| (*name, told))
    }

    /// Whether it tells the same as `other`, whoever says so and on whatever day.
    pub fn tells_as(&self, other: &Self) -> bool {
        self.days == other.days
            && self.other_names == other.other_names
            && self.values.len() == other.values.len()
            && self
                .values
                .iter()
                .zip(&other.values)
                .all(|((a, x), (b, y))| a == b && x.value == y.value)
    }

    /// Goes on as `next`, which tells the same from `day` on.
    fn join(&mut self, next: &Self, day: Date) {
        for ((_, told), (_, next)) in self.values.iter_mut().zip(&next.values) {
            told.join(next, day);
        }
    }

    /// Tells `told` of `name`, whatever was told before.
    fn put(&mut self, name: &'static FieldName, told: Told<'a>) {
        match self.values.binary_search_by(|(it, _)| (*it).cmp(name)) {
            Ok(at) => {
                if let Some(entry) = self.values.get_mut(at) {
                    entry.1 = told;
                }
            }
            Err(at) => self.values.insert(at, (name, told)),
        }
    }
}

/// A subject over all its days: ordered slices, none equal to its neighbour. The earlier one's
/// origins stay where two were joined.
#[derive(Clone, Debug)]
pub struct View<'a> {
    /// The slices.
    pub slices: Vec<(Validity, Picture<'a>)>,
}

impl<'a> View<'a> {
    /// The slices of one field: its value over days, whatever else changes meanwhile.
    pub fn field(&self, field: Field) -> Vec<(Validity, Told<'a>)> {
        let mut slices: Vec<(Validity, Told<'a>)> = Vec::new();
        for (validity, picture) in &self.slices {
            let Some(told) = picture.told(field) else { continue };
            match slices.last_mut() {
                Some((last, earlier)) if last.meets(validity) && earlier.value == told.value => {
                    *last = last.joined(validity);
                    earlier.join(told, validity.from());
                }
                _ => slices.push((*validity, told.clone())),
            }
        }
        slices
    }
}

/// A unit or an employment over all its days.
pub fn view<'a>(rules: &Rules, subject: &'a Claims) -> View<'a> {
    Voices::of(subject).view(rules)
}

/// A unit or an employment on `day`; none if it does not exist then.
pub fn view_at<'a>(rules: &Rules, subject: &'a Claims, day: Date) -> Option<Picture<'a>> {
    Voices::of(subject).on(rules, day)
}

/// A unit or an employment on the day of its existence nearest to `day`: `day` itself, else the
/// first coming, else the last past one. None if it exists on no day.
pub fn view_near<'a>(rules: &Rules, subject: &'a Claims, day: Date) -> Option<Picture<'a>> {
    let voices = Voices::of(subject);
    voices.on(rules, voices.nearest(day)?)
}

/// A person over all days. It unites the claims on the person and those on all employments that
/// name them; on days without any, the nearest coming, else the last past claim speaks.
pub fn person_view<'a>(rules: &Rules, own: &'a [Claim], employments: &'a [Claims]) -> View<'a> {
    Voices::of_person(own, employments).view(rules)
}

/// A person on `day`, as [`person_view`] tells it; none if nothing is claimed at all.
pub fn person_view_at<'a>(
    rules: &Rules,
    own: &'a [Claim],
    employments: &'a [Claims],
    day: Date,
) -> Option<Picture<'a>> {
    Voices::of_person(own, employments).on(rules, day)
}
