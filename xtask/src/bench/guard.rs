//! How well and how fast the guard finds identity numbers, beside other programs on the same texts.

use crate::command::{execute, step};
use crate::failure::Failure;
use crate::repository;
use std::process::Command;

/// The programs it is measured beside, from `PyPI`; only this task installs them.
const PEERS: [&str; 2] = ["presidio-analyzer==2.2.366", "python-stdnum==2.2"];

pub(super) fn run() -> Result<(), Failure> {
    let mut build = Command::new("cargo");
    build.args([
        "build",
        "--release",
        "--locked",
        "--package",
        "kobling-pii",
        "--example",
        "measure",
    ]);
    step("build", || execute(&mut build))?;
    let program = repository::target().join("release").join("examples").join("measure");
    execute(&mut Command::new(&program))?;
    let dir = repository::target().join("bench");
    let corpus = dir.join("pii.jsonl");
    repository::write(&corpus, "")?;
    execute(Command::new(&program).arg("corpus").arg(&corpus))?;
    let venv = dir.join("pii-venv");
    let mut make = Command::new("python3");
    make.args(["-m", "venv"]).arg(&venv);
    let mut install = Command::new(venv.join("bin").join("pip"));
    install.args(["install", "--quiet"]).args(PEERS);
    step("peers", || execute(&mut make).and_then(|()| execute(&mut install)))?;
    let script = repository::root().join("benches").join("pii").join("peers.py");
    execute(Command::new(venv.join("bin").join("python")).arg(script).arg(&corpus))
}
