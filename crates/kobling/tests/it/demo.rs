//! The demo from its first line to what can be done in its directory.

use crate::harness::Workplace;
use serde_json::Value;
use std::collections::BTreeSet;

const FILES: [&str; 5] =
    ["bruger.csv", "leder.csv", "engagement.csv", "organisation.csv", "stillingskode.csv"];
const SECOND: &str = "inbox/ZLPE20260303224013_delta.xml";

fn demo(here: &Workplace) -> Value {
    here.ok(["demo", "--dir", "demo", "--employees", "400"])
}

/// Runs the program in the demo's directory.
fn inside(here: &Workplace, arguments: &[&str], code: i32) -> Value {
    let mut command = here.command(arguments.iter().copied().chain(["--json"]));
    let output = command.current_dir(here.path("demo")).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

fn files(here: &Workplace) -> [String; 5] {
    FILES.map(|it| here.read(&format!("demo/plan2learn/{it}")))
}

#[test]
fn the_demo_reads_two_nights_delivers_and_shows_a_brake_holding_a_bad_file() {
    let here = Workplace::empty();
    let told = demo(&here);
    assert_eq!(
        (&told["first"]["state"], &told["second"]["state"]),
        (&"applied".into(), &"applied".into())
    );
    assert_eq!(told["plan"]["employments"]["changed"], 4);
    assert!(told["plan"]["items"][0]["name"].is_string());
    assert_eq!(told["delivery"]["state"], "delivered");
    assert_eq!(told["flawed"]["state"], "held");
    assert_eq!(told["flawed"]["brakes"][0]["brake"], "unit_emptied");
    assert_eq!(told["next"].as_array().unwrap().len(), 3);
    let receipts = told["delivery"]["receipts"].as_array().unwrap();
    let of: Vec<&str> = receipts.iter().map(|it| it["file"].as_str().unwrap()).collect();
    assert_eq!(of, FILES, "it ends with a receipt for each file");
    assert!(files(&here).iter().all(|it| it.lines().count() > 1));
    assert!(here.path("demo/kobling.db").exists());
}

#[test]
fn the_demo_shows_a_target_group_and_whom_it_holds() {
    let here = Workplace::empty();
    let told = demo(&here);
    let people = told["group"]["people"].as_array().unwrap();
    let leaders: BTreeSet<&str> = people.iter().map(|it| it["person"].as_str().unwrap()).collect();
    let files = here.read("demo/plan2learn/leder.csv");
    let delivered = files.lines().skip(1).map(|it| it.split('"').nth(1).unwrap());
    assert!(delivered.clone().all(|it| leaders.contains(it)) && delivered.count() > 3);
    assert_eq!(inside(&here, &["group", "show", "leaders"], 0)["people"], told["group"]["people"]);
    let said = here.output(["demo", "--dir", "demo", "--employees", "100"]).stdout;
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("Target group leaders, Leaders of units: "), "{said}");
}

#[test]
fn from_the_demos_directory_an_edited_extract_changes_exactly_the_rows_that_follow() {
    let here = Workplace::empty();
    demo(&here);
    let before = files(&here);
    assert_eq!(inside(&here, &["deliver", "plan2learn"], 0)["state"], "unchanged");
    let extract = here.read(&format!("demo/{SECOND}"));
    let (head, tail) = extract.rsplit_once("<email>").unwrap();
    let (_, tail) = tail.split_once('<').unwrap();
    here.write("demo/edited.xml", format!("{head}<email>EDITED@FJORDBY.EXAMPLE<{tail}"));
    assert_eq!(inside(&here, &["run", "opus", "edited.xml"], 0)["applied"], 1);
    assert_eq!(inside(&here, &["deliver", "plan2learn"], 0)["difference"]["changed"], 1);
    let after = files(&here);
    let differing: Vec<(&str, &str)> = after
        .iter()
        .zip(&before)
        .flat_map(|(new, old)| new.lines().zip(old.lines()))
        .filter(|(new, old)| new != old)
        .collect();
    assert!(matches!(differing.as_slice(), [(new, _)] if new.to_lowercase().contains("edited@")));
}

/// Types one of the commands that the demo ends with.
fn typed(here: &Workplace, command: &Value) {
    let mut shell = std::process::Command::new("sh");
    let output = shell.args(["-ec", command.as_str().unwrap()]).current_dir(here.path("demo"));
    let output = output.output().unwrap();
    assert!(output.status.success(), "{command}: {output:?}");
}

#[test]
fn what_the_demo_says_to_try_next_works_in_any_order_and_beside_an_edited_copy() {
    let edit = |here: &Workplace| {
        let extract = here.read(&format!("demo/{SECOND}"));
        let (head, tail) = extract.rsplit_once("<email>").unwrap();
        let (_, tail) = tail.split_once('<').unwrap();
        here.write("demo/mine.xml", format!("{head}<email>EDITED@FJORDBY.EXAMPLE<{tail}"));
        assert_eq!(inside(here, &["run", "opus", "mine.xml"], 0)["date"], "2026-03-03");
    };
    let [first, last] = [Workplace::empty(), Workplace::empty()];
    let told = demo(&first);
    let [plan, person, night] = &told["next"].as_array().unwrap()[..] else { panic!("{told}") };
    edit(&first);
    let before = files(&first);
    for command in [plan, night, person, plan, night] {
        typed(&first, command);
    }
    assert!(files(&first) != before, "the night brings something new");
    demo(&last);
    for command in [night, person, plan] {
        typed(&last, command);
    }
    assert_eq!(
        files(&last).map(|it| it.lines().count()),
        files(&first).map(|it| it.lines().count())
    );
    let extract = last.read("demo/inbox/ZLPE20260304224013_delta.xml");
    last.write("demo/mine.xml", extract);
    assert_eq!(inside(&last, &["run", "opus", "mine.xml"], 0)["date"], "2026-03-04");
}

#[test]
fn the_demo_replaces_an_earlier_one_and_nothing_else() {
    let here = Workplace::empty();
    let first = demo(&here);
    here.write("demo/mine.txt", "keep me");
    let again = demo(&here);
    assert_eq!(first["plan"]["plan"], again["plan"]["plan"]);
    assert_eq!(here.read("demo/mine.txt"), "keep me");
    std::fs::create_dir(here.path("other")).unwrap();
    here.write("other/kobling.toml", "[database]\n");
    let refused = here.output(["demo", "--dir", "other"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(here.read("other/kobling.toml"), "[database]\n");
    assert!(!here.path("other/kobling.db").exists());
}

#[test]
fn no_national_number_is_told_by_the_demo_but_in_the_file_whose_agreement_names_it() {
    let here = Workplace::empty();
    let output = here.output(["demo", "--dir", "demo", "--employees", "200"]);
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let extract = here.read(&format!("demo/{SECOND}"));
    let numbers = extract.split("<cpr").skip(1).filter_map(|it| {
        let (_, rest) = it.split_once('>')?;
        rest.split_once('<').map(|(number, _)| number)
    });
    let [people, others @ ..] = files(&here);
    let mut delivered = 0;
    for number in numbers {
        assert!(!said.contains(number));
        assert!(others.iter().all(|it| !it.contains(number)));
        delivered += usize::from(people.contains(number));
    }
    assert!(delivered > 100);
}
