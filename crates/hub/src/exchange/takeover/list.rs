use super::TakeoverError;
use crate::Hub;
use jiff::civil::Date;
use kobling_domain::exchange::{Traits, birth_of};
use kobling_domain::id::TenantId;
use kobling_domain::people::NationalNumber;
use kobling_formats::listing::Listing;
use kobling_store::exchange::takeover::Entry;
use kobling_store::sealed::context;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which column of a list tells what. What is not said is looked for under its usual names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    id: Option<String>,
    number: Option<String>,
    employment: Option<String>,
    birth: Option<String>,
    name: Option<String>,
    email: Option<String>,
}

impl Columns {
    /// Reads `id=BrugerId` and the like.
    pub fn parse(maps: &[String]) -> Result<Self, TakeoverError> {
        let mut columns = Self::default();
        for given in maps {
            let bad = || TakeoverError::BadMap { given: given.clone() };
            let (what, column) = given.split_once('=').ok_or_else(bad)?;
            let place = match what.trim() {
                "id" => &mut columns.id,
                "number" => &mut columns.number,
                "employment" => &mut columns.employment,
                "birth" => &mut columns.birth,
                "name" => &mut columns.name,
                "email" => &mut columns.email,
                _ => return Err(bad()),
            };
            *place = Some(column.trim().to_owned());
        }
        Ok(columns)
    }
}

/// What a target holds of one person.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Held {
    /// The target's own id.
    pub(super) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) employment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    birth: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
}

impl Held {
    /// Of which nothing is told but the id.
    pub(super) fn named(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    pub(super) fn number(&self) -> Option<NationalNumber> {
        self.number.as_deref().and_then(|it| NationalNumber::parse(it).ok())
    }

    pub(super) fn traits(&self) -> Traits {
        let number = self.number();
        Traits {
            birth: self.birth.clone().or_else(|| number.as_ref().and_then(birth_of)),
            number,
            employments: self.employment.iter().cloned().collect(),
            email: self.email.clone(),
        }
    }

    pub(super) fn sealed(
        &self,
        hub: &Hub,
        tenant: TenantId,
        target: &str,
        no: i64,
    ) -> Result<Vec<u8>, TakeoverError> {
        let body = serde_json::to_vec(self)?;
        Ok(hub.keys.seal(&context::takeover_entry(tenant, target, no), &body)?)
    }

    pub(super) fn open(
        hub: &Hub,
        tenant: TenantId,
        target: &str,
        it: &Entry,
    ) -> Result<Self, TakeoverError> {
        let body = hub.keys.open(&context::takeover_entry(tenant, target, it.no), &it.body)?;
        Ok(serde_json::from_slice(&body)?)
    }
}

/// The columns of a list, by place.
struct Places {
    id: usize,
    number: Option<usize>,
    number_digits: usize,
    employment: Option<usize>,
    birth: Option<usize>,
    name: Option<usize>,
    email: Option<usize>,
}

impl Places {
    fn of(listing: &Listing, columns: &Columns) -> Result<Self, TakeoverError> {
        let place = |said: Option<&String>, usual: &[&str]| match said {
            Some(name) => listing.column(name).map(Some),
            None => Ok(usual.iter().find_map(|it| listing.column(it).ok())),
        };
        let id = place(columns.id.as_ref(), &["BrugerId", "Id", "UserId"])?;
        let known = || listing.columns().join(", ");
        let usual = ["CPR", "CPR-nummer", "Personnummer", "BSN"];
        let number = place(columns.number.as_ref(), &usual)?;
        let is_bsn = number
            .and_then(|it| listing.columns().get(it).cloned())
            .is_some_and(|it| it.to_lowercase().contains("bsn"));
        Ok(Self {
            id: id.ok_or_else(|| TakeoverError::NoIds { known: known() })?,
            number,
            number_digits: if is_bsn { 9 } else { 10 },
            employment: place(
                columns.employment.as_ref(),
                &["Medarbejdernummer", "Medarbejdernr", "EmployeeId"],
            )?,
            birth: place(columns.birth.as_ref(), &["Fødselsdato", "Fødselsdag", "BirthDate"])?,
            name: place(columns.name.as_ref(), &["Navn", "Name", "Naam"])?,
            email: place(columns.email.as_ref(), &["E-mail", "Email", "Mail"])?,
        })
    }
}

/// What a list tells, and what of it cannot be read.
pub(super) fn held(
    listing: &Listing,
    columns: &Columns,
    today: Date,
) -> Result<(Vec<Held>, Vec<String>), TakeoverError> {
    let places = Places::of(listing, columns)?;
    let (mut ids, mut held) = (BTreeSet::new(), Vec::with_capacity(listing.rows().len()));
    let (mut bad_numbers, mut bad_births) = (0, 0);
    for (nth, row) in (1..).zip(listing.rows()) {
        let text = |place: Option<usize>| {
            row.get(place?).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty())
        };
        let bad = |what| TakeoverError::BadId { row: nth, what };
        let id = text(Some(places.id)).ok_or_else(|| bad("no id"))?;
        // An id is shown, and named when a person decides.
        if !kobling_pii::find(&id, today).is_empty() {
            return Err(bad("a national number for an id; map another column by --map id=COLUMN"));
        }
        if !ids.insert(id.clone()) {
            return Err(bad("an id that stood before"));
        }
        let (number, birth) = (text(places.number), text(places.birth));
        let read = number.as_deref().and_then(|it| number_read(it, places.number_digits));
        let born = birth.as_deref().and_then(birth_read);
        bad_numbers += i32::from(number.is_some() && read.is_none());
        bad_births += i32::from(birth.is_some() && born.is_none());
        held.push(Held {
            id,
            name: text(places.name),
            number: read.map(|it| it.digits().to_owned()),
            employment: text(places.employment),
            birth: born,
            email: text(places.email),
        });
    }
    let told = [
        (bad_numbers, "national numbers that cannot be read, and match nobody"),
        (bad_births, "birth dates that cannot be read, and match nobody"),
    ];
    let notes = told.into_iter().filter(|it| it.0 > 0);
    Ok((held, notes.map(|(count, text)| format!("{text}: {count}")).collect()))
}

/// A national number of so many digits. Nine digits in a column of CPR numbers are no BSN but a
/// CPR number whose leading zero a spreadsheet took, so they are not read.
fn number_read(text: &str, digits: usize) -> Option<NationalNumber> {
    NationalNumber::parse(text).ok().filter(|it| it.digits().len() == digits)
}

/// A day of birth as `ddmmyy`: `1980-01-11`, `11-01-1980`, with dots or strokes as well.
fn birth_read(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(['-', '.', '/']).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let (year, month, day) = if a.len() == 4 { (a, b, c) } else { (c, b, a) };
    let year: i16 = year.parse().ok().filter(|it| *it > 1000)?;
    let born = Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()?;
    Some(format!("{:02}{:02}{:02}", born.day(), born.month(), born.year().rem_euclid(100)))
}
