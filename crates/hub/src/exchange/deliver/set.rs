//! Making a set: page by page out of the ledger, row by row through the projection.

use super::super::mint::open_number;
use super::super::progress::{Progress, Stage};
use super::{DeliverError, Order, agreed_source, row};
use crate::Hub;
use jiff::civil::Date;
use kobling_domain::agreement::{
    EmploymentFacts, ManagerFacts, ManagerPicture, PersonFacts, Projected, Projection, Reach,
    UnitFacts,
};
use kobling_domain::id::{SourceNo, SubjectId, SubjectNo};
use kobling_domain::people::{
    Candidate, Chart, Claim, Claims, Field, Kind, NationalNumber, NativeKey, Picture, Role, Rules,
    Tree, UnitDays, person_view_at, view_at, view_near,
};
use kobling_formats::plan2learn::{EndedEngagements, FileSet, Inventory, SetWriter};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::people::claim;
use kobling_store::people::subject::{self, Issuer, Subject, SubjectKey};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

/// Subjects read at once.
const PAGE_SUBJECTS: i64 = 4_000;

/// A set that is proved closed.
pub(super) struct Made<W> {
    pub(super) outputs: FileSet<W>,
    pub(super) inventory: Inventory,
    pub(super) rows: FileSet<u32>,
    pub(super) notes: Vec<String>,
}

/// Writes the set to `outputs`. `ledger` is one snapshot, and all of it is read from there.
pub(super) async fn make<W: Write>(
    hub: &Hub,
    ledger: &mut Tx,
    order: &Order,
    outputs: FileSet<W>,
    progress: &dyn Progress,
) -> Result<Made<W>, DeliverError> {
    let mut set = SetWriter::new(order.profile, outputs)?;
    let mut notes = Vec::new();
    if let Some(source) = agreed_source(ledger, order).await? {
        let reading = Reading { hub, order, source, rules: Rules::default() };
        notes = reading.write(ledger, &mut set, progress).await?;
    }
    let rows = set.row_counts();
    let (outputs, inventory) = set.finish_listed()?;
    Ok(Made { outputs, inventory, rows, notes })
}

/// What a set is made from: the claims of the source that the agreement is about. No other source
/// speaks, so the authority table has nothing to decide.
struct Reading<'a> {
    hub: &'a Hub,
    order: &'a Order,
    source: SourceNo,
    rules: Rules,
}

/// A unit on the day.
struct Unit<'a> {
    id: SubjectId,
    parent: Option<SubjectId>,
    picture: Picture<'a>,
}

impl Unit<'_> {
    fn facts(&self) -> UnitFacts<'_> {
        UnitFacts { id: self.id, parent: self.parent, picture: &self.picture }
    }
}

/// A person with all that is claimed of their employments.
struct Person {
    no: SubjectNo,
    id: SubjectId,
    number: Option<NationalNumber>,
    own: Vec<Claim>,
    employments: Vec<Claims>,
    employment_ids: Vec<SubjectId>,
}

/// What is gathered while persons stream past.
#[derive(Default)]
struct Gathered {
    positions: BTreeMap<NativeKey, SubjectId>,
    positions_told: BTreeSet<SubjectId>,
    roles: Vec<Role>,
    managers: BTreeMap<NativeKey, Projected<ManagerPicture>>,
    unit_awaited: u64,
}

impl Reading<'_> {
    async fn write<W: Write>(
        &self,
        ledger: &mut Tx,
        set: &mut SetWriter<W>,
        progress: &dyn Progress,
    ) -> Result<Vec<String>, DeliverError> {
        let today = self.order.today;
        let claims = self.unit_claims(ledger).await?;
        let units = self.units(&claims);
        let tree = Tree::new(units.iter().map(|(key, it)| (key.clone(), parent(&it.picture))));
        let reach = match self.order.profile.ended {
            EndedEngagements::Absent => Reach::PresentAndComing,
            EndedEngagements::Marked => Reach::All,
        };
        let Some(projection) = Projection::on(&self.order.agreement, &tree, today, reach) else {
            return Ok(Vec::new());
        };
        for unit in units.values().filter_map(|it| projection.unit(&it.facts())) {
            set.organisation(&row::organisation(&unit))?;
        }
        let mut gathered = Gathered::default();
        let last = subject::last(ledger, self.order.tenant).await?;
        let total = u64::try_from(last.0).unwrap_or(0);
        progress.at(Stage::Deliver, 0, total);
        let mut first = SubjectNo(0);
        while first <= last {
            let until = SubjectNo(first.0.saturating_add(PAGE_SUBJECTS));
            let persons = self.persons(ledger, first, SubjectNo(until.0 - 1)).await?;
            self.learn_positions(ledger, &persons, &mut gathered).await?;
            for person in &persons {
                self.person(person, &units, &projection, &mut gathered, set)?;
            }
            let done = u64::try_from(until.0.min(last.0)).unwrap_or(0);
            progress.at(Stage::Deliver, done, total);
            first = until;
        }
        managers(&units, &gathered, today, set)?;
        Ok(notes(&gathered))
    }

    /// The claims of the source on each unit.
    async fn unit_claims(
        &self,
        ledger: &mut Tx,
    ) -> Result<BTreeMap<SubjectId, Claims>, StoreError> {
        let Order { tenant, version, .. } = *self.order;
        let mut lists: BTreeMap<SubjectNo, Vec<Claim>> = BTreeMap::new();
        for it in claim::of_units(ledger, tenant, version).await? {
            self.put(&mut lists, it.subject, it);
        }
        let numbers: Vec<SubjectNo> = lists.keys().copied().collect();
        let mut units = BTreeMap::new();
        for unit in subject::by_no(ledger, tenant, &numbers).await? {
            if let (Some(native), Some(list)) = (unit.native, lists.remove(&unit.no)) {
                units.insert(unit.id, Claims { kind: Kind::Unit, native, list });
            }
        }
        Ok(units)
    }

    /// The units that are there today.
    fn units<'a>(&self, claims: &'a BTreeMap<SubjectId, Claims>) -> BTreeMap<NativeKey, Unit<'a>> {
        let there = |(id, claims): (&SubjectId, &'a Claims)| {
            let picture = view_at(&self.rules, claims, self.order.today)?;
            Some((claims.native.clone(), Unit { id: *id, parent: None, picture }))
        };
        let mut units: BTreeMap<NativeKey, Unit<'a>> = claims.iter().filter_map(there).collect();
        let ids: BTreeMap<NativeKey, SubjectId> =
            units.iter().map(|(key, it)| (key.clone(), it.id)).collect();
        for unit in units.values_mut() {
            unit.parent = parent(&unit.picture).and_then(|it| ids.get(&it).copied());
        }
        units
    }

    /// The persons among the subjects numbered from `first` to `last`.
    async fn persons(
        &self,
        ledger: &mut Tx,
        first: SubjectNo,
        last: SubjectNo,
    ) -> Result<Vec<Person>, StoreError> {
        let Order { tenant, version, .. } = *self.order;
        let mut subjects = subject::between(ledger, tenant, first, last).await?;
        subjects.retain(|it| it.kind == Kind::Person);
        let numbers: Vec<SubjectNo> = subjects.iter().map(|it| it.no).collect();
        let mut own = BTreeMap::new();
        for it in claim::at(ledger, tenant, &numbers, version).await? {
            self.put(&mut own, it.subject, it);
        }
        let mut through: BTreeMap<SubjectNo, BTreeMap<SubjectNo, Vec<Claim>>> = BTreeMap::new();
        for it in claim::naming(ledger, tenant, &numbers, version).await? {
            if let Some(person) = it.refs.person {
                self.put(through.entry(person).or_default(), it.subject, it);
            }
        }
        let employments: Vec<SubjectNo> =
            through.values().flat_map(BTreeMap::keys).copied().collect();
        let employments = subject::by_no(ledger, tenant, &employments).await?;
        let employments: BTreeMap<SubjectNo, Subject> =
            employments.into_iter().map(|it| (it.no, it)).collect();
        let mut persons = Vec::with_capacity(subjects.len());
        for it in subjects {
            let (own, through) = (own.remove(&it.no), through.remove(&it.no));
            if own.is_some() || through.is_some() {
                let lists = through.unwrap_or_default();
                persons.push(self.whole(&it, own.unwrap_or_default(), lists, &employments)?);
            }
        }
        Ok(persons)
    }

    fn whole(
        &self,
        person: &Subject,
        own: Vec<Claim>,
        lists: BTreeMap<SubjectNo, Vec<Claim>>,
        subjects: &BTreeMap<SubjectNo, Subject>,
    ) -> Result<Person, StoreError> {
        let named = self.order.agreement.fields().contains(&Field::PersonNationalNumber);
        let sealed = person.number_sealed.as_ref().filter(|_| named);
        let number =
            sealed.map(|it| open_number(self.hub, self.order.tenant, person.id, it)).transpose()?;
        let (mut employments, mut employment_ids) = (Vec::new(), Vec::new());
        for (no, list) in lists {
            let Some(it) = subjects.get(&no) else { continue };
            let Some(native) = it.native.clone() else { continue };
            employments.push(Claims { kind: Kind::Employment, native, list });
            employment_ids.push(it.id);
        }
        Ok(Person { no: person.no, id: person.id, number, own, employments, employment_ids })
    }

    /// Keeps a claim, if the agreement's source made it.
    fn put(
        &self,
        lists: &mut BTreeMap<SubjectNo, Vec<Claim>>,
        subject: SubjectNo,
        it: claim::Claim,
    ) {
        if it.source == self.source {
            let claim::Claim { source, track, since, slice, .. } = it;
            lists.entry(subject).or_default().push(Claim { source, track, since, slice });
        }
    }

    /// Looks up the positions of `persons` that were not met before.
    async fn learn_positions(
        &self,
        ledger: &mut Tx,
        persons: &[Person],
        gathered: &mut Gathered,
    ) -> Result<(), StoreError> {
        let tenant = self.order.tenant;
        let claims = persons.iter().flat_map(|it| &it.employments).flat_map(|it| &it.list);
        let titles: BTreeSet<&str> =
            claims.filter_map(|it| it.slice.state.text(Field::EmploymentPositionTitle)).collect();
        let keys: Vec<SubjectKey> = titles
            .into_iter()
            .map(NativeKey::text)
            .filter(|it| !gathered.positions.contains_key(it))
            .map(SubjectKey::Native)
            .collect();
        let issuer = Issuer::Source(self.source);
        let found = subject::by_key(ledger, tenant, issuer, Kind::Position, &keys).await?;
        let numbers: Vec<SubjectNo> = found.into_iter().flatten().collect();
        for it in subject::by_no(ledger, tenant, &numbers).await? {
            gathered.positions.extend(it.native.map(|native| (native, it.id)));
        }
        Ok(())
    }

    fn person<W: Write>(
        &self,
        person: &Person,
        units: &BTreeMap<NativeKey, Unit<'_>>,
        projection: &Projection<'_>,
        gathered: &mut Gathered,
        set: &mut SetWriter<W>,
    ) -> Result<(), DeliverError> {
        let today = self.order.today;
        let Person { own, employments, .. } = person;
        let Some(picture) = person_view_at(&self.rules, own, employments, today) else {
            return Ok(());
        };
        let pictures: Vec<(&NativeKey, SubjectId, Picture<'_>)> = employments
            .iter()
            .zip(&person.employment_ids)
            .filter_map(|(it, id)| Some((&it.native, *id, view_near(&self.rules, it, today)?)))
            .collect();
        let primary = self.primary(&pictures);
        let mut facts = Vec::with_capacity(pictures.len());
        for (native, id, picture) in &pictures {
            let unit = key(picture, Field::EmploymentUnit);
            let unit = unit.and_then(|it| units.get(&it)).map(|it| it.id);
            if unit.is_none() && picture.days.until().is_none_or(|it| it > today) {
                gathered.unit_awaited += 1;
            }
            let position = key(picture, Field::EmploymentPositionTitle);
            let position = position.and_then(|it| gathered.positions.get(&it)).copied();
            let primary = primary.map(|it| it == *native);
            facts.push(EmploymentFacts { id: *id, unit, position, picture, primary });
        }
        let number = person.number.as_ref().map(NationalNumber::digits);
        let (id, employments) = (person.id, facts.as_slice());
        let it = PersonFacts { id, picture: &picture, national_number: number, employments };
        let Some(projected) = projection.person(&it) else { return Ok(()) };
        set.bruger(&row::bruger(&projected))?;
        for engagement in row::engagements(&projected, self.order.profile, today) {
            set.engagement(&engagement)?;
        }
        for (fact, (native, _, _)) in facts.iter().zip(&pictures) {
            if let Some(position) = projection.position(fact)
                && gathered.positions_told.insert(position.id)
            {
                set.stillingskode(&row::stillingskode(&position))?;
            }
            gathered.manager(person, native, fact, units, projection);
        }
        Ok(())
    }

    /// The primary one among the employments of today, else among those to come.
    fn primary<'a>(
        &self,
        pictures: &'a [(&'a NativeKey, SubjectId, Picture<'_>)],
    ) -> Option<&'a NativeKey> {
        let today = self.order.today;
        let candidates = |there: &dyn Fn(&Picture<'_>) -> bool| -> Vec<Candidate<'a>> {
            let there = pictures.iter().filter(|(_, _, it)| there(it));
            there
                .map(|(number, _, it)| Candidate {
                    number,
                    contract_code: it.text(Field::EmploymentContractCode),
                    hours: it.int(Field::EmploymentHoursNumerator),
                })
                .collect()
        };
        let present = candidates(&|it| it.days.contains(today));
        let coming = || candidates(&|it| it.days.from() > today);
        let among = if present.is_empty() { coming() } else { present };
        self.rules.ranking.primary(&among).map(|it| it.number)
    }
}

impl Gathered {
    /// Keeps who leads the unit of this employment, if it does and the agreement lets it out.
    fn manager(
        &mut self,
        person: &Person,
        employment: &NativeKey,
        facts: &EmploymentFacts<'_>,
        units: &BTreeMap<NativeKey, Unit<'_>>,
        projection: &Projection<'_>,
    ) {
        let picture = facts.picture;
        let Some(key) = key(picture, Field::EmploymentUnit) else { return };
        let Some(unit) = units.get(&key) else { return };
        if !picture.is(Field::EmploymentIsManager) {
            return;
        }
        let manager = ManagerFacts { unit: unit.facts(), person: person.id, employment: *facts };
        if let Some(projected) = projection.manager(&manager) {
            self.managers.insert(employment.clone(), projected);
            self.roles.push(Role {
                unit: key,
                employment: employment.clone(),
                person: person.no,
                level: picture.int(Field::EmploymentSuperiorLevel),
                validity: picture.days,
            });
        }
    }
}

/// Writes one manager for each unit that has one; nobody inherits.
fn managers<W: Write>(
    units: &BTreeMap<NativeKey, Unit<'_>>,
    gathered: &Gathered,
    today: Date,
    set: &mut SetWriter<W>,
) -> Result<(), DeliverError> {
    let days = units.iter().map(|(unit, it)| UnitDays {
        unit: unit.clone(),
        parent: parent(&it.picture),
        validity: it.picture.days,
    });
    let days: Vec<UnitDays<NativeKey>> = days.collect();
    let chart = Chart::on(&days, &gathered.roles, today);
    for unit in units.keys() {
        let leader = chart.leader(unit).and_then(|it| gathered.managers.get(&it.employment));
        if let Some(leder) = leader.and_then(row::leder) {
            set.leder(&leder)?;
        }
    }
    Ok(())
}

fn notes(gathered: &Gathered) -> Vec<String> {
    let waiting = (gathered.unit_awaited > 0).then(|| {
        format!(
            "employments left out because their unit is not there (yet): {}",
            gathered.unit_awaited
        )
    });
    waiting.into_iter().collect()
}

fn parent(picture: &Picture<'_>) -> Option<NativeKey> {
    key(picture, Field::UnitParent)
}

fn key(picture: &Picture<'_>, field: Field) -> Option<NativeKey> {
    picture.text(field).map(NativeKey::text)
}
