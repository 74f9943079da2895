//! Looking things up: both times, what is masked, what is never shown.

use crate::harness::{FJORDBY, Workplace};
use jiff::civil::date;
use kobling_domain::id::{SubjectNo, TenantId};
use kobling_hub::exchange::progress::Silent;
use kobling_hub::people::roster;
use kobling_store::engine::Db;
use kobling_store::people::roster as rows;
use serde_json::Value;

/// Two employments of one person in the synthetic employer.
const TWO: [&str; 2] = ["99018", "99025"];
const UNIT: &str = "20004";

fn person_of(here: &Workplace, employment: &str) -> String {
    let shown = here.ok(["show", "employment", employment]);
    shown["person"]["id"].as_str().unwrap().to_owned()
}

/// The extract with each employee record as `edit` makes it of its number and text.
fn edited(text: &str, edit: impl Fn(&str, String) -> String) -> String {
    text.split_inclusive("</employee>")
        .map(|part| match part.split_once("<employee id=\"") {
            Some((before, record)) => {
                let number = record.split('"').next().unwrap();
                before.to_owned() + &edit(number, format!("<employee id=\"{record}"))
            }
            None => part.to_owned(),
        })
        .collect()
}

/// The record with another text in the element `name`.
fn with(record: &str, name: &str, text: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let (before, rest) = record.split_once(&open).unwrap();
    let (_, after) = rest.split_once(&close).unwrap();
    format!("{before}{open}{text}{close}{after}")
}

fn value<'a>(shown: &'a Value, field: &str) -> &'a Value {
    &shown["slices"][0]["values"][field]["value"]
}

#[test]
fn a_history_says_where_only_the_days_differ() {
    let here = Workplace::new();
    let first = here.generate(100, 0, None);
    here.ok(["run", "opus", &first]);
    let second = edited(&here.read(&first), |number, record| match number {
        "99040" => record.replace("<leaveDate/>", "<leaveDate>2030-06-30</leaveDate>"),
        _ => record,
    });
    here.write("inbox/ZLPE20260303224013_delta.xml", second);
    here.ok(["run", "opus", "inbox/ZLPE20260303224013_delta.xml"]);
    let told = String::from_utf8(here.output(["history", "99040"]).stdout).unwrap();
    assert!(told.contains("  like the one before, on other days\n"), "{told}");
    assert!(!told.contains("but for:"), "{told}");
}

/// Hard case 23.
#[test]
fn a_backdated_correction_leaves_the_answer_we_gave_then_and_changes_the_one_we_give_now() {
    let here = Workplace::empty();
    here.configure(&FJORDBY.replace("mode =", "effective = \"last_changed\"\nmode ="));
    let first = here.generate(100, 0, None);
    here.ok(["run", "opus", &first]);
    let then = here.ok(["show", "employment", "99040"]);
    let known_at = then["known_at"]["at"].as_str().unwrap();
    let second = edited(&here.read(&first), |number, record| match number {
        "99040" => with(&record, "position", "Klinisk vejleder")
            .replace("lastChanged=\"2023-03-25\"", "lastChanged=\"2026-02-01\""),
        _ => record,
    });
    here.write("inbox/ZLPE20260303224013_delta.xml", second);
    here.ok(["run", "opus", "inbox/ZLPE20260303224013_delta.xml"]);

    let on = |day, known_at: &[&str]| {
        let asked = ["show", "employment", "99040", "--as-of", day];
        let shown = here.ok(asked.into_iter().chain(known_at.iter().copied()));
        value(&shown, "employment.position_title").as_str().unwrap().to_owned()
    };
    let sent_then = ["--known-at", known_at];
    assert_eq!(on("2026-02-15", &[]), "Klinisk vejleder");
    assert_eq!(on("2026-01-31", &[]), on("2026-02-15", &sent_then));
    assert_ne!(on("2026-02-15", &sent_then), "Klinisk vejleder");

    let history = here.ok(["history", "99040"]);
    let claims = history["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 3);
    assert_eq!(claims[0]["replaced"]["input"], "ZLPE20260303224013_delta.xml");
    assert_eq!(claims[0]["replaced"]["version"], claims[2]["since"]["version"]);
    assert!(claims[1]["replaced"].is_null() && claims[2]["replaced"].is_null());
}

#[test]
fn a_national_number_is_shown_masked_and_is_no_way_to_find_a_person() {
    let here = Workplace::new();
    let file = here.generate(100, 0, None);
    here.ok(["run", "opus", &file]);
    let text = here.read(&file);
    let record = text.split("<employee id=\"99040\"").nth(1).unwrap();
    let cpr = record.split("<cpr suppId=\"0\">").nth(1).unwrap().get(..10).unwrap();
    let (birth, serial) = cpr.split_at(6);
    let person = person_of(&here, "99040");
    let shown = here.output(["show", "person", &person]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains(&format!("{birth}-••••")), "{shown}");
    for arguments in [["show", "person", cpr], ["show", "employment", cpr]] {
        let refused = here.output(arguments);
        assert_eq!(refused.status.code(), Some(2));
        assert!(!String::from_utf8(refused.stderr).unwrap().contains(cpr));
    }
    assert!(!shown.contains(serial), "{shown}");
    let history = here.ok(["history", &person]).to_string();
    assert!(!history.contains(cpr));
}

/// Hard case 17: also what was told before the protection is gone, at every version.
#[test]
fn the_address_of_a_person_who_is_protected_now_is_shown_of_no_time() {
    let here = Workplace::new();
    let first = here.generate(100, 0, None);
    here.ok(["run", "opus", &first]);
    let person = person_of(&here, "99040");
    let before = here.ok(["show", "person", &person]);
    let address = value(&before, "person.address").as_str().unwrap();
    let known_at = before["known_at"]["at"].as_str().unwrap();
    let second = edited(&here.read(&first), |number, record| match number {
        "99040" => with(&record, "address", "**ADRESSEBESKYTTET**"),
        _ => record,
    });
    here.write("inbox/ZLPE20260303224013_delta.xml", second);
    here.ok(["run", "opus", "inbox/ZLPE20260303224013_delta.xml"]);
    let now = here.ok(["show", "person", &person]);
    assert_eq!(value(&now, "person.address_protected"), true);
    let then = here.ok(["show", "person", &person, "--known-at", known_at]);
    let history = here.ok(["history", &person]);
    for told in [now, then, history] {
        assert!(!told.to_string().contains(address), "{told}");
    }
}

/// Hard case 14.
#[test]
fn a_person_with_two_employments_is_shown_with_both_and_why_one_is_primary() {
    let here = Workplace::new();
    let file = here.generate(100, 0, None);
    here.ok(["run", "opus", &file]);
    let person = person_of(&here, TWO[0]);
    assert_eq!(person, person_of(&here, TWO[1]));
    let shown = here.ok(["show", "person", &person, "--as-of", "2026-03-02"]);
    let numbers: Vec<&Value> =
        shown["employments"].as_array().unwrap().iter().map(|it| &it["number"]).collect();
    assert_eq!(numbers, TWO);
    let primary = &shown["primary"];
    assert!(TWO.iter().any(|it| primary["number"] == *it), "{primary}");
    assert!(primary["reason"].as_str().unwrap().starts_with("the "));
}

/// Hard case 21.
#[test]
fn a_unit_without_a_manager_shows_the_one_above_and_a_tie_is_shown_as_such() {
    let manager =
        |edit: &dyn Fn(&str) -> String| {
            let here = Workplace::new();
            let file = here.generate(300, 0, None);
            let unit = format!("<orgUnit>{UNIT}</orgUnit>");
            let text = edited(&here.read(&file), |_, record| {
                if record.contains(&unit) { edit(&record) } else { record }
            });
            here.write(&file, text);
            here.ok(["run", "opus", &file]);
            here.ok(["show", "unit", UNIT, "--as-of", "2026-03-02"])
        };
    let vacant = manager(&|record| with(record, "isManager", "false"));
    assert_eq!(vacant["parents"][0]["number"], vacant["manager"]["unit"]["number"]);
    assert_eq!(vacant["manager"]["steps"], 1);
    let tied = manager(&|record| with(&with(record, "isManager", "true"), "superiorLevel", "3"));
    assert_eq!(tied["manager"]["steps"], 0);
    assert!(tied["reports"][0].as_str().unwrap().contains("several managers"), "{tied}");
    assert!(tied["people"].as_u64().unwrap() > 1);
}

#[tokio::test]
async fn the_roster_kept_up_over_days_is_the_one_that_is_built_anew() {
    let here = Workplace::new();
    for day in 0..5 {
        let file = here.generate(300, day, None);
        here.ok(["run", "opus", &file]);
        here.ok(["db", "check"]);
    }
    let (hub, tenant) = here.hub(date(2026, 3, 7)).await;
    let kept = entries(&hub.db, tenant).await;
    assert!(kept.len() > 300);
    roster::rebuild(&hub, tenant, &Silent).await.unwrap();
    assert_eq!(entries(&hub.db, tenant).await, kept);
    assert_eq!(roster::first_fault(&hub, tenant).await.unwrap(), None);
}

#[tokio::test]
async fn a_roster_that_runs_left_behind_is_brought_up_by_who_needs_it_next() {
    let here = Workplace::new();
    for day in 0..3 {
        let file = here.generate(300, day, None);
        let report = here.ok(["run", "opus", &file, "--roster", "later"]);
        assert_eq!(report["roster"], 0);
    }
    let (hub, tenant) = here.hub(date(2026, 3, 7)).await;
    assert!(entries(&hub.db, tenant).await.is_empty());
    here.ok(["db", "refresh"]);
    let brought_up = entries(&hub.db, tenant).await;
    assert!(brought_up.len() > 300);
    roster::rebuild(&hub, tenant, &Silent).await.unwrap();
    assert_eq!(entries(&hub.db, tenant).await, brought_up);

    let file = here.generate(300, 3, None);
    here.ok(["run", "opus", &file, "--roster", "later"]);
    assert!(roster::first_fault(&hub, tenant).await.unwrap().is_some());
    here.ok(["db", "check"]);
    assert_eq!(roster::first_fault(&hub, tenant).await.unwrap(), None);
    let file = here.generate(300, 4, None);
    assert!(here.ok(["run", "opus", &file])["roster"].as_u64().unwrap() > 0);
}

async fn entries(db: &Db, tenant: TenantId) -> Vec<rows::Entry> {
    let mut tx = db.read().await.unwrap();
    rows::between(&mut tx, tenant, SubjectNo(1), SubjectNo(i64::MAX)).await.unwrap()
}

#[test]
fn the_doctor_tells_wrong_keys_from_demo_keys_and_a_missing_folder() {
    let here = Workplace::new();
    let file = here.generate(100, 0, None);
    here.ok(["run", "opus", &file]);
    std::fs::create_dir_all(here.path("plan2learn")).unwrap();
    let level = |code, what: &str| {
        let report = here.json(["doctor"], code);
        let findings = report["findings"].as_array().unwrap();
        let found = findings.iter().rfind(|it| it["what"] == what);
        found.map(|it| it["level"].as_str().unwrap().to_owned())
    };
    assert_eq!(level(0, "keys").as_deref(), Some("ok"));
    assert_eq!(level(0, "source opus: last input").as_deref(), Some("warning"));
    std::fs::rename(here.path("inbox"), here.path("elsewhere")).unwrap();
    assert_eq!(level(1, "source opus: folder").as_deref(), Some("problem"));
    here.write("kobling.keys", kobling_hub::access::keys::generate().unwrap().as_str());
    assert_eq!(level(1, "keys").as_deref(), Some("problem"));
}

/// With other keys everybody known would be taken for somebody else.
#[test]
fn with_other_keys_every_command_refuses_before_it_touches_anything() {
    let here = Workplace::new();
    let (first, second) = (here.generate(100, 0, None), here.generate(100, 1, None));
    here.ok(["run", "opus", &first]);
    let keys = here.read("kobling.keys");
    here.write("kobling.keys", kobling_hub::access::keys::generate().unwrap().as_str());
    for command in
        [vec!["run", "opus", &second], vec!["deliver", "plan2learn"], vec!["plan", "list"]]
    {
        let refused = here.output(command);
        assert_eq!(refused.status.code(), Some(2));
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains("restore the key file"), "{said}");
    }
    here.write("kobling.keys", keys);
    assert_eq!(here.ok(["run", "opus", &second])["quarantined"], 0);
}

#[test]
fn a_record_without_a_readable_key_is_listed_by_its_line_until_a_file_says_all_anew() {
    let here = Workplace::new();
    let first = here.generate(100, 0, None);
    let whole = here.read(&first);
    here.ok(["run", "opus", &first]);
    let unreadable = whole.replacen("<employee id=\"99040\"", "<employee id=\"99O40\"", 1);
    assert_ne!(unreadable, whole);
    let line = 1 + unreadable.lines().position(|it| it.contains("99O40")).unwrap();
    let file = "inbox/ZLPE20260303224013_delta.xml";
    here.write(file, &unreadable);
    assert_eq!(here.ok(["run", "opus", file])["quarantined"], 1);
    let listed = here.ok(["quarantine", "list"]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let it = &listed[0];
    assert_eq!((it["number"].as_i64(), it["key"].as_str()), (None, None));
    assert_eq!(
        (it["kind"].as_str(), it["code"].as_str()),
        (Some("employment"), Some("key_unreadable"))
    );
    assert_eq!(it["line"].as_u64(), u64::try_from(line).ok());
    let told = here.output(["quarantine", "list"]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.starts_with("employment without a key, of opus: "), "{told}");
    let again = "inbox/ZLPE20260304224013_delta.xml";
    here.write(again, &whole);
    assert_eq!(here.ok(["run", "opus", again])["quarantined"], 0);
    assert_eq!(here.ok(["quarantine", "list"]), serde_json::json!([]));
}

#[test]
fn a_person_decides_on_what_is_set_aside_and_the_next_run_applies_it() {
    let here = Workplace::new();
    let first = here.generate(100, 0, None);
    here.ok(["run", "opus", &first]);
    let before = person_of(&here, "99040");
    let second = edited(&here.read(&first), |number, record| match number {
        "99040" => {
            let (head, rest) = record.split_once("<cpr").unwrap();
            let (open, rest) = rest.split_once('>').unwrap();
            let (_, rest) = rest.split_once('<').unwrap();
            format!("{head}<cpr{open}>7212859994<{rest}")
        }
        _ => record,
    });
    let file = "inbox/ZLPE20260303224013_delta.xml";
    here.write(file, second);
    assert_eq!(here.ok(["run", "opus", file])["quarantined"], 1);
    let listed = here.ok(["quarantine", "list", "--source", "opus"]);
    let it = &listed[0];
    assert_eq!((it["kind"].as_str(), it["number"].as_i64()), (Some("employment"), Some(99040)));
    assert_eq!((it["code"].as_str(), it["run"].as_i64()), (Some("other_person"), Some(2)));
    assert!(!listed.to_string().contains("7212859994"));
    let word = ["--by", "Signe Test", "--reason", "a letter"];
    let decide = ["quarantine", "decide", "opus", "99040", "--as", "correction"];
    let decided = here.ok(decide.into_iter().chain(word));
    assert_eq!(decided["verdict"], "correction");
    here.json(decide.into_iter().chain(word), 2);
    here.json(["quarantine", "list", "--source", "nmbrs"], 2);
    assert_eq!(here.ok(["run", "opus", file])["quarantined"], 0);
    assert_eq!(here.ok(["quarantine", "list"]), serde_json::json!([]));
    assert_eq!(person_of(&here, "99040"), before);
    let shown = here.ok(["show", "person", &before]);
    assert!(shown.to_string().contains("721285-"), "the new number, masked: {shown}");
}

#[test]
fn an_extract_of_a_person_tells_what_is_known_which_systems_got_it_and_who_saw_it() {
    let here = Workplace::new();
    let first = here.generate(100, 0, None);
    here.ok(["run", "opus", &first]);
    here.ok(["deliver", "plan2learn"]);
    let person = person_of(&here, TWO[0]);
    let extract = here.ok(["extract", "person", &person]);
    let target = &extract["targets"][0];
    assert_eq!((&target["target"], &target["has"]), (&"plan2learn".into(), &true.into()));
    assert_eq!(target["took"].as_array().unwrap().len(), 1);
    assert!(target["legal_basis"].as_str().unwrap().contains("GDPR"));
    assert_eq!(extract["known"].as_array().unwrap().len(), 3, "the person and two employments");
    assert!(extract["known"][0]["national_number"].as_str().unwrap().ends_with("••••"));
    assert_eq!(extract["read"], Value::Array(vec![]));
    here.json(["extract", "person", "99018"], 2);
}
