//! Signing in at a sign-in service (`OpenID` Connect): authorization code, PKCE, state and nonce.
//!
//! Nobody is admitted by it: who signs in must be a user already.

mod attempt;
mod id_token;
mod service;

pub use attempt::Attempt;
pub use id_token::Untrusted;

use super::session::{self, SignInError};
use super::token::Token;
use super::users;
use crate::Hub;
use crate::connectors::asking::{AskError, Asker, encoded};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use id_token::{Claims, Expected};
use jiff::Timestamp;
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::access::account::{self, Account};
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Map, Value};
use service::Service;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The claim that is a user's name here, if the service has verified it.
const EMAIL: &str = "email";
/// The claim that a service gives everybody.
const SUBJECT: &str = "sub";

/// A sign-in service, and what we are to it.
pub struct Settings {
    /// What it calls itself, to the letter.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// With what we prove to be that; none if PKCE alone is wanted.
    pub client_secret: Option<Zeroizing<String>>,
    /// By which claim a user is known: `email` is their name here; any other one is what
    /// they were said to be called there.
    pub claim: String,
    /// Certificates that vouch for its own, in PEM; without, those of this machine.
    pub ca_file: Option<PathBuf>,
}

/// Why nobody was signed in at a service.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The setting is no address, or one in the clear.
    #[error("oidc.issuer is no address that begins with https://")]
    Issuer,
    /// Somebody else answers at that address.
    #[error("the service calls itself {told:?}, and oidc.issuer says otherwise")]
    OtherIssuer {
        /// What it calls itself.
        told: String,
    },
    /// What is sent there could be read on the way.
    #[error("{address} is not protected by TLS")]
    InTheClear {
        /// The address the service told.
        address: String,
    },
    /// The service does not answer as it should.
    #[error("the sign-in service cannot be asked")]
    Asking(#[from] AskError),
    /// The answer belongs to no attempt of this browser, or the attempt was made long ago.
    #[error("the answer belongs to no attempt of this browser")]
    Stale,
    /// The service did not sign them in, or they gave up.
    #[error("the service signed nobody in: {code}")]
    Denied {
        /// Its code for why.
        code: String,
    },
    /// What it says of them is not believed.
    #[error("the token is not believed")]
    Untrusted(#[from] Untrusted),
    /// It does not say what users are known by.
    #[error("the service does not tell the claim {claim:?}")]
    NoClaim {
        /// Which.
        claim: String,
    },
    /// The mail address may be somebody else's.
    #[error("the service has not verified the mail address")]
    Unverified,
    /// They are no user here, or may not sign in any more.
    #[error("who signed in at the service is no user here")]
    Unknown,
    /// No session was opened.
    #[error("no session was opened")]
    SignIn(#[from] SignInError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// What came back with the browser.
#[derive(Debug, Default, Deserialize)]
pub struct Returned {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// What signing in came to.
pub enum Entered {
    /// A session.
    Session(Token),
    /// Several employers know them: they choose one, and sign in there.
    Several(Vec<Employer>),
}

/// An employer to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Employer {
    /// Its key.
    pub key: String,
    /// What it is called.
    pub name: String,
}

/// A sign-in service.
pub struct Provider {
    settings: Settings,
    service: Service,
}

/// What a code is redeemed for.
#[derive(Deserialize)]
struct Redeemed {
    id_token: String,
    access_token: Option<String>,
}

impl Provider {
    /// The service of these settings. It is not asked anything yet.
    pub fn new(settings: Settings) -> Result<Self, OidcError> {
        let issuer = Url::parse(&settings.issuer).ok().filter(service::is_protected);
        let asker = Asker::new(settings.ca_file.as_deref())?;
        let service = Service::new(asker, issuer.ok_or(OidcError::Issuer)?);
        Ok(Self { settings, service })
    }

    /// The address where somebody signs in, who then comes back to `back`.
    #[crate::boxed]
    pub async fn begin(
        &self,
        hub: &Hub,
        attempt: &Attempt,
        back: &str,
    ) -> Result<String, OidcError> {
        let metadata = self.service.metadata(hub.clock.now()).await?;
        let mut address = metadata.authorization_endpoint.clone();
        address.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.settings.client_id),
            ("redirect_uri", back),
            ("scope", self.scope()),
            ("state", &attempt.state()),
            ("nonce", &attempt.nonce()),
            ("code_challenge", &attempt.challenge()),
            ("code_challenge_method", "S256"),
        ]);
        Ok(address.into())
    }

    /// Signs in who came back, if the service says who they are and they are known here.
    #[crate::boxed]
    pub async fn finish(
        &self,
        hub: &Hub,
        attempt: &Attempt,
        returned: &Returned,
        back: &str,
    ) -> Result<Entered, OidcError> {
        let now = hub.clock.now();
        if returned.state.as_deref() != Some(&attempt.state()) {
            return Err(OidcError::Stale);
        }
        if let Some(code) = &returned.error {
            return Err(OidcError::Denied { code: printable(code) });
        }
        let code = returned.code.as_deref().ok_or(OidcError::Stale)?;
        let issuer = self.service.issuer(now).await?;
        // A browser that was sent to another service brings that one's answer (RFC 9207).
        if returned.iss.as_ref().is_some_and(|it| *it != issuer) {
            return Err(OidcError::Stale);
        }
        let redeemed = self.redeem(now, attempt, code, back).await?;
        let expected = Expected {
            issuer: &issuer,
            client_id: &self.settings.client_id,
            nonce: &attempt.nonce(),
            now,
        };
        let claims = self.believed(&redeemed.id_token, &expected).await?;
        let value = self.known_by(now, &claims, redeemed.access_token.as_deref()).await?;
        self.enter(hub, attempt.tenant(), &value).await
    }

    fn scope(&self) -> &'static str {
        match self.settings.claim.as_str() {
            EMAIL => "openid email",
            SUBJECT => "openid",
            _ => "openid profile",
        }
    }

    async fn redeem(
        &self,
        now: Timestamp,
        attempt: &Attempt,
        code: &str,
        back: &str,
    ) -> Result<Redeemed, OidcError> {
        let Settings { client_id, client_secret, .. } = &self.settings;
        let metadata = self.service.metadata(now).await?;
        let verifier = attempt.verifier();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", back),
            ("code_verifier", verifier.as_str()),
        ];
        let header = match client_secret {
            Some(secret) if !metadata.wants_secret_in_form() => Some(basic(client_id, secret)),
            secret => {
                form.push(("client_id", client_id));
                form.extend(secret.as_ref().map(|it| ("client_secret", it.as_str())));
                None
            }
        };
        let header = header.as_ref().map(|it| it.as_str());
        Ok(self.service.asker.post(&metadata.token_endpoint, &form, header).await?)
    }

    /// What a token says. If its key is a new one, the service is asked for its keys.
    async fn believed(&self, jwt: &str, expected: &Expected<'_>) -> Result<Claims, OidcError> {
        let keys = self.service.keys(expected.now).await?;
        match id_token::check(jwt, &keys, expected) {
            Err(Untrusted::Key) => match self.service.keys_anew(expected.now).await? {
                Some(keys) => Ok(id_token::check(jwt, &keys, expected)?),
                None => Err(Untrusted::Key.into()),
            },
            checked => Ok(checked?),
        }
    }

    /// By what they are known here. What the token does not tell, the service may when it is asked.
    async fn known_by(
        &self,
        now: Timestamp,
        claims: &Claims,
        access_token: Option<&str>,
    ) -> Result<String, OidcError> {
        let claim = &self.settings.claim;
        if claim == SUBJECT {
            return Ok(claims.sub.clone());
        }
        let metadata = self.service.metadata(now).await?;
        let more = match (&metadata.userinfo_endpoint, access_token) {
            (Some(address), Some(token)) if !claims.more.contains_key(claim) => {
                self.more(address, token, &claims.sub).await?
            }
            (_, _) => claims.more.clone(),
        };
        let missing = || OidcError::NoClaim { claim: claim.clone() };
        let value = more.get(claim).and_then(Value::as_str).ok_or_else(missing)?;
        if claim == EMAIL && more.get("email_verified") != Some(&Value::Bool(true)) {
            return Err(OidcError::Unverified);
        }
        Ok(value.to_owned())
    }

    /// What the service tells of the same person beside the token.
    async fn more(
        &self,
        address: &Url,
        token: &str,
        sub: &str,
    ) -> Result<Map<String, Value>, OidcError> {
        let more: Map<String, Value> = self.service.asker.get(address, Some(token)).await?;
        let is_same = more.get(SUBJECT).and_then(Value::as_str) == Some(sub);
        if is_same { Ok(more) } else { Err(Untrusted::Person.into()) }
    }

    async fn enter(
        &self,
        hub: &Hub,
        wanted: Option<&str>,
        value: &str,
    ) -> Result<Entered, OidcError> {
        let mut tx = hub.db.write().await?;
        let mut known = Vec::new();
        for it in tenant::list(&mut tx).await? {
            if wanted.is_none_or(|wanted| wanted == it.key)
                && let Some(account) = self.user(&mut tx, it.id, value).await?
            {
                known.push((it, account));
            }
        }
        match known.as_slice() {
            [] => Err(OidcError::Unknown),
            [(tenant, account)] => {
                let token = session::open(hub, &mut tx, tenant.id, account, "oidc").await?;
                tx.commit().await?;
                Ok(Entered::Session(token))
            }
            several => {
                let employer = |(it, _): &(tenant::Tenant, Account)| Employer {
                    key: it.key.clone(),
                    name: it.name.clone(),
                };
                Ok(Entered::Several(several.iter().map(employer).collect()))
            }
        }
    }

    async fn user(
        &self,
        tx: &mut Tx,
        tenant: TenantId,
        value: &str,
    ) -> Result<Option<Account>, StoreError> {
        let found = if self.settings.claim == EMAIL {
            account::by_key(tx, tenant, &users::small(value)).await?
        } else {
            account::by_subject(tx, tenant, value).await?
        };
        Ok(found.filter(|it| it.disabled_at.is_none()))
    }
}

/// The program's id and secret, as RFC 6749 wants them in a header.
fn basic(id: &str, secret: &str) -> Zeroizing<String> {
    // Each is encoded as in a form first.
    let encoded = |text: &str| Zeroizing::new(encoded(&[("", text)]).split_off(1));
    let pair = Zeroizing::new(format!("{}:{}", *encoded(id), *encoded(secret)));
    Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
}

/// A code of the service for the log: whoever sent the browser here may have written it.
fn printable(code: &str) -> String {
    code.chars().filter(|it| it.is_ascii_lowercase() || *it == '_').take(40).collect()
}
