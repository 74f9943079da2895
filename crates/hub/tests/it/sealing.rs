//! Another key seals: what the one before has sealed is read while it is sealed anew, and after.

use crate::world::{SOURCE, World, bytes};
use kobling_domain::access::{Grant, Role};
use kobling_formats::synthetic::Employer;
use kobling_hub::access::keys::{DEMO_KEYS, KeyFile};
use kobling_hub::access::password;
use kobling_hub::access::reseal::{self, Resealed, Walk};
use kobling_hub::access::users::{self, NewUser};
use kobling_hub::exchange::progress::Silent;
use kobling_hub::exchange::report::RunState;
use kobling_hub::exchange::run::{self, Intent};
use kobling_store::sealed::KeyId;
use kobling_store::sealed::stored::{self, Place};

/// No key is called so: all that is sealed is sealed with another one.
const NO_KEY: KeyId = KeyId([0; 8]);

/// Opens all that is sealed; how many values of each place there are.
async fn open_all(world: &World) -> Vec<usize> {
    let mut tx = world.hub.db.read().await.unwrap();
    let mut counts = Vec::new();
    for place in Place::ALL {
        let (mut count, mut after) = (0, None);
        loop {
            let page = stored::page(&mut tx, world.tenant, place, NO_KEY, after.as_ref()).await;
            let page = page.unwrap();
            for it in &page {
                world.hub.keys.open(&it.at.context(world.tenant), &it.sealed).unwrap();
            }
            count += page.len();
            match page.last() {
                Some(last) => after = Some(last.at.clone()),
                None => break,
            }
        }
        counts.push(count);
    }
    counts
}

async fn user_with_code_app(world: &World) {
    let grants = vec![Grant { party: "payroll".to_owned(), role: Role::Operator }];
    let (key, name) = ("kari@fjordby.example".to_owned(), "Kari".to_owned());
    let new = NewUser { key: key.clone(), name, person: None, grants };
    let (hub, tenant) = (&world.hub, world.tenant);
    users::add(hub, tenant, &new, "a test").await.unwrap();
    let password = "correct horse battery".to_owned().into();
    password::set(hub, tenant, &key, password, "a test").await.unwrap();
    password::add_code_app(hub, tenant, &key, "a test").await.unwrap();
}

#[tokio::test]
async fn what_an_older_key_sealed_is_read_while_it_is_sealed_anew_and_after() {
    for world in World::each().await {
        let employer = Employer::new(600, 1).unwrap();
        world.extract(&employer.extract(0)).await;
        let next = employer.extract(1);
        let input = world.file(&next.file_name(), &bytes(&next));
        let hub = world.on(input.date());
        let made = run::run(&hub, world.tenant, SOURCE, &input, Intent::Make, &Silent).await;
        let held = made.unwrap();
        user_with_code_app(&world).await;
        let counts = open_all(&world).await;

        let mut file = KeyFile::parse(DEMO_KEYS).unwrap();
        file.rotate(world.hub.clock.now()).unwrap();
        world.hub.keys.renew(&file.ring());
        let before = reseal::standing(&world.hub).await.unwrap();
        let all = u64::try_from(counts.iter().sum::<usize>()).unwrap();
        assert_eq!((before.behind(), before.otherwise), (all, 0));

        // Left off after a step: half of the numbers are under either key.
        let mut walk = Walk::new(world.tenant);
        let step = reseal::step(&world.hub, &mut walk).await.unwrap().unwrap();
        assert_eq!(step, Resealed { resealed: 500, unopened: 0 });
        assert_eq!(open_all(&world).await, counts);
        let mut told = 0;
        let done = reseal::all(&world.hub, &mut |it| told = it).await.unwrap();
        assert_eq!((done.resealed + 500, told), (all, done.resealed));
        assert_eq!(reseal::standing(&world.hub).await.unwrap().behind(), 0);

        file.forget(before.under[1].0);
        world.hub.keys.renew(&file.ring());
        assert_eq!(open_all(&world).await, counts);
        assert_eq!(world.release(&held).await.unwrap().state, RunState::Applied);
        assert_eq!(world.extract(&next).await.state, RunState::Unchanged, "digests stay");
        let none = reseal::all(&world.hub, &mut |_| {}).await.unwrap();
        assert_eq!(none, Resealed::default());
    }
}

#[tokio::test]
async fn what_no_key_at_hand_opens_is_told_and_left_as_it_is() {
    for world in World::each().await {
        world.extract(&Employer::new(100, 1).unwrap().extract(0)).await;
        let counts: usize = open_all(&world).await.iter().sum();
        let mut file = KeyFile::parse(DEMO_KEYS).unwrap();
        file.rotate(world.hub.clock.now()).unwrap();
        file.forget(world.hub.keys.current().unwrap());
        let whole = KeyFile::parse(DEMO_KEYS).unwrap().ring();
        world.hub.keys.renew(&file.ring());
        let done = reseal::all(&world.hub, &mut |_| {}).await.unwrap();
        assert_eq!(done, Resealed { resealed: 0, unopened: u64::try_from(counts).unwrap() });
        let standing = reseal::standing(&world.hub).await.unwrap();
        assert_eq!(standing.otherwise, done.unopened);
        world.hub.keys.renew(&whole);
        assert_eq!(open_all(&world).await.iter().sum::<usize>(), counts);
    }
}
