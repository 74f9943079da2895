//! Whether a package may be used under a licence of our list.

use super::graph::Graph;

const ALLOWED: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "EUPL-1.2",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

pub(super) fn faults(graph: &Graph) -> Vec<String> {
    let refused = graph.foreign().filter(|it| !it.license.as_deref().is_some_and(is_allowed));
    refused
        .map(|it| {
            let licence = it.license.as_deref().unwrap_or("no licence");
            format!("{} {}: {licence}", it.name, it.version)
        })
        .collect()
}

/// Whether the SPDX expression can be met with licences of the list alone.
fn is_allowed(expression: &str) -> bool {
    // Older manifests write `MIT/Apache-2.0` for a choice.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (allowed, rest) = any_of(&words);
    allowed && rest.is_empty()
}

/// `all_of (OR all_of)*`; what follows is handed back.
fn any_of<'a>(words: &'a [&'a str]) -> (bool, &'a [&'a str]) {
    let (mut allowed, mut rest) = all_of(words);
    while let Some((&"OR", tail)) = rest.split_first() {
        let (next, after) = all_of(tail);
        (allowed, rest) = (allowed | next, after);
    }
    (allowed, rest)
}

/// `licence (AND licence)*`
fn all_of<'a>(words: &'a [&'a str]) -> (bool, &'a [&'a str]) {
    let (mut allowed, mut rest) = licence(words);
    while let Some((&"AND", tail)) = rest.split_first() {
        let (next, after) = licence(tail);
        (allowed, rest) = (allowed & next, after);
    }
    (allowed, rest)
}

/// `( any_of )`, or a name with its exception.
fn licence<'a>(words: &'a [&'a str]) -> (bool, &'a [&'a str]) {
    match words {
        ["(", inner @ ..] => match any_of(inner) {
            (allowed, [")", rest @ ..]) => (allowed, rest),
            (_, rest) => (false, rest),
        },
        [name, "WITH", exception, rest @ ..] => {
            (ALLOWED.contains(&format!("{name} WITH {exception}").as_str()), rest)
        }
        [name, rest @ ..] => (ALLOWED.contains(name), rest),
        [] => (false, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_allowed_choice_is_enough_and_every_part_of_a_sum_is_needed() {
        assert!(is_allowed("GPL-3.0-only OR MIT"));
        assert!(is_allowed("MIT/GPL-2.0"));
        assert!(is_allowed("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(is_allowed("Apache-2.0 WITH LLVM-exception OR GPL-2.0"));
        assert!(!is_allowed("MIT AND GPL-3.0-only"));
        assert!(!is_allowed("(MIT"));
        assert!(!is_allowed(""));
    }
}
