//! Everything that an agreement lets out for a day, once: page by page out of the ledger, through the
//! projection.

mod awaited;
mod leaders;

pub(in super::super) use leaders::Leader;

use super::super::ledger::{PAGE_SUBJECTS, Person, Reading, Unit, key, parent};
use super::super::progress::{Progress, Stage};
use super::{DeliverError, Order};
use crate::Hub;
use awaited::Awaited;
use kobling_domain::agreement::{
    Address, AgreedGroup, MemberPicture, PersonPicture, PositionPicture, Projected, Projection,
    Reach, UnitPicture,
};
use kobling_domain::id::{SubjectId, SubjectNo};
use kobling_domain::people::{Field, NativeKey, Tree, person_view_at};
use kobling_formats::plan2learn::EndedEngagements;
use kobling_store::engine::Tx;
use kobling_store::people::subject;
use leaders::Leaders;
use std::collections::{BTreeMap, BTreeSet};

/// What takes in what is let out: first all units, then each person with positions and groups, then
/// the leaders of each unit that has any.
pub(in super::super) trait Sink {
    fn unit(&mut self, unit: &Projected<UnitPicture>) -> Result<(), DeliverError>;

    /// A person, and whether the address is withheld because it is protected.
    fn person(
        &mut self,
        person: &Projected<PersonPicture>,
        address: Address,
    ) -> Result<(), DeliverError>;

    /// A position that was not told before.
    fn position(&mut self, position: &Projected<PositionPicture>) -> Result<(), DeliverError>;

    fn member(&mut self, member: &Projected<MemberPicture>) -> Result<(), DeliverError>;

    /// All who lead one unit, the one who does first; at least one.
    fn leaders(&mut self, leaders: &[Leader<'_>]) -> Result<(), DeliverError>;
}

/// Lets out to `sink` what the agreement of `order` allows, and tells what somebody should know.
pub(in super::super) async fn walk<S: Sink>(
    hub: &Hub,
    ledger: &mut Tx,
    order: &Order,
    sink: &mut S,
    progress: &dyn Progress,
) -> Result<Vec<String>, DeliverError> {
    let at = (order.tenant, order.version);
    let reading = Reading::open(hub, ledger, at, &order.agreement, order.today).await?;
    let Some(reading) = reading else { return Ok(Vec::new()) };
    Walk { order, reading }.all(ledger, sink, progress).await
}

/// One way through the ledger.
struct Walk<'a> {
    order: &'a Order,
    reading: Reading<'a>,
}

/// What is gathered while persons stream past.
struct Gathered<'a> {
    positions: BTreeMap<NativeKey, SubjectId>,
    positions_told: BTreeSet<SubjectId>,
    leaders: Leaders,
    groups: Vec<AgreedGroup<'a>>,
    awaited: Awaited,
}

impl Walk<'_> {
    async fn all<S: Sink>(
        &self,
        ledger: &mut Tx,
        sink: &mut S,
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
            awaited,
        };
        for unit in units.values().filter_map(|it| projection.unit(&it.facts())) {
            sink.unit(&unit)?;
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
                self.person(person, &units, &projection, &mut gathered, sink)?;
            }
            let done = u64::try_from(until.0.min(last.0)).unwrap_or(0);
            progress.at(Stage::Deliver, done, total);
            first = until;
        }
        gathered.leaders.tell(&units, today, sink)?;
        Ok(gathered.awaited.notes())
    }

    fn person<S: Sink>(
        &self,
        person: &Person,
        units: &BTreeMap<NativeKey, Unit<'_>>,
        projection: &Projection<'_>,
        gathered: &mut Gathered<'_>,
        sink: &mut S,
    ) -> Result<(), DeliverError> {
        let today = self.order.today;
        let rules = &self.reading.rules;
        let Some(picture) = person_view_at(rules, &person.own, &person.employments, today) else {
            return Ok(());
        };
        let pictures = self.reading.pictures(person);
        let facts = self.reading.facts(&pictures, units, &gathered.positions);
        for it in facts.iter().filter(|it| it.unit.is_none()) {
            if it.picture.days.until().is_none_or(|until| until > today) {
                gathered.awaited.count(key(it.picture, Field::EmploymentUnit).as_ref());
            }
        }
        let it = self.reading.person_facts(person, &picture, &facts);
        let Some(projected) = projection.person(&it) else { return Ok(()) };
        sink.person(&projected, it.address)?;
        for group in &gathered.groups {
            let member = facts.iter().find_map(|it| projection.member(group, person.id, it));
            if let Some(member) = member {
                sink.member(&member)?;
            }
        }
        for (fact, it) in facts.iter().zip(&pictures) {
            if let Some(position) = projection.position(fact)
                && gathered.positions_told.insert(position.id)
            {
                sink.position(&position)?;
            }
            gathered.leaders.learn(person, it.native, fact, units, projection);
        }
        Ok(())
    }
}
