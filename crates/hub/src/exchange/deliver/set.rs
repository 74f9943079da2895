//! Making a set: page by page out of the ledger, row by row through the projection.

mod awaited;
mod leaders;
mod people;
mod units;

use super::super::progress::{Progress, Stage};
use super::{DeliverError, Order, row};
use crate::Hub;
use awaited::Awaited;
use kobling_domain::agreement::{EmploymentFacts, PersonFacts, Projection, Reach};
use kobling_domain::id::{SourceNo, SubjectId, SubjectNo};
use kobling_domain::people::{
    Candidate, Field, NationalNumber, NativeKey, Picture, Rules, Tree, person_view_at, view_near,
};
use kobling_formats::plan2learn::{EndedEngagements, FileSet, Inventory, SetWriter};
use kobling_store::engine::Tx;
use kobling_store::exchange::source;
use kobling_store::people::subject;
use leaders::Leaders;
use people::Person;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use units::Unit;

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
    // None while nothing was read from it.
    let agreed = source::by_key(ledger, order.tenant, order.agreement.source()).await?;
    if let Some(source) = agreed.map(|it| it.no) {
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

/// What is gathered while persons stream past.
struct Gathered {
    positions: BTreeMap<NativeKey, SubjectId>,
    positions_told: BTreeSet<SubjectId>,
    leaders: Leaders,
    awaited: Awaited,
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
        let awaited = Awaited::new(&self.order.agreement, self.nearest_tree(&claims));
        let mut gathered = Gathered {
            positions: BTreeMap::new(),
            positions_told: BTreeSet::new(),
            leaders: Leaders::default(),
            awaited,
        };
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
        gathered.leaders.write(&units, today, set)?;
        Ok(gathered.awaited.notes())
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
            let named = key(picture, Field::EmploymentUnit);
            let unit = named.as_ref().and_then(|it| units.get(it)).map(|it| it.id);
            if unit.is_none() && picture.days.until().is_none_or(|it| it > today) {
                gathered.awaited.count(named.as_ref());
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
            gathered.leaders.learn(person, native, fact, units, projection);
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

fn parent(picture: &Picture<'_>) -> Option<NativeKey> {
    key(picture, Field::UnitParent)
}

fn key(picture: &Picture<'_>, field: Field) -> Option<NativeKey> {
    picture.text(field).map(NativeKey::text)
}
