//! ARCHITECTURE.md stays true: every path it names exists.

use crate::failure::Failure;
use crate::features::backticked;
use crate::repository;
use std::path::Path;

pub(super) const LINES_MAX: usize = 250;

pub(super) fn faults(root: &Path) -> Result<Vec<String>, Failure> {
    let page = repository::read(&root.join("ARCHITECTURE.md"))?;
    let mut faults: Vec<String> = outside_blocks(&page)
        .iter()
        .flat_map(|line| backticked(line))
        .filter(|it| is_path(it) && !root.join(it).exists())
        .map(ToOwned::to_owned)
        .collect();
    let lines = page.lines().count();
    if lines > LINES_MAX {
        faults.push(format!("it has {lines} lines; a newcomer reads {LINES_MAX}"));
    }
    Ok(faults)
}

/// The lines of `page` that do not stand in a fenced block.
fn outside_blocks(page: &str) -> Vec<&str> {
    let mut in_block = false;
    let mut lines = Vec::new();
    for line in page.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            lines.push(line);
        }
    }
    lines
}

/// Whether `text` is written as a path of the working tree: it has a slash or the ending of a file.
fn is_path(text: &str) -> bool {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_./".contains(it);
    let ending = [".rs", ".md", ".toml", ".sql"].iter().any(|it| text.ends_with(it));
    !text.is_empty() && text.chars().all(plain) && (text.contains('/') || ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_code_and_commands() {
        assert!(is_path("crates/store/src/engine.rs"));
        assert!(is_path("docs/adr/"));
        assert!(is_path("ARCHITECTURE.md"));
        assert!(!is_path("cargo xtask test"));
        assert!(!is_path("kobling → hub"));
        assert!(!is_path("Projected<T>"));
    }

    #[test]
    fn pictures_are_not_read() {
        assert_eq!(outside_blocks("a\n```\n`no/such`\n```\nb"), ["a", "b"]);
    }
}
