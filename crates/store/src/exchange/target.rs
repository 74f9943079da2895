//! Targets: how far each has followed the ledger, how fast it takes messages, and who leads what
//! there.

use crate::engine::bulk::{self, Cells, Table};
use crate::engine::{Row, Rows};
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::exchange::lane::Pace;
use kobling_domain::id::{SubjectNo, TargetNo, TenantId, Version};
use kobling_domain::people::{NativeKey, Role};
use kobling_domain::time::Validity;

/// A target with a lane for each subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its number inside the store.
    pub no: TargetNo,
    /// What people call it in commands and configurations.
    pub key: String,
    /// What its lanes follow; none before the first time.
    pub done: Option<Done>,
    /// How fast it takes messages.
    pub pace: Pace,
}

/// A state of the ledger to which all lanes of a target have been brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// The ledger's version.
    pub version: Version,
    /// The employer's civil date.
    pub on: Date,
    /// A digest of the configuration by which it was projected.
    pub basis: [u8; 16],
}

/// The target of that key, made if there is none, and configured from now on.
pub async fn put(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<TargetNo, StoreError> {
    let sql = "INSERT INTO target (tenant_id, target_no, key, done_version, gap_ms, failures)
               SELECT $1, coalesce(max(target_no), 0) + 1, $2, 0, 0, 0
                 FROM target WHERE tenant_id = $1
               ON CONFLICT (tenant_id, key) DO UPDATE SET closed_at = NULL
               RETURNING target_no";
    let found = tx.query_opt(sql, values![tenant, key], |row| row.get(0)).await?;
    found.ok_or(StoreError::Missing { what: "target" })
}

/// The target of that key.
pub async fn by_key(
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
) -> Result<Option<Target>, StoreError> {
    let sql = "SELECT target_no, key, done_version, done_on, basis, gap_ms, failures, rests_until
                 FROM target WHERE tenant_id = $1 AND key = $2";
    tx.query_opt(sql, values![tenant, key], read).await
}

/// Notes that all lanes have been brought to a state of the ledger.
pub async fn set_done(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    done: &Done,
) -> Result<(), StoreError> {
    let sql = "UPDATE target SET done_version = $3, done_on = $4, basis = $5
                WHERE tenant_id = $1 AND target_no = $2";
    let Done { version, on, basis } = *done;
    tx.execute(sql, values![tenant, target, version, on, basis]).await?;
    Ok(())
}

/// Forgets how far the lanes were brought, so that everything is projected anew.
pub async fn undo(tx: &mut Tx, tenant: TenantId, target: TargetNo) -> Result<(), StoreError> {
    let sql = "UPDATE target SET done_version = 0, done_on = NULL, basis = NULL
                WHERE tenant_id = $1 AND target_no = $2";
    tx.execute(sql, values![tenant, target]).await?;
    Ok(())
}

/// Notes that a target is no longer configured.
pub async fn close(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE target SET closed_at = $3 WHERE tenant_id = $1 AND target_no = $2";
    tx.execute(sql, values![tenant, target, now]).await?;
    Ok(())
}

/// Notes how fast a target takes messages.
pub async fn set_pace(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    pace: Pace,
) -> Result<(), StoreError> {
    let sql = "UPDATE target SET gap_ms = $3, failures = $4, rests_until = $5
                WHERE tenant_id = $1 AND target_no = $2";
    let Pace { gap_ms, failures, rests_until } = pace;
    tx.execute(sql, values![tenant, target, gap_ms, failures, rests_until]).await?;
    Ok(())
}

/// Every role of a target's source, over all days, by employment and day.
pub async fn roles(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
) -> Result<Vec<(SubjectNo, Role)>, StoreError> {
    let sql = "SELECT employment_no, valid_from, valid_until, employment, unit, person_no, level
                 FROM target_role WHERE tenant_id = $1 AND target_no = $2
                ORDER BY employment_no, valid_from";
    tx.query(sql, values![tenant, target], |row| {
        let corrupt = |_| StoreError::Corrupt { column: 2, expected: "a day after the first" };
        let role = Role {
            validity: Validity::new(row.get(1)?, row.optional(2)?).map_err(corrupt)?,
            employment: NativeKey::text(&row.get::<String>(3)?),
            unit: NativeKey::text(&row.get::<String>(4)?),
            person: row.get(5)?,
            level: row.optional(6)?,
        };
        Ok((row.get(0)?, role))
    })
    .await
}

/// Forgets every role of a target's source.
pub async fn forget_roles(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM target_role WHERE tenant_id = $1 AND target_no = $2";
    tx.execute(sql, values![tenant, target]).await?;
    Ok(())
}

/// Puts the roles of some employments in the place of those they had.
pub async fn put_roles(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    employments: &[SubjectNo],
    roles: Vec<(SubjectNo, Role)>,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM target_role
                WHERE tenant_id = $1 AND target_no = $2
                  AND employment_no IN (SELECT employment_no FROM {rows employment_no int} AS g)";
    let rows = Rows::column(employments.iter().copied());
    tx.execute_rows(sql, values![tenant, target], rows).await?;
    let rows = roles.into_iter().map(|(employment, role)| (tenant, target, employment, role));
    bulk::load(tx, &ROLE, rows.collect(), write_role).await
}

const ROLE: Table = Table {
    name: "target_role",
    key: &["tenant_id", "target_no", "employment_no", "valid_from"],
    columns: &["valid_until", "employment", "unit", "person_no", "level"],
};

type RoleRow = (TenantId, TargetNo, SubjectNo, Role);

fn write_role((tenant, target, employment, role): &RoleRow, cells: &mut Cells<'_, '_>) {
    cells.put(*tenant);
    cells.put(*target);
    cells.put(*employment);
    cells.put(role.validity.from());
    cells.put(role.validity.until());
    cells.put(role.employment.as_str());
    cells.put(role.unit.as_str());
    cells.put(role.person);
    cells.put(role.level);
}

fn read(row: &Row<'_>) -> Result<Target, StoreError> {
    let done = match (row.optional(3)?, row.optional(4)?) {
        (Some(on), Some(basis)) => Some(Done { version: row.get(2)?, on, basis }),
        (_, _) => None,
    };
    let pace = Pace { gap_ms: row.get(5)?, failures: row.get(6)?, rests_until: row.optional(7)? };
    Ok(Target { no: row.get(0)?, key: row.get(1)?, done, pace })
}
