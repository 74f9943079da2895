//! The pages of an employer with two nights in the ledger and a third one held.

use crate::web::testing::{App, EMPLOYEES, FJORDBY, SignedIn};
use kobling_domain::access::{Grant, Role};
use kobling_domain::people::Kind;
use kobling_formats::synthetic::Employer;
use kobling_hub::access::users::{self, NewUser};
use kobling_hub::access::{audit, session};
use kobling_hub::exchange::input;
use kobling_hub::exchange::progress::{Progress, Silent, Stage};
use kobling_hub::exchange::run::{self, Intent};
use kobling_hub::people::{self, When};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use tokio::runtime::Handle;

struct World {
    app: App,
    owner: SignedIn,
    held: String,
}

async fn world() -> World {
    let (app, held) = App::with_nights().await;
    let owner = app.signed_in(Role::EmployerOwner).await;
    World { app, owner, held }
}

impl World {
    async fn page(&self, path: &str) -> String {
        let answer = self.app.get(path, Some(&self.owner)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text().to_owned()
    }

    async fn post(&self, path: &str, form: &str) -> (u16, String) {
        let form = format!("form_token={}&{form}", self.owner.form_token);
        let headers = [("cookie", self.owner.cookie.as_str())];
        let answer = self.app.ask("POST", path, &headers, &form).await;
        (answer.status, answer.text().to_owned())
    }

    /// Somebody who leads the root unit, signed in, and the person they are.
    async fn leader(&self) -> SignedIn {
        let root =
            people::show(&self.app.hub, self.app.tenant, Kind::Unit, "20001", When::default());
        let root = root.await.unwrap();
        let people::About::Unit { manager, .. } = root.about else { panic!("it is a unit") };
        let person = manager.unwrap().person.id;
        let grants = vec![Grant { party: "fjordby".to_owned(), role: Role::Manager }];
        let key = "leader@fjordby.example".to_owned();
        let new =
            NewUser { key: key.clone(), name: "Leader".to_owned(), person: Some(person), grants };
        users::add(&self.app.hub, self.app.tenant, &new, "a test").await.unwrap();
        let token = session::open_for(&self.app.hub, self.app.tenant, &key).await.unwrap();
        SignedIn {
            cookie: format!("kobling={}", token.reveal()),
            form_token: token.form_token(),
            bearer: format!("Bearer {}", token.reveal()),
        }
    }
}

#[tokio::test]
async fn the_overview_says_in_every_language_what_waits_and_who_must_act() {
    let world = world().await;
    for (language, text) in [
        ("en", "1 plan is held by a brake. Look at it, then release or reject it."),
        ("da", "1 plan holdes af en bremse. Se på den, og frigiv eller afvis den."),
        ("nl", "1 plan wordt door een rem vastgehouden."),
    ] {
        let page = world.page(&format!("/?language={language}")).await;
        assert!(page.contains(text), "{page}");
        assert!(page.contains(&format!("<html lang=\"{language}\">")));
        assert!(page.contains("Fjordby Kommune") && page.contains("role=\"img\""));
    }
}

#[tokio::test]
async fn nobody_is_led_to_what_their_role_does_not_see_and_a_refusal_stands_inside_the_site() {
    let world = Box::pin(world()).await;
    let manager = world.app.signed_in(Role::Manager).await;
    let answer = world.app.get("/?language=en", Some(&manager)).await;
    let overview = answer.text();
    assert!(overview.contains("KMD Opus Personale"), "{overview}");
    for hidden in ["href=\"/runs\"", "href=\"/deliveries\"", "href=\"/settings\""] {
        assert!(!overview.contains(hidden), "{hidden}");
    }
    let refused = world.app.get("/runs?language=en", Some(&manager)).await;
    assert_eq!(refused.status, 403);
    let text = refused.text();
    assert!(text.contains("Your role does not allow this") && text.contains("href=\"/my-people\""));
    assert!(text.contains("action=\"/sign-out\""), "{text}");
}

#[tokio::test]
async fn runs_are_listed_with_what_became_of_them_and_saved_as_they_are_shown() {
    let world = world().await;
    let page = world.page("/runs?language=en&sort=1&order=down").await;
    assert!(page.contains("Shows 1–3 of 3 rows"), "{page}");
    let run = world.page("/runs/3?language=en").await;
    assert!(run.contains("Held") && run.contains(&world.held), "{run}");
    let answer = world.app.get("/runs?language=en&as=csv&find=held", Some(&world.owner)).await;
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"runs.csv\"");
    assert_eq!(answer.text().lines().count(), 2, "{}", answer.text());
}

#[tokio::test]
async fn a_held_plan_says_why_and_is_released_with_a_reason_only() {
    let world = world().await;
    let path = format!("/plans/{}", world.held);
    let page = world.page(&format!("{path}?language=en")).await;
    assert!(page.contains("A unit would lose all its people."), "{page}");
    assert!(page.contains("Release the plan"));
    let (status, again) = world.post(&format!("{path}/release?language=en"), "reason=").await;
    assert_eq!(status, 422);
    assert!(again.contains("href=\"#reason\"") && again.contains("Write a reason."), "{again}");
    let number = "reason=som+bestilt+af+710199-0017";
    let (status, again) = world.post(&format!("{path}/reject?language=en"), number).await;
    assert_eq!(status, 422);
    assert!(again.contains("what looks like a national number"), "{again}");
    let (status, _) = world.post(&format!("{path}/release"), "reason=the+school+has+closed").await;
    assert_eq!(status, 303);
    let decided = world.page(&format!("{path}?language=en")).await;
    assert!(decided.contains("the school has closed") && !decided.contains("Release the plan"));
}

#[tokio::test]
async fn what_each_target_would_be_sent_is_shown_to_who_decides_and_nothing_is_written() {
    let world = world().await;
    let path = format!("/plans/{}/preview?language=en", world.held);
    let plan = world.page(&format!("/plans/{}?language=en", world.held)).await;
    assert!(plan.contains(&format!("href=\"/plans/{}/preview\"", world.held)), "{plan}");
    let page = world.page(&path).await;
    assert!(page.contains("<h2>plan2learn</h2>") && page.contains("Added"), "{page}");
    let plan = world.page(&format!("/plans/{}?language=en", world.held)).await;
    assert!(plan.contains("Release the plan"), "it is still held");
    let reader = world.app.signed_in(Role::HrReader).await;
    assert_eq!(world.app.get(&path, Some(&reader)).await.status, 403);
    let decided = format!("/plans/{}", world.held);
    world.post(&format!("{decided}/reject"), "reason=the+school+is+there").await;
    let answer = world.app.get(&path, Some(&world.owner)).await;
    assert_eq!((answer.status, answer.header("location")), (303, decided.as_str()));
}

#[tokio::test]
async fn a_plan_is_searched_by_name_and_tells_what_would_read_otherwise() {
    let world = world().await;
    let everybody = world.page(&format!("/plans/{}?language=en", world.held)).await;
    assert!(everybody.contains("→"), "{everybody}");
    let nobody = world.page(&format!("/plans/{}?language=en&name=zzzz", world.held)).await;
    assert!(nobody.contains("Nothing is so. Search for less at once."));
}

#[tokio::test]
async fn a_person_is_found_by_name_and_shown_with_origin_and_without_the_whole_number() {
    let world = world().await;
    let found = people::search(&world.app.hub, world.app.tenant, ("", None), 1).await.unwrap();
    let first = found.employments.first().unwrap();
    let list = world.page("/people?language=en").await;
    assert!(list.contains(&first.name), "{list}");
    let page = world.page(&format!("/people/{}?language=en", first.person.unwrap())).await;
    assert!(page.contains("Stated by the source") || page.contains("Assumed"), "{page}");
    assert!(page.contains("record ") && page.contains("<svg class=\"picture\""));
    let today = jiff::civil::date(2026, 3, 10);
    assert!(kobling_pii::find(&page, today).is_empty(), "no number stands in full");
    let number = world.page("/people?language=en&name=710199-0017").await;
    assert!(number.contains("Type a name.") && !number.contains("710199"), "{number}");
    let path = format!("/people/{}?language=en&known=1999-01-01", first.person.unwrap());
    assert!(world.page(&path).await.contains("Nothing was known on that day."));
}

#[tokio::test]
async fn a_manager_sees_those_below_and_nobody_finds_what_is_out_of_reach() {
    let world = world().await;
    let leader = world.leader().await;
    let own = world.app.get("/my-people?language=en", Some(&leader)).await;
    assert_eq!(own.status, 200, "{}", own.text());
    let below = own.text().split("/people/").nth(1).unwrap().split('"').next().unwrap();
    let led = world.app.get(&format!("/people/{below}"), Some(&leader)).await;
    assert_eq!(led.status, 200);
    let nobody = world.app.signed_in(Role::Manager).await;
    assert_eq!(world.app.get(&format!("/people/{below}"), Some(&nobody)).await.status, 404);
    let empty = world.app.get("/my-people?language=en", Some(&nobody)).await;
    assert!(empty.text().contains("does not know which person you are"), "{}", empty.text());
}

#[tokio::test]
async fn whom_a_page_shows_stands_in_the_audit_before_it_leaves() {
    let world = world().await;
    let (hub, tenant) = (&world.app.hub, world.app.tenant);
    let found = people::search(hub, tenant, ("", None), 60).await.unwrap();
    let people: Vec<_> = found.employments.iter().filter_map(|it| it.person).collect();
    let times =
        async |nth: usize| audit::readings_of(hub, tenant, people[nth], 9).await.unwrap().len();
    world.page("/people").await;
    assert_eq!((times(0).await, times(55).await), (1, 0), "only whom the page shows");
    world.page("/people?as=csv").await;
    assert_eq!((times(0).await, times(55).await), (2, 1), "everybody in the file");
    world.page(&format!("/people/{}", people[55])).await;
    assert_eq!(times(55).await, 2);
    world.page(&format!("/plans/{}", world.held)).await;
    let read = audit::list(hub, tenant, None, 1).await.unwrap().remove(0);
    assert_eq!(read.detail["operation"], "read_plans", "{read}");
}

#[tokio::test]
async fn a_password_is_asked_for_and_a_refusal_says_what_to_do() {
    let app = App::new().await;
    let page = app.get("/sign-in?language=en", None).await;
    let page = page.text();
    assert!(page.contains("autocomplete=\"current-password\""), "{page}");
    assert!(!page.contains("name=\"tenant\"") && !page.contains("error-summary"), "{page}");
    let refused = app.get("/sign-in?language=en&refused", None).await;
    assert!(refused.text().contains("five wrong tries"), "{}", refused.text());
}

#[tokio::test]
async fn the_organisation_is_shown_as_a_tree_and_a_chart_on_any_day() {
    let world = world().await;
    let page = world.page("/units?language=en").await;
    assert!(page.contains("Chart of ") && page.contains("<ul class=\"tree\">"), "{page}");
    assert_eq!(page.matches("<details").count(), page.matches("</details>").count());
    assert_eq!(page.matches("<ul").count(), page.matches("</ul>").count());
    let wrong = world.page("/units?language=en&day=yesterday").await;
    assert!(wrong.contains("The day is not understood.") && wrong.contains("value=\"yesterday\""));
    let past = world.page("/units?language=en&day=1900-01-01").await;
    assert!(past.contains("0 people"), "{past}");
}

#[tokio::test]
async fn a_group_is_counted_while_it_is_written_and_says_what_lacks() {
    let world = world().await;
    let new = world.page("/groups/edit?language=en").await;
    let mark = new.split("name=\"mark\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let typed = format!("mark={mark}&key=all&name=Everybody&units-1=20001");
    let path = "/groups/edit?language=en";
    let (status, counted) = world.post(path, &format!("{typed}&act=count")).await;
    assert_eq!(status, 200, "{counted}");
    assert!(counted.contains("It holds ") && counted.contains("value=\"20001\""), "{counted}");
    let (status, lacks) = world.post(path, &format!("mark={mark}&key=all&name=A&act=save")).await;
    assert!(status == 422 && lacks.contains("href=\"#units-1\""), "{lacks}");
    assert_eq!(world.post(path, &format!("{typed}&act=save")).await.0, 303);
    let list = world.page("/groups?language=en").await;
    assert!(list.contains("Everybody") && list.contains("in or below 20001"), "{list}");
}

#[tokio::test]
async fn who_saves_a_group_second_sees_the_difference_and_loses_nothing() {
    let world = world().await;
    let path = "/groups/edit?language=en";
    let mark_of = |page: &str| {
        let rest = page.split("name=\"mark\" value=\"").nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let mark = mark_of(&world.page(path).await);
    let form = |mark: &str, name: &str, unit: &str| {
        format!("act=save&mark={mark}&key=school&name={name}&units-1={unit}")
    };
    assert_eq!(world.post(path, &form(&mark, "First", "20003")).await.0, 303);
    let (status, page) = world.post(path, &form(&mark, "Second", "20004")).await;
    assert_eq!(status, 422);
    for text in ["First", "Second", "in or below 20003", "in or below 20004", "What differs"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(world.post(path, &form(&mark_of(&page), "Second", "20004")).await.0, 303);
    let list = world.page("/groups?language=en").await;
    assert!(list.contains("Second") && !list.contains("First"), "{list}");
}

#[tokio::test]
async fn a_draft_is_released_on_its_page_by_each_party_and_by_nobody_else() {
    let world = world().await;
    let standard = FJORDBY
        .replace("template = \"self\"", "template = \"standard\"")
        .replace("  \"person.mobile\",\n", "");
    world.app.configure(&standard).await;
    let supplier = world.app.signed_in(Role::SupplierTechnician).await;
    let path = "/agreements/plan2learn";
    let list = world.page("/agreements?language=en").await;
    assert!(list.contains("Fjordby Kommune") && list.contains("In force"), "{list}");
    let page = world.page(&format!("{path}?language=en")).await;
    for text in ["Version 2 is a draft.", "Release version 2", "Who signs", "the employer alone"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let theirs = world.app.get(path, Some(&supplier)).await;
    assert!(!theirs.text().contains("<textarea class=\"form-input\" id=\"reason\""));
    let post = async |by: &SignedIn, step: &str, form: &str| {
        let form = format!("form_token={}&{form}", by.form_token);
        let cookie = ("cookie", by.cookie.as_str());
        let path = format!("{path}/steps/{step}?language=en");
        world.app.ask("POST", &path, &[cookie], &form).await
    };
    let release = "version=2&verdict=release&reason=looked+at+it";
    let early = post(&supplier, "released_by_target", release).await;
    assert!(early.status == 422 && early.text().contains("is not your party"), "{}", early.text());
    let silent = post(&world.owner, "released_by_source", "version=2&verdict=release").await;
    assert!(silent.status == 422 && silent.text().contains("href=\"#reason\""));
    assert_eq!(post(&world.owner, "released_by_source", release).await.status, 303);
    let stale = "version=1&verdict=release&reason=looked+at+it";
    let stale = post(&supplier, "released_by_target", stale).await;
    assert!(stale.text().contains("it stands otherwise by now"), "{}", stale.text());
    assert_eq!(post(&supplier, "released_by_target", release).await.status, 303);
    let page = world.page(&format!("{path}?language=en")).await;
    assert!(page.contains("In force since ") && page.contains("Close the agreement"), "{page}");
    let close = format!("{path}/close?language=en");
    let gone = world.post(&close, "version=2&until=2026-03-09&end_reason=it+ends").await;
    assert!(gone.0 == 422 && gone.1.contains("value=\"2026-03-09\""), "{}", gone.1);
    assert_eq!(world.post(&close, "version=2&end_reason=it+ends").await.0, 303);
    let list = world.page("/agreements?language=en").await;
    assert!(list.contains("Ended"), "{list}");
}

#[tokio::test]
async fn deliveries_the_audit_and_settings_are_shown_and_hold_no_number() {
    let world = world().await;
    let form = "reason=the+school+has+closed";
    world.post(&format!("/plans/{}/reject", world.held), form).await;
    let today = jiff::civil::date(2026, 3, 10);
    for (path, text) in [
        ("/deliveries", "plan2learn of Fjordby Kommune"),
        ("/deliveries/plan2learn", "Receipts"),
        ("/audit", "the school has closed"),
        ("/settings", "GDPR article 6(1)(e)"),
    ] {
        let page = world.page(&format!("{path}?language=en")).await;
        assert!(page.contains(text), "{path}: {page}");
        assert!(kobling_pii::find(&page, today).is_empty(), "{path}");
    }
    let earlier = world.page("/audit?before=2&find=no&language=en").await;
    assert!(!earlier.contains("the school has closed") && earlier.contains("The newest"));
    let outsider = world.app.signed_in(Role::SupplierTechnician).await;
    let own = world.app.get("/deliveries?language=en", Some(&outsider)).await;
    assert!(own.text().contains("plan2learn of Fjordby Kommune"), "it is their party's");
    let runs = world.app.get("/runs?language=en", Some(&outsider)).await;
    assert!(runs.text().contains("Nothing to show here yet."), "{}", runs.text());
}

#[tokio::test]
async fn who_decides_second_sees_what_was_decided_and_what_they_wrote() {
    let world = world().await;
    let path = format!("/plans/{}", world.held);
    let first = world.post(&format!("{path}/reject"), "reason=the+file+is+of+yesterday").await;
    assert_eq!(first.0, 303);
    let (status, page) =
        world.post(&format!("{path}/release?language=en"), "reason=it+is+fine").await;
    assert_eq!(status, 422);
    assert!(page.contains("somebody else has decided meanwhile"), "{page}");
    assert!(page.contains("You had written: it is fine"), "{page}");
    assert!(page.contains("the file is of yesterday"), "{page}");
}

#[tokio::test]
async fn a_refused_run_says_in_the_readers_language_what_to_do() {
    let world = world().await;
    let path = world.app.dir().join("inbox").join("ZLPE20260305120000_delta.xml");
    std::fs::write(&path, "<?xml version=\"1.0\"?><kmd>").unwrap();
    let input =
        input::of_source(&world.app.hub, world.app.tenant, "opus", &path, None).await.unwrap();
    let done = run::run(&world.app.hub, world.app.tenant, "opus", &input, Intent::Apply, &Silent);
    assert!(Box::pin(done).await.is_err());
    for (language, text) in [
        ("da", "Filen er tom eller slutter for tidligt."),
        ("nl", "Het bestand is leeg of eindigt te vroeg."),
        ("en", "Ask the sender for the whole file."),
    ] {
        let page = world.page(&format!("/runs/4?language={language}")).await;
        assert!(page.contains(text), "{page}");
    }
}

#[tokio::test]
async fn a_number_is_shown_in_full_for_a_purpose_for_a_minute_and_written_down() {
    let world = world().await;
    let (hub, tenant) = (&world.app.hub, world.app.tenant);
    let found = people::search(hub, tenant, ("", None), 1).await.unwrap();
    let person = found.employments[0].person.unwrap();
    let path = format!("/people/{person}/reveal?language=en");
    let (status, page) = world.post(&path, "purpose=").await;
    assert!(status == 422 && page.contains("href=\"#purpose\""), "{page}");
    let headers = [("cookie", world.owner.cookie.as_str())];
    let form = format!("form_token={}&purpose=tax+return", world.owner.form_token);
    let answer = world.app.ask("POST", &path, &headers, &form).await;
    assert_eq!(answer.status, 200);
    let number =
        people::reveal(hub, tenant, person, "a test", "to compare").await.unwrap().unwrap();
    let (day, rest) = number.digits().split_at(6);
    assert!(answer.text().contains(&format!("{day}-{rest}")), "{}", answer.text());
    assert_eq!(answer.header("refresh"), format!("60;url=/people/{person}"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let read = audit::readings_of(hub, tenant, person, 9).await.unwrap();
    let revealed: Vec<_> = read.iter().filter(|it| it.action == "number.reveal").collect();
    assert_eq!(revealed[1].detail["reason"], "tax return");
    assert_eq!(revealed[1].who, "employer_owner@fjordby.example");
    let auditor = world.app.signed_in(Role::DataProtectionOfficer).await;
    let headers = [("cookie", auditor.cookie.as_str())];
    let form = format!("form_token={}&purpose=tax+return", auditor.form_token);
    assert_eq!(world.app.ask("POST", &path, &headers, &form).await.status, 403);
}

#[tokio::test]
async fn who_asks_for_a_forms_address_is_led_to_the_page_it_stands_on() {
    let world = world().await;
    let person = "00000000-0000-0000-0000-000000000000";
    for (form, page) in [
        (format!("/people/{person}/reveal?language=nl"), format!("/people/{person}?language=nl")),
        (format!("/plans/{}/reject", world.held), format!("/plans/{}", world.held)),
        ("/runs/ask".to_owned(), "/runs".to_owned()),
        ("/sign-out".to_owned(), "/".to_owned()),
    ] {
        let answer = world.app.get(&form, Some(&world.owner)).await;
        assert_eq!((answer.status, answer.header("location")), (303, page.as_str()), "{form}");
    }
}

#[tokio::test]
async fn somebody_is_found_by_the_number_of_their_employment_too() {
    let world = world().await;
    let found = people::search(&world.app.hub, world.app.tenant, ("", None), 1).await.unwrap();
    let number = found.employments[0].number.to_string();
    let page = world.page(&format!("/people?language=en&name={number}")).await;
    assert!(page.contains(&found.employments[0].name), "{page}");
    assert!(page.contains("Shows the only row"), "{page}");
    let nobody = world.page("/people?language=en&name=zzzz").await;
    assert!(nobody.contains("Nothing fits “zzzz”."), "{nobody}");
}

#[tokio::test]
async fn no_two_cards_of_the_overview_read_alike() {
    let world = world().await;
    let page = world.page("/?language=en").await;
    for card in ["Source opus", "Target plan2learn"] {
        assert_eq!(
            page.matches(&format!("<span class=\"kind\">{card}</span>")).count(),
            1,
            "{page}"
        );
    }
}

#[tokio::test]
async fn a_person_is_told_who_got_what_about_them() {
    let world = world().await;
    let leader = world.leader().await;
    let own = world.app.get("/my-extract?language=en", Some(&leader)).await;
    assert_eq!(own.status, 200, "{}", own.text());
    assert!(own.text().contains("plan2learn of Fjordby Kommune"), "{}", own.text());
    let found = people::search(&world.app.hub, world.app.tenant, ("", None), 1).await.unwrap();
    let person = found.employments[0].person.unwrap();
    world.page(&format!("/people/{person}")).await;
    world.post(&format!("/people/{person}/reveal"), "purpose=tax+return").await;
    let page = world.page(&format!("/people/{person}/extract?language=en")).await;
    for text in ["employer_owner@fjordby.example", "tax return", "GDPR article 6(1)(e)", "Position"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(kobling_pii::find(&page, jiff::civil::date(2026, 3, 10)).is_empty());
    let path = format!("/people/{person}/extract");
    assert_eq!(world.app.get(&path, Some(&leader)).await.status, 403, "only their own");
    let nobody = world.app.signed_in(Role::Manager).await;
    let empty = world.app.get("/my-extract?language=en", Some(&nobody)).await;
    assert!(empty.text().contains("does not know which person you are"), "{}", empty.text());
}

#[tokio::test]
async fn a_person_is_shown_as_known_at_each_moment_something_was_learned() {
    let world = world().await;
    let found = people::search(&world.app.hub, world.app.tenant, ("", None), 500).await.unwrap();
    let mut several = None;
    for it in found.employments.iter().filter_map(|it| it.person) {
        let page = world.page(&format!("/people/{it}?language=en")).await;
        if page.contains("type=\"range\"") {
            several = Some((it, page));
            break;
        }
    }
    let (person, now) = several.unwrap();
    assert!(now.contains("This is what the hub knows now."), "{now}");
    let then = world.page(&format!("/people/{person}?language=en&step=1&known=")).await;
    assert!(then.contains("This is what the hub knew at 10 Mar 2026"), "{then}");
}

#[tokio::test]
async fn the_languages_of_an_answered_form_lead_to_a_page_with_what_was_typed() {
    let world = world().await;
    let found = people::search(&world.app.hub, world.app.tenant, ("", None), 1).await.unwrap();
    let person = found.employments[0].person.unwrap();
    let new = world.page("/groups/edit").await;
    let mark = new.split("name=\"mark\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let group = format!("mark={mark}&key=leaders&name=Leaders&units-1=20001&act=count");
    for (path, form) in [
        (format!("/plans/{}/reject", world.held), "reason="),
        (format!("/people/{person}/reveal"), "purpose=tax"),
        ("/groups/edit".to_owned(), &*group),
    ] {
        let (_, page) = world.post(&path, form).await;
        let links = page.split("<ul class=\"languages\">").nth(1).unwrap();
        let links: Vec<String> = links_of(links.split("</ul>").next().unwrap());
        assert_eq!(links.len(), 3);
        for it in links {
            let page = world.page(&it).await;
            assert!(!path.starts_with("/groups") || page.contains("value=\"leaders\""), "{page}");
        }
    }
    let none = world.app.get("/groups/edit?key=nope", Some(&world.owner)).await;
    assert_eq!(none.status, 404);
}

/// Where the links of a page lead.
fn links_of(page: &str) -> Vec<String> {
    let ends = page.split(" href=\"").skip(1).filter_map(|it| it.split('"').next());
    let pages = ends.filter(|it| it.starts_with('/') && !it.starts_with("/assets"));
    pages.map(|it| it.replace("&#38;", "&")).collect()
}

/// What kind of page an address is of: its ids and what is asked for are left out.
fn shape(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let id = |it: &str| it.len() > 30 || it.bytes().all(|it| it.is_ascii_digit());
    path.split('/').map(|it| if id(it) { "*" } else { it }).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn no_link_leads_anybody_to_what_they_may_not_see() {
    /// Pages of a kind that are gone through.
    const OF_A_KIND_MAX: u32 = 3;
    let world = world().await;
    let mut readers = vec![("leader".to_owned(), world.leader().await)];
    for role in Role::ALL.into_iter().filter(|it| *it != Role::EmployerOwner) {
        readers.push((role.to_string(), world.app.signed_in(role).await));
    }
    for (role, reader) in &readers {
        let (mut waiting, mut met) = (vec!["/".to_owned()], BTreeSet::new());
        let mut of_a_kind: BTreeMap<String, u32> = BTreeMap::new();
        while let Some(path) = waiting.pop() {
            let seen = of_a_kind.entry(shape(&path)).or_default();
            if *seen >= OF_A_KIND_MAX || !met.insert(path.clone()) {
                continue;
            }
            *seen += 1;
            let answer = world.app.get(&path, Some(reader)).await;
            assert!(answer.status < 400, "{role} {path}: {}", answer.status);
            if answer.header("content-type").starts_with("text/html") {
                waiting.extend(links_of(answer.text()));
            }
        }
    }
}

#[tokio::test]
async fn whoever_reads_danish_reads_danish_where_people_were_seen_and_days_are_typed() {
    let world = world().await;
    let found = people::search(&world.app.hub, world.app.tenant, ("", None), 1).await.unwrap();
    let person = found.employments[0].person.unwrap();
    world.page(&format!("/people/{person}/extract")).await;
    world.post(&format!("/people/{person}/reveal"), "purpose=tax").await;
    for path in ["/audit".to_owned(), format!("/people/{person}/extract")] {
        let page = world.page(&format!("{path}?language=da")).await;
        for name in ["read_extract", "reveal_number"] {
            assert!(!page.contains(name), "{path}: {name}");
        }
    }
    let wrong = world.page("/units?language=da&day=maj").await;
    assert!(wrong.contains("Skriv den som 05.03.2026."), "{wrong}");
    let typed = world.page("/units?language=da&day=05.03.2026").await;
    assert!(typed.contains("value=\"2026-03-05\""), "{typed}");
    let answer = world.app.get("/people?language=da&page=abc", Some(&world.owner)).await;
    let (told, technical) = answer.text().split_once("lang=\"en\"").unwrap();
    assert!(answer.status == 400 && !told.contains("invalid digit"), "{told}");
    assert!(technical.contains("invalid digit"), "{technical}");
}

#[tokio::test]
async fn whoever_has_two_employments_is_one_person_of_the_organisation() {
    let app = App::new().await;
    // So many that some are employed in two units.
    let extract = Employer::new(2_000, 1).unwrap();
    let extract = extract.extract(0);
    let path = app.dir().join(extract.file_name());
    extract.write(&mut File::create(&path).unwrap()).unwrap();
    Box::pin(app.read(&path)).await;
    let (hub, tenant) = (&app.hub, app.tenant);
    let found = people::search(hub, tenant, ("", None), 5_000).await.unwrap();
    let people: BTreeSet<_> = found.employments.iter().filter_map(|it| it.person).collect();
    let told = people::units(hub, tenant, None).await.unwrap();
    let roots = told.units.iter().filter(|it| it.depth == 0);
    let below: u64 = roots.map(|it| it.people_below).sum();
    let of_units: u64 = told.units.iter().map(|it| it.people).sum();
    assert_eq!(below, u64::try_from(people.len()).unwrap());
    assert!(of_units > below, "somebody is employed in two units");
}

/// Stops a run after its first so many records until it may go on.
struct Paused {
    is_there: Sender<u64>,
    go_on: Mutex<Receiver<()>>,
}

impl Progress for Paused {
    fn at(&self, _: Stage, done: u64, _: u64) {
        // Who no longer waits lets it go on.
        if self.is_there.send(done).is_ok() {
            let _gone = self.go_on.lock().unwrap().recv();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_tells_how_far_it_has_come_while_it_reads() {
    let world = world().await;
    world.post(&format!("/plans/{}/reject", world.held), "reason=the+school+is+there").await;
    let fourth = Employer::new(EMPLOYEES, 1).unwrap();
    let fourth = fourth.extract(3);
    let path = world.app.dir().join("inbox").join(fourth.file_name());
    fourth.write(&mut File::create(&path).unwrap()).unwrap();
    let (is_there, told) = channel();
    let (let_on, go_on) = channel();
    let paused = Paused { is_there, go_on: Mutex::new(go_on) };
    let (hub, tenant, handle) = (world.app.hub.clone(), world.app.tenant, Handle::current());
    let run = std::thread::spawn(move || {
        handle.block_on(async {
            let input = input::of_source(&hub, tenant, "opus", &path, None).await.unwrap();
            let done = run::run(&hub, tenant, "opus", &input, Intent::Apply, &paused);
            Box::pin(done).await.unwrap()
        })
    });
    assert_eq!(told.recv().unwrap(), 256);
    let page = world.page("/runs/4?language=en").await;
    assert!(page.contains("256 records have been read. The last run read 2"), "{page}");
    assert!(page.contains("data-live=\"2\"") && page.contains("http-equiv=\"refresh\""), "{page}");
    let still = world.page("/runs/4?language=en&still=yes").await;
    assert!(!still.contains("data-live") && !still.contains("http-equiv"), "{still}");
    assert!(still.contains("The page stays as it was") && !still.contains("asks again"), "{still}");
    assert!(!page.contains("Changed the ledger"), "nobody knows yet: {page}");
    drop((told, let_on));
    run.join().unwrap();
    let done = world.page("/runs/4?language=en").await;
    assert!(done.contains("Applied") && !done.contains("data-live"), "{done}");
}
