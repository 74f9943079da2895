use super::super::ledger::Reading;
use jiff::civil::Date;
use kobling_domain::id::{SubjectNo, TargetNo};
use kobling_domain::people::{Claim, Claims, Field, Kind, Links, NativeKey, Role, view};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::target;
use kobling_store::people::{claim, subject};
use std::collections::{BTreeMap, BTreeSet};

/// Subjects read at once.
const PAGE_SUBJECTS: i64 = 4_000;

/// Who leads what over all days, as the target's source has it.
///
/// It is kept beside the lanes, for who leads a unit cannot be asked of the ledger without reading
/// everybody.
pub(super) struct Roles {
    all: Vec<(SubjectNo, Role)>,
    /// The employments that were read anew; none if all were.
    fresh: Option<Vec<SubjectNo>>,
    /// The units whose roles are others than before.
    changed: BTreeSet<NativeKey>,
}

impl Roles {
    /// Nobody leads anything, as far as the target may know.
    pub(super) fn none() -> Self {
        Self { all: Vec::new(), fresh: None, changed: BTreeSet::new() }
    }

    /// All roles, read from everybody's claims.
    pub(super) async fn all(reading: &Reading<'_>, ledger: &mut Tx) -> Result<Self, StoreError> {
        if !tells_managers(reading) {
            return Ok(Self::none());
        }
        let (tenant, version) = (reading.tenant, reading.version);
        let last = subject::last(ledger, tenant).await?;
        let (mut all, mut first) = (Vec::new(), SubjectNo(0));
        while first <= last {
            let next = SubjectNo(first.0.saturating_add(PAGE_SUBJECTS));
            let upto = SubjectNo(next.0 - 1);
            let claims = claim::between(ledger, tenant, first, upto, version).await?;
            all.extend(roles_of(reading, ledger, claims).await?);
            first = next;
        }
        Ok(Self { all, fresh: None, changed: BTreeSet::new() })
    }

    /// The roles that were kept, those of `employments` read anew.
    pub(super) async fn after(
        reading: &Reading<'_>,
        ledger: &mut Tx,
        target: TargetNo,
        employments: &[SubjectNo],
    ) -> Result<Self, StoreError> {
        if !tells_managers(reading) {
            return Ok(Self::none());
        }
        let tenant = reading.tenant;
        let kept = target::roles(ledger, tenant, target).await?;
        let is_fresh = |it: &(SubjectNo, Role)| employments.binary_search(&it.0).is_ok();
        let (before, mut all): (Vec<_>, Vec<_>) = kept.into_iter().partition(is_fresh);
        let claims = claim::at(ledger, tenant, employments, reading.version).await?;
        let now = roles_of(reading, ledger, claims).await?;
        let differing = |a: &[(SubjectNo, Role)], b: &[(SubjectNo, Role)]| -> Vec<NativeKey> {
            a.iter().filter(|it| !b.contains(it)).map(|it| it.1.unit.clone()).collect()
        };
        let changed = differing(&before, &now).into_iter().chain(differing(&now, &before));
        let changed = changed.collect();
        all.extend(now);
        Ok(Self { all, fresh: Some(employments.to_vec()), changed })
    }

    /// The units that are led otherwise: their roles changed, or one of them began or ended after
    /// the first day, up to the second.
    pub(super) fn affected(&self, (after, today): (Date, Date)) -> BTreeSet<NativeKey> {
        let turns = |it: &&Role| {
            let turns = [Some(it.validity.from()), it.validity.until()];
            turns.into_iter().flatten().any(|it| after < it && it <= today)
        };
        let turned = self.all.iter().map(|it| &it.1).filter(turns).map(|it| it.unit.clone());
        self.changed.iter().cloned().chain(turned).collect()
    }

    /// The units that one of these persons leads, on whatever day.
    pub(super) fn led_by(&self, persons: &BTreeSet<SubjectNo>) -> BTreeSet<NativeKey> {
        let led = self.all.iter().map(|it| &it.1).filter(|it| persons.contains(&it.person));
        led.map(|it| it.unit.clone()).collect()
    }

    /// The roles, and the employment of each.
    pub(super) fn employments(&self) -> BTreeMap<NativeKey, SubjectNo> {
        self.all.iter().map(|(no, role)| (role.employment.clone(), *no)).collect()
    }

    /// The roles alone, each of the one under whom its person is told of.
    pub(super) fn list(&self, links: &Links) -> Vec<Role> {
        let role = |it: &Role| Role { person: links.one(it.person), ..it.clone() };
        self.all.iter().map(|it| role(&it.1)).collect()
    }

    /// The next day after `today` on which one begins or ends.
    pub(super) fn next_turn(&self, today: Date) -> Option<Date> {
        let days = self.all.iter().map(|it| it.1.validity);
        days.flat_map(|it| [Some(it.from()), it.until()]).flatten().filter(|it| *it > today).min()
    }

    /// Keeps them for the next time.
    pub(super) async fn keep(
        self,
        tx: &mut Tx,
        reading: &Reading<'_>,
        target: TargetNo,
    ) -> Result<(), StoreError> {
        let tenant = reading.tenant;
        match self.fresh {
            None => {
                target::forget_roles(tx, tenant, target).await?;
                target::put_roles(tx, tenant, target, &[], self.all).await
            }
            Some(fresh) => {
                let is_fresh = |it: &(SubjectNo, Role)| fresh.binary_search(&it.0).is_ok();
                let roles = self.all.into_iter().filter(is_fresh).collect();
                target::put_roles(tx, tenant, target, &fresh, roles).await
            }
        }
    }
}

/// Whether the target may know who leads.
fn tells_managers(reading: &Reading<'_>) -> bool {
    reading.agreement.fields().contains(&Field::EmploymentIsManager)
}

/// The roles of those of the source's employments that have any.
async fn roles_of(
    reading: &Reading<'_>,
    ledger: &mut Tx,
    claims: Vec<claim::Claim>,
) -> Result<Vec<(SubjectNo, Role)>, StoreError> {
    let mut persons = BTreeMap::new();
    let mut lists: BTreeMap<SubjectNo, Vec<Claim>> = BTreeMap::new();
    let is_manager = |it: &claim::Claim| it.slice.state.is(Field::EmploymentIsManager);
    let leading: BTreeSet<SubjectNo> =
        claims.iter().filter(|it| is_manager(it)).map(|it| it.subject).collect();
    for it in claims.into_iter().filter(|it| leading.contains(&it.subject)) {
        persons.extend(it.refs.person.map(|person| (it.subject, person)));
        reading.put(&mut lists, it.subject, it);
    }
    let numbers: Vec<SubjectNo> = lists.keys().copied().collect();
    let mut roles = Vec::new();
    for it in subject::by_no(ledger, reading.tenant, &numbers).await? {
        let (Some(native), Some(list)) = (it.native, lists.remove(&it.no)) else { continue };
        let Some(person) = persons.get(&it.no) else { continue };
        let claims = Claims { kind: Kind::Employment, native, list };
        let all = Role::all_of(&view(&reading.rules, &claims), &claims.native, *person);
        roles.extend(all.into_iter().map(|role| (it.no, role)));
    }
    Ok(roles)
}
