//! A server that listens until it is dropped, and who asks it.

use super::Ids;
use crate::command::{output, show};
use crate::failure::Failure;
use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What stands before the address when it listens.
const LISTENING: &str = "listening on ";
/// Pages of ids that are asked by.
const PAGES_OF_IDS: usize = 10;

/// A program that signs in.
pub(super) struct Caller {
    client_id: String,
    secret: String,
}

#[derive(Deserialize)]
struct Added {
    client: AddedClient,
    secret: String,
}

#[derive(Deserialize)]
struct AddedClient {
    client_id: String,
}

impl Caller {
    /// The client that this command admits.
    pub(super) fn parse(command: &mut Command) -> Result<Self, Failure> {
        let added: Added = parsed(command)?;
        Ok(Self { client_id: added.client.client_id, secret: added.secret })
    }
}

/// A server. Dropping it stops it.
pub(super) struct Served<'a> {
    process: Child,
    pub(super) url: String,
    caller: Option<&'a Caller>,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
struct Listed {
    items: Vec<Item>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
}

impl<'a> Served<'a> {
    /// Kobling's server on the store of a directory.
    pub(super) fn start(
        mut command: Command,
        dir: &Path,
        caller: &'a Caller,
    ) -> Result<Self, Failure> {
        command.args(["serve", "--role", "web"]);
        let mut served = Self::bare(command, dir)?;
        served.caller = Some(caller);
        Ok(served)
    }

    /// A server that says where it listens and asks nobody who they are.
    pub(super) fn bare(mut command: Command, dir: &Path) -> Result<Self, Failure> {
        command.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let shown = show(&command);
        let started = command.spawn();
        let mut process =
            started.map_err(|source| Failure::Start { command: shown.clone(), source })?;
        let said = process.stdout.take().map(BufReader::new);
        let mut lines = said.into_iter().flat_map(|it| it.lines().map_while(Result::ok));
        let url = lines.find_map(|it| Some(it.strip_prefix(LISTENING)?.trim().to_owned()));
        let mut served = Self { process, url: String::new(), caller: None };
        let unheard = || Failure::Unmeasured { command: shown, status: "no address".to_owned() };
        served.url = url.ok_or_else(unheard)?;
        Ok(served)
    }

    /// A token for some minutes; nothing of a server that asks for none.
    pub(super) fn token(&self) -> Result<String, Failure> {
        let Some(Caller { client_id, secret }) = self.caller else { return Ok(String::new()) };
        let mut command = Command::new("curl");
        command.args(["-sf", "-u", &format!("{client_id}:{secret}")]);
        command.args(["-d", "grant_type=client_credentials"]);
        let token: Token = parsed(command.arg(format!("{}/oauth2/token", self.url)))?;
        Ok(token.access_token)
    }

    /// The path for each of some ids; only itself where none stands in it.
    pub(super) fn paths(&self, path: &str, ids: Ids) -> Result<Vec<String>, Failure> {
        let list = match ids {
            Ids::None => return Ok(vec![path.to_owned()]),
            Ids::Persons => "persons",
            Ids::Employments => "employments",
        };
        let bearer = format!("Authorization: Bearer {}", self.token()?);
        let (mut all, mut after) = (Vec::new(), String::new());
        for _ in 0..PAGES_OF_IDS {
            let url = format!("{}/api/v1/{list}?limit=200{after}", self.url);
            let listed: Listed = parsed(Command::new("curl").args(["-sf", "-H", &bearer, &url]))?;
            all.extend(listed.items.into_iter().map(|it| path.replace("{id}", &it.id)));
            let Some(next) = listed.next else { break };
            after = format!("&after={next}");
        }
        Ok(all)
    }
}

impl Drop for Served<'_> {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// What a command prints, understood.
fn parsed<T: for<'de> Deserialize<'de>>(command: &mut Command) -> Result<T, Failure> {
    let shown = command.get_program().to_string_lossy().into_owned();
    let dir = command.get_current_dir().map(Path::to_path_buf);
    let printed = match dir {
        None => output(command)?,
        Some(_) => here(command)?,
    };
    serde_json::from_str(&printed).map_err(|source| Failure::Output { command: shown, source })
}

/// What a command prints that stays in its directory.
fn here(command: &mut Command) -> Result<String, Failure> {
    let shown = show(command);
    let done = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let done = done.map_err(|source| Failure::Start { command: shown.clone(), source })?;
    if !done.status.success() {
        return Err(Failure::Command { command: shown, status: done.status });
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Has a command do its work in its directory.
pub(super) fn quietly(command: &mut Command) -> Result<(), Failure> {
    here(command).map(drop)
}
