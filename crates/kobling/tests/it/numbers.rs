//! National numbers are found in no output and in no unencrypted byte of the store.

use crate::harness::Workplace;
use std::collections::BTreeSet;

/// All runs of ten digits, with a hyphen after the sixth or without.
pub(crate) fn numbers_in(bytes: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for start in 0..bytes.len() {
        let digits = |from: usize, count: usize| {
            let part = bytes.get(from..from + count)?;
            part.iter().all(u8::is_ascii_digit).then(|| String::from_utf8_lossy(part).into_owned())
        };
        let Some(birth) = digits(start, 6) else { continue };
        let rest = if bytes.get(start + 6) == Some(&b'-') { start + 7 } else { start + 6 };
        found.extend(digits(rest, 4).map(|serial| format!("{birth}{serial}")));
    }
    found
}

/// The national numbers of an extract.
pub(crate) fn planted(here: &Workplace, file: &str) -> BTreeSet<String> {
    let text = here.read(file);
    let cells = text.split("<cpr").skip(1);
    let number = |it: &str| it.split(['>', '<']).nth(1).map(str::to_owned);
    cells.filter_map(number).filter(|it| it.len() == 10).collect()
}

/// Every file of the store.
fn stored(here: &Workplace) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(here.path(".")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with("kobling.db") {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    bytes
}

#[test]
fn a_planted_national_number_is_in_no_output_and_no_unencrypted_column() {
    let here = Workplace::new();
    let good = here.generate(100, 0, None);
    let mut secret = planted(&here, &good);
    assert!(secret.len() > 90, "{}", secret.len());
    let mut told = Vec::new();
    let mut tell = |arguments: &[&str]| {
        for json in [&[][..], &["--json"]] {
            let output = here.output(arguments.iter().chain(json).copied());
            told.extend(output.stdout);
            told.extend(output.stderr);
        }
    };
    tell(&["run", "opus", &good]);
    for flaw in ["cpr-changed", "duplicate-ids", "ill-formed", "numbers-as-text", "half-gone"] {
        let bad = here.generate(100, 1, Some(flaw));
        secret.extend(planted(&here, &bad));
        tell(&["inspect", &bad]);
        tell(&["compare", &good, &bad, "--items"]);
        tell(&["run", "opus", &bad]);
    }
    tell(&["quarantine", "list"]);
    tell(&["plan", "list"]);
    let plans = here.ok(["plan", "list"]);
    let plans = plans.as_array().unwrap();
    assert!(plans.len() > 3, "{plans:?}");
    for plan in plans {
        tell(&["plan", "show", plan["plan"].as_str().unwrap(), "--items"]);
    }
    for id in ["99001", "99002", "90002"] {
        tell(&["show", "employment", id]);
        tell(&["show", "person", id]);
        tell(&["history", id]);
    }
    let one = secret.first().unwrap().clone();
    tell(&["config", "export", "-"]);
    tell(&["deliver", "plan2learn", "--dry-run"]);
    tell(&["deliver", "plan2learn"]);
    tell(&["doctor"]);
    tell(&["db", "check"]);
    assert!(numbers_in(format!("x{one}y").as_bytes()).contains(&one), "the search finds them");
    let hyphen = format!("{}-{}", one.split_at(6).0, one.split_at(6).1);
    assert!(numbers_in(hyphen.as_bytes()).contains(&one));
    let leaked: Vec<String> = numbers_in(&told).intersection(&secret).cloned().collect();
    assert_eq!(leaked.len(), 0, "in an output");
    let leaked: Vec<String> = numbers_in(&stored(&here)).intersection(&secret).cloned().collect();
    assert_eq!(leaked.len(), 0, "in the store");
}

#[test]
fn a_file_named_by_a_national_number_is_refused_before_anything_is_kept() {
    let here = Workplace::new();
    let good = here.generate(100, 0, None);
    let name = "ZLPE20260302224013_010300-0017.xml";
    std::fs::rename(here.path(&good), here.path(&format!("inbox/{name}"))).unwrap();
    let output = here.output(["run", "opus", &format!("inbox/{name}")]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("the name of the file holds"), "{said}");
    let folder = here.output(["run", "opus", "--json"]);
    assert_eq!(folder.status.code(), Some(2));
    let told = [said.as_bytes(), &folder.stdout, &folder.stderr, &stored(&here)].concat();
    assert!(!String::from_utf8_lossy(&told).contains("010300-0017"));
}

#[test]
fn a_national_number_typed_by_mistake_is_told_back_masked() {
    let here = Workplace::new();
    let typed: [(&[&str], &str); 2] = [
        (&["plan", "show", "010300-0017"], "01••••-••••"),
        (&["inspect", "loen_0103000017.xml"], "loen_01••••-••••.xml"),
    ];
    for (arguments, told) in typed {
        let output = here.output(arguments.iter().copied());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(told), "{said}");
        assert!(!said.contains("0017"), "{said}");
    }
}
