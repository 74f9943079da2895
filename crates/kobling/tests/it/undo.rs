//! Plans that bring back what was believed before a run.

use crate::deliver::{JOB, Job, TODAY, deliver_on, extract, files, jobs, read, workplace};
use crate::harness::Workplace;
use kobling_hub::exchange::preview::{self, Asked};
use kobling_hub::exchange::progress::Silent;
use serde_json::Value;

const BAD: &str = "ZLPE20260305224013_delta.xml";
const NEXT: &str = "ZLPE20260306224013_delta.xml";

/// Somebody is gone, somebody new is there, and somebody has another title.
fn bad() -> Vec<Job> {
    let mut jobs = jobs();
    jobs.retain(|it| it.number != 14);
    jobs[0].title = "Kok";
    jobs.push(Job { number: 15, cpr: "7606709998", name: "Ny", ..JOB });
    jobs
}

/// Reads a file, whatever holds it; what the run said.
fn released(here: &Workplace, name: &str, jobs: &[Job]) -> Value {
    here.write(name, extract(jobs));
    let made = here.ok(["plan", "make", "opus", name]);
    release(here, &made);
    made
}

fn release(here: &Workplace, made: &Value) {
    let hash = made["plan"].as_str().unwrap();
    here.ok(["plan", "release", hash, "--by", "Åse", "--reason", "the file was bad"]);
}

fn undo(here: &Workplace, made: &Value) -> Value {
    here.ok(["plan", "undo", made["plan"].as_str().unwrap()])
}

#[tokio::test]
async fn a_bad_run_undone_and_delivered_gives_what_was_delivered_before() {
    let here = workplace(&jobs());
    deliver_on(&here, TODAY).await;
    let first = files(&here);
    let run = released(&here, BAD, &bad());
    deliver_on(&here, TODAY).await;
    let second = files(&here);
    assert_ne!(second, first);

    let undone = undo(&here, &run);
    let shown = here.ok(["plan", "show", undone["plan"].as_str().unwrap(), "--items"]);
    assert_eq!((&shown["state"], &shown["undoes"]["input"]), (&"held".into(), &BAD.into()));
    assert_eq!(shown["items"].as_array().unwrap().len(), 3);
    deliver_on(&here, TODAY).await;
    assert_eq!(files(&here), second, "a held plan has changed nothing");
    let (hub, tenant) = here.hub(TODAY).await;
    let asked = Asked { plan: undone["plan"].as_str(), ..Asked::default() };
    let foreseen = preview::preview(&hub, tenant, asked, &Silent).await.unwrap();

    release(&here, &undone);
    let delivered = deliver_on(&here, TODAY).await;
    assert_eq!(foreseen.targets[0].delivery.as_ref().unwrap().files, delivered.files);
    assert_eq!(files(&here), first);
    let history = here.ok(["history", "14"]);
    let last = history["claims"].as_array().unwrap().last().unwrap();
    assert_eq!(last["decided"]["by"], "Åse");
    assert_eq!(last["decided"]["reason"], "the file was bad");
    let back = undo(&here, &undone);
    release(&here, &back);
    deliver_on(&here, TODAY).await;
    assert_eq!(files(&here), second, "an undoing can be undone");
}

#[test]
fn what_the_next_file_says_of_what_was_undone_counts_anew() {
    let here = workplace(&jobs());
    let run = released(&here, BAD, &bad());
    let undone = undo(&here, &run);
    release(&here, &undone);
    assert_eq!(here.ok(["show", "employment", "9"])["slices"].as_array().unwrap().len(), 1);
    here.write(NEXT, extract(&bad()));
    let again = here.ok(["plan", "make", "opus", NEXT]);
    assert_eq!((&again["held"], &again["gone"]), (&2.into(), &1.into()));
    let load = here.ok(["plan", "undo", "--version", "2"]);
    assert_eq!(load["undoes"]["stay"], 2, "{load}");
}

#[test]
fn what_was_changed_since_is_left_as_it_is_and_named() {
    let here = workplace(&jobs());
    let run = released(&here, BAD, &bad());
    let mut next = bad();
    next[0].title = "Skoleinspektør";
    read(&here, NEXT, &next);
    let undone = undo(&here, &run);
    assert_eq!(undone["undoes"]["stay"], 1);
    let staying = &undone["undoes"]["staying"][0];
    assert_eq!(staying["native"], "9");
    let why = staying["why"].as_str().unwrap();
    assert!(why.contains(NEXT) && why.contains("has changed it since"), "{why}");
    release(&here, &undone);
    let slices = here.ok(["show", "employment", "9"])["slices"].to_string();
    assert!(slices.contains("Skoleinspektør"));
    let history = here.ok(["history", "14"]);
    let last = history["claims"].as_array().unwrap().last().unwrap();
    assert!(last["until"].is_null() && last["replaced"].is_null(), "{last}");
}

#[test]
fn an_undoing_is_refused_once_another_input_was_applied() {
    let here = workplace(&jobs());
    let run = released(&here, BAD, &bad());
    let undone = undo(&here, &run);
    read(&here, NEXT, &bad());
    let hash = undone["plan"].as_str().unwrap();
    let refused = here.output(["plan", "release", hash, "--by", "Åse", "--reason", "it was bad"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("kobling plan undo --run"), "{said}");
    here.json(["plan", "undo", "--version", "99"], 2);
    here.json(["plan", "undo", hash], 2);
}

#[test]
fn an_undoing_brings_no_address_back_that_was_erased() {
    let here = workplace(&jobs());
    let with = |name: &str, address: &str, protected: &str| {
        let element = |number: u32, text: &str| {
            let before = format!("<email>{number}@");
            (before.clone(), format!("{text}{before}"))
        };
        let (nine, told) = element(9, address);
        let (ten, hidden) = element(10, protected);
        here.write(name, extract(&jobs()).replace(&nine, &told).replace(&ten, &hidden));
        here.ok(["run", "opus", name])
    };
    let told = "<address>Prøvevej 77</address><postalCode>9999</postalCode><city>Fjordby</city>";
    with("ZLPE20260305224013_delta.xml", told, "");
    let other = told.replace("77", "78");
    let run = with("ZLPE20260306224013_delta.xml", &other, "");
    assert!(here.ok(["history", "9"]).to_string().contains("Prøvevej 77"));
    with("ZLPE20260307224013_delta.xml", &other, "<address>*B* hemmelig</address>");
    let undone = undo(&here, &run);
    release(&here, &undone);
    for number in ["9", "10"] {
        let all = here.ok(["history", number]).to_string();
        assert!(!all.contains("Prøvevej"), "{all}");
    }
}
