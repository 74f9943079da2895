use super::tool;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Where the receiver and what it stands on lie.
const DIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/otlp");

/// A receiver of traces (OTLP over HTTP), which reads them by `OpenTelemetry`'s own definitions (`PyPI`
/// `opentelemetry-proto`).
pub struct Otlpd {
    /// What it calls itself: its address.
    pub endpoint: String,
    process: Child,
    said: BufReader<ChildStdout>,
}

impl Otlpd {
    /// One that has received nothing yet.
    pub fn start() -> Self {
        let python = Path::new(DIR).join("venv/bin/python");
        assert!(python.is_file(), "run `cargo xtask test`, which makes {}", python.display());
        let mut command = Command::new(tool("setpriv", "util-linux"));
        command.args(["--pdeathsig", "KILL"]).arg(python).arg("receiver.py").current_dir(DIR);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("a receiver can be started");
        let said = process.stdout.take().expect("what it says is read");
        let (mut said, mut endpoint) = (BufReader::new(said), String::new());
        said.read_line(&mut endpoint).expect("it says where it listens");
        let endpoint = endpoint.trim().to_owned();
        assert!(!endpoint.is_empty(), "the receiver ended at once");
        Self { endpoint, process, said }
    }

    /// Ends it; what it has received, in order: each request with its `body` as base64, and each `span`
    /// of it with its `resource`, as a line of JSON.
    pub fn end(mut self) -> Vec<String> {
        let host = self.endpoint.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("the receiver listens");
        let request = format!("POST /end HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("the receiver takes a request");
        self.said.by_ref().lines().map(|it| it.expect("it speaks UTF-8")).collect()
    }
}

impl Drop for Otlpd {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
