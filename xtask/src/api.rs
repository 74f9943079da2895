//! Somebody who knows nothing but the OpenAPI document asks the demo's server all they can think of:
//! nothing fails, and nothing is answered that the document does not say.

use crate::command::execute;
use crate::failure::Failure;
use crate::repository;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const PYTHON: &str = "/usr/bin/python3";
const VERSION: &str = "4.32.5";
/// Questions of each kind about each operation: all of them together take half a minute.
const EXAMPLES_MAX: &str = "8";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,\
                      negative_data_rejection,unsupported_method,allow_header_conformance,\
                      ignored_auth";
/// In whose name it asks: who may most, reaches most.
const ROLE: &str = "employer_owner";
const EMPLOYEES: &str = "300";

/// Asks the server of the debug build.
pub(crate) fn run() -> Result<(), Failure> {
    execute(Command::new("cargo").args(["build", "--workspace", "--bins", "--locked"]))?;
    let target = repository::target();
    probe(&target.join("debug").join("kobling"), &target.join("api"))
}

/// Asks the server of `program`, whose demo is made in `dir`.
pub(crate) fn probe(program: &Path, dir: &Path) -> Result<(), Failure> {
    let schemathesis = install()?;
    let server = Server::start(program, dir)?;
    let mut asking = Command::new(std::path::absolute(&schemathesis).unwrap_or(schemathesis));
    // It leaves notes of its own where it is started.
    asking.current_dir(dir);
    asking.arg("run").arg(format!("{}/api/v1/openapi.json", server.url));
    asking.arg("--header").arg(format!("Authorization: Bearer {}", server.token));
    asking.args(["--checks", CHECKS, "--phases", "coverage,fuzzing", "--seed", "1"]);
    asking.args(["--max-examples", EXAMPLES_MAX, "--continue-on-failure", "--no-color"]);
    execute(&mut asking)
}

/// The program, in an environment of its own under the target directory.
fn install() -> Result<PathBuf, Failure> {
    let home = repository::target().join(format!("schemathesis-{VERSION}"));
    let program = home.join("bin/schemathesis");
    if !program.exists() {
        execute(Command::new(PYTHON).args(["-m", "venv"]).arg(&home))?;
        let mut pip = Command::new(home.join("bin/pip"));
        execute(pip.args(["install", "--quiet", &format!("schemathesis=={VERSION}")]))?;
    }
    Ok(program)
}

/// A demo that serves. Dropping it stops it.
struct Server {
    process: Child,
    url: String,
    token: String,
}

/// How somebody is signed in to the demo.
#[derive(Deserialize)]
struct SignIn {
    link: String,
    token: String,
}

impl Server {
    fn start(program: &Path, dir: &Path) -> Result<Self, Failure> {
        drop(fs::remove_dir_all(dir));
        let mut demo = Command::new(program);
        demo.args(["demo", "--serve", "--listen", "127.0.0.1:0", "--employees", EMPLOYEES]);
        let command = crate::command::show(demo.arg("--dir").arg(dir));
        let start = |source| Failure::Start { command: command.clone(), source };
        let mut process =
            demo.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(start)?;
        let said = process.stdout.take().map(BufReader::new);
        // It tells the links last, and listens by then.
        let is_told = said.is_some_and(|it| {
            it.lines().map_while(Result::ok).any(|line| line.contains("/sign-in/link/"))
        });
        let mut server = Self { process, url: String::new(), token: String::new() };
        let path = dir.join("signin.json");
        let all: BTreeMap<String, SignIn> = serde_json::from_str(&repository::read(&path)?)
            .map_err(|source| Failure::Output { command, source })?;
        let found = all.get(ROLE).filter(|_| is_told);
        let found = found.and_then(|it| Some((it.link.split_once("/sign-in/")?.0, &it.token)));
        let what = "the demo's server did not start";
        let (url, token) = found
            .ok_or_else(|| Failure::Faults { what, faults: vec![path.display().to_string()] })?;
        url.clone_into(&mut server.url);
        token.clone_into(&mut server.token);
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
