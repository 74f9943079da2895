use super::book::{Book, Known, Provenance};
use super::employer::{Employer, Organisation, Told, people, roles};
use super::find::{PeopleError, find};
use crate::Hub;
use crate::access;
use crate::exchange::mint::open_number;
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::id::{SubjectId, SubjectNo, TenantId, Version};
use kobling_domain::people::{
    Candidate, Chart, Claims, Criterion, Field, FieldName, Kind, NativeKey, Picture, Reason, Value,
    View, person_view, view, view_at, view_near,
};
use kobling_domain::time::{OPEN_START, Validity};
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::people::subject::{self, Subject};
use serde::{Serialize, Serializer};

/// Of which days, and as known when.
#[derive(Clone, Copy, Debug, Default)]
pub struct When {
    /// Only this day; all days without it.
    pub as_of: Option<Date>,
    /// As the hub knew it then; as it knows it now without it.
    pub known_at: Option<Timestamp>,
}

/// What a view was made for.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Moment {
    /// The ledger's version.
    pub version: Version,
    /// When that version was taken.
    pub at: Option<Timestamp>,
    /// The day for which managers, people and the primary employment are told.
    pub day: Date,
}

/// A subject as the hub shows it.
#[derive(Clone, Debug, Serialize)]
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
#[derive(Clone, Debug, Serialize)]
pub struct ShownSlice {
    /// The first day; none if it has always been so.
    pub from: Option<Date>,
    /// The first day on which it is no longer so; none if no end is known.
    pub until: Option<Date>,
    /// Since when the hub knows all of it.
    pub known_since: Known,
    /// What is told, in the order of the fields.
    #[serde(serialize_with = "as_map")]
    pub values: Vec<(FieldName, ShownValue)>,
}

/// What is told of one field.
#[derive(Clone, Debug, Serialize)]
pub struct ShownValue {
    /// The value.
    #[serde(serialize_with = "plain")]
    pub value: Value,
    /// By whom.
    pub origin: Stated,
}

/// Where a value comes from.
#[derive(Clone, Debug, Serialize)]
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
#[derive(Clone, Debug, Serialize)]
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
#[derive(Clone, Debug, Serialize)]
pub struct PersonOf {
    /// The hub's own id.
    pub id: SubjectId,
    /// The name; none if nobody tells it.
    pub name: Option<String>,
}

/// A unit by name.
#[derive(Clone, Debug, Serialize)]
pub struct UnitOf {
    /// The source's number of it.
    pub number: NativeKey,
    /// The name; none if nobody has described the unit.
    pub name: Option<String>,
}

/// One of a person's employments.
#[derive(Clone, Debug, Serialize)]
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

/// A person's primary employment.
#[derive(Clone, Debug, Serialize)]
pub struct PrimaryOf {
    /// Its number.
    pub number: NativeKey,
    /// Why it is.
    pub reason: &'static str,
}

/// Who leads somebody, or a unit.
#[derive(Clone, Debug, Serialize)]
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

/// What is told of one subject: the hub's own id, or the source's number of a unit or employment.
pub async fn show(
    hub: &Hub,
    tenant: TenantId,
    kind: Kind,
    id: &str,
    when: When,
) -> Result<Shown, PeopleError> {
    let day = match when.as_of {
        Some(day) => day,
        None => access::civil_now(hub, tenant).await?.date(),
    };
    let mut tx = hub.db.read().await?;
    let version = match when.known_at {
        Some(at) => tenant::version_at(&mut tx, tenant, at).await?,
        None => tenant::version(&mut tx, tenant).await?,
    };
    let subject = find(&mut tx, tenant, Some(kind), id).await?;
    let mut desk = Desk {
        hub,
        employer: Employer::on(&mut tx, tenant, version, day).await?,
        book: Book::of(&mut tx, tenant).await?,
        as_of: when.as_of,
        tx,
    };
    let (slices, about) = match subject.kind {
        Kind::Person => desk.person(&subject).await?,
        Kind::Unit => desk.unit(&subject).await?,
        Kind::Employment | Kind::Position => desk.employment(&subject).await?,
    };
    let at = desk.book.known(&mut desk.tx, version).await?.at;
    let known_at = Moment { version, at, day };
    Ok(Shown {
        id: subject.id,
        kind: subject.kind,
        native: subject.native,
        known_at,
        slices,
        about,
    })
}

/// Where one subject is looked up.
struct Desk<'a> {
    hub: &'a Hub,
    tx: Tx,
    employer: Employer,
    book: Book,
    as_of: Option<Date>,
}

impl Desk<'_> {
    async fn person(&mut self, subject: &Subject) -> Result<(Vec<ShownSlice>, About), PeopleError> {
        let Self { hub, tx, employer, .. } = self;
        let sealed = subject.number_sealed.as_deref();
        let number =
            sealed.map(|it| open_number(hub, employer.tenant, subject.id, it)).transpose()?;
        let own = employer.own_claims(tx, subject.no).await?;
        let told = employer.employments_of(tx, subject.no).await?;
        let organisation = employer.organisation(tx).await?;
        let mut employments: Vec<EmploymentOf> =
            told.iter().map(|it| employment_of(employer, &organisation, it)).collect();
        employments.sort_by(|a, b| a.number.cmp(&b.number));
        let primary = primary(employer, &told);
        let claims: Vec<Claims> = told.into_iter().map(|it| it.claims).collect();
        let view = person_view(&employer.rules, &own, &claims);
        let on_day = view.slices.iter().find(|(days, _)| days.contains(employer.day));
        let others = on_day.map(|(_, picture)| picture.other_names.as_slice()).unwrap_or_default();
        let other_names = others.iter().copied().cloned().collect();
        let national_number = number.map(|it| it.masked());
        let slices = self.slices(&view).await?;
        Ok((slices, About::Person { national_number, employments, primary, other_names }))
    }

    async fn unit(&mut self, subject: &Subject) -> Result<(Vec<ShownSlice>, About), PeopleError> {
        let told = self.employer.told(&mut self.tx, &[subject.no]).await?;
        let slices = match told.first() {
            Some(it) => self.slices(&view(&self.employer.rules.clone(), &it.claims)).await?,
            None => Vec::new(),
        };
        let organisation = self.employer.organisation(&mut self.tx).await?;
        let native = subject.native.clone().unwrap_or_else(|| NativeKey::text(""));
        let staff = self.staff(&organisation, &native).await?;
        let roles = roles(&self.employer.rules, &staff);
        let chart = Chart::on(&organisation.days, &roles, self.employer.day);
        let parents =
            chart.tree().ancestors(&native).map(|it| unit_of(&organisation, it)).collect();
        // Nobody's number: whoever leads the unit is its manager.
        let found = chart.manager(&native, SubjectNo(0));
        let reports = found.reports.iter().map(ToString::to_string).collect();
        let here: Vec<&Told> = staff
            .iter()
            .filter(|it| {
                let picture = view_at(&self.employer.rules, &it.claims, self.employer.day);
                let unit = picture.as_ref().and_then(|it| it.text(Field::EmploymentUnit));
                unit.is_some_and(|it| NativeKey::text(it) == native)
            })
            .collect();
        let people = people(&here);
        let manager = self.manager(&organisation, &found).await?;
        Ok((slices, About::Unit { parents, manager, reports, people }))
    }

    async fn employment(
        &mut self,
        subject: &Subject,
    ) -> Result<(Vec<ShownSlice>, About), PeopleError> {
        let told = self.employer.told(&mut self.tx, &[subject.no]).await?;
        let Some(it) = told.first() else {
            let reports = Vec::new();
            let about = About::Employment { person: None, unit: None, manager: None, reports };
            return Ok((Vec::new(), about));
        };
        let rules = self.employer.rules.clone();
        let slices = self.slices(&view(&rules, &it.claims)).await?;
        let organisation = self.employer.organisation(&mut self.tx).await?;
        let person = match it.person {
            Some(no) => Some(self.person_of(no).await?),
            None => None,
        };
        let near = view_near(&rules, &it.claims, self.employer.day);
        let unit = near.as_ref().and_then(|it| it.text(Field::EmploymentUnit)).map(NativeKey::text);
        let (Some(native), Some(no)) = (unit, it.person) else {
            let about =
                About::Employment { person, unit: None, manager: None, reports: Vec::new() };
            return Ok((slices, about));
        };
        let staff = self.staff(&organisation, &native).await?;
        let leading = roles(&rules, &staff);
        let chart = Chart::on(&organisation.days, &leading, self.employer.day);
        let found = chart.manager(&native, no);
        let reports = found.reports.iter().map(ToString::to_string).collect();
        let manager = self.manager(&organisation, &found).await?;
        let unit = Some(unit_of(&organisation, &native));
        Ok((slices, About::Employment { person, unit, manager, reports }))
    }

    /// The employments in a unit and in all units above it.
    async fn staff(
        &mut self,
        organisation: &Organisation,
        unit: &NativeKey,
    ) -> Result<Vec<Told>, PeopleError> {
        let chart = Chart::on(&organisation.days, &[], self.employer.day);
        let chain = std::iter::once(unit).chain(chart.tree().ancestors(unit));
        let numbers = organisation.numbers(chain);
        self.employer.employments_in(&mut self.tx, &numbers).await
    }

    async fn manager(
        &mut self,
        organisation: &Organisation,
        found: &kobling_domain::people::Found<'_>,
    ) -> Result<Option<Manager>, PeopleError> {
        let Some(role) = found.manager else { return Ok(None) };
        Ok(Some(Manager {
            person: self.person_of(role.person).await?,
            employment: role.employment.clone(),
            unit: unit_of(organisation, &role.unit),
            steps: found.steps,
        }))
    }

    async fn person_of(&mut self, no: SubjectNo) -> Result<PersonOf, PeopleError> {
        let found = subject::by_no(&mut self.tx, self.employer.tenant, &[no]).await?;
        let id = found.first().map(|it| it.id);
        let missing = kobling_store::StoreError::Missing { what: "person" };
        let name = self.employer.name(&mut self.tx, no).await?;
        Ok(PersonOf { id: id.ok_or(missing)?, name })
    }

    async fn slices(&mut self, view: &View<'_>) -> Result<Vec<ShownSlice>, PeopleError> {
        let mut slices = Vec::new();
        for (days, picture) in &view.slices {
            if self.as_of.is_none_or(|day| days.contains(day)) {
                slices.push(self.slice(days, picture).await?);
            }
        }
        Ok(slices)
    }

    async fn slice(
        &mut self,
        days: &Validity,
        picture: &Picture<'_>,
    ) -> Result<ShownSlice, PeopleError> {
        let day = self.as_of.unwrap_or(days.from());
        let mut values = Vec::new();
        let mut since = Version::ZERO;
        for (name, told) in picture.iter() {
            let claim = told.claim;
            since = since.max(claim.since);
            let provenance =
                self.book.provenance(&mut self.tx, claim.source, told.origin()).await?;
            let stated = !told.is_assumed_on(day);
            let (stated_from, version) = (told.stated_from, claim.since);
            let origin = Stated { provenance, stated, stated_from, version };
            values.push((
                name.clone(),
                ShownValue { value: told.value.clone().into_owned(), origin },
            ));
        }
        let known_since = self.book.known(&mut self.tx, since).await?;
        Ok(ShownSlice { from: open(days.from()), until: days.until(), known_since, values })
    }
}

fn employment_of(employer: &Employer, organisation: &Organisation, it: &Told) -> EmploymentOf {
    let near = view_near(&employer.rules, &it.claims, employer.day);
    let text = |field| near.as_ref().and_then(|it| it.text(field));
    let unit = text(Field::EmploymentUnit).map(NativeKey::text);
    EmploymentOf {
        id: it.subject.id,
        number: it.claims.native.clone(),
        from: near.as_ref().and_then(|it| open(it.days.from())),
        until: near.as_ref().and_then(|it| it.days.until()),
        unit: unit.map(|it| unit_of(organisation, &it)),
        title: text(Field::EmploymentPositionTitle).map(str::to_owned),
    }
}

fn primary(employer: &Employer, employments: &[Told]) -> Option<PrimaryOf> {
    let there: Vec<_> = employments
        .iter()
        .filter_map(|it| {
            Some((&it.claims.native, view_at(&employer.rules, &it.claims, employer.day)?))
        })
        .collect();
    let candidates: Vec<Candidate<'_>> = there
        .iter()
        .map(|(number, picture)| Candidate {
            number,
            contract_code: picture.text(Field::EmploymentContractCode),
            hours: picture.int(Field::EmploymentHoursNumerator),
        })
        .collect();
    let primary = employer.rules.ranking.primary(&candidates)?;
    let reason = match primary.reason {
        Reason::Only => "the only employment",
        Reason::By(Criterion::ContractCode) => "the lowest contract code",
        Reason::By(Criterion::Hours) => "the most weekly hours",
        Reason::By(Criterion::Number) => "the lowest employment number",
    };
    Some(PrimaryOf { number: primary.number.clone(), reason })
}

fn unit_of(organisation: &Organisation, unit: &NativeKey) -> UnitOf {
    UnitOf { number: unit.clone(), name: organisation.name(unit).map(str::to_owned) }
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
