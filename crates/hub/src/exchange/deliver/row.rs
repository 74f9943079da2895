//! What an agreement lets out, as rows of plan2learn's files (profile `viborg`).

use jiff::ToSpan;
use jiff::civil::Date;
use kobling_domain::agreement::{
    EmploymentPicture, ManagerPicture, PersonPicture, PositionPicture, Projected, Standing,
    UnitPicture, Values,
};
use kobling_domain::people::{Field, NationalNumber, Value};
use kobling_domain::time::Validity;
use kobling_formats::plan2learn::{
    Bruger, Engagement, Leder, Organisation, Profile, Status, Stillingskode,
};

pub(super) fn organisation(unit: &Projected<UnitPicture>) -> Organisation {
    let text = |field| text(&unit.values, field);
    Organisation {
        id: unit.id,
        name: text(Field::UnitName),
        parent: unit.parent,
        street: text(Field::UnitStreet),
        postal_code: text(Field::UnitPostalCode),
        city: text(Field::UnitCity),
    }
}

pub(super) fn bruger(person: &Projected<PersonPicture>) -> Bruger {
    let text = |field| text(&person.values, field);
    let number = text(Field::PersonNationalNumber);
    Bruger {
        id: person.id,
        cpr: number.and_then(|it| NationalNumber::parse(&it).ok()),
        name: text(Field::PersonName),
        email: text(Field::PersonEmail),
        mobile: text(Field::PersonMobile),
        title: title(&person.employments),
    }
}

/// The employments of a person that have a row on `today`.
pub(super) fn engagements(
    person: &Projected<PersonPicture>,
    profile: Profile,
    today: Date,
) -> Vec<Engagement> {
    let row = |it: &EmploymentPicture| {
        let entry = date(&it.values, Field::EmploymentEntryDate);
        let stands = profile.standing(&[days(it.standing, entry, today)?], today)?;
        Some(Engagement {
            id: it.id,
            bruger: person.id,
            afdeling: it.unit?,
            status: stands.status,
            stillingskode: it.position,
            primary: primary(it),
            kind: text(&it.values, Field::EmploymentContract),
            start: entry.and(stands.start),
        })
    };
    person.employments.iter().filter_map(row).collect()
}

/// The row of a unit's manager; none if the agreement does not let out who leads.
pub(super) fn leder(manager: &Projected<ManagerPicture>) -> Option<Leder> {
    manager.values.get(&Field::EmploymentIsManager)?;
    Some(Leder {
        bruger: manager.person,
        afdeling: manager.unit,
        status: Status::Active,
        title: text(&manager.values, Field::EmploymentPositionTitle),
    })
}

pub(super) fn stillingskode(position: &Projected<PositionPicture>) -> Stillingskode {
    Stillingskode {
        id: position.id,
        status: Status::Active,
        title: text(&position.values, Field::PositionTitle),
    }
}

/// Some days that stand to `today` as the employment does. When a coming one begins is told only
/// where the agreement names it.
fn days(standing: Standing, entry: Option<Date>, today: Date) -> Option<Validity> {
    match standing {
        Standing::Present => Some(Validity::starting(today)),
        Standing::Coming => {
            let tomorrow = today.checked_add(1.day()).ok()?;
            Some(Validity::starting(entry.map_or(tomorrow, |it| it.max(tomorrow))))
        }
        Standing::Ended => Validity::ALWAYS.before(today),
    }
}

/// The title of the primary employment. Where the agreement does not say which that is, only the
/// title of a person's one employment is told: a choice among several would tell.
fn title(employments: &[EmploymentPicture]) -> Option<String> {
    let speaking = match employments {
        [only] => Some(only),
        several => several.iter().find(|it| primary(it) == Some(true)),
    };
    text(&speaking?.values, Field::EmploymentPositionTitle)
}

fn primary(employment: &EmploymentPicture) -> Option<bool> {
    match employment.values.get(&Field::EmploymentPrimary)? {
        Value::Flag(flag) => Some(*flag),
        Value::Text(_) | Value::Int(_) | Value::Date(_) | Value::Functions(_) | Value::Erased => {
            None
        }
    }
}

fn text(values: &Values, field: Field) -> Option<String> {
    values.get(&field)?.as_text().map(str::to_owned)
}

fn date(values: &Values, field: Field) -> Option<Date> {
    match values.get(&field)? {
        Value::Date(date) => Some(*date),
        Value::Text(_) | Value::Int(_) | Value::Flag(_) | Value::Functions(_) | Value::Erased => {
            None
        }
    }
}
