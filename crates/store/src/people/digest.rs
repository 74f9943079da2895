//! One digest of a whole ledger, to tell whether two are equal.

use super::shape::Shapes;
use crate::engine::Row;
use crate::{StoreError, Tx, values};
use jiff::civil::Date;
use kobling_domain::id::{SubjectId, TenantId};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use uuid::Uuid;

/// Subjects read at once.
const PAGE_SUBJECTS: i64 = 1_000;

/// SHA-256 over all claims of a tenant in the order of their subjects' ids. What differs between
/// two runs that read the same does not count: numbers of runs, records and subjects, instants,
/// nonces, and digests, which stay those of what was stated when an address is erased.
pub async fn ledger(tx: &mut Tx, tenant: TenantId) -> Result<[u8; 32], StoreError> {
    let sql = "SELECT s.subject_id, src.key, c.track, c.valid_from, c.since_version,
                      c.valid_until, c.until_version, c.stated_from, c.shape_no, c.state,
                      p.subject_id, u.subject_id, above.subject_id
                 FROM (SELECT subject_no, subject_id FROM subject
                        WHERE tenant_id = $1 AND subject_id > $2
                        ORDER BY subject_id LIMIT $3) AS s
                 JOIN claim c ON c.tenant_id = $1 AND c.subject_no = s.subject_no
                 JOIN source src ON src.tenant_id = $1 AND src.source_no = c.source_no
                 LEFT JOIN subject p ON p.tenant_id = $1 AND p.subject_no = c.person_no
                 LEFT JOIN subject u ON u.tenant_id = $1 AND u.subject_no = c.unit_no
                 LEFT JOIN subject above
                   ON above.tenant_id = $1 AND above.subject_no = c.parent_no
                ORDER BY s.subject_id, src.key, c.track, c.valid_from, c.since_version";
    let mut hash = Sha256::new();
    let mut after = Uuid::nil();
    while let Some(last) = page_end(tx, tenant, after).await? {
        let shapes = Shapes::of(tx, tenant).await?;
        let lines = tx
            .query(sql, values![tenant, after, PAGE_SUBJECTS], move |row| line(row, &shapes))
            .await?;
        for line in lines {
            hash.update(line);
        }
        after = last;
    }
    Ok(hash.finalize().into())
}

/// The last id of the page after `after`; none after the last page.
async fn page_end(tx: &mut Tx, tenant: TenantId, after: Uuid) -> Result<Option<Uuid>, StoreError> {
    let sql = "SELECT subject_id FROM (SELECT subject_id FROM subject
                                        WHERE tenant_id = $1 AND subject_id > $2
                                        ORDER BY subject_id LIMIT $3) AS page
                ORDER BY subject_id DESC LIMIT 1";
    tx.query_opt(sql, values![tenant, after, PAGE_SUBJECTS], |row| row.get(0)).await
}

fn line(row: &Row<'_>, shapes: &Shapes) -> Result<String, StoreError> {
    let mut line = format!("{:?} {:?}", row.get::<SubjectId>(0)?, row.get::<String>(1)?);
    for column in [2, 4, 6] {
        line.extend([" ", &row.get::<i64>(column)?.to_string()]);
    }
    for column in [3, 5, 7] {
        let day = row.optional::<Date>(column)?.map(|it| it.to_string());
        line.extend([" ", day.as_deref().unwrap_or("-")]);
    }
    for column in [10, 11, 12] {
        let id = row.optional::<Uuid>(column)?.map(|it| it.to_string());
        line.extend([" ", id.as_deref().unwrap_or("-")]);
    }
    let state = shapes.decode(row.get(8)?, &row.get::<String>(9)?)?;
    // Writing to a string cannot fail, and an error would only end the line early.
    writeln!(line, " {state:?}").map_err(|_| StoreError::Closed)?;
    Ok(line)
}
