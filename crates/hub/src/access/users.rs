//! Users: who may sign in, and in which roles.

use super::clients;
use super::configure::{self, ConfigureError};
use crate::Hub;
use jiff::Timestamp;
use kobling_domain::access::Grant;
use kobling_domain::id::{SubjectId, TenantId};
use kobling_domain::people::Kind;
use kobling_store::StoreError;
use kobling_store::access::account::{self, Account, NewAccount};
use kobling_store::access::{audit, session};
use kobling_store::engine::Tx;
use kobling_store::people::subject;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use std::fmt;
use uuid::Uuid;

/// Letters of the name that somebody signs in with.
const KEY_LETTERS_MAX: usize = 100;
/// Letters of what people call them.
const NAME_LETTERS_MAX: usize = 200;

/// Letters of what a sign-in service calls them: what `OpenID` Connect allows.
const SUBJECT_LETTERS_MAX: usize = 255;

/// Why users could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// Nobody signs in with that name.
    #[error("there is no user {key:?}")]
    Unknown {
        /// The name as given.
        key: String,
    },
    /// Somebody signs in with that name already.
    #[error("there is a user {key:?} already")]
    Taken {
        /// The name as given.
        key: String,
    },
    /// A name that cannot be kept.
    #[error("{what} has 1 to {letters_max} letters")]
    Name {
        /// Which name.
        what: &'static str,
        /// How long it may be.
        letters_max: usize,
    },
    /// A name that stands for somebody else in the audit.
    #[error("names that begin with {begin} are those of programs")]
    Reserved {
        /// How they begin.
        begin: &'static str,
    },
    /// A role for a party that is not configured.
    #[error("there is no party {party:?}; configured is: {known}")]
    UnknownParty {
        /// Its key as given.
        party: String,
        /// Keys there are.
        known: String,
    },
    /// Somebody else is called that at the sign-in service.
    #[error("another user is called {subject:?} there already")]
    TakenSubject {
        /// The name as given.
        subject: String,
    },
    /// A user without a role can do nothing.
    #[error("a user has a role: none was given")]
    NoRole,
    /// No person of ours has that id.
    #[error("there is no person {id}")]
    UnknownPerson {
        /// The id as given.
        id: SubjectId,
    },
    /// The configuration cannot be read.
    #[error("the configuration cannot be read")]
    Configuration(#[from] ConfigureError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Somebody to admit.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The name they sign in with: usually an address of theirs.
    pub key: String,
    /// What people call them.
    pub name: String,
    /// The person they are, if the hub knows them.
    pub person: Option<SubjectId>,
    /// Their roles.
    pub grants: Vec<Grant>,
}

/// A user as told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct User {
    /// Its id.
    pub id: Uuid,
    /// The name they sign in with.
    pub key: String,
    /// What people call them.
    pub name: String,
    /// The person they are, if the hub knows them.
    pub person: Option<SubjectId>,
    /// Their roles.
    pub roles: Vec<RoleAt>,
    /// When they were admitted.
    pub added_at: Timestamp,
    /// Since when they may not sign in any more.
    pub disabled_at: Option<Timestamp>,
}

/// A role on behalf of a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoleAt {
    /// The party's key.
    pub party: String,
    /// The role's name.
    pub role: &'static str,
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}", self.key, self.name)?;
        for RoleAt { party, role } in &self.roles {
            write!(f, "  {role}@{party}")?;
        }
        match self.disabled_at {
            Some(at) => writeln!(f, "  (disabled since {at})"),
            None => writeln!(f),
        }
    }
}

/// Admits a user. Who says so is `by`. Names to sign in with have small letters only.
#[crate::boxed]
pub async fn add(hub: &Hub, tenant: TenantId, new: &NewUser, by: &str) -> Result<User, UserError> {
    let new = NewUser { key: small(&new.key), ..new.clone() };
    check_names(&new.key, &new.name)?;
    if new.key.starts_with(clients::NAMED) {
        return Err(UserError::Reserved { begin: clients::NAMED });
    }
    let mut tx = hub.db.write().await?;
    check_parties(&mut tx, tenant, &new.grants).await?;
    if account::by_key(&mut tx, tenant, &new.key).await?.is_some() {
        return Err(UserError::Taken { key: new.key.clone() });
    }
    if let Some(id) = new.person {
        let found = subject::by_id(&mut tx, tenant, id).await?;
        found.filter(|it| it.kind == Kind::Person).ok_or(UserError::UnknownPerson { id })?;
    }
    // Derived from the key, so that a store made anew from the same texts has the same ids.
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("kobling user {}", new.key).as_bytes());
    let NewUser { key, name, person, grants } = new;
    let account = NewAccount { id, key: key.clone(), name, person };
    let added = account::add(&mut tx, tenant, &account, hub.clock.now()).await?;
    account::grant(&mut tx, tenant, added, &grants).await?;
    let roles = told(grants);
    let detail = json!({ "user": key, "roles": roles });
    note(hub, &mut tx, tenant, (by, "user.add"), detail).await?;
    let account = find(&mut tx, tenant, &key).await?;
    tx.commit().await?;
    Ok(user(account, roles))
}

/// All users, by the name they sign in with.
#[crate::boxed]
pub async fn list(hub: &Hub, tenant: TenantId) -> Result<Vec<User>, UserError> {
    let mut tx = hub.db.read().await?;
    let mut grants = account::all_grants(&mut tx, tenant).await?;
    let all = account::list(&mut tx, tenant).await?.into_iter();
    Ok(all
        .map(|it| {
            let roles = told(grants.remove(&it.no).unwrap_or_default());
            user(it, roles)
        })
        .collect())
}

/// Gives a user other roles in the place of those they have.
#[crate::boxed]
pub async fn grant(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    grants: Vec<Grant>,
    by: &str,
) -> Result<User, UserError> {
    let mut tx = hub.db.write().await?;
    check_parties(&mut tx, tenant, &grants).await?;
    let account = find(&mut tx, tenant, key).await?;
    account::grant(&mut tx, tenant, account.no, &grants).await?;
    let roles = told(grants);
    let detail = json!({ "user": key, "roles": roles });
    note(hub, &mut tx, tenant, (by, "user.grant"), detail).await?;
    tx.commit().await?;
    Ok(user(account, roles))
}

/// Says what a user is called at the sign-in service; with none, no longer.
#[crate::boxed]
pub async fn call(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    subject: Option<&str>,
    by: &str,
) -> Result<(), UserError> {
    if let Some(subject) = subject {
        check(subject, "the name at the sign-in service", SUBJECT_LETTERS_MAX)?;
    }
    let mut tx = hub.db.write().await?;
    let account = find(&mut tx, tenant, key).await?;
    if let Some(subject) = subject {
        let taken = account::by_subject(&mut tx, tenant, subject).await?;
        if taken.is_some_and(|it| it.no != account.no) {
            return Err(UserError::TakenSubject { subject: subject.to_owned() });
        }
    }
    account::call(&mut tx, tenant, account.no, subject).await?;
    let detail = json!({ "user": account.key, "subject": subject });
    note(hub, &mut tx, tenant, (by, "user.subject"), detail).await?;
    Ok(tx.commit().await?)
}

/// Lets a user sign in no more, and signs them out everywhere.
#[crate::boxed]
pub async fn disable(hub: &Hub, tenant: TenantId, key: &str, by: &str) -> Result<User, UserError> {
    let mut tx = hub.db.write().await?;
    let before = find(&mut tx, tenant, key).await?;
    account::disable(&mut tx, tenant, before.no, Some(hub.clock.now())).await?;
    session::close_all(&mut tx, tenant, before.no).await?;
    note(hub, &mut tx, tenant, (by, "user.disable"), json!({ "user": key })).await?;
    let account = find(&mut tx, tenant, key).await?;
    let roles = told(account::grants(&mut tx, tenant, account.no).await?);
    tx.commit().await?;
    Ok(user(account, roles))
}

/// The roles of the user who signs in with that name, none of one who may not any more; nothing if
/// nobody has the name.
pub(crate) async fn grants_of(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
) -> Result<Option<Vec<Grant>>, UserError> {
    let mut tx = hub.db.read().await?;
    match account::by_key(&mut tx, tenant, &small(key)).await? {
        None => Ok(None),
        Some(it) if it.disabled_at.is_some() => Ok(Some(Vec::new())),
        Some(it) => Ok(Some(account::grants(&mut tx, tenant, it.no).await?)),
    }
}

/// The user who signs in with that name.
pub(super) async fn find(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<Account, UserError> {
    let found = account::by_key(tx, tenant, &small(key)).await?;
    found.ok_or_else(|| UserError::Unknown { key: key.to_owned() })
}

/// Refuses a name to sign in with, or one that people use, that cannot be kept.
pub(super) fn check_names(key: &str, name: &str) -> Result<(), UserError> {
    check(key, "the name to sign in with", KEY_LETTERS_MAX)?;
    check(name, "the name", NAME_LETTERS_MAX)
}

pub(super) async fn check_parties(
    tx: &mut Tx,
    tenant: TenantId,
    grants: &[Grant],
) -> Result<(), UserError> {
    if grants.is_empty() {
        return Err(UserError::NoRole);
    }
    let parties = configure::load(tx, tenant).await?.parties;
    for Grant { party, .. } in grants {
        if !parties.iter().any(|it| it.key == *party) {
            let known: Vec<String> = parties.into_iter().map(|it| it.key).collect();
            let known = known.join(", ");
            return Err(UserError::UnknownParty { party: party.clone(), known });
        }
    }
    Ok(())
}

/// A name to sign in with, as it is kept.
pub(super) fn small(key: &str) -> String {
    key.trim().to_lowercase()
}

fn check(name: &str, what: &'static str, letters_max: usize) -> Result<(), UserError> {
    let is_kept = !name.trim().is_empty() && name.chars().count() <= letters_max;
    if is_kept { Ok(()) } else { Err(UserError::Name { what, letters_max }) }
}

/// Says in the audit what was done with a user.
pub(crate) async fn note(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    (by, action): (&str, &str),
    detail: serde_json::Value,
) -> Result<(), StoreError> {
    let (who, action) = (by.to_owned(), action.to_owned());
    audit::write(tx, tenant, &audit::Entry { at: hub.clock.now(), who, action, detail }).await
}

fn told(grants: Vec<Grant>) -> Vec<RoleAt> {
    grants.into_iter().map(|it| RoleAt { party: it.party, role: it.role.name() }).collect()
}

fn user(account: Account, roles: Vec<RoleAt>) -> User {
    let Account { id, key, name, person, added_at, disabled_at, .. } = account;
    User { id, key, name, person, roles, added_at, disabled_at }
}
