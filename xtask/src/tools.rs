//! What the checks need and a fresh machine lacks.

use crate::failure::Failure;
use crate::{command, postgres};
use nix::unistd::Uid;
use std::process::{Command, Stdio};

const POSTGRES_PACKAGES: [&str; 3] = ["install", "--yes", "--no-install-recommends"];

/// Installs what is missing where we may, or says the one command that does.
pub(crate) fn install() -> Result<(), Failure> {
    for component in ["fmt", "clippy"] {
        command::execute(Command::new("cargo").args([component, "--version"]))?;
    }
    if postgres::find_tool("initdb").is_none() {
        install_postgres()?;
    }
    command::execute(Command::new(postgres::tool("postgres")?).arg("--version"))
}

fn install_postgres() -> Result<(), Failure> {
    if !Uid::effective().is_root() {
        // Names the command.
        return postgres::tool("initdb").map(drop);
    }
    let mut apt = Command::new("apt-get");
    command::execute(apt.args(["update", "--quiet"]))?;
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive").args(POSTGRES_PACKAGES).arg("postgresql");
    command::execute(&mut apt)
}

/// Whether the faster test runner is there. It is not fetched: building it takes longer than it saves.
pub(crate) fn has_nextest() -> bool {
    Command::new("cargo")
        .args(["nextest", "--version"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|it| it.success())
}
