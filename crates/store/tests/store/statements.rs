//! Every statement in the sources is accepted by both engines.

use kobling_testkit::database::Database;
use std::path::Path;

const VERBS: [&str; 5] = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];

#[tokio::test]
async fn every_statement_is_prepared_by_both_engines() {
    let mut statements = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut statements);
    assert!(statements.len() > 50, "only {} statements found", statements.len());
    for it in Database::each().await {
        for statement in &statements {
            if let Err(error) = it.db.prepare(statement).await {
                panic!("{error:?} in\n{statement}");
            }
        }
    }
}

/// The string literals of all sources that begin with a verb of SQL, and what is added to those that a
/// macro shares.
fn collect(dir: &Path, statements: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            // The engine's own texts are made of pieces.
            if !path.ends_with("engine") {
                collect(&path, statements);
            }
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = std::fs::read_to_string(&path).unwrap().replace("\\\"", "");
            let literals = text.split('"').skip(1).step_by(2);
            let begins = |it: &&str| VERBS.iter().any(|verb| it.starts_with(verb));
            statements.extend(literals.filter(begins).map(str::to_owned));
            statements.extend(shared(&text));
        }
    }
}

/// Each use of a macro that adds a literal to the statement it begins with.
fn shared(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for macro_text in text.split("macro_rules! ").skip(1) {
        let name = macro_text.split_whitespace().next().unwrap();
        let begin = macro_text.split('"').nth(1).unwrap_or_default();
        for used in text.split(&format!("= {name}!(")).skip(1) {
            all.push(format!("{begin}{}", used.split('"').nth(1).unwrap()));
        }
    }
    all
}
