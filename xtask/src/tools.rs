//! What the checks need and a fresh machine lacks.

use crate::failure::Failure;
use crate::{command, postgres};
use nix::unistd::Uid;
use std::path::Path;
use std::process::{Command, Stdio};

const INSTALL: [&str; 3] = ["install", "--yes", "--no-install-recommends"];
/// Programs the tests of places, the journeys and the measurements need, and Debian's packages that have them.
const PROGRAMS: [(&str, &str); 12] = [
    ("/usr/sbin/sshd", "openssh-server"),
    ("/usr/bin/ssh-keygen", "openssh-client"),
    ("/usr/sbin/vsftpd", "vsftpd"),
    ("/usr/bin/openssl", "openssl"),
    ("/usr/bin/curl", "curl"),
    ("/usr/bin/chromium", "chromium"),
    ("/usr/bin/node", "nodejs"),
    ("/usr/bin/npm", "npm"),
    ("/usr/bin/python3", "python3"),
    // No program: what makes environments of their own for Python's.
    ("/usr/share/doc/python3-venv", "python3-venv"),
    ("/usr/bin/aiosmtpd", "python3-aiosmtpd"),
    ("/usr/bin/wrk", "wrk"),
];

/// Installs what is missing where we may, or says the one command that does.
pub(crate) fn install() -> Result<(), Failure> {
    for component in ["fmt", "clippy"] {
        command::execute(Command::new("cargo").args([component, "--version"]))?;
    }
    if postgres::find_tool("initdb").is_none() {
        install_postgres()?;
    }
    install_programs()?;
    command::execute(Command::new(postgres::tool("postgres")?).arg("--version"))
}

fn install_postgres() -> Result<(), Failure> {
    if !Uid::effective().is_root() {
        // Names the command.
        return postgres::tool("initdb").map(drop);
    }
    install_packages(&["postgresql"])
}

fn install_programs() -> Result<(), Failure> {
    let missing = PROGRAMS.iter().filter(|(program, _)| !Path::new(program).exists());
    let packages: Vec<&'static str> = missing.map(|(_, package)| *package).collect();
    match packages.first() {
        None => Ok(()),
        Some(_) if Uid::effective().is_root() => install_packages(&packages),
        Some(package) => Err(Failure::Missing {
            missing: package,
            remedy: "sudo apt-get install --no-install-recommends openssh-server openssh-client \
                     vsftpd openssl curl chromium nodejs npm python3 python3-venv \
                     python3-aiosmtpd wrk",
        }),
    }
}

fn install_packages(packages: &[&str]) -> Result<(), Failure> {
    let mut apt = Command::new("apt-get");
    command::execute(apt.args(["update", "--quiet"]))?;
    let mut apt = Command::new("apt-get");
    // A server that is installed for tests need not run by itself.
    apt.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1").args(INSTALL).args(packages);
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
