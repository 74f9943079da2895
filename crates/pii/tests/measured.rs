//! How much is found and how much too much, on the corpus that the benchmark uses, at a size for
//! every day. The counts are exact: the corpus comes from a seed.

#![allow(
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "the corpus is ours and its counts are small"
)]

mod corpus;

use corpus::Dice;
use corpus::forms::{self, FORMS, Use, Wanted};
use corpus::negatives::KINDS;
use jiff::civil::{Date, date};
use kobling_pii::{Level, find};

const TODAY: Date = date(2026, 3, 5);
const EACH: u64 = 100;
const NEGATIVES: u64 = 40_000;

fn level(text: &str) -> Option<Level> {
    find(text, TODAY).into_iter().map(|it| it.level).max()
}

/// Of the forms of a use: the share found, and of those that are parted or named the share blocked.
fn recall(used: Use) -> (f64, f64, Vec<String>) {
    let mut dice = Dice::new(20_260_305);
    let (mut all, mut found, mut sure, mut blocked) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut missed = Vec::new();
    for form in FORMS.iter().filter(|it| it.used == used) {
        let mut short = 0;
        for _ in 0..EACH {
            let text = forms::write(form, &mut dice);
            let level = level(&text);
            all += 1;
            found += u64::from(level.is_some());
            sure += u64::from(form.wanted == Wanted::Block);
            let is_blocked = form.wanted == Wanted::Block && level == Some(Level::Block);
            blocked += u64::from(is_blocked);
            short += u64::from(level.is_none() || form.wanted == Wanted::Block && !is_blocked);
        }
        if short > 2 {
            missed.push(format!("{short} of {EACH}: {:?}", form.text));
        }
    }
    (found as f64 / all as f64, blocked as f64 / sure as f64, missed)
}

#[test]
fn of_the_forms_in_view_nearly_all_are_found_and_blocked_where_they_should_be() {
    let (found, blocked, missed) = recall(Use::Tuned);
    assert!(found >= 0.995 && blocked >= 0.98, "{found} {blocked} {missed:#?}");
}

#[test]
fn of_the_forms_held_out_nearly_all_are_found_and_blocked_where_they_should_be() {
    let (found, blocked, missed) = recall(Use::HeldOut);
    assert!(found >= 0.995 && blocked >= 0.98, "{found} {blocked} {missed:#?}");
}

#[test]
fn of_other_numbers_few_are_warned_of_and_hardly_one_is_blocked() {
    let mut faults = Vec::new();
    for kind in &KINDS {
        let mut dice = Dice::new(7);
        let (mut blocks, mut warnings) = (0, 0);
        let mut example = String::new();
        for _ in 0..NEGATIVES {
            let text = (kind.write)(&mut dice);
            match level(&text) {
                Some(Level::Block) => {
                    blocks += 1;
                    example = text;
                }
                Some(Level::Warn) => {
                    warnings += 1;
                    example = text;
                }
                None => {}
            }
        }
        let per_100k = |it: u64| it as f64 * 100_000.0 / NEGATIVES as f64;
        // At this size one block is more than one in 100,000.
        if per_100k(blocks) > kind.blocks_max || per_100k(warnings) > kind.warnings_max {
            faults.push(format!("{}: {blocks} blocks, {warnings} warnings, {example}", kind.name));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
