//! The first delivery to a target that already holds data typed by hand.

use crate::deliver::{TODAY, column, configuration, deliver_on, jobs, workplace};
use crate::harness::Workplace;
use serde_json::Value;
use std::collections::BTreeMap;

const LIST: &str = "BrugerId;CPR;Navn;E-mail\n\
    u1;710180-9991;Åse T.;aase@elsewhere.example\n\
    u2;;Bo Testesen;11@fjordby.example\n\
    u3;;Mia Testesen;\n\
    u4;7808709999;Fremmed;nobody@fjordby.example\n";

const WORD: [&str; 4] = ["--by", "Åse", "--reason", "looked at it"];

fn listed(here: &Workplace, list: &str) -> Value {
    here.write("held.csv", list);
    here.ok(["target", "takeover", "list", "plan2learn", "held.csv"])
}

/// How each entry stands: by the target's id, or by our name.
fn standings(told: &Value) -> BTreeMap<String, String> {
    let entries = told["entries"].as_array().unwrap();
    let name = |it: &Value| match it["theirs"]["id"].as_str() {
        Some(id) => id.to_owned(),
        None => it["ours"][0]["name"].as_str().unwrap().to_owned(),
    };
    entries.iter().map(|it| (name(it), it["standing"].as_str().unwrap().to_owned())).collect()
}

fn args<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    ["target", "takeover"].into_iter().chain(arguments.iter().copied()).chain(WORD).collect()
}

#[test]
fn what_a_target_holds_is_matched_and_nobody_on_name_alone() {
    let here = workplace(&jobs());
    let told = listed(&here, LIST);
    let expected = [
        ("Mia Testesen", "only_here"),
        ("u1", "matched"),
        ("u2", "doubtful"),
        ("u3", "only_there"),
        ("u4", "only_there"),
    ];
    let expected = expected.map(|(who, how)| (who.to_owned(), how.to_owned()));
    assert_eq!(standings(&told), expected.into());
    assert_eq!(told["entries"][0]["ours"][0]["ground"], "national_number");
    assert_eq!(told["entries"][1]["ours"][0]["ground"], "email");
    let text = told.to_string();
    assert!(text.contains("710180-••••") && !text.contains("9991"), "{text}");
}

#[test]
fn what_a_target_holds_is_read_where_its_files_lie() {
    let here = workplace(&jobs());
    std::fs::create_dir_all(here.path("plan2learn")).unwrap();
    here.write("plan2learn/bruger.csv", LIST);
    let list = |name: &'static str| ["target", "takeover", "list", "plan2learn", "--there", name];
    let refused = here.output(list("users.csv"));
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("there lies: bruger.csv"), "{said}");
    let there = here.ok(list("bruger.csv"));
    let given = listed(&here, LIST);
    assert_eq!((&there["list"], &there["entries"]), (&"bruger.csv".into(), &given["entries"]));
}

#[tokio::test]
async fn nothing_is_delivered_to_a_target_before_its_list_is_released() {
    let here = workplace(&jobs());
    listed(&here, LIST);
    let refused = here.output(["deliver", "plan2learn"]);
    assert_eq!(refused.status.code(), Some(3));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("kobling target takeover show plan2learn"), "{said}");
    let forced = ["deliver", "plan2learn", "--release-by", "Åse", "--reason", "now"];
    here.json(forced, 3);
    assert!(!here.path("plan2learn/bruger.csv").exists());
    here.ok(["deliver", "plan2learn", "--dry-run"]);

    here.json(args(&["release", "plan2learn"]), 2);
    here.ok(args(&["decide", "plan2learn", "u2", "--nobody"]));
    let released = here.ok(args(&["release", "plan2learn"]));
    assert_eq!(released["released"]["by"], "Åse");
    deliver_on(&here, TODAY).await;
    assert_eq!(column(&here, "bruger.csv", 0).len(), 3);
    here.json(args(&["decide", "plan2learn", "u2", "--nobody"]), 2);
    here.json(["target", "takeover", "list", "plan2learn", "held.csv"], 2);
}

#[tokio::test]
async fn what_a_person_decides_stays_and_tells_the_targets_own_ids() {
    let here = workplace(&jobs());
    let told = listed(&here, LIST);
    let bo = told["entries"][1]["ours"][0]["id"].as_str().unwrap();
    let mia = told["entries"][4]["ours"][0]["id"].as_str().unwrap();
    here.ok(args(&["decide", "plan2learn", "u2", "--same", bo]));
    here.json(args(&["decide", "plan2learn", "u3", "--same", bo]), 2);
    here.json(args(&["decide", "plan2learn", "u9", "--nobody"]), 2);
    let told = here.ok(args(&["decide", "plan2learn", "u3", "--same", mia]));
    assert_eq!(told["counts"]["doubtful"], 0);
    assert_eq!(told["entries"][1]["decided"]["reason"], "looked at it");
    let released = here.ok(args(&["release", "plan2learn"]));
    let pairs = |told: &Value| -> Vec<(Value, Value)> {
        let entries = told["entries"].as_array().unwrap();
        entries.iter().map(|it| (it["theirs"]["id"].clone(), it["ours"][0]["id"].clone())).collect()
    };
    assert_eq!(pairs(&released)[1..3], [("u2".into(), bo.into()), ("u3".into(), mia.into())]);
    deliver_on(&here, TODAY).await;
    let ids = column(&here, "bruger.csv", 0);
    assert!(ids.contains(&bo.to_owned()) && ids.contains(&mia.to_owned()));
    let shown = here.ok(["target", "takeover", "show", "plan2learn"]);
    assert_eq!(pairs(&shown), pairs(&released));
    let kept = shown.to_string();
    assert!(!kept.contains("Fremmed") && !kept.contains("710180"), "only ids stay: {kept}");
}

/// Nine digits under `CPR` are what a spreadsheet left of ten.
#[test]
fn a_number_that_lost_its_zero_rules_no_match_out_and_is_counted() {
    let here = workplace(&jobs());
    let told = listed(&here, "BrugerId;CPR;E-mail\nu1;101809991;11@fjordby.example\n");
    assert_eq!(standings(&told)["u1"], "doubtful");
    assert!(told["notes"].to_string().contains("cannot be read, and match nobody: 1"), "{told}");
    let told = listed(&here, "BrugerId;BSN;E-mail\nu1;101809991;11@fjordby.example\n");
    assert_eq!(standings(&told)["u1"], "only_there", "another number is another person");
}

#[test]
fn a_list_whose_ids_are_national_numbers_is_refused_without_telling_one() {
    let here = workplace(&jobs());
    here.write("held.csv", "BrugerId;Navn\n010300-0017;Fremmed\n");
    let refused = here.output(["target", "takeover", "list", "plan2learn", "held.csv"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("--map id=COLUMN") && !said.contains("0017"), "{said}");
}

#[test]
fn columns_are_named_where_they_are_not_the_usual_ones() {
    let here = workplace(&jobs());
    here.write("held.csv", "Login,Nr,Born\nx1,9,11-01-1980\nx2,10,12.01.1980\n");
    let list = ["target", "takeover", "list", "plan2learn", "held.csv"];
    let refused = here.output(list);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("--map id=COLUMN (there is: Login, Nr, Born)"), "{said}");
    let map = ["--map", "id=Login", "--map", "employment=nr", "--map", "birth=Born"];
    let told = here.ok(list.into_iter().chain(map));
    assert_eq!(told["entries"][0]["ours"][0]["ground"], "employment_and_birth");
    assert_eq!(standings(&told)["x2"], "only_there", "another day of birth");
}

#[test]
fn a_target_of_messages_is_told_nothing_before_its_list_is_released_either() {
    let here = workplace(&jobs());
    let agreed = configuration(&here);
    let (_, agreement) = agreed.split_once("[[agreement]]").unwrap();
    let agreement = agreement.replace("\"plan2learn\"", "\"identity\"");
    let target = "[[target]]\nkey = \"identity\"\nsystem = \"plan2learn\"\nformat = \"messages\"\n\
                  folder = \"identity\"\nholds_data = \"yes\"\n";
    here.configure(&format!("{agreed}\n{target}\n[[agreement]]{agreement}"));
    let work = here.output(["work", "--once"]);
    assert_eq!(work.status.code(), Some(2), "nobody has listed it");
    let refused = here.output(["deliver", "identity"]);
    assert_eq!(refused.status.code(), Some(3));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("kobling target takeover list identity FILE"), "{said}");

    here.write("held.csv", LIST);
    let told = here.ok(["target", "takeover", "list", "identity", "held.csv"]);
    let expected = [("Mia Testesen", "only_here"), ("u1", "matched"), ("u2", "doubtful")];
    let found = standings(&told);
    for (who, how) in expected {
        assert_eq!(found[who], how, "{told}");
    }
    here.json(["deliver", "identity"], 3);
    let seen = here.ok(["deliver", "identity", "--dry-run"]);
    assert!(seen["notes"][0].as_str().unwrap().contains("not released"), "{seen}");
    assert!(here.output(["work", "--once"]).stdout.is_empty());
    assert!(!here.path("identity").exists());

    here.ok(args(&["decide", "identity", "u2", "--nobody"]));
    here.ok(args(&["release", "identity"]));
    assert!(here.output(["work", "--once"]).status.success(), "the release asks for it");
    let status = here.ok(["delivery", "status", "identity"]);
    assert!(status["accepted"].as_u64() > Some(3) && status["due"] == status["accepted"]);
    here.json(["target", "takeover", "list", "identity", "held.csv"], 2);
}
