//! Protected addresses: the text leaves the ledger, in every version of it.

use super::shape::Shapes;
use crate::engine::Rows;
use crate::{StoreError, Tx, values};
use jiff::civil::Date;
use kobling_domain::id::{SourceNo, SubjectNo, TenantId, Version};
use kobling_domain::people::{Field, Track, Value};

/// What tells where somebody lives.
pub const ADDRESS: [Field; 5] = [
    Field::PersonAddress,
    Field::PersonAddressSupplement,
    Field::PersonPostalCode,
    Field::PersonCity,
    Field::PersonCountry,
];

struct Held {
    subject: SubjectNo,
    source: SourceNo,
    track: Track,
    valid_from: Date,
    since: Version,
    shape_no: i64,
    state: String,
}

/// Those of `persons` whose addresses are protected.
pub async fn protected_among(
    tx: &mut Tx,
    tenant: TenantId,
    persons: &[SubjectNo],
) -> Result<Vec<SubjectNo>, StoreError> {
    // One look at the index for each person, whatever a load has told the planner so far.
    let sql = "SELECT given.subject_no,
                      (SELECT s.protected FROM subject s
                        WHERE s.tenant_id = $1 AND s.subject_no = given.subject_no LIMIT 1)
                 FROM {rows subject_no int} AS given ORDER BY given.subject_no";
    let rows = Rows::column(persons.iter().copied());
    let all: Vec<(SubjectNo, Option<bool>)> = tx
        .query_rows(sql, values![tenant], rows, |row| Ok((row.get(0)?, row.optional(1)?)))
        .await?;
    Ok(all.into_iter().filter(|it| it.1 == Some(true)).map(|it| it.0).collect())
}

/// Everybody whose address is protected, by number.
pub async fn all(tx: &mut Tx, tenant: TenantId) -> Result<Vec<SubjectNo>, StoreError> {
    let sql = "SELECT subject_no FROM subject WHERE tenant_id = $1 AND protected
                ORDER BY subject_no";
    tx.query(sql, values![tenant], |row| row.get(0)).await
}

/// Marks persons as protected and overwrites their addresses, in all versions of all claims on them
/// and on employments that ever named them, with *erased*. Rows and times stay. Tells how many
/// claims it changed.
pub async fn persons(
    tx: &mut Tx,
    tenant: TenantId,
    persons: &[SubjectNo],
) -> Result<u64, StoreError> {
    let sql = "UPDATE subject SET protected = $2
                WHERE tenant_id = $1
                  AND subject_no IN (SELECT subject_no FROM {rows subject_no int} AS given)";
    let rows = Rows::column(persons.iter().copied());
    tx.execute_rows(sql, values![tenant, true], rows).await?;
    erase(tx, tenant, persons, &ADDRESS).await
}

/// Marks a person as protected no more. What was erased stays erased.
pub async fn lift(tx: &mut Tx, tenant: TenantId, person: SubjectNo) -> Result<(), StoreError> {
    let sql = "UPDATE subject SET protected = $3 WHERE tenant_id = $1 AND subject_no = $2";
    tx.execute(sql, values![tenant, person, false]).await?;
    Ok(())
}

/// Overwrites fields likewise, for any reason.
pub async fn erase(
    tx: &mut Tx,
    tenant: TenantId,
    persons: &[SubjectNo],
    fields: &[Field],
) -> Result<u64, StoreError> {
    let shapes = Shapes::of(tx, tenant).await?;
    let mut changed = 0;
    for held in claims_of(tx, tenant, persons).await? {
        let mut state = shapes.decode(held.shape_no, &held.state)?;
        let named: Vec<Field> = fields
            .iter()
            .copied()
            .filter(|it| state.get(*it).is_some_and(|value| *value != Value::Erased))
            .collect();
        if named.is_empty() {
            continue;
        }
        for field in named {
            state.set(field, Value::Erased);
        }
        let sql = "UPDATE claim SET state = $7
                    WHERE tenant_id = $1 AND subject_no = $2 AND source_no = $3 AND track = $4
                      AND valid_from = $5 AND since_version = $6";
        let Held { subject, source, track, valid_from, since, .. } = held;
        let state = shapes.encode(held.shape_no, &state)?;
        let values = values![tenant, subject, source, track, valid_from, since, state];
        changed += tx.execute(sql, values).await?;
    }
    Ok(changed)
}

async fn claims_of(
    tx: &mut Tx,
    tenant: TenantId,
    persons: &[SubjectNo],
) -> Result<Vec<Held>, StoreError> {
    // An employment may have named its person otherwise, before the national number was known.
    let sql = "WITH person AS (SELECT person_no FROM {rows person_no int} AS given)
               SELECT c.subject_no, c.source_no, c.track, c.valid_from, c.since_version,
                      c.shape_no, c.state
                 FROM (SELECT named.subject_no
                         FROM person CROSS JOIN claim named
                        WHERE named.tenant_id = $1 AND named.person_no = person.person_no
                        UNION
                       SELECT person_no FROM person) AS about
                CROSS JOIN claim c
                WHERE c.tenant_id = $1 AND c.subject_no = about.subject_no";
    let rows = Rows::column(persons.iter().copied());
    tx.query_rows(sql, values![tenant], rows, |row| {
        Ok(Held {
            subject: row.get(0)?,
            source: row.get(1)?,
            track: row.get(2)?,
            valid_from: row.get(3)?,
            since: row.get(4)?,
            shape_no: row.get(5)?,
            state: row.get(6)?,
        })
    })
    .await
}
