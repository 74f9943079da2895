//! What the demo says.

use kobling_formats::synthetic::NAME;
use kobling_hub::exchange::deliver::Delivery;
use kobling_hub::exchange::figures::{ByReason, UnitChange};
use kobling_hub::exchange::plan::{Shown, ShownUnit};
use kobling_hub::exchange::report::RunReport;
use kobling_hub::people::group::{Described, Members};
use std::path::Path;

/// Units named.
const UNITS_NAMED: usize = 5;
/// Members of a group named.
const PEOPLE_NAMED: usize = 3;
/// Changes named for each reason.
const CHANGES_NAMED: usize = 2;

pub(super) fn opening(dir: &Path, employees: u32, seed: u64) -> String {
    format!(
        "{NAME}: {employees} employees, all of them made up (seed {seed}).\n\
         Everything is made in {} and stays there.\n",
        dir.display()
    )
}

pub(super) fn first_night(report: &RunReport) -> String {
    format!(
        "1. The first extract, inbox/{}\n   {}\n   \
         Nothing was known before, so all of it is new. The ledger is at version {}.\n",
        report.input,
        counts(report),
        report.version.unwrap_or_default()
    )
}

pub(super) fn second_night(report: &RunReport, plan: &Shown) -> String {
    let mut text = format!(
        "2. The next night's extract, inbox/{}\n   {}\n   \
         What it changes was worked out before anything was written, as a plan:\n   {}\n",
        report.input,
        counts(report),
        plan.plan
    );
    for (what, by_reason) in [("units", &plan.units), ("employments", &plan.employments)] {
        text.extend(["     ", what, ": ", &reasons(by_reason), "\n"]);
    }
    text.push_str("     the units with the most changes of people:\n");
    let mut units: Vec<_> = plan.by_unit.iter().collect();
    let changes = |it: &ShownUnit| it.change.left + it.change.joined + it.change.changed;
    units.sort_by_key(|it| (std::cmp::Reverse(changes(it)), &it.unit));
    for it in units.into_iter().take(UNITS_NAMED) {
        let UnitChange { left, joined, changed } = it.change;
        let (unit, name) = (&it.unit, it.name.as_deref().unwrap_or("a new unit"));
        let line = format!(
            "       {unit} {name}: {left} left, {joined} joined, {changed} changed otherwise\n"
        );
        text.push_str(&line);
    }
    text.push_str("     for example:\n");
    for reason in plan.employments.0.keys() {
        let of_reason = plan.items.iter().filter(|it| it.reason == *reason);
        for it in of_reason.filter(|it| it.name.is_some()).take(CHANGES_NAMED) {
            let name = it.name.as_deref().unwrap_or_default();
            let (kind, number) = (it.kind, &it.native);
            let line = format!(
                "       {name}, {kind} {number}: {} as of {}\n",
                reason.name(),
                it.effective
            );
            text.push_str(&line);
        }
    }
    text.push_str("   No brake had anything against it, so it was applied.\n");
    text
}

pub(super) fn delivery(delivery: &Delivery) -> String {
    let mut text = format!(
        "3. What the learning system may have by its agreement, as of today, {}:\n",
        delivery.as_of
    );
    for it in &delivery.files {
        let line = format!("     {}/{:<18} {:>8} rows\n", delivery.folder, it.name, it.rows);
        text.push_str(&line);
    }
    for note in &delivery.notes {
        text.extend(["   note: ", note, "\n"]);
    }
    text
}

pub(super) fn group(members: &Members) -> String {
    let Members { group: Described { key, name, .. }, people, .. } = members;
    let named = people.iter().filter_map(|it| it.name.as_deref()).take(PEOPLE_NAMED);
    format!(
        "   Target group {key}, {name}: {} people today, {} and others\n   (kobling group show \
         {key}).\n",
        people.len(),
        named.collect::<Vec<_>>().join(", ")
    )
}

pub(super) fn held(report: &RunReport, path: &Path) -> String {
    let mut text = format!(
        "4. A bad extract: {} is whole and well-formed, but a school is missing.\n   {}\n",
        path.display(),
        counts(report)
    );
    for it in &report.brakes {
        text.push_str(&format_brake(it.brake.name(), &it.text));
    }
    text.push_str(
        "   Its plan is HELD: nothing has been changed, and the learning system is told nothing\n   \
         until a person releases or rejects the plan, or a newer extract takes its place.\n",
    );
    text
}

pub(super) fn learning(reports: &[RunReport]) -> String {
    let mut text = "6. What the learning system gives back, for leaders to see:\n".to_owned();
    for it in reports {
        text.extend(["     ", &it.input, ": ", &counts(it), "\n"]);
    }
    text
}

pub(super) fn receipts(delivery: &Delivery) -> String {
    let mut text = format!(
        "5. What the learning system has: a receipt for each file, none of which is of the bad \
         extract\n   (kobling delivery receipts {}).\n",
        delivery.target
    );
    for it in &delivery.receipts {
        text.extend(["     ", &it.to_string(), "\n"]);
    }
    text
}

pub(super) fn next(dir: &Path, commands: &[String; 3]) -> String {
    let [plan, person, night] = commands;
    format!(
        "Try next:\n  cd {}\n\n  {plan}\n      who the held plan is about\n  {person}\n      \
         what the ledger holds of somebody\n  {night}\n      the next night as it should have been",
        dir.display()
    )
}

fn format_brake(name: &str, text: &str) -> String {
    format!("     brake {name}: {text}\n")
}

fn counts(report: &RunReport) -> String {
    let RunReport { read, applied, unchanged, held, quarantined, .. } = report;
    format!(
        "{read} records read: {applied} applied, {unchanged} unchanged, {held} held, \
         {quarantined} set aside."
    )
}

fn reasons(counts: &ByReason) -> String {
    let counts: Vec<String> =
        counts.0.iter().map(|(reason, count)| format!("{count} {}", reason.name())).collect();
    if counts.is_empty() { "no change".to_owned() } else { counts.join(", ") }
}
