//! Programs that sign in by themselves (OAuth 2.0 client credentials), each for one party in one role.

mod certificate;
mod statement;

pub use certificate::Certificate;

use super::session::Signed;
use super::token::{NoRandomness, Token};
use super::users::{self, RoleAt, UserError};
use crate::Hub;
use jiff::{SignedDuration, Timestamp};
use kobling_domain::access::Grant;
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::access::client::{self, Client as Stored};
use kobling_store::access::tenant::{self, Tenant};
use kobling_store::engine::Tx;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use std::fmt;
use uuid::Uuid;

/// A token is good for so long.
const TOKEN_LENGTH: SignedDuration = SignedDuration::from_mins(15);
/// What stands before a client's key where it is named beside users.
pub(super) const NAMED: &str = "client:";

/// Why a client was not admitted, found or given a token.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No client has that key.
    #[error("there is no client {key:?}")]
    Unknown {
        /// The key as given.
        key: String,
    },
    /// A client has that key, or had it.
    #[error("there is a client {key:?} already, or there was one; give it another key")]
    Taken {
        /// The key as given.
        key: String,
    },
    /// The id or the secret is none of ours, or may not be used any more.
    #[error("the client is not known, its secret is wrong, or it was revoked")]
    Refused,
    /// The public key is of a kind that is not taken.
    #[error("the public key is no PEM of a P-256 or an Ed25519 key")]
    Key,
    /// There is no certificate.
    #[error("the text holds no certificate in PEM")]
    Certificate,
    /// The certificate is no good any more.
    #[error("the certificate ended at {at}")]
    Ended {
        /// When.
        at: Timestamp,
    },
    /// It is known by something else.
    #[error("client {key:?} is not known by a certificate, or was revoked")]
    NoCertificate {
        /// The key as given.
        key: String,
    },
    /// Its key, its name or its party cannot be kept.
    #[error(transparent)]
    User(#[from] UserError),
    /// No secret can be made.
    #[error("no secret can be made")]
    Token(#[from] NoRandomness),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// With what a client to admit will prove to be itself.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A secret that is made for it.
    Secret,
    /// A key of its own, whose public part this is, as PEM.
    Key(String),
    /// A certificate, as PEM, whose key it has. Nobody need vouch for it.
    Certificate(String),
}

/// A client to admit.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// Short name.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// For which party it asks, and in which role.
    pub grant: Grant,
    /// With what it will prove to be itself.
    pub proof: Proof,
}

/// What a client shows to be given a token.
pub enum Shown<'a> {
    /// Its id and its secret.
    Secret {
        /// The id.
        client_id: &'a str,
        /// The secret.
        secret: &'a str,
    },
    /// A statement signed with its key (RFC 7523), made for whom is told here.
    Statement {
        /// The statement.
        jwt: &'a str,
        /// The address of this server where tokens are asked for.
        audience: &'a str,
    },
    /// Its id, over a connection on which it showed a certificate (RFC 8705).
    Certificate {
        /// The id.
        client_id: &'a str,
        /// The certificate.
        certificate: &'a Certificate,
    },
}

/// A client as told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Client {
    /// With what it asks for tokens.
    pub client_id: String,
    /// Short name; `client:` and this stand in the audit.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// For which party it asks, and in which role.
    pub role: RoleAt,
    /// The certificate by which it is known, if it is by one (`x5t#S256`).
    pub certificate: Option<String>,
    /// When it was admitted.
    pub added_at: Timestamp,
    /// Since when it may not ask any more.
    pub revoked_at: Option<Timestamp>,
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client_id, key, name, role: RoleAt { party, role }, revoked_at, .. } = self;
        write!(f, "{key}  {name}  {role}@{party}  {client_id}")?;
        match revoked_at {
            Some(at) => writeln!(f, "  (revoked since {at})"),
            None => writeln!(f),
        }
    }
}

/// A token that was given.
pub struct Issued {
    /// With what the client asks.
    pub token: Token,
    /// For how many seconds.
    pub length_s: i64,
}

/// Admits a client. Its secret, if it has one, is told here and never again.
#[crate::boxed]
pub async fn add(
    hub: &Hub,
    tenant: TenantId,
    new: &NewClient,
    by: &str,
) -> Result<(Client, Option<Token>), ClientError> {
    let NewClient { key, name, grant, proof } = new.clone();
    users::check_names(&key, &name)?;
    let (public_key, certificate) = match proof {
        Proof::Secret => (None, None),
        Proof::Key(pem) => (Some(statement::checked(pem)?), None),
        Proof::Certificate(pem) => (None, Some(certificate::checked(&pem, hub.clock.now())?)),
    };
    let mut tx = hub.db.write().await?;
    users::check_parties(&mut tx, tenant, std::slice::from_ref(&grant)).await?;
    if find(&mut tx, tenant, &key).await?.is_some() {
        return Err(ClientError::Taken { key });
    }
    let uuid = uuid_of(&mut tx, tenant).await?;
    let secret = match (&public_key, &certificate) {
        (None, None) => Some(Token::generate(uuid)?),
        (Some(_), _) | (_, Some(_)) => None,
    };
    // Derived from the key, so that a store made anew from the same texts has the same ids.
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("kobling client {key}").as_bytes());
    let (added_at, secret_digest) = (hub.clock.now(), secret.as_ref().map(Token::digest));
    let stored = Stored {
        id,
        key,
        name,
        grant,
        secret_digest,
        public_key,
        certificate,
        added_at,
        revoked_at: None,
    };
    client::add(&mut tx, tenant, &stored).await?;
    let told = told(uuid, stored);
    let detail = json!({ "client": told.key, "role": told.role });
    users::note(hub, &mut tx, tenant, (by, "client.add"), detail).await?;
    tx.commit().await?;
    Ok((told, secret))
}

/// All clients, by key.
#[crate::boxed]
pub async fn list(hub: &Hub, tenant: TenantId) -> Result<Vec<Client>, ClientError> {
    let mut tx = hub.db.read().await?;
    let uuid = uuid_of(&mut tx, tenant).await?;
    let all = client::list(&mut tx, tenant).await?;
    Ok(all.into_iter().map(|it| told(uuid, it)).collect())
}

/// Knows a client by another certificate from now on. Tokens that it has count with the one before until
/// they end.
#[crate::boxed]
pub async fn renew(
    hub: &Hub,
    tenant: TenantId,
    (key, pem): (&str, &str),
    by: &str,
) -> Result<Client, ClientError> {
    let certificate = certificate::checked(pem, hub.clock.now())?;
    let mut tx = hub.db.write().await?;
    let found = find(&mut tx, tenant, key).await?;
    let found = found.ok_or_else(|| ClientError::Unknown { key: key.to_owned() })?;
    if found.certificate.is_none() || found.revoked_at.is_some() {
        return Err(ClientError::NoCertificate { key: key.to_owned() });
    }
    client::renew(&mut tx, tenant, found.id, certificate).await?;
    users::note(hub, &mut tx, tenant, (by, "client.renew"), json!({ "client": key })).await?;
    let uuid = uuid_of(&mut tx, tenant).await?;
    tx.commit().await?;
    Ok(told(uuid, Stored { certificate: Some(certificate), ..found }))
}

/// Lets a client ask no more, and takes its tokens back.
#[crate::boxed]
pub async fn revoke(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    by: &str,
) -> Result<Client, ClientError> {
    let mut tx = hub.db.write().await?;
    let found = find(&mut tx, tenant, key).await?;
    let found = found.ok_or_else(|| ClientError::Unknown { key: key.to_owned() })?;
    let at = found.revoked_at.unwrap_or_else(|| hub.clock.now());
    client::revoke(&mut tx, tenant, found.id, at).await?;
    users::note(hub, &mut tx, tenant, (by, "client.revoke"), json!({ "client": key })).await?;
    let uuid = uuid_of(&mut tx, tenant).await?;
    tx.commit().await?;
    Ok(told(uuid, Stored { revoked_at: Some(at), ..found }))
}

/// Gives a client a token, if what it shows is its own. A statement counts once; the token of who shows a
/// certificate counts only with that.
pub async fn issue(hub: &Hub, shown: Shown<'_>) -> Result<Issued, ClientError> {
    let claims = match &shown {
        Shown::Secret { .. } | Shown::Certificate { .. } => None,
        Shown::Statement { jwt, .. } => Some(statement::claims(jwt).ok_or(ClientError::Refused)?),
    };
    let client_id = match (&shown, &claims) {
        (Shown::Secret { client_id, .. } | Shown::Certificate { client_id, .. }, _) => client_id,
        (Shown::Statement { .. }, claims) => claims.as_ref().map_or("", |it| it.iss.as_str()),
    };
    let (uuid, id) = read(client_id).ok_or(ClientError::Refused)?;
    let mut tx = hub.db.write().await?;
    let tenant = tenant::by_uuid(&mut tx, uuid).await?.ok_or(ClientError::Refused)?.id;
    let found = client::by_id(&mut tx, tenant, id).await?.filter(|it| it.revoked_at.is_none());
    let found = found.ok_or(ClientError::Refused)?;
    let is_own = match (&shown, &claims) {
        (Shown::Secret { secret, .. }, _) => {
            let digest = Token::parse(secret).map(|it| it.digest());
            digest.is_some() && found.secret_digest == digest
        }
        (Shown::Statement { jwt, audience }, Some(claims)) => {
            let pem = found.public_key.as_deref().unwrap_or_default();
            let is_for_us = claims.is_for(audience, hub.clock.now());
            is_for_us
                && statement::is_signed(jwt, pem)
                && statement::is_new(hub, &mut tx, (tenant, &found.key), claims).await?
        }
        (Shown::Statement { .. }, None) => false,
        (Shown::Certificate { certificate, .. }, _) => {
            certificate.holds(hub.clock.now()) && found.certificate == Some(certificate.thumbprint)
        }
    };
    if !is_own {
        return Err(ClientError::Refused);
    }
    let (now, token) = (hub.clock.now(), Token::generate(uuid)?);
    let ends_at = now.checked_add(TOKEN_LENGTH).unwrap_or(Timestamp::MAX);
    let of = (token.digest(), found.id, found.certificate);
    client::add_token(&mut tx, tenant, of, (now, ends_at)).await?;
    let who = format!("{NAMED}{}", found.key);
    users::note(hub, &mut tx, tenant, (&who, "client.token"), json!({})).await?;
    tx.commit().await?;
    Ok(Issued { token, length_s: TOKEN_LENGTH.as_secs() })
}

/// A client that asks with its token, as somebody who is signed in; none if it was revoked, or if the token
/// is bound to another certificate than was shown.
pub(super) fn signed(
    tenant: Tenant,
    it: Stored,
    (bound, shown): (Option<[u8; 32]>, Option<&Certificate>),
) -> Option<Signed> {
    let is_shown = bound.is_none_or(|bound| shown.is_some_and(|it| it.thumbprint == bound));
    (it.revoked_at.is_none() && is_shown).then(|| Signed {
        tenant: tenant.id,
        tenant_key: tenant.key,
        tenant_name: tenant.name,
        key: format!("{NAMED}{}", it.key),
        name: it.name,
        person: None,
        grants: vec![it.grant],
    })
}

/// The tenant and the client that an id names.
fn read(client_id: &str) -> Option<(Uuid, Uuid)> {
    let (tenant, id) = client_id.split_once('.')?;
    Some((Uuid::try_parse(tenant).ok()?, Uuid::try_parse(id).ok()?))
}

async fn find(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<Option<Stored>, StoreError> {
    Ok(client::list(tx, tenant).await?.into_iter().find(|it| it.key == key))
}

async fn uuid_of(tx: &mut Tx, id: TenantId) -> Result<Uuid, StoreError> {
    let found = tenant::list(tx).await?.into_iter().find(|it| it.id == id);
    Ok(found.ok_or(StoreError::Missing { what: "tenant" })?.uuid)
}

fn told(tenant: Uuid, it: Stored) -> Client {
    let Stored { id, key, name, grant, certificate, added_at, revoked_at, .. } = it;
    let certificate = certificate.map(certificate::named);
    let client_id = format!("{}.{}", tenant.simple(), id.simple());
    let role = RoleAt { party: grant.party, role: grant.role.name() };
    Client { client_id, key, name, role, certificate, added_at, revoked_at }
}
