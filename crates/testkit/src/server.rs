//! Real servers, most of them for files, on addresses of their own, with throw-away keys, and a wire between that
//! breaks when it is told to.
//!
//! A server ends with the thread that started it, however that ends.

mod ftpd;
mod identity;
mod oidcd;
mod otlpd;
mod postgresd;
mod smtpd;
mod sshd;
mod wire;

pub use ftpd::{Certificate, Ftpd, Renames};
pub use identity::Identity;
pub use oidcd::Oidcd;
pub use otlpd::Otlpd;
pub use postgresd::Postgresd;
pub use smtpd::{Received, Smtpd};
pub use sshd::Sshd;
pub use wire::{Fault, Wire};

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The port commands go to.
pub const PORT: u16 = 2021;
/// The ports FTP's data go to: several, as a session whose client was killed keeps its own until the
/// server notices, and vsftpd gives up the session that finds none.
const DATA_PORTS: [u16; 8] = [24_021, 24_022, 24_023, 24_024, 24_025, 24_026, 24_027, 24_028];

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Room for files of any size.
const NO_LIMIT: &str = "unlimited";

/// An address of this machine on which nobody listens. Every test has others.
fn free_address() -> Ipv4Addr {
    loop {
        let mut hasher = DefaultHasher::new();
        (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)).hash(&mut hasher);
        let [_, a, b, c, ..] = hasher.finish().to_be_bytes();
        let address = Ipv4Addr::new(127, a, b, c.clamp(1, 254));
        let is_free = |port| TcpListener::bind((address, port)).is_ok();
        if is_free(PORT) && DATA_PORTS.into_iter().all(is_free) {
            return address;
        }
    }
}

/// A directory of its own, removed when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(what: &str) -> Self {
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("kobling-{what}-{}-{nth}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        // One that was killed long ago may have left one: systems give numbers of processes again.
        drop(std::fs::remove_dir_all(&dir));
        std::fs::create_dir_all(dir.join("files")).expect("the temporary directory can be written");
        Self(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file can be written");
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is in the temporary directory.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A server's process.
struct Process(Child);

impl Process {
    /// Starts `program` and waits until it listens. No file it writes grows past `file_kib`: the
    /// disk is full for it.
    fn start(program: &Path, arguments: &[&str], address: Ipv4Addr, file_kib: &str) -> Self {
        // A shell's limit is in blocks of 512 bytes.
        let blocks = file_kib.parse::<u32>().map_or(NO_LIMIT.to_owned(), |it| (it * 2).to_string());
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "sh", "-c", &script, "server"]);
        command.arg(program).args(arguments).current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut it = Self(command.spawn().expect("a server can be started"));
        while TcpStream::connect((address, PORT)).is_err() {
            let ended = it.0.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "{} ended at once: {ended:?}", program.display());
            std::thread::yield_now();
        }
        it
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn tool(name: &str, package: &str) -> PathBuf {
    let places = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
    let found = places.iter().map(|it| Path::new(it).join(name)).find(|it| it.is_file());
    found.unwrap_or_else(|| panic!("no {name}: install {package}, or run `cargo xtask test`"))
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed: {said}");
}
