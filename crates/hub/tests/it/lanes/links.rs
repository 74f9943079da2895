//! Persons whom somebody says to be one, or two: it is told of them and of nobody else.

use super::{FIRST, Office, SECOND, TARGET, TWIN, employer, people, titled};
use crate::world::with;
use jiff::SignedDuration;
use jiff::civil::date;
use kobling_domain::id::{SubjectId, SubjectNo};
use kobling_domain::people::{Kind, NativeKey};
use kobling_formats::opus::Record;
use kobling_hub::Hub;
use kobling_hub::clock::Clock;
use kobling_hub::exchange::decision::Decision;
use kobling_hub::exchange::input;
use kobling_hub::exchange::progress::Silent;
use kobling_hub::exchange::run::{self, Intent};
use kobling_hub::people::matches;
use kobling_store::exchange::{lane, source, target};
use kobling_store::people::subject::{self, Issuer, SubjectKey};
use kobling_testkit::receiver::Fault;
use std::sync::LazyLock;

static DECISION: LazyLock<Decision<'_>> =
    LazyLock::new(|| Decision::new("Signe Test", "it is she", date(2026, 3, 5)).unwrap());

const MEMBERS: &str = r#"
[[source]]
key = "members"
system = "opus"
format = "delimited"
[source.delimited]
kind = "person"
key = "No"
count = "COUNT"
name = "members_%Y%m%d.csv"
[source.delimited.fields]
"person.name" = "Name"
"person.email" = "E-mail"
"#;

/// An employer with two employees and a member of a register, who is one of them.
async fn office(office: Office) -> (Office, SubjectId, SubjectId) {
    let (url, folder) = (&office.receiver.url, office.world.folder());
    let target = |key: &str, place: String| {
        format!(
            "[[target]]\nkey = \"{key}\"\nsystem = \"opus\"\nformat = \"messages\"\n{place}\n\
             [[agreement]]\nkey = \"{key}\"\nsource = \"opus\"\nsources = [\"members\"]\n\
             members = [\"members\"]\ntarget = \"{key}\"\nfrom = \"2020-01-01\"\n\
             purpose = \"accounts\"\nlegal_basis = \"article 6\"\nscope = [\"1\"]\n\
             fields = [\"person.name\", \"person.email\", \"employment.position_title\", \
             \"employment.is_manager\"]\n"
        )
    };
    let identity = target(TARGET, format!("http = {{ url = \"{url}\" }}"));
    let twin = target(TWIN, format!("folder = \"{folder}/twin\""));
    office.world.configure(&format!("mode = \"snapshot\"\n{MEMBERS}{identity}{twin}")).await;
    read(&office, &people(2)).await;
    let (hub, tenant) = (&office.world.hub, office.world.tenant);
    let text = "No;Name;E-mail\nM1;Åse Prøve Testesen;aase@example.org\nCOUNT;1;\n";
    let path = office.world.file("members_20260302.csv", text.as_bytes()).path().to_owned();
    let input = input::of_source(hub, tenant, "members", &path, None).await.unwrap();
    run::run(hub, tenant, "members", &input, Intent::Apply, &Silent).await.unwrap();
    let mut tx = hub.db.read().await.unwrap();
    let no = source::by_key(&mut tx, tenant, "members").await.unwrap().unwrap().no;
    let key = [SubjectKey::Native(NativeKey::text("M1"))];
    let found = subject::by_key(&mut tx, tenant, Issuer::Source(no), Kind::Person, &key).await;
    let found = found.unwrap()[0].unwrap();
    let member = subject::by_no(&mut tx, tenant, &[found]).await.unwrap().remove(0).id;
    drop(tx);
    let employee = office.person(100).await;
    (office, employee, member)
}

async fn read(office: &Office, people: &[Record]) {
    office.world.day(FIRST, &employer(people)).await;
}

fn has(office: &Office, id: SubjectId) -> Option<String> {
    let has = office.receiver.received().has.get(&id).cloned();
    has.map(|it| serde_json::to_string(&it).unwrap())
}

#[tokio::test]
async fn a_link_and_its_end_are_told_of_whom_they_are_about() {
    for it in Office::each().await {
        let (office, employee, member) = Box::pin(office(it)).await;
        office.deliver().await;
        assert!(has(&office, member).unwrap().contains("aase@example.org"));
        let (hub, tenant) = (&office.world.hub, office.world.tenant);
        let both = (&*employee.to_string(), &*member.to_string());
        matches::link(hub, tenant, both, &DECISION).await.unwrap();
        let report = office.deliver().await;
        assert_eq!((report.made.change, report.made.inactivate), (1, 1));
        assert_eq!(has(&office, member), None);
        assert!(has(&office, employee).unwrap().contains("aase@example.org"));
        matches::split(hub, tenant, both.1, &DECISION).await.unwrap();
        let report = office.deliver().await;
        assert_eq!((report.made.change, report.made.create), (1, 1));
        assert!(!has(&office, employee).unwrap().contains("aase@example.org"));
        matches::link(hub, tenant, both, &DECISION).await.unwrap();
        office.deliver().await;
        assert_eq!(office.receiver.received().has, office.twin(hub).await);
    }
}

#[tokio::test]
async fn what_left_is_sent_until_it_is_answered_though_somebody_else_is_linked() {
    let (office, employee, member) = Box::pin(office(Office::new().await)).await;
    office.deliver().await;
    let bo = office.person(101).await;
    let retitled = |title| [people(1).remove(0), titled(&people(2)[1], title)];
    office.receiver.script([Some(Fault::CutBefore)]);
    office.world.day(SECOND, &employer(&retitled("Skoleleder"))).await;
    assert_eq!(office.deliver().await.sent.postponed, 1);
    office.world.day(date(2026, 3, 5), &employer(&retitled("Rengøring"))).await;
    let (hub, tenant) = (&office.world.hub, office.world.tenant);
    let both = (&*employee.to_string(), &*member.to_string());
    matches::link(hub, tenant, both, &DECISION).await.unwrap();
    office.deliver().await;
    let now = hub.clock.now() + SignedDuration::from_secs(6);
    office.deliver_by(&Hub { clock: Clock::Fixed(now), ..hub.clone() }).await.unwrap();
    let times = office.receiver.received().times;
    assert_eq!(times.get(&format!("identity-{bo}-000002")), Some(&1), "{times:?}");
    assert!(has(&office, bo).unwrap().contains("Rengøring"));
}

#[tokio::test]
async fn who_is_one_with_somebody_protected_is_protected_at_targets_too() {
    for it in Office::each().await {
        let (office, employee, member) = Box::pin(office(it)).await;
        // What was told of the member may hold what must not be told of them as the employee.
        office.deliver().await;
        let mut protected = people(2);
        protected[0].set_attribute("address", "protected", "true");
        office.world.day(SECOND, &employer(&protected)).await;
        office.deliver().await;
        let (hub, tenant) = (&office.world.hub, office.world.tenant);
        let both = (&*employee.to_string(), &*member.to_string());
        matches::link(hub, tenant, both, &DECISION).await.unwrap();
        let mut tx = hub.db.read().await.unwrap();
        let no = target::by_key(&mut tx, tenant, TARGET).await.unwrap().unwrap().no;
        let all: Vec<SubjectNo> = (1..30).map(SubjectNo).collect();
        let left = lane::accepted(&mut tx, tenant, no, &all).await.unwrap().len();
        drop(tx);
        // Three units and Bo are left; of the two who are one, nothing is.
        assert_eq!(left, 4);
        office.deliver().await;
        assert_eq!(office.receiver.received().has, office.twin(hub).await);
    }
}

#[tokio::test]
async fn a_manager_is_told_of_under_whom_they_are_one_with() {
    for it in Office::each().await {
        let (office, employee, _) = Box::pin(office(it)).await;
        // Somebody without a national number leads, and is found to be an employee with one.
        let mut all = people(2);
        let leads = with(&with(&people(4)[3], "isManager", "true"), "superiorLevel", "2");
        all.push(with(&leads, "cpr", ""));
        office.world.day(SECOND, &employer(&all)).await;
        office.deliver().await;
        let (hub, tenant) = (&office.world.hub, office.world.tenant);
        let (bo, leader) = (office.person(101).await, office.person(103).await);
        assert!(has(&office, bo).unwrap().contains(&format!("\"manager\":\"{leader}\"")));
        let both = (&*leader.to_string(), &*employee.to_string());
        matches::link(hub, tenant, both, &DECISION).await.unwrap();
        office.deliver().await;
        assert!(has(&office, bo).unwrap().contains(&format!("\"manager\":\"{employee}\"")));
        assert_eq!(office.receiver.received().has, office.twin(hub).await);
    }
}
