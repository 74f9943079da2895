//! Every kind of bad file through the whole hub.

use crate::world::World;
use kobling_formats::synthetic::{Employer, Expectation, Flaw};
use kobling_hub::exchange::report::RunState;
use std::fmt::Write as _;

/// So many employees that the count of the brake on what is gone is passed by half of them.
const EMPLOYEES: u32 = 400;

/// What is wrong with the treatment of one flaw, if anything.
async fn fault(world: World, flaw: Flaw) -> Result<(), String> {
    let employer = Employer::new(EMPLOYEES, 1).unwrap();
    world.extract(&employer.extract(0)).await;
    let day = if matches!(flaw, Flaw::SameNameOtherBytes | Flaw::Old) {
        world.extract(&employer.extract(8)).await;
        8
    } else {
        1
    };
    let ledger = world.ledger().await;
    let extract = employer.extract(day);
    let mut file = Vec::new();
    extract.write_flawed(flaw, &mut file).unwrap();
    let name = extract.flawed_file_name(flaw);
    let report = world.try_run(&name, &file).await;
    let found = match (&report, flaw.expectation()) {
        (Err(refused), Expectation::Refuses) if refused.is_bad_input() => "refused",
        (Ok(it), Expectation::Applies)
            if it.state == RunState::Applied && it.quarantined == 0 && it.brakes.is_empty() =>
        {
            "applied"
        }
        (Ok(it), Expectation::SetsAside)
            if it.state == RunState::Applied && it.quarantined == 1 && it.gone == 0 =>
        {
            "set aside"
        }
        (Ok(it), Expectation::Holds(brake))
            if it.state == RunState::Held && it.brakes.iter().any(|it| it.brake == brake) =>
        {
            "held"
        }
        (other, expected) => return Err(format!("{expected:?} expected, found {other:?}")),
    };
    if let Ok(it) = &report
        && it.read != it.applied + it.unchanged + it.held + it.quarantined
    {
        return Err(format!("not every record is counted once: {it:?}"));
    }
    if matches!(found, "refused" | "held") && world.ledger().await != ledger {
        return Err("the ledger has changed".to_owned());
    }
    // The next good file applies cleanly, and afterwards nothing is left to do.
    let next = world.extract(&employer.extract(day + 1)).await;
    if next.state != RunState::Applied || next.quarantined > 0 {
        return Err(format!("the next good file: {next:?}"));
    }
    // The plan of an older file speaks for days of its own.
    if world.plans().await.contains(&"held") != (flaw == Flaw::Old) {
        return Err("the held plan was not superseded, or was and speaks of other days".to_owned());
    }
    let again = world.extract(&employer.extract(day + 1)).await;
    if (again.state, again.parsed) != (RunState::Unchanged, 0) {
        return Err(format!("the same file again: {again:?}"));
    }
    Ok(())
}

#[tokio::test]
async fn every_kind_of_bad_file_is_treated_as_it_should_be_on_both_engines() {
    let mut faults = String::new();
    for flaw in Flaw::ALL {
        for (world, engine) in World::each().await.into_iter().zip(["SQLite", "PostgreSQL"]) {
            if let Err(fault) = Box::pin(fault(world, *flaw)).await {
                writeln!(faults, "{flaw} on {engine}: {fault}").unwrap();
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
}
