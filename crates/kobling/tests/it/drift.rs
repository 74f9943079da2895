//! What a target holds against what it should, and against what it was sent.

use crate::deliver::{TODAY, column, configuration, deliver_on, extract, jobs, read, workplace};
use crate::harness::Workplace;
use jiff::civil::Date;
use kobling_hub::exchange::deliver::DeliveryState;
use kobling_hub::exchange::drift::{Drift, FileDrift, How, drift};
use kobling_hub::exchange::progress::Silent;
use std::path::PathBuf;

async fn found(here: &Workplace, today: Date, lists: &[PathBuf]) -> Drift {
    let (hub, tenant) = here.hub(today).await;
    drift(&hub, tenant, "plan2learn", lists, &Silent).await.unwrap()
}

fn persons(drift: &Drift) -> &FileDrift {
    drift.files.iter().find(|it| it.name == "bruger.csv").unwrap()
}

/// Rewrites the persons that lie in the target's folder.
fn edit(here: &Workplace, change: impl FnOnce(String) -> String) {
    let text = here.read("plan2learn/bruger.csv");
    here.write("plan2learn/bruger.csv", change(text));
}

#[tokio::test]
async fn an_edited_row_is_told_by_field_with_its_number_masked_and_is_delivered_anew() {
    let here = workplace(&jobs());
    deliver_on(&here, TODAY).await;
    let before = here.read("plan2learn/bruger.csv");
    edit(&here, |it| it.replace("14@fjordby", "mia@elsewhere").replace("7505709997", "7505709999"));
    let all = found(&here, TODAY, &[]).await;
    let told = persons(&all);
    assert_eq!((told.agreed, told.edited, told.missing, told.extra), (2, 1, 0, 0));
    let fields: Vec<_> = told.rows[0].fields.iter().map(|it| (&*it.column, &*it.holds)).collect();
    assert_eq!(fields, [("CPR", "750570-••••"), ("E-mail", "mia@elsewhere.example")]);
    assert_eq!(told.rows[0].fields[1].should.as_deref(), Some("14@fjordby.example"));
    let shown = here.ok(["target", "drift", "plan2learn"]).to_string();
    assert!(!shown.contains("7505709999") && !shown.contains("7505709997"));
    assert_eq!(deliver_on(&here, TODAY).await.state, DeliveryState::Delivered);
    assert_eq!(here.read("plan2learn/bruger.csv"), before);
    assert!(persons(&found(&here, TODAY, &[]).await).rows.is_empty());
}

#[tokio::test]
async fn a_number_is_masked_wherever_somebody_typed_it() {
    let here = workplace(&jobs());
    deliver_on(&here, TODAY).await;
    edit(&here, |it| {
        it.replace("Mia Testesen", "Mia 010300-0017").replace("7505709997", "750570999")
    });
    let shown = here.ok(["target", "drift", "plan2learn"]).to_string();
    assert!(shown.contains("Mia 01••••-••••") && shown.contains("•••••••••"), "{shown}");
    assert!(!shown.contains("0017") && !shown.contains("750570999"), "{shown}");
}

#[tokio::test]
async fn a_missing_row_is_told_and_so_is_a_missing_file() {
    let here = workplace(&jobs());
    deliver_on(&here, TODAY).await;
    let rows = column(&here, "bruger.csv", 0);
    edit(&here, |it| it.split_inclusive("\r\n").filter(|it| !it.contains("Mia")).collect());
    let all = found(&here, TODAY, &[]).await;
    let told = persons(&all);
    assert_eq!((told.agreed, told.missing, told.rows[0].how), (2, 1, How::Missing));
    std::fs::remove_file(here.path("plan2learn/bruger.csv")).unwrap();
    let all = found(&here, TODAY, &[]).await;
    assert_eq!(persons(&all).missing, rows.len());
}

#[tokio::test]
async fn an_extra_row_is_told() {
    let here = workplace(&jobs());
    deliver_on(&here, TODAY).await;
    let own = "00000000-0000-4000-8000-000000000001";
    edit(&here, |it| it + &format!("\"{own}\";\"\";\"Fremmed\";\"\";\"\";\"\"\r\n"));
    let all = found(&here, TODAY, &[]).await;
    let told = persons(&all);
    assert_eq!((told.agreed, told.extra, told.rows[0].how), (3, 1, How::Extra));
    assert_eq!(told.rows[0].id.0.to_string(), own);
}

#[tokio::test]
async fn what_only_awaits_the_next_delivery_has_not_drifted() {
    let here = workplace(&jobs());
    deliver_on(&here, TODAY).await;
    let mut edited = jobs();
    edited[5].title = "Bibliotekar";
    read(&here, "ZLPE20260305224013_delta.xml", &edited);
    let all = found(&here, TODAY, &[]).await;
    let told = persons(&all);
    assert_eq!((told.agreed, told.awaited, told.rows.len()), (2, 1, 0));
}

#[tokio::test]
async fn a_list_takes_the_place_of_the_file_of_that_name() {
    let here = workplace(&jobs());
    deliver_on(&here, TODAY).await;
    std::fs::create_dir(here.path("export")).unwrap();
    let text = here.read("plan2learn/bruger.csv");
    here.write("export/bruger.csv", text.replace("Mia", "Maja"));
    let all = found(&here, TODAY, &[here.path("export/bruger.csv")]).await;
    assert_eq!(all.files.len(), 1);
    assert_eq!((persons(&all).edited, persons(&all).agreed), (1, 2));
    here.json(["target", "drift", "plan2learn", "--list", "fjordby.toml"], 2);
}

/// Gives the target policies.
fn policies(here: &Workplace, drift: &str) {
    here.configure(&with_policies(here, drift));
}

fn with_policies(here: &Workplace, drift: &str) -> String {
    let profile = "profile = \"viborg\"\n";
    configuration(here).replace(profile, &format!("{profile}drift = {{ {drift} }}\n"))
}

fn emails(here: &Workplace) -> Vec<String> {
    let header = here.read("plan2learn/bruger.csv");
    let nth = header.lines().next().unwrap().split(';').position(|it| it == "\"E-mail\"").unwrap();
    column(here, "bruger.csv", nth)
}

#[tokio::test]
async fn a_value_that_the_target_may_keep_is_sent_back_until_ours_changes() {
    let here = workplace(&jobs());
    policies(&here, "\"person.email\" = \"accept\"");
    deliver_on(&here, TODAY).await;
    edit(&here, |it| it.replace("14@fjordby", "mia@elsewhere"));
    let told = here.ok(["target", "drift", "plan2learn"]);
    assert_eq!(
        (&told["files"][0]["accepted"], &told["files"][0]["edited"]),
        (&1.into(), &0.into())
    );
    here.ok(["target", "drift", "plan2learn", "--settle"]);
    for expected in [DeliveryState::Delivered, DeliveryState::Unchanged] {
        assert_eq!(deliver_on(&here, TODAY).await.state, expected);
        assert!(emails(&here).contains(&"mia@elsewhere.example".to_owned()));
    }
    assert_eq!(persons(&found(&here, TODAY, &[]).await).agreed, 3);
    // It is changed there once more, which stays as well.
    edit(&here, |it| it.replace("mia@elsewhere", "mia@home"));
    here.ok(["target", "drift", "plan2learn", "--settle"]);
    deliver_on(&here, TODAY).await;
    assert!(emails(&here).contains(&"mia@home.example".to_owned()));
    let ours = extract(&jobs()).replace("14@fjordby", "fourteen@fjordby");
    here.write("ZLPE20260305224013_delta.xml", ours);
    here.ok(["run", "opus", "ZLPE20260305224013_delta.xml"]);
    deliver_on(&here, TODAY).await;
    assert!(emails(&here).contains(&"fourteen@fjordby.example".to_owned()));
}

#[tokio::test]
async fn what_another_system_kept_of_its_own_is_forgotten() {
    let here = workplace(&jobs());
    policies(&here, "\"person.email\" = \"accept\"");
    deliver_on(&here, TODAY).await;
    edit(&here, |it| it.replace("14@fjordby", "mia@elsewhere"));
    here.ok(["target", "drift", "plan2learn", "--settle"]);
    let another = with_policies(&here, "\"person.email\" = \"accept\"").replace(
        "key = \"plan2learn\"\nsystem = \"plan2learn\"",
        "key = \"plan2learn\"\nsystem = \"opus\"",
    );
    here.configure(&another);
    deliver_on(&here, TODAY).await;
    assert!(emails(&here).contains(&"14@fjordby.example".to_owned()));
}

#[tokio::test]
async fn a_value_is_not_accepted_where_ours_has_changed_as_well() {
    let here = workplace(&jobs());
    policies(&here, "\"person.email\" = \"accept\"");
    deliver_on(&here, TODAY).await;
    edit(&here, |it| it.replace("Mia Testesen", "Maja Testesen"));
    let ours = extract(&jobs()).replace("14@fjordby", "fourteen@fjordby");
    here.write("ZLPE20260305224013_delta.xml", ours);
    here.ok(["run", "opus", "ZLPE20260305224013_delta.xml"]);
    // What stands there is what we sent, and older than what we know.
    let told = here.ok(["target", "drift", "plan2learn", "--settle"]);
    assert_eq!(
        (&told["files"][0]["accepted"], &told["files"][0]["edited"]),
        (&0.into(), &1.into())
    );
    deliver_on(&here, TODAY).await;
    assert!(emails(&here).contains(&"fourteen@fjordby.example".to_owned()));
}

#[tokio::test]
async fn what_is_enforced_is_sent_anew_though_nothing_has_changed_here_and_what_is_told_is_not() {
    let here = workplace(&jobs());
    deliver_on(&here, TODAY).await;
    std::fs::create_dir(here.path("export")).unwrap();
    let export = here.read("plan2learn/bruger.csv").replace("Mia", "Maja");
    here.write("export/bruger.csv", export);
    let settle = ["target", "drift", "plan2learn", "--list", "export/bruger.csv", "--settle"];
    here.ok(settle);
    assert_eq!(deliver_on(&here, TODAY).await.state, DeliveryState::Unchanged);
    policies(&here, "\"person.name\" = \"enforce\"");
    let told = here.ok(settle);
    assert_eq!(told["files"][0]["rows"][0]["fields"][0]["policy"], "enforce");
    let delivered = deliver_on(&here, TODAY).await;
    assert_eq!(delivered.state, DeliveryState::Delivered);
    assert!(delivered.notes.iter().any(|it| it.contains("had drifted")), "{delivered:?}");
    assert_eq!(deliver_on(&here, TODAY).await.state, DeliveryState::Unchanged);
}

#[test]
fn only_what_people_look_after_themselves_can_be_accepted() {
    let here = workplace(&jobs());
    for (drift, said) in [
        ("\"person.name\" = \"accept\"", "person.email, person.mobile"),
        ("default = \"accept\"", "name the fields"),
        ("\"person.nickname\" = \"report\"", "person.nickname"),
    ] {
        here.write("next.toml", with_policies(&here, drift));
        let output = here.output(["config", "check", "next.toml"]);
        assert_eq!(output.status.code(), Some(2));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(said), "{told}");
    }
}
