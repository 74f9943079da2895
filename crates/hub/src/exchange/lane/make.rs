//! Bringing the lanes of a target to the present state of the ledger.

use super::super::ledger::{PAGE_SUBJECTS, Reading, unit_days};
use super::super::own::Own;
use super::super::progress::{Progress, Stage};
use super::keeper::Keeper;
use super::order::Order;
use super::portrait::{self, Portrait};
use super::roles::Roles;
use super::save::{Item, Looked, Purpose, Saving};
use super::span::{self, Span};
use super::steps::{Step, Steps, Uninterrupted};
use super::{LaneError, Made};
use crate::Hub;
use crate::access::configuration::EndedEmployments;
use jiff::civil::Date;
use kobling_domain::agreement::{Agreement, Projection, Reach};
use kobling_domain::exchange::lane::{Action, ActionFigures, check_actions};
use kobling_domain::id::{SubjectId, SubjectNo};
use kobling_domain::people::{Chart, Claims, Kind, NativeKey, Tree};
use kobling_store::access::audit;
use kobling_store::engine::Tx;
use kobling_store::exchange::target::{self, Done};
use kobling_store::exchange::{lane, message};
use kobling_store::people::subject::{self, Subject};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Lanes brought up to date in one transaction.
const PAGE_LANES: usize = 500;

/// Brings every lane of the target to what `ledger`, one snapshot, says its subject should be, and
/// lets the brakes judge what came of it.
pub(super) async fn make(
    hub: &Hub,
    ledger: &mut Tx,
    order: &Order,
    keeper: &Keeper<'_>,
    (steps, progress): (&dyn Steps, &dyn Progress),
) -> Result<Made, LaneError> {
    let (purpose, made) = (Purpose::Send(keeper), ActionFigures::default());
    let mut saving = Saving { hub, order, steps, purpose, made };
    let (roles, next_turn) = bring(&mut saving, ledger, progress).await?;
    let made = saving.made;
    let held = finish(hub, order, (keeper, steps), (roles, &made)).await?;
    let next_turn = next_turn.into_iter().chain(order.next_turn).min();
    Ok(Made { figures: made, held, next_turn })
}

/// The same for a look: how many messages would be made, and the first of them, at most `told_max`.
pub(super) async fn look(
    hub: &Hub,
    ledger: &mut Tx,
    order: &Order,
    (told_max, progress): (usize, &dyn Progress),
) -> Result<(ActionFigures, Looked), LaneError> {
    let looked = Looked { told_max, ..Looked::default() };
    let (purpose, made) = (Purpose::Look(looked), ActionFigures::default());
    let mut saving = Saving { hub, order, steps: &Uninterrupted, purpose, made };
    bring(&mut saving, ledger, progress).await?;
    let looked = match saving.purpose {
        Purpose::Look(it) => it,
        Purpose::Send(_) => Looked::default(),
    };
    Ok((saving.made, looked))
}

async fn bring<'a>(
    saving: &mut Saving<'a>,
    ledger: &mut Tx,
    progress: &dyn Progress,
) -> Result<(Option<KeptRoles<'a>>, Option<Date>), LaneError> {
    let (hub, order) = (saving.hub, saving.order);
    let at = (order.tenant, order.version);
    let reading = match &order.agreement {
        None => None,
        Some(agreement) => Reading::open(hub, ledger, at, agreement, order.today).await?,
    };
    let Some(reading) = reading else {
        inactivate_all(saving, ledger).await?;
        return Ok((None, None));
    };
    let mut making = Making { order, saving, progress };
    let (roles, next) = making.everything(ledger, reading).await?;
    Ok((Some(roles), next))
}

/// Nothing of anybody is let out any more.
async fn inactivate_all(saving: &mut Saving<'_>, ledger: &mut Tx) -> Result<(), LaneError> {
    let (tenant, target) = (saving.order.tenant, saving.order.no);
    for kind in [Kind::Unit, Kind::Person] {
        let mut after = SubjectNo(0);
        loop {
            let max = u32::try_from(PAGE_LANES).unwrap_or(u32::MAX);
            let page = lane::page(ledger, tenant, target, kind, after, max).await?;
            let Some(last) = page.last() else { break };
            after = *last;
            let subjects = subject::by_no(ledger, tenant, &page).await?;
            saving.page(ledger, subjects.iter().map(gone).collect()).await?;
        }
    }
    Ok(())
}

/// A subject of which the target may have nothing.
fn gone(subject: &Subject) -> Item {
    Item {
        no: subject.no,
        id: subject.id,
        kind: subject.kind,
        depth: 0,
        was_protected: subject.protected,
        content: None,
        reconsider_on: None,
    }
}

/// The brakes judge what waits, and what they let pass may leave. Last of all the lanes are said
/// to have followed the ledger.
async fn finish(
    hub: &Hub,
    order: &Order,
    (keeper, steps): (&Keeper<'_>, &dyn Steps),
    (roles, made): (Option<KeptRoles<'_>>, &ActionFigures),
) -> Result<Vec<kobling_domain::exchange::lane::TrippedAction>, LaneError> {
    steps.before(Step::Judge)?;
    let mut tx = hub.db.write().await?;
    let (tenant, no) = (order.tenant, order.no);
    let figures = message::uncleared(&mut tx, tenant, no).await?;
    let held = check_actions(&order.target.brakes, &figures);
    for action in Action::ALL {
        if held.iter().all(|it| it.action != action) {
            message::clear(&mut tx, tenant, no, action).await?;
        }
    }
    if let Some(KeptRoles { roles, reading }) = roles {
        roles.keep(&mut tx, &reading, no).await?;
    }
    let done = Done { version: order.version, on: order.today, basis: order.basis };
    target::set_done(&mut tx, tenant, no, &done).await?;
    if made.create + made.change + made.inactivate > 0 {
        let entry = audit::Entry {
            at: hub.clock.now(),
            who: "deliver".to_owned(),
            action: "target.messages".to_owned(),
            detail: json!({
                "target": order.target.key,
                "agreement": order.agreement.as_ref().map(Agreement::key),
                "version": order.version.0,
                "as_of": order.today,
                "create": made.create,
                "change": made.change,
                "inactivate": made.inactivate,
                "held": held.iter().map(|it| it.action.name()).collect::<Vec<_>>(),
            }),
        };
        audit::write(&mut tx, tenant, &entry).await?;
    }
    keeper.commit(tx).await?;
    Ok(held)
}

/// Roles that are kept when the lanes have followed the ledger.
struct KeptRoles<'a> {
    roles: Roles,
    reading: Reading<'a>,
}

struct Making<'a, 'b> {
    order: &'a Order,
    saving: &'b mut Saving<'a>,
    progress: &'b dyn Progress,
}

/// What units are projected from.
struct Units<'a> {
    claims: &'a BTreeMap<SubjectId, Claims>,
    numbers: &'a BTreeMap<NativeKey, SubjectNo>,
    tree: &'a Tree<NativeKey>,
}

impl<'a> Making<'a, '_> {
    async fn everything(
        &mut self,
        ledger: &mut Tx,
        reading: Reading<'a>,
    ) -> Result<(KeptRoles<'a>, Option<Date>), LaneError> {
        let (today, agreement) = (reading.today, reading.agreement);
        let claims = reading.unit_claims(ledger).await?;
        let units = reading.units(&claims);
        let days = unit_days(&units);
        let tree = Tree::on(&days, today);
        let numbers = span::unit_numbers(&reading, ledger, &claims).await?;
        let (span, roles) =
            span::find(&reading, ledger, self.order, &claims, &numbers, &tree).await?;
        let reach = match self.order.target.ended {
            EndedEmployments::Absent => Reach::PresentAndComing,
            EndedEmployments::Marked => Reach::All,
        };
        let next_turn = next_turn(&claims, &roles, today);
        let Some(projection) = Projection::on(agreement, &tree, today, reach) else {
            return Ok((KeptRoles { roles, reading }, next_turn));
        };
        let list = roles.list(&reading.links);
        let chart = Chart::on(&days, &list, today);
        let led = (&chart, &roles);
        let managers = portrait::managers(&reading, ledger, &projection, &units, led).await?;
        let mut portrait = Portrait {
            reading: &reading,
            projection: &projection,
            units: &units,
            chart: &chart,
            managers,
            positions: BTreeMap::new(),
            own: Own::read(reading.hub, ledger, self.order.tenant, &self.order.target.key).await?,
        };
        let all = Units { claims: &claims, numbers: &numbers, tree: &tree };
        self.units(ledger, &portrait, &all).await?;
        match span {
            Span::All => self.all_persons(ledger, &mut portrait).await?,
            Span::Some(persons) => self.persons(ledger, &mut portrait, &persons).await?,
        }
        Ok((KeptRoles { roles, reading }, next_turn))
    }

    /// Units are few: all are looked at every time.
    async fn units(
        &mut self,
        ledger: &mut Tx,
        portrait: &Portrait<'_>,
        all: &Units<'_>,
    ) -> Result<(), LaneError> {
        let known = all.claims.iter().filter_map(|(id, it)| {
            Some(Item {
                no: *all.numbers.get(&it.native)?,
                id: *id,
                kind: Kind::Unit,
                depth: all.tree.ancestors(&it.native).count(),
                was_protected: false,
                content: portrait.unit(&it.native),
                reconsider_on: None,
            })
        });
        let mut items: Vec<Item> = known.collect();
        let known: BTreeSet<SubjectNo> = items.iter().map(|it| it.no).collect();
        let (tenant, target) = (self.order.tenant, self.order.no);
        let told = lane::page(ledger, tenant, target, Kind::Unit, SubjectNo(0), u32::MAX).await?;
        let vanished: Vec<SubjectNo> = told.into_iter().filter(|it| !known.contains(it)).collect();
        items.extend(subject::by_no(ledger, tenant, &vanished).await?.iter().map(gone));
        while !items.is_empty() {
            let rest = items.split_off(items.len().min(PAGE_LANES));
            self.saving.page(ledger, std::mem::replace(&mut items, rest)).await?;
        }
        Ok(())
    }

    async fn all_persons(
        &mut self,
        ledger: &mut Tx,
        portrait: &mut Portrait<'_>,
    ) -> Result<(), LaneError> {
        let last = subject::last(ledger, self.order.tenant).await?;
        let total = u64::try_from(last.0).unwrap_or(0);
        let mut first = SubjectNo(0);
        while first <= last {
            let next = SubjectNo(first.0.saturating_add(PAGE_SUBJECTS));
            let upto = SubjectNo(next.0 - 1);
            let subjects = subject::between(ledger, self.order.tenant, first, upto).await?;
            self.page(ledger, portrait, subjects).await?;
            self.progress.at(Stage::Deliver, u64::try_from(first.0).unwrap_or(0), total);
            first = next;
        }
        Ok(())
    }

    async fn persons(
        &mut self,
        ledger: &mut Tx,
        portrait: &mut Portrait<'_>,
        persons: &BTreeSet<SubjectNo>,
    ) -> Result<(), LaneError> {
        let persons: Vec<SubjectNo> = persons.iter().copied().collect();
        for page in persons.chunks(PAGE_LANES) {
            let subjects = subject::by_no(ledger, self.order.tenant, page).await?;
            self.page(ledger, portrait, subjects).await?;
        }
        Ok(())
    }

    /// Brings the lanes of the persons among `subjects` up to date.
    async fn page(
        &mut self,
        ledger: &mut Tx,
        portrait: &mut Portrait<'_>,
        subjects: Vec<Subject>,
    ) -> Result<(), LaneError> {
        let mut items: BTreeMap<SubjectNo, Item> = subjects
            .iter()
            .filter(|it| it.kind == Kind::Person)
            .map(|it| (it.no, gone(it)))
            .collect();
        let reading = portrait.reading;
        let persons = reading.persons_of(ledger, subjects).await?;
        reading.learn_positions(ledger, &persons, &mut portrait.positions).await?;
        for person in &persons {
            if let Some(item) = items.get_mut(&person.no) {
                item.content = portrait.person(person);
                item.reconsider_on = portrait::next_turn(person, self.order.today);
            }
        }
        let mut items: Vec<Item> = items.into_values().collect();
        while !items.is_empty() {
            let rest = items.split_off(items.len().min(PAGE_LANES));
            self.saving.page(ledger, std::mem::replace(&mut items, rest)).await?;
        }
        Ok(())
    }
}

/// The next day on which units stand otherwise, or are led otherwise, by themselves.
fn next_turn(claims: &BTreeMap<SubjectId, Claims>, roles: &Roles, today: Date) -> Option<Date> {
    let days = claims.values().flat_map(|it| &it.list).map(|it| it.slice.validity);
    let turns = days.flat_map(|it| [Some(it.from()), it.until()]).flatten();
    turns.filter(|it| *it > today).chain(roles.next_turn(today)).min()
}
