//! Measures the guard on its corpus, or writes the corpus down for other programs: what
//! `cargo xtask bench pii` runs. Times are worth something from a release build only.

#![allow(
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a program for developers, on a corpus of ours"
)]

#[path = "../tests/corpus/mod.rs"]
mod corpus;

use corpus::Dice;
use corpus::forms::{self, FORMS, Use, Wanted};
use corpus::negatives::KINDS;
use jiff::civil::{Date, date};
use kobling_pii::{Level, find};
use std::fs::File;
use std::io::{BufWriter, Write};

const TODAY: Date = date(2026, 3, 5);
/// Texts of each form.
const EACH: u64 = 1_000;
/// Texts of each kind without a number.
const NEGATIVES: u64 = 100_000;
/// The same for other programs, some of which are slow.
const FOR_OTHERS: [u64; 2] = [50, 5_000];
const SEED: u64 = 20_261_124;
/// Bytes of running text, measured so many times.
const TEXT_BYTES: usize = 16 * 1024 * 1024;
const ROUNDS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("corpus") => write_corpus(&arguments[2]),
        Some(_) | None => measure(),
    }
}

/// One line a text: id, what it is, what is wanted, the text.
fn write_corpus(path: &str) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    let [each, negatives] = FOR_OTHERS;
    let mut dice = Dice::new(SEED);
    let mut id = 0;
    let mut line = |group: &str, family: &str, wanted: &str, text: &str| {
        id += 1;
        let text = quoted(text);
        writeln!(out, "{{\"id\":{id},\"group\":\"{group}\",\"family\":\"{family}\",\"wanted\":\"{wanted}\",\"text\":{text}}}").unwrap();
    };
    for form in &FORMS {
        for _ in 0..each {
            let wanted = if form.wanted == Wanted::Block { "block" } else { "any" };
            let group = if form.used == Use::Tuned { "tuned" } else { "held out" };
            line(group, form.family, wanted, &forms::write(form, &mut dice));
        }
    }
    for kind in &KINDS {
        for _ in 0..negatives {
            line("negative", kind.name, "none", &(kind.write)(&mut dice));
        }
    }
}

/// As a string of JSON.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            it if u32::from(it) < 0x20 => {
                quoted.extend(format!("\\u{:04x}", u32::from(it)).chars());
            }
            it => quoted.push(it),
        }
    }
    quoted.push('"');
    quoted
}

fn measure() {
    println!("| numbers | texts | found | blocked, of those parted or named |\n|---|---|---|---|");
    recall("forms in view", Use::Tuned);
    recall("forms held out", Use::HeldOut);
    println!(
        "\n| no numbers | texts | blocks per 100,000 | warnings per 100,000 |\n|---|---|---|---|"
    );
    for kind in &KINDS {
        let mut dice = Dice::new(SEED);
        let (mut blocks, mut warnings) = (0_u64, 0_u64);
        for _ in 0..NEGATIVES {
            match level(&(kind.write)(&mut dice)) {
                Some(Level::Block) => blocks += 1,
                Some(Level::Warn) => warnings += 1,
                None => {}
            }
        }
        let per = |it: u64| it as f64 * 100_000.0 / NEGATIVES as f64;
        println!("| {} | {NEGATIVES} | {:.1} | {:.1} |", kind.name, per(blocks), per(warnings));
    }
    println!("\n| text | MB a CPU second |\n|---|---|");
    speed("letters and minutes, a number on every second page", &prose());
    speed("log lines with clock, counts and ids", &logs());
    speed("a table of people, a number on every line", &table());
}

fn level(text: &str) -> Option<Level> {
    find(text, TODAY).into_iter().map(|it| it.level).max()
}

fn recall(name: &str, used: Use) {
    let mut dice = Dice::new(SEED);
    let (mut all, mut found, mut sure, mut blocked) = (0_u64, 0_u64, 0_u64, 0_u64);
    for form in FORMS.iter().filter(|it| it.used == used) {
        for _ in 0..EACH {
            let level = level(&forms::write(form, &mut dice));
            let is_sure = form.wanted == Wanted::Block;
            all += 1;
            found += u64::from(level.is_some());
            sure += u64::from(is_sure);
            blocked += u64::from(is_sure && level == Some(Level::Block));
        }
    }
    let share = |part: u64, of: u64| part as f64 * 100.0 / of as f64;
    let count = FORMS.iter().filter(|it| it.used == used).count();
    println!(
        "| {count} {name} | {all} | {:.2} % | {:.2} % |",
        share(found, all),
        share(blocked, sure)
    );
}

fn speed(name: &str, text: &str) {
    let mut seconds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let from = cpu_seconds();
            std::hint::black_box(find(std::hint::black_box(text), TODAY));
            cpu_seconds() - from
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    println!("| {name} | {:.0} |", text.len() as f64 / 1_000_000.0 / seconds[ROUNDS / 2]);
}

/// Seconds this thread was on a core, as Linux counts them.
fn cpu_seconds() -> f64 {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    counted.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

fn prose() -> String {
    let mut dice = Dice::new(SEED);
    let words = [
        "Kommunen",
        "har",
        "modtaget",
        "en",
        "henvendelse",
        "om",
        "løn",
        "for",
        "perioden",
        "og",
        "beder",
        "om",
        "svar",
        "inden",
        "fristen",
        "den",
        "12.",
        "marts",
        "2026,",
        "kl.",
        "14:30.",
        "Sagen",
        "afventer",
        "leverandøren",
        "i",
        "uge",
        "17",
        "efter",
        "mødet.",
        "beløb",
        "på",
        "1.250,00",
        "kr.",
        "er",
        "udbetalt",
        "ved",
        "en",
        "fejl\n",
    ];
    let mut text = String::with_capacity(TEXT_BYTES + 64);
    while text.len() < TEXT_BYTES {
        if dice.below(600) == 0 {
            text.push_str(&corpus::cpr(&mut dice));
        } else {
            text.push_str(dice.pick(&words));
        }
        text.push(' ');
    }
    text
}

fn logs() -> String {
    let mut dice = Dice::new(SEED);
    let log = KINDS.iter().find(|it| it.name == "log line").unwrap();
    let mut text = String::with_capacity(TEXT_BYTES + 256);
    while text.len() < TEXT_BYTES {
        text.push_str(&(log.write)(&mut dice));
        text.push('\n');
    }
    text
}

fn table() -> String {
    let mut dice = Dice::new(SEED);
    let mut text = "Navn;CPR-nr.;Adresse;Stilling\n".to_owned();
    while text.len() < TEXT_BYTES {
        let number = corpus::cpr(&mut dice);
        let row = format!("Hans Hansen;{number};Fjordvej {};Lærer\n", dice.below(200));
        text.push_str(&row);
    }
    text
}
