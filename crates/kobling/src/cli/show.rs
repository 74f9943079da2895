use super::arguments::{Common, Show, ShowManager};
use super::{Failure, Outcome, print, settings};
use jiff::civil::Date;
use kobling_domain::people::{Field, FieldName, Kind, Value};
use kobling_hub::people::{
    self, About, AbsenceOf, ActivityOf, Known, Led, Manager, PeopleError, Provenance,
    QualificationOf, Shown, ShownSlice, Stated, Team, When,
};
use serde::Serialize;
use std::fmt;

/// Columns for the names of fields.
pub(super) const NAME_WIDTH: usize = 32;

pub(super) async fn execute(common: &Common, arguments: Show) -> Result<Outcome, Failure> {
    let (kind, one) = match arguments {
        Show::Person(it) => (Kind::Person, it),
        Show::Unit(it) => (Kind::Unit, it),
        Show::Employment(it) => (Kind::Employment, it),
        Show::Manager(it) => return manager(common, &it).await,
    };
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    let when = When { as_of: one.as_of, known_at: one.known_at };
    let shown = people::show(&hub, tenant, kind, &one.id, when).await.map_err(|it| failed(&it))?;
    print::result(common, &Page { shown, as_of: one.as_of })?;
    Ok(Outcome::Done)
}

async fn manager(common: &Common, it: &ShowManager) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    let team = people::team(&hub, tenant, &it.id, it.as_of).await;
    print::result(common, &TeamPage(team.map_err(|it| failed(&it))?))?;
    Ok(Outcome::Done)
}

#[derive(Serialize)]
#[serde(transparent)]
struct TeamPage(Team);

impl fmt::Display for TeamPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.0;
        let name = it.manager.name.as_deref().unwrap_or("no name");
        writeln!(f, "{name}  ({}) on {}", it.manager.id, it.day)?;
        if it.units.is_empty() {
            return writeln!(f, "  leads no unit on that day");
        }
        for unit in &it.units {
            line(f, "leads", &name_of_unit(unit))?;
        }
        writeln!(
            f,
            "\n{} people, whose qualification expires first before others",
            it.people.len()
        )?;
        it.people.iter().try_for_each(|it| led(f, it))
    }
}

fn led(f: &mut fmt::Formatter<'_>, it: &Led) -> fmt::Result {
    let name = it.person.name.as_deref().unwrap_or("no name");
    let title = it.title.as_deref().unwrap_or_default();
    let leads = if it.leads { "  leads it" } else { "" };
    writeln!(f, "\n{name}  ({})", it.person.id)?;
    line(f, "unit", &format!("{}  {title}{leads}", name_of_unit(&it.unit)))?;
    if let Some(end) = &it.expires {
        let word = if end.is_past { "expired" } else { "expires" };
        line(f, word, &format!("{}  {}", end.valid_until, end.name))?;
    }
    achievements(f, &it.qualifications, &it.activities)
}

fn achievements(
    f: &mut fmt::Formatter<'_>,
    qualifications: &[QualificationOf],
    activities: &[ActivityOf],
) -> fmt::Result {
    for it in qualifications {
        let until = it.valid_until.and_then(|it| it.tomorrow().ok());
        let past = if it.is_valid { "" } else { "  (not valid)" };
        line(f, "qualification", &format!("{}  {}{past}", it.name, days(it.obtained, until)))?;
    }
    for it in activities {
        let status = it.status.as_deref().unwrap_or_default();
        let completed = it.completed.map(|it| format!(" {it}")).unwrap_or_default();
        line(f, "activity", &format!("{}  {status}{completed}", it.name))?;
    }
    Ok(())
}

fn absence(f: &mut fmt::Formatter<'_>, it: &AbsenceOf) -> fmt::Result {
    let kind = it.kind.as_deref().unwrap_or_default();
    let from = it.employment.as_deref().map(|it| format!(", employment {it}")).unwrap_or_default();
    line(f, "absence", &format!("{kind}  {}{from}", days(it.from, it.until)))
}

pub(super) fn failed(error: &PeopleError) -> Failure {
    let what = "nothing can be shown";
    match error {
        PeopleError::Unknown { .. }
        | PeopleError::OtherKind { .. }
        | PeopleError::PersonByNumber
        | PeopleError::NothingKnown { .. }
        | PeopleError::Ambiguous { .. } => Failure::bad_input(what, error),
        PeopleError::Configure(_) | PeopleError::Store(_) => Failure::failed(what, error),
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Page {
    shown: Shown,
    #[serde(skip)]
    as_of: Option<Date>,
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.shown;
        let native = it.native.as_ref().map(|it| format!(" {it}")).unwrap_or_default();
        writeln!(f, "{}{native}  ({})", it.kind, it.id)?;
        writeln!(f, "as known at version {}{}", it.known_at.version, at(it.known_at.at))?;
        writeln!(f)?;
        about(f, &it.about, it.known_at.day)?;
        match (it.slices.is_empty(), self.as_of) {
            (true, Some(day)) => writeln!(f, "\nnothing is told of {day}")?,
            (true, None) => writeln!(
                f,
                "\nnothing is told of it any more: it was annulled, all its days were taken back; \
                 `kobling history {}` tells what was known before",
                it.id
            )?,
            (false, _) => {}
        }
        it.slices.iter().try_for_each(|it| slice(f, it))
    }
}

fn about(f: &mut fmt::Formatter<'_>, about: &About, day: Date) -> fmt::Result {
    match about {
        About::Person {
            national_number,
            employments,
            primary,
            other_names,
            same_as,
            activities,
            qualifications,
            absences,
        } => {
            line(f, "national number", national_number.as_deref().unwrap_or("not known"))?;
            for it in employments {
                let unit = it.unit.as_ref().map(name_of_unit).unwrap_or_default();
                let title = it.title.as_deref().unwrap_or_default();
                let days = days(it.from, it.until);
                line(f, &format!("employment {}", it.number), &format!("{days}  {title}, {unit}"))?;
            }
            if let Some(it) = primary {
                line(f, &format!("primary on {day}"), &format!("{} ({})", it.number, it.reason))?;
            }
            for it in other_names {
                line(f, "another name in", &format!("employment {it}"))?;
            }
            for it in same_as {
                line(f, "said to be the same as", &it.to_string())?;
            }
            achievements(f, qualifications, activities)?;
            absences.iter().try_for_each(|it| absence(f, it))
        }
        About::Unit { parents, manager, reports, people } => {
            for it in parents {
                line(f, "below", &name_of_unit(it))?;
            }
            line(f, &format!("people on {day}"), &people.to_string())?;
            led_by(f, manager.as_ref(), reports, day)
        }
        About::Employment { person, unit, manager, reports } => {
            if let Some(it) = person {
                let name = it.name.as_deref().unwrap_or("no name");
                line(f, "person", &format!("{name}  ({})", it.id))?;
            }
            if let Some(it) = unit {
                line(f, "unit", &name_of_unit(it))?;
            }
            led_by(f, manager.as_ref(), reports, day)
        }
    }
}

fn led_by(
    f: &mut fmt::Formatter<'_>,
    manager: Option<&Manager>,
    reports: &[String],
    day: Date,
) -> fmt::Result {
    let text = match manager {
        None => "nobody, up to the root".to_owned(),
        Some(it) => {
            let name = it.person.name.as_deref().unwrap_or("no name");
            let of = match it.steps {
                0 => String::new(),
                _ => format!(", who leads {}", name_of_unit(&it.unit)),
            };
            format!("{name} by employment {}{of}", it.employment)
        }
    };
    line(f, &format!("manager on {day}"), &text)?;
    reports.iter().try_for_each(|it| line(f, "to look at", it))
}

fn slice(f: &mut fmt::Formatter<'_>, it: &ShownSlice) -> fmt::Result {
    writeln!(f, "\n{}", days(it.from, it.until))?;
    writeln!(f, "  known since {}", known(&it.known_since))?;
    let origins: Vec<String> = it.values.iter().map(|(_, told)| origin(&told.origin)).collect();
    let usual = origins.first().cloned().unwrap_or_default();
    writeln!(f, "  stated by {usual}")?;
    for ((name, told), origin) in it.values.iter().zip(&origins) {
        let text = readable(name, &told.value);
        if *origin == usual {
            line(f, &name.to_string(), &text)?;
        } else {
            line(f, &name.to_string(), &format!("{text}  (stated by {origin})"))?;
        }
    }
    Ok(())
}

fn origin(it: &Stated) -> String {
    let Provenance { source, input, record, .. } = &it.provenance;
    let assumed =
        if it.stated { String::new() } else { format!("; assumed before {}", it.stated_from) };
    format!("{source} {input}, record {record}{assumed}")
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, text: &str) -> fmt::Result {
    writeln!(f, "  {name:<NAME_WIDTH$}  {text}")
}

fn name_of_unit(it: &people::UnitOf) -> String {
    match &it.name {
        Some(name) => format!("{name} ({})", it.number),
        None => format!("unit {}, which nobody has described", it.number),
    }
}

/// Days as people write them: the last one included.
pub(super) fn days(from: Option<Date>, until: Option<Date>) -> String {
    let last = until.and_then(|it| it.yesterday().ok());
    match (from, last) {
        (None, None) => "always".to_owned(),
        (None, Some(last)) => format!("up to {last}"),
        (Some(from), None) => format!("from {from} on"),
        (Some(from), Some(last)) => format!("{from} to {last}"),
    }
}

pub(super) fn known(it: &Known) -> String {
    format!("version {}{}", it.version, at(it.at))
}

fn at(instant: Option<jiff::Timestamp>) -> String {
    instant.map(|it| format!(" ({it})")).unwrap_or_default()
}

/// A value as people read it.
pub(super) fn readable(name: &FieldName, value: &Value) -> String {
    const THOUSANDTHS: [Field; 2] =
        [Field::EmploymentHoursNumerator, Field::EmploymentHoursDenominator];
    match value {
        Value::Text(it) => it.clone(),
        Value::Int(it) if THOUSANDTHS.iter().any(|field| *name == FieldName::Known(*field)) => {
            let decimals = format!("{}.{:03}", it.div_euclid(1_000), it.rem_euclid(1_000));
            decimals.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Value::Int(it) => it.to_string(),
        Value::Flag(true) => "yes".to_owned(),
        Value::Flag(false) => "no".to_owned(),
        Value::Date(it) => it.to_string(),
        Value::Functions(all) => {
            let name = |it: &kobling_domain::people::RoleFunction| {
                let kind = it.kind_name.clone().unwrap_or_else(|| it.kind.to_string());
                format!("{kind} {}", days(Some(it.from), it.until))
            };
            all.iter().map(name).collect::<Vec<_>>().join("; ")
        }
        Value::Erased => "(erased)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_hours_and_days_with_the_last_one_included() {
        let hours = FieldName::Known(Field::EmploymentHoursNumerator);
        assert_eq!(readable(&hours, &Value::Int(37_000)), "37");
        assert_eq!(readable(&hours, &Value::Int(18_500)), "18.5");
        let date = |day| jiff::civil::date(2026, 3, day);
        assert_eq!(days(Some(date(1)), Some(date(5))), "2026-03-01 to 2026-03-04");
    }
}
