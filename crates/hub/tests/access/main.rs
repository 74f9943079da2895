//! Configurations between text and store, on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test needs and cannot have ends the test"
)]

mod agreements;
mod audit;
mod users;

use kobling_hub::Hub;
use kobling_hub::access::configuration::{self, Configuration};
use kobling_hub::access::{self, Write, keys};
use kobling_hub::clock::Clock;
use kobling_hub::people::Kept;
use kobling_hub::secrets::Secrets;
use kobling_testkit::database::Database;

const FJORDBY: &str = include_str!("../data/fjordby.toml");

fn hub(database: &Database) -> Hub {
    let keys = keys::parse(keys::DEMO_KEYS).unwrap();
    let clock = Clock::Fixed("2026-03-04T23:00:00Z".parse().unwrap());
    Hub {
        db: database.db.clone(),
        keys,
        clock,
        secrets: Secrets::Environment,
        kept: Kept::default(),
    }
}

fn configuration(text: &str) -> Configuration {
    configuration::parse(text).unwrap()
}

#[tokio::test]
async fn applying_a_configuration_again_changes_nothing_and_takes_no_version() {
    for database in Database::each().await {
        let hub = hub(&database);
        let first = access::apply(&hub, &configuration(FJORDBY), Write::Yes).await.unwrap();
        assert_eq!((first.differing.len(), first.version), (9, Some(1)));
        let again = access::apply(&hub, &configuration(FJORDBY), Write::Yes).await.unwrap();
        assert_eq!((again.differing.len(), again.version), (0, None));
    }
}

#[tokio::test]
async fn a_dry_run_shows_the_entries_that_differ_and_writes_nothing() {
    for database in Database::each().await {
        let hub = hub(&database);
        access::apply(&hub, &configuration(FJORDBY), Write::Yes).await.unwrap();
        let other = configuration(&FJORDBY.replace("\"snapshot\"", "\"delta\""));
        for _ in 0..2 {
            let difference = access::apply(&hub, &other, Write::No).await.unwrap();
            let said = "~ source opus (changed)\n    mode: \"snapshot\" → \"delta\"\n\
                        fjordby: nothing has been written\n";
            assert_eq!(difference.to_string(), said);
        }
    }
}

#[tokio::test]
async fn what_is_exported_is_what_was_applied() {
    for database in Database::each().await {
        let hub = hub(&database);
        access::apply(&hub, &configuration(FJORDBY), Write::Yes).await.unwrap();
        let tenant = access::tenant(&hub, None).await.unwrap();
        let exported = access::export(&hub, tenant).await.unwrap();
        let again = access::apply(&hub, &configuration(&exported), Write::No).await.unwrap();
        assert_eq!(again.differing, []);
    }
}

#[tokio::test]
async fn what_is_taken_out_of_a_configuration_is_closed_and_stays_readable_at_its_version() {
    for database in Database::each().await {
        let hub = hub(&database);
        access::apply(&hub, &configuration(FJORDBY), Write::Yes).await.unwrap();
        let mut without = configuration(FJORDBY);
        without.agreements.clear();
        access::apply(&hub, &without, Write::Yes).await.unwrap();

        let tenant = access::tenant(&hub, None).await.unwrap();
        let mut tx = hub.db.read().await.unwrap();
        assert_eq!(access::load(&mut tx, tenant).await.unwrap(), without);
        let before = kobling_domain::id::Version(1);
        let before = access::load_at(&mut tx, tenant, before).await.unwrap();
        assert_eq!(before, configuration(FJORDBY));
    }
}

#[tokio::test]
async fn with_several_employers_a_command_must_say_which() {
    for database in Database::each().await {
        let hub = hub(&database);
        assert!(access::tenant(&hub, None).await.is_err());
        access::apply(&hub, &configuration(FJORDBY), Write::Yes).await.unwrap();
        let other = FJORDBY.replace("[tenant]\nkey = \"fjordby\"", "[tenant]\nkey = \"bakkeby\"");
        access::apply(&hub, &configuration(&other), Write::Yes).await.unwrap();
        let refused = access::tenant(&hub, None).await.unwrap_err().to_string();
        assert_eq!(
            refused,
            "the store holds several employers: fjordby, bakkeby; say --tenant KEY"
        );
        assert!(access::tenant(&hub, Some("bakkeby")).await.is_ok());
    }
}
