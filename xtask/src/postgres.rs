//! A PostgreSQL server of our own: no service, no port, gone when we are gone.

use crate::failure::Failure;
use crate::{command, repository};
use nix::unistd::Uid;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

/// The kernel refuses longer paths for a socket; ours ends in `/.s.PGSQL.5432`.
const SOCKET_DIR_MAX: usize = 90;
/// PostgreSQL refuses to run as root; Debian's package makes this user.
const SERVER_USER: &str = "postgres";
const READY: &str = "database system is ready to accept connections";

/// What a server is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Tests: nothing needs to survive a crash.
    None,
    /// Measurements: as a server is delivered, fsync included.
    Full,
}

/// A running server. Dropping it stops it and removes its files.
pub(crate) struct Postgres {
    server: Child,
    dir: PathBuf,
}

impl Postgres {
    /// Makes a cluster under `target/postgres` (or the temporary directory, where the server's user
    /// cannot reach the target directory) and waits until the server accepts connections.
    pub(crate) fn start(durability: Durability) -> Result<Self, Failure> {
        let dir = make_home()?;
        let data = dir.join("data");
        let mut initdb = as_server_user(&tool("initdb")?);
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]);
        initdb.arg("--no-sync").arg("--pgdata").arg(&data);
        command::output(initdb.stderr(Stdio::inherit()))?;

        let mut command = as_server_user(&tool("postgres")?);
        command.arg("-D").arg(&data).arg("-k").arg(&dir);
        command.args(["-c", "listen_addresses=", "-c", "max_connections=200"]);
        if durability == Durability::None {
            for setting in ["fsync=off", "synchronous_commit=off", "full_page_writes=off"] {
                command.arg("-c").arg(setting);
            }
        }
        let shown = command::show(&command);
        let server = command
            .current_dir(&dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| Failure::Start { command: shown, source })?;
        let mut postgres = Self { server, dir };
        postgres.wait_until_ready()?;
        Ok(postgres)
    }

    /// The address, as the program and its tests take it.
    pub(crate) fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// The address of one of its databases.
    pub(crate) fn url_of(&self, database: &str) -> String {
        let socket = self.dir.to_string_lossy().replace('%', "%25").replace('/', "%2F");
        format!("postgres://postgres@{socket}/{database}")
    }

    /// Makes `database` anew, as a copy of `template`.
    pub(crate) fn create(&self, database: &str, template: &str) -> Result<(), Failure> {
        self.administer("dropdb", &["--if-exists", "--force", database])?;
        self.administer("createdb", &["--template", template, database])?;
        // What the copy left to be written is not the work of whoever comes next.
        self.administer("psql", &["--quiet", "--command", "CHECKPOINT", database])
    }

    /// Does at once what the server itself does with a database some minutes after it was written.
    pub(crate) fn vacuum(&self, database: &str) -> Result<(), Failure> {
        self.administer("vacuumdb", &["--quiet", "--analyze", database])
    }

    fn administer(&self, program: &str, arguments: &[&str]) -> Result<(), Failure> {
        let mut command = Command::new(tool(program)?);
        command.arg("--host").arg(&self.dir).args(["--username", "postgres"]).args(arguments);
        command::output(&mut command).map(drop)
    }

    /// The server's process; its backends are its children.
    pub(crate) fn pid(&self) -> u32 {
        self.server.id()
    }

    /// Waits until the server ends by itself (or by an interrupt from the terminal).
    pub(crate) fn wait(&mut self) -> Result<(), Failure> {
        self.server
            .wait()
            .map(drop)
            .map_err(|source| Failure::Start { command: "postgres".to_owned(), source })
    }

    /// The server's log goes on to `postgres.log` once it is ready.
    fn wait_until_ready(&mut self) -> Result<(), Failure> {
        let Some(pipe) = self.server.stderr.take() else {
            return Err(Failure::Postgres { log: String::new() });
        };
        let mut lines = BufReader::new(pipe);
        let mut log = String::new();
        loop {
            let start = log.len();
            if lines.read_line(&mut log).unwrap_or(0) == 0 {
                return Err(Failure::Postgres { log });
            }
            if log.get(start..).is_some_and(|line| line.contains(READY)) {
                break;
            }
        }
        let path = repository::target().join("postgres.log");
        let mut file = fs::File::create(&path).map_err(|source| Failure::Write { path, source })?;
        thread::spawn(move || drain(&log, &mut lines, &mut file));
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // An interrupt is PostgreSQL's fast shutdown: it ends its backends and waits for them.
        let interrupted = Command::new("kill").args(["-INT", &self.pid().to_string()]).status();
        if !interrupted.is_ok_and(|it| it.success()) {
            drop(self.server.kill());
        }
        drop(self.server.wait());
        drop(fs::remove_dir_all(&self.dir));
    }
}

/// Copies the rest of the log. Nobody waits for it; a full disk must not stop the server.
fn drain(start: &str, lines: &mut impl Read, file: &mut fs::File) {
    drop(file.write_all(start.as_bytes()));
    drop(std::io::copy(lines, file));
}

/// Where `name` of the server package stands: Debian keeps it out of the path.
pub(crate) fn tool(name: &str) -> Result<PathBuf, Failure> {
    find_tool(name).ok_or(Failure::Missing {
        missing: "PostgreSQL 15 or later",
        remedy: "sudo apt-get install --no-install-recommends postgresql",
    })
}

pub(crate) fn find_tool(name: &str) -> Option<PathBuf> {
    let debian = Path::new("/usr/lib/postgresql");
    let mut versions: Vec<u32> = fs::read_dir(debian)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable();
    let packaged = versions.iter().rev().map(|it| debian.join(it.to_string()).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    packaged.chain(std::env::split_paths(&path)).map(|dir| dir.join(name)).find(|it| it.is_file())
}

/// `program`, run as a user PostgreSQL accepts, and ended with us however we end.
fn as_server_user(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if Uid::effective().is_root() {
        command.arg(format!("--reuid={SERVER_USER}")).arg(format!("--regid={SERVER_USER}"));
        command.arg("--clear-groups");
    }
    command.args(["--pdeathsig", "INT"]).arg(program);
    command
}

/// A new directory that the server's user can reach and whose path a socket can bear.
fn make_home() -> Result<PathBuf, Failure> {
    let name = format!("kobling-{}", std::process::id());
    let preferred = repository::target().join("postgres").join(&name);
    let mut last = None;
    remove_leftovers();
    for dir in [preferred, std::env::temp_dir().join(&name)] {
        if dir.as_os_str().len() > SOCKET_DIR_MAX {
            continue;
        }
        match make_reachable(&dir) {
            Ok(()) => return Ok(dir),
            Err(failure) => last = Some(failure),
        }
    }
    Err(last.unwrap_or(Failure::Postgres { log: "no place for its socket".to_owned() }))
}

/// A run that was killed could not remove its directory; its number tells that it is gone.
fn remove_leftovers() {
    for parent in [repository::target().join("postgres"), std::env::temp_dir()] {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let owner =
                name.to_str().and_then(|it| it.strip_prefix("kobling-")?.parse::<u32>().ok());
            if owner.is_some_and(|pid| !Path::new("/proc").join(pid.to_string()).exists()) {
                drop(fs::remove_dir_all(entry.path()));
            }
        }
    }
}

fn make_reachable(dir: &Path) -> Result<(), Failure> {
    repository::make_dir(dir)?;
    let closed = fs::Permissions::from_mode(0o700);
    fs::set_permissions(dir, closed)
        .map_err(|source| Failure::Write { path: dir.to_path_buf(), source })?;
    if Uid::effective().is_root() {
        command::output(Command::new("chown").arg(SERVER_USER).arg(dir))?;
    }
    command::output(as_server_user(Path::new("test")).args(["-w"]).arg(dir)).map(drop)
}
