//! `kobling serve`: pages, the API, and the work that changes ask for, in one process or several.

use super::arguments::{Common, Serve, ServeRole};
use super::settings::{Oidc, ServerSettings};
use super::work::{self, Outside, PostOffice};
use super::{Failure, Outcome, key_file, log, print, settings};
use crate::web::{self, Clients, Limits, Server, Site, Tls};
use kobling_hub::Hub;
use kobling_hub::access::oidc::Provider;
use kobling_hub::exchange::lane::steps::Uninterrupted;
use kobling_hub::exchange::progress::Silent;
use kobling_hub::jobs::{Ran, Worker};
use kobling_hub::notice::Post;
use kobling_hub::webhook::Sender;
use serde::Serialize;
use std::fmt;
use tokio::signal::unix::{SignalKind, signal};
use zeroize::Zeroizing;

/// Where the server listens if nobody says otherwise: for this machine only.
const LISTEN: &str = "127.0.0.1:8080";

/// That it listens, and where.
#[derive(Serialize)]
struct Listening {
    listening: String,
}

impl fmt::Display for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "listening on {}", self.listening)
    }
}

pub(super) async fn execute(common: &Common, arguments: &Serve) -> Result<Outcome, Failure> {
    let mut settings = settings::read()?;
    let hub = settings::hub_of(&settings).await?;
    let traces = log::begin(settings.server.log, settings.otlp.as_ref())?;
    key_file::follow(&settings, &hub);
    let office = PostOffice::open(&settings)?;
    let service = settings.oidc.take().map(service).transpose()?;
    let outside = Outside::open(&settings)?;
    let ways = Ways { post: office.as_ref().map(PostOffice::post), sender: Some(outside.sender()) };
    match arguments.role {
        ServeRole::Worker => until_stopped(Box::pin(do_work(&hub, ways))).await?,
        ServeRole::All | ServeRole::Web => {
            let door = open(&settings.server, arguments.listen.as_deref()).await?;
            let door = Door { service, ..door };
            print::result(common, &Listening { listening: door.site.url("") })?;
            answer(door, &hub, arguments.role, ways).await?;
        }
    }
    if let Some(traces) = traces {
        traces.end().await;
    }
    Ok(Outcome::Done)
}

/// How others are told what they should know.
#[derive(Clone, Copy, Default)]
pub(super) struct Ways<'a> {
    post: Option<Post<'a>>,
    sender: Option<Sender<'a>>,
}

/// A server that listens and does not answer yet.
pub(super) struct Door {
    bound: web::Bound,
    limits: Limits,
    pub(super) site: Site,
    metrics_token: Option<Zeroizing<String>>,
    service: Option<web::Service>,
}

/// Listens where `listen` or else the settings say.
pub(super) async fn open(settings: &ServerSettings, listen: Option<&str>) -> Result<Door, Failure> {
    let listen = listen.or(settings.listen.as_deref()).unwrap_or(LISTEN);
    let tls = tls(settings)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let bound = web::bind(listen, tls).await.map_err(|it| {
        Failure::failed("the server does not start", &it)
            .advise("name another address with --listen, or server.listen in kobling.toml")
    })?;
    let site = site_at(settings, &format!("{scheme}://{}", bound.address()))?;
    let requests_max = settings.requests_per_minute.unwrap_or(web::REQUESTS_USUAL);
    let limits = Limits::new(requests_max, settings.proxies.clone());
    let metrics_token = settings::metrics_token(settings)?;
    Ok(Door { bound, limits, site, metrics_token, service: None })
}

/// The sign-in service of these settings.
fn service(oidc: Oidc) -> Result<web::Service, Failure> {
    let Oidc { settings, name, contact } = oidc;
    let provider = Provider::new(settings).map_err(|it| {
        Failure::bad_input(format!("{}: nobody can sign in at [oidc]", settings::FILE), &it)
            .advise("write oidc.issuer as the service tells it; docs/sign-in.md says more")
    })?;
    Ok(web::Service { provider, name, contact })
}

/// The certificate and key of these settings.
fn tls(settings: &ServerSettings) -> Result<Option<Tls>, Failure> {
    let asked = if settings.client_certificates { Clients::Asked } else { Clients::NotAsked };
    match (&settings.tls_cert_file, &settings.tls_key_file) {
        (Some(certificate), Some(key)) => {
            Tls::open(certificate, key, asked).map(Some).map_err(|it| {
                Failure::bad_input(format!("{}: TLS cannot be used", settings::FILE), &it).advise(
                    "look at server.tls_cert_file and server.tls_key_file: PEM, and of one pair",
                )
            })
        }
        (None, None) if asked == Clients::Asked => Err(Failure::refused(format!(
            "{}: server.client_certificates without server.tls_cert_file",
            settings::FILE
        ))
        .advise("a program shows its certificate to whoever ends TLS: let that be this server")),
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(Failure::refused(format!(
            "{}: server.tls_cert_file and server.tls_key_file",
            settings::FILE
        ))
        .advise("give both, or neither where a proxy ends TLS")),
    }
}

/// Where people find a server with these settings.
pub(super) fn site(settings: &ServerSettings) -> Result<Site, Failure> {
    let scheme = if settings.tls_cert_file.is_some() { "https" } else { "http" };
    let listen = settings.listen.as_deref().unwrap_or(LISTEN);
    site_at(settings, &format!("{scheme}://{listen}"))
}

fn site_at(settings: &ServerSettings, otherwise: &str) -> Result<Site, Failure> {
    let base_url = settings.base_url.clone().unwrap_or_else(|| otherwise.to_owned());
    Site::new(&base_url).ok_or_else(|| {
        Failure::refused(format!("{}: server.base_url: {base_url:?} is no address", settings::FILE))
            .advise("write one such as https://kobling.example, without a path")
    })
}

/// Answers until the process is told to stop. What is being answered then is answered to its end;
/// work that is under way is gone on with by whoever serves next.
pub(super) async fn answer(
    door: Door,
    hub: &Hub,
    role: ServeRole,
    ways: Ways<'_>,
) -> Result<(), Failure> {
    let Door { bound, limits, site, metrics_token, service } = door;
    let journal = settings::journal();
    let server = Server::new(hub.clone(), site, limits, metrics_token, service, journal);
    let mut stop = Stop::new()?;
    let answering = bound.answer(&server, stop.requested());
    match role {
        ServeRole::All => tokio::select! {
            () = answering => Ok(()),
            failed = Box::pin(do_work(hub, ways)) => failed,
        },
        ServeRole::Web | ServeRole::Worker => {
            answering.await;
            Ok(())
        }
    }
}

async fn until_stopped(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let mut stop = Stop::new()?;
    tokio::select! {
        () = stop.requested() => Ok(()),
        failed = work => failed,
    }
}

async fn do_work(hub: &Hub, Ways { post, sender }: Ways<'_>) -> Result<(), Failure> {
    let tell = |ran: &Ran| {
        let Ran { kind, key, error, report } = ran;
        match (error, report) {
            (Some(error), _) => tracing::warn!(kind, key, error, "work was not done"),
            // Most looks at a folder find nothing.
            (None, Some(it)) if !it.is_news() => {}
            (None, _) => tracing::info!(kind, key, "work was done"),
        }
        Ok(())
    };
    let tell_failure = |it: &Failure| {
        tracing::error!(what = it.what(), because = it.causes().join(", "), "no work can be done");
    };
    let worker = Worker { post, sender, ..Worker::new(hub, (&Uninterrupted, &Silent)) };
    match work::forever(&worker, &tell, &tell_failure).await {}
}

/// What tells a process to stop: a service manager, or Ctrl-C.
struct Stop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Stop {
    fn new() -> Result<Self, Failure> {
        let failed = |it| Failure::failed("the server cannot be told to stop", &it);
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
        })
    }

    async fn requested(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
