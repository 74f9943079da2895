//! The PostgreSQL server that tests share when nobody gives them one.
//!
//! Every test process holds a shared lock on one file as long as it lives. The first to find no
//! server starts one, and beside it a watchdog that stops it and removes its files once the lock
//! can be had alone. Locks end with their process, so nothing is left behind, whatever crashes.

use kobling_store::Db;
use kobling_store::engine::{Engine, schema};
use std::ffi::OsString;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use tokio_postgres::{Client, NoTls};

/// Names a server that is already there.
const ADDRESS_VARIABLE: &str = "KOBLING_TEST_POSTGRES";
/// PostgreSQL refuses to run as root; its packages make this user.
pub(crate) const SERVER_USER: &str = "postgres";
/// Speaks for nobody else: the lock under which the template is made.
const TEMPLATE_LOCK: i64 = 0x006b_6f62_6c69_6e67;
/// After the last test process the server stays this long, in case another one starts.
const LINGER_SECONDS: u32 = 3;

/// Held as long as the process lives.
static USER: OnceLock<File> = OnceLock::new();

/// The address of a new database of that name: a copy of a migrated template.
pub(crate) async fn new_database(name: &str) -> String {
    let server = match std::env::var_os(ADDRESS_VARIABLE) {
        Some(address) => address.into_string().expect("an address is text"),
        None => shared_server(),
    };
    let client = connect(&server).await;
    let template = template(&client, &server).await;
    let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
    client.batch_execute(&sql).await.expect("a database can be made");
    address_of(&server, name)
}

/// The template of the present schema, made by whoever comes first.
async fn template(client: &Client, server: &str) -> String {
    let mut hasher = DefaultHasher::new();
    schema(Engine::Postgres).hash(&mut hasher);
    let name = format!("kobling_template_{:016x}", hasher.finish());

    let lock = format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})");
    client.batch_execute(&lock).await.expect("the lock can be waited for");
    let found = client
        .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name])
        .await
        .expect("databases can be listed");
    if found.is_none() {
        // Renamed only when it is whole, so that a killed test leaves no half-made template.
        let building = format!("{name}_building");
        let again = format!("DROP DATABASE IF EXISTS {building}");
        client.batch_execute(&again).await.expect("a half-made template can be dropped");
        let begin = format!("CREATE DATABASE {building}");
        client.batch_execute(&begin).await.expect("a template can be made");
        let db = Db::open(&address_of(server, &building)).expect("the address is well-formed");
        db.migrate().await.expect("a template can be migrated");
        drop(db);
        end_sessions(client, &building).await;
        let end = format!("ALTER DATABASE {building} RENAME TO {name}");
        client.batch_execute(&end).await.expect("a template can be renamed");
    }
    let unlock = format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})");
    client.batch_execute(&unlock).await.expect("a lock can be released");
    name
}

/// A session that was dropped may not have ended yet, and would forbid the renaming.
async fn end_sessions(client: &Client, database: &str) {
    let sql = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1";
    client.query(sql, &[&database]).await.expect("sessions can be ended");
}

pub(crate) async fn connect(address: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(address, NoTls)
        .await
        .unwrap_or_else(|error| panic!("no PostgreSQL for tests: {error}"));
    tokio::spawn(async move { drop(connection.await) });
    client
}

/// `server` with the database's name in the place of its own.
fn address_of(server: &str, database: &str) -> String {
    let (server, _) = server.rsplit_once('/').expect("an address names a database");
    format!("{server}/{database}")
}

/// Address of the shared server, started if it does not run.
fn shared_server() -> String {
    let home = std::env::temp_dir().join(format!("kobling-test-postgres-{}", user_name()));
    std::fs::create_dir_all(&home).expect("the temporary directory can be written");
    USER.get_or_init(|| {
        let users = open(&home.join("users.lock"));
        users.lock_shared().expect("a lock can be waited for");
        users
    });
    let starting = open(&home.join("start.lock"));
    starting.lock().expect("a lock can be waited for");
    if UnixStream::connect(home.join("socket/.s.PGSQL.5432")).is_err() {
        start(&home);
    }
    let socket = home.join("socket").display().to_string().replace('/', "%2F");
    format!("postgres://postgres@{socket}/postgres")
}

fn open(path: &Path) -> File {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    options.open(path).unwrap_or_else(|error| panic!("cannot open {}: {error}", path.display()))
}

fn start(home: &Path) {
    let (socket, data) = (home.join("socket"), home.join("socket/data"));
    drop(std::fs::remove_dir_all(&socket));
    std::fs::create_dir(&socket).expect("a directory can be made");
    if is_root() {
        run(Command::new("chown").arg(SERVER_USER).arg(&socket));
    }
    let mut initdb = server_tool("initdb");
    initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]);
    run(initdb.arg("--no-sync").arg("--pgdata").arg(&data));
    let settings = format!(
        "-k '{}' -c listen_addresses= -c max_connections=200 -c fsync=off \
         -c synchronous_commit=off -c full_page_writes=off",
        socket.display()
    );
    let mut pg_ctl = server_tool("pg_ctl");
    pg_ctl.arg("-D").arg(&data).arg("-l").arg(socket.join("log")).arg("-o").arg(settings);
    run(pg_ctl.args(["-w", "start"]));
    start_watchdog(home, &data);
}

/// Waits for the lock that all test processes share, lingers, and stops the server if nobody has
/// taken the lock meanwhile. 99 is what `flock` says of a lock that is taken.
fn start_watchdog(home: &Path, data: &Path) {
    let script = format!(
        "lock=$1; shift
         while :; do
             flock \"$lock\" true; sleep {LINGER_SECONDS}
             flock -n -E 99 \"$lock\" sh -c '\"$@\"; rm -rf \"$0\"' \"$@\"
             test $? -ne 99 && exit
         done"
    );
    let mut stop = server_tool("pg_ctl");
    stop.arg("-D").arg(data).args(["-m", "immediate", "stop"]);
    let words: Vec<OsString> =
        [stop.get_program()].into_iter().chain(stop.get_args()).map(OsString::from).collect();
    let mut watchdog = Command::new("sh");
    watchdog.arg("-c").arg(script).arg("watchdog").arg(home.join("users.lock"));
    watchdog.arg(home.join("socket")).args(words);
    watchdog.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    drop(watchdog.current_dir("/").spawn().expect("the watchdog can be started"));
}

/// A program of the server's package, run as a user PostgreSQL accepts.
pub(crate) fn server_tool(name: &str) -> Command {
    let path = find(name).unwrap_or_else(|| panic!("no {name}: install PostgreSQL 15 or later"));
    let mut command = Command::new(&path);
    if is_root() {
        command = Command::new("setpriv");
        command.arg(format!("--reuid={SERVER_USER}")).arg(format!("--regid={SERVER_USER}"));
        command.arg("--clear-groups").arg(&path);
    }
    command.current_dir("/").stdin(Stdio::null());
    command
}

/// Debian keeps the server's programs out of the path.
fn find(name: &str) -> Option<PathBuf> {
    let debian = Path::new("/usr/lib/postgresql");
    let mut versions: Vec<u32> = std::fs::read_dir(debian)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable();
    let packaged = versions.iter().rev().map(|it| debian.join(it.to_string()).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    packaged.chain(std::env::split_paths(&path)).map(|dir| dir.join(name)).find(|it| it.is_file())
}

fn run(command: &mut Command) {
    // A server would keep a pipe open, and who reads it would wait for ever.
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let status = status.unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(status.success(), "{command:?} failed: {status}");
}

pub(crate) fn is_root() -> bool {
    user_name() == "root"
}

fn user_name() -> String {
    let output = Command::new("id").arg("-un").output().expect("a user has a name");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
