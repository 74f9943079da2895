use super::names::{CONTRACTS, FUNCTIONS};
use super::person::{Employments, Person, Protection};
use super::random::{Topic, pick};
use super::timeline::Change;
use super::units::{Unit, p_number};
use super::{CLIENT, DAY_ZERO, Employer, date_of};
use crate::opus::{FunctionElement, FunctionPlace, Record, RecordKind};
use jiff::ToSpan;
use jiff::civil::Date;

/// Number of the first employment. Numbers pass from five digits to six, so that whoever compares
/// them as text finds out.
pub(super) const FIRST_NO: i64 = 99_001;
/// Number of the first former employment or pensioner.
const FIRST_FORMER_NO: i64 = 90_001;

/// What an employment has been through by some day.
#[derive(Clone, Debug)]
pub(super) struct Employment<'a> {
    employer: &'a Employer,
    index: u64,
    no: i64,
    person: Person,
    hired_on: u16,
    left_on: Option<u16>,
    changes: Vec<(u16, Change)>,
    unit: &'a Unit,
    is_manager: bool,
}

impl<'a> Employment<'a> {
    /// The `index`-th employment as of day `day`; none if it has not been told of by then.
    pub(super) fn new(employer: &'a Employer, index: u64, day: u16) -> Option<Self> {
        let timeline = &employer.timeline;
        if index >= timeline.employments(day) {
            return None;
        }
        let slot = timeline.slot(index);
        let seat = slot.and_then(|it| employer.units.of_slot(it));
        let is_manager = seat.is_some_and(|(unit, _)| slot == unit.manager_slot());
        let person = Person::of_employment(index);
        let kinds = kinds_of_change(employer, person, is_manager);
        let changes: Vec<(u16, Change)> = timeline
            .changed_on(index, day)
            .zip(0..)
            .map(|(day, nth)| (day, kind_of_change(employer, &kinds, index, nth)))
            .collect();
        let unit = match seat {
            Some((unit, workplace)) => {
                moved(employer, unit, workplace, count(&changes, Change::Unit))
            }
            None => workplace(employer, employer.dice.roll(Topic(30), index)),
        }?;
        Some(Self {
            employer,
            index,
            no: FIRST_NO.saturating_add_unsigned(index),
            person,
            hired_on: timeline.hired_on(index),
            left_on: timeline.left_on(index, day),
            changes,
            unit,
            is_manager,
        })
    }

    /// The last day on which the extract said something new of it.
    pub(super) fn told_on(&self) -> u16 {
        let changed = self.changes.last().map_or(0, |(day, _)| *day);
        changed.max(self.hired_on).max(self.left_on.unwrap_or(0))
    }

    /// How it changed on that day, if it did.
    pub(super) fn change_on(&self, day: u16) -> Option<Change> {
        self.changes.iter().find(|(it, _)| *it == day).map(|(_, change)| *change)
    }

    /// What the extract says of it.
    pub(super) fn record(&self) -> Record {
        let mut record = Record::new(RecordKind::Employee, self.no, CLIENT);
        if self.left_on.is_some() && self.index.is_multiple_of(2) {
            record.action = Some("leave".to_owned());
            return record;
        }
        record.last_changed = Some(self.last_changed().to_string());
        self.fill_days(&mut record);
        self.person.fill_names(&mut record, self.employer.dice, self.count(Change::LastName));
        self.person.fill_home(&mut record, self.employer.dice, self.count(Change::Home));
        self.fill_work(&mut record);
        self.fill_invoices(&mut record);
        self.fill_place(&mut record);
        self.fill_pay(&mut record);
        self.fill_functions(&mut record);
        record
    }

    fn roll(&self, topic: u64) -> u64 {
        self.employer.dice.roll(Topic(topic), self.index)
    }

    fn count(&self, change: Change) -> u64 {
        count(&self.changes, change)
    }

    fn last_changed(&self) -> Date {
        let told = self.changes.iter().rev().find(|(_, it)| *it != Change::Function);
        let told = told.map_or(0, |(day, _)| *day);
        match told.max(self.hired_on).max(self.left_on.unwrap_or(0)) {
            0 => days_before(DAY_ZERO, self.roll(31) % 1_500 + 1),
            day => date_of(day),
        }
    }

    fn fill_days(&self, record: &mut Record) {
        let roll = self.roll(32);
        let entry = match self.hired_on {
            0 if roll.is_multiple_of(100) => days_after(DAY_ZERO, (roll >> 8) % 60 + 5),
            0 => days_before(DAY_ZERO, (roll >> 8) % 11_000 + 1),
            day => date_of(day),
        };
        record.set("entryDate", &entry.to_string());
        if let Some(left_on) = self.left_on {
            record.set("leaveDate", &days_after(date_of(left_on), 30).to_string());
        }
        let first = days_before(entry, (roll >> 24) % 2_000);
        record.set("initialEntry", &first.to_string());
        record.set("entryIntoGroup", &first.to_string());
    }

    fn fill_work(&self, record: &mut Record) {
        let roll = self.roll(33);
        let phone = (roll % 1_000_000 + self.count(Change::Phone)) % 1_000_000;
        record.set(
            "workPhone",
            &format!("00 {:02} {:02} {:02}", phone / 10_000, phone / 100 % 100, phone % 100),
        );
        let (code, text) = self.contract();
        record.set("workContract", code);
        record.set("workContractText", text);
        let title = if self.is_manager {
            self.unit.kind.manager()
        } else {
            pick(self.unit.kind.positions(), self.roll(34) + self.count(Change::Position))
        };
        let number = title.bytes().fold(7, |sum, it| (sum * 31 + u64::from(it)) % 9_000);
        record.set("positionId", &(50_001_000 + number).to_string());
        record.set("position", title);
        record.set("positionShort", &title.to_uppercase().chars().take(12).collect::<String>());
        record.set("jobId", if self.is_manager { "60000001" } else { "60000002" });
        record.set("job", if self.is_manager { "Leder" } else { "Medarbejder" });
        record.set("jobShort", if self.is_manager { "LEDER" } else { "MEDARB" });
    }

    fn fill_invoices(&self, record: &mut Record) {
        let (recipient, first, second) = if self.is_manager {
            ("true", ("1", "Indtil 50.000"), ("2", "Indtil 500.000"))
        } else {
            ("false", ("0", "Ingen beløbsgrænse"), ("0", "Ingen beløbsgrænse"))
        };
        record.set("invoiceRecipient", recipient);
        record.set("invoiceLevel1", first.0);
        record.set("invoiceLevel1Text", first.1);
        record.set("invoiceLevel2", second.0);
        record.set("invoiceLevel2Text", second.1);
    }

    fn fill_place(&self, record: &mut Record) {
        let user = format!("FJO{}", self.no);
        record.set("itUser", &user);
        record.set("userId", &user);
        record.set("email", &format!("{user}@FJORDBY.EXAMPLE"));
        record.set("productionNumber", &p_number(self.unit));
        record.set("isManager", if self.is_manager { "true" } else { "false" });
        let (superior, subordinate) =
            if self.is_manager { self.unit.kind.levels() } else { ("0", "00") };
        record.set("superiorLevel", superior);
        record.set("subordinateLevel", subordinate);
        record.set("orgUnit", &self.unit.no.to_string());
    }

    fn fill_pay(&self, record: &mut Record) {
        let grade = 111 + self.count(Change::PayGrade);
        record.set("payGrade", &format!("1-3011-{grade}"));
        record.set("payGradeText", "Overenskomstansat, grundløn og kvalifikationsløn");
        record.set("wageStep", &format!("{:02}", self.roll(35) % 50 + 1));
        let hours: (&[&str], _) = match (self.is_hourly(), self.roll(36) % 200) {
            (true, _) => (&["0.000", "8.000", "12.500"], "37.000"),
            // Some payroll offices write a percentage.
            (false, 0) => (&["80.000", "60.000", "50.000"], "100.000"),
            (false, 1..120) => (&["37.000", "34.000", "32.000"], "37.000"),
            (false, _) => (&["30.000", "28.000", "18.500"], "37.000"),
        };
        let nth = self.roll(37) % 1_000 + self.count(Change::Hours);
        record.set("numerator", pick(hours.0, nth));
        record.set("denominator", hours.1);
    }

    fn fill_functions(&self, record: &mut Record) {
        let roll = self.roll(38);
        let held = u64::from(roll.is_multiple_of(20)) + self.count(Change::Function);
        let both = roll.is_multiple_of(400);
        let times = if held.is_multiple_of(2) { 0 } else { 1 + usize::from(both) };
        let from = usize::try_from(roll % 3).unwrap_or(0);
        for (kind, text) in FUNCTIONS.iter().skip(from).take(times) {
            let mut function = FunctionElement::default();
            function.set(FunctionPlace::StartDate, "2024-01-01");
            function.set(FunctionPlace::EndDate, "9999-12-31");
            function.set(FunctionPlace::ArtId, kind);
            function.set(FunctionPlace::OrgDaekning, &self.unit.no.to_string());
            function.set(FunctionPlace::ArtText, text);
            function.set(FunctionPlace::Members, "0");
            function.set(FunctionPlace::RoleId, "3");
            function.set(FunctionPlace::RoleText, "Medlem");
            record.functions.push(function);
        }
    }

    fn contract(&self) -> (&'static str, &'static str) {
        if self.is_manager {
            return ("01", "Månedsløn bagud");
        }
        let count = u64::try_from(CONTRACTS.len()).unwrap_or(1);
        let index = usize::try_from(self.roll(39) % count).unwrap_or(0);
        CONTRACTS.get(index).copied().unwrap_or_default()
    }

    fn is_hourly(&self) -> bool {
        self.contract().0 == "03"
    }
}

/// The number of the first employment that is no news on day `day`, will not leave and
/// leads nobody.
pub(super) fn first_undisturbed(employer: &Employer, day: u16) -> Option<i64> {
    let undisturbed = |it: &Employment<'_>| {
        let is_old = day == 0 || it.told_on() < day;
        let stays = it.employer.timeline.left_on(it.index, u16::MAX).is_none();
        is_old && stays && !it.is_manager && it.person.employments == Employments::One
    };
    let mut all = (0..employer.employees).filter_map(|it| Employment::new(employer, it, day));
    all.find(undisturbed).map(|it| it.no)
}

/// The stub of an employment that ended before the first extract.
pub(super) fn former(nth: u64) -> Record {
    let no = FIRST_FORMER_NO.saturating_add_unsigned(nth);
    let mut record = Record::new(RecordKind::Employee, no, CLIENT);
    record.action = Some("leave".to_owned());
    record
}

/// A pensioner: a record without an entry date, by which nobody is employed.
pub(super) fn pensioner(employer: &Employer, nth: u64) -> Record {
    let no = FIRST_FORMER_NO.saturating_add_unsigned(nth);
    let mut record = Record::new(RecordKind::Employee, no, CLIENT);
    let person = Person::beyond(nth);
    record.last_changed = Some("2022-01-01".to_owned());
    person.fill_names(&mut record, employer.dice, 0);
    person.fill_home(&mut record, employer.dice, 0);
    record.set("workContract", "08");
    record.set("workContractText", "Tjenestemandspension");
    record.set("positionId", "50009999");
    record.set("position", "Pensionist");
    record.set("positionShort", "PENSION");
    record.set("isManager", "false");
    if let Some(unit) = employer.units.list().first() {
        record.set("orgUnit", &unit.no.to_string());
    }
    record.set("numerator", "0.000");
    record.set("denominator", "37.000");
    record
}

fn count(changes: &[(u16, Change)], change: Change) -> u64 {
    changes.iter().map(|(_, it)| u64::from(*it == change)).sum()
}

/// The kinds of change that show in the records of such an employment and contradict no other.
fn kinds_of_change(employer: &Employer, person: Person, is_manager: bool) -> Vec<Change> {
    let alone = person.employments == Employments::One;
    let open = person.protection(employer.dice) == Protection::None;
    let shows = |change: &Change| match change {
        Change::Hours | Change::Phone | Change::PayGrade | Change::Function => true,
        Change::Position => !is_manager,
        Change::Unit => !is_manager && employer.units.workplaces().len() > 1,
        Change::Home => alone && open,
        Change::LastName => alone,
    };
    Change::ALL.into_iter().filter(shows).collect()
}

fn kind_of_change(employer: &Employer, kinds: &[Change], index: u64, nth: u64) -> Change {
    let roll = employer.dice.roll(Topic(40 + nth), index);
    let count = u64::try_from(kinds.len()).unwrap_or(u64::MAX).max(1);
    let kind = usize::try_from(roll % count).unwrap_or(0);
    kinds.get(kind).copied().unwrap_or(Change::Phone)
}

/// Where somebody of `unit` is after so many moves: each goes to the next workplace.
fn moved<'a>(
    employer: &'a Employer,
    unit: &'a Unit,
    workplace_no: Option<usize>,
    moves: u64,
) -> Option<&'a Unit> {
    if moves == 0 {
        return Some(unit);
    }
    let from = workplace_no.and_then(|it| u64::try_from(it).ok()).unwrap_or(0);
    workplace(employer, from + moves)
}

/// One of the workplaces; they are counted round and round.
fn workplace(employer: &Employer, nth: u64) -> Option<&Unit> {
    let workplaces = employer.units.workplaces();
    let count = u64::try_from(workplaces.len()).ok()?;
    workplaces.get(usize::try_from(nth.checked_rem(count)?).ok()?)
}

fn days_after(date: Date, days: u64) -> Date {
    date.saturating_add(i64::try_from(days).unwrap_or(i64::MAX).min(100_000).days())
}

fn days_before(date: Date, days: u64) -> Date {
    date.saturating_sub(i64::try_from(days).unwrap_or(i64::MAX).min(100_000).days())
}
