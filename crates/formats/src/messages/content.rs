use jiff::civil::Date;
use kobling_domain::agreement::{
    EmploymentPicture, ManagerPicture, PersonPicture, PositionPicture, Projected, Standing,
    UnitPicture, Values,
};
use kobling_domain::id::SubjectId;
use kobling_domain::people::{Field, RoleFunction, Value};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Values by the names of `docs/fields.md`, in order of names.
pub type Fields = BTreeMap<String, serde_json::Value>;

/// All that a target may have of a subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Of a unit.
    Unit(UnitContent),
    /// Of a person.
    Person(PersonContent),
}

/// All that a target may have of a unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitContent {
    /// The named fields.
    pub fields: Fields,
    /// The unit above; none at the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<SubjectId>,
    /// The person who leads it; none if it is vacant, or the agreement does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<SubjectId>,
}

/// All that a target may have of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonContent {
    /// The named fields.
    pub fields: Fields,
    /// The employments that the agreement selects, in the order of their ids.
    pub employments: Vec<EmploymentContent>,
}

/// All that a target may have of an employment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmploymentContent {
    /// Our own id of it.
    pub id: SubjectId,
    /// Our own id of its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<SubjectId>,
    /// Whether it is there already.
    pub standing: Standing,
    /// Its position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<PositionContent>,
    /// The person who leads the employee; none if nobody does, or the agreement does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<SubjectId>,
    /// The named fields.
    pub fields: Fields,
}

/// All that a target may have of a position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionContent {
    /// Our own id of it.
    pub id: SubjectId,
    /// The named fields.
    pub fields: Fields,
}

impl Content {
    /// A unit and who leads it.
    pub fn unit(
        unit: &Projected<UnitPicture>,
        manager: Option<&Projected<ManagerPicture>>,
    ) -> Self {
        let (fields, parent) = (fields(&unit.values), unit.parent);
        Self::Unit(UnitContent { fields, parent, manager: manager.and_then(leader) })
    }

    /// A person, with the positions and the managers of those employments that have one.
    pub fn person(
        person: &Projected<PersonPicture>,
        positions: &[Projected<PositionPicture>],
        managers: &BTreeMap<SubjectId, &Projected<ManagerPicture>>,
    ) -> Self {
        let employment = |it: &EmploymentPicture| EmploymentContent {
            id: it.id,
            unit: it.unit,
            standing: it.standing,
            position: it.position.map(|id| PositionContent {
                id,
                fields: positions
                    .iter()
                    .find(|position| position.id == id)
                    .map(|position| fields(&position.values))
                    .unwrap_or_default(),
            }),
            manager: managers.get(&it.id).and_then(|it| leader(it)),
            fields: fields(&it.values),
        };
        let mut employments: Vec<EmploymentContent> =
            person.employments.iter().map(employment).collect();
        employments.sort_by_key(|it| it.id);
        Self::Person(PersonContent { fields: fields(&person.values), employments })
    }

    /// The names of what differs from `before`, in order.
    pub fn changed_since(&self, before: &Self) -> Vec<String> {
        let (now, before) = (self.parts(), before.parts());
        let names: BTreeSet<&String> = now.keys().chain(before.keys()).collect();
        names.into_iter().filter(|it| now.get(*it) != before.get(*it)).cloned().collect()
    }

    /// What it holds, by the names that a change is told with.
    pub fn parts(&self) -> Fields {
        let mut parts = Fields::new();
        match self {
            Self::Unit(it) => {
                parts.clone_from(&it.fields);
                parts.insert("parent".to_owned(), json!(it.parent));
                parts.insert("manager".to_owned(), json!(it.manager));
            }
            Self::Person(it) => {
                parts.clone_from(&it.fields);
                parts.insert("employments".to_owned(), json!(it.employments));
            }
        }
        parts
    }
}

/// Who leads; none if the agreement does not let out who does.
fn leader(manager: &Projected<ManagerPicture>) -> Option<SubjectId> {
    manager.values.get(&Field::EmploymentIsManager).map(|_| manager.person)
}

fn fields(values: &Values) -> Fields {
    values.iter().map(|(field, value)| (field.name().to_owned(), plain(value))).collect()
}

/// A value as receivers expect it: text, number, yes or no, a date as text, or null.
fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(it) => json!(it),
        Value::Int(it) => json!(it),
        Value::Flag(it) => json!(it),
        Value::Date(it) => json!(it),
        Value::Functions(all) => all.iter().map(function).collect(),
        Value::Erased => serde_json::Value::Null,
    }
}

fn function(it: &RoleFunction) -> serde_json::Value {
    let last: Option<Date> = it.until.and_then(|until| until.yesterday().ok());
    json!({
        "kind": it.kind,
        "kind_name": it.kind_name,
        "role": it.role,
        "role_name": it.role_name,
        "coverage": it.coverage,
        "members": it.members,
        "first_day": it.from,
        "last_day": last,
    })
}
