//! What an answer about a subject is made of.

use super::book::{Known, Provenance};
use super::employer::Employer;
use super::find::PeopleError;
use crate::{Hub, access};
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::id::{SubjectId, TenantId, Version};
use kobling_domain::people::{FieldName, Kind, NativeKey, Value};
use kobling_domain::time::OPEN_START;
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Of which days, and as known when.
#[derive(Clone, Copy, Debug, Default)]
pub struct When {
    /// Only this day; all days without it.
    pub as_of: Option<Date>,
    /// As the hub knew it then; as it knows it now without it.
    pub known_at: Option<Timestamp>,
}

impl When {
    /// The employer on the day and at the version that are meant, and a transaction that reads the ledger.
    ///
    /// # Errors
    ///
    /// An instant before the ledger began is refused.
    pub(super) async fn found(
        self,
        hub: &Hub,
        tenant: TenantId,
    ) -> Result<(Tx, Arc<Employer>), PeopleError> {
        let mut tx = hub.db.answer().await?;
        let employer = tenant::by_id(&mut tx, tenant).await?;
        let version = match self.known_at {
            Some(at) => tenant::version_at(&mut tx, tenant, at).await?,
            None => employer.version,
        };
        let day = match self.as_of {
            Some(day) => day,
            None => hub.clock.civil(&access::zone_of(employer)?).date(),
        };
        if let (Some(at), Version::ZERO) = (self.known_at, version) {
            let first = tenant::version_taken(&mut tx, tenant, Version(1)).await?;
            return Err(PeopleError::NothingKnown { at, first: first.map(|it| it.0) });
        }
        let employer = hub.kept.employer(&mut tx, (tenant, version, day)).await?;
        Ok((tx, employer))
    }
}

/// What a view was made for.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Moment {
    /// The ledger's version.
    pub version: Version,
    /// When that version was taken.
    pub at: Option<Timestamp>,
    /// The day for which managers, people and the primary employment are told.
    pub day: Date,
}

/// A subject as the hub shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Subject")]
pub struct Shown {
    /// The hub's own id.
    pub id: SubjectId,
    /// What it is.
    pub kind: Kind,
    /// The source's key of it; a person has none.
    pub native: Option<NativeKey>,
    /// As known when.
    pub known_at: Moment,
    /// What it is, over its days.
    pub slices: Vec<ShownSlice>,
    /// What is told of its kind only.
    #[serde(flatten)]
    pub about: About,
}

/// Some days on which nothing changes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ShownSlice {
    /// The first day; none if it has always been so.
    pub from: Option<Date>,
    /// The first day on which it is no longer so; none if no end is known.
    pub until: Option<Date>,
    /// Since when the hub knows all of it.
    pub known_since: Known,
    /// What is told, in the order of the fields.
    #[serde(serialize_with = "as_map")]
    #[schemars(with = "BTreeMap<String, ShownValue>")]
    pub values: Vec<(FieldName, ShownValue)>,
}

/// What is told of one field.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ShownValue {
    /// The value.
    #[serde(serialize_with = "plain")]
    #[schemars(with = "serde_json::Value")]
    pub value: Value,
    /// By whom.
    pub origin: Stated,
}

/// Where a value comes from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Stated {
    /// Source, run, input and record.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// Whether it was stated for the first of the days that are shown; otherwise it was assumed,
    /// since nobody knows better.
    pub stated: bool,
    /// The first day for which it was stated.
    pub stated_from: Date,
    /// The ledger version since which it is known.
    pub version: Version,
}

/// What is told of one kind only.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum About {
    /// Of a person.
    Person {
        /// The national number, masked.
        national_number: Option<String>,
        /// All employments, by number.
        employments: Vec<EmploymentOf>,
        /// The primary employment of the day.
        primary: Option<PrimaryOf>,
        /// Employments that give another name, by number.
        other_names: Vec<NativeKey>,
        /// Others who are said to be the same person, and are told of here.
        same_as: Vec<SubjectId>,
        /// What the person takes or took part in, as the learning system tells.
        activities: Vec<ActivityOf>,
        /// What the person has proved to be able to do.
        qualifications: Vec<QualificationOf>,
        /// When they are or were away, the latest first.
        absences: Vec<AbsenceOf>,
    },
    /// Of a unit.
    Unit {
        /// The units above, the nearest first.
        parents: Vec<UnitOf>,
        /// Who leads it.
        manager: Option<Manager>,
        /// What a person should look at.
        reports: Vec<String>,
        /// How many people are in the unit itself.
        people: usize,
    },
    /// Of an employment.
    Employment {
        /// Whose it is.
        person: Option<PersonOf>,
        /// The unit it is in.
        unit: Option<UnitOf>,
        /// Who leads this person in this employment.
        manager: Option<Manager>,
        /// What a person should look at.
        reports: Vec<String>,
    },
}

/// A person by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PersonOf {
    /// The hub's own id.
    pub id: SubjectId,
    /// The name; none if nobody tells it.
    pub name: Option<String>,
}

/// A unit by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnitOf {
    /// The source's number of it.
    pub number: NativeKey,
    /// The name; none if nobody has described the unit.
    pub name: Option<String>,
}

/// One of a person's employments.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EmploymentOf {
    /// The hub's own id.
    pub id: SubjectId,
    /// The source's number of it.
    pub number: NativeKey,
    /// The first day.
    pub from: Option<Date>,
    /// The first day off; none if no end is known.
    pub until: Option<Date>,
    /// The unit, on the day nearest to the one asked for.
    pub unit: Option<UnitOf>,
    /// The position's title, likewise.
    pub title: Option<String>,
}

/// One of a person's activities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ActivityOf {
    /// What.
    pub name: String,
    /// How it stands.
    pub status: Option<String>,
    /// When it was completed.
    pub completed: Option<Date>,
}

/// One of a person's qualifications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QualificationOf {
    /// What.
    pub name: String,
    /// The first day; none if nobody tells it.
    pub obtained: Option<Date>,
    /// The last day; none if no end is known.
    pub valid_until: Option<Date>,
    /// Whether it is there on the day.
    pub is_valid: bool,
}

/// Days on which a person is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AbsenceOf {
    /// What kind of absence it is, as the source writes it.
    pub kind: Option<String>,
    /// The number of the employment that they are away from.
    pub employment: Option<String>,
    /// The first day.
    pub from: Option<Date>,
    /// The first day back; none while no end is known.
    pub until: Option<Date>,
}

/// A person's primary employment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PrimaryOf {
    /// Its number.
    pub number: NativeKey,
    /// Why it is.
    pub reason: &'static str,
}

/// Who leads somebody, or a unit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Manager {
    /// The manager.
    pub person: PersonOf,
    /// The employment that leads.
    pub employment: NativeKey,
    /// The unit it leads.
    pub unit: UnitOf,
    /// How many units further up that is; 0 is the unit itself.
    pub steps: usize,
}

/// A first day as it is shown.
pub(super) fn open(from: Date) -> Option<Date> {
    (from != OPEN_START).then_some(from)
}

/// A list of names and what is told of them, as a map in their order.
pub(super) fn as_map<T: Serialize, S: Serializer>(
    values: &[(FieldName, T)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().map(|(name, value)| (name.to_string(), value)))
}

/// A value without its type: what reads it knows the field.
pub(super) fn plain<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Value::Text(it) => it.serialize(serializer),
        Value::Int(it) => it.serialize(serializer),
        Value::Flag(it) => it.serialize(serializer),
        Value::Date(it) => it.serialize(serializer),
        Value::Functions(it) => it.serialize(serializer),
        Value::Erased => serializer.collect_map([("erased", true)]),
    }
}
