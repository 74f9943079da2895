use super::ftpd::make_certificate;
use super::{Certificate, NO_LIMIT, PORT, Process, Scratch, free_address, run};
use crate::postgres::{SERVER_USER, is_root, server_tool};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A real PostgreSQL of its own, on an address of the network instead of a socket, that speaks TLS.
/// Whoever comes is let in as `postgres`.
pub struct Postgresd {
    /// Where it listens, at [`PORT`].
    pub address: Ipv4Addr,
    scratch: Scratch,
    _process: Process,
}

impl Postgresd {
    /// One with that certificate.
    pub fn with(certificate: Certificate) -> Self {
        let (scratch, address) = (Scratch::new("postgresd"), free_address());
        make_certificate(&scratch, &[address], certificate);
        if is_root() {
            run(Command::new("chown").arg("-R").arg(SERVER_USER).arg(&scratch.0));
        }
        let data = scratch.path("files");
        let mut initdb = server_tool("initdb");
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]);
        run(initdb.arg("--no-sync").arg("--pgdata").arg(&data));
        let process = start(&scratch, &data, address);
        wait_until_ready(address);
        Self { address, scratch, _process: process }
    }

    /// The certificate that vouches for the server's.
    pub fn ca_file(&self) -> PathBuf {
        self.scratch.path("ca.pem")
    }
}

fn start(scratch: &Scratch, data: &Path, address: Ipv4Addr) -> Process {
    let setting = |name: &str, value: &dyn std::fmt::Display| format!("--{name}={value}");
    let mut server = server_tool("postgres");
    server.arg("-D").arg(data).args([
        setting("listen_addresses", &address),
        setting("port", &PORT),
        setting("unix_socket_directories", &""),
        setting("fsync", &"off"),
        setting("ssl", &"on"),
        setting("ssl_cert_file", &scratch.path("server.pem").display()),
        setting("ssl_key_file", &scratch.path("server.key").display()),
    ]);
    let word = |it: &std::ffi::OsStr| it.to_string_lossy().into_owned();
    let mut words: Vec<String> = server.get_args().map(word).collect();
    if is_root() {
        // Becoming another user would end what ends it with its test.
        words.splice(0..0, ["--pdeathsig", "KILL"].map(str::to_owned));
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Process::start(Path::new(server.get_program()), &words, address, NO_LIMIT)
}

/// It listens before it has read what it holds.
fn wait_until_ready(address: Ipv4Addr) {
    let mut asking = server_tool("pg_isready");
    asking.args(["-q", "-h", &address.to_string(), "-p", &PORT.to_string()]);
    while !asking.status().expect("the server's package has it").success() {
        std::thread::yield_now();
    }
}
