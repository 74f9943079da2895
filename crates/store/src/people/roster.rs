//! Who is employed where, on which days: derived from the open claims, for lists and search.
//!
//! [`refresh`] keeps it up with each change, [`rebuild`] makes it anew; both make the same rows.

use super::claim::{self, Claim};
use super::subject;
use crate::engine::bulk::{self, Cells, Table};
use crate::engine::{Row, Rows};
use crate::{StoreError, Tx, values};
use jiff::civil::Date;
use kobling_domain::id::{SourceNo, SubjectNo, TenantId, Version};
use kobling_domain::people::Field;
use kobling_domain::time::Validity;

/// Subjects whose claims are held at once by a rebuild.
const PAGE_SUBJECTS: i64 = 5_000;

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

/// Makes the rows of the given employments anew.
pub async fn refresh(
    tx: &mut Tx,
    tenant: TenantId,
    subjects: &[SubjectNo],
) -> Result<(), StoreError> {
    let sql = "DELETE FROM roster
                WHERE tenant_id = $1
                  AND subject_no IN (SELECT subject_no FROM {rows subject_no int} AS given)";
    tx.execute_rows(sql, values![tenant], Rows::column(subjects.iter().copied())).await?;
    let claims = claim::at(tx, tenant, subjects, LATEST).await?;
    add(tx, tenant, claims).await
}

/// Makes all rows of a tenant anew.
pub async fn rebuild(tx: &mut Tx, tenant: TenantId) -> Result<(), StoreError> {
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

/// Whether a tenant has no rows: none were made yet, or a rebuild died.
pub async fn is_empty(tx: &mut Tx, tenant: TenantId) -> Result<bool, StoreError> {
    let sql = "SELECT subject_no FROM roster WHERE tenant_id = $1 LIMIT 1";
    let found: Option<SubjectNo> = tx.query_opt(sql, values![tenant], |row| row.get(0)).await?;
    Ok(found.is_none())
}

/// The first employment whose rows are not those that [`rebuild`] would make.
pub async fn first_fault(tx: &mut Tx, tenant: TenantId) -> Result<Option<SubjectNo>, StoreError> {
    let end = subject::last(tx, tenant).await?;
    let mut first = 1;
    while first <= end.0 {
        let page = (SubjectNo(first), SubjectNo(first + PAGE_SUBJECTS - 1));
        let claims = claim::between(tx, tenant, page.0, page.1, LATEST).await?;
        let employments = claims.iter().filter(|it| it.refs.person.is_some());
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
    // Only an employment names a person.
    let employments = claims.into_iter().filter(|it| it.refs.person.is_some());
    let rows = employments.map(|it| (tenant, entry_of(&it))).collect();
    bulk::load(tx, &ROSTER, rows, write_entry).await
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
    let plain = format!("{last} {first}").to_lowercase().replace("aa", "å");
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
