//! What users prove to be themselves with.

use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::{TenantId, UserNo};

/// What a user proves to be themselves with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The hash of the password, with its salt and cost.
    pub password: String,
    /// The secret of a code app, sealed; without, the password is enough.
    pub code_secret: Option<Vec<u8>>,
    /// The last half minute whose code was used.
    pub code_step: u64,
    /// Wrong tries since the last right one.
    pub failures: u32,
    /// Until then no try counts, right or wrong.
    pub locked_until: Option<Timestamp>,
}

/// Gives a user a password; wrong tries are forgotten.
pub async fn set_password(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserNo,
    password: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO credential (tenant_id, user_no, password, set_at, code_step, failures)
               VALUES ($1, $2, $3, $4, 0, 0)
               ON CONFLICT (tenant_id, user_no) DO UPDATE
                  SET password = excluded.password, set_at = excluded.set_at, failures = 0,
                      locked_until = NULL";
    tx.execute(sql, values![tenant, user, password, at]).await?;
    Ok(())
}

/// Gives a user the secret of a code app, sealed; with none, takes it away. False if the user has
/// no password.
pub async fn set_code_secret(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserNo,
    code_secret: Option<Vec<u8>>,
) -> Result<bool, StoreError> {
    let sql = "UPDATE credential SET code_secret = $3, code_step = 0
                WHERE tenant_id = $1 AND user_no = $2";
    Ok(tx.execute(sql, values![tenant, user, code_secret]).await? == 1)
}

/// What a user has; none without a password.
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserNo,
) -> Result<Option<Credential>, StoreError> {
    let sql = "SELECT password, code_secret, code_step, failures, locked_until
                 FROM credential WHERE tenant_id = $1 AND user_no = $2";
    tx.query_opt(sql, values![tenant, user], |row| {
        Ok(Credential {
            password: row.get(0)?,
            code_secret: row.optional(1)?,
            code_step: row.get(2)?,
            failures: row.get(3)?,
            locked_until: row.optional(4)?,
        })
    })
    .await
}

/// Counts a wrong try, and locks until then if that was one too many.
pub async fn fail(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserNo,
    locked_until: Option<Timestamp>,
) -> Result<(), StoreError> {
    let sql = "UPDATE credential SET failures = failures + 1, locked_until = $3
                WHERE tenant_id = $1 AND user_no = $2";
    tx.execute(sql, values![tenant, user, locked_until]).await?;
    Ok(())
}

/// Notes a right try with the code of that half minute. False if that code was used before.
pub async fn succeed(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserNo,
    code_step: Option<u64>,
) -> Result<bool, StoreError> {
    let Some(code_step) = code_step else {
        unlock(tx, tenant, user).await?;
        return Ok(true);
    };
    let sql = "UPDATE credential SET failures = 0, locked_until = NULL, code_step = $3
                WHERE tenant_id = $1 AND user_no = $2 AND code_step < $3";
    Ok(tx.execute(sql, values![tenant, user, code_step]).await? == 1)
}

/// Forgets wrong tries.
pub async fn unlock(tx: &mut Tx, tenant: TenantId, user: UserNo) -> Result<(), StoreError> {
    let sql = "UPDATE credential SET failures = 0, locked_until = NULL
                WHERE tenant_id = $1 AND user_no = $2";
    tx.execute(sql, values![tenant, user]).await?;
    Ok(())
}
