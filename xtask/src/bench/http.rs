//! `cargo xtask bench http`: the server on a filled store, beside a handler that does one SELECT.

mod served;
mod wrk;

use super::scene::{CONFIGURATION, KEYS, SEED, kobling, release};
use super::{Engine, delivery};
use crate::command::{execute, output, step};
use crate::failure::Failure;
use crate::postgres::{Durability, Postgres};
use crate::{repository, tools};
use served::{Caller, Served};
use std::path::{Path, PathBuf};
use std::process::Command;
use wrk::Figures;

/// What the server answers of the API, each with what stands for its id.
const ASKED: [(&str, Ids); 4] = [
    ("/api/v1/persons/{id}", Ids::Persons),
    ("/api/v1/employments/{id}", Ids::Employments),
    ("/api/v1/persons?limit=50", Ids::None),
    ("/api/v1/employments?limit=50", Ids::None),
];
/// Pages, as the employer's owner sees them.
const PAGES: [(&str, Ids); 9] = [
    ("/", Ids::None),
    ("/runs", Ids::None),
    ("/plans", Ids::None),
    ("/people", Ids::None),
    ("/people/{id}", Ids::Persons),
    ("/units", Ids::None),
    ("/deliveries", Ids::None),
    ("/audit", Ids::None),
    ("/settings", Ids::None),
];
/// The overview is measured with so many agreements too.
const AGREEMENTS: usize = 1_000;
/// Answers a second that the API gives at least, and milliseconds in which 99 of 100 have come.
const GOAL_SQLITE: f64 = 5_000.0;
const GOAL_POSTGRES: f64 = 3_000.0;
const GOAL_P99_MS: f64 = 25.0;
/// Milliseconds in which half of a page's answers have come, and of the overview with all agreements.
const GOAL_PAGE_MS: f64 = 30.0;
const GOAL_OVERVIEW_MS: f64 = 50.0;

/// Whose ids stand in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ids {
    None,
    Persons,
    Employments,
}

/// Measures at the first size.
pub(super) fn run(sizes: &[u32], engines: &[Engine], seconds: u32) -> Result<(), Failure> {
    let Some(employees) = sizes.first() else { return Ok(()) };
    tools::install()?;
    step("build", || {
        let mut build = Command::new("cargo");
        build.args(["build", "--release", "--locked", "--package", "kobling-limits"]);
        execute(build.args(["--package", "kobling"]))
    })?;
    let postgres = Postgres::start(Durability::Full)?;
    let mut told = String::from(
        "| store | asked | requests/s | p50 ms | p99 ms | ratio to one SELECT | goal |\n\
         |---|---|---:|---:|---:|---:|---|\n",
    );
    for engine in engines {
        let bench = Bench { engine: *engine, employees: *employees, postgres: &postgres, seconds };
        bench.measure(&mut told)?;
    }
    println!("\n{told}");
    let path = repository::target().join("bench").join("http.md");
    repository::write(&path, &told)?;
    println!("written to {}", path.display());
    Ok(())
}

/// One store, and how it is asked.
struct Bench<'a> {
    engine: Engine,
    employees: u32,
    postgres: &'a Postgres,
    seconds: u32,
}

impl Bench<'_> {
    fn measure(&self, told: &mut String) -> Result<(), Failure> {
        let dir = step(&format!("prepare {}", self.engine.name()), || self.prepare())?;
        let least = self.least(&dir)?;
        self.tell(told, "one SELECT, nothing else", &least, "");
        let caller = self.admit(&dir)?;
        let served = Served::start(self.kobling(), &dir, &caller)?;
        for (path, ids) in ASKED {
            let paths = served.paths(path, ids)?;
            let figures = self.ask(&dir, &served, &paths, wrk::BUSY)?;
            let goal = match self.engine {
                Engine::Sqlite => GOAL_SQLITE,
                Engine::Postgres => GOAL_POSTGRES,
            };
            let is_met = figures.per_second >= goal && figures.p99_ms <= GOAL_P99_MS;
            let ratio = figures.per_second / least.per_second;
            let goal = format!("≥ {goal}/s, p99 ≤ {GOAL_P99_MS} ms: {}", delivery::met(is_met));
            self.tell(told, path, &figures, &format!("{ratio:.2} | {goal}"));
        }
        for (path, ids) in PAGES {
            let paths = served.paths(path, ids)?;
            let figures = self.ask(&dir, &served, &paths, wrk::ALONE)?;
            let goal = page_goal(&figures, GOAL_PAGE_MS);
            self.tell(told, &format!("page {path}"), &figures, &format!("| {goal}"));
        }
        drop(served);
        self.agree(&dir)?;
        let served = Served::start(self.kobling(), &dir, &caller)?;
        let figures = self.ask(&dir, &served, &["/".to_owned()], wrk::ALONE)?;
        let goal = page_goal(&figures, GOAL_OVERVIEW_MS);
        let title = format!("page / with {AGREEMENTS} agreements");
        self.tell(told, &title, &figures, &format!("| {goal}"));
        Ok(())
    }

    fn tell(&self, told: &mut String, asked: &str, it: &Figures, rest: &str) {
        let Figures { per_second, p50_ms, p99_ms } = it;
        let rest = if rest.is_empty() { "| " } else { rest };
        let line = format!(
            "| {} | {asked} | {per_second:.0} | {p50_ms:.2} | {p99_ms:.2} | {rest} |",
            self.engine.name()
        );
        println!("{line}");
        told.push_str(&line);
        told.push('\n');
    }

    fn ask(
        &self,
        dir: &Path,
        served: &Served<'_>,
        paths: &[String],
        load: wrk::Load,
    ) -> Result<Figures, Failure> {
        let token = served.token()?;
        wrk::ask(dir, (&served.url, &token), paths, (load, self.seconds))
    }

    /// Makes the store with the first extract in it.
    fn prepare(&self) -> Result<PathBuf, Failure> {
        let dir = repository::target().join("bench").join(format!("http-{}", self.engine.name()));
        let dir = std::path::absolute(&dir).unwrap_or(dir);
        drop(std::fs::remove_dir_all(&dir));
        repository::make_dir(&dir)?;
        if self.engine == Engine::Postgres {
            self.postgres.create(DATABASE, "template1")?;
        }
        repository::write(&dir.join("kobling.toml"), SETTINGS)?;
        repository::write(&dir.join("kobling.keys"), KEYS)?;
        repository::write(&dir.join("bench.toml"), CONFIGURATION)?;
        self.run(&dir, &["db", "migrate"])?;
        self.run(&dir, &["config", "apply", "bench.toml"])?;
        let employees = self.employees.to_string();
        let mut generate = vec!["generate", "opus", "--mode", "snapshot", "--seed", SEED];
        generate.extend(["--employees", &employees, "--day", "1", "--out", EXTRACT]);
        self.run(&dir, &generate)?;
        self.run(&dir, &["run", "opus", EXTRACT])?;
        drop(std::fs::remove_file(dir.join(EXTRACT)));
        if self.engine == Engine::Postgres {
            self.postgres.vacuum(DATABASE)?;
        }
        Ok(dir)
    }

    /// What a handler answers that does one SELECT in the same store.
    fn least(&self, dir: &Path) -> Result<Figures, Failure> {
        let mut command = Command::new(release("kobling-limits"));
        command.args(["answer", &self.url(dir)]);
        let served = Served::bare(command, dir)?;
        let ids = output(Command::new("curl").args(["-sf", &format!("{}/ids", served.url)]))?;
        let paths: Vec<String> = ids.lines().map(|id| format!("/subjects/{id}")).collect();
        wrk::ask(dir, (&served.url, ""), &paths, (wrk::BUSY, self.seconds))
    }

    /// Admits a program that may see all that the employer's owner sees.
    fn admit(&self, dir: &Path) -> Result<Caller, Failure> {
        let mut command = self.kobling();
        command.args(["--json", "client", "add", "bench", "--name", "Bench", "--by", "bench"]);
        command.args(["--role", "employer_owner@fjordby"]).current_dir(dir);
        Caller::parse(&mut command)
    }

    /// Adds as many targets and agreements as the overview is to show.
    fn agree(&self, dir: &Path) -> Result<(), Failure> {
        let more = (1..=AGREEMENTS).map(|nth| AGREEMENT.replace("NTH", &nth.to_string()));
        let text = CONFIGURATION.to_owned() + &more.collect::<String>();
        repository::write(&dir.join("bench.toml"), &text)?;
        self.run(dir, &["config", "apply", "bench.toml"])
    }

    fn run(&self, dir: &Path, arguments: &[&str]) -> Result<(), Failure> {
        let mut command = self.kobling();
        served::quietly(command.args(arguments).current_dir(dir))
    }

    fn kobling(&self) -> Command {
        let mut command = kobling();
        command.env(
            "KOBLING_DATABASE_URL",
            match self.engine {
                Engine::Sqlite => format!("sqlite:{FILE}"),
                Engine::Postgres => self.postgres.url_of(DATABASE),
            },
        );
        command
    }

    fn url(&self, dir: &Path) -> String {
        match self.engine {
            Engine::Sqlite => dir.join(FILE).to_string_lossy().into_owned(),
            Engine::Postgres => self.postgres.url_of(DATABASE),
        }
    }
}

fn page_goal(figures: &Figures, goal_ms: f64) -> String {
    format!("p50 ≤ {goal_ms} ms: {}", delivery::met(figures.p50_ms <= goal_ms))
}

/// The file of the store, or its database.
const FILE: &str = "bench.db";
const DATABASE: &str = "http";
const EXTRACT: &str = "ZLPE20260304220000_first.xml";
/// A server that counts nobody's requests.
const SETTINGS: &str = "[server]\nlisten = \"127.0.0.1:0\"\nrequests_per_minute = 4000000000\n";
/// One agreement of many, with a target of its own.
const AGREEMENT: &str = r#"
[[target]]
key = "target-NTH"
system = "plan2learn"
format = "plan2learn"
profile = "viborg"
folder = "out/NTH"

[[agreement]]
key = "agreement-NTH"
source = "opus"
target = "target-NTH"
scope = ["20001"]
from = "2026-01-01"
purpose = "To be shown"
legal_basis = "GDPR article 6(1)(e)"
fields = ["person.name"]
"#;
