//! Making a set: page by page out of the ledger, row by row through the projection.

mod awaited;
mod leaders;

use super::super::ledger::{PAGE_SUBJECTS, Person, Reading, Unit, key, parent};
use super::super::progress::{Progress, Stage};
use super::{DeliverError, Order, row};
use crate::Hub;
use awaited::Awaited;
use kobling_domain::agreement::{AgreedGroup, EmploymentFacts, PersonFacts, Projection, Reach};
use kobling_domain::id::{SubjectId, SubjectNo};
use kobling_domain::people::{Field, NationalNumber, NativeKey, Tree, person_view_at};
use kobling_formats::plan2learn::{EndedEngagements, FileSet, Inventory, SetWriter};
use kobling_store::engine::Tx;
use kobling_store::people::subject;
use leaders::Leaders;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

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
    let mut set = SetWriter::new(&order.form, outputs)?;
    let mut notes = Vec::new();
    let at = (order.tenant, order.version);
    let reading = Reading::open(hub, ledger, at, &order.agreement, order.today).await?;
    if let Some(reading) = reading {
        notes = Making { order, reading }.write(ledger, &mut set, progress).await?;
    }
    let rows = set.row_counts();
    let (outputs, inventory) = set.finish_listed()?;
    Ok(Made { outputs, inventory, rows, notes })
}

/// One set in the making.
struct Making<'a> {
    order: &'a Order,
    reading: Reading<'a>,
}

/// What is gathered while persons stream past.
struct Gathered<'a> {
    positions: BTreeMap<NativeKey, SubjectId>,
    positions_told: BTreeSet<SubjectId>,
    leaders: Leaders,
    groups: Vec<AgreedGroup<'a>>,
    eans: BTreeMap<SubjectId, String>,
    awaited: Awaited,
}

impl Making<'_> {
    async fn write<W: Write>(
        &self,
        ledger: &mut Tx,
        set: &mut SetWriter<'_, W>,
        progress: &dyn Progress,
    ) -> Result<Vec<String>, DeliverError> {
        let today = self.order.today;
        let claims = self.reading.unit_claims(ledger).await?;
        let units = self.reading.units(&claims);
        let tree = Tree::new(units.iter().map(|(key, it)| (key.clone(), parent(&it.picture))));
        let reach = match self.order.form.ended {
            EndedEngagements::Absent => Reach::PresentAndComing,
            EndedEngagements::Marked => Reach::All,
        };
        let Some(projection) = Projection::on(&self.order.agreement, &tree, today, reach) else {
            return Ok(Vec::new());
        };
        let awaited = Awaited::new(&self.order.agreement, self.reading.nearest_tree(&claims));
        let groups = self.order.groups.iter().map(|it| it.on(&tree, today));
        let agreed = groups.filter_map(|it| projection.group(it));
        let mut gathered = Gathered {
            positions: BTreeMap::new(),
            positions_told: BTreeSet::new(),
            leaders: Leaders::default(),
            groups: agreed.collect(),
            eans: BTreeMap::new(),
            awaited,
        };
        for unit in units.values().filter_map(|it| projection.unit(&it.facts())) {
            let row = row::organisation(&unit);
            set.organisation(&row)?;
            gathered.eans.extend(row.ean.map(|it| (unit.id, it)));
        }
        let last = subject::last(ledger, self.order.tenant).await?;
        let total = u64::try_from(last.0).unwrap_or(0);
        progress.at(Stage::Deliver, 0, total);
        let mut first = SubjectNo(0);
        while first <= last {
            let until = SubjectNo(first.0.saturating_add(PAGE_SUBJECTS));
            let persons = self.reading.persons(ledger, first, SubjectNo(until.0 - 1)).await?;
            self.reading.learn_positions(ledger, &persons, &mut gathered.positions).await?;
            for person in &persons {
                self.person(person, &units, &projection, &mut gathered, set)?;
            }
            let done = u64::try_from(until.0.min(last.0)).unwrap_or(0);
            progress.at(Stage::Deliver, done, total);
            first = until;
        }
        gathered.leaders.write(&units, today, self.order.form.profile.managers, set)?;
        Ok(gathered.awaited.notes())
    }

    fn person<W: Write>(
        &self,
        person: &Person,
        units: &BTreeMap<NativeKey, Unit<'_>>,
        projection: &Projection<'_>,
        gathered: &mut Gathered<'_>,
        set: &mut SetWriter<'_, W>,
    ) -> Result<(), DeliverError> {
        let today = self.order.today;
        let rules = &self.reading.rules;
        let Some(picture) = person_view_at(rules, &person.own, &person.employments, today) else {
            return Ok(());
        };
        let pictures = self.reading.pictures(person);
        let primary = self.reading.primary(&pictures);
        let mut facts = Vec::with_capacity(pictures.len());
        for it in &pictures {
            let named = key(&it.picture, Field::EmploymentUnit);
            let unit = named.as_ref().and_then(|it| units.get(it)).map(|it| it.id);
            if unit.is_none() && it.picture.days.until().is_none_or(|until| until > today) {
                gathered.awaited.count(named.as_ref());
            }
            let position = key(&it.picture, Field::EmploymentPositionTitle);
            let position = position.and_then(|it| gathered.positions.get(&it)).copied();
            let primary = primary.map(|primary| primary == it.native);
            let (id, first_day, picture) = (it.id, it.first_day, &it.picture);
            facts.push(EmploymentFacts { id, unit, position, picture, primary, first_day });
        }
        let number = person.number.as_ref().map(NationalNumber::digits);
        let it = PersonFacts {
            id: person.id,
            picture: &picture,
            address: person.address,
            national_number: number,
            employments: &facts,
            membership: self.reading.membership(person),
        };
        let Some(projected) = projection.person(&it) else { return Ok(()) };
        let form = &self.order.form;
        set.bruger(&row::bruger(&projected, form.profile, &gathered.eans))?;
        for engagement in row::engagements(&projected, form, today) {
            set.engagement(&engagement)?;
        }
        for group in &gathered.groups {
            let member = facts.iter().find_map(|it| projection.member(group, person.id, it));
            if let Some(member) = member {
                set.maalgruppe(&row::maalgruppe(&member))?;
            }
        }
        for (fact, it) in facts.iter().zip(&pictures) {
            if let Some(position) = projection.position(fact)
                && gathered.positions_told.insert(position.id)
            {
                set.stillingskode(&row::stillingskode(&position))?;
            }
            gathered.leaders.learn(person, it.native, fact, units, projection);
        }
        Ok(())
    }
}
