//! The hub's one picture of a subject, derived from what its sources claim. Never stored as truth.

use super::{Candidate, Field, FieldName, Kind, NativeKey, Ranking, State, Track, Value};
use crate::exchange::{Authority, Place};
use crate::id::{SourceNo, Version};
use crate::time::{OPEN_START, Origin, Slice, Validity};
use jiff::civil::Date;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

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
}

impl Told<'_> {
    /// The run and record that stated it.
    pub fn origin(&self) -> Origin {
        self.claim.slice.origin
    }

    /// Whether nobody stated it for `day`: it was filled in from another day.
    pub fn is_assumed_on(&self, day: Date) -> bool {
        day < self.claim.slice.stated_from || !self.claim.slice.validity.contains(day)
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
    pub fn field(&self, field: Field) -> Vec<(Validity, &Told<'a>)> {
        let mut slices: Vec<(Validity, &Told<'a>)> = Vec::new();
        for (validity, picture) in &self.slices {
            let Some(told) = picture.told(field) else { continue };
            match slices.last_mut() {
                Some((last, earlier)) if last.meets(validity) && earlier.value == told.value => {
                    *last = last.joined(validity);
                }
                _ => slices.push((*validity, told)),
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
    Voices { kind: Kind::Person, native: None, own, employments }.view(rules)
}

/// A person on `day`, as [`person_view`] tells it; none if nothing is claimed at all.
pub fn person_view_at<'a>(
    rules: &Rules,
    own: &'a [Claim],
    employments: &'a [Claims],
    day: Date,
) -> Option<Picture<'a>> {
    Voices { kind: Kind::Person, native: None, own, employments }.on(rules, day)
}

/// All that may say something of one subject.
struct Voices<'a> {
    kind: Kind,
    native: Option<&'a NativeKey>,
    own: &'a [Claim],
    employments: &'a [Claims],
}

/// A claim that speaks on the day in question.
struct Voice<'a> {
    claim: &'a Claim,
    employment: Option<&'a NativeKey>,
}

impl<'a> Voices<'a> {
    fn of(subject: &'a Claims) -> Self {
        let native = Some(&subject.native);
        Self { kind: subject.kind, native, own: &subject.list, employments: &[] }
    }

    fn claims(&self) -> impl Iterator<Item = Voice<'a>> {
        let own = self.own.iter().map(|claim| Voice { claim, employment: None });
        let through = self.employments.iter().flat_map(|it| {
            it.list.iter().map(|claim| Voice { claim, employment: Some(&it.native) })
        });
        own.chain(through)
    }

    /// The day on which somebody speaks that is nearest to `day`.
    fn nearest(&self, day: Date) -> Option<Date> {
        let mut coming: Option<Date> = None;
        let mut past: Option<Date> = None;
        for validity in self.claims().map(|it| it.claim.slice.validity) {
            if validity.contains(day) {
                return Some(day);
            } else if validity.from() > day {
                coming = Some(coming.map_or(validity.from(), |it| it.min(validity.from())));
            } else {
                past = past.max(validity.last());
            }
        }
        coming.or(past)
    }

    fn on(&self, rules: &Rules, day: Date) -> Option<Picture<'a>> {
        let spoken = match self.kind {
            Kind::Person => self.nearest(day)?,
            Kind::Unit | Kind::Employment | Kind::Position => day,
        };
        let mut voices: Vec<Voice<'a>> =
            self.claims().filter(|it| it.claim.slice.validity.contains(spoken)).collect();
        if voices.len() > 1 {
            voices.sort_by(|a, b| a.compare(b, &rules.ranking));
        }
        let first = voices.first()?.claim;
        let mut picture = Picture {
            kind: self.kind,
            day,
            days: self.days_around(first.slice.validity),
            other_names: other_names(&voices),
            values: answers(rules, self.kind, &voices, spoken),
        };
        self.protect(&mut picture, spoken);
        self.derive(&mut picture, first);
        Some(picture)
    }

    /// The days of `validity` and of all claims that overlap or meet it, over and over.
    fn days_around(&self, validity: Validity) -> Validity {
        if self.kind == Kind::Person {
            return Validity::ALWAYS;
        }
        let mut days = validity;
        loop {
            let joined = self
                .claims()
                .filter_map(|it| days.united(&it.claim.slice.validity))
                .fold(days, |all, it| all.united(&it).unwrap_or(all));
            if joined == days {
                return days;
            }
            days = joined;
        }
    }

    /// One protected record protects the person, until the last such record ends. A coming
    /// protection counts at once.
    fn protect(&self, picture: &mut Picture<'a>, spoken: Date) {
        if self.kind != Kind::Person {
            return;
        }
        let protection = self.claims().map(|it| it.claim).find_map(|claim| {
            let lasts = claim.slice.validity.until().is_none_or(|until| until > spoken);
            let value = claim.slice.state.get(Field::PersonAddressProtected)?;
            (lasts && *value == Value::Flag(true)).then_some((claim, value))
        });
        if let Some((claim, value)) = protection {
            let hidden = |name: &FieldName| match name {
                FieldName::Known(field) => field.answered_with() == Field::PersonAddress,
                FieldName::Extra(_) => false,
            };
            picture.values.retain(|(name, _)| !hidden(name));
            picture.put(&PROTECTED, Told { value: Cow::Borrowed(value), claim });
        }
    }

    fn derive(&self, picture: &mut Picture<'a>, claim: &'a Claim) {
        let owned = |value| Told { value: Cow::Owned(value), claim };
        let number = || owned(Value::Text(self.native.map_or("", NativeKey::as_str).to_owned()));
        match self.kind {
            Kind::Person => {
                let parts = [Field::PersonFirstName, Field::PersonLastName];
                let name: Vec<&str> = parts.iter().filter_map(|it| picture.text(*it)).collect();
                let told = parts.iter().find_map(|it| picture.told(*it)).map(|it| it.claim);
                if let Some(claim) = told.filter(|_| !name.is_empty()) {
                    let value = Cow::Owned(Value::Text(name.join(" ")));
                    picture.put(&NAME, Told { value, claim });
                }
            }
            Kind::Unit => picture.put(&UNIT_NUMBER, number()),
            Kind::Employment => {
                picture.put(&EMPLOYMENT_NUMBER, number());
                if picture.days.from() > OPEN_START {
                    picture.put(&ENTRY_DATE, owned(Value::Date(picture.days.from())));
                }
                if let Some(last) = picture.days.last() {
                    picture.put(&LEAVE_DATE, owned(Value::Date(last)));
                }
            }
            Kind::Position => {}
        }
    }

    fn view(&self, rules: &Rules) -> View<'a> {
        let mut turns: BTreeSet<Date> = rules.authority.turns().collect();
        for validity in self.claims().map(|it| it.claim.slice.validity) {
            turns.insert(validity.from());
            turns.extend(validity.until());
        }
        if self.kind == Kind::Person {
            turns.insert(OPEN_START);
        }
        let mut slices: Vec<(Validity, Picture<'a>)> = Vec::new();
        let ends = turns.iter().skip(1).copied().map(Some).chain([None]);
        for (from, until) in turns.iter().zip(ends) {
            let (Some(picture), Ok(days)) = (self.on(rules, *from), Validity::new(*from, until))
            else {
                continue;
            };
            match slices.last_mut() {
                Some((last, earlier)) if last.meets(&days) && earlier.tells_as(&picture) => {
                    *last = last.joined(&days);
                }
                _ => slices.push((days, picture)),
            }
        }
        View { slices }
    }
}

impl<'a> Picture<'a> {
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

impl Voice<'_> {
    /// Claims on the subject itself speak before those through employments, these in the order of
    /// the ranking. Where all is equal, the order of sources and tracks decides.
    fn compare(&self, other: &Self, ranking: &Ranking) -> Ordering {
        let by_ranking = match (self.employment, other.employment) {
            (Some(a), Some(b)) => ranking.compare(
                &Candidate::of(a, &self.claim.slice.state),
                &Candidate::of(b, &other.claim.slice.state),
            ),
            (a, b) => a.is_some().cmp(&b.is_some()),
        };
        let place = |it: &Claim| (it.source, it.track, it.slice.validity);
        by_ranking.then_with(|| place(self.claim).cmp(&place(other.claim)))
    }
}

static PROTECTED: FieldName = FieldName::Known(Field::PersonAddressProtected);
static NAME: FieldName = FieldName::Known(Field::PersonName);
static UNIT_NUMBER: FieldName = FieldName::Known(Field::UnitNumber);
static EMPLOYMENT_NUMBER: FieldName = FieldName::Known(Field::EmploymentNumber);
static ENTRY_DATE: FieldName = FieldName::Known(Field::EmploymentEntryDate);
static LEAVE_DATE: FieldName = FieldName::Known(Field::EmploymentLeaveDate);

/// Fields that are answered together, or one element without a field.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Question<'a> {
    Field(Field),
    Extra(&'a str),
}

impl<'a> Question<'a> {
    fn about(name: &'a FieldName) -> Self {
        match name {
            FieldName::Known(field) => Self::Field(field.answered_with()),
            FieldName::Extra(name) => Self::Extra(name),
        }
    }
}

/// For each field, what the first voice says that says anything of it or of the fields that are
/// answered together with it.
fn answers<'a>(
    rules: &Rules,
    kind: Kind,
    voices: &[Voice<'a>],
    day: Date,
) -> Vec<(&'a FieldName, Told<'a>)> {
    let said = |voice: &Voice<'a>| {
        let state = &voice.claim.slice.state;
        let extras = voice.employment.is_none().then(|| state.extras());
        state.fields_of(kind).chain(extras.into_iter().flatten())
    };
    let told = |claim, value| Told { value: Cow::Borrowed(value), claim };
    if let [only] = voices {
        return said(only).map(|(name, value)| (name, told(only.claim, value))).collect();
    }
    let mut first: BTreeMap<Question<'a>, (Place, usize)> = BTreeMap::new();
    for (order, voice) in voices.iter().enumerate() {
        for (name, _) in said(voice) {
            let place = (rules.authority.place(name, voice.claim.source, day), order);
            first
                .entry(Question::about(name))
                .and_modify(|it| *it = (*it).min(place))
                .or_insert(place);
        }
    }
    let mut values: Vec<_> = voices
        .iter()
        .enumerate()
        .flat_map(|(order, voice)| said(voice).map(move |it| (order, voice.claim, it)))
        .filter(|(order, _, (name, _))| {
            first.get(&Question::about(name)).is_some_and(|(_, speaks)| speaks == order)
        })
        .map(|(_, claim, (name, value))| (name, told(claim, value)))
        .collect();
    values.sort_by_key(|(name, _)| *name);
    values
}

/// The employments of one source that give another name than its first that gives one.
fn other_names<'a>(voices: &[Voice<'a>]) -> Vec<&'a NativeKey> {
    if voices.len() < 2 {
        return Vec::new();
    }
    let mut first: BTreeMap<SourceNo, [Option<&str>; 2]> = BTreeMap::new();
    let mut others = BTreeSet::new();
    for voice in voices {
        let state = &voice.claim.slice.state;
        let name = [state.text(Field::PersonFirstName), state.text(Field::PersonLastName)];
        if name != [None, None] && *first.entry(voice.claim.source).or_insert(name) != name {
            others.extend(voice.employment);
        }
    }
    others.into_iter().collect()
}
