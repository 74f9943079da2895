//! Looking a subject up: its view, and what is told of its kind only.

use super::employer::{Employer, Told, people};
use super::find::{PeopleError, find};
use super::organisation::Organisation;
use super::shown::{
    About, AbsenceOf, ActivityOf, EmploymentOf, Manager, Moment, PrimaryOf, QualificationOf, Shown,
    ShownSlice, ShownValue, Stated, UnitOf, When, open,
};
use crate::Hub;
use crate::exchange::mint::open_number;
use jiff::civil::Date;
use kobling_domain::id::{SourceNo, SubjectNo, TenantId, Version};
use kobling_domain::people::{
    Candidate, Chart, Claims, Criterion, Field, Kind, NativeKey, Picture, Reason, Value, View,
    person_view, view, view_at, view_near,
};
use kobling_domain::time::Validity;
use kobling_store::engine::Tx;
use kobling_store::people::claim::Wanted;
use kobling_store::people::subject::{self, Subject};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is told of one subject: the hub's own id, or the source's number of a unit or employment.
#[crate::boxed]
pub async fn show(
    hub: &Hub,
    tenant: TenantId,
    kind: Kind,
    id: &str,
    when: When,
) -> Result<Shown, PeopleError> {
    let (mut tx, employer) = when.found(hub, tenant).await?;
    let mut subject = find(&mut tx, tenant, Some(kind), id).await?;
    // Who is said to be somebody else is told of there.
    let one = employer.links.one(subject.no);
    if one != subject.no {
        subject = subject::by_no(&mut tx, tenant, &[one]).await?.pop().unwrap_or(subject);
    }
    let mut desk = Desk { hub, tx, employer: Arc::clone(&employer), as_of: when.as_of };
    let (slices, about) = match subject.kind {
        Kind::Person => desk.person(&subject).await?,
        Kind::Unit => desk.unit(&subject).await?,
        Kind::Employment
        | Kind::Position
        | Kind::Activity
        | Kind::Qualification
        | Kind::Absence => desk.employment(&subject).await?,
    };
    let (version, day) = (employer.version, employer.day);
    let at = employer.book.known(&mut desk.tx, version).await?.at;
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
    employer: Arc<Employer>,
    as_of: Option<Date>,
}

impl Desk<'_> {
    async fn person(&mut self, subject: &Subject) -> Result<(Vec<ShownSlice>, About), PeopleError> {
        let employer = Arc::clone(&self.employer);
        let Self { hub, tx, .. } = self;
        let sealed = subject.number_sealed.as_deref();
        let number =
            sealed.map(|it| open_number(hub, employer.tenant, subject.id, it)).transpose()?;
        let own = employer.own_claims(tx, subject.no).await?;
        let (told, belonging) = employer.of_person(tx, subject.no).await?;
        let Belongings { activities, qualifications, absences } = belongings(&employer, &belonging);
        let linked = subject::by_no(tx, employer.tenant, employer.links.others(subject.no)).await?;
        let same_as = linked.into_iter().map(|it| it.id).collect();
        let mut organisations = BTreeMap::new();
        let sources: BTreeSet<Option<SourceNo>> = told.iter().map(Told::source).collect();
        for source in sources {
            organisations.insert(source, employer.organisation(tx, source).await?);
        }
        let mut employments: Vec<EmploymentOf> = told
            .iter()
            .filter_map(|it| Some(employment_of(&employer, organisations.get(&it.source())?, it)))
            .collect();
        employments.sort_by(|a, b| a.number.cmp(&b.number));
        let primary = primary(&employer, &told);
        let claims: Vec<Claims> = told.into_iter().map(|it| it.claims).collect();
        let view = person_view(&employer.rules, &own, &claims);
        let on_day = view.slices.iter().find(|(days, _)| days.contains(employer.day));
        let others = on_day.map(|(_, picture)| picture.other_names.as_slice()).unwrap_or_default();
        let other_names = others.iter().copied().cloned().collect();
        let national_number = number.map(|it| it.masked());
        let slices = self.slices(&view).await?;
        let about = About::Person {
            national_number,
            employments,
            primary,
            other_names,
            same_as,
            activities,
            qualifications,
            absences,
        };
        Ok((slices, about))
    }

    async fn unit(&mut self, subject: &Subject) -> Result<(Vec<ShownSlice>, About), PeopleError> {
        let employer = Arc::clone(&self.employer);
        let told = employer.told_of(&mut self.tx, (vec![subject.clone()], Wanted::All)).await?;
        let slices = match told.first() {
            Some(it) => self.slices(&view(&employer.rules, &it.claims)).await?,
            None => Vec::new(),
        };
        let source = told.first().and_then(Told::source);
        let organisation = employer.organisation(&mut self.tx, source).await?;
        let native = subject.native.clone().unwrap_or_else(|| NativeKey::text(""));
        let chain = organisation.chain(&native);
        let leading = employer.leading(&mut self.tx, organisation, &chain).await?;
        let chart = Chart::of(organisation.cut_to(&chain), &leading, employer.day);
        let parents = chain.iter().skip(1).map(|it| unit_of(organisation, it)).collect();
        // Nobody's number: whoever leads the unit is its manager.
        let found = chart.manager(&native, SubjectNo(0));
        let reports = found.reports.iter().map(ToString::to_string).collect();
        let own: Vec<SubjectNo> = organisation.number(&native).into_iter().collect();
        let staff = employer.employments_in(&mut self.tx, &own).await?;
        let here: Vec<&Told> = staff
            .iter()
            .filter(|it| {
                let picture = view_at(&employer.rules, &it.claims, employer.day);
                let unit = picture.as_ref().and_then(|it| it.text(Field::EmploymentUnit));
                unit.is_some_and(|it| NativeKey::text(it) == native)
            })
            .collect();
        let people = people(&here);
        let manager = self.manager(organisation, &found).await?;
        Ok((slices, About::Unit { parents, manager, reports, people }))
    }

    async fn employment(
        &mut self,
        subject: &Subject,
    ) -> Result<(Vec<ShownSlice>, About), PeopleError> {
        let employer = Arc::clone(&self.employer);
        let told = employer.told_of(&mut self.tx, (vec![subject.clone()], Wanted::All)).await?;
        let Some(it) = told.first() else {
            let reports = Vec::new();
            let about = About::Employment { person: None, unit: None, manager: None, reports };
            return Ok((Vec::new(), about));
        };
        let slices = self.slices(&view(&employer.rules, &it.claims)).await?;
        let organisation = employer.organisation(&mut self.tx, it.source()).await?;
        let person = match it.person {
            Some(no) => Some(employer.person_of(&mut self.tx, no).await?),
            None => None,
        };
        let near = view_near(&employer.rules, &it.claims, employer.day);
        let unit = near.as_ref().and_then(|it| it.text(Field::EmploymentUnit)).map(NativeKey::text);
        let (Some(native), Some(no)) = (unit, it.person) else {
            let about =
                About::Employment { person, unit: None, manager: None, reports: Vec::new() };
            return Ok((slices, about));
        };
        let chain = organisation.chain(&native);
        let leading = employer.leading(&mut self.tx, organisation, &chain).await?;
        let chart = Chart::of(organisation.cut_to(&chain), &leading, employer.day);
        let found = chart.manager(&native, no);
        let reports = found.reports.iter().map(ToString::to_string).collect();
        let manager = self.manager(organisation, &found).await?;
        let unit = Some(unit_of(organisation, &native));
        Ok((slices, About::Employment { person, unit, manager, reports }))
    }

    async fn manager(
        &mut self,
        organisation: &Organisation,
        found: &kobling_domain::people::Found<'_>,
    ) -> Result<Option<Manager>, PeopleError> {
        let Some(role) = found.manager else { return Ok(None) };
        Ok(Some(Manager {
            person: self.employer.leader(&mut self.tx, role.person).await?,
            employment: role.employment.clone(),
            unit: unit_of(organisation, &role.unit),
            steps: found.steps,
        }))
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
                self.employer.book.provenance(&mut self.tx, claim.source, told.origin()).await?;
            let stated = !told.is_assumed_on(day);
            let (stated_from, version) = (told.stated_from, claim.since);
            let origin = Stated { provenance, stated, stated_from, version };
            values.push((
                name.clone(),
                ShownValue { value: told.value.clone().into_owned(), origin },
            ));
        }
        let known_since = self.employer.book.known(&mut self.tx, since).await?;
        Ok(ShownSlice { from: open(days.from()), until: days.until(), known_since, values })
    }
}

/// What belongs to a person, beside their employments.
#[derive(Default)]
pub(super) struct Belongings {
    pub(super) activities: Vec<ActivityOf>,
    /// What ends first before what ends later.
    pub(super) qualifications: Vec<QualificationOf>,
    /// The latest first.
    pub(super) absences: Vec<AbsenceOf>,
}

/// What is told of activities, qualifications and absences.
pub(super) fn belongings(employer: &Employer, told: &[Told]) -> Belongings {
    let Belongings { mut activities, mut qualifications, mut absences } = Belongings::default();
    for it in told {
        let Some(picture) = view_near(&employer.rules, &it.claims, employer.day) else { continue };
        let date = |field| match picture.get(field) {
            Some(Value::Date(day)) => Some(*day),
            Some(_) | None => None,
        };
        let text = |field| picture.text(field).map(str::to_owned);
        match it.subject.kind {
            Kind::Activity => activities.push(ActivityOf {
                name: text(Field::ActivityName).unwrap_or_default(),
                status: text(Field::ActivityStatus),
                completed: date(Field::ActivityCompleted),
            }),
            Kind::Qualification => qualifications.push(QualificationOf {
                name: text(Field::QualificationName).unwrap_or_default(),
                obtained: date(Field::QualificationObtained),
                valid_until: date(Field::QualificationValidUntil),
                is_valid: picture.days.contains(employer.day),
            }),
            Kind::Absence => absences.push(AbsenceOf {
                kind: text(Field::AbsenceKind),
                employment: text(Field::AbsenceEmployment),
                from: open(picture.days.from()),
                until: picture.days.until(),
            }),
            Kind::Unit | Kind::Person | Kind::Employment | Kind::Position => {}
        }
    }
    activities.sort_by(|a, b| (&a.name, a.completed).cmp(&(&b.name, b.completed)));
    let end = |it: &QualificationOf| (it.valid_until.is_none(), it.valid_until);
    qualifications.sort_by(|a, b| (end(a), &a.name).cmp(&(end(b), &b.name)));
    absences.sort_by(|a, b| (b.from, &a.kind).cmp(&(a.from, &b.kind)));
    Belongings { activities, qualifications, absences }
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
