//! Who is signed in.

use super::clients::{self, Certificate};
use super::token::{NoRandomness, Token};
use super::users::{self, UserError};
use crate::Hub;
use jiff::{SignedDuration, Timestamp};
use kobling_domain::access::{Access, Grant, Operation, access};
use kobling_domain::id::{SubjectId, TenantId};
use kobling_store::StoreError;
use kobling_store::access::account::{self, Account};
use kobling_store::access::session::Holder;
use kobling_store::access::{audit, session, tenant};
use kobling_store::engine::Tx;
use serde_json::json;

/// A session in which nothing happened for so long has ended.
const IDLE_MAX: SignedDuration = SignedDuration::from_mins(60);
/// A session ends after so long, whatever happened in it.
const LENGTH_MAX: SignedDuration = SignedDuration::from_hours(12);
/// That somebody is still there is noted so often, so that looking writes seldom.
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// A link that signs somebody in works for so long.
const LINK_MAX: SignedDuration = SignedDuration::from_hours(12);

/// Why nobody was signed in or out.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The link was used before, has ended or is none of ours.
    #[error("the link has been used, or has ended")]
    LinkSpent,
    /// The name, the password or the code is wrong, or was wrong too often lately.
    #[error("the name, the password or the code is wrong")]
    Wrong,
    /// The user may not sign in any more.
    #[error("the user may not sign in")]
    Disabled,
    /// There is no such user.
    #[error("no such user can be signed in")]
    User(#[from] UserError),
    /// No token can be made.
    #[error("no token can be made")]
    Token(#[from] NoRandomness),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Somebody who is signed in: every use case that was asked for by a person knows by this who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Whose data they are admitted to.
    pub tenant: TenantId,
    /// Its key.
    pub tenant_key: String,
    /// What it is called.
    pub tenant_name: String,
    /// The name they sign in with; in the audit.
    pub key: String,
    /// What people call them.
    pub name: String,
    /// The person they are, if the hub knows them.
    pub person: Option<SubjectId>,
    /// Their roles.
    pub grants: Vec<Grant>,
}

impl Signed {
    /// How far they reach in an operation; none if they may not.
    pub fn access(&self, operation: Operation) -> Option<Access> {
        access(&self.grants, operation)
    }

    /// Whether it is a program that has signed in by itself.
    pub fn is_program(&self) -> bool {
        self.key.starts_with(clients::NAMED)
    }
}

/// Makes a link that signs a user in once. The token stands in it.
#[crate::boxed]
pub async fn link(hub: &Hub, tenant: TenantId, key: &str) -> Result<Token, SignInError> {
    let mut tx = hub.db.write().await?;
    let account = users::find(&mut tx, tenant, key).await?;
    let token = token(&mut tx, tenant).await?;
    let ends_at = after(hub.clock.now(), LINK_MAX);
    session::add_link(&mut tx, tenant, token.digest(), account.no, ends_at).await?;
    tx.commit().await?;
    Ok(token)
}

/// Takes a link: whom it is for is signed in, under a token of their own.
#[crate::boxed]
pub async fn take_link(hub: &Hub, link: &Token) -> Result<Token, SignInError> {
    let mut tx = hub.db.write().await?;
    let tenant = tenant::by_uuid(&mut tx, link.tenant()).await?.ok_or(SignInError::LinkSpent)?.id;
    let account = session::take_link(&mut tx, tenant, link.digest(), hub.clock.now()).await?;
    let account = account.ok_or(SignInError::LinkSpent)?;
    let token = open(hub, &mut tx, tenant, &account, "link").await?;
    tx.commit().await?;
    Ok(token)
}

/// Signs in whoever runs the hub's commands as this user.
#[crate::boxed]
pub async fn open_for(hub: &Hub, tenant: TenantId, key: &str) -> Result<Token, SignInError> {
    let mut tx = hub.db.write().await?;
    let account = users::find(&mut tx, tenant, key).await?;
    let token = open(hub, &mut tx, tenant, &account, "command").await?;
    tx.commit().await?;
    Ok(token)
}

/// Who has this token; none if nobody has, not any more, or not with what was shown while connecting.
#[crate::boxed]
pub async fn resume(
    hub: &Hub,
    token: &Token,
    shown: Option<&Certificate>,
) -> Result<Option<Signed>, StoreError> {
    let now = hub.clock.now();
    let mut tx = hub.db.answer().await?;
    let holder = session::holder(&mut tx, token.tenant(), token.digest(), now).await?;
    let (tenant, found) = match holder {
        Some((tenant, Some(Holder::User(it)))) => (tenant, it),
        Some((tenant, Some(Holder::Client { client, certificate }))) => {
            let shown = shown.filter(|it| it.holds(now));
            return Ok(clients::signed(tenant, client, (certificate, shown)));
        }
        Some((_, None)) | None => return Ok(None),
    };
    let has_ended = found.ends_at <= now || after(found.seen_at, IDLE_MAX) <= now;
    if has_ended || found.account.disabled_at.is_some() {
        return Ok(None);
    }
    let grants = account::grants(&mut tx, tenant.id, found.account.no).await?;
    drop(tx);
    if after(found.seen_at, SEEN_EVERY) <= now {
        let mut tx = hub.db.write().await?;
        session::seen(&mut tx, tenant.id, token.digest(), now).await?;
        tx.commit().await?;
    }
    let Account { key, name, person, .. } = found.account;
    let (tenant_key, tenant_name) = (tenant.key, tenant.name);
    Ok(Some(Signed { tenant: tenant.id, tenant_key, tenant_name, key, name, person, grants }))
}

/// Signs out. Nothing happens where nobody is signed in.
#[crate::boxed]
pub async fn close(hub: &Hub, token: &Token) -> Result<(), StoreError> {
    let mut tx = hub.db.write().await?;
    if let Some(tenant) = tenant::by_uuid(&mut tx, token.tenant()).await? {
        session::close(&mut tx, tenant.id, token.digest()).await?;
    }
    tx.commit().await
}

/// Signs a user in, says so in the audit, and forgets who was signed in long ago.
pub(super) async fn open(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    account: &Account,
    way: &str,
) -> Result<Token, SignInError> {
    if account.disabled_at.is_some() {
        return Err(SignInError::Disabled);
    }
    let now = hub.clock.now();
    let token = token(tx, tenant).await?;
    session::sweep(tx, tenant, now).await?;
    let span = (now, after(now, LENGTH_MAX));
    session::open(tx, tenant, token.digest(), account.no, span).await?;
    let (who, action) = (account.key.clone(), "session.open".to_owned());
    let detail = json!({ "way": way });
    audit::write(tx, tenant, &audit::Entry { at: now, who, action, detail }).await?;
    Ok(token)
}

async fn token(tx: &mut Tx, id: TenantId) -> Result<Token, SignInError> {
    let all = tenant::list(tx).await?;
    let found = all.into_iter().find(|it| it.id == id);
    let uuid = found.ok_or(StoreError::Missing { what: "tenant" })?.uuid;
    Ok(Token::generate(uuid)?)
}

fn after(instant: Timestamp, length: SignedDuration) -> Timestamp {
    instant.checked_add(length).unwrap_or(Timestamp::MAX)
}
