//! Only `store` speaks SQL: statements in string literals elsewhere are found.

use crate::failure::Failure;
use crate::repository;
use std::path::Path;

const ELSEWHERE: [&str; 5] =
    ["crates/domain", "crates/formats", "crates/pii", "crates/hub", "crates/kobling"];
/// A statement, by the words that begin it and a word that must follow somewhere.
const STATEMENTS: [(&str, &str); 4] =
    [("SELECT ", " FROM "), ("INSERT INTO ", "("), ("UPDATE ", " SET "), ("DELETE FROM ", "")];

pub(super) fn faults(root: &Path) -> Result<Vec<String>, Failure> {
    let mut faults = Vec::new();
    for dir in ELSEWHERE {
        for path in repository::rust_files(&root.join(dir))? {
            let code = repository::read(&path)?;
            let shown = path.strip_prefix(root).unwrap_or(&path).display();
            let found = literals(&code).into_iter().filter(|it| is_statement(&it.text));
            faults.extend(found.map(|it| format!("{shown}:{}", it.line)));
        }
    }
    Ok(faults)
}

fn is_statement(text: &str) -> bool {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    STATEMENTS.iter().any(|(start, word)| {
        flat.split_once(start).is_some_and(|(_, rest)| format!(" {rest}").contains(word))
    })
}

/// A string literal of a Rust file.
struct Literal {
    line: usize,
    text: String,
}

/// The string literals of `code`, raw ones included; comments are passed over.
fn literals(code: &str) -> Vec<Literal> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(next) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(hashes) = raw_start(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            let body = hashes + 2;
            body + rest.get(body..).and_then(|it| it.find(&end)).unwrap_or(0) + end.len()
        } else if next == '"' {
            string_length(rest)
        } else if next == '\'' {
            quote_length(rest)
        } else {
            next.len_utf8()
        };
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if next == '"' || raw_start(token).is_some() {
            let before = code.len() - rest.len();
            let line = code.get(..before).map_or(0, |it| it.matches('\n').count()) + 1;
            found.push(Literal { line, text: token.to_owned() });
        }
        rest = after;
    }
    found
}

/// How many `#` stand in `r#"`, if `rest` begins with a raw string.
fn raw_start(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('r')?;
    let body = after.trim_start_matches('#');
    body.starts_with('"').then_some(after.len() - body.len())
}

fn string_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, next) in rest.char_indices().skip(1) {
        match (escaped, next) {
            (false, '"') => return at + 1,
            (false, '\\') => escaped = true,
            (true | false, _) => escaped = false,
        }
    }
    rest.len()
}

/// The length of a character literal, or 1 for a lifetime.
fn quote_length(rest: &str) -> usize {
    let body: Vec<char> = rest.chars().skip(1).take(3).collect();
    match body.as_slice() {
        ['\\', escaped, '\''] => 3 + escaped.len_utf8(),
        [plain, '\'', ..] => 2 + plain.len_utf8(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_found_in_strings_and_not_in_comments_or_prose() {
        let code = "// SELECT a FROM b\nlet q = '\"';\nfn f<'a>() { run(\"SELECT a\n   FROM b\"); }\n\
                    let p = \"please SELECT one\"; let r = r#\"DELETE FROM \"x\"\"#;\n";
        let lines: Vec<usize> = literals(code)
            .into_iter()
            .filter(|it| is_statement(&it.text))
            .map(|it| it.line)
            .collect();
        assert_eq!(lines, [3, 5]);
    }
}
