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
    assert_eq!(String::from_utf8_lossy(&empty.stdout).trim(), "no message is on its way");
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
    here.json(["delivery", "release", "identity", "--by", "", "--reason", "x"], 2);
    let by = ["--by", "Signe Test", "--reason", "the agreement has ended"];
    here.ok(["delivery", "release", "identity"].into_iter().chain(by));
    let report = here.ok(["deliver", "identity"]);
    assert_eq!(number(&report["sent"], "accepted"), held);
    assert_eq!(number(&report["standing"], "due"), 0);
}

#[test]
fn a_target_of_files_and_a_wrong_name_are_told_from_one_of_messages() {
    let here = office();
    let told = |arguments: &[&str]| {
        let output = here.output(arguments.iter().copied());
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = told(&["delivery", "status", "plan2learn"]);
    assert!(said.contains("takes whole sets of files"), "{said}");
    let said = told(&["delivery", "list", "idenity"]);
    assert!(said.contains("there is: identity, plan2learn"), "{said}");
    let nobody = "00000000-0000-0000-0000-000000000001";
    let by = ["--by", "Signe Test", "--reason", "x"];
    let give_up = ["delivery", "give-up", "identity", nobody];
    let all: Vec<&str> = give_up.into_iter().chain(by).collect();
    assert!(told(&all).contains("there is no unfinished message"));
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
