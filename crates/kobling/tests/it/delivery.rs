//! Messages to a target, as somebody at a terminal sees them.

use crate::harness::{FJORDBY, Workplace};
use kobling_testkit::contents::rename_table;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

/// The demo's employer with a second target that takes messages in a folder.
fn office() -> Workplace {
    let here = Workplace::empty();
    let target = "\n[[target]]\nkey = \"identity\"\nsystem = \"plan2learn\"\nformat = \"messages\"\n\
                  folder = \"identity\"\nbrakes = { create = \"any\" }\n";
    let agreement = "\n[[agreement]]\nkey = \"identity\"\nsource = \"opus\"\ntarget = \"identity\"\n\
                     scope = [\"20001\"]\nfrom = \"2026-01-01\"\npurpose = \"Accounts\"\n\
                     legal_basis = \"GDPR article 6(1)(e)\"\n\
                     fields = [\"person.name\", \"employment.position_title\", \"unit.name\"]\n";
    here.configure(&format!("{FJORDBY}{target}{agreement}"));
    here
}

fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap()
}

#[test]
fn work_delivers_what_a_run_asked_for_and_the_status_adds_up() {
    let here = office();
    let file = here.generate(100, 0, None);
    here.ok(["run", "opus", &file]);
    here.output(["work", "--once"]);
    let status = here.ok(["delivery", "status", "identity"]);
    let due = number(&status, "due");
    assert!(due > 100 && due == number(&status, "accepted"), "{status}");
    let messages = std::fs::read_dir(here.path("identity")).unwrap().flatten();
    let messages: Vec<_> = messages.filter(|it| it.path().is_file()).collect();
    assert_eq!(u64::try_from(messages.len()).unwrap(), due);
    let mode = messages[0].metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o037, 0, "nobody else reads or writes it");
    let again = here.ok(["deliver", "identity"]);
    assert_eq!((number(&again["sent"], "accepted"), &again["made"]["create"]), (0, &0.into()));
    let empty = here.output(["delivery", "list", "identity"]);
    assert_eq!(String::from_utf8_lossy(&empty.stdout).trim(), "nothing is on its way");
    assert!(here.output(["work", "--once"]).status.success(), "no work is left");
}

#[test]
fn held_messages_end_with_3_are_listed_by_name_and_are_sent_when_released() {
    let here = office();
    let file = here.generate(100, 0, None);
    here.ok(["run", "opus", &file]);
    here.ok(["deliver", "identity"]);
    let narrower = here.read("fjordby.toml").replace("scope = [\"20001\"]\nfrom = \"2026-01-01\"\npurpose = \"Accounts\"", "scope = [\"20001\"]\nuntil = \"2026-01-02\"\nfrom = \"2026-01-01\"\npurpose = \"Accounts\"");
    here.configure(&narrower);
    let report = here.json(["deliver", "identity"], 3);
    let held = number(&report["standing"], "held");
    assert!(held > 100 && held == number(&report["standing"], "due"), "{report}");
    let listed = here.ok(["delivery", "list", "identity"]);
    let listed = listed.as_array().unwrap();
    assert!(listed.iter().all(|it| it["state"] == "held" && it["name"].is_string()));
    let hash = listed[0]["hash"].as_str().unwrap();
    assert_eq!(report["standing"]["brakes"][0]["hash"], hash);
    here.json(["delivery", "release", "identity", hash, "--by", "", "--reason", "x"], 2);
    here.json(["delivery", "release", "identity", "5d0c33a1be07", "--by", "A", "--reason", "x"], 2);
    let by = ["--by", "Signe Test", "--reason", "the agreement has ended"];
    here.ok(["delivery", "release", "identity", hash].into_iter().chain(by));
    let report = here.ok(["deliver", "identity"]);
    assert_eq!(number(&report["sent"], "accepted"), held);
    assert_eq!(number(&report["standing"], "due"), 0);
}

#[test]
fn what_cannot_be_decided_at_a_target_is_refused_with_what_can() {
    let here = office();
    let told = |arguments: &[&str]| {
        let output = here.output(arguments.iter().copied());
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = told(&["delivery", "list", "idenity"]);
    assert!(said.contains("there is: identity, plan2learn"), "{said}");
    let nobody = "00000000-0000-0000-0000-000000000001";
    let by = ["--by", "Signe Test", "--reason", "x"];
    let give_up = ["delivery", "give-up", "identity", nobody];
    let all: Vec<&str> = give_up.into_iter().chain(by).collect();
    assert!(told(&all).contains("there is no unfinished message"));
    let whose: Vec<&str> = ["delivery", "give-up", "identity"].into_iter().chain(by).collect();
    assert!(told(&whose).contains("say whose message"));
    let set = ["delivery", "give-up", "plan2learn", nobody];
    let set: Vec<&str> = set.into_iter().chain(by).collect();
    assert!(told(&set).contains("takes whole sets of files"));
    let none = ["delivery", "release", "plan2learn", "5d0c33a1be07"];
    let none: Vec<&str> = none.into_iter().chain(by).collect();
    assert!(told(&none).contains("no set on its way to plan2learn is held"));
    here.ok(["deliver", "identity"]);
}

/// The counts of a target's status, which must add up.
fn counts(here: &Workplace, code: i32) -> [u64; 5] {
    let status = here.json(["delivery", "status", "plan2learn"], code);
    let all = ["due", "accepted", "pending", "held", "rejected"].map(|it| number(&status, it));
    assert_eq!(all[0], all[1..].iter().sum::<u64>(), "{status}");
    assert_eq!(status["counted"], "sets");
    all
}

#[test]
fn a_set_of_files_is_a_lane_and_a_release_counts_for_the_very_set_that_was_held() {
    let here = Workplace::new();
    let run = |day: u16| {
        let file = here.generate(400, day, None);
        here.ok(["run", "opus", &file]);
    };
    run(0);
    assert_eq!(counts(&here, 0), [0; 5]);
    here.ok(["deliver", "plan2learn"]);
    assert_eq!(counts(&here, 0), [1, 1, 0, 0, 0]);
    assert_eq!(here.ok(["delivery", "list", "plan2learn"]).as_array().unwrap().len(), 0);

    here.configure(&FJORDBY.replace(
        "format = \"plan2learn\"",
        "format = \"plan2learn\"\ninactivated = { count = 0, per_mille = 0 }",
    ));
    run(1);
    here.json(["deliver", "plan2learn"], 3);
    assert_eq!(counts(&here, 3), [1, 0, 0, 1, 0]);
    let listed = here.ok(["delivery", "list", "plan2learn"]);
    assert_eq!((&listed[0]["state"], &listed[0]["files"]), (&"held".into(), &Value::Array(vec![])));
    assert!(listed[0]["reason"].as_str().unwrap().contains("no longer active"), "{listed}");
    let held = || {
        let listed = here.ok(["delivery", "list", "plan2learn"]);
        let status = here.json(["delivery", "status", "plan2learn"], 3);
        assert_eq!(status["brakes"][0]["hash"], listed[0]["hash"]);
        listed[0]["hash"].as_str().unwrap().to_owned()
    };
    let release = |hash: &str, code| {
        let by = ["--by", "Signe Test", "--reason", "they have left"];
        here.json(["delivery", "release", "plan2learn", hash].into_iter().chain(by), code)
    };
    let seen = held();
    release(&seen, 0);
    assert_eq!(counts(&here, 0), [1, 0, 1, 0, 0], "released, and to be sent by whoever works");
    // What is sent by then is another set than the one that was looked at.
    run(2);
    let work = here.output(["work", "--once"]);
    assert_eq!(work.status.code(), Some(3), "{work:?}");
    assert_eq!(counts(&here, 3), [1, 0, 0, 1, 0]);
    release(&seen, 2);
    assert_eq!(counts(&here, 3), [1, 0, 0, 1, 0], "nobody has looked at this one");
    release(&held(), 0);
    assert!(here.output(["work", "--once"]).status.success());
    assert_eq!(counts(&here, 0), [1, 1, 0, 0, 0]);
    assert!(here.output(["work", "--once"]).stdout.is_empty(), "no work is left");
}

#[test]
fn work_goes_on_when_the_store_has_come_back() {
    let here = office();
    let file = here.generate(100, 0, None);
    here.ok(["run", "opus", &file]);
    let store = here.path("kobling.db");
    rename_table(&store, "job", "job_lost");
    let mut command = here.command(["work"]);
    let mut worker = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(worker.stderr.take().unwrap()).lines();
    let first = told.next().unwrap().unwrap();
    assert_eq!(first, "error: the store cannot be asked for work");
    rename_table(&store, "job_lost", "job");
    let mut did = BufReader::new(worker.stdout.take().unwrap()).lines();
    let line = did.next().unwrap().unwrap();
    worker.kill().unwrap();
    worker.wait().unwrap();
    assert!(line.starts_with("identity: messages made: "), "{line}");
}
