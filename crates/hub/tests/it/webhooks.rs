//! Programs of parties are told what happens: signed, in order, and nothing of a person; who means no
//! good is cut off.

use crate::world::{World, employee, name_of, unit, with, xml};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use kobling_formats::opus::Record;
use kobling_hub::Hub;
use kobling_hub::access::audit;
use kobling_hub::clock::Clock;
use kobling_hub::connectors::hook::{Hooks, Reach, TIME_MAX};
use kobling_hub::doctor;
use kobling_hub::exchange::lane::steps::Uninterrupted;
use kobling_hub::exchange::progress::Silent;
use kobling_hub::jobs::{self, Worker};
use kobling_hub::webhook::{self, Keep, Sender, Standing, State};
use kobling_store::job;
use kobling_testkit::listener::{Heard, Listener, Reply};
use serde_json::Value;
use sha2::Sha256;
use std::collections::BTreeSet;
use std::time::Duration;

const FIRST: Date = date(2026, 3, 2);
const SECOND: Date = date(2026, 3, 3);

/// An employer whose own program listens.
struct Told {
    world: World,
    listener: Listener,
    hooks: Hooks,
}

impl Told {
    async fn each() -> Vec<Self> {
        let mut all = Vec::new();
        for world in World::each().await {
            let hooks = Hooks::new(None, Reach::Everywhere, TIME_MAX).unwrap();
            let it = Self { world, listener: Listener::start(), hooks };
            it.configure("").await;
            all.push(it);
        }
        all
    }

    /// Configures the webhook, with more.
    async fn configure(&self, more: &str) {
        let url = &self.listener.url;
        let settings = format!(
            "mode = \"snapshot\"\n[[party]]\nkey = \"fjordby\"\nname = \"F\"\nkind = \"employer\"\n\
             [[webhook]]\nkey = \"events\"\nparty = \"fjordby\"\nurl = \"{url}\"\n{more}"
        );
        self.world.configure(&settings).await;
    }

    /// Starts the webhook; its secret, if it is a new one.
    async fn start(&self) -> Option<String> {
        let (hub, tenant) = (&self.world.hub, self.world.tenant);
        let secret = webhook::start(hub, tenant, "events", Keep::Secret, "a test").await.unwrap();
        secret.map(|it| it.reveal().to_string())
    }

    fn at(&self, instant: Timestamp) -> Hub {
        Hub { clock: Clock::Fixed(instant), ..self.world.hub.clone() }
    }

    /// Does what is due by then; what went wrong.
    async fn work(&self, hub: &Hub) -> Vec<String> {
        let sender = Sender { hooks: &self.hooks, base_url: "https://kobling.example" };
        let worker = Worker::new(hub, (&Uninterrupted, &Silent));
        let worker = Worker { sender: Some(sender), ..worker };
        let mut wrong = Vec::new();
        while let Some(ran) = jobs::run_next(&worker, &[job::WEBHOOK]).await.unwrap() {
            wrong.extend(ran.error);
        }
        wrong
    }

    async fn standing(&self) -> Standing {
        let all = webhook::standings(&self.world.hub, self.world.tenant).await.unwrap();
        all.into_iter().next().unwrap()
    }

    fn types(&self) -> Vec<String> {
        self.listener
            .heard()
            .iter()
            .map(|it| body(it)["type"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn body(heard: &Heard) -> Value {
    serde_json::from_slice(&heard.body).unwrap()
}

fn records(title: &str) -> Vec<Record> {
    vec![unit(1, 0), with(&employee(100, 1, 1), "position", title)]
}

#[tokio::test]
async fn what_happens_is_told_signed_in_order_and_with_nothing_of_a_person() {
    for it in Told::each().await {
        let secret = it.start().await.unwrap();
        it.world.day(FIRST, &records("Lærer")).await;
        let made = it.world.make(SECOND, &records("Rektor")).await;
        it.world.reject(&made).await.unwrap();
        let again = it.world.make(SECOND, &records("Skoleleder")).await;
        it.world.release(&again).await.unwrap();
        let later = it.world.on(SECOND);
        assert_eq!(it.work(&later).await, [""; 0]);
        let expected = ["plan.rejected", "plan.released", "ledger.changed"];
        assert_eq!(it.types(), expected.map(|it| format!("kobling.{it}")));

        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let heard = it.listener.heard();
        for heard in &heard {
            let event = body(heard);
            let (id, at) = (heard.header("webhook-id"), heard.header("webhook-timestamp"));
            assert_eq!(
                (event["id"].as_str(), event["specversion"].as_str()),
                (Some(id), Some("1.0"))
            );
            assert_eq!(at, later.clock.now().as_second().to_string());
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            mac.update(format!("{id}.{at}.").as_bytes());
            mac.update(&heard.body);
            let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
            assert_eq!(heard.header("webhook-signature"), signature);
            assert_eq!(heard.header("content-type"), "application/cloudevents+json");
            let text = String::from_utf8_lossy(&heard.body).into_owned();
            assert!(!text.contains("Testesen") && !text.contains("710180"), "{text}");
        }
        let plan = again.plan.unwrap();
        let dataref = format!("https://kobling.example/api/v1/plans/{plan}");
        assert_eq!(body(&heard[1])["dataref"], dataref);
        assert_eq!(it.work(&later).await, [""; 0]);
        assert_eq!(it.listener.heard().len(), 3, "what was told is not told again");
    }
}

#[tokio::test]
async fn who_answers_slowly_endlessly_or_points_elsewhere_is_cut_off_and_told_again() {
    for mut it in Told::each().await {
        it.hooks = Hooks::new(None, Reach::Everywhere, Duration::from_millis(200)).unwrap();
        it.start().await;
        it.world.day(FIRST, &records("Lærer")).await;
        let elsewhere = Listener::start();
        let replies = [Reply::Silence, Reply::Endless, Reply::Redirect(elsewhere.url.clone())];
        it.listener.reply(replies);
        let mut now = it.world.on(FIRST).clock.now();
        for why in ["no answer", "HTTP 500", "HTTP 307"] {
            let wrong = it.work(&it.at(now)).await;
            assert!(wrong.len() == 1 && wrong[0].contains(why), "{wrong:?}");
            let standing = it.standing().await;
            assert!(standing.said.unwrap().contains(why) && standing.waiting == 1);
            assert_eq!(it.work(&it.at(now)).await, [""; 0], "it waits for a while");
            now += SignedDuration::from_mins(5);
        }
        assert_eq!(it.work(&it.at(now)).await, [""; 0]);
        let ids: BTreeSet<String> =
            it.listener.heard().iter().map(|it| it.header("webhook-id").to_owned()).collect();
        assert_eq!((it.listener.heard().len(), ids.len()), (4, 1), "the same event each time");
        assert_eq!(elsewhere.heard(), []);
        assert_eq!(it.standing().await.waiting, 0);
    }
}

#[tokio::test]
async fn who_takes_nothing_for_a_day_is_told_no_more_until_somebody_starts_it_again() {
    for it in Told::each().await {
        assert!(it.start().await.is_some());
        it.world.day(FIRST, &records("Lærer")).await;
        it.listener.reply(std::iter::repeat_n(Reply::Status(503), 40));
        let begun = it.world.on(FIRST).clock.now();
        let mut now = begun;
        while it.standing().await.state == State::Started {
            it.work(&it.at(now)).await;
            now += SignedDuration::from_mins(43);
        }
        assert_eq!(it.listener.heard().len(), 40);
        assert!(now.duration_since(begun) > SignedDuration::from_hours(20));
        let hub = it.at(now);
        let findings = doctor::examine(&hub, it.world.tenant).await.unwrap();
        let finding = findings.iter().find(|it| it.what == "webhook events").unwrap();
        assert!(finding.found.contains("stopped; 1 waiting, last said: HTTP 503"), "{finding:?}");
        it.world.day(SECOND, &records("Rektor")).await;
        assert_eq!(it.work(&hub).await, [""; 0]);
        assert_eq!(it.listener.heard().len(), 40, "it is left alone");

        assert_eq!(it.start().await, None, "it keeps its secret");
        let entries = audit::list(&hub, it.world.tenant, None, 1).await.unwrap();
        assert_eq!(entries[0].action, "webhook.start");
        assert_eq!(it.work(&hub).await, [""; 0]);
        assert_eq!(it.types().len(), 42, "what waited, and what happened meanwhile as one");
    }
}

#[tokio::test]
async fn who_says_that_they_are_gone_or_leaves_the_configuration_is_told_nothing() {
    for it in Told::each().await {
        it.start().await;
        it.world.day(FIRST, &records("Lærer")).await;
        it.listener.reply([Reply::Status(410)]);
        let hub = it.world.on(FIRST);
        assert!(it.work(&hub).await[0].contains("HTTP 410"));
        assert_eq!(it.standing().await.state, State::Stopped);
        it.start().await;
        it.world.configure("mode = \"snapshot\"\n").await;
        it.world.day(SECOND, &records("Rektor")).await;
        assert_eq!(it.work(&it.world.on(SECOND)).await, [""; 0]);
        assert_eq!(it.listener.heard().len(), 1);
        it.configure("events = [\"plan_released\"]\n").await;
        assert_eq!(it.standing().await.state, State::Stopped, "another one may listen there now");
        assert!(it.start().await.is_none());
        let made = it.world.make(date(2026, 3, 4), &records("Lærer")).await;
        it.world.release(&made).await.unwrap();
        assert_eq!(it.work(&it.world.on(date(2026, 3, 4))).await, [""; 0]);
        assert_eq!(it.types()[1..], ["kobling.plan.released"], "it asked for nothing else");
    }
}

#[tokio::test]
async fn what_a_file_that_was_refused_tells_its_owner_webhooks_are_told_too() {
    for it in Told::each().await {
        it.start().await;
        let whole = xml(&records("Lærer"));
        let cut = &whole[..whole.len() - 20];
        drop(it.world.try_run(&name_of(FIRST), cut).await);
        assert_eq!(it.work(&it.world.on(FIRST)).await, [""; 0]);
        assert_eq!(it.types(), ["kobling.run.refused"]);
        let event = body(&it.listener.heard()[0]);
        assert_eq!(event["subject"], "sources/opus");
    }
}
