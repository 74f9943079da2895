use super::Agreement;
use crate::id::SubjectId;
use crate::people::{Field, Kind, NativeKey, Picture, Tree, Value};
use crate::time::Validity;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

/// What an agreement lets a target have. Nothing else makes one, and connectors and answers to
/// other parties accept nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Projected<T> {
    inner: T,
}

impl<T> Deref for Projected<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

/// The values of the fields that an agreement names.
pub type Values = BTreeMap<Field, Value>;

/// Whether an employment is there on the day in question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// On the day.
    Present,
    /// It begins later; its values are those of its first day.
    Coming,
    /// It is over; its values are those of its last day.
    Ended,
}

/// Which employments a target is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those of the day.
    Present,
    /// Those of the day and coming ones.
    PresentAndComing,
    /// Ended ones too.
    All,
}

/// A unit, as the projection needs it.
#[derive(Clone, Copy, Debug)]
pub struct UnitFacts<'a> {
    /// Our own id of it.
    pub id: SubjectId,
    /// Our own id of the unit above.
    pub parent: Option<SubjectId>,
    /// The view of it.
    pub picture: &'a Picture<'a>,
}

/// An employment, as the projection needs it.
#[derive(Clone, Copy, Debug)]
pub struct EmploymentFacts<'a> {
    /// Our own id of it.
    pub id: SubjectId,
    /// Our own id of its unit.
    pub unit: Option<SubjectId>,
    /// Our own id of its position.
    pub position: Option<SubjectId>,
    /// The view of it on the day, or on the nearest day on which it is there.
    pub picture: &'a Picture<'a>,
    /// Whether it is the person's primary one.
    pub primary: Option<bool>,
}

/// A person with all employments, as the projection needs them.
#[derive(Clone, Copy, Debug)]
pub struct PersonFacts<'a> {
    /// Our own id of them.
    pub id: SubjectId,
    /// The view of them.
    pub picture: &'a Picture<'a>,
    /// The national number, read only if the agreement names it.
    pub national_number: Option<&'a str>,
    /// All their employments.
    pub employments: &'a [EmploymentFacts<'a>],
}

/// Who leads a unit, as the projection needs it.
#[derive(Clone, Copy, Debug)]
pub struct ManagerFacts<'a> {
    /// The unit that is led.
    pub unit: UnitFacts<'a>,
    /// Our own id of the person who leads it.
    pub person: SubjectId,
    /// The employment by which they lead it.
    pub employment: EmploymentFacts<'a>,
}

/// A unit, as a target may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitPicture {
    /// Our own id of it.
    pub id: SubjectId,
    /// Our own id of the unit above; none at the root.
    pub parent: Option<SubjectId>,
    /// The named fields; above the scope the name alone.
    pub values: Values,
}

/// An employment, as a target may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EmploymentPicture {
    /// Our own id of it.
    pub id: SubjectId,
    /// Our own id of its unit.
    pub unit: Option<SubjectId>,
    /// Our own id of its position.
    pub position: Option<SubjectId>,
    /// Whether it is there on the day.
    pub standing: Standing,
    /// The named fields.
    pub values: Values,
}

/// A person, as a target may see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonPicture {
    /// Our own id of them.
    pub id: SubjectId,
    /// The named fields.
    pub values: Values,
    /// Those of their employments that the agreement selects; at least one.
    pub employments: Vec<EmploymentPicture>,
}

/// Who leads a unit, as a target may see it. Everybody in it is in scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ManagerPicture {
    /// The unit that is led.
    pub unit: SubjectId,
    /// The person who leads it.
    pub person: SubjectId,
    /// The employment by which they lead it.
    pub employment: SubjectId,
    /// The named fields of that employment.
    pub values: Values,
}

/// A position, as a target may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PositionPicture {
    /// Our own id of it.
    pub id: SubjectId,
    /// The named fields.
    pub values: Values,
}

/// One agreement on one day, over the unit tree of that day.
#[derive(Clone, Debug)]
pub struct Projection<'a> {
    agreement: &'a Agreement,
    day: Date,
    reach: Reach,
    within: BTreeSet<NativeKey>,
    above: BTreeSet<NativeKey>,
}

impl<'a> Projection<'a> {
    /// What `agreement` lets out on `day`; none if it does not hold then.
    pub fn on(
        agreement: &'a Agreement,
        tree: &Tree<NativeKey>,
        day: Date,
        reach: Reach,
    ) -> Option<Self> {
        let left_out = tree.subtrees(agreement.except());
        let mut within = tree.subtrees(agreement.scope());
        within.retain(|it| !left_out.contains(it));
        let ancestors = within.iter().flat_map(|it| tree.ancestors(it));
        let above = ancestors.filter(|it| !within.contains(it)).cloned().collect();
        agreement.validity().contains(day).then_some(Self { agreement, day, reach, within, above })
    }

    /// The unit, if it is in scope, or stands above the scope.
    pub fn unit(&self, unit: &UnitFacts<'_>) -> Option<Projected<UnitPicture>> {
        let key = native(unit.picture, Field::UnitNumber)?;
        let values = if unit.picture.day != self.day {
            return None;
        } else if self.within.contains(&key) {
            self.values(unit.picture, Kind::Unit)
        } else if self.above.contains(&key) {
            let mut values = self.values(unit.picture, Kind::Unit);
            values.retain(|field, _| *field == Field::UnitName);
            values
        } else {
            return None;
        };
        Some(Projected { inner: UnitPicture { id: unit.id, parent: unit.parent, values } })
    }

    /// The person with those employments that are in scope; none if none is.
    pub fn person(&self, person: &PersonFacts<'_>) -> Option<Projected<PersonPicture>> {
        let employments: Vec<_> =
            person.employments.iter().filter_map(|it| self.selected(it)).collect();
        if employments.is_empty() || person.picture.day != self.day {
            return None;
        }
        let mut values = self.values(person.picture, Kind::Person);
        let number = Field::PersonNationalNumber;
        values.remove(&number);
        if let Some(digits) = person.national_number.filter(|_| self.names(number)) {
            values.insert(number, Value::Text(digits.to_owned()));
        }
        Some(Projected { inner: PersonPicture { id: person.id, values, employments } })
    }

    /// Who leads the unit; none if the unit, or the employment by which it is led, is out of
    /// scope, and none if the leader is not there on the day.
    pub fn manager(&self, manager: &ManagerFacts<'_>) -> Option<Projected<ManagerPicture>> {
        let unit = native(manager.unit.picture, Field::UnitNumber)?;
        let employment = self.selected(&manager.employment)?;
        let there = employment.standing == Standing::Present && self.within.contains(&unit);
        there.then_some(Projected {
            inner: ManagerPicture {
                unit: manager.unit.id,
                person: manager.person,
                employment: employment.id,
                values: employment.values,
            },
        })
    }

    /// The position of an employment that is in scope.
    pub fn position(&self, employment: &EmploymentFacts<'_>) -> Option<Projected<PositionPicture>> {
        self.selected(employment)?;
        let id = employment.position?;
        let title = employment.picture.get(Field::EmploymentPositionTitle).cloned();
        let named = title.filter(|_| self.names(Field::PositionTitle));
        let values = named.into_iter().map(|it| (Field::PositionTitle, it)).collect();
        Some(Projected { inner: PositionPicture { id, values } })
    }

    fn names(&self, field: Field) -> bool {
        self.agreement.fields().contains(&field)
    }

    fn selected(&self, employment: &EmploymentFacts<'_>) -> Option<EmploymentPicture> {
        let picture = employment.picture;
        let standing = standing(&picture.days, self.day);
        let reached = match self.reach {
            Reach::Present => standing == Standing::Present,
            Reach::PresentAndComing => standing != Standing::Ended,
            Reach::All => true,
        };
        let right_day = picture.days.contains(picture.day)
            && (standing != Standing::Present || picture.day == self.day)
            && self.agreement.validity().contains(picture.day);
        let unit = native(picture, Field::EmploymentUnit)?;
        if !(reached && right_day && self.within.contains(&unit)) {
            return None;
        }
        let mut values = self.values(picture, Kind::Employment);
        let primary = employment.primary.filter(|_| self.names(Field::EmploymentPrimary));
        values.extend(primary.map(|it| (Field::EmploymentPrimary, Value::Flag(it))));
        let EmploymentFacts { id, unit, position, .. } = *employment;
        Some(EmploymentPicture { id, unit, position, standing, values })
    }

    fn values(&self, picture: &Picture<'_>, kind: Kind) -> Values {
        let fields = self.agreement.fields().iter().filter(|it| it.kind() == kind);
        fields.filter_map(|it| Some((*it, picture.get(*it)?.clone()))).collect()
    }
}

fn native(picture: &Picture<'_>, field: Field) -> Option<NativeKey> {
    picture.text(field).map(NativeKey::text)
}

fn standing(days: &Validity, day: Date) -> Standing {
    if days.contains(day) {
        Standing::Present
    } else if days.from() > day {
        Standing::Coming
    } else {
        Standing::Ended
    }
}
