use super::{Agreement, Package};
use crate::id::SubjectId;
use crate::people::{Field, GroupOn, Kind, NativeKey, Picture, Tree, Value};
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
    /// Its location number for invoices, own or inherited from a unit that the agreement
    /// [covers](Agreement::covered).
    pub ean: Option<&'a str>,
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
    /// The first of all days on which it was there, gaps and all.
    pub first_day: Option<Date>,
}

/// Whether somebody's address may be told at all, whoever may have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// Yes.
    Open,
    /// No: it is protected.
    Protected,
}

/// A person with all employments, as the projection needs them.
#[derive(Clone, Copy, Debug)]
pub struct PersonFacts<'a> {
    /// Our own id of them.
    pub id: SubjectId,
    /// The view of them.
    pub picture: &'a Picture<'a>,
    /// Whether the store knows the address as protected. The view may know it too; either counts.
    pub address: Address,
    /// The national number, read only if the agreement names it.
    pub national_number: Option<&'a str>,
    /// All their employments.
    pub employments: &'a [EmploymentFacts<'a>],
    /// How they stand to the registers whose members the agreement is about.
    pub membership: Option<Standing>,
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
    /// The first of all days on which it was there; none if the agreement does not name the entry
    /// date.
    pub first_day: Option<Date>,
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
    /// Those of their employments that the agreement selects; none of a member whom no unit of
    /// its scope employs.
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

/// That a person is in a target group, as a target may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberPicture {
    /// The group's key.
    pub group: String,
    /// The person.
    pub person: SubjectId,
}

/// A position, as a target may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PositionPicture {
    /// Our own id of it.
    pub id: SubjectId,
    /// The named fields.
    pub values: Values,
}

/// A group that an agreement lets a target know the members of; made by [`Projection::group`].
#[derive(Clone, Debug)]
pub struct AgreedGroup<'a> {
    group: GroupOn<'a>,
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
        let within = agreement.covered(tree);
        let ancestors = within.iter().flat_map(|it| tree.ancestors(it));
        let above = ancestors.filter(|it| !within.contains(it)).cloned().collect();
        agreement.validity().contains(day).then_some(Self { agreement, day, reach, within, above })
    }

    /// The unit, if it is in scope, or stands above the scope. Without the package organisation no
    /// unit is told what it stands below, and none above the scope is told.
    pub fn unit(&self, unit: &UnitFacts<'_>) -> Option<Projected<UnitPicture>> {
        let key = native(unit.picture, Field::UnitNumber)?;
        let hierarchy = self.agreement.has(Package::Organisation);
        let values = if unit.picture.day != self.day {
            return None;
        } else if self.within.contains(&key) {
            let mut values = self.values(unit.picture, Kind::Unit);
            values.remove(&Field::UnitEan);
            if let Some(ean) = unit.ean.filter(|_| self.names(Field::UnitEan)) {
                values.insert(Field::UnitEan, Value::Text(ean.to_owned()));
            }
            if !hierarchy {
                values.remove(&Field::UnitParent);
            }
            values
        } else if hierarchy && self.above.contains(&key) {
            let mut values = self.values(unit.picture, Kind::Unit);
            values.retain(|field, _| *field == Field::UnitName);
            values
        } else {
            return None;
        };
        let parent = unit.parent.filter(|_| hierarchy);
        Some(Projected { inner: UnitPicture { id: unit.id, parent, values } })
    }

    /// The person with those employments that are in scope; none if none is, unless the person is
    /// a member on the day.
    pub fn person(&self, person: &PersonFacts<'_>) -> Option<Projected<PersonPicture>> {
        let employments: Vec<_> =
            person.employments.iter().filter_map(|it| self.selected(it)).collect();
        let is_member =
            person.membership == Some(Standing::Present) && !self.agreement.members().is_empty();
        if (employments.is_empty() && !is_member) || person.picture.day != self.day {
            return None;
        }
        let mut values = self.values(person.picture, Kind::Person);
        let protected = person.address == Address::Protected
            || person.picture.is(Field::PersonAddressProtected);
        if protected {
            values.retain(|field, _| field.answered_with() != Field::PersonAddress);
        }
        let number = Field::PersonNationalNumber;
        values.remove(&number);
        if let Some(digits) = person.national_number.filter(|_| self.names(number)) {
            values.insert(number, Value::Text(digits.to_owned()));
        }
        Some(Projected { inner: PersonPicture { id: person.id, values, employments } })
    }

    /// Who leads the unit; none if the unit, or the employment by which it is led, is out of
    /// scope, none if the leader is not there on the day, and none without the package leaders.
    pub fn manager(&self, manager: &ManagerFacts<'_>) -> Option<Projected<ManagerPicture>> {
        let unit = native(manager.unit.picture, Field::UnitNumber)?;
        if !self.agreement.has(Package::Leaders)
            || !self.within.contains(&unit)
            || self.selects(&manager.employment)? != Standing::Present
        {
            return None;
        }
        Some(Projected {
            inner: ManagerPicture {
                unit: manager.unit.id,
                person: manager.person,
                employment: manager.employment.id,
                values: self.employment_values(&manager.employment),
            },
        })
    }

    /// The group, if the agreement lets out who is in it.
    pub fn group<'g>(&self, group: GroupOn<'g>) -> Option<AgreedGroup<'g>> {
        let agreed = self.agreement.require_group(group.group()).is_ok();
        agreed.then_some(AgreedGroup { group })
    }

    /// That the person of an employment is in `group` by it; none if no rule of the group holds of
    /// it, and none if it is out of scope or not there on the day.
    pub fn member(
        &self,
        group: &AgreedGroup<'_>,
        person: SubjectId,
        employment: &EmploymentFacts<'_>,
    ) -> Option<Projected<MemberPicture>> {
        group.group.rule_for(employment.picture)?;
        let there = self.selects(employment)? == Standing::Present;
        let group = group.group.group().key().to_owned();
        there.then_some(Projected { inner: MemberPicture { group, person } })
    }

    /// The position of an employment that is in scope.
    pub fn position(&self, employment: &EmploymentFacts<'_>) -> Option<Projected<PositionPicture>> {
        self.selects(employment)?;
        let id = employment.position?;
        let title = employment.picture.get(Field::EmploymentPositionTitle).cloned();
        let named = title.filter(|_| self.names(Field::PositionTitle));
        let values = named.into_iter().map(|it| (Field::PositionTitle, it)).collect();
        Some(Projected { inner: PositionPicture { id, values } })
    }

    fn names(&self, field: Field) -> bool {
        self.agreement.fields().contains(&field)
    }

    /// How an employment stands to the day, if it is in scope and reached.
    fn selects(&self, employment: &EmploymentFacts<'_>) -> Option<Standing> {
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
        (reached && right_day && self.within.contains(&unit)).then_some(standing)
    }

    fn selected(&self, employment: &EmploymentFacts<'_>) -> Option<EmploymentPicture> {
        let standing = self.selects(employment)?;
        let values = self.employment_values(employment);
        let first_day = employment.first_day.filter(|_| self.names(Field::EmploymentEntryDate));
        let EmploymentFacts { id, unit, position, .. } = *employment;
        Some(EmploymentPicture { id, unit, position, standing, first_day, values })
    }

    fn employment_values(&self, employment: &EmploymentFacts<'_>) -> Values {
        let mut values = self.values(employment.picture, Kind::Employment);
        let primary = employment.primary.filter(|_| self.names(Field::EmploymentPrimary));
        values.extend(primary.map(|it| (Field::EmploymentPrimary, Value::Flag(it))));
        values
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
