//! The extracts, stores and directories that the cases run on.

use super::Engine;
use super::case::{Before, Case, Extract, Work};
use super::measure::{Usage, usage};
use crate::command::execute;
use crate::failure::Failure;
use crate::postgres::Postgres;
use crate::repository;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SEED: &str = "7";
/// Enough of a demo to take its configuration and keys from.
const DEMO_EMPLOYEES: &str = "50";
/// The configuration that the demo leaves in its directory.
const CONFIGURATION: &str = "fjordby.toml";

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
        execute(
            kobling().args(["demo", "--employees", DEMO_EMPLOYEES, "--dir"]).arg(scene.demo()),
        )?;
        for engine in engines {
            scene.make_store(*engine, Before::Configured)?;
            scene.make_store(*engine, Before::Loaded)?;
        }
        Ok(scene)
    }

    pub(super) fn employees(&self) -> u32 {
        self.employees
    }

    /// Runs the case once, on a fresh copy of what it needs.
    pub(super) fn measure(&self, case: &Case) -> Result<Usage, Failure> {
        let work_dir = self.dir.join("work");
        drop(fs::remove_dir_all(&work_dir));
        let command = match case.work {
            Work::Limit(name) => {
                repository::make_dir(&work_dir)?;
                self.limit(name)
            }
            Work::Run { engine, before, extract } => {
                self.copy_store(engine, before, &work_dir)?;
                let mut command = self.kobling_on(engine, "work");
                command.args(["run", "opus"]).arg(self.dir.join(extract.file_name()));
                command
            }
            Work::Deliver { engine } => {
                self.copy_store(engine, Before::Loaded, &work_dir)?;
                let mut command = self.kobling_on(engine, "work");
                command.args(["deliver", "plan2learn"]);
                command
            }
        };
        usage(&command, &work_dir, self.postgres.pid())
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

    fn demo(&self) -> PathBuf {
        self.dir.join("demo")
    }

    /// Makes the store that later runs copy.
    fn make_store(&self, engine: Engine, holding: Before) -> Result<(), Failure> {
        let name = store_name(holding);
        let dir = self.dir.join(engine.name()).join(name);
        repository::make_dir(&dir)?;
        copy_dir_files(&self.demo(), &dir)?;
        if engine == Engine::Postgres {
            self.postgres.create(name, "template1")?;
        }
        let commands: &[&[&str]] = &[&["db", "migrate"], &["config", "apply", CONFIGURATION]];
        for arguments in commands {
            let mut command = self.kobling_on(engine, name);
            command.args(*arguments);
            usage(&command, &dir, self.postgres.pid())?;
        }
        if holding == Before::Loaded {
            let mut command = self.kobling_on(engine, name);
            command.args(["run", "opus"]).arg(&self.first);
            usage(&command, &dir, self.postgres.pid())?;
        }
        Ok(())
    }

    fn copy_store(&self, engine: Engine, before: Before, to: &Path) -> Result<(), Failure> {
        let from = self.dir.join(engine.name()).join(store_name(before));
        crate::command::output(Command::new("cp").arg("-a").arg(&from).arg(to))?;
        match engine {
            Engine::Sqlite => Ok(()),
            Engine::Postgres => self.postgres.create("work", store_name(before)),
        }
    }

    /// The program on the store `name` of the directory it is started in.
    fn kobling_on(&self, engine: Engine, name: &str) -> Command {
        let mut command = kobling();
        let url = match engine {
            Engine::Sqlite => "sqlite:bench.db".to_owned(),
            Engine::Postgres => self.postgres.url_of(name),
        };
        command.env("KOBLING_DATABASE_URL", url);
        command
    }
}

fn store_name(holding: Before) -> &'static str {
    match holding {
        Before::Configured => "configured",
        Before::Loaded => "loaded",
    }
}

fn kobling() -> Command {
    Command::new(release("kobling"))
}

fn release(program: &str) -> PathBuf {
    let target = repository::target().join("release").join(program);
    std::path::absolute(&target).unwrap_or(target)
}

/// White space after the root changes the bytes and nothing else.
fn end_with_a_space(path: &Path) -> Result<(), Failure> {
    let text = |source| Failure::Write { path: path.to_path_buf(), source };
    let mut file = fs::File::options().append(true).open(path).map_err(text)?;
    std::io::Write::write_all(&mut file, b"\n").map_err(text)
}

/// The settings, keys and configuration of the demo, without its store and its files.
fn copy_dir_files(from: &Path, to: &Path) -> Result<(), Failure> {
    let unreadable = |source| Failure::Read { path: from.to_path_buf(), source };
    for entry in fs::read_dir(from).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default();
        if path.is_file() && !name.to_string_lossy().contains(".db") {
            fs::copy(&path, to.join(name)).map_err(unreadable)?;
        }
    }
    Ok(())
}
