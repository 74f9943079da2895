//! Writing a target group, by somebody who has seen how it stood.

use super::{GroupsError, texts};
use crate::Hub;
use crate::hex::hex;
use crate::people::PeopleError;
use kobling_domain::id::TenantId;
use kobling_domain::people::{Group, GroupError, GroupText};
use kobling_store::StoreError;
use kobling_store::access::{audit, setting, tenant};
use kobling_store::job;
use serde_json::json;
use sha2::{Digest, Sha256};

/// Under which kind groups are configured.
const KIND: &str = "group";

/// How a group stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stands {
    /// What is configured; none if there is no such group.
    pub text: Option<GroupText>,
    /// Names exactly that: another text has another one.
    pub mark: String,
}

impl Stands {
    fn of(text: Option<GroupText>) -> Self {
        let mark = hex(&Sha256::digest(format!("{text:?}")));
        Self { text, mark }
    }
}

/// Why a group is not written.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody else has written it since.
    #[error("group {key:?} is not, or no longer, as it was when it was looked at")]
    Changed {
        /// Its key.
        key: String,
    },
    /// It cannot be used as it is.
    #[error(transparent)]
    Group(#[from] GroupError),
    /// It cannot be written as text.
    #[error("the group cannot be written")]
    Unwritable(#[from] serde_json::Error),
    /// The configuration cannot be read.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// How the group of that key stands now.
#[crate::boxed]
pub async fn stands(hub: &Hub, tenant: TenantId, key: &str) -> Result<Stands, GroupsError> {
    let all = texts(&mut super::read(hub).await?, tenant).await?;
    let found = all.into_iter().find(|it| it.key == key);
    Ok(Stands::of(found))
}

/// Writes a group under one ledger version, if it still stands as `mark` names it; targets that are
/// told of groups follow.
///
/// # Errors
///
/// What somebody else has written since is not overwritten.
#[crate::boxed]
pub async fn save(
    hub: &Hub,
    tenant: TenantId,
    text: &GroupText,
    mark: &str,
    by: &str,
) -> Result<(), SaveError> {
    Group::parse(text)?;
    let mut tx = hub.db.write().await?;
    let version = tenant::take_version(&mut tx, tenant, hub.clock.now(), None).await?;
    let now = texts(&mut tx, tenant).await?.into_iter().find(|it| it.key == text.key);
    if Stands::of(now).mark != mark {
        return Err(SaveError::Changed { key: text.key.clone() });
    }
    let body = serde_json::to_value(text)?;
    setting::put(&mut tx, tenant, version, KIND, &text.key, &body).await?;
    job::ask_to_deliver(&mut tx, tenant, hub.clock.now()).await?;
    let entry = audit::Entry {
        at: hub.clock.now(),
        who: by.to_owned(),
        action: "group.save".to_owned(),
        detail: json!({ "group": text.key, "version": version.0 }),
    };
    audit::write(&mut tx, tenant, &entry).await?;
    Ok(tx.commit().await?)
}
