//! The two small extracts of kmd-opus.md §2.4, in both modes.

use crate::world::World;
use kobling_domain::exchange::brake::Brake;
use kobling_domain::people::{Field, Kind};
use kobling_hub::exchange::report::RunState;

const FULL: &[u8] = include_bytes!("../data/ZLPE20260304224013_delta.xml");
const PARTIAL: &[u8] = include_bytes!("../data/ZLPE20260305224012_delta.xml");
const FULL_NAME: &str = "ZLPE20260304224013_delta.xml";
const PARTIAL_NAME: &str = "ZLPE20260305224012_delta.xml";

async fn check_first(world: &World) {
    let report = world.run(FULL_NAME, FULL).await;
    assert_eq!(report.state, RunState::Applied, "{report:?}");
    assert_eq!((report.read, report.applied, report.unchanged), (6, 5, 1), "the stub is ignored");
    assert_eq!(world.days(Kind::Employment, 40_001).await, ["2014-08-01.."]);
    assert_eq!(world.days(Kind::Employment, 40_002).await, ["2026-04-01..2026-07-01"]);
    assert_eq!(world.days(Kind::Unit, 20_001).await, ["0001-01-01.."]);
    assert_eq!(world.days(Kind::Unit, 20_011).await, ["2022-08-01..2026-08-01"]);
    assert_eq!(world.subject(Kind::Employment, 39_777).await, None);

    let manager = &world.slices(Kind::Employment, 40_001).await[0].state;
    assert!(manager.is(Field::EmploymentIsManager));
    assert_eq!(manager.text(Field::EmploymentUnit), Some("20010"));
    assert!(manager.is(Field::PersonAddressProtected));
    assert_eq!(manager.get(Field::PersonAddress), None);
    let persons: Vec<_> = [
        world.claims(Kind::Employment, 40_001).await[0].refs.person,
        world.claims(Kind::Employment, 40_002).await[0].refs.person,
    ]
    .into();
    assert!(persons[0].is_some());
    assert_eq!(persons[0], persons[1], "one person has both employments");
}

#[tokio::test]
async fn the_samples_taken_as_deltas_change_exactly_what_they_mention() {
    for world in World::each().await {
        world.configure("mode = \"delta\"").await;
        check_first(&world).await;
        let report = world.run(PARTIAL_NAME, PARTIAL).await;
        assert_eq!(report.state, RunState::Applied, "{report:?}");
        assert_eq!((report.read, report.applied, report.gone), (3, 3, 0));

        let school = world.slices(Kind::Unit, 20_010).await;
        assert_eq!(school.len(), 2);
        assert_eq!(school[1].validity.from().to_string(), "2026-03-05");
        assert_eq!(school[1].state.text(Field::UnitName), Some("Skole, Dagtilbud og Unge"));
        assert_eq!(world.days(Kind::Employment, 40_003).await, ["2026-03-01.."]);
        let new = &world.slices(Kind::Employment, 40_003).await[0];
        assert_eq!(new.state.text(Field::PersonAddress), Some("Prøvevej 9, 2. tv"));
        assert_eq!(new.stated_from.to_string(), "2026-03-05", "the days before are assumed");
        // Never started: it never came to be. What was believed of it stays in the history.
        assert_eq!(world.days(Kind::Employment, 40_002).await, [""; 0]);
        assert_eq!(world.history(Kind::Employment, 40_002).await.len(), 1);
        assert_eq!(world.days(Kind::Employment, 40_001).await, ["2014-08-01.."]);
        assert_eq!(world.days(Kind::Unit, 20_001).await.len(), 1);
        assert_eq!(world.days(Kind::Unit, 20_011).await.len(), 1);
    }
}

#[tokio::test]
async fn the_second_sample_taken_as_a_snapshot_is_held() {
    for world in World::each().await {
        check_first(&world).await;
        let ledger = world.ledger().await;
        let report = world.run(PARTIAL_NAME, PARTIAL).await;
        assert_eq!(report.state, RunState::Held);
        assert_eq!((report.read, report.held, report.gone), (3, 3, 3));
        let brakes: Vec<Brake> = report.brakes.iter().map(|it| it.brake).collect();
        assert!(brakes.contains(&Brake::RootMissing), "{brakes:?}");
        assert_eq!(world.ledger().await, ledger);
    }
}

#[tokio::test]
async fn the_second_sample_to_a_source_that_finds_out_by_itself_is_asked_about() {
    let world = World::with("mode = \"auto\"").await;
    check_first(&world).await;
    let report = world.run(PARTIAL_NAME, PARTIAL).await;
    assert_eq!((report.state, report.gone), (RunState::Held, 0));
    world.release(&report).await.unwrap();
    assert_eq!(world.days(Kind::Employment, 40_001).await, ["2014-08-01.."]);
    assert_eq!(world.days(Kind::Employment, 40_003).await, ["2026-03-01.."]);
}
