//! Registers of people whom no unit employs, from their file to the receiver's, through the program.

use crate::harness::{FJORDBY, Workplace};
use jiff::civil::{Date, date};
use kobling_hub::exchange::deliver::{self, Delivery, DeliveryState, Intent};
use kobling_hub::exchange::progress::Silent;

const TODAY: Date = date(2026, 3, 31);

const SOURCES: &str = r#"
[[source]]
key = "members"
system = "opus"
format = "delimited"
[source.delimited]
kind = "person"
key = "Medlemsnr"
date = "%d-%m-%Y"
from = "Indmeldt"
until = "Udmeldt"
count = "ANTAL"
name = "members_%Y%m%d.csv"
[source.delimited.fields]
"person.name" = "Navn"
"person.email" = "E-mail"

[[source]]
key = "hr"
system = "opus"
format = "delimited"
[source.delimited]
kind = "person"
key = "Nr"
trailer = "SLUT"
name = "hr_%Y%m%d.csv"
[source.delimited.match_on]
column = "Tjenestenr"
by = "employment"
source = "opus"
[source.delimited.fields]
"person.mobile" = "Mobil"
"person.email" = "E-mail"
"#;

/// A workplace with payroll, an HR system and a member register, all of them of one agreement.
fn workplace() -> Workplace {
    let here = Workplace::empty();
    let folder = format!("folder = \"{}\"", here.path("plan2learn").display());
    let agreed = "source = \"opus\"\nsources = [\"hr\", \"members\"]\nmembers = [\"members\"]";
    let text = FJORDBY
        .replace("folder = \"plan2learn\"", &folder)
        .replace("source = \"opus\"", agreed)
        .replace("mode = \"snapshot\"\n", "mode = \"snapshot\"\n{SOURCES}")
        .replace("{SOURCES}", SOURCES);
    here.configure(&text);
    here
}

fn members(here: &Workplace, day: &str, rows: &[&str]) -> serde_json::Value {
    let name = format!("members_{day}.csv");
    let (rows, count) = (rows.join("\n"), rows.len());
    let text = format!("Medlemsnr;Navn;E-mail;Indmeldt;Udmeldt\n{rows}\nANTAL;{count}\n");
    here.write(&name, text);
    here.ok(["run", "members", &name])
}

async fn deliver_on(here: &Workplace, today: Date) -> Delivery {
    let (hub, tenant) = here.hub(today).await;
    let delivery = deliver::deliver(&hub, tenant, "plan2learn", Intent::Deliver, &Silent).await;
    delivery.unwrap()
}

/// The row of `bruger.csv` in which `text` stands.
fn bruger(here: &Workplace, text: &str) -> Option<String> {
    let file = here.read("plan2learn/bruger.csv");
    file.lines().find(|it| it.contains(text)).map(str::to_owned)
}

#[tokio::test]
async fn a_member_without_number_or_employment_arrives_and_is_inactivated_on_leaving_the_register()
{
    let here = workplace();
    let opus = here.generate(100, 0, None);
    here.ok(["run", "opus", &opus]);
    let both =
        ["M-1;Åse Prøve Testesen;aase@example.org;01-02-2020;", "M-2;Bo Testesen;;01-02-2020;"];
    assert_eq!(members(&here, "20260301", &both)["applied"], 2);
    let first = deliver_on(&here, TODAY).await;
    assert_eq!(first.state, DeliveryState::Delivered);
    let row = bruger(&here, "Åse Prøve Testesen").expect("the member has a row");
    assert!(row.contains("aase@example.org"), "{row}");
    let id = row.split(';').next().unwrap().to_owned();
    assert!(!here.read("plan2learn/engagement.csv").contains(&id), "no unit employs a member");
    // One leaves on a date that the register tells, the other is no longer mentioned by it.
    let left = ["M-1;Åse Prøve Testesen;aase@example.org;01-02-2020;30-06-2026"];
    members(&here, "20260501", &left);
    deliver_on(&here, date(2026, 6, 30)).await;
    assert!(bruger(&here, "Åse Prøve Testesen").is_some(), "the last day is one of membership");
    assert!(bruger(&here, "Bo Testesen").is_none());
    let last = deliver_on(&here, date(2026, 7, 1)).await;
    assert_eq!(last.state, DeliveryState::Delivered);
    assert!(bruger(&here, "Åse Prøve Testesen").is_none());
    let text = serde_json::to_value(&last).unwrap().to_string();
    assert!(text.contains("inactivated"), "{text}");
}

#[tokio::test]
async fn a_member_is_told_of_only_by_an_agreement_that_says_so() {
    let here = workplace();
    let text = here.read("fjordby.toml");
    here.configure(&text.replace("members = [\"members\"]", ""));
    let opus = here.generate(100, 0, None);
    here.ok(["run", "opus", &opus]);
    members(&here, "20260301", &["M-1;Åse Prøve Testesen;;;"]);
    deliver_on(&here, TODAY).await;
    assert_eq!(bruger(&here, "Åse Prøve Testesen"), None);
}

#[tokio::test]
async fn what_hr_knows_of_an_employee_is_delivered_and_payroll_blanks_nothing() {
    let here = workplace();
    let opus = here.generate(100, 0, None);
    here.ok(["run", "opus", &opus]);
    let number = employments(&here, &opus).remove(0);
    here.write(
        "hr_20260301.csv",
        format!("Nr;Tjenestenr;Mobil;E-mail\nS1;{number};11223344;\nSLUT;;;\n"),
    );
    assert_eq!(here.ok(["run", "hr", "hr_20260301.csv"])["applied"], 1);
    deliver_on(&here, TODAY).await;
    assert!(bruger(&here, "11223344").is_some_and(|it| it.contains('@')), "payroll's e-mail stays");
}

/// The numbers of ordinary employments of an extract; the odd ones come before 99001.
fn employments(here: &Workplace, opus: &str) -> Vec<String> {
    let extract = here.read(opus);
    let heads = extract.split("<employee id=\"").skip(1).filter(|it| it.contains("<cpr"));
    let numbers = heads.filter_map(|it| Some(it.split('"').next()?.to_owned()));
    numbers.filter(|it| it.starts_with("99")).collect()
}

/// The five files, as they lie at the receiver.
fn files(here: &Workplace) -> Vec<String> {
    let names = ["bruger", "leder", "engagement", "organisation", "stillingskode"];
    names.iter().map(|it| here.read(&format!("plan2learn/{it}.csv"))).collect()
}

#[tokio::test]
async fn a_link_unites_two_persons_at_the_target_and_a_split_restores_what_would_have_been() {
    let here = workplace();
    let opus = here.generate(100, 0, None);
    here.ok(["run", "opus", &opus]);
    let number = employments(&here, &opus).remove(0);
    let told = here.ok(["show", "employment", &number]);
    let employed =
        told["about"]["person"]["id"].as_str().or(told["person"]["id"].as_str()).unwrap();
    let person = here.ok(["show", "person", employed]);
    let value = |name: &str| {
        let slices = person["slices"].as_array().unwrap();
        let last = slices.iter().rev().find_map(|it| it["values"][name]["value"].as_str());
        last.unwrap().to_owned()
    };
    let (name, email) = (value("person.name"), value("person.email"));
    members(
        &here,
        "20260301",
        &[&format!("M-1;{name};{email};;"), "M-2;Ea Testesen;ea@example.org;;"],
    );
    deliver_on(&here, TODAY).await;
    let first = files(&here);

    let list = here.ok(["match", "list"]);
    let suggested = list["suggested"].as_array().unwrap();
    assert_eq!(suggested.len(), 1, "{list}");
    assert_eq!(suggested[0]["score"], 75, "{list}");
    let ids = [&suggested[0]["person"]["id"], &suggested[0]["other"]["id"]];
    let member = ids.iter().find_map(|it| it.as_str().filter(|it| *it != employed)).unwrap();
    let by = ["--by", "Signe Test", "--reason", "the same"];
    let both = |verb: &'static str| ["match", verb, member, employed].into_iter().chain(by);
    let linked = here.ok(both("link"));
    assert_eq!(
        (linked["person"].as_str(), linked["other"].as_str()),
        (Some(member), Some(employed))
    );
    assert!(here.json(both("link"), 2).is_null(), "they are one already");

    deliver_on(&here, TODAY).await;
    let united = files(&here);
    let rows = |files: &[String]| files[0].lines().count();
    assert_eq!(rows(&united), rows(&first) - 1);
    assert!(!united[0].contains(member) && united[0].contains(employed));
    let shown = here.ok(["show", "person", member]);
    assert_eq!(shown["id"], employed, "who is linked is told of there");
    assert_eq!(here.ok(["match", "list"])["linked"].as_array().unwrap().len(), 1);

    let split = ["match", "split", member].into_iter().chain(by);
    here.ok(split);
    deliver_on(&here, TODAY).await;
    assert_eq!(files(&here), first);
    let history = here.ok(["history", member]);
    assert_eq!(history["links"][0]["by"], "Signe Test");
    assert!(history["links"][0]["until"]["version"].is_number(), "{history}");
    here.ok(both("reject"));
    assert_eq!(here.ok(["match", "list"])["suggested"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_name_alone_suggests_nobody_and_two_national_numbers_are_never_one() {
    let here = workplace();
    let opus = here.generate(100, 0, None);
    here.ok(["run", "opus", &opus]);
    let numbers = employments(&here, &opus);
    let person = |number: &str| {
        let told = here.ok(["show", "employment", number]);
        told["person"]["id"].as_str().unwrap().to_owned()
    };
    let (a, b) = (person(&numbers[0]), person(&numbers[1]));
    let shown = here.ok(["show", "person", &a]);
    let slices = shown["slices"].as_array().unwrap();
    let name = slices.iter().find_map(|it| it["values"]["person.name"]["value"].as_str()).unwrap();
    members(&here, "20260301", &[&format!("M-1;{name};;;")]);
    assert_eq!(here.ok(["match", "list"])["suggested"].as_array().unwrap().len(), 0);
    let link = ["match", "link", &a, &b, "--by", "Signe Test", "--reason", "no"];
    let output = here.output(link);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("national numbers of their own"), "{said}");
}

#[tokio::test]
async fn sources_that_differ_are_listed_with_who_says_what_and_whether_anything_decides() {
    let here = workplace();
    let opus = here.generate(100, 0, None);
    here.ok(["run", "opus", &opus]);
    let number = employments(&here, &opus).remove(0);
    let text = format!("Nr;Tjenestenr;Mobil;E-mail\nS1;{number};11;other@example.org\nSLUT;;;\n");
    here.write("hr_20260301.csv", text);
    here.ok(["run", "hr", "hr_20260301.csv"]);
    let list = here.ok(["match", "list"]);
    let conflict = &list["conflicts"][0];
    assert_eq!((&conflict["field"], &conflict["decided"]), (&"person.email".into(), &false.into()));
    assert_eq!(conflict["said"][0]["source"], "hr");
    let decided = "[[authority]]\nfield = \"person.email\"\nsources = [\"opus\", \"hr\"]\n";
    here.configure(&format!("{}\n{decided}", here.read("fjordby.toml")));
    let list = here.ok(["match", "list"]);
    assert_eq!(list["conflicts"][0]["decided"], true);
    assert_eq!(list["conflicts"][0]["said"][0]["source"], "opus");
}

const LEARNING: &str = r#"
[[source]]
key = "kvalifikationer"
system = "plan2learn"
format = "delimited"
[source.delimited]
kind = "qualification"
key = ["BrugerId", "Kvalifikation"]
from = "Opnået"
until = "Gyldig til"
trailer = "SLUT"
[source.delimited.match_on]
column = "BrugerId"
by = "id"
[source.delimited.fields]
"qualification.name" = "Kvalifikation"

[[source]]
key = "aktiviteter"
system = "plan2learn"
format = "delimited"
[source.delimited]
kind = "activity"
key = ["CPR", "Aktivitet"]
trailer = "SLUT"
[source.delimited.fields]
"person.national_number" = "CPR"
"activity.name" = "Aktivitet"
"activity.status" = "Status"
"activity.completed" = "Gennemført"
"#;

#[tokio::test]
async fn a_leader_sees_their_own_people_and_what_expires_first() {
    let here = workplace();
    here.configure(&format!("{}\n{LEARNING}", here.read("fjordby.toml")));
    let opus = here.generate(300, 0, None);
    here.ok(["run", "opus", &opus]);
    let led = employments(&here, &opus).into_iter().find_map(|number| {
        let told = here.ok(["show", "employment", &number]);
        let manager = told["manager"]["person"]["id"].as_str()?.to_owned();
        Some((told["person"]["id"].as_str()?.to_owned(), manager))
    });
    let (person, manager) = led.unwrap();
    let file = format!(
        "BrugerId;Kvalifikation;Opnået;Gyldig til\n{person};Førstehjælp;2024-01-01;2031-12-31\n\
         {person};Truck;2020-01-01;2030-06-30\nnobody;Truck;;\nSLUT;;;\n"
    );
    here.write("k.csv", file);
    let report = here.ok(["run", "kvalifikationer", "k.csv", "--date", "2026-03-05"]);
    assert_eq!((&report["applied"], &report["quarantined"]), (&2.into(), &1.into()), "{report}");
    let cpr = here.read(&opus);
    let cpr =
        cpr.split("<cpr suppId=\"0\">").nth(3).and_then(|it| it.get(..10)).unwrap().to_owned();
    here.write(
        "a.csv",
        format!("CPR;Aktivitet;Status;Gennemført\n{cpr};Brand;gennemført;2026-02-01\nSLUT;;;\n"),
    );
    let report = here.ok(["run", "aktiviteter", "a.csv", "--date", "2026-03-05"]);
    assert_eq!(report["applied"], 1, "{report}");

    let shown = here.ok(["show", "person", &person]);
    assert_eq!(shown["qualifications"][0]["name"], "Truck", "{shown}");
    assert_eq!(shown["qualifications"][0]["valid_until"], "2030-06-30");
    let team = here.ok(["show", "manager", &manager]);
    let people = team["people"].as_array().unwrap();
    assert_eq!(people[0]["person"]["id"], person.as_str(), "whose expires first stands first");
    assert_eq!(people[0]["expires"]["name"], "Truck");
    assert!(!team["units"].as_array().unwrap().is_empty());
    assert!(people.iter().all(|it| it["person"]["id"] != manager.as_str()));
    // One that is no longer given back has ended; the other stays.
    here.write("k2.csv", format!(
        "BrugerId;Kvalifikation;Opnået;Gyldig til\n{person};Førstehjælp;2024-01-01;2031-12-31\nSLUT;;;\n"
    ));
    here.ok(["run", "kvalifikationer", "k2.csv", "--date", "2026-03-06"]);
    let shown = here.ok(["show", "person", &person]);
    assert_eq!(shown["qualifications"].as_array().unwrap().len(), 1, "{shown}");
}

const ABSENCES: &str = r#"
[[source]]
key = "absences"
system = "plan2learn"
format = "delimited"
[source.delimited]
kind = "absence"
key = "Id"
from = "Fra"
until = "Til"
trailer = "SLUT"
[source.delimited.match_on]
column = "Tjenestenr"
by = "employment"
source = "opus"
[source.delimited.fields]
"absence.kind" = "Art"
"absence.employment" = "Tjenestenr"
"#;

#[tokio::test]
async fn an_absence_belongs_to_the_person_of_its_employment_and_is_gone_with_its_row() {
    let here = workplace();
    here.configure(&format!("{}\n{ABSENCES}", here.read("fjordby.toml")));
    let opus = here.generate(100, 0, None);
    here.ok(["run", "opus", &opus]);
    let number = employments(&here, &opus).remove(0);
    let person = here.ok(["show", "employment", &number])["person"]["id"].clone();
    let person = person.as_str().unwrap();
    let told = |rows: &str| format!("Id;Tjenestenr;Art;Fra;Til\n{rows}SLUT;;;;\n");
    let rows = format!(
        "A1;{number};Sygdom;2026-02-02;2026-02-06\nA2;{number};Barsel;2026-03-02;\n\
         A3;none;Sygdom;2026-03-02;\n"
    );
    here.write("a.csv", told(&rows));
    let report = here.ok(["run", "absences", "a.csv", "--date", "2026-03-05"]);
    assert_eq!((&report["applied"], &report["quarantined"]), (&2.into(), &1.into()), "{report}");
    let absences = || here.ok(["show", "person", person])["absences"].clone();
    let all = absences();
    assert_eq!(
        (&all[0]["kind"], &all[0]["until"]),
        (&"Barsel".into(), &serde_json::Value::Null),
        "{all}"
    );
    assert_eq!((&all[1]["from"], &all[1]["until"]), (&"2026-02-02".into(), &"2026-02-07".into()));
    assert_eq!(all[1]["employment"], number.as_str());
    here.write("b.csv", told(&format!("A1;{number};Sygdom;2026-02-02;2026-02-06\n")));
    here.ok(["run", "absences", "b.csv", "--date", "2026-03-06"]);
    assert_eq!(absences().as_array().unwrap().len(), 1, "one that is no longer told of never was");
}
