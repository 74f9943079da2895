use super::tool;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Where the provider and what it stands on lie.
const DIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/oidc");
/// No signing in takes more steps.
const STEPS_MAX: u32 = 10;

/// A real `OpenID` provider (npm `oidc-provider`) that signs in whoever is named: `kari` has the mail
/// address `kari@fjordby.example`.
pub struct Oidcd {
    /// What it calls itself: its address.
    pub issuer: String,
    process: Child,
}

impl Oidcd {
    /// One that knows nobody yet.
    pub fn start() -> Self {
        let modules = Path::new(DIR).join("node_modules/oidc-provider");
        assert!(modules.is_dir(), "run `npm ci --prefix {DIR}`, or `cargo xtask test`");
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).arg(tool("node", "nodejs")).arg("provider.mjs");
        command.current_dir(DIR).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("a provider can be started");
        let said = process.stdout.take().expect("what it says is read");
        let mut issuer = String::new();
        BufReader::new(said).read_line(&mut issuer).expect("it says where it listens");
        let issuer = issuer.trim().to_owned();
        assert!(!issuer.is_empty(), "the provider ended at once");
        Self { issuer, process }
    }

    /// What it calls the program that is tested.
    pub fn client_id(&self) -> &'static str {
        "kobling"
    }

    /// With what that program proves to be itself.
    pub fn client_secret(&self) -> &'static str {
        "a secret: of tests & no other"
    }

    /// Signs somebody in who was sent to `address`, as a browser does; where they are sent back to.
    pub fn sign_in(&self, address: &str, name: &str) -> String {
        let mut address = format!("{address}&login_hint={name}");
        let mut cookies = BTreeMap::new();
        for _ in 0..STEPS_MAX {
            let Some(path) = address.strip_prefix(&self.issuer) else { return address };
            let head = self.get(path, &cookies);
            remember(&head, &mut cookies);
            let next = header(&head, "location").next();
            let next = next.unwrap_or_else(|| panic!("{path}: {head}"));
            address = if next.starts_with('/') { format!("{}{next}", self.issuer) } else { next };
        }
        panic!("the provider sends a browser round and round");
    }

    /// Gives it other keys.
    pub fn rotate(&self) {
        self.get("/rotate", &BTreeMap::new());
    }

    /// The head of an answer.
    fn get(&self, path: &str, cookies: &BTreeMap<String, String>) -> String {
        let host = self.issuer.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("the provider listens");
        let pairs: Vec<String> = cookies.iter().map(|(name, it)| format!("{name}={it}")).collect();
        let cookies = pairs.join("; ");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("the provider takes a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the provider answers");
        answer.split("\r\n\r\n").next().unwrap_or_default().to_owned()
    }
}

impl Drop for Oidcd {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn header(head: &str, name: &str) -> impl Iterator<Item = String> {
    head.lines().filter_map(move |line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then(|| value.to_owned())
    })
}

fn remember(head: &str, cookies: &mut BTreeMap<String, String>) {
    for line in header(head, "set-cookie") {
        let pair = line.split(';').next().and_then(|it| it.split_once('='));
        let Some((name, value)) = pair else { continue };
        // An empty one is taken away.
        match value {
            "" => cookies.remove(name),
            _ => cookies.insert(name.to_owned(), value.to_owned()),
        };
    }
}
