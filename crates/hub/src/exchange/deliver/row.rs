//! What an agreement lets out, as rows of plan2learn's files.

use jiff::ToSpan;
use jiff::civil::Date;
use kobling_domain::agreement::{
    EmploymentPicture, ManagerPicture, MemberPicture, PersonPicture, PositionPicture, Projected,
    Standing, UnitPicture, Values,
};
use kobling_domain::id::SubjectId;
use kobling_domain::people::{Field, NationalNumber, NativeKey, Value};
use kobling_domain::time::Validity;
use kobling_formats::plan2learn::{
    Bruger, Engagement, Form, Home, Leder, Maalgruppe, Managers, Organisation, Profile, Status,
    Stillingskode, Titles,
};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) fn organisation(unit: &Projected<UnitPicture>) -> Organisation {
    let text = |field| text(&unit.values, field);
    Organisation {
        id: unit.id,
        name: text(Field::UnitName),
        parent: unit.parent,
        street: text(Field::UnitStreet),
        postal_code: text(Field::UnitPostalCode),
        city: text(Field::UnitCity),
        ean: text(Field::UnitEan),
    }
}

/// The row of a person; `eans` are the location numbers of the units that have rows.
pub(super) fn bruger(
    person: &Projected<PersonPicture>,
    profile: &Profile,
    eans: &BTreeMap<SubjectId, String>,
) -> Bruger {
    let speaking = speaking(&person.employments, profile.titles);
    let afdeling = speaking.and_then(|it| it.unit);
    let text = |field| text(&person.values, field);
    let number = text(Field::PersonNationalNumber);
    Bruger {
        id: person.id,
        cpr: number.and_then(|it| NationalNumber::parse(&it).ok()),
        name: text(Field::PersonName),
        email: text(Field::PersonEmail),
        mobile: text(Field::PersonMobile),
        title: speaking.and_then(title),
        home: Home {
            street: text(Field::PersonAddress),
            supplement: text(Field::PersonAddressSupplement),
            postal_code: text(Field::PersonPostalCode),
            city: text(Field::PersonCity),
            country: text(Field::PersonCountry),
        },
        afdeling,
        ean: afdeling.and_then(|it| eans.get(&it).cloned()),
    }
}

/// The employments of a person that have a row on `today`.
pub(super) fn engagements(
    person: &Projected<PersonPicture>,
    form: &Form,
    today: Date,
) -> Vec<Engagement> {
    let row = |it: &EmploymentPicture| {
        let entry = date(&it.values, Field::EmploymentEntryDate);
        let stands = form.standing(&[days(it.standing, entry, today)?], today)?;
        Some(Engagement {
            id: it.id,
            bruger: person.id,
            afdeling: it.unit?,
            status: stands.status,
            stillingskode: it.position,
            primary: primary(it),
            kind: text(&it.values, Field::EmploymentContract),
            start: form.profile.start(entry.and(stands.coming), it.first_day),
        })
    };
    person.employments.iter().filter_map(row).collect()
}

/// The row of a unit's manager; none if the agreement does not let out who leads.
pub(super) fn leder(manager: &Projected<ManagerPicture>, managers: Managers) -> Option<Leder> {
    manager.values.get(&Field::EmploymentIsManager)?;
    let function = match managers {
        Managers::One => None,
        Managers::All => Some(role(manager.employment)),
    };
    Some(Leder {
        bruger: manager.person,
        afdeling: manager.unit,
        status: Status::Active,
        title: text(&manager.values, Field::EmploymentPositionTitle),
        function,
    })
}

/// The id of the role by which an employment leads. An employment has one role, which moves and
/// ends with it.
fn role(employment: SubjectId) -> SubjectId {
    SubjectId(Uuid::new_v5(&employment.0, b"manager"))
}

pub(super) fn maalgruppe(member: &Projected<MemberPicture>) -> Maalgruppe {
    Maalgruppe { group: member.group.clone(), bruger: member.person }
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

/// The employment that gives the title of a person. Where the agreement does not name by what it
/// is chosen, only a person's one employment speaks: a choice among several would tell.
fn speaking(employments: &[EmploymentPicture], titles: Titles) -> Option<&EmploymentPicture> {
    match (employments, titles) {
        ([only], _) => Some(only),
        (several, Titles::Primary) => several.iter().find(|it| primary(it) == Some(true)),
        (several, Titles::LowestNumber) => {
            let numbered = several.iter().map(|it| Some((it.standing, number(it)?, it)));
            let numbered = numbered.collect::<Option<Vec<_>>>()?;
            numbered.into_iter().min_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1))).map(|it| it.2)
        }
    }
}

/// The number, which compares as a number.
fn number(employment: &EmploymentPicture) -> Option<NativeKey> {
    let number = employment.values.get(&Field::EmploymentNumber)?;
    number.as_text().map(NativeKey::text)
}

fn title(employment: &EmploymentPicture) -> Option<String> {
    text(&employment.values, Field::EmploymentPositionTitle)
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
