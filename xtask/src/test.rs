//! Everything that must hold before a change lands, the fastest checks first.

use crate::command::{Tally, execute, run_tests, step};
use crate::failure::Failure;
use crate::postgres::{Durability, Postgres};
use crate::{api, deps, features, fields, repository, tools};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// All is compiled and tested once, and with everything there is: what is only there without the feature is
/// a refusal.
const TRACES: &str = "kobling/otlp";
/// Small enough for a debug build, large enough for every kind of change.
const DEMO_EMPLOYEES: &str = "300";

pub(crate) fn run() -> Result<(), Failure> {
    let start = Instant::now();
    let mut tally = Tally::default();
    let done = all(&mut tally);
    println!("\ntotal: {:.1} s", start.elapsed().as_secs_f64());
    println!("{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped);
    done
}

fn all(tally: &mut Tally) -> Result<(), Failure> {
    step("tools", tools::install)?;
    step("sign-in service", || npm_ci("crates/testkit/oidc"))?;
    step("trace receiver", || python_environment("crates/testkit/otlp"))?;
    step("format", || run_cargo(&["fmt", "--all", "--check"]))?;
    step("dependencies", deps::run)?;
    step("features", features::run)?;
    step("generated files", fields::check)?;
    step("clippy", || {
        let all = ["clippy", "--workspace", "--all-targets", "--locked", "--features", TRACES];
        execute(Command::new("cargo").args(all).args(["--", "-D", "warnings"]))
    })?;
    step("tests", || test_all(tally))?;
    step("documentation", document)?;
    let dir = repository::target().join("e2e");
    step("demo", || demo(&dir))?;
    step("API", || api::probe(&program(), &dir.join("api")))?;
    step("journeys", || journeys(&dir, tally))
}

fn run_cargo(arguments: &[&str]) -> Result<(), Failure> {
    execute(Command::new("cargo").args(arguments))
}

/// All tests of all crates beside one PostgreSQL, which ends with this function whatever happens.
fn test_all(tally: &mut Tally) -> Result<(), Failure> {
    let postgres = Postgres::start(Durability::None)?;
    let mut tests = Command::new("cargo");
    if tools::has_nextest() {
        tests.args(["nextest", "run", "--workspace", "--locked", "--profile", "ci"]);
        tests.args(["--features", TRACES]);
    } else {
        tests.args(["test", "--workspace", "--locked", "--no-fail-fast", "--all-targets"]);
        tests.args(["--features", TRACES]);
    }
    tests.env("KOBLING_TEST_POSTGRES", postgres.url()).env("INSTA_UPDATE", "no");
    let units = run_tests(&mut tests, tally);

    let mut examples = Command::new("cargo");
    examples.args(["test", "--workspace", "--locked", "--doc", "--features", TRACES]);
    units.and(run_tests(&mut examples, tally))
}

fn document() -> Result<(), Failure> {
    let mut command = Command::new("cargo");
    command.env("RUSTDOCFLAGS", "-D warnings");
    execute(command.args([
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
        "--locked",
        "--features",
        TRACES,
    ]))
}

/// The first command of the README, in the debug build that the tests have made.
fn demo(dir: &Path) -> Result<(), Failure> {
    run_cargo(&["build", "--workspace", "--bin", "kobling", "--locked", "--features", TRACES])?;
    drop(std::fs::remove_dir_all(dir));
    repository::make_dir(dir)?;
    execute(
        Command::new(program())
            .args(["demo", "--employees", DEMO_EMPLOYEES, "--dir"])
            .arg(dir.join("demo")),
    )
}

/// The pages in a real browser, in that same build.
fn journeys(dir: &Path, tally: &mut Tally) -> Result<(), Failure> {
    npm_ci("e2e")?;
    let mut journeys = Command::new("npm");
    journeys.args(["test", "--prefix", "e2e"]);
    journeys.env("KOBLING", program()).env("KOBLING_E2E_DIR", dir.join("pages"));
    run_tests(&mut journeys, tally)
}

/// Installs what a directory's lock file names.
fn npm_ci(dir: &str) -> Result<(), Failure> {
    execute(Command::new("npm").args(["ci", "--prefix", dir, "--no-audit", "--no-fund"]))
}

/// Makes the Python environment that a directory's requirements name, once.
fn python_environment(dir: &str) -> Result<(), Failure> {
    let (dir, home) = (Path::new(dir), Path::new(dir).join("venv"));
    if home.join("made").exists() {
        return Ok(());
    }
    execute(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
    let mut pip = Command::new(home.join("bin/pip"));
    execute(pip.args(["install", "--quiet", "-r"]).arg(dir.join("requirements.txt")))?;
    repository::make_dir(&home.join("made"))
}

fn program() -> PathBuf {
    repository::target().join("debug").join("kobling")
}
