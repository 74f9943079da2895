//! Employments in units that are not there.

use crate::engine::Rows;
use crate::{StoreError, Tx, values};
use jiff::civil::Date;
use kobling_domain::id::{SubjectNo, TenantId};

/// The units of which nothing is believed on `day`: closed, or never told of.
pub async fn units_not_there(
    tx: &mut Tx,
    tenant: TenantId,
    day: Date,
) -> Result<Vec<SubjectNo>, StoreError> {
    // The version is a literal, so that the index of open claims serves; the kind, so that it is known how few are units.
    let sql = "SELECT s.subject_no FROM subject s
                WHERE s.tenant_id = $1 AND s.kind = 1
                  AND NOT EXISTS (SELECT 1 FROM claim c
                                   WHERE c.tenant_id = $1 AND c.subject_no = s.subject_no
                                     AND c.until_version = 9223372036854775807
                                     AND c.valid_from <= $2
                                     AND (c.valid_until IS NULL OR c.valid_until > $2))
                ORDER BY s.subject_no";
    tx.query(sql, values![tenant, day], |row| row.get(0)).await
}

/// The employments that are in one of `units` on `day`, each with its unit, by number.
pub async fn employments_in(
    tx: &mut Tx,
    tenant: TenantId,
    units: &[SubjectNo],
    day: Date,
) -> Result<Vec<(SubjectNo, SubjectNo)>, StoreError> {
    let sql = "SELECT c.subject_no, c.unit_no
                 FROM {rows unit_no int} AS given CROSS JOIN claim c
                WHERE c.tenant_id = $1 AND c.unit_no = given.unit_no
                  AND c.until_version = 9223372036854775807
                  AND c.valid_from <= $2 AND (c.valid_until IS NULL OR c.valid_until > $2)
                ORDER BY c.subject_no";
    let rows = Rows::column(units.iter().copied());
    tx.query_rows(sql, values![tenant, day], rows, |row| Ok((row.get(0)?, row.get(1)?))).await
}
