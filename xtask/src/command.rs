//! One command of a task: shown, timed, and named in full when it fails.

use crate::failure::Failure;
use crate::repository;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

/// What test runners said at their end, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

/// Does `work` under a heading and prints how long it took.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    println!("\n── {name}");
    let start = Instant::now();
    let done = work();
    let seconds = start.elapsed().as_secs_f64();
    println!("── {name}: {} in {seconds:.1} s", if done.is_ok() { "done" } else { "FAILED" });
    done
}

/// Runs `command` in the working tree's root with no standard input.
pub(crate) fn execute(command: &mut Command) -> Result<(), Failure> {
    let shown = show(command);
    println!("   {shown}");
    let status = command
        .current_dir(repository::root())
        .stdin(Stdio::null())
        .status()
        .map_err(|source| Failure::Start { command: shown.clone(), source })?;
    if status.success() { Ok(()) } else { Err(Failure::Command { command: shown, status }) }
}

/// What `command` prints to its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let shown = show(command);
    let start = |source| Failure::Start { command: shown.clone(), source };
    let done = command
        .current_dir(repository::root())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(start)?;
    if !done.status.success() {
        return Err(Failure::Command { command: shown, status: done.status });
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Runs tests: passes their output on and adds their closing lines to `total`, also when they fail.
pub(crate) fn run_tests(command: &mut Command, total: &mut Tally) -> Result<(), Failure> {
    let shown = show(command);
    println!("   {shown}");
    let start = |source| Failure::Start { command: shown.clone(), source };
    let mut child = command
        .current_dir(repository::root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(start)?;
    *total = total.plus(pass_on(&mut child));
    let status = child.wait().map_err(start)?;
    if status.success() { Ok(()) } else { Err(Failure::Command { command: shown, status }) }
}

fn pass_on(child: &mut Child) -> Tally {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let errors = thread::spawn(move || {
        count_lines(stderr, |line| {
            eprintln!("{line}");
        })
    });
    let tally = count_lines(stdout, |line| println!("{line}"));
    tally.plus(errors.join().unwrap_or_default())
}

fn count_lines(pipe: Option<impl Read>, show: impl Fn(&str)) -> Tally {
    let mut tally = Tally::default();
    let Some(pipe) = pipe else { return tally };
    for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        show(&line);
        if let Some(closing) = closing_line(&line) {
            tally = tally.plus(closing);
        }
    }
    tally
}

/// The figures of a closing line of `cargo test`, nextest or Node's test runner, if `line` is one.
fn closing_line(line: &str) -> Option<Tally> {
    let line = line.trim();
    if line.starts_with("test result:") {
        let failed = number_before(line, " failed")?;
        let passed = number_before(line, " passed")?;
        return Some(Tally { passed, failed, skipped: number_before(line, " ignored")? });
    }
    if line.starts_with("Summary [") && line.contains(" run: ") {
        let timed_out = number_before(line, " timed out").unwrap_or(0);
        return Some(Tally {
            passed: number_before(line, " passed").unwrap_or(0),
            failed: number_before(line, " failed").unwrap_or(0) + timed_out,
            skipped: number_before(line, " skipped").unwrap_or(0),
        });
    }
    // Node gives each figure a line of its own.
    let of_node = |word: &str| line.strip_prefix(word)?.trim().parse::<u64>().ok();
    let figures = (of_node("# pass "), of_node("# fail "), of_node("# skipped "));
    match figures {
        (None, None, None) => None,
        (passed, failed, skipped) => Some(Tally {
            passed: passed.unwrap_or(0),
            failed: failed.unwrap_or(0),
            skipped: skipped.unwrap_or(0),
        }),
    }
}

fn number_before(line: &str, word: &str) -> Option<u64> {
    let (before, _) = line.split_once(word)?;
    before.rsplit(|it: char| !it.is_ascii_digit()).next()?.parse().ok()
}

/// `command` as one would type it.
pub(crate) fn show(command: &Command) -> String {
    let settings = command.get_envs().filter_map(|(name, value)| {
        value.map(|value| format!("{}={}", name.display(), quote(&value.to_string_lossy())))
    });
    let words = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| quote(&word.to_string_lossy()));
    settings.chain(words).collect::<Vec<_>>().join(" ")
}

fn quote(word: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_=./:,%@+".contains(it);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_all_runners_are_read() {
        let cargo =
            "test result: FAILED. 11 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out";
        assert_eq!(closing_line(cargo), Some(Tally { passed: 11, failed: 2, skipped: 1 }));
        let nextest = "     Summary [   1.204s] 42 tests run: 40 passed (1 slow), 1 failed, 1 timed out, 3 skipped";
        assert_eq!(closing_line(nextest), Some(Tally { passed: 40, failed: 2, skipped: 3 }));
        assert_eq!(closing_line("# pass 9"), Some(Tally { passed: 9, ..Tally::default() }));
        assert_eq!(closing_line("# fail 2"), Some(Tally { failed: 2, ..Tally::default() }));
        assert_eq!(closing_line("# passing by"), None);
        assert_eq!(closing_line("40 passed their exam"), None);
    }

    #[test]
    fn a_shown_command_can_be_pasted_into_a_shell() {
        let mut command = Command::new("cargo");
        command.env("RUSTDOCFLAGS", "-D warnings").args(["doc", "it's"]);
        assert_eq!(show(&command), r"RUSTDOCFLAGS='-D warnings' cargo doc 'it'\''s'");
    }
}
