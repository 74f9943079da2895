//! A working directory with a configured hub.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_domain::id::TenantId;
use kobling_hub::clock::Clock;
use kobling_hub::people::Kept;
use kobling_hub::secrets::Secrets;
use kobling_hub::{Hub, access};
use kobling_store::engine::Db;
use kobling_testkit::contents;
use kobling_testkit::database::Database;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The configuration that the demo applies.
pub(crate) const FJORDBY: &str = include_str!("../../src/cli/demo/fjordby.toml");

/// So long a server may take to see that a killed process is gone.
const PATIENCE: Duration = Duration::from_secs(20);

/// A directory of its own under the target directory; it stays when the test fails.
pub(crate) struct Workplace {
    dir: PathBuf,
    postgres: Option<Database>,
    /// Passwords, by the name of their variable: the program and [`hub`](Self::hub) have them.
    pub(crate) secrets: BTreeMap<String, String>,
}

impl Workplace {
    /// Settings, demo keys, an empty store, nothing configured; source and target folders.
    pub(crate) fn empty() -> Self {
        Self::with_store(None)
    }

    /// The same with a store on PostgreSQL.
    pub(crate) async fn on_postgres() -> Self {
        Self::with_store(Some(Database::postgres().await))
    }

    fn with_store(postgres: Option<Database>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let nth = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("it-{}-{nth}", std::process::id());
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // A test that failed long ago may have left one: systems give numbers of processes again.
        drop(std::fs::remove_dir_all(&dir));
        std::fs::create_dir_all(dir.join("inbox")).unwrap();
        let it = Self { dir, postgres, secrets: BTreeMap::new() };
        it.write("kobling.toml", "[database]\nurl = \"sqlite:kobling.db\"\n");
        it.write("kobling.keys", access::keys::DEMO_KEYS);
        it.ok(["db", "migrate"]);
        it
    }

    /// The same with Fjordby Kommune configured.
    pub(crate) fn new() -> Self {
        let it = Self::empty();
        it.configure(FJORDBY);
        it
    }

    /// Applies a configuration.
    pub(crate) fn configure(&self, text: &str) {
        self.write("fjordby.toml", text);
        self.ok(["config", "apply", "fjordby.toml"]);
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The program, about to be started here.
    pub(crate) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kobling"));
        command.current_dir(&self.dir).args(arguments).envs(&self.secrets);
        if let Some(database) = &self.postgres {
            command.env("KOBLING_DATABASE_URL", &database.address);
        }
        command
    }

    /// Where the store lies.
    pub(crate) fn address(&self) -> String {
        let sqlite = || format!("sqlite:{}", self.path("kobling.db").display());
        self.postgres.as_ref().map_or_else(sqlite, |it| it.address.clone())
    }

    /// Jobs whose time has come and that nobody has done: what asked for them left them over.
    fn leftover_jobs(&self) -> Vec<String> {
        if self.postgres.is_some() {
            return Vec::new();
        }
        contents::jobs_until(&self.path("kobling.db"), Clock::System.now())
    }

    /// Runs the program to its end.
    pub(crate) fn output<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs the program with `--json`, which must end with `code`; what it printed.
    pub(crate) fn json<'a>(
        &self,
        arguments: impl IntoIterator<Item = &'a str>,
        code: i32,
    ) -> Value {
        let output = self.output(arguments.into_iter().chain(["--json"]));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{errors}");
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    /// Runs the program, which must do what it is asked.
    pub(crate) fn ok<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Value {
        self.json(arguments, 0)
    }

    /// Does what it is asked, as soon as a server has seen that a killed process is gone.
    #[expect(clippy::disallowed_methods, reason = "a server is given a moment at a time")]
    pub(crate) fn patiently<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Value {
        let arguments: Vec<&str> = arguments.into_iter().chain(["--json"]).collect();
        let until = Instant::now() + PATIENCE;
        loop {
            let output = self.output(arguments.iter().copied());
            if output.status.success() {
                return serde_json::from_slice(&output.stdout).unwrap();
            }
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            let is_busy = self.postgres.is_some() && told.contains("under way");
            assert!(is_busy && Instant::now() < until, "{told}");
            sleep(Duration::from_millis(50));
        }
    }

    /// Writes the synthetic extract of `day` under its usual name, with a flaw if one is named;
    /// gives the file's path inside the directory.
    pub(crate) fn generate(&self, employees: u32, day: u16, flaw: Option<&str>) -> String {
        let (employees, day) = (employees.to_string(), day.to_string());
        let usual = ["generate", "opus", "--employees", &employees, "--day", &day, "--out"];
        let flaw = flaw.map(|it| ["--flaw", it]).into_iter().flatten();
        let made = self.ok(usual.into_iter().chain(["new.xml"]).chain(flaw));
        let file = format!("inbox/{}", made["usual_name"].as_str().unwrap());
        std::fs::rename(self.path("new.xml"), self.path(&file)).unwrap();
        file
    }

    /// The hub of this directory at noon of `day`, in this process.
    pub(crate) async fn hub(&self, day: Date) -> (Hub, TenantId) {
        let noon = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let db = Db::open(&self.address()).unwrap();
        let keys = access::keys::parse(access::keys::DEMO_KEYS).unwrap();
        let secrets = Secrets::Given(self.secrets.clone());
        let hub = Hub { db, keys, clock: Clock::Fixed(noon), secrets, kept: Kept::default() };
        let tenant = access::tenant(&hub, None).await.unwrap();
        (hub, tenant)
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        assert_eq!(self.leftover_jobs(), [""; 0], "left over in {}", self.dir.display());
        if std::fs::remove_dir_all(&self.dir).is_err() {
            // What cannot be removed lies in the target directory, where `cargo clean` finds it.
        }
    }
}

#[tokio::test]
async fn a_generated_extract_is_read_once_and_then_changes_nothing() {
    let here = Workplace::new();
    let file = here.generate(100, 0, None);
    let count = |report: &Value, name: &str| report[name].as_u64().unwrap();
    let first = here.ok(["run", "opus", &file]);
    assert_eq!(first["state"], "applied");
    assert_eq!(count(&first, "read"), count(&first, "applied") + count(&first, "unchanged"));
    assert_eq!(here.ok(["run", "opus", &file])["state"], "unchanged");
    here.generate(100, 1, Some("missing-school"));
    assert_eq!(here.json(["run", "opus"], 3)["runs"][0]["state"], "held");
    assert!(here.read("fjordby.toml").contains("plan2learn"));
    let (hub, tenant) = here.hub(jiff::civil::date(2026, 3, 3)).await;
    let now = access::civil_now(&hub, tenant).await.unwrap();
    assert_eq!(now.date(), jiff::civil::date(2026, 3, 3));
}
