//! What targets would be sent, told before it is.

use crate::deliver::{JOB, Job, TODAY, configuration, deliver_on, files, jobs, read, workplace};
use crate::harness::Workplace;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::access::configuration::parse;
use kobling_hub::exchange::deliver::Delivery;
use kobling_hub::exchange::preview::{self, Asked, Preview};
use kobling_hub::exchange::progress::{Progress, Silent, Stage};
use kobling_store::access::tenant;
use kobling_store::people::digest;
use std::sync::atomic::{AtomicU32, Ordering};

/// What is foreseen in `here`, of which it is `today`.
async fn foreseen(here: &Workplace, today: Date, asked: Asked<'_>) -> Preview {
    let (hub, tenant) = here.hub(today).await;
    preview::preview(&hub, tenant, asked, &Silent).await.unwrap()
}

/// All that a delivery tells of what it changes.
fn told(delivery: &Delivery) -> impl PartialEq + std::fmt::Debug + use<> {
    let brakes: Vec<String> = delivery.brakes.iter().map(|it| it.text.clone()).collect();
    let notes = delivery.notes.clone();
    (delivery.version, delivery.as_of, delivery.files.clone(), delivery.difference, brakes, notes)
}

async fn ledger(here: &Workplace) -> [u8; 32] {
    let (hub, tenant) = here.hub(TODAY).await;
    digest::ledger(&mut hub.db.read().await.unwrap(), tenant).await.unwrap()
}

#[tokio::test]
async fn what_is_foreseen_for_a_day_is_what_is_delivered_on_it() {
    let mut jobs = jobs();
    jobs.push(Job { number: 15, name: "Per", entry: "2026-04-15", leave: "2026-05-20", ..JOB });
    let here = workplace(&jobs);
    let asked_on = date(2026, 3, 5);
    let mut changed = 0;
    for day in (0..16).map(|week| asked_on + (6 * week).days()) {
        let asked = Asked { at: Some(day), ..Asked::default() };
        let all = foreseen(&here, asked_on, asked).await;
        let foreseen = all.targets[0].delivery.clone().unwrap();
        let delivered = deliver_on(&here, day).await;
        assert_eq!(told(&foreseen), told(&delivered), "{day}");
        changed += i32::from(delivered.difference.added + delivered.difference.gone > 0);
    }
    assert!(changed >= 3, "starts and ends come into force: {changed}");
}

#[tokio::test]
async fn the_end_of_an_agreement_is_foreseen_with_its_reason() {
    let here = workplace(&jobs());
    let until = "from = \"2026-01-01\"\nuntil = \"2026-05-01\"";
    here.configure(&configuration(&here).replace("from = \"2026-01-01\"", until));
    let on = async |day| {
        let asked = Asked { at: Some(day), ..Asked::default() };
        foreseen(&here, TODAY, asked).await.targets.remove(0)
    };
    assert!(on(date(2026, 4, 30)).await.delivery.is_some());
    let after = on(date(2026, 5, 1)).await;
    assert!(after.delivery.is_none());
    assert!(after.refused.unwrap().contains("is in force on 2026-05-01"));
}

#[tokio::test]
async fn a_configuration_is_foreseen_that_is_not_applied_and_none_of_it_is_written() {
    let here = workplace(&jobs());
    deliver_on(&here, TODAY).await;
    let (lying, held) = (files(&here), ledger(&here).await);
    let except = "scope = [\"20001\"]\nexcept = [\"20003\"]";
    let other = configuration(&here).replace("scope = [\"20001\"]", except);
    here.write("other.toml", &other);
    let parsed = parse(&other).unwrap();
    let asked = Asked { configuration: Some(&parsed), ..Asked::default() };
    let before = foreseen(&here, TODAY, asked).await;
    assert_eq!((files(&here), ledger(&here).await), (lying, held));
    let delivery = before.targets[0].delivery.as_ref().unwrap();
    assert_eq!(delivery.difference.inactivated.persons, 1);

    let said = here.ok(["plan", "preview", "--config", "other.toml", "--at", "2026-03-31"]);
    let files = serde_json::to_value(&delivery.files).unwrap();
    assert_eq!(said["targets"][0]["delivery"]["files"], files);
    here.configure(&other);
    let delivered = deliver_on(&here, TODAY).await;
    assert_eq!(delivered.files, delivery.files);
}

#[tokio::test]
async fn a_held_plan_is_foreseen_as_if_it_were_released_and_stays_held() {
    let here = workplace(&jobs());
    deliver_on(&here, TODAY).await;
    let gone: Vec<Job> = jobs().into_iter().filter(|it| it.number != 14).collect();
    here.write("ZLPE20260305224013_delta.xml", crate::deliver::extract(&gone));
    let made = here.ok(["plan", "make", "opus", "ZLPE20260305224013_delta.xml"]);
    let hash = made["plan"].as_str().unwrap();
    let before = ledger(&here).await;
    let asked = Asked { plan: Some(hash), ..Asked::default() };
    let all = foreseen(&here, TODAY, asked).await;
    assert_eq!(all.plan.as_deref(), Some(hash));
    assert_eq!(ledger(&here).await, before);
    assert_eq!(here.ok(["plan", "show", hash])["state"], "held");
    here.ok(["plan", "release", hash, "--by", "Åse", "--reason", "so it is"]);
    let delivered = deliver_on(&here, TODAY).await;
    assert_eq!(told(all.targets[0].delivery.as_ref().unwrap()), told(&delivered));
    assert_eq!(delivered.difference.inactivated.persons, 1);
}

/// Has somebody else write as soon as the held plan is being applied, and waits for them.
struct OtherWriter {
    hub: Hub,
    tenant: TenantId,
    written: AtomicU32,
}

impl Progress for OtherWriter {
    fn at(&self, stage: Stage, _done: u64, _total: u64) {
        if stage != Stage::Apply {
            return;
        }
        let (hub, tenant) = (self.hub.clone(), self.tenant);
        let write = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let mut tx = hub.db.write().await.unwrap();
                tenant::take_version(&mut tx, tenant, hub.clock.now(), None).await.unwrap();
                tx.commit().await.unwrap();
            });
        };
        std::thread::spawn(write).join().unwrap();
        self.written.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn nobody_waits_to_write_for_whoever_looks_at_a_held_plan() {
    let here = workplace(&jobs());
    deliver_on(&here, TODAY).await;
    let gone: Vec<Job> = jobs().into_iter().filter(|it| it.number != 14).collect();
    here.write("ZLPE20260305224013_delta.xml", crate::deliver::extract(&gone));
    let made = here.ok(["plan", "make", "opus", "ZLPE20260305224013_delta.xml"]);
    let (hub, tenant) = here.hub(TODAY).await;
    let other = OtherWriter { hub: hub.clone(), tenant, written: AtomicU32::new(0) };
    let asked = Asked { plan: made["plan"].as_str(), ..Asked::default() };
    let all = preview::preview(&hub, tenant, asked, &other).await.unwrap();
    assert!(other.written.load(Ordering::Relaxed) > 0, "somebody wrote while it was looked at");
    let difference = all.targets[0].delivery.as_ref().unwrap().difference;
    assert_eq!(difference.inactivated.persons, 1);
}

#[tokio::test]
async fn the_plan_of_a_first_load_is_foreseen_from_the_file_it_was_made_of() {
    let here = Workplace::empty();
    here.configure(&configuration(&here));
    here.write("ZLPE20260305224013_delta.xml", crate::deliver::extract(&jobs()));
    let file = here.path("ZLPE20260305224013_delta.xml");
    let made = here.ok(["plan", "make", "opus", file.to_str().unwrap()]);
    let hash = made["plan"].as_str().unwrap();
    let asked = Asked { plan: Some(hash), ..Asked::default() };
    let all = foreseen(&here, TODAY, asked).await;
    assert!(here.json(["show", "employment", "9"], 2).is_null());
    here.ok(["plan", "release", hash, "--by", "Åse", "--reason", "so it is"]);
    let delivered = deliver_on(&here, TODAY).await;
    assert_eq!(told(all.targets[0].delivery.as_ref().unwrap()), told(&delivered));
    read(&here, "ZLPE20260306224013_delta.xml", &jobs());
}

const IDENTITY: &str = "\n[[target]]\nkey = \"identity\"\nsystem = \"plan2learn\"\n\
    format = \"messages\"\nfolder = \"identity\"\n\n[[agreement]]\nkey = \"identity\"\n\
    source = \"opus\"\ntarget = \"identity\"\nscope = [\"20001\"]\nfrom = \"2026-01-01\"\n\
    purpose = \"Accounts\"\nlegal_basis = \"GDPR article 6(1)(e)\"\n\
    fields = [\"person.name\", \"employment.position_title\", \"unit.name\"]\n";

#[tokio::test]
async fn messages_are_foreseen_beside_sets_for_a_day_a_configuration_and_a_held_plan() {
    let here = Workplace::new();
    let file = here.generate(100, 0, None);
    here.ok(["run", "opus", &file]);
    let text = format!("{}{IDENTITY}", crate::harness::FJORDBY);
    let with = parse(&text).unwrap();
    let asked = Asked { configuration: Some(&with), ..Asked::default() };
    let all = foreseen(&here, TODAY, asked).await;
    let [plan2learn, identity] = all.targets.as_slice() else { panic!("{all:?}") };
    let messages = identity.messages.as_ref().unwrap();
    assert_eq!((messages.made.change, messages.made.inactivate), (0, 0));
    assert!(messages.made.create > 100 && plan2learn.delivery.is_some());
    here.configure(&text);
    let looked = here.ok(["deliver", "identity", "--dry-run"]);
    assert_eq!(looked["made"]["create"], messages.made.create);
    assert!(!here.path("identity").exists(), "nothing has left");
    let delivered = here.ok(["deliver", "identity"]);
    assert_eq!(delivered["made"]["create"], messages.made.create);

    here.generate(100, 1, Some("missing-school"));
    let held = here.json(["run", "opus"], 3);
    let plan = held["runs"][0]["plan"].as_str().unwrap();
    let asked = Asked { plan: Some(plan), target: Some("identity"), ..Asked::default() };
    let all = foreseen(&here, TODAY, asked).await;
    assert_eq!(all.targets[0].refused, None);
    let messages = all.targets[0].messages.as_ref().unwrap();
    assert!(messages.made.inactivate > 0, "{messages:?}");
    assert!(messages.messages.iter().all(|it| it.name.is_some()), "a person sees whom");
    here.ok(["plan", "release", plan, "--by", "Åse", "--reason", "it has closed"]);
    let again = foreseen(&here, TODAY, Asked { target: Some("identity"), ..Asked::default() });
    let again = again.await.targets.remove(0).messages.unwrap();
    assert_eq!((again.made, &again.messages), (messages.made, &messages.messages));
    here.ok(["deliver", "identity"]);
}
