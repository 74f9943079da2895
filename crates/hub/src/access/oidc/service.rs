//! What a sign-in service tells about itself, kept for a while.

use super::OidcError;
use crate::connectors::asking::Asker;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::Jwk;
use reqwest::Url;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};

/// What was told is asked for again after this.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
/// A token signed with a key that nobody knows makes us ask for the keys anew, so often at most: who
/// sends made-up tokens does not make us trouble the service.
const KEYS_ANEW_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Where a service is asked what (`OpenID` Connect Discovery 1.0).
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    #[serde(deserialize_with = "address")]
    pub(super) authorization_endpoint: Url,
    #[serde(deserialize_with = "address")]
    pub(super) token_endpoint: Url,
    #[serde(default, deserialize_with = "some_address")]
    pub(super) userinfo_endpoint: Option<Url>,
    #[serde(deserialize_with = "address")]
    jwks_uri: Url,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

impl Metadata {
    /// Whether the program's secret goes into the form, as no other way is taken.
    pub(super) fn wants_secret_in_form(&self) -> bool {
        let methods = &self.token_endpoint_auth_methods_supported;
        let has = |name: &str| methods.iter().any(|it| it == name);
        has("client_secret_post") && !has("client_secret_basic")
    }

    fn addresses(&self) -> impl Iterator<Item = &Url> {
        let always = [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri];
        always.into_iter().chain(&self.userinfo_endpoint)
    }
}

/// Signing keys. Those of a kind that nobody here knows are left out.
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// Asks a service, and keeps what it told.
pub(super) struct Service {
    pub(super) asker: Asker,
    issuer: Url,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    metadata: Option<(Timestamp, Arc<Metadata>)>,
    keys: Option<(Timestamp, Arc<[Jwk]>)>,
    keys_anew_at: Option<Timestamp>,
}

impl Service {
    pub(super) fn new(asker: Asker, issuer: Url) -> Self {
        Self { asker, issuer, told: Mutex::default() }
    }

    /// Where it is asked what.
    pub(super) async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, OidcError> {
        if let Some(kept) = self.told(|it| fresh(it.metadata.as_ref(), now)) {
            return Ok(kept);
        }
        let address = format!("{}/.well-known/openid-configuration", self.name());
        let address = Url::parse(&address).map_err(|_| OidcError::Issuer)?;
        let metadata: Metadata = self.asker.get(&address, None).await?;
        // Another service may not speak for this one.
        if metadata.issuer.trim_end_matches('/') != self.name() {
            return Err(OidcError::OtherIssuer { told: metadata.issuer });
        }
        if let Some(it) = metadata.addresses().find(|it| !is_protected(it)) {
            return Err(OidcError::InTheClear { address: it.to_string() });
        }
        let metadata = Arc::new(metadata);
        self.told(|it| it.metadata = Some((now, Arc::clone(&metadata))));
        Ok(metadata)
    }

    /// Whom tokens must be issued by, to the letter.
    pub(super) async fn issuer(&self, now: Timestamp) -> Result<String, OidcError> {
        Ok(self.metadata(now).await?.issuer.clone())
    }

    /// Its keys.
    pub(super) async fn keys(&self, now: Timestamp) -> Result<Arc<[Jwk]>, OidcError> {
        match self.told(|it| fresh(it.keys.as_ref(), now)) {
            Some(kept) => Ok(kept),
            None => self.ask_keys(now).await,
        }
    }

    /// Its keys, asked for anew as it may have others by now; none if they were just asked for.
    pub(super) async fn keys_anew(&self, now: Timestamp) -> Result<Option<Arc<[Jwk]>>, OidcError> {
        let may_ask = self.told(|it| {
            let since = it.keys_anew_at.map(|at| now.duration_since(at));
            let may_ask = since.is_none_or(|it| it >= KEYS_ANEW_EVERY);
            if may_ask {
                it.keys_anew_at = Some(now);
            }
            may_ask
        });
        if may_ask { self.ask_keys(now).await.map(Some) } else { Ok(None) }
    }

    async fn ask_keys(&self, now: Timestamp) -> Result<Arc<[Jwk]>, OidcError> {
        let address = self.metadata(now).await?.jwks_uri.clone();
        let set: KeySet = self.asker.get(&address, None).await?;
        let known = set.keys.into_iter().filter_map(|it| serde_json::from_value(it).ok());
        let keys: Arc<[Jwk]> = known.collect();
        self.told(|it| it.keys = Some((now, Arc::clone(&keys))));
        Ok(keys)
    }

    fn name(&self) -> &str {
        self.issuer.as_str().trim_end_matches('/')
    }

    fn told<T>(&self, work: impl FnOnce(&mut Told) -> T) -> T {
        work(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether nobody on the way can read along: TLS, or this machine only.
pub(super) fn is_protected(address: &Url) -> bool {
    let is_here = matches!(address.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    address.scheme() == "https" || (address.scheme() == "http" && is_here)
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    Url::parse(&String::deserialize(from)?).map_err(D::Error::custom)
}

fn some_address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Url>, D::Error> {
    address(from).map(Some)
}

fn fresh<T: Clone>(kept: Option<&(Timestamp, T)>, now: Timestamp) -> Option<T> {
    kept.filter(|(at, _)| now.duration_since(*at) < KEPT).map(|(_, it)| it.clone())
}
