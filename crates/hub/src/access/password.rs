//! Signing in with a password, and with the code of an app beside it where a user has one.

use super::session::{self, SignInError};
use super::token::Token;
use super::users::{self, UserError, note};
use crate::Hub;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use jiff::{SignedDuration, Timestamp};
use kobling_domain::id::{TenantId, UserNo};
use kobling_store::StoreError;
use kobling_store::access::credential::{self, Credential};
use kobling_store::access::{account, tenant};
use kobling_store::sealed::context;
use serde_json::json;
use totp_rs::{Builder, Secret};
use zeroize::Zeroizing;

/// Shorter passwords are guessed.
const LETTERS_MIN: usize = 12;
/// Longer ones only keep the server busy.
const BYTES_MAX: usize = 1_000;
/// So many wrong tries in a row, and no further one counts for a while.
const FAILURES_MAX: u32 = 5;
/// How long.
const LOCKED: SignedDuration = SignedDuration::from_mins(15);
/// Bytes of a code app's secret: what RFC 4226 recommends.
const CODE_SECRET_BYTES: usize = 20;

/// Why a password or a code app was not set.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// It could be guessed, or would only keep the server busy.
    #[error("a password has {LETTERS_MIN} letters or more, and {BYTES_MAX} bytes at most")]
    Length,
    /// A code stands beside a password, never alone.
    #[error("the user has no password; set one first")]
    NoPassword,
    /// It cannot be hashed, or no secret can be made.
    #[error("the password cannot be kept: {reason}")]
    Unkept {
        /// Why.
        reason: String,
    },
    /// There is no such user.
    #[error("no such user")]
    User(#[from] UserError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// What somebody types who signs in.
pub struct Typed<'a> {
    /// The employer's key; needed where there are several.
    pub tenant: Option<&'a str>,
    /// The name they sign in with.
    pub user: &'a str,
    /// The password.
    pub password: Zeroizing<String>,
    /// The code of their app; empty if they have none.
    pub code: &'a str,
}

/// What a code app is told, once.
pub struct CodeApp {
    /// An address that code apps read, usually from a picture.
    pub url: String,
}

/// Gives a user a password, in the place of the one they had; says so in the audit.
#[crate::boxed]
pub async fn set(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    password: Zeroizing<String>,
    by: &str,
) -> Result<(), PasswordError> {
    if password.chars().count() < LETTERS_MIN || password.len() > BYTES_MAX {
        return Err(PasswordError::Length);
    }
    let hash = off_thread(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|it| it.to_string())
    });
    let unkept = |reason: String| PasswordError::Unkept { reason };
    let hash = hash.await.ok_or_else(|| unkept("the process is stopping".to_owned()))?;
    let hash = hash.map_err(|it| unkept(it.to_string()))?;
    let mut tx = hub.db.write().await?;
    let account = users::find(&mut tx, tenant, key).await?;
    credential::set_password(&mut tx, tenant, account.no, &hash, hub.clock.now()).await?;
    note(hub, &mut tx, tenant, (by, "user.password"), json!({ "user": account.key })).await?;
    Ok(tx.commit().await?)
}

/// Gives a user a code app: from now on the password alone is not enough.
#[crate::boxed]
pub async fn add_code_app(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    by: &str,
) -> Result<CodeApp, PasswordError> {
    let mut secret = Zeroizing::new([0_u8; CODE_SECRET_BYTES]);
    let random = getrandom::fill(secret.as_mut_slice());
    random.map_err(|it| PasswordError::Unkept { reason: it.to_string() })?;
    let mut tx = hub.db.write().await?;
    let account = users::find(&mut tx, tenant, key).await?;
    let sealed = hub.keys.seal(&context::code_app(tenant, account.no), secret.as_slice())?;
    if !credential::set_code_secret(&mut tx, tenant, account.no, Some(sealed)).await? {
        return Err(PasswordError::NoPassword);
    }
    note(hub, &mut tx, tenant, (by, "user.code_app"), json!({ "user": account.key })).await?;
    tx.commit().await?;
    let secret = Secret::from(*secret).to_base32();
    let url = format!("otpauth://totp/Kobling:{}?secret={secret}&issuer=Kobling", account.key);
    Ok(CodeApp { url })
}

/// Takes the code app of a user away, who has lost it, and forgets wrong tries.
#[crate::boxed]
pub async fn reset(hub: &Hub, tenant: TenantId, key: &str, by: &str) -> Result<(), PasswordError> {
    let mut tx = hub.db.write().await?;
    let account = users::find(&mut tx, tenant, key).await?;
    credential::set_code_secret(&mut tx, tenant, account.no, None).await?;
    credential::unlock(&mut tx, tenant, account.no).await?;
    note(hub, &mut tx, tenant, (by, "user.reset"), json!({ "user": account.key })).await?;
    Ok(tx.commit().await?)
}

/// Signs in who types the right things. What was wrong is told to nobody: who guesses names learns
/// nothing, and each try takes as long as another.
pub async fn sign_in(hub: &Hub, typed: Typed<'_>) -> Result<Token, SignInError> {
    let now = hub.clock.now();
    let mut tx = hub.db.read().await?;
    let tenants = tenant::list(&mut tx).await?;
    let tenant = match (typed.tenant, tenants.as_slice()) {
        (None, [only]) => Some(only),
        (Some(key), all) => all.iter().find(|it| it.key == key),
        (None, _) => None,
    };
    let tenant = tenant.map(|it| it.id);
    let known = match tenant {
        Some(tenant) => known(&mut tx, tenant, typed.user).await?,
        None => None,
    };
    drop(tx);
    let is_locked = known.as_ref().is_some_and(|(_, it)| is_locked(it, now));
    let hash = known.as_ref().map(|(_, it)| it.password.clone());
    let is_right = verify(typed.password, hash).await;
    let (Some(tenant), Some((user, credential))) = (tenant, known) else {
        return Err(SignInError::Wrong);
    };
    if is_locked {
        return Err(SignInError::Wrong);
    }
    let step = match &credential.code_secret {
        None => Some(None),
        Some(sealed) => code_step(hub, (tenant, user), sealed, typed.code, now)?.map(Some),
    };
    let mut tx = hub.db.write().await?;
    let is_in = match step.filter(|_| is_right) {
        Some(step) => credential::succeed(&mut tx, tenant, user, step).await?,
        None => false,
    };
    if !is_in {
        let is_last = credential.failures + 1 >= FAILURES_MAX;
        let until = now.checked_add(LOCKED).unwrap_or(Timestamp::MAX);
        credential::fail(&mut tx, tenant, user, is_last.then_some(until)).await?;
        let who = typed.user.trim().to_lowercase();
        let detail = json!({ "locked": is_last });
        note(hub, &mut tx, tenant, (&who, "session.refuse"), detail).await?;
        tx.commit().await?;
        return Err(SignInError::Wrong);
    }
    let account = users::find(&mut tx, tenant, typed.user).await?;
    let token = session::open(hub, &mut tx, tenant, &account, "password").await?;
    tx.commit().await?;
    Ok(token)
}

async fn known(
    tx: &mut kobling_store::engine::Tx,
    tenant: TenantId,
    user: &str,
) -> Result<Option<(UserNo, Credential)>, StoreError> {
    let key = user.trim().to_lowercase();
    let Some(account) = account::by_key(tx, tenant, &key).await? else { return Ok(None) };
    let credential = credential::find(tx, tenant, account.no).await?;
    Ok(credential.filter(|_| account.disabled_at.is_none()).map(|it| (account.no, it)))
}

fn is_locked(credential: &Credential, now: Timestamp) -> bool {
    credential.locked_until.is_some_and(|until| now < until)
}

/// Whether the password is that of the hash. Without a hash as much is worked out.
async fn verify(password: Zeroizing<String>, hash: Option<String>) -> bool {
    let is_right = off_thread(move || {
        let argon = Argon2::default();
        let Some(hash) = hash else {
            drop(argon.hash_password(password.as_bytes()));
            return false;
        };
        argon.verify_password(password.as_bytes(), hash.as_str()).is_ok()
    });
    is_right.await.unwrap_or(false)
}

/// The half minute that the code belongs to; none if it is no code of about now.
fn code_step(
    hub: &Hub,
    (tenant, user): (TenantId, UserNo),
    sealed: &[u8],
    code: &str,
    now: Timestamp,
) -> Result<Option<u64>, StoreError> {
    let secret = hub.keys.open(&context::code_app(tenant, user), sealed)?;
    let codes = Builder::new().with_secret(secret.as_slice()).build_noncompliant();
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let digits: String = code.chars().filter(|it| !it.is_whitespace()).collect();
    Ok(codes.check(&digits, seconds))
}

/// Hashing a password is dear by design: it must not keep others waiting.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}
