//! What changed since a version: the ledger itself is its log of changes.

use crate::{StoreError, Tx, values};
use kobling_domain::id::{SubjectNo, TenantId, Version};
use kobling_domain::people::Kind;

/// A place in the order of changes: all of a version's subjects, then the next version's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The version.
    pub version: Version,
    /// The last subject of it that is passed.
    pub subject: SubjectNo,
}

impl Place {
    /// The place behind all changes of `version`.
    pub const fn behind(version: Version) -> Self {
        Self { version, subject: SubjectNo(i64::MAX) }
    }
}

/// A subject of which claims began or ended in a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Where it stands in the order of changes: a next page begins after it.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
}

/// The first `changes_max` changes after a place, up to and with `upto`, in order. A subject that
/// several versions changed is told for each of them. Fewer than asked for: there are no more.
pub async fn changed_since(
    tx: &mut Tx,
    tenant: TenantId,
    after: Place,
    upto: Version,
    changes_max: u32,
) -> Result<Vec<Changed>, StoreError> {
    // Each half is cut to a page by its own index before they are put together.
    let sql = "SELECT c.version, c.subject_no, s.kind
                 FROM (SELECT version, subject_no
                         FROM (SELECT DISTINCT since_version AS version, subject_no
                                 FROM claim
                                WHERE tenant_id = $1 AND (since_version, subject_no) > ($2, $3)
                                  AND since_version <= $4
                                ORDER BY since_version, subject_no LIMIT $5) AS begun
                        UNION
                       SELECT version, subject_no
                         FROM (SELECT DISTINCT until_version AS version, subject_no
                                 FROM claim
                                WHERE tenant_id = $1 AND (until_version, subject_no) > ($2, $3)
                                  AND until_version <= $4
                                  AND until_version < 9223372036854775807
                                ORDER BY until_version, subject_no LIMIT $5) AS ended
                        ORDER BY 1, 2 LIMIT $5) AS c
                CROSS JOIN subject s
                WHERE s.tenant_id = $1 AND s.subject_no = c.subject_no
                ORDER BY 1, 2";
    let values = values![tenant, after.version, after.subject, upto, i64::from(changes_max)];
    tx.query(sql, values, |row| {
        let place = Place { version: row.get(0)?, subject: row.get(1)? };
        Ok(Changed { place, kind: row.get(2)? })
    })
    .await
}
