//! Whether the records that a target gets are good enough for what it does with them.

use super::deliver::DeliverError;
use super::deliver::order::{self, Order};
use super::deliver::walk::{Leader, Sink, walk};
use super::progress::Progress;
use crate::Hub;
use jiff::civil::Date;
use kobling_domain::agreement::{
    Address, EmploymentPicture, Lack, Led, MemberPicture, PersonPicture, PositionPicture,
    Projected, Quality, Staff, Standing, UnitPicture, Usage,
};
use kobling_domain::id::{SubjectId, TenantId};
use kobling_domain::people::Field;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What is not good enough, counts first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QualityReport {
    /// The target.
    pub target: String,
    /// The agreement that says what it may have.
    pub agreement: String,
    /// The day.
    pub as_of: Date,
    /// The version of the ledger.
    pub version: i64,
    /// Persons looked at.
    pub persons: usize,
    /// Units looked at: those in scope with people in them.
    pub units_with_people: usize,
    /// One line for each thing that was looked for.
    pub counts: Vec<Count>,
    /// The units where something is lacking, by name.
    pub units: Vec<PoorUnit>,
    /// What somebody should know.
    pub notes: Vec<String>,
}

/// How many records lack something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// For what they are not good enough.
    pub usage: Usage,
    /// What they lack.
    pub lack: Lack,
    /// That in words.
    pub reason: &'static str,
    /// What to do at the source.
    pub remedy: &'static str,
    /// How many records.
    pub records: usize,
}

/// A unit where something is lacking.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PoorUnit {
    /// The unit; none for people whose unit is not told.
    pub unit: Option<SubjectId>,
    /// Its name, if it has one that the target may have.
    pub name: Option<String>,
    /// What it lacks itself.
    pub lacks: Vec<Lack>,
    /// Its people whose records lack something, by name.
    pub people: Vec<PoorRecord>,
}

/// A person, or an employment of theirs, whose record lacks something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PoorRecord {
    /// The person's name, if the target may have it.
    pub name: Option<String>,
    /// The person.
    pub person: SubjectId,
    /// The employment; none if it is the person's own record.
    pub employment: Option<SubjectId>,
    /// What it lacks.
    pub lacks: Vec<Lack>,
}

/// Looks at everything that the agreement of the target of that key lets out today.
///
/// # Errors
///
/// As a delivery would: without an agreement in force there is nothing to look at.
#[crate::boxed(?Send)]
pub async fn quality(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    progress: &dyn Progress,
) -> Result<QualityReport, DeliverError> {
    let mut ledger = hub.db.read().await?;
    let order = order::read(hub, &mut ledger, tenant, key).await?;
    let mut inspection = Inspection {
        quality: Quality::of(&order.agreement),
        units: BTreeMap::new(),
        persons: 0,
        poor: BTreeMap::new(),
    };
    let notes = walk(hub, &mut ledger, &order, &mut inspection, progress).await?;
    Ok(inspection.report(&order, notes))
}

/// What was looked at so far.
struct Inspection {
    quality: Quality,
    units: BTreeMap<SubjectId, Seen>,
    persons: usize,
    poor: BTreeMap<Option<SubjectId>, Vec<PoorRecord>>,
}

struct Seen {
    unit: Projected<UnitPicture>,
    people: BTreeSet<SubjectId>,
    led: Led,
}

impl Sink for Inspection {
    fn unit(&mut self, unit: &Projected<UnitPicture>) -> Result<(), DeliverError> {
        let (people, led) = (BTreeSet::new(), Led::Vacant);
        self.units.insert(unit.id, Seen { unit: unit.clone(), people, led });
        Ok(())
    }

    fn person(
        &mut self,
        person: &Projected<PersonPicture>,
        address: Address,
    ) -> Result<(), DeliverError> {
        self.persons += 1;
        let told = |it: &&EmploymentPicture| it.standing == Standing::Present;
        for it in person.employments.iter().filter(told) {
            if let Some(seen) = it.unit.and_then(|it| self.units.get_mut(&it)) {
                seen.people.insert(person.id);
            }
            self.note(it.unit, person, Some(it.id), self.quality.of_employment(it));
        }
        let unit = person.employments.first().and_then(|it| it.unit);
        self.note(unit, person, None, self.quality.of_person(person, address));
        Ok(())
    }

    fn position(&mut self, _position: &Projected<PositionPicture>) -> Result<(), DeliverError> {
        Ok(())
    }

    fn member(&mut self, _member: &Projected<MemberPicture>) -> Result<(), DeliverError> {
        Ok(())
    }

    fn leaders(&mut self, leaders: &[Leader<'_>]) -> Result<(), DeliverError> {
        let Some(first) = leaders.first() else { return Ok(()) };
        let equal = leaders.iter().filter(|it| it.level == first.level);
        let persons: BTreeSet<SubjectId> = equal.map(|it| it.manager.person).collect();
        if let Some(seen) = self.units.get_mut(&first.manager.unit) {
            seen.led = if persons.len() > 1 { Led::BySeveral } else { Led::ByOne };
        }
        Ok(())
    }
}

impl Inspection {
    fn note(
        &mut self,
        unit: Option<SubjectId>,
        person: &PersonPicture,
        employment: Option<SubjectId>,
        lacks: Vec<Lack>,
    ) {
        if !lacks.is_empty() {
            let name = person.values.get(&Field::PersonName);
            let name = name.and_then(|it| it.as_text()).map(str::to_owned);
            let record = PoorRecord { name, person: person.id, employment, lacks };
            self.poor.entry(unit).or_default().push(record);
        }
    }

    fn report(mut self, order: &Order, notes: Vec<String>) -> QualityReport {
        let mut units = Vec::new();
        for (id, seen) in &self.units {
            let people = u64::try_from(seen.people.len()).unwrap_or(u64::MAX);
            let staff = Staff { people, led: seen.led };
            let lacks = self.quality.of_unit(&seen.unit, staff);
            let people = self.poor.remove(&Some(*id)).unwrap_or_default();
            let name = seen.unit.values.get(&Field::UnitName);
            let name = name.and_then(|it| it.as_text()).map(str::to_owned);
            units.push(PoorUnit { unit: Some(*id), name, lacks, people });
        }
        let elsewhere = std::mem::take(&mut self.poor).into_values().flatten().collect();
        units.push(PoorUnit { people: elsewhere, ..PoorUnit::default() });
        units.retain(|it| !it.lacks.is_empty() || !it.people.is_empty());
        for it in &mut units {
            it.people.sort();
        }
        units.sort_by(|a, b| (&a.name, a.unit).cmp(&(&b.name, b.unit)));
        QualityReport {
            target: order.target.key.clone(),
            agreement: order.agreement.key().to_owned(),
            as_of: order.today,
            version: order.version.0,
            persons: self.persons,
            units_with_people: self.units.values().filter(|it| !it.people.is_empty()).count(),
            counts: counts(&self.quality, &units),
            units,
            notes,
        }
    }
}

fn counts(quality: &Quality, units: &[PoorUnit]) -> Vec<Count> {
    let mut records: BTreeMap<Lack, usize> = BTreeMap::new();
    let people = units.iter().flat_map(|it| &it.people).flat_map(|it| &it.lacks);
    for lack in units.iter().flat_map(|it| &it.lacks).chain(people) {
        *records.entry(*lack).or_default() += 1;
    }
    let count = |lack: Lack| Count {
        usage: lack.usage(),
        lack,
        reason: lack.reason(),
        remedy: lack.remedy(),
        records: records.get(&lack).copied().unwrap_or_default(),
    };
    quality.looked_for().map(count).collect()
}

impl fmt::Display for QualityReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, agreement, as_of, version, persons, units_with_people, .. } = self;
        writeln!(f, "{target} as of {as_of}, ledger version {version}, by agreement {agreement}")?;
        writeln!(f, "{persons} persons and {units_with_people} units with people were looked at")?;
        for usage in Usage::ALL {
            let mut counts = self.counts.iter().filter(|it| it.usage == usage).peekable();
            match counts.peek() {
                Some(_) => writeln!(f, "not good enough for {usage}:")?,
                None => writeln!(f, "for {usage} the agreement names nothing to look at")?,
            }
            for it in counts {
                writeln!(f, "  {:>8}  {}: {}", it.records, subject(it.lack), it.reason)?;
            }
        }
        self.units.iter().try_for_each(|it| poor_unit(f, it))?;
        self.notes.iter().try_for_each(|it| writeln!(f, "note: {it}"))
    }
}

fn poor_unit(f: &mut fmt::Formatter<'_>, it: &PoorUnit) -> fmt::Result {
    match (&it.name, it.unit) {
        (Some(name), Some(id)) => writeln!(f, "\n{name}  (unit {id})")?,
        (None, Some(id)) => writeln!(f, "\nunit {id}")?,
        (_, None) => writeln!(f, "\nin no unit")?,
    }
    it.lacks.iter().try_for_each(|it| lacking(f, "  the unit", *it))?;
    for record in &it.people {
        let name = record.name.as_deref().unwrap_or("somebody without a name");
        let who = match record.employment {
            Some(id) => format!("  {name}, employment {id}"),
            None => format!("  {name}, person {}", record.person),
        };
        record.lacks.iter().try_for_each(|it| lacking(f, &who, *it))?;
    }
    Ok(())
}

fn lacking(f: &mut fmt::Formatter<'_>, who: &str, lack: Lack) -> fmt::Result {
    let (usage, reason, remedy) = (lack.usage(), lack.reason(), lack.remedy());
    writeln!(f, "{who}: {reason} ({usage}); {remedy}")
}

/// Whose record it is.
fn subject(lack: Lack) -> &'static str {
    match lack {
        Lack::UnitEan | Lack::UnitAddress | Lack::UnitName | Lack::Manager | Lack::ManagerTie => {
            "units"
        }
        Lack::PersonAddress | Lack::PersonName => "persons",
        Lack::Position | Lack::EntryDate | Lack::Contract => "employments",
    }
}
