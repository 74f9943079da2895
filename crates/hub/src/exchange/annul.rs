//! A person's word that an employment which vanished never was.

use super::decision::Decision;
use super::progress::Silent;
use super::run::RunError;
use crate::Hub;
use crate::people::{PeopleError, find, roster};
use jiff::civil::Date;
use kobling_domain::exchange::existence;
use kobling_domain::id::{SourceNo, SubjectId, TenantId, Version};
use kobling_domain::people::{Kind, NativeKey, State, Track};
use kobling_domain::time::{Slice, Validity};
use kobling_store::StoreError;
use kobling_store::access::{audit, tenant};
use kobling_store::engine::{Tx, run_lock};
use kobling_store::exchange::seen::{self, Outcome, SeenRow};
use kobling_store::exchange::{native, source};
use kobling_store::job;
use kobling_store::people::claim::{self, Claim, ClaimKey};
use kobling_store::people::subject::Subject;
use serde::Serialize;
use serde_json::json;

/// What was annulled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Annulled {
    /// The source's key.
    pub source: String,
    /// The source's number of the employment.
    pub employment: NativeKey,
    /// The hub's own id of it.
    pub id: SubjectId,
    /// Its first day, as it was believed.
    pub from: Date,
    /// The first day it was no longer mentioned on.
    pub until: Option<Date>,
    /// The ledger version that no longer believes it.
    pub version: Version,
}

/// Why nothing was annulled. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AnnulError {
    /// Nobody knows such an employment.
    #[error(transparent)]
    Find(#[from] PeopleError),
    /// The source says of it what is believed.
    #[error(
        "employment {employment} has not vanished: its source still tells of it, or told when it \
         ended; have it corrected there"
    )]
    NotVanished {
        /// The source's number of it.
        employment: NativeKey,
    },
    /// No day of it is believed any more.
    #[error("employment {employment} is annulled already")]
    Already {
        /// The source's number of it.
        employment: NativeKey,
    },
    /// The source is being run.
    #[error("the source cannot be used")]
    Source(#[from] RunError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl AnnulError {
    /// Whether what was given is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::NotVanished { .. } | Self::Already { .. } => true,
            Self::Find(it) => !matches!(it, PeopleError::Store(_) | PeopleError::Configure(_)),
            Self::Source(it) => it.is_bad_input(),
            Self::Store(_) => false,
        }
    }
}

/// Withdraws all days of an employment that ended because its source no longer mentions it, as a
/// person says that it never was. What was believed stays known at its versions.
///
/// # Errors
///
/// Refuses an employment of which the source says something else, and one that is annulled.
#[crate::boxed(?Send)]
pub async fn annul(
    hub: &Hub,
    tenant: TenantId,
    id: &str,
    decision: &Decision<'_>,
) -> Result<Annulled, AnnulError> {
    let mut tx = hub.db.read().await?;
    let employment = find(&mut tx, tenant, Some(Kind::Employment), id).await?;
    let vanished = vanished(&mut tx, tenant, &employment).await?;
    drop(tx);
    let lock = run_lock(&hub.db, tenant, vanished.source).await?;
    let _lock = lock.ok_or_else(|| RunError::UnderWay { key: vanished.key.clone() })?;

    let (mut tx, now) = (hub.db.write().await?, hub.clock.now());
    let version = tenant::take_version(&mut tx, tenant, now, None).await?;
    // A run may have read it again before the lock was had.
    let vanished = self::vanished(&mut tx, tenant, &employment).await?;
    let Vanished { source, key, seen, claims, days } = vanished;
    let closed = claims.iter().map(|it| ClaimKey {
        subject: it.subject,
        valid_from: it.slice.validity.from(),
        since: it.since,
    });
    let closed: Vec<ClaimKey> = closed.collect();
    claim::close(&mut tx, tenant, (source, Track::Record), version, &closed).await?;
    let seen = SeenRow { until: Some(days.from()), ..seen };
    seen::upsert(&mut tx, tenant, source, vec![seen]).await?;
    let annulled = Annulled {
        source: key,
        employment: employment.native.clone().unwrap_or_else(|| NativeKey::text("")),
        id: employment.id,
        from: days.from(),
        until: days.until(),
        version,
    };
    let entry = audit::Entry {
        at: now,
        who: decision.by().to_owned(),
        action: "employment.annul".to_owned(),
        detail: json!({
            "source": annulled.source,
            "employment": annulled.id,
            "version": version,
            "reason": decision.reason(),
        }),
    };
    audit::write(&mut tx, tenant, &entry).await?;
    job::ask_to_deliver(&mut tx, tenant, now).await?;
    tx.commit().await?;
    // The decision stands. A roster that cannot follow now does so with the next run.
    drop(roster::bring_up(hub, tenant, &Silent).await);
    Ok(annulled)
}

/// An employment that a source mentions no more.
struct Vanished {
    source: SourceNo,
    key: String,
    seen: SeenRow,
    claims: Vec<Claim>,
    days: Validity,
}

/// What is known of the employment at the source that no longer mentions it.
async fn vanished(
    tx: &mut Tx,
    tenant: TenantId,
    employment: &Subject,
) -> Result<Vanished, AnnulError> {
    let native = employment.native.clone().unwrap_or_else(|| NativeKey::text(""));
    let natives = [native.clone()];
    let mut is_known = false;
    for it in source::list(tx, tenant).await? {
        let numbers = native::of_keys(tx, tenant, it.no, Kind::Employment, &natives).await?;
        let rows = seen::rows(tx, tenant, it.no, Kind::Employment, &numbers).await?;
        let Some(seen) = rows.first().filter(|row| row.outcome == Outcome::Gone) else { continue };
        let claims = claim::open(tx, tenant, it.no, Track::Record, &[employment.no]).await?;
        let slices: Vec<Slice<State>> = claims.iter().map(|it| it.slice.clone()).collect();
        is_known = true;
        // What had ended before it was left out, its source has told the end of.
        if let Some(days) = existence(&slices).filter(|days| days.until() == seen.until) {
            return Ok(Vanished { source: it.no, key: it.key, seen: *seen, claims, days });
        }
        if !slices.is_empty() {
            return Err(AnnulError::NotVanished { employment: native });
        }
    }
    if is_known {
        return Err(AnnulError::Already { employment: native });
    }
    Err(AnnulError::NotVanished { employment: native })
}
