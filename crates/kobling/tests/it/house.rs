//! The house: who may read what lies there, what the doctor sees, and what messages say.

use crate::harness::{FJORDBY, Workplace};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

fn mode(here: &Workplace, file: &str) -> u32 {
    std::fs::metadata(here.path(file)).unwrap().permissions().mode() & 0o777
}

fn found<'a>(report: &'a Value, what: &str) -> &'a Value {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().find(|it| it["what"] == what).unwrap_or(&Value::Null)
}

fn said(here: &Workplace, arguments: &[&str], code: i32) -> String {
    let output = here.output(arguments.iter().copied());
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn what_is_secret_is_made_for_its_owner_and_what_a_receiver_fetches_for_the_group_too() {
    let here = Workplace::new();
    here.ok(["keys", "new", "--out", "new.keys"]);
    assert_eq!(mode(&here, "new.keys"), 0o600);
    let refused = said(&here, &["keys", "new", "--out", "new.keys"], 2);
    assert!(refused.contains("new.keys was not written"), "{refused}");
    assert_eq!(mode(&here, "kobling.db"), 0o600);
    let file = here.generate(100, 0, None);
    here.ok(["run", "opus", &file]);
    here.ok(["deliver", "plan2learn"]);
    assert_eq!(mode(&here, "plan2learn/bruger.csv") & 0o037, 0, "nobody else reads or writes it");
}

#[test]
fn the_doctor_warns_of_secrets_that_others_may_read() {
    let here = Workplace::new();
    std::fs::create_dir_all(here.path("plan2learn")).unwrap();
    let allow = |file: &str, mode| {
        std::fs::set_permissions(here.path(file), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    allow("kobling.keys", 0o600);
    let well = here.ok(["doctor"]);
    assert_eq!(
        (found(&well, "key file"), found(&well, "database file")),
        (&Value::Null, &Value::Null)
    );
    allow("kobling.keys", 0o640);
    allow("kobling.db", 0o644);
    let told = here.ok(["doctor"]);
    assert_eq!(found(&told, "key file")["found"], "its group may read kobling.keys");
    assert_eq!(found(&told, "database file")["level"], "warning");
}

#[test]
fn the_doctor_names_faults_of_the_tree_ties_of_managers_and_employments_without_a_unit() {
    let here = Workplace::new();
    std::fs::create_dir_all(here.path("plan2learn")).unwrap();
    let unit = |id: u32, parent: &str| {
        format!(
            "<orgUnit id=\"{id}\" client=\"999\" lastChanged=\"2026-01-01\">\
             <startDate>1900-01-01</startDate><endDate>9999-12-31</endDate>\
             <longName>Enhed {id}</longName>{parent}</orgUnit>"
        )
    };
    let below = |parent: u32| format!("<parentOrgUnit>{parent}</parentOrgUnit>");
    let manager = |id: u32, unit: u32| {
        format!(
            "<employee id=\"{id}\" client=\"999\" lastChanged=\"2026-01-01\">\
             <entryDate>2014-08-01</entryDate><cpr suppId=\"0\">710180{id:04}</cpr>\
             <firstName>Bo</firstName><lastName>Test</lastName><workContract>01</workContract>\
             <position>Leder</position><isManager>true</isManager>\
             <superiorLevel>2</superiorLevel><orgUnit>{unit}</orgUnit></employee>"
        )
    };
    let units = [unit(1, ""), unit(10, &below(1)), unit(20, &below(77))].concat();
    let people = [manager(100, 10), manager(101, 10), manager(102, 88)].concat();
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><kmd>{units}{people}</kmd>");
    here.write("inbox/ZLPE20260302224013_delta.xml", text);
    let held = here.json(["run", "opus"], 3);
    let plan = held["runs"][0]["plan"].as_str().unwrap();
    here.ok(["plan", "release", plan, "--by", "Signe", "--reason", "a test"]);
    let report = here.ok(["doctor"]);
    let tree = found(&report, "unit tree")["found"].as_str().unwrap().to_owned();
    assert!(tree.contains("unit 20 stands below 77, which is not there"), "{tree}");
    let ties = found(&report, "managers")["found"].as_str().unwrap().to_owned();
    assert!(ties.contains("unit 10 has several managers on one level: 100 101"), "{ties}");
    let waiting = found(&report, "employments without a unit")["found"].as_str().unwrap();
    assert!(waiting.contains("employment 102 is in unit 88"), "{waiting}");
    let shown = here.ok(["show", "employment", "102"]);
    let reports = shown["reports"].to_string();
    assert!(reports.contains("unit 88 is not there"), "{shown}");
}

#[test]
fn all_files_that_wait_are_told_of_in_one_document() {
    let here = Workplace::new();
    here.generate(100, 0, None);
    here.write("inbox/ZLPE20260303230000_delta.xml", "<kmd>");
    here.generate(100, 2, None);
    let all = here.json(["run", "opus"], 2);
    let states: Vec<&str> =
        all["runs"].as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["applied", "refused", "applied"]);
    let nothing = serde_json::json!({ "runs": [], "left": [], "notes": [] });
    assert_eq!(here.ok(["run", "opus"]), nothing);
}

#[test]
fn the_worst_of_the_files_that_wait_decides_how_a_run_ends() {
    let here = Workplace::new();
    here.generate(100, 0, None);
    here.ok(["run", "opus"]);
    here.generate(100, 1, Some("missing-school"));
    let held = here.json(["run", "opus"], 3);
    assert_eq!(held["runs"][0]["state"], "held");
    // It waits for somebody still, and is not planned again.
    let again = here.json(["run", "opus"], 3);
    assert_eq!(again["runs"], serde_json::json!([]));
    assert_eq!(again["left"][0]["state"], "held");
    assert_eq!(again["left"][0]["plan"], held["runs"][0]["plan"]);
    assert_eq!(here.ok(["plan", "list"]).as_array().unwrap().len(), 2);
    // One that is cut is worse, wherever it stands among those that are well.
    here.write("inbox/ZLPE20260303230000_delta.xml", "<kmd>");
    here.generate(100, 2, None);
    let output = here.output(["run", "opus"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("ZLPE20260303230000_delta.xml was not read"), "{said}");
    std::fs::create_dir(here.path("plan2learn")).unwrap();
    let refused = here.ok(["doctor"]);
    let found = found(&refused, "source opus: refused files");
    assert_eq!(found["level"], "warning");
    assert!(found["found"].as_str().unwrap().contains("ZLPE20260303230000_delta.xml"));
    here.ok(["run", "opus"]);
}

#[test]
fn a_file_of_a_day_to_come_is_refused_and_so_is_a_date_against_its_name() {
    let here = Workplace::new();
    let first = here.generate(100, 0, None);
    let refused = |arguments: &[&str], words: &str| {
        let output = here.output(arguments.iter().copied());
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(words), "{said}");
    };
    refused(
        &["run", "opus", &first, "--date", "2026-03-05"],
        "is a file of 2026-03-02 by its name",
    );
    here.ok(["run", "opus", &first, "--date", "2026-03-02"]);
    let second = here.generate(100, 1, None);
    let later = "inbox/ZLPE20991231224013_delta.xml";
    std::fs::copy(here.path(&second), here.path(later)).unwrap();
    refused(&["run", "opus", later], "is dated 2099-12-31, which lies after today");
    refused(&["plan", "make", "opus", later], "lies after today");
    std::fs::copy(here.path(&second), here.path("mine.xml")).unwrap();
    refused(&["run", "opus", "mine.xml", "--date", "2099-12-31"], "lies after today");
    // By folder the other one is read all the same.
    let read = here.ok(["run", "opus"]);
    assert_eq!(read["runs"][0]["state"], "applied");
    assert_eq!(read["left"][0]["state"], "refused");
}

#[test]
fn what_is_no_extract_is_called_none_and_ends_with_2() {
    let here = Workplace::new();
    here.write("page.xml", "<!doctype html><html></html>");
    here.write("other.xml", "<?xml version=\"1.0\"?><foo/>");
    here.write("empty.xml", "");
    for (file, why) in [
        ("page.xml", "a web page has"),
        ("other.xml", "the root element is <foo>"),
        ("empty.xml", "the file is empty"),
        ("kobling.db", "this is not an XML file"),
        ("inbox", "irectory"),
    ] {
        let output = here.output(["inspect", file]);
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("not an extract of KMD Opus Personale\n"), "{told}");
        assert!(
            told.contains(why) && !told.contains("yes") && !told.contains("no problem"),
            "{told}"
        );
        assert_eq!(here.json(["inspect", file], 2)["kind"], "unknown");
    }
    let unit = |id: u8, client: u16| format!("<orgUnit id=\"{id}\" client=\"{client}\"/>");
    here.write("two.xml", format!("<kmd>{}{}</kmd>", unit(1, 998), unit(2, 999)));
    let two = here.json(["inspect", "two.xml"], 2);
    assert_eq!((&two["kind"], &two["complete"]), (&"opus".into(), &false.into()));
    let said = said(&here, &["compare", "two.xml", "two.xml"], 2);
    assert!(said.contains("several clients"), "{said}");
}

#[test]
fn messages_tell_what_to_write_instead() {
    let here = Workplace::new();
    let file = here.generate(100, 0, None);
    let told = said(&here, &["run", "nosuch", &file], 2);
    assert!(told.contains("there is no source \"nosuch\"; configured is: opus"), "{told}");
    let told = said(&here, &["run", "opus", &file, "--date", "5/3-2026"], 2);
    assert!(told.contains("write a day as in 2026-03-05"), "{told}");
    let told = said(&here, &["show", "employment", "99018", "--known-at", "yesterday"], 2);
    assert!(told.contains("2026-03-05T06:30:00Z"), "{told}");
    let told = said(&here, &["plan", "show", "12ab"], 2);
    assert!(told.contains("give 6 characters or more"), "{told}");
    here.ok(["run", "opus", &file]);
    let before = ["show", "employment", "99018", "--known-at", "2001-01-01T00:00:00Z"];
    let told = said(&here, &before, 2);
    assert!(told.contains("nothing was known yet at 2001-01-01T00:00:00Z; the ledger begins at"));
}

#[test]
fn a_store_that_is_no_store_of_this_program_fails_the_check_and_is_told_what_to_do() {
    let here = Workplace::empty();
    here.ok(["db", "check"]);
    std::fs::remove_file(here.path("kobling.db")).unwrap();
    let told = said(&here, &["db", "check"], 1);
    assert!(told.contains("not those of this program's version"), "{told}");
    assert!(told.contains("run `kobling db migrate`"), "{told}");
}

#[test]
fn the_doctor_looks_at_every_employer_unless_one_is_named() {
    let here = Workplace::new();
    let other = FJORDBY.replace("fjordby", "aaby").replace("Fjordby Kommune", "Aaby Kommune");
    here.configure(&other);
    let report = here.json(["doctor"], 1);
    let all: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["what"].as_str().unwrap())
        .collect();
    for employer in ["fjordby, ", "aaby, "] {
        assert!(all.iter().any(|it| it.starts_with(employer)), "{all:?}");
    }
    let report = here.json(["doctor", "--tenant", "aaby"], 1);
    assert!(!report.to_string().contains("fjordby, "), "{report}");
}

#[test]
fn a_refused_decision_changes_nothing_whatever_it_was_about() {
    let here = Workplace::new();
    let first = here.generate(300, 0, None);
    here.ok(["run", "opus", &first]);
    let next = here.generate(300, 1, Some("missing-school"));
    let held = here.json(["run", "opus", &next], 3);
    let hash = held["plan"].as_str().unwrap();
    let brake = held["brakes"][0]["brake"].as_str().unwrap();
    let shown = here.ok(["plan", "show", hash]);
    let audit = here.ok(["audit", "list"]);
    for (by, reason) in
        [("", "so"), ("Signe", " "), ("Ole 010300-0017", "so"), ("Ole", "0103000017")]
    {
        let decision = ["--by", by, "--reason", reason];
        for what in [
            &["plan", "release", hash][..],
            &["plan", "release", hash, "--except", brake],
            &["plan", "release", hash, "--only", "protected"],
            &["plan", "reject", hash],
        ] {
            let told = said(&here, &[what, &decision].concat(), 2);
            assert!(told.contains("nothing was decided") && !told.contains("0017"), "{told}");
        }
    }
    assert_eq!(here.ok(["plan", "show", hash]), shown);
    assert_eq!(here.ok(["audit", "list"]), audit);
}
