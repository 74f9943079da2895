//! What is sealed is known: no column of bytes is forgotten when another key seals.

use kobling_store::sealed::stored::Place;
use std::collections::BTreeSet;
use std::path::Path;

/// Columns of bytes that hold no sealed value: digests, MACs, names of keys of others.
const OTHERS: [&str; 25] = [
    "audit_batch.digest",
    "claim.digest",
    "client.certificate",
    "client.secret_digest",
    "client_token.certificate",
    "client_token.token_digest",
    "file_receipt.mac",
    "kept_answer.digest",
    "message.leads_to",
    "own_value.ours",
    "pending_file.mac",
    "plan.hash",
    "plan_item.mac",
    "push_record.digest",
    "run.input_mac",
    "run.plan_hash",
    "seen.content",
    "seen.digest",
    "session.token_digest",
    "sign_in_link.token_digest",
    "source.applied_mac",
    "subject_key.native_key",
    "target.basis",
    "target_subject.digest",
    "target_subject.wanted",
];

/// The store's check of its keys is a MAC too, of a table that has no tenant.
const CHECK: &str = "tenant.key_check";

/// Every column of bytes that a migration makes and none takes away.
fn columns() -> BTreeSet<String> {
    let (mut all, mut dropped) = (BTreeSet::new(), BTreeSet::new());
    for entry in
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migrations")).unwrap()
    {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut table = String::new();
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["CREATE", "TABLE", name, ..] => (*name).clone_into(&mut table),
                ["ALTER", "TABLE", name, "ADD", "COLUMN", column, kind, ..]
                    if kind.starts_with("{bytes}") =>
                {
                    all.insert(format!("{name}.{column}"));
                }
                ["ALTER", "TABLE", name, "DROP", "COLUMN", column] => {
                    dropped.insert(format!("{name}.{}", column.trim_end_matches(';')));
                }
                [column, kind, ..] if kind.starts_with("{bytes}") => {
                    all.insert(format!("{table}.{column}"));
                }
                _ => {}
            }
        }
    }
    all.difference(&dropped).cloned().collect()
}

#[test]
fn every_column_of_bytes_is_sealed_anew_or_known_to_hold_nothing_sealed() {
    let sealed = Place::ALL.map(|it| {
        let (table, column) = it.name();
        format!("{table}.{column}")
    });
    let others = OTHERS.into_iter().chain([CHECK]).map(ToOwned::to_owned);
    let known: BTreeSet<String> = sealed.into_iter().chain(others).collect();
    assert_eq!(columns(), known);
}
