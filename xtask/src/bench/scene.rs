//! The extracts, stores and directories that the cases run on.

use super::Engine;
use super::case::{Before, Case, Extract, Work};
use super::measure::{Usage, Waiting, usage};
use crate::command::execute;
use crate::failure::Failure;
use crate::postgres::Postgres;
use crate::repository;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) const SEED: &str = "7";
/// The directory and database in which cases are measured.
const WORK: &str = "work";
/// The SQLite file in such a directory.
const DATABASE: &str = "bench.db";
/// The configuration of the demo.
pub(super) const CONFIGURATION: &str =
    include_str!("../../../crates/kobling/src/cli/demo/fjordby.toml");
/// Leaves the roster to a command of its own, so that it is measured apart.
const ROSTER_LATER: [&str; 2] = ["--roster", "later"];
/// What [`Before::Reconfigured`] changes in it; it leaves all values as they are.
const RECONFIGURED: (&str, &str) =
    ("mode = \"snapshot\"", "mode = \"snapshot\"\nannul_within_days = 34");
/// Two secrets that guard nothing.
pub(super) const KEYS: &str = "\
id   = 62656e63686d61726b2d69642d6b65792d2d2d2d2d6e6f742d73656372657421
data = 62656e63686d61726b2d646174612d6b65792d2d2d6e6f742d73656372657421
";

/// All there is at one size.
pub(super) struct Scene<'a> {
    dir: PathBuf,
    /// The extract that the limit programs read.
    first: PathBuf,
    employees: u32,
    postgres: &'a Postgres,
}

impl<'a> Scene<'a> {
    /// A scene for the limit programs alone.
    pub(super) fn of_file(file: &Path, postgres: &'a Postgres) -> Result<Self, Failure> {
        let dir = repository::target().join("bench").join("limits");
        repository::make_dir(&dir)?;
        let first = file
            .canonicalize()
            .map_err(|source| Failure::Read { path: file.to_path_buf(), source })?;
        Ok(Self { dir, first, employees: 0, postgres })
    }

    /// Generates the extracts, and makes a store with the configuration and one with the first
    /// extract in it for each engine.
    pub(super) fn prepare(
        employees: u32,
        engines: &[Engine],
        postgres: &'a Postgres,
    ) -> Result<Self, Failure> {
        let dir = repository::target().join("bench").join(employees.to_string());
        drop(fs::remove_dir_all(&dir));
        repository::make_dir(&dir)?;
        let first = dir.join(Extract::First.file_name());
        let scene = Self { dir, first, employees, postgres };
        scene.generate()?;
        for engine in engines {
            for holding in Before::ALL {
                scene.make_store(*engine, holding)?;
                if *engine == Engine::Postgres {
                    postgres.vacuum(store_name(holding))?;
                }
            }
        }
        Ok(scene)
    }

    pub(super) fn employees(&self) -> u32 {
        self.employees
    }

    /// Runs the case once, on a fresh copy of what it needs.
    pub(super) fn measure(&self, case: &Case) -> Result<Usage, Failure> {
        let work_dir = self.dir.join(WORK);
        drop(fs::remove_dir_all(&work_dir));
        let command = match case.work {
            Work::Limit(name) => {
                repository::make_dir(&work_dir)?;
                self.limit(name)
            }
            Work::Run { engine, before, extract } => {
                let mut command = self.run(engine, before, extract)?;
                command.args(ROSTER_LATER);
                command
            }
            Work::Refresh { engine, before } => {
                self.copy_store(engine, before, &work_dir, WORK)?;
                let mut command = self.kobling_on(engine, WORK);
                command.args(["db", "refresh"]);
                command
            }
            Work::Wait { engine, extract } => {
                let command = self.run(engine, Before::Loaded, extract)?;
                fetch_inputs(&command)?;
                let waiting = self.waiting_beside(engine)?;
                let used = usage(&command, &work_dir, self.postgres.pid())?;
                return Ok(Usage { wait_max_ms: Some(waiting.longest_ms()?), ..used });
            }
            Work::Deliver { engine } => {
                self.copy_store(engine, Before::Loaded, &work_dir, WORK)?;
                let mut command = self.kobling_on(engine, WORK);
                command.args(["deliver", "plan2learn"]);
                command
            }
        };
        fetch_inputs(&command)?;
        usage(&command, &work_dir, self.postgres.pid())
    }

    fn run(&self, engine: Engine, before: Before, extract: Extract) -> Result<Command, Failure> {
        self.copy_store(engine, before, &self.dir.join(WORK), WORK)?;
        let mut command = self.kobling_on(engine, WORK);
        command.args(["run", "opus"]).arg(self.dir.join(extract.file_name()));
        Ok(command)
    }

    /// Another program that asks for the ledger again and again.
    fn waiting_beside(&self, engine: Engine) -> Result<Waiting, Failure> {
        let mut command = Command::new(release("kobling-limits"));
        command.arg("wait").arg(match engine {
            Engine::Sqlite => self.dir.join(WORK).join(DATABASE).to_string_lossy().into_owned(),
            Engine::Postgres => self.postgres.url_of(WORK),
        });
        Waiting::start(command)
    }

    fn limit(&self, name: &str) -> Command {
        let mut command = Command::new(release("kobling-limits"));
        command.arg(name).arg(&self.first);
        match name {
            "insert" => command.arg("everything.db"),
            "copy" => command.arg(self.postgres.url()),
            _ => &mut command,
        };
        command
    }

    fn generate(&self) -> Result<(), Failure> {
        for extract in Extract::ALL {
            let mut command = kobling();
            command.args(["generate", "opus", "--mode", "snapshot", "--seed", SEED]);
            command.args(["--employees", &self.employees.to_string()]).args(extract.generate());
            let out = self.dir.join(extract.file_name());
            execute(command.arg("--out").arg(&out))?;
            if extract == Extract::Same {
                end_with_a_space(&out)?;
            }
        }
        Ok(())
    }

    /// Makes the store that later runs copy. Each goes on from the one before.
    fn make_store(&self, engine: Engine, holding: Before) -> Result<(), Failure> {
        let name = store_name(holding);
        let dir = self.dir.join(engine.name()).join(name);
        let run = |arguments: &[&str]| {
            let mut command = self.kobling_on(engine, name);
            command.args(arguments);
            usage(&command, &dir, self.postgres.pid()).map(drop)
        };
        match holding {
            Before::Configured => {
                repository::make_dir(&dir)?;
                if engine == Engine::Postgres {
                    self.postgres.create(name, "template1")?;
                }
                repository::write(&dir.join("kobling.toml"), "")?;
                repository::write(&dir.join("kobling.keys"), KEYS)?;
                repository::write(&dir.join("bench.toml"), CONFIGURATION)?;
                run(&["db", "migrate"])?;
                run(&["config", "apply", "bench.toml"])
            }
            Before::Behind => {
                self.copy_store(engine, Before::Configured, &dir, name)?;
                let first = self.first.to_string_lossy();
                run(&[&["run", "opus", &first], &ROSTER_LATER[..]].concat())
            }
            Before::Loaded => {
                self.copy_store(engine, Before::Behind, &dir, name)?;
                run(&["db", "refresh"])
            }
            Before::BehindOnePercent => {
                self.copy_store(engine, Before::Loaded, &dir, name)?;
                let next = self.dir.join(Extract::OnePercent.file_name());
                let next = next.to_string_lossy();
                run(&[&["run", "opus", &next], &ROSTER_LATER[..]].concat())
            }
            Before::Reconfigured => {
                self.copy_store(engine, Before::Loaded, &dir, name)?;
                let (before, after) = RECONFIGURED;
                let changed = CONFIGURATION.replace(before, after);
                repository::write(&dir.join("bench.toml"), &changed)?;
                run(&["config", "apply", "bench.toml"])
            }
        }
    }

    /// Copies a store to the directory `to` and, on PostgreSQL, to the database `database`.
    fn copy_store(
        &self,
        engine: Engine,
        before: Before,
        to: &Path,
        database: &str,
    ) -> Result<(), Failure> {
        let from = self.dir.join(engine.name()).join(store_name(before));
        copy_dir(&from, to)?;
        match engine {
            Engine::Sqlite => Ok(()),
            Engine::Postgres => self.postgres.create(database, store_name(before)),
        }
    }

    /// The program on the store `name` of the directory it is started in.
    fn kobling_on(&self, engine: Engine, name: &str) -> Command {
        let mut command = kobling();
        let url = match engine {
            Engine::Sqlite => format!("sqlite:{DATABASE}"),
            Engine::Postgres => self.postgres.url_of(name),
        };
        command.env("KOBLING_DATABASE_URL", url);
        command
    }
}

/// Reads the files that a command is given, so that not the first to be measured on one, or whoever
/// comes after the system let go of it, pays for fetching it from the disk.
fn fetch_inputs(command: &Command) -> Result<(), Failure> {
    for path in command.get_args().map(Path::new).filter(|it| it.is_file()) {
        let fetched = fs::File::open(path).and_then(|mut it| io::copy(&mut it, &mut io::sink()));
        fetched.map_err(|source| Failure::Read { path: path.to_owned(), source })?;
    }
    Ok(())
}

/// Copies a directory, and leaves none of it to be written out by whoever syncs next: that is not the
/// work that is measured.
pub(super) fn copy_dir(from: &Path, to: &Path) -> Result<(), Failure> {
    crate::command::output(Command::new("cp").arg("-a").arg(from).arg(to))?;
    crate::command::output(Command::new("sync").arg("--file-system").arg(to)).map(drop)
}

fn store_name(holding: Before) -> &'static str {
    match holding {
        Before::Configured => "configured",
        Before::Behind => "behind",
        Before::Loaded => "loaded",
        Before::BehindOnePercent => "behind_one",
        Before::Reconfigured => "reconfigured",
    }
}

pub(super) fn kobling() -> Command {
    Command::new(release("kobling"))
}

pub(super) fn release(program: &str) -> PathBuf {
    let target = repository::target().join("release").join(program);
    std::path::absolute(&target).unwrap_or(target)
}

/// White space after the root changes the bytes and nothing else.
fn end_with_a_space(path: &Path) -> Result<(), Failure> {
    let text = |source| Failure::Write { path: path.to_path_buf(), source };
    let mut file = fs::File::options().append(true).open(path).map_err(text)?;
    io::Write::write_all(&mut file, b"\n").map_err(text)
}
