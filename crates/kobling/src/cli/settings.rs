//! Process settings: `kobling.toml` in the working directory, then the environment.
//!
//! Only what concerns the process stands here; what parties configure lives in the store.

use super::Failure;
use super::arguments::Common;
use super::emergency;
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::access::{self, keys, oidc};
use kobling_hub::agreement::Journal;
use kobling_hub::clock::Clock;
use kobling_hub::connectors::hook::Reach;
use kobling_hub::connectors::mail::{MailServer, Security};
use kobling_hub::people::Kept;
use kobling_hub::secrets::Secrets;
use kobling_store::engine::Db;
use serde::Deserialize;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The name of the settings file.
pub(crate) const FILE: &str = "kobling.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsText {
    #[serde(default)]
    database: DatabaseText,
    #[serde(default)]
    keys: KeysText,
    #[serde(default)]
    server: ServerSettings,
    mail: Option<MailText>,
    oidc: Option<OidcText>,
    #[serde(default)]
    webhooks: WebhooksText,
    otlp: Option<Otlp>,
}

/// Where traces go.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "without traces it is refused"))]
pub(crate) struct Otlp {
    /// What the address begins with to which `/v1/traces` is added.
    pub(crate) endpoint: String,
    /// Who may vouch for it, instead of this machine's authorities.
    pub(crate) ca_file: Option<PathBuf>,
}

/// Where webhooks may be told what happens.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhooksText {
    #[serde(default)]
    reach: Reach,
    ca_file: Option<PathBuf>,
}

/// The service that people sign in at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OidcText {
    issuer: String,
    client_id: String,
    client_secret: Option<String>,
    client_secret_file: Option<PathBuf>,
    #[serde(default = "by_email")]
    claim: String,
    name: Option<String>,
    contact: Option<String>,
    ca_file: Option<PathBuf>,
}

fn by_email() -> String {
    "email".to_owned()
}

/// The mail server, and as whom we write.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MailText {
    host: String,
    port: Option<u16>,
    #[serde(default)]
    security: Security,
    user: Option<String>,
    password: Option<String>,
    password_file: Option<PathBuf>,
    from: String,
    ca_file: Option<PathBuf>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Log {
    /// For people.
    #[default]
    Text,
    /// One JSON document a line.
    Json,
}

/// Where the server listens, and where people find it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerSettings {
    /// Address and port.
    pub(crate) listen: Option<String>,
    /// What its links begin with; needed where a proxy stands before it.
    pub(crate) base_url: Option<String>,
    /// How many requests of one client it answers in a minute.
    pub(crate) requests_per_minute: Option<u32>,
    /// The addresses of proxies that stand before it, and are believed in whom they ask for.
    #[serde(default)]
    pub(crate) proxies: Vec<IpAddr>,
    /// How its log is written.
    #[serde(default)]
    pub(crate) log: Log,
    /// Its certificate, in PEM; without, it speaks plain HTTP.
    pub(crate) tls_cert_file: Option<PathBuf>,
    /// The key of that.
    pub(crate) tls_key_file: Option<PathBuf>,
    /// Whether programs may show certificates of their own.
    #[serde(default)]
    pub(crate) client_certificates: bool,
    /// Who has it may read the figures.
    metrics_token: Option<String>,
    /// The same, in a file.
    metrics_token_file: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DatabaseText {
    url: Option<String>,
    url_file: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysText {
    file: Option<PathBuf>,
}

/// What the process needs to begin.
pub(crate) struct Settings {
    /// Where the store is.
    pub(crate) database_url: String,
    /// The text of the key file.
    pub(crate) keys: String,
    /// Where the key file is; none if the keys stand in the environment.
    pub(crate) keys_file: Option<PathBuf>,
    /// Where the server listens, and where people find it.
    pub(crate) server: ServerSettings,
    /// The mail server; none if nobody is written to.
    pub(crate) mail: Option<MailServer>,
    /// The service that people sign in at; none if they sign in here only.
    pub(crate) oidc: Option<Oidc>,
    /// Where webhooks may be.
    pub(crate) hooks_reach: Reach,
    /// Who may vouch for them, instead of this machine's authorities.
    pub(crate) hooks_ca_file: Option<PathBuf>,
    /// Where traces go; none if nobody wants them.
    pub(crate) otlp: Option<Otlp>,
}

/// The service that people sign in at.
pub(crate) struct Oidc {
    /// What it is, and what we are to it.
    pub(crate) settings: oidc::Settings,
    /// What people call it.
    pub(crate) name: Option<String>,
    /// Whom to ask who is no user.
    pub(crate) contact: Option<String>,
}

/// Reads `kobling.toml` here; `KOBLING_DATABASE_URL`, `KOBLING_KEYS` and `KOBLING_KEYS_FILE` go
/// before it.
pub(crate) fn read() -> Result<Settings, Failure> {
    let text = match std::fs::read_to_string(FILE) {
        Ok(text) => Some(text),
        Err(it) if it.kind() == std::io::ErrorKind::NotFound => None,
        Err(it) => return Err(Failure::bad_input(format!("{FILE} cannot be read"), &it)),
    };
    let is_file_here = text.is_some();
    // The text of the error would show the line, and with it a password.
    let file: SettingsText = toml::from_str(&text.unwrap_or_default()).map_err(|it| {
        Failure::refused(format!("{FILE} is not understood: {}", it.message()))
            .advise("docs/configuration.md says what it may hold")
    })?;
    let database_url = database_url(file.database, is_file_here)?;
    let mail = file.mail.map(mail).transpose()?;
    let (server, oidc) = (file.server, file.oidc.map(oidc).transpose()?);
    let keys_file = variable("KOBLING_KEYS_FILE").map(PathBuf::from).or(file.keys.file);
    let keys_file = keys_file.unwrap_or_else(|| PathBuf::from("kobling.keys"));
    let (keys, keys_file) = match variable("KOBLING_KEYS") {
        Some(keys) => (keys.replace(';', "\n"), None),
        None => (key_file(&keys_file)?, Some(keys_file)),
    };
    let (hooks_reach, hooks_ca_file) = (file.webhooks.reach, file.webhooks.ca_file);
    Ok(Settings {
        database_url,
        keys,
        keys_file,
        server,
        mail,
        oidc,
        hooks_reach,
        hooks_ca_file,
        otlp: file.otlp,
    })
}

fn key_file(path: &Path) -> Result<String, Failure> {
    secret(path).map_err(|it| {
        it.advise(
            "restore the key file that belongs to this store; only for a new store make one: \
             `kobling keys new --out FILE`",
        )
    })
}

fn database_url(text: DatabaseText, is_file_here: bool) -> Result<String, Failure> {
    if let Some(url) = variable("KOBLING_DATABASE_URL") {
        return Ok(url);
    }
    match one_of("database.url", text.url, text.url_file)? {
        Some(url) => Ok(url),
        None if is_file_here => Ok("sqlite:kobling.db".to_owned()),
        None => Err(Failure::refused(format!("there is no {FILE} in this directory")).advise(
            "go to a working directory, or make one with `kobling demo`; docs/configuration.md \
             says what the file holds",
        )),
    }
}

fn mail(text: MailText) -> Result<MailServer, Failure> {
    let MailText { host, port, security, user, password, password_file, from, ca_file } = text;
    let login = match (user, one_of("mail.password", password, password_file)?) {
        (Some(user), Some(password)) => Some((user, Zeroizing::new(password))),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            return Err(Failure::refused(format!("{FILE}: mail.user and mail.password"))
                .advise("give both, or neither if the mail server wants no login"));
        }
    };
    if login.is_some() && security == Security::None {
        return Err(Failure::refused(format!("{FILE}: mail.security = \"none\" with a password"))
            .advise("use starttls or tls: a password is not sent in the clear"));
    }
    Ok(MailServer { host, port, security, login, from, ca_file })
}

fn oidc(text: OidcText) -> Result<Oidc, Failure> {
    let secret = one_of("oidc.client_secret", text.client_secret, text.client_secret_file)?;
    let settings = oidc::Settings {
        issuer: text.issuer,
        client_id: text.client_id,
        client_secret: secret.map(Zeroizing::new),
        claim: text.claim,
        ca_file: text.ca_file,
    };
    Ok(Oidc { settings, name: text.name, contact: text.contact })
}

/// What opens the figures.
pub(crate) fn metrics_token(server: &ServerSettings) -> Result<Option<Zeroizing<String>>, Failure> {
    let (here, file) = (server.metrics_token.clone(), server.metrics_token_file.clone());
    Ok(one_of("server.metrics_token", here, file)?.map(Zeroizing::new))
}

/// A secret that stands here or in a file, and not in both.
fn one_of(
    name: &str,
    here: Option<String>,
    file: Option<PathBuf>,
) -> Result<Option<String>, Failure> {
    match (here, file) {
        (Some(_), Some(_)) => Err(Failure::refused(format!("{FILE}: {name} and {name}_file"))
            .advise("keep one of the two")),
        (Some(secret), None) => Ok(Some(secret)),
        (None, Some(path)) => secret(&path).map(Some),
        (None, None) => Ok(None),
    }
}

/// The hub these settings describe, its store opened and of this program's version.
pub(crate) async fn hub() -> Result<Hub, Failure> {
    hub_of(&read()?).await
}

/// The hub of settings that were read. Orders to close that wait here are carried out before anything
/// else is.
pub(crate) async fn hub_of(settings: &Settings) -> Result<Hub, Failure> {
    let hub = current(open(settings)?).await?;
    let are_keys = access::are_keys(&hub).await;
    if !are_keys.map_err(|it| Failure::failed("the store cannot be read", &it))? {
        return Err(Failure::refused("the keys are not those this store was made with")
            .advise("nothing was done; restore the key file that belongs to this store"));
    }
    emergency::carry_out_orders(&hub).await;
    Ok(hub)
}

/// The hub these settings describe, its store of this program's version, to examine its keys.
pub(crate) async fn hub_of_any_keys() -> Result<Hub, Failure> {
    current(hub_unchecked()?).await
}

async fn current(hub: Hub) -> Result<Hub, Failure> {
    if !hub.db.is_current().await.map_err(|it| store_failed(&it))? {
        return Err(Failure::refused("the store has no tables yet, or those of another version")
            .advise("run `kobling db migrate`; back a store with data up first"));
    }
    Ok(hub)
}

/// The hub these settings describe, whatever the version of its store.
pub(crate) fn hub_unchecked() -> Result<Hub, Failure> {
    let settings = read()?;
    open(&settings)
}

/// Opens the store.
pub(crate) fn open(settings: &Settings) -> Result<Hub, Failure> {
    let keys = keys::parse(&settings.keys)
        .map_err(|it| Failure::bad_input("the key file cannot be used", &it))?;
    let keys = match settings.keys_file.clone() {
        // A value may be sealed with a key that was added after this process began.
        Some(path) => {
            keys.looking_in(move || keys::parse(&std::fs::read_to_string(&path).ok()?).ok())
        }
        None => keys,
    };
    let db = Db::open(&settings.database_url).map_err(|it| store_failed(&it))?;
    Ok(Hub { db, keys, clock: Clock::System, secrets: Secrets::Environment, kept: Kept::default() })
}

/// Orders to close that could not be carried out yet, in the working directory.
pub(crate) fn journal() -> Journal {
    Journal::at("kobling.closings")
}

/// The name of whoever runs this process, as far as the system tells.
pub(crate) fn runner() -> String {
    let user = variable("USER").or_else(|| variable("LOGNAME"));
    user.map_or_else(|| "operator".to_owned(), |it| format!("operator ({it})"))
}

/// The employer a command is about.
pub(crate) async fn tenant(hub: &Hub, common: &Common) -> Result<TenantId, Failure> {
    access::tenant(hub, common.tenant.as_deref())
        .await
        .map_err(|it| Failure::bad_input("the employer is not clear", &it))
}

fn store_failed(error: &kobling_store::StoreError) -> Failure {
    Failure::failed("the store cannot be opened", error)
}

fn secret(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map(|it| it.trim_end().to_owned())
        .map_err(|it| Failure::bad_input(format!("{} cannot be read", path.display()), &it))
}

#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}
