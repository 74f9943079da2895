//! `kobling pii scan`: what it finds, answers and never tells.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Of 11 July 1903, with its check digit.
const NUMBER: &str = "1107030006";

/// A folder of its own; it stays when the test fails.
fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pii-{name}"));
    drop(std::fs::remove_dir_all(&dir));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

fn scan(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kobling"));
    command.args(["pii", "scan"]).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    drop(writer.join());
    output
}

fn said(output: &Output) -> String {
    let all = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let all = String::from_utf8(all).unwrap();
    assert!(!all.contains(NUMBER) && !all.contains("0006"), "{all}");
    all
}

#[test]
fn a_scan_tells_where_a_number_stands_and_never_which_it_is() {
    let dir = folder("folder");
    std::fs::write(dir.join("a.txt"), format!("Hej\n  cpr {NUMBER} og mere\n")).unwrap();
    std::fs::write(dir.join(format!("loen_{NUMBER}.txt")), "intet").unwrap();
    std::fs::write(dir.join("b.txt"), "Faktura 1107030006").unwrap();
    let output = scan(&[dir.to_str().unwrap()], b"");
    let said = said(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("a.txt:2:7: block cpr 11••••-••••"), "{said}");
    assert!(said.contains("(its name): warn cpr 11••••-••••"), "{said}");
    assert!(said.contains("3 files scanned: 1 blocked, 1 to look at, 0 not scanned"), "{said}");
}

#[test]
fn a_text_without_numbers_ends_well_and_json_tells_the_same() {
    let output = scan(&["-", "--json"], b"Kl. 14 den 3. maj");
    assert_eq!(output.status.code(), Some(0));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["blocks"], 0);
    let output = scan(&["-", "--json"], "b\u{f8}rn 110703-0006".as_bytes());
    assert_eq!(output.status.code(), Some(3));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["findings"][0]["column"], 6);
    said(&output);
}

#[test]
fn texts_in_utf_16_and_windows_1252_are_read() {
    let text = format!("født {NUMBER}");
    let utf_16: Vec<u8> =
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(scan(&["-"], &utf_16).status.code(), Some(3));
    let windows: Vec<u8> = text.chars().map(|it| u8::try_from(u32::from(it)).unwrap()).collect();
    assert_eq!(scan(&["-"], &windows).status.code(), Some(3));
}

#[test]
fn lines_are_answered_in_order_and_a_bad_one_is_told_by_its_number() {
    let input = format!(
        "{{\"id\":\"a\",\"text\":\"født {NUMBER}\"}}\n{{\"id\":2,\"text\":\"intet\"}}\nrod {NUMBER}\n{{\"id\":3}}\n{{\"id\":4,\"text\":\"se {NUMBER}\"}}\n"
    );
    let output = scan(&["--jsonl", "-"], input.as_bytes());
    assert_eq!(
        String::from_utf8(output.stdout.clone()).unwrap(),
        "{\"id\":\"a\",\"level\":\"block\",\"kind\":\"cpr\",\"spans\":[[5,15]]}\n\
         {\"id\":2,\"level\":\"none\",\"kind\":null,\"spans\":[]}\n\
         {\"id\":4,\"level\":\"warn\",\"kind\":\"cpr\",\"spans\":[[3,13]]}\n"
    );
    let said = said(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("line 3: is no JSON") && said.contains("line 4: has not both"), "{said}");
    assert!(said.contains("lines that could not be read: 2 of 5"), "{said}");
}

#[test]
fn a_number_at_the_seam_of_two_pieces_is_found_once_in_its_line() {
    let row = "Hans Hansen;17;Fjordvej\n";
    let before = row.repeat(4 * 1024 * 1024 / row.len() - 10);
    let text = format!("{before}110703-\n0006 {}", row.repeat(200_000));
    let output = scan(&["-", "--json"], text.as_bytes());
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["blocks"], &json["findings"][0]["column"]), (&1.into(), &1.into()));
    let line = before.lines().count() + 1;
    assert_eq!(json["findings"][0]["line"], line);
}
