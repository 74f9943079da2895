//! docs/features.md promises a test for every capability, docs/cases.md for every hard case; this
//! keeps the promises.

use crate::failure::{Failure, none_of};
use crate::repository;
use std::path::Path;

const TABLE_WIDTH: usize = 3;

pub(crate) fn run() -> Result<(), Failure> {
    let capabilities = check("docs/features.md", "docs/features.md names tests that do not exist")?;
    let cases = check("docs/cases.md", "docs/cases.md names tests that do not exist")?;
    println!("   {capabilities} capabilities and {cases} hard cases, each with its test");
    Ok(())
}

/// How many rows the page has, each with tests that exist.
fn check(name: &str, failing: &'static str) -> Result<usize, Failure> {
    let root = repository::root();
    let page = repository::read(&root.join(name))?;
    let (rows, mut faults) = rows(&page);
    for row in &rows {
        faults.extend(row.tests.iter().filter_map(|test| fault(&root, row, test)));
    }
    none_of(failing, faults)?;
    Ok(rows.len())
}

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
struct Row<'a> {
    capability: &'a str,
    /// Each `path/to/file.rs::name`.
    tests: Vec<&'a str>,
}

fn rows(page: &str) -> (Vec<Row<'_>>, Vec<String>) {
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let mut in_table = false;
    for line in page.lines() {
        in_table = line.starts_with('|') && (in_table || line.starts_with("|---"));
        if !in_table || line.starts_with("|---") {
            continue;
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let tests = cells.get(2).map(|cell| backticked(cell)).unwrap_or_default();
        let capability = cells.first().copied().unwrap_or_default();
        if cells.len() != TABLE_WIDTH || tests.is_empty() {
            faults.push(format!("{capability}: a row has a capability, a command and a test"));
        } else {
            rows.push(Row { capability, tests });
        }
    }
    (rows, faults)
}

/// What stands between backticks in `text`.
pub(crate) fn backticked(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn fault(root: &Path, row: &Row<'_>, test: &str) -> Option<String> {
    let capability = row.capability;
    let Some((path, name)) = test.split_once("::") else {
        return Some(format!("{capability}: `{test}` is not `path/to/file.rs::name_of_test`"));
    };
    let Ok(code) = repository::read(&root.join(path)) else {
        return Some(format!("{capability}: there is no {path}"));
    };
    let name = name.rsplit("::").next().unwrap_or(name);
    (!has_function(&code, name)).then(|| format!("{capability}: {path} has no test {name}"))
}

fn has_function(code: &str, name: &str) -> bool {
    code.match_indices(&format!("fn {name}")).any(|(at, found)| {
        code.get(at + found.len()..).is_some_and(|rest| rest.starts_with(['(', '<']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_a_test_is_a_fault_and_the_heading_is_no_row() {
        let page = "| capability | command | test |\n|---|---|---|\n| reads | `kobling run` | `a.rs::b` |\n| flies | `kobling fly` | soon |\n";
        let (rows, faults) = rows(page);
        assert_eq!(rows, [Row { capability: "reads", tests: vec!["a.rs::b"] }]);
        assert_eq!(faults.len(), 1);
        assert!(faults[0].starts_with("flies"));
    }

    #[test]
    fn a_longer_name_does_not_stand_in_for_a_test() {
        assert!(has_function("async fn holds() {", "holds"));
        assert!(!has_function("fn holds_twice() {", "holds"));
    }
}
