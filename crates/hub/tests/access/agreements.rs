//! The life of an agreement of two parties, from its draft to its end.

use super::{FJORDBY, configuration, hub};
use jiff::Timestamp;
use jiff::civil::date;
use kobling_domain::agreement::{AgreementText, Step, Verdict};
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::access::{self, Write};
use kobling_hub::agreement::{self, AgreementError, Closing, Said, Standing, State};
use kobling_hub::clock::Clock;
use kobling_hub::doctor::Level;
use kobling_hub::exchange::decision::Decision;
use kobling_hub::overview::{self, Thing, Why};
use kobling_store::notice;
use kobling_testkit::database::Database;

const KEY: &str = "plan2learn";
const SOURCE: Step = Step::ReleasedBySource;
const TARGET: Step = Step::ReleasedByTarget;

/// The made-up employer, whose agreement is of two parties.
fn standard() -> String {
    FJORDBY.replace("template = \"self\"", "template = \"standard\"")
}

fn without_mobile() -> String {
    standard().replace("  \"person.mobile\",\n", "")
}

async fn apply(hub: &Hub, text: &str) -> TenantId {
    access::apply(hub, &configuration(text), Write::Yes).await.unwrap();
    access::tenant(hub, None).await.unwrap()
}

fn decision() -> Decision<'static> {
    Decision::new("Signe", "looked at it", date(2026, 3, 5)).unwrap()
}

async fn say(
    hub: &Hub,
    tenant: TenantId,
    (version, step, party): (u32, Step, &str),
    verdict: Verdict,
) -> Result<State, AgreementError> {
    let said = Said { version, step, party, verdict };
    agreement::say(hub, tenant, KEY, &said, &decision()).await.map(|it| it.state)
}

/// Both parties release that version.
async fn release(hub: &Hub, tenant: TenantId, version: u32) {
    for (step, party) in [(SOURCE, "fjordby"), (TARGET, "learning")] {
        say(hub, tenant, (version, step, party), Verdict::Done).await.unwrap();
    }
}

async fn in_force(hub: &Hub, tenant: TenantId, known_at: Option<Timestamp>) -> Vec<AgreementText> {
    access::configured(hub, tenant, known_at).await.unwrap().agreements
}

async fn states(hub: &Hub, tenant: TenantId) -> Vec<(u32, State)> {
    let all = agreement::versions(hub, tenant, KEY, None).await.unwrap();
    all.into_iter().map(|it| (it.number, it.state)).collect()
}

fn later(hub: &Hub, minutes: i64) -> Hub {
    let at = hub.clock.now() + jiff::SignedDuration::from_mins(minutes);
    Hub { clock: Clock::Fixed(at), ..hub.clone() }
}

/// The cards of agreements: their level, why, who acts, and whom they concern.
async fn cards(hub: &Hub, tenant: TenantId) -> Vec<(Level, Vec<Why>, Option<String>, Vec<String>)> {
    let all = overview::overview(hub, tenant).await.unwrap().cards;
    let all = all.into_iter().filter(|it| it.thing == Thing::Agreement);
    all.map(|it| (it.level, it.reasons, it.acts, it.parties)).collect()
}

#[tokio::test]
async fn a_draft_stands_on_the_overview_with_whose_turn_it_is() {
    let names = ["Fjordby Kommune", "Learning Supplier (synthetic)"].map(str::to_owned);
    let [employer, learning] = &names;
    for database in Database::each().await {
        let hub = hub(&database);
        let tenant = apply(&hub, &standard()).await;
        let expect = async |why: Why, acts: &String| {
            let all = cards(&hub, tenant).await;
            let [(level, reasons, who, parties)] = all.as_slice() else { panic!("{all:?}") };
            assert_eq!(
                (*level, reasons.first(), who.as_ref()),
                (Level::Warning, Some(&why), Some(acts))
            );
            let concerned = |key: &str| parties.iter().any(|it| it == key);
            assert!(concerned("fjordby") && concerned("learning"), "{parties:?}");
        };
        expect(Why::DraftWaits { party: employer.clone() }, employer).await;
        say(&hub, tenant, (1, SOURCE, "fjordby"), Verdict::Done).await.unwrap();
        expect(Why::DraftWaits { party: learning.clone() }, learning).await;
        say(&hub, tenant, (1, TARGET, "learning"), Verdict::Rejected).await.unwrap();
        expect(Why::DraftRejected { party: learning.clone() }, employer).await;
        say(&hub, tenant, (1, TARGET, "learning"), Verdict::Done).await.unwrap();
        let (level, reasons, acts, _) = cards(&hub, tenant).await.remove(0);
        assert_eq!((level, reasons, acts), (Level::Ok, vec![Why::InOrder], None));
        apply(&hub, &without_mobile()).await;
        expect(Why::DraftWaits { party: employer.clone() }, employer).await;
    }
}

#[tokio::test]
async fn whose_turn_it_is_gets_a_letter_for_each_step_of_a_draft_and_the_employer_for_a_rejection()
{
    let party = |name: &str| format!("key = \"{name}\"\n");
    let mail = |name: &str| format!("{}mail = [\"{name}@kobling.example\"]\n", party(name));
    let mailed = |text: &str| {
        let [employer, learning] = ["fjordby", "learning"];
        let at = |text: String, name| {
            text.replacen(
                &format!("[[party]]\n{}", party(name)),
                &format!("[[party]]\n{}", mail(name)),
                1,
            )
        };
        at(at(text.to_owned(), employer), learning)
    };
    for database in Database::each().await {
        let hub = hub(&database);
        let tenant = apply(&hub, &mailed(&standard())).await;
        let told = async || {
            let mut tx = hub.db.read().await.unwrap();
            let all = notice::unsent(&mut tx, tenant).await.unwrap();
            let told = |it: notice::Notice| {
                let of = |name: &str| it.detail[name].to_string();
                (
                    it.recipients[0].to_string(),
                    [of("about"), of("version"), of("step"), of("differing")],
                )
            };
            all.into_iter().map(told).collect::<Vec<_>>()
        };
        let expect = async |to: &str, what: [&str; 4]| {
            let last = (format!("\"{to}@kobling.example\""), what.map(str::to_owned));
            let all = told().await;
            assert!(all.contains(&last), "{last:?}: {all:?}");
            all.len()
        };
        assert_eq!(expect("fjordby", ["\"draft_waits\"", "1", "1", "null"]).await, 1);
        apply(&hub, &mailed(&standard())).await;
        assert_eq!(told().await.len(), 1, "nothing has changed");
        say(&hub, tenant, (1, SOURCE, "fjordby"), Verdict::Done).await.unwrap();
        assert_eq!(expect("learning", ["\"draft_waits\"", "1", "2", "null"]).await, 2);
        say(&hub, tenant, (1, TARGET, "learning"), Verdict::Rejected).await.unwrap();
        assert_eq!(expect("fjordby", ["\"draft_rejected\"", "1", "2", "null"]).await, 3);
        say(&hub, tenant, (1, TARGET, "learning"), Verdict::Done).await.unwrap();
        assert_eq!(told().await.len(), 3, "it is in force and waits for nobody");
        apply(&hub, &mailed(&without_mobile())).await;
        assert_eq!(expect("fjordby", ["\"draft_waits\"", "2", "1", "1"]).await, 4);
    }
}

#[tokio::test]
async fn a_configuration_only_drafts_and_the_last_release_brings_into_force() {
    for database in Database::each().await {
        let hub = hub(&database);
        let tenant = apply(&hub, &standard()).await;
        assert_eq!(in_force(&hub, tenant, None).await, []);
        let listed = agreement::show(&hub, tenant, KEY).await.unwrap().1;
        let draft = listed.draft.unwrap();
        assert_eq!(
            (listed.standing, draft.awaits.unwrap().owner.as_str()),
            (Standing::Drafted, "fjordby")
        );
        let (first, second) = (later(&hub, 1), later(&hub, 2));
        let state = say(&first, tenant, (1, SOURCE, "fjordby"), Verdict::Done).await.unwrap();
        assert_eq!((state, in_force(&hub, tenant, None).await.len()), (State::Draft, 0));
        let state = say(&second, tenant, (1, TARGET, "learning"), Verdict::Done).await.unwrap();
        assert_eq!((state, in_force(&hub, tenant, None).await.len()), (State::InForce, 1));
        let before = Some(first.clock.now());
        assert_eq!(in_force(&hub, tenant, before).await, [], "it was not in force then");
        let known = agreement::stands(&hub, tenant, KEY, before).await.unwrap();
        assert_eq!((known.state, known.steps[1].act.is_none()), (State::Draft, true));
        let again = access::apply(&hub, &configuration(&standard()), Write::Yes).await.unwrap();
        assert_eq!((again.differing.len(), again.version), (0, None));
    }
}

#[tokio::test]
async fn a_change_is_a_new_version_and_the_old_one_stays_in_force_until_both_release() {
    for database in Database::each().await {
        let hub = hub(&database);
        let tenant = apply(&hub, &standard()).await;
        release(&hub, tenant, 1).await;
        let drafted = access::apply(&hub, &configuration(&without_mobile()), Write::Yes).await;
        let said = drafted.unwrap().to_string();
        assert!(said.starts_with("? agreement plan2learn (drafted: "), "{said}");
        let has_mobile = async |at| {
            let all = in_force(&hub, tenant, at).await;
            all[0].fields.contains(&"person.mobile".to_owned())
        };
        assert!(has_mobile(None).await);
        assert_eq!(states(&hub, tenant).await, [(1, State::InForce), (2, State::Draft)]);
        let exported = access::export(&hub, tenant).await.unwrap();
        let same = access::apply(&hub, &configuration(&exported), Write::No).await.unwrap();
        assert_eq!(same.differing, [], "what is exported is what was written last");
        release(&later(&hub, 5), tenant, 2).await;
        assert!(!has_mobile(None).await && has_mobile(Some(hub.clock.now())).await);
        let all = agreement::versions(&hub, tenant, KEY, None).await.unwrap();
        assert_eq!([all[0].state, all[1].state], [State::Replaced, State::InForce]);
        assert_eq!(all[0].in_force_until, all[1].in_force_since);
        let entries: Vec<&str> = all[1].differences.iter().map(|it| it.entry.as_str()).collect();
        assert_eq!((entries, all[1].acts.len()), (vec!["fields"], 2));
        let known = agreement::versions(&hub, tenant, KEY, Some(hub.clock.now())).await.unwrap();
        assert_eq!(known[0].state, State::InForce, "it was in force then");
    }
}

#[tokio::test]
async fn who_looked_at_another_version_releases_nothing() {
    let database = Database::sqlite().await;
    let hub = hub(&database);
    let tenant = apply(&hub, &standard()).await;
    apply(&hub, &without_mobile()).await;
    let stale = say(&hub, tenant, (1, SOURCE, "fjordby"), Verdict::Done).await.unwrap_err();
    assert_eq!(
        stale.to_string(),
        "agreement plan2learn stands at version 2, not 1; look at it again"
    );
    let wrong = say(&hub, tenant, (2, SOURCE, "learning"), Verdict::Done).await.unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "agreement plan2learn: step released_by_source is for fjordby to do, not for learning"
    );
    assert_eq!(states(&hub, tenant).await, [(1, State::Withdrawn), (2, State::Draft)]);
}

#[tokio::test]
async fn a_rejected_version_is_not_in_force_and_what_was_in_force_stays() {
    let database = Database::sqlite().await;
    let hub = hub(&database);
    let tenant = apply(&hub, &standard()).await;
    release(&hub, tenant, 1).await;
    apply(&hub, &without_mobile()).await;
    say(&hub, tenant, (2, SOURCE, "fjordby"), Verdict::Done).await.unwrap();
    let state = say(&hub, tenant, (2, TARGET, "learning"), Verdict::Rejected).await.unwrap();
    assert_eq!(state, State::Rejected);
    assert_eq!(states(&hub, tenant).await, [(1, State::InForce), (2, State::Rejected)]);
    let state = say(&hub, tenant, (2, TARGET, "learning"), Verdict::Done).await.unwrap();
    assert_eq!(state, State::InForce, "who rejected it may come to another mind");
}

#[tokio::test]
async fn a_configuration_takes_drafts_back_and_cannot_end_what_is_in_force() {
    for database in Database::each().await {
        let hub = hub(&database);
        let tenant = apply(&hub, &standard()).await;
        release(&hub, tenant, 1).await;
        apply(&hub, &without_mobile()).await;
        let back = access::apply(&hub, &configuration(&standard()), Write::Yes).await.unwrap();
        assert!(back.to_string().starts_with("- agreement plan2learn (draft withdrawn)"), "{back}");
        assert_eq!(states(&hub, tenant).await, [(1, State::InForce), (2, State::Withdrawn)]);
        let mut without = configuration(&standard());
        without.agreements.clear();
        let refused = access::apply(&hub, &without, Write::Yes).await.unwrap_err().to_string();
        assert!(refused.contains("cannot be taken out; close it"), "{refused}");
        let alone = FJORDBY.replace("2026-01-01", "2026-02-01");
        let drafted = access::apply(&hub, &configuration(&alone), Write::Yes).await.unwrap();
        assert!(drafted.to_string().contains("drafted"), "nobody leaves it alone: {drafted}");
        assert_eq!(in_force(&hub, tenant, None).await[0].from, date(2026, 1, 1));
    }
}

#[tokio::test]
async fn what_others_agreed_on_is_not_taken_away_below_it() {
    let database = Database::sqlite().await;
    let hub = hub(&database);
    let tenant = apply(&hub, &standard()).await;
    release(&hub, tenant, 1).await;
    let moved = standard()
        .replace("[[target]]\nkey = \"plan2learn\"", "[[target]]\nkey = \"elsewhere\"")
        .replace("target = \"plan2learn\"", "target = \"elsewhere\"");
    let refused = access::apply(&hub, &configuration(&moved), Write::Yes).await.unwrap_err();
    assert!(refused.is_bad_input());
    assert_eq!(in_force(&hub, tenant, None).await[0].target, "plan2learn");
}

#[tokio::test]
async fn closing_is_a_version_of_its_own_and_takes_a_draft_back() {
    for database in Database::each().await {
        let hub = hub(&database);
        let tenant = apply(&hub, &standard()).await;
        release(&hub, tenant, 1).await;
        apply(&hub, &without_mobile()).await;
        let close = async |version, until| {
            let closing = Closing { version, until };
            agreement::close(&hub, tenant, KEY, closing, &decision()).await
        };
        let past = close(None, Some(date(2026, 3, 4))).await.unwrap_err().to_string();
        assert!(past.contains("say 2026-03-05 or later"), "{past}");
        let other = close(Some(2), None).await.unwrap_err().to_string();
        assert!(other.contains("stands at version 1, not 2"), "{other}");
        assert_eq!(close(Some(1), Some(date(2026, 4, 1))).await.unwrap(), date(2026, 4, 1));
        assert_eq!(in_force(&hub, tenant, None).await[0].until, Some(date(2026, 4, 1)));
        let expected = [(1, State::Replaced), (2, State::Withdrawn), (3, State::InForce)];
        assert_eq!(states(&hub, tenant).await, expected);
        let last = agreement::versions(&hub, tenant, KEY, None).await.unwrap().pop().unwrap();
        assert_eq!(last.reason.as_deref(), Some("looked at it"));
        let again = close(None, Some(date(2026, 5, 1))).await.unwrap_err().to_string();
        assert!(again.contains("ends on 2026-04-01 already"), "{again}");
        assert_eq!(close(None, None).await.unwrap(), date(2026, 3, 5));
        assert_eq!(agreement::show(&hub, tenant, KEY).await.unwrap().1.standing, Standing::Ended);
    }
}

#[tokio::test]
async fn an_agreement_that_has_not_lasted_a_day_is_taken_out_when_it_is_closed() {
    let database = Database::sqlite().await;
    let hub = hub(&database);
    let tenant = apply(&hub, &FJORDBY.replace("2026-01-01", "2026-03-05")).await;
    let closing = Closing { version: None, until: None };
    agreement::close(&hub, tenant, KEY, closing, &decision()).await.unwrap();
    assert_eq!(in_force(&hub, tenant, None).await, []);
    assert_eq!(states(&hub, tenant).await, [(1, State::Replaced)]);
}

/// Another folder, and another day's limit.
fn moved() -> String {
    let daily = "folder = \"elsewhere\"\ninactivated = { count = 7, per_mille = 0 }";
    standard().replace("folder = \"plan2learn\"", daily)
}

/// Where the target lies, and how many it may inactivate.
async fn target(hub: &Hub, tenant: TenantId) -> (Option<String>, u64) {
    let it = access::configured(hub, tenant, None).await.unwrap().targets.remove(0);
    (it.folder, it.inactivated.count)
}

#[tokio::test]
async fn where_data_of_two_parties_go_is_moved_only_by_both_and_the_daily_matter_by_a_configuration()
 {
    let here = || Some("plan2learn".to_owned());
    for database in Database::each().await {
        let hub = hub(&database);
        let tenant = apply(&hub, &standard()).await;
        release(&hub, tenant, 1).await;
        let dry = access::apply(&hub, &configuration(&moved()), Write::No).await.unwrap();
        let said = dry.to_string();
        assert!(said.contains("target.folder: \"plan2learn\" → \"elsewhere\""), "{said}");
        assert!(said.contains("? agreement plan2learn (drafted"), "{said}");
        apply(&hub, &moved()).await;
        assert_eq!(target(&hub, tenant).await, (here(), 7), "only the daily matter is taken");
        assert_eq!(states(&hub, tenant).await, [(1, State::InForce), (2, State::Draft)]);
        let again = access::apply(&hub, &configuration(&moved()), Write::Yes).await.unwrap();
        assert_eq!(again.differing, [], "it is drafted already");
        let exported = access::export(&hub, tenant).await.unwrap();
        let same = access::apply(&hub, &configuration(&exported), Write::No).await.unwrap();
        assert_eq!(same.differing, [], "what is exported is what was written last");
        say(&hub, tenant, (2, SOURCE, "fjordby"), Verdict::Done).await.unwrap();
        assert_eq!(target(&hub, tenant).await.0, here());
        say(&hub, tenant, (2, TARGET, "learning"), Verdict::Done).await.unwrap();
        assert_eq!(target(&hub, tenant).await, (Some("elsewhere".to_owned()), 7));
        let all = agreement::versions(&hub, tenant, KEY, None).await.unwrap();
        assert_eq!([all[0].state, all[1].state], [State::Replaced, State::InForce]);
        let entries: Vec<&str> = all[1].differences.iter().map(|it| it.entry.as_str()).collect();
        assert_eq!(entries, ["target.folder"]);
        let folder = |n: usize| all[n].goes_to["target.folder"].clone();
        assert_eq!([folder(0), folder(1)], ["plan2learn", "elsewhere"]);
        let back = access::apply(&hub, &configuration(&standard()), Write::Yes).await.unwrap();
        assert!(back.to_string().contains("? agreement"), "nor is it moved back alone: {back}");
    }
}

#[tokio::test]
async fn what_a_party_has_released_is_not_moved_elsewhere_before_the_other_does() {
    let database = Database::sqlite().await;
    let hub = hub(&database);
    let tenant = apply(&hub, &standard()).await;
    say(&hub, tenant, (1, SOURCE, "fjordby"), Verdict::Done).await.unwrap();
    apply(&hub, &moved()).await;
    assert_eq!(states(&hub, tenant).await, [(1, State::Withdrawn), (2, State::Draft)]);
    let early = say(&hub, tenant, (2, TARGET, "learning"), Verdict::Done).await.unwrap_err();
    assert!(early.to_string().contains("comes after released_by_source"), "{early}");
    release(&hub, tenant, 2).await;
    let other = moved().replace("elsewhere", "third");
    apply(&hub, &other).await;
    say(&hub, tenant, (3, SOURCE, "fjordby"), Verdict::Done).await.unwrap();
    apply(&hub, &other.replace("third", "fourth")).await;
    let states = states(&hub, tenant).await;
    assert_eq!(states[2..], [(3, State::Withdrawn), (4, State::Draft)]);
}

#[tokio::test]
async fn a_draft_that_moves_a_target_is_taken_back_and_an_ended_agreement_binds_none() {
    let database = Database::sqlite().await;
    let hub = hub(&database);
    let tenant = apply(&hub, &standard()).await;
    release(&hub, tenant, 1).await;
    apply(&hub, &moved()).await;
    let back = access::apply(&hub, &configuration(&standard()), Write::Yes).await.unwrap();
    assert!(back.to_string().contains("- agreement plan2learn (draft withdrawn)"), "{back}");
    let closing = Closing { version: None, until: None };
    agreement::close(&hub, tenant, KEY, closing, &decision()).await.unwrap();
    let ended =
        moved().replace("from = \"2026-01-01\"", "from = \"2026-01-01\"\nuntil = \"2026-03-05\"");
    apply(&hub, &ended).await;
    assert_eq!(target(&hub, tenant).await.0.as_deref(), Some("elsewhere"));
    assert_eq!(agreement::show(&hub, tenant, KEY).await.unwrap().1.draft, None);
}

#[tokio::test]
async fn the_party_and_the_id_of_a_system_that_two_parties_agreed_on_stay() {
    let database = Database::sqlite().await;
    let hub = hub(&database);
    let tenant = apply(&hub, &standard()).await;
    release(&hub, tenant, 1).await;
    let handed = standard().replace("party = \"learning\"", "party = \"payroll\"");
    let refused = access::apply(&hub, &configuration(&handed), Write::Yes).await.unwrap_err();
    let said = refused.to_string();
    assert!(refused.is_bad_input() && said.contains("configure another system"), "{said}");
    let owned = standard()
        .replace("folder = \"plan2learn\"", "folder = \"plan2learn\"\nowner = \"payroll\"");
    let drafted = access::apply(&hub, &configuration(&owned), Write::Yes).await.unwrap();
    assert!(drafted.to_string().contains("target.owner: null → \"payroll\""), "{drafted}");
    let wrong = say(&hub, tenant, (2, SOURCE, "payroll"), Verdict::Done).await.unwrap_err();
    assert!(wrong.to_string().contains("for fjordby to do"), "{wrong}");
    say(&hub, tenant, (2, SOURCE, "fjordby"), Verdict::Done).await.unwrap();
    let before = say(&hub, tenant, (2, TARGET, "learning"), Verdict::Done).await.unwrap_err();
    assert!(before.to_string().contains("for payroll to do"), "{before}");
    let draft = agreement::show(&hub, tenant, KEY).await.unwrap().1.draft.unwrap();
    assert_eq!(draft.awaits.unwrap().owner, "payroll", "who is to receive takes them");
    let state = say(&hub, tenant, (2, TARGET, "payroll"), Verdict::Done).await.unwrap();
    assert_eq!(state, State::InForce);
    let steps = agreement::stands(&hub, tenant, KEY, None).await.unwrap().steps;
    assert_eq!(steps[1].owner, "payroll");
}

#[tokio::test]
async fn both_parties_are_reminded_once_60_30_and_7_days_before_an_agreement_ends() {
    let mailed = |text: String, key: &str| {
        let party = format!("[[party]]\nkey = \"{key}\"\n");
        text.replacen(&party, &format!("{party}mail = [\"{key}@kobling.example\"]\n"), 1)
    };
    let ends = "from = \"2026-01-01\"\nuntil = \"2026-07-01\"";
    let text = FJORDBY.replace("from = \"2026-01-01\"", ends);
    let text = mailed(mailed(text, "fjordby"), "learning");
    for database in Database::each().await {
        let hub = hub(&database);
        let tenant = apply(&hub, &text).await;
        // At the first minute of the employer's day, which is the evening before elsewhere.
        let told_on = async |day: &str| {
            let at = format!("{day}T00:01[Europe/Copenhagen]").parse::<jiff::Zoned>().unwrap();
            let hub = Hub { clock: Clock::Fixed(at.timestamp()), ..hub.clone() };
            for _ in 0..2 {
                agreement::remind(&hub).await.unwrap();
            }
            let mut tx = hub.db.write().await.unwrap();
            let mut told = Vec::new();
            for it in notice::unsent(&mut tx, tenant).await.unwrap() {
                notice::sent(&mut tx, tenant, &it.key, at.timestamp()).await.unwrap();
                told.push((it.detail["party"].to_string(), it.detail["days"].as_i64().unwrap()));
            }
            tx.commit().await.unwrap();
            told
        };
        let both = |days| vec![("\"fjordby\"".to_owned(), days), ("\"learning\"".to_owned(), days)];
        assert_eq!(told_on("2026-05-01").await, []);
        assert_eq!(told_on("2026-05-02").await, both(60));
        assert_eq!(told_on("2026-05-03").await, []);
        assert_eq!(told_on("2026-05-31").await, []);
        assert_eq!(told_on("2026-06-04").await, both(30), "nothing ran for some days");
        assert_eq!(told_on("2026-06-23").await, []);
        assert_eq!(told_on("2026-06-24").await, both(7));
        assert_eq!(told_on("2026-06-30").await, []);
        assert_eq!(told_on("2026-07-01").await, [], "it is over");
    }
}

#[tokio::test]
async fn what_is_between_two_parties_becomes_the_employers_alone_once_both_have_released_it() {
    let database = Database::sqlite().await;
    let hub = hub(&database);
    let tenant = apply(&hub, &standard()).await;
    release(&hub, tenant, 1).await;
    apply(&hub, FJORDBY).await;
    let early = say(&hub, tenant, (2, TARGET, "learning"), Verdict::Done).await.unwrap_err();
    assert!(early.to_string().contains("comes after released_by_source"), "{early}");
    release(&hub, tenant, 2).await;
    let text = in_force(&hub, tenant, None).await.remove(0);
    assert_eq!(text.template, kobling_domain::agreement::Template::OneParty);
    assert_eq!(agreement::stands(&hub, tenant, KEY, None).await.unwrap().steps, []);
}
