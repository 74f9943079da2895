//! Who is employed where, on which days: derived from the open claims, for lists and search.
//!
//! It follows the ledger in transactions of its own: [`bring_up`] takes in the next changes,
//! [`rebuild`] makes it anew; both make the same rows.

use super::claim::{self, Claim, Place};
use super::subject;
use crate::access::tenant;
use crate::engine::bulk::{self, Cells, Table};
use crate::engine::{Row, Rows};
use crate::{StoreError, Tx, values};
use jiff::civil::Date;
use kobling_domain::id::{SourceNo, SubjectNo, TenantId, Version};
use kobling_domain::people::{Field, Kind, Track};
use kobling_domain::time::Validity;
use std::collections::{BTreeMap, BTreeSet};

/// Subjects whose claims are held at once by a rebuild.
const PAGE_SUBJECTS: i64 = 5_000;
/// Changes taken in by one transaction: others may write between two of them.
const PAGE_CHANGES: u32 = 2_000;

/// One employment over some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The employment.
    pub subject: SubjectNo,
    /// Who says so.
    pub source: SourceNo,
    /// The days.
    pub validity: Validity,
    /// Whose employment it is.
    pub person: Option<SubjectNo>,
    /// The unit it is in.
    pub unit: Option<SubjectNo>,
    /// The person's name; empty where there is none.
    pub name: String,
    /// The position's title; empty where there is none.
    pub title: String,
}

const ROSTER: Table = Table {
    name: "roster",
    key: &["tenant_id", "subject_no", "source_no", "valid_from"],
    columns: &["valid_until", "person_no", "unit_no", "sort_key", "name", "title"],
};

/// How far [`bring_up`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BroughtUp {
    /// Employments whose rows were made anew.
    pub employments: u64,
    /// Whether there may be more changes.
    pub more: bool,
}

/// Takes in the next changes of the ledger. Nobody else changes a tenant's rows until the
/// transaction ends.
pub async fn bring_up(tx: &mut Tx, tenant: TenantId) -> Result<BroughtUp, StoreError> {
    let place = held_place(tx, tenant).await?;
    let changes = claim::changed_since(tx, tenant, place, LATEST, PAGE_CHANGES).await?;
    let employments = changes.iter().filter(|it| it.kind == Kind::Employment);
    // Several versions may have changed the same one.
    let employments: BTreeSet<SubjectNo> = employments.map(|it| it.place.subject).collect();
    let employments: Vec<SubjectNo> = employments.into_iter().collect();
    if let Some(last) = changes.last() {
        refresh(tx, tenant, &employments).await?;
        set_place(tx, tenant, last.place).await?;
    }
    Ok(BroughtUp {
        employments: u64::try_from(employments.len()).unwrap_or(u64::MAX),
        more: u32::try_from(changes.len()) == Ok(PAGE_CHANGES),
    })
}

/// Where in the order of changes a tenant's rows stand.
pub async fn place(tx: &mut Tx, tenant: TenantId) -> Result<Place, StoreError> {
    let sql = "SELECT version, subject_no FROM roster_place WHERE tenant_id = $1";
    let place = tx.query_opt(sql, values![tenant], read_place).await?;
    Ok(place.unwrap_or(Place::behind(Version::ZERO)))
}

/// Whether the ledger has changes that a tenant's rows do not tell of.
pub async fn is_behind(tx: &mut Tx, tenant: TenantId) -> Result<bool, StoreError> {
    let place = place(tx, tenant).await?;
    Ok(!claim::changed_since(tx, tenant, place, LATEST, 1).await?.is_empty())
}

/// Where the rows stand; nobody else moves it until the transaction ends.
async fn held_place(tx: &mut Tx, tenant: TenantId) -> Result<Place, StoreError> {
    let sql = "INSERT INTO roster_place (tenant_id, version, subject_no) VALUES ($1, $2, $3)
               ON CONFLICT (tenant_id) DO UPDATE SET version = roster_place.version
               RETURNING version, subject_no";
    let none = Place::behind(Version::ZERO);
    let place = tx.query_opt(sql, values![tenant, none.version, none.subject], read_place).await?;
    place.ok_or(StoreError::Missing { what: "roster" })
}

async fn set_place(tx: &mut Tx, tenant: TenantId, place: Place) -> Result<(), StoreError> {
    let sql = "UPDATE roster_place SET version = $2, subject_no = $3 WHERE tenant_id = $1";
    tx.execute(sql, values![tenant, place.version, place.subject]).await?;
    Ok(())
}

fn read_place(row: &Row<'_>) -> Result<Place, StoreError> {
    Ok(Place { version: row.get(0)?, subject: row.get(1)? })
}

/// Makes the rows of the given employments anew.
async fn refresh(tx: &mut Tx, tenant: TenantId, subjects: &[SubjectNo]) -> Result<(), StoreError> {
    let sql = "DELETE FROM roster
                WHERE tenant_id = $1
                  AND subject_no IN (SELECT subject_no FROM {rows subject_no int} AS given)";
    tx.execute_rows(sql, values![tenant], Rows::column(subjects.iter().copied())).await?;
    let claims = claim::at(tx, tenant, subjects, LATEST).await?;
    add(tx, tenant, claims).await
}

/// Makes all rows of a tenant anew.
pub async fn rebuild(tx: &mut Tx, tenant: TenantId) -> Result<(), StoreError> {
    held_place(tx, tenant).await?;
    // Read first: what others commit meanwhile may be in the rows, and is taken in once more.
    let version = tenant::version(tx, tenant).await?;
    set_place(tx, tenant, Place::behind(version)).await?;
    tx.execute("DELETE FROM roster WHERE tenant_id = $1", values![tenant]).await?;
    let end = subject::last(tx, tenant).await?;
    let mut first = 1;
    while first <= end.0 {
        let last = first + PAGE_SUBJECTS - 1;
        let page = claim::between(tx, tenant, SubjectNo(first), SubjectNo(last), LATEST).await?;
        add(tx, tenant, page).await?;
        first = last + 1;
    }
    bulk::analyze(tx).await
}

/// The first employment whose rows are not those that [`rebuild`] would make.
pub async fn first_fault(tx: &mut Tx, tenant: TenantId) -> Result<Option<SubjectNo>, StoreError> {
    let end = subject::last(tx, tenant).await?;
    let mut first = 1;
    while first <= end.0 {
        let page = (SubjectNo(first), SubjectNo(first + PAGE_SUBJECTS - 1));
        let claims = claim::between(tx, tenant, page.0, page.1, LATEST).await?;
        let employments = claims.iter().filter(|it| is_employment(it));
        let mut expected: Vec<Entry> = employments.map(entry_of).collect();
        expected.sort_by_key(|it| (it.subject, it.source, it.validity));
        let found = between(tx, tenant, page.0, page.1).await?;
        if expected != found {
            let differs = expected.iter().zip(&found).find(|(a, b)| a != b);
            let common = expected.len().min(found.len());
            let left = expected.get(common).or(found.get(common));
            return Ok(differs
                .map(|(a, b)| a.subject.min(b.subject))
                .or(left.map(|it| it.subject)));
        }
        first += PAGE_SUBJECTS;
    }
    Ok(None)
}

/// The first `entries_max` entries that hold on `day` in a unit, by name.
pub async fn in_unit(
    tx: &mut Tx,
    tenant: TenantId,
    unit: SubjectNo,
    day: Date,
    entries_max: u32,
) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT subject_no, source_no, valid_from, valid_until, person_no, unit_no, name,
                      title
                 FROM roster
                WHERE tenant_id = $1 AND unit_no = $2
                  AND valid_from <= $3 AND (valid_until IS NULL OR valid_until > $3)
                ORDER BY sort_key, subject_no LIMIT $4";
    let values = values![tenant, unit, day, i64::from(entries_max)];
    tx.query(sql, values, read_entry).await
}

/// The first `entries_max` entries that hold on `day`, by name; of those whose name has every word
/// of `find`, if there is any.
pub async fn search(
    tx: &mut Tx,
    tenant: TenantId,
    day: Date,
    find: &str,
    entries_max: u32,
) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT subject_no, source_no, valid_from, valid_until, person_no, unit_no, name,
                      title
                 FROM roster
                WHERE tenant_id = $1
                  AND valid_from <= $2 AND (valid_until IS NULL OR valid_until > $2)
                  AND sort_key LIKE $3 AND sort_key LIKE $4 AND sort_key LIKE $5
                ORDER BY sort_key, subject_no LIMIT $6";
    let folded = folded(find);
    // Of more words the last ones are not looked at: a name has seldom more than three parts.
    let mut words = folded.split_whitespace().map(|it| format!("%{}%", it.replace(['%', '_'], "")));
    let mut word = || words.next().unwrap_or_else(|| "%".to_owned());
    let (first, second, third) = (word(), word(), word());
    let values = values![tenant, day, first, second, third, i64::from(entries_max)];
    tx.query(sql, values, read_entry).await
}

/// How many people are in each unit on `day`; units without any are left out.
pub async fn people_by_unit(
    tx: &mut Tx,
    tenant: TenantId,
    day: Date,
) -> Result<BTreeMap<SubjectNo, BTreeSet<SubjectNo>>, StoreError> {
    let sql = "SELECT DISTINCT unit_no, person_no FROM roster
                WHERE tenant_id = $1 AND unit_no IS NOT NULL AND person_no IS NOT NULL
                  AND valid_from <= $2 AND (valid_until IS NULL OR valid_until > $2)
                ORDER BY unit_no, person_no";
    let rows = tx.query(sql, values![tenant, day], |row| Ok((row.get(0)?, row.get(1)?))).await?;
    let mut people: BTreeMap<SubjectNo, BTreeSet<SubjectNo>> = BTreeMap::new();
    for (unit, person) in rows {
        people.entry(unit).or_default().insert(person);
    }
    Ok(people)
}

/// All entries of the employments numbered from `first` to `last`.
pub async fn between(
    tx: &mut Tx,
    tenant: TenantId,
    first: SubjectNo,
    last: SubjectNo,
) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT subject_no, source_no, valid_from, valid_until, person_no, unit_no, name,
                      title
                 FROM roster WHERE tenant_id = $1 AND subject_no BETWEEN $2 AND $3
                ORDER BY subject_no, source_no, valid_from";
    tx.query(sql, values![tenant, first, last], read_entry).await
}

/// The last version that can be: what is open is what held then.
const LATEST: Version = Version(i64::MAX - 1);

async fn add(tx: &mut Tx, tenant: TenantId, claims: Vec<Claim>) -> Result<(), StoreError> {
    let employments = claims.into_iter().filter(is_employment);
    let rows = employments.map(|it| (tenant, entry_of(&it))).collect();
    bulk::load(tx, &ROSTER, rows, write_entry).await
}

/// Only an employment names a person, but for what has a track of its own.
fn is_employment(it: &Claim) -> bool {
    it.refs.person.is_some() && it.track == Track::Record
}

fn entry_of(claim: &Claim) -> Entry {
    let state = &claim.slice.state;
    let names = [Field::PersonFirstName, Field::PersonLastName];
    let names: Vec<&str> = names.into_iter().filter_map(|it| state.text(it)).collect();
    Entry {
        subject: claim.subject,
        source: claim.source,
        validity: claim.slice.validity,
        person: claim.refs.person,
        unit: claim.refs.unit,
        name: names.join(" "),
        title: state.text(Field::EmploymentPositionTitle).unwrap_or_default().to_owned(),
    }
}

/// A key that orders names as Danish does when compared byte by byte: æ, ø and å (also written
/// aa) after z, last name first.
fn sort_key(name: &str) -> String {
    let (first, last) = name.rsplit_once(' ').unwrap_or(("", name));
    folded(&format!("{last} {first}"))
}

/// Letters as they are compared.
fn folded(text: &str) -> String {
    let plain = text.to_lowercase().replace("aa", "å");
    let mut key = String::with_capacity(plain.len());
    for letter in plain.chars() {
        match letter {
            // The brace is the character after z.
            'æ' | 'ä' => key.push_str("{a"),
            'ø' | 'ö' => key.push_str("{b"),
            'å' => key.push_str("{c"),
            'é' | 'è' | 'ë' => key.push('e'),
            'ü' => key.push('y'),
            other => key.push(other),
        }
    }
    key
}

fn read_entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    let corrupt = |_| StoreError::Corrupt { column: 3, expected: "a day after the first" };
    Ok(Entry {
        subject: row.get(0)?,
        source: row.get(1)?,
        validity: Validity::new(row.get(2)?, row.optional(3)?).map_err(corrupt)?,
        person: row.optional(4)?,
        unit: row.optional(5)?,
        name: row.get(6)?,
        title: row.get(7)?,
    })
}

fn write_entry((tenant, it): &(TenantId, Entry), cells: &mut Cells<'_, '_>) {
    cells.put(*tenant);
    cells.put(it.subject);
    cells.put(it.source);
    cells.put(it.validity.from());
    cells.put(it.validity.until());
    cells.put(it.person);
    cells.put(it.unit);
    cells.put(sort_key(&it.name).as_str());
    cells.put(it.name.as_str());
    cells.put(it.title.as_str());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_as_danish_orders_them() {
        let names = ["Bo Berg", "Ea Zahle", "Ib Ærø", "Åse Øst", "Bo Ågård", "Ida Aagaard"];
        let keys: Vec<String> = names.iter().map(|it| sort_key(it)).collect();
        assert!(keys.is_sorted(), "{keys:?}");
    }
}
