use super::arguments::{Common, Work};
use super::progress::Terminal;
use super::settings::Settings;
use super::{Failure, Outcome, key_file, print, serve, settings};
use crate::web::Letters;
use kobling_hub::Hub;
use kobling_hub::agreement::{self, emergency};
use kobling_hub::connectors::hook::{Hooks, TIME_MAX};
use kobling_hub::connectors::mail::Mailer;
use kobling_hub::exchange::deliver::DeliveryState;
use kobling_hub::exchange::delivery::Delivered;
use kobling_hub::exchange::lane::steps::Uninterrupted;
use kobling_hub::exchange::report::RunState;
use kobling_hub::jobs::{self, Did, Ran, Worker};
use kobling_hub::notice::Post;
use kobling_hub::webhook::Sender;
use kobling_store::job;
use std::convert::Infallible;
use std::time::Duration;

/// How long nothing is looked for when nothing is due.
const PAUSE: Duration = Duration::from_secs(1);
/// How long nothing is looked for when the store cannot be asked.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How long nobody looks which agreements end soon: less than a day, so that no day is left out.
const PAUSE_OF_REMINDERS: Duration = Duration::from_hours(1);

pub(super) async fn execute(common: &Common, arguments: &Work) -> Result<Outcome, Failure> {
    let settings = settings::read()?;
    let hub = settings::hub_of(&settings).await?;
    key_file::follow(&settings, &hub);
    let office = PostOffice::open(&settings)?;
    let outside = Outside::open(&settings)?;
    let watch = Terminal::new();
    let worker = Worker {
        post: office.as_ref().map(PostOffice::post),
        sender: Some(outside.sender()),
        ..Worker::new(&hub, (&Uninterrupted, &watch))
    };
    let tell = |ran: &Ran| {
        if ran.report.as_ref().is_some_and(|it| !it.is_news()) {
            return Ok(());
        }
        watch.finish();
        print::result(common, ran)
    };
    if !arguments.once {
        match forever(&worker, &tell, &print::failure).await {}
    }
    remind(&hub).await?;
    match all_due(&worker, &job::KINDS, &tell).await? {
        Ended::Well => Ok(Outcome::Done),
        Ended::Held => Ok(Outcome::Held),
        Ended::Badly => Err(Failure::refused("some of the work was not done")
            .advise("see above; `kobling work` tries it again later by itself")),
    }
}

/// What letters are written with, and what takes them.
pub(super) struct PostOffice {
    mailer: Mailer,
    letters: Letters,
}

impl PostOffice {
    /// The one of these settings; none if nobody is written to.
    pub(super) fn open(settings: &Settings) -> Result<Option<Self>, Failure> {
        let Some(server) = &settings.mail else { return Ok(None) };
        let mailer = Mailer::new(server).map_err(|it| {
            Failure::bad_input(format!("{}: mail cannot be used", settings::FILE), &it)
        })?;
        Ok(Some(Self { mailer, letters: Letters::new(serve::site(&settings.server)?) }))
    }

    pub(super) fn post(&self) -> Post<'_> {
        Post { mailer: &self.mailer, wording: &self.letters }
    }
}

/// What webhooks are told through, and where they find more.
pub(super) struct Outside {
    hooks: Hooks,
    base_url: String,
}

impl Outside {
    /// The one of these settings.
    pub(super) fn open(settings: &Settings) -> Result<Self, Failure> {
        let hooks = Hooks::new(settings.hooks_ca_file.as_deref(), settings.hooks_reach, TIME_MAX);
        let hooks = hooks.map_err(|it| {
            Failure::bad_input(format!("{}: webhooks cannot be told", settings::FILE), &it)
                .advise("look at webhooks.ca_file")
        })?;
        Ok(Self { hooks, base_url: serve::site(&settings.server)?.url("") })
    }

    pub(super) fn sender(&self) -> Sender<'_> {
        Sender { hooks: &self.hooks, base_url: &self.base_url }
    }
}

/// Is told of each piece of work that was done or failed.
type Tell<'a> = &'a dyn Fn(&Ran) -> Result<(), Failure>;

/// Does what is due, again and again; letters and webhooks beside the rest, so that none waits for a
/// long run. A store that is away comes back, and the work with it, so nothing that goes wrong is an end.
pub(super) async fn forever(
    worker: &Worker<'_>,
    tell: Tell<'_>,
    tell_failure: &dyn Fn(&Failure),
) -> Infallible {
    let letters = forever_of(worker, &[job::NOTIFY], tell, tell_failure);
    let webhooks = forever_of(worker, &[job::WEBHOOK], tell, tell_failure);
    let rest = forever_of(worker, &[job::DELIVER, job::READ, job::RUN], tell, tell_failure);
    let reminders = reminding(worker.hub, tell_failure);
    tokio::select! {
        never = reminders => never,
        never = letters => never,
        never = webhooks => never,
        never = rest => never,
    }
}

/// Looks again and again which agreements end soon.
async fn reminding(hub: &Hub, tell_failure: &dyn Fn(&Failure)) -> Infallible {
    loop {
        match remind(hub).await {
            Ok(()) => pause(PAUSE_OF_REMINDERS).await,
            Err(failure) => {
                tell_failure(&failure.advise("nothing: it is tried again by itself"));
                pause(PAUSE_AFTER_FAILURE).await;
            }
        }
    }
}

/// Reminds of agreements that end soon.
async fn remind(hub: &Hub) -> Result<(), Failure> {
    let cannot = "it cannot be told which agreements end soon";
    agreement::remind(hub).await.map_err(|it| Failure::failed(cannot, &it))
}

async fn forever_of(
    worker: &Worker<'_>,
    kinds: &[&str],
    tell: Tell<'_>,
    tell_failure: &dyn Fn(&Failure),
) -> Infallible {
    loop {
        match all_due(worker, kinds, tell).await {
            Ok(_) => pause(PAUSE).await,
            Err(failure) => {
                tell_failure(&failure.advise("nothing: it is tried again by itself"));
                pause(PAUSE_AFTER_FAILURE).await;
            }
        }
    }
}

/// How the worst of all work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ended {
    Well,
    Held,
    Badly,
}

impl Ended {
    fn of(ran: &Ran) -> Self {
        let is_held = match &ran.report {
            None => return Self::Badly,
            Some(Did::Delivered(Delivered::Messages(it))) => it.standing.held > 0,
            Some(Did::Delivered(Delivered::Set(it))) => it.state == DeliveryState::Held,
            Some(Did::Looked(it)) => it.runs.iter().any(|it| it.state == RunState::Held),
            Some(Did::Told { .. } | Did::Announced { .. }) => false,
        };
        if is_held { Self::Held } else { Self::Well }
    }
}

#[expect(clippy::disallowed_methods, reason = "other processes ask for work; nobody tells us")]
async fn pause(so_long: Duration) {
    tokio::time::sleep(so_long).await;
}

/// Carries out orders to close that wait here; while one cannot be, no other work is done.
async fn carry_out_orders(hub: &Hub) -> Result<(), Failure> {
    let done = emergency::carry_out_journal(hub, &settings::journal()).await;
    let done =
        done.map_err(|it| Failure::failed("an order to close cannot be carried out", &it))?;
    for it in done {
        print::note(&format!("{} is closed, as was ordered before", it.receipt.agreement));
    }
    Ok(())
}

async fn all_due(worker: &Worker<'_>, kinds: &[&str], tell: Tell<'_>) -> Result<Ended, Failure> {
    carry_out_orders(worker.hub).await?;
    let mut worst = Ended::Well;
    let failed = |it| Failure::failed("the store cannot be asked for work", &it);
    while let Some(ran) = jobs::run_next(worker, kinds).await.map_err(failed)? {
        tell(&ran)?;
        worst = worst.max(Ended::of(&ran));
    }
    Ok(worst)
}
