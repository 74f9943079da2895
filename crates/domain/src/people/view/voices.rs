use super::{Claim, Claims, Picture, Rules, Told, View};
use crate::exchange::Place;
use crate::id::SourceNo;
use crate::people::{Candidate, Field, FieldName, Kind, NativeKey, Ranking, Value};
use crate::time::{OPEN_START, Validity};
use jiff::civil::Date;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// All that may say something of one subject.
pub(super) struct Voices<'a> {
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
    /// Those that speak of a unit or an employment.
    pub(super) fn of(subject: &'a Claims) -> Self {
        let native = Some(&subject.native);
        Self { kind: subject.kind, native, own: &subject.list, employments: &[] }
    }

    /// Those that speak of a person: claims on the person, and on the employments that name them.
    pub(super) fn of_person(own: &'a [Claim], employments: &'a [Claims]) -> Self {
        Self { kind: Kind::Person, native: None, own, employments }
    }

    fn claims(&self) -> impl Iterator<Item = Voice<'a>> {
        let own = self.own.iter().map(|claim| Voice { claim, employment: None });
        let through = self.employments.iter().flat_map(|it| {
            it.list.iter().map(|claim| Voice { claim, employment: Some(&it.native) })
        });
        own.chain(through)
    }

    /// The day on which somebody speaks that is nearest to `day`.
    pub(super) fn nearest(&self, day: Date) -> Option<Date> {
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

    /// The subject on `day`.
    pub(super) fn on(&self, rules: &Rules, day: Date) -> Option<Picture<'a>> {
        let spoken = match self.kind {
            Kind::Person => self.nearest(day)?,
            Kind::Unit
            | Kind::Employment
            | Kind::Position
            | Kind::Activity
            | Kind::Qualification
            | Kind::Absence => day,
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
            picture.put(&PROTECTED, Told::by(claim, Cow::Borrowed(value)));
        }
    }

    fn derive(&self, picture: &mut Picture<'a>, claim: &'a Claim) {
        let owned = |value| Told::by(claim, Cow::Owned(value));
        let number = || owned(Value::Text(self.native.map_or("", NativeKey::as_str).to_owned()));
        match self.kind {
            Kind::Person => {
                let parts = [Field::PersonFirstName, Field::PersonLastName];
                let name: Vec<&str> = parts.iter().filter_map(|it| picture.text(*it)).collect();
                let told = parts.iter().find_map(|it| picture.told(*it)).map(|it| it.claim);
                if let Some(claim) = told.filter(|_| !name.is_empty()) {
                    let value = Cow::Owned(Value::Text(name.join(" ")));
                    picture.put(&NAME, Told::by(claim, value));
                }
            }
            Kind::Unit => picture.put(&UNIT_NUMBER, number()),
            Kind::Employment => {
                picture.put(&EMPLOYMENT_NUMBER, number());
                derive_days(picture, claim, (&ENTRY_DATE, &LEAVE_DATE));
            }
            Kind::Qualification => derive_days(picture, claim, (&OBTAINED, &VALID_UNTIL)),
            Kind::Absence => derive_days(picture, claim, (&FIRST_DAY, &LAST_DAY)),
            Kind::Position | Kind::Activity => {}
        }
    }

    /// The subject over all days.
    pub(super) fn view(&self, rules: &Rules) -> View<'a> {
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
                    earlier.join(&picture, *from);
                }
                _ => slices.push((days, picture)),
            }
        }
        View { slices }
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

/// Puts in the first and the last day of a picture, where they are known.
fn derive_days<'a>(
    picture: &mut Picture<'a>,
    claim: &'a Claim,
    (first, last): (&'static FieldName, &'static FieldName),
) {
    let day = |it| Told::by(claim, Cow::Owned(Value::Date(it)));
    if picture.days.from() > OPEN_START {
        picture.put(first, day(picture.days.from()));
    }
    if let Some(it) = picture.days.last() {
        picture.put(last, day(it));
    }
}

static PROTECTED: FieldName = FieldName::Known(Field::PersonAddressProtected);
static NAME: FieldName = FieldName::Known(Field::PersonName);
static UNIT_NUMBER: FieldName = FieldName::Known(Field::UnitNumber);
static EMPLOYMENT_NUMBER: FieldName = FieldName::Known(Field::EmploymentNumber);
static ENTRY_DATE: FieldName = FieldName::Known(Field::EmploymentEntryDate);
static OBTAINED: FieldName = FieldName::Known(Field::QualificationObtained);
static VALID_UNTIL: FieldName = FieldName::Known(Field::QualificationValidUntil);
static FIRST_DAY: FieldName = FieldName::Known(Field::AbsenceFirstDay);
static LAST_DAY: FieldName = FieldName::Known(Field::AbsenceLastDay);
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
    let told = |claim, value| Told::by(claim, Cow::Borrowed(value));
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
