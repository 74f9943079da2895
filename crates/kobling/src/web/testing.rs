//! A server in this process with a configured employer, for the tests beside the handlers.

use super::limit::Limits;
use super::route;
use super::serve::Peer;
use super::state::{Server, Service, Site};
use axum::body::{Body, to_bytes};
use axum::http::Request;
use jiff::{SignedDuration, Timestamp};
use kobling_domain::access::{Grant, Role};
use kobling_domain::id::{SubjectId, TenantId};
use kobling_formats::synthetic::{Employer, Flaw};
use kobling_hub::Hub;
use kobling_hub::access::token::Token;
use kobling_hub::access::users::{self, NewUser};
use kobling_hub::access::{self, Write, configuration, keys, session};
use kobling_hub::agreement::Journal;
use kobling_hub::clock::Clock;
use kobling_hub::exchange::input;
use kobling_hub::exchange::progress::Silent;
use kobling_hub::exchange::report::RunReport;
use kobling_hub::exchange::run::{self, Intent};
use kobling_hub::people::Kept;
use kobling_hub::secrets::Secrets;
use kobling_testkit::database::Database;
use std::collections::BTreeMap;
use std::fs::File;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt;

/// From where all is asked: it is believed in what it says of whom it asks for.
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Opens the figures.
pub(super) const METRICS_TOKEN: &str = "a-token-of-tests";

/// The configuration that the demo applies.
pub(super) const FJORDBY: &str = include_str!("../cli/demo/fjordby.toml");

/// Enough for every kind of change.
pub(super) const EMPLOYEES: u32 = 300;

/// The server, at 05:00 UTC on 10 March 2026.
pub(super) struct App {
    pub(super) hub: Hub,
    pub(super) tenant: TenantId,
    server: Server,
    database: Arc<Database>,
}

/// Somebody who is signed in.
pub(super) struct SignedIn {
    pub(super) cookie: String,
    pub(super) form_token: String,
    pub(super) bearer: String,
}

/// What was answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

fn limits(requests_max: u32) -> Limits {
    Limits::new(requests_max, vec![PROXY])
}

fn journal(database: &Database) -> Journal {
    Journal::at(database.path().unwrap().with_file_name("kobling.closings"))
}

impl App {
    pub(super) async fn new() -> Self {
        let database = Arc::new(Database::sqlite().await);
        let clock = Clock::Fixed("2026-03-10T05:00:00Z".parse().unwrap());
        let (db, secrets) = (database.db.clone(), Secrets::Given(BTreeMap::new()));
        let (keys, kept) = (keys::parse(keys::DEMO_KEYS).unwrap(), Kept::default());
        let hub = Hub { db, keys, clock, secrets, kept };
        let configuration = configuration::parse(FJORDBY).unwrap();
        access::apply(&hub, &configuration, Write::Yes).await.unwrap();
        let tenant = access::tenant(&hub, None).await.unwrap();
        Self::of(hub, tenant, database)
    }

    /// The same, with a hundred made-up employees.
    pub(super) async fn with_people() -> Self {
        let app = Self::new().await;
        let employer = Employer::new(100, 1).unwrap();
        let extract = employer.extract(0);
        let path = app.database.path().unwrap().with_file_name(extract.file_name());
        extract.write(&mut File::create(&path).unwrap()).unwrap();
        Box::pin(app.read(&path)).await;
        app
    }

    /// The same, with two nights of some employees in the ledger and a third one held; its plan.
    pub(super) async fn with_nights() -> (Self, String) {
        let app = Self::new().await;
        let employer = Employer::new(EMPLOYEES, 1).unwrap();
        let dir = app.dir().join("inbox");
        std::fs::create_dir_all(&dir).unwrap();
        let mut held = None;
        for day in [0, 1, 2] {
            let extract = employer.extract(day);
            let path = dir.join(extract.file_name());
            let mut file = File::create(&path).unwrap();
            match day {
                2 => extract.write_flawed(Flaw::MissingSchool, &mut file).map(drop).unwrap(),
                _ => extract.write(&mut file).map(drop).unwrap(),
            }
            held = Box::pin(app.read(&path)).await.plan;
        }
        (app, held.unwrap())
    }

    /// Reads a file of the source `opus`.
    pub(super) async fn read(&self, path: &Path) -> RunReport {
        let (hub, tenant) = (&self.hub, self.tenant);
        let input = input::of_source(hub, tenant, "opus", path, None).await.unwrap();
        let done = run::run(hub, tenant, "opus", &input, Intent::Apply, &Silent);
        Box::pin(done).await.unwrap()
    }

    /// Applies the configuration of the demo with something more; the employer it is about.
    pub(super) async fn configure(&self, text: &str) -> TenantId {
        let configuration = configuration::parse(text).unwrap();
        access::apply(&self.hub, &configuration, Write::Yes).await.unwrap();
        access::tenant(&self.hub, Some(&configuration.tenant.key)).await.unwrap()
    }

    /// The same server, which answers each client so many requests a minute.
    pub(super) fn limited(self, requests_max: u32) -> Self {
        let site = Site::new("http://localhost:8080").unwrap();
        let server = Server::new(
            self.hub.clone(),
            site,
            limits(requests_max),
            None,
            None,
            journal(&self.database),
        );
        Self { server, ..self }
    }

    /// A directory of its own, removed with the database.
    pub(super) fn dir(&self) -> &Path {
        self.database.path().and_then(Path::parent).unwrap()
    }

    /// The same server at another time.
    pub(super) fn at(&self, instant: Timestamp) -> Self {
        let hub = Hub { clock: Clock::Fixed(instant), ..self.hub.clone() };
        Self::of(hub, self.tenant, Arc::clone(&self.database))
    }

    /// The same server, where people may sign in at a service, by the clock of this machine and so
    /// long after it.
    pub(super) fn with_service(&self, service: Service, ahead: SignedDuration) -> Self {
        let now = Clock::System.now().checked_add(ahead).unwrap();
        let hub = Hub { clock: Clock::Fixed(now), ..self.hub.clone() };
        let site = Site::new("http://localhost:8080").unwrap();
        let server = Server::new(
            hub.clone(),
            site,
            limits(u32::MAX),
            None,
            Some(service),
            journal(&self.database),
        );
        Self { hub, tenant: self.tenant, server, database: Arc::clone(&self.database) }
    }

    fn of(hub: Hub, tenant: TenantId, database: Arc<Database>) -> Self {
        let site = Site::new("http://localhost:8080").unwrap();
        let token = Some(METRICS_TOKEN.to_owned().into());
        let server =
            Server::new(hub.clone(), site, limits(u32::MAX), token, None, journal(&database));
        Self { hub, tenant, server, database }
    }

    /// A user with that role for its usual party.
    pub(super) async fn user(&self, role: Role) -> String {
        let is_outside = matches!(role, Role::SupplierTechnician | Role::OccupationalService);
        let party = if is_outside { "learning" } else { "fjordby" };
        let grants = vec![Grant { party: party.to_owned(), role }];
        let (key, name) = (format!("{role}@fjordby.example"), format!("Test {role}"));
        let new = NewUser { key: key.clone(), name, person: None, grants };
        users::add(&self.hub, self.tenant, &new, "a test").await.unwrap();
        key
    }

    /// A user with that role, signed in.
    pub(super) async fn signed_in(&self, role: Role) -> SignedIn {
        let key = self.user(role).await;
        self.sign_in(&key).await
    }

    /// Somebody of an employer with that role for a party, signed in.
    pub(super) async fn outsider(&self, tenant: TenantId, party: &str, role: Role) -> SignedIn {
        let grants = vec![Grant { party: party.to_owned(), role }];
        let (key, name) = (format!("{role}-of-{party}@kobling.example"), "Somebody".to_owned());
        let new = NewUser { key: key.clone(), name, person: None, grants };
        users::add(&self.hub, tenant, &new, "a test").await.unwrap();
        self.sign_in_at(tenant, &key).await
    }

    /// A user who is there, signed in.
    pub(super) async fn sign_in(&self, key: &str) -> SignedIn {
        self.sign_in_at(self.tenant, key).await
    }

    async fn sign_in_at(&self, tenant: TenantId, key: &str) -> SignedIn {
        let token: Token = session::open_for(&self.hub, tenant, key).await.unwrap();
        SignedIn {
            cookie: format!("kobling={}", token.reveal()),
            form_token: token.form_token(),
            bearer: format!("Bearer {}", token.reveal()),
        }
    }

    /// A manager who is that person, signed in.
    pub(super) async fn manager(&self, person: SubjectId) -> SignedIn {
        let grants = vec![Grant { party: "fjordby".to_owned(), role: Role::Manager }];
        let new = NewUser {
            key: person.to_string(),
            name: "A manager".to_owned(),
            person: Some(person),
            grants,
        };
        users::add(&self.hub, self.tenant, &new, "a test").await.unwrap();
        self.sign_in(&new.key).await
    }

    pub(super) async fn get(&self, path: &str, signed: Option<&SignedIn>) -> Answer {
        match signed {
            Some(it) => self.ask("GET", path, &[("cookie", it.cookie.as_str())], "").await,
            None => self.ask("GET", path, &[], "").await,
        }
    }

    pub(super) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        form: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if method != "GET" && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let mut request = request.body(Body::from(form.to_owned())).unwrap();
        request.extensions_mut().insert(Peer(PROXY));
        let response = route::router(&self.server).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let headers = parts.headers.iter().map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        Answer {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        }
    }
}
