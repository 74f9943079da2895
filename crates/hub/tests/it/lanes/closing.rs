//! Closings in emergency: what leaves after them, and what they account for.

use super::{FIRST, Office, SECOND, TARGET, WATCH, employer, people, titled};
use crate::world::World;
use jiff::Timestamp;
use jiff::civil::date;
use kobling_domain::access::{Grant, Role};
use kobling_domain::agreement::{Became, ReceiptState};
use kobling_hub::access::session::Signed;
use kobling_hub::access::users::{self, NewUser};
use kobling_hub::agreement::emergency;
use kobling_hub::agreement::receipt::{self, HubKey};
use kobling_hub::agreement::{self, EmergencyError, Journal, Known, Reopening, Standing, reopen};
use kobling_hub::exchange::decision::Decision;
use kobling_hub::exchange::lane::LaneError;
use kobling_hub::jobs;
use kobling_hub::overview::{self, Why};
use kobling_hub::{Hub, access};
use kobling_store::engine::Db;
use kobling_testkit::database::Database;
use kobling_testkit::trickle::Trickle;
use std::time::{Duration, Instant};

fn word(by: &str) -> Decision<'_> {
    Decision::new(by, "et brud hos modtageren", date(2026, 3, 5)).unwrap()
}

fn journal(world: &World) -> Journal {
    Journal::at(format!("{}/closings", world.folder()))
}

async fn close(hub: &Hub, world: &World) -> Result<emergency::Signed, EmergencyError> {
    let which = (world.tenant, TARGET);
    emergency::close(hub, &journal(world), which, &Known::BesideKeys, &word("Signe")).await
}

#[tokio::test]
async fn nothing_leaves_after_a_closing_until_two_people_open_again_and_what_waits_is_kept() {
    for office in Office::each().await {
        let Office { world, .. } = &office;
        let all = people(2);
        world.day(FIRST, &employer(&all)).await;
        office.deliver().await;
        let other: Vec<_> = all.iter().map(|it| titled(it, "Skoleleder")).collect();
        world.day(SECOND, &employer(&other)).await;
        let signed = close(&world.hub, world).await.unwrap();
        let it = &signed.receipt;
        assert_eq!((it.state, it.number, it.in_flight.len()), (ReceiptState::Final, Some(1), 0));
        assert!(it.last_delivered.is_some() && it.closed_at.is_some());
        assert_eq!(it.breach_report_until, it.ordered_at + jiff::SignedDuration::from_hours(72));
        let at = it.closed_at.unwrap();
        assert_eq!(stands(world).await, (Standing::ClosedInEmergency, vec![shut(at), shut(at)]));
        let before = office.told();
        let refused = jobs::deliver(&world.hub, world.tenant, TARGET, WATCH).await.unwrap_err();
        assert!(matches!(refused, LaneError::Shut(_)), "{refused}");
        // Nothing that is configured opens it.
        office.configure("", "scope = [\"1\"]\nexcept = [\"3\"]").await;
        office.work().await;
        assert_eq!(office.told(), before);
        let again = close(&world.hub, world).await.unwrap_err();
        assert!(matches!(again, EmergencyError::Closed { .. }), "{again}");
        let opened = async |by| {
            reopen(&world.hub, world.tenant, TARGET, &Known::BesideKeys, &word(by)).await
        };
        assert_eq!(opened("Ole").await.unwrap(), Reopening::Asked);
        assert!(matches!(opened(" ole").await, Err(EmergencyError::SamePerson { .. })));
        office.work().await;
        assert_eq!(office.told(), before);
        assert_eq!(opened("Signe").await.unwrap(), Reopening::Open);
        assert_eq!(stands(world).await, (Standing::InForce, Vec::new()));
        office.work().await;
        // Both titles, and the unit that is left out by now.
        assert_eq!(office.told().len(), before.len() + 3);
        assert!(office.has(100).await.unwrap().contains("Skoleleder"));
        assert!(matches!(opened("Ole").await, Err(EmergencyError::Open { .. })));
        let kept = agreement::closed(&world.hub, world.tenant, TARGET).await.unwrap();
        assert_eq!(kept.signed.text, signed.text);
    }
}

#[tokio::test]
async fn whoever_may_not_closes_nothing_and_a_program_is_not_one_of_the_two_who_open_again() {
    for office in Office::each().await {
        let world = &office.world;
        world.day(FIRST, &employer(&people(1))).await;
        let hub = &world.hub;
        let grant = |role| vec![Grant { party: "payroll".to_owned(), role }];
        for (name, role) in [("reader", Role::HrReader), ("duty", Role::DutyDesk)] {
            let (key, name) = (format!("{name}@fjordby.example"), name.to_owned());
            let new = NewUser { key, name, person: None, grants: grant(role) };
            users::add(hub, world.tenant, &new, "a test").await.unwrap();
        }
        let signed = |key: &str, role| Signed {
            tenant: world.tenant,
            tenant_key: String::new(),
            tenant_name: String::new(),
            key: key.to_owned(),
            name: String::new(),
            person: None,
            grants: grant(role),
        };
        let closed = async |known: &Known<'_>, by| {
            let (journal, which) = (journal(world), (world.tenant, TARGET));
            emergency::close(hub, &journal, which, known, &word(by)).await
        };
        let reader = signed("reader@fjordby.example", Role::HrReader);
        for known in [Known::Signed(&reader), Known::BesideKeys] {
            let refused = closed(&known, "reader@fjordby.example").await.unwrap_err();
            let told = refused.to_string();
            assert!(told.ends_with("who may: employer_owner, duty_desk, operator"), "{told}");
        }
        assert_eq!(stands(world).await, (Standing::InForce, Vec::new()));
        let program = signed("client:watch", Role::Operator);
        closed(&Known::Signed(&program), "client:watch").await.unwrap();
        let opened =
            async |known: &Known<'_>, by| reopen(hub, world.tenant, TARGET, known, &word(by)).await;
        let refused = opened(&Known::Signed(&program), "client:watch").await.unwrap_err();
        assert!(matches!(refused, EmergencyError::NoPerson { .. }), "{refused}");
        let refused = opened(&Known::BesideKeys, "Reader@fjordby.example").await.unwrap_err();
        assert!(matches!(refused, EmergencyError::NotAllowed { .. }), "{refused}");
        assert_eq!(
            opened(&Known::BesideKeys, "duty@fjordby.example").await.unwrap(),
            Reopening::Asked
        );
    }
}

/// How the agreement stands, and what the cards of it and of its target say of closings.
async fn stands(world: &World) -> (Standing, Vec<Why>) {
    let (_, listed) = agreement::show(&world.hub, world.tenant, TARGET).await.unwrap();
    let cards = overview::overview(&world.hub, world.tenant).await.unwrap().cards;
    let reasons = cards.into_iter().flat_map(|it| it.reasons);
    let told = reasons.filter(|it| matches!(it, Why::ClosedInEmergency { .. }));
    (listed.standing, told.collect())
}

fn shut(at: Timestamp) -> Why {
    Why::ClosedInEmergency { at }
}

/// Waits until the receiver has heard something, or the sender has ended.
async fn heard(trickle: &Trickle) {
    while trickle.last().is_none() {
        tokio::task::yield_now().await;
    }
}

/// The names of the messages of which something arrived.
fn names(trickle: &Trickle) -> Vec<String> {
    let name = |bytes: Vec<u8>| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let line = text.lines().find_map(|it| it.strip_prefix("idempotency-key: "));
        line.map(str::to_owned)
    };
    trickle.arrived().into_iter().filter_map(|it| name(it.bytes)).collect()
}

/// Two nodes, as each has a pool of connections of its own.
#[tokio::test]
async fn a_sender_to_a_receiver_of_one_byte_a_second_is_cut_within_its_lease_by_another_node() {
    let database = Database::postgres().await;
    let other = Db::open(&database.address).unwrap();
    let office = Office::of(World::of(database, "mode = \"snapshot\"").await).await;
    let (world, trickle) = (&office.world, Trickle::start());
    world.day(FIRST, &employer(&people(8))).await;
    let configured = access::configured(&world.hub, world.tenant, None).await.unwrap();
    let text = toml::to_string(&configured).unwrap();
    let text = text.replace(&office.receiver.url, &format!("http://{}/", trickle.address));
    let configuration = access::configuration::parse(&text).unwrap();
    access::apply(&world.hub, &configuration, access::Write::Yes).await.unwrap();
    let node = Hub { db: other, ..world.hub.clone() };
    let closing = async {
        heard(&trickle).await;
        let ordered = Instant::now();
        (close(&node, world).await.unwrap(), ordered)
    };
    let sending = jobs::deliver(&world.hub, world.tenant, TARGET, WATCH);
    let (sent, (signed, ordered)) = tokio::join!(sending, closing);
    assert!(matches!(sent, Err(LaneError::Shut(_))), "{sent:?}");
    let [flight] = &signed.receipt.in_flight[..] else { panic!("{:?}", signed.receipt) };
    let [outcome] = &flight.outcomes[..] else { panic!("{flight:?}") };
    assert_eq!(outcome.became, Became::Unknown);
    trickle.hurry();
    while !trickle.arrived().iter().all(|it| it.is_over) {
        tokio::task::yield_now().await;
    }
    assert_eq!(names(&trickle), [outcome.name.as_str()], "the receiver's own log");
    assert!(trickle.last().unwrap() < ordered + Duration::from_secs(2));
    assert_eq!(signed.receipt.kept, 11, "the queue is kept");
    receipt::verify(&signed.text, &HubKey::of(&world.hub.keys).unwrap()).unwrap();
}

#[tokio::test]
async fn an_order_that_cannot_be_written_is_kept_and_carried_out_before_anything_else() {
    let database = Database::postgres().await;
    let office = Office::of(World::of(database, "mode = \"snapshot\"").await).await;
    let world = &office.world;
    world.day(FIRST, &employer(&people(1))).await;
    world.database.set_read_only(true).await;
    let refusing = Hub { db: Db::open(&world.database.address).unwrap(), ..world.hub.clone() };
    let signed = close(&refusing, world).await.unwrap();
    let it = &signed.receipt;
    assert_eq!((it.state, it.number, it.closed_at), (ReceiptState::Interim, None, None));
    receipt::verify(&signed.text, &HubKey::of(&world.hub.keys).unwrap()).unwrap();
    assert!(emergency::carry_out_journal(&refusing, &journal(world)).await.is_err());
    assert_eq!(journal(world).orders().unwrap().len(), 1, "it stays");
    world.database.set_read_only(false).await;
    let writing = Hub { db: Db::open(&world.database.address).unwrap(), ..world.hub.clone() };
    let done = emergency::carry_out_journal(&writing, &journal(world)).await.unwrap();
    assert_eq!(done.len(), 1);
    assert_eq!(done[0].receipt.ordered_at, it.ordered_at);
    assert_eq!(journal(world).orders().unwrap(), []);
    let refused = jobs::deliver(&writing, world.tenant, TARGET, WATCH).await.unwrap_err();
    assert!(matches!(refused, LaneError::Shut(_)), "{refused}");
}
