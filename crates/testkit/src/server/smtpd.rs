use super::ftpd::{Certificate, make_certificate};
use super::{NO_LIMIT, PORT, Process, Scratch, free_address, tool};
use std::net::Ipv4Addr;
use std::path::PathBuf;

const SCRIPT: &str = include_str!("smtpd.py");
/// Who may log in.
const USER: &str = "kobling";
/// With which password.
const PASSWORD: &str = "not-a-secret";

/// A real aiosmtpd that takes letters after STARTTLS and a login, and keeps them. Letters to
/// `refused@…` are refused for good, the first to `later@…` for the moment.
pub struct Smtpd {
    /// Where it listens, at [`PORT`].
    pub address: Ipv4Addr,
    scratch: Scratch,
    _process: Process,
}

/// A letter that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its headers, and those the server added: `X-To` and `X-Encrypted`.
    pub head: String,
    /// Its text.
    pub text: String,
}

impl Received {
    /// The value of a header.
    pub fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|it| it.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_default()
    }
}

impl Smtpd {
    /// One that has taken nothing yet.
    pub fn start() -> Self {
        let (scratch, address) = (Scratch::new("smtpd"), free_address());
        make_certificate(&scratch, &[address], Certificate::Days(365));
        let script = scratch.write("smtpd.py", SCRIPT).display().to_string();
        let path = |name: &str| scratch.path(name).display().to_string();
        let (folder, certificate, key) = (path("files"), path("server.pem"), path("server.key"));
        let (host, port) = (address.to_string(), PORT.to_string());
        let arguments = [&*script, &host, &port, &folder, &certificate, &key, USER, PASSWORD];
        let python = tool("python3", "python3-aiosmtpd");
        let process = Process::start(&python, &arguments, address, NO_LIMIT);
        Self { address, scratch, _process: process }
    }

    /// Who may log in.
    pub fn user(&self) -> &'static str {
        USER
    }

    /// With which password.
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// The certificate that vouches for the server's.
    pub fn ca_file(&self) -> PathBuf {
        self.scratch.path("ca.pem")
    }

    /// What it has taken, in order.
    pub fn received(&self) -> Vec<Received> {
        let files = std::fs::read_dir(self.scratch.path("files")).expect("its folder is there");
        let mut paths: Vec<PathBuf> = files
            .filter_map(|it| Some(it.ok()?.path()))
            .filter(|it| it.extension().is_none())
            .collect();
        paths.sort();
        let read = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).expect("a letter is text");
            let text = text.replace("\r\n", "\n");
            let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
            Received { head: head.to_owned(), text: unquoted(body) }
        };
        paths.iter().map(read).collect()
    }
}

/// Text that was sent as quoted-printable.
fn unquoted(text: &str) -> String {
    let text = text.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        let code = hex.and_then(|it| u8::from_str_radix(it, 16).ok());
        match (first, code) {
            (b'=', Some(code)) => {
                bytes.push(code);
                rest = tail.get(2..).unwrap_or_default();
            }
            (it, _) => {
                bytes.push(*it);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
