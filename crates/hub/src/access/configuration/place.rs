//! Where files lie: a folder here, or one on another machine.

use super::{Configuration, TargetFormat};
use crate::connectors::{HostKey, Place};
use serde::{Deserialize, Serialize};
use std::net::Ipv6Addr;
use std::path::PathBuf;

/// A folder reached by SFTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SftpText {
    /// Name or address of the server.
    pub host: String,
    /// Its port.
    #[serde(default = "ssh_port")]
    pub port: u16,
    /// Who logs in.
    pub user: String,
    /// The folder, as the server names it.
    #[serde(default = "home")]
    pub path: String,
    /// The server's key: its fingerprint `SHA256:…`, or a line of a `known_hosts` file. Nobody logs
    /// in without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_key: Option<String>,
    /// The file of the private key to log in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_file: Option<String>,
    /// The environment variable that holds the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    /// How long one step may take.
    #[serde(default = "time_limit_s")]
    pub time_limit_s: u64,
}

/// A folder reached by explicit FTPS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FtpsText {
    /// Name or address of the server, as its certificate has it.
    pub host: String,
    /// Its port.
    #[serde(default = "ftp_port")]
    pub port: u16,
    /// Who logs in.
    pub user: String,
    /// The environment variable that holds the password.
    pub password_env: String,
    /// The folder, as the server names it.
    #[serde(default = "home")]
    pub path: String,
    /// Certificates that vouch for the server's, in PEM; without, those of this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// Whether the server lets files be renamed. If not, each is written under its own name.
    #[serde(default = "rename")]
    pub rename: bool,
    /// How long one step may take.
    #[serde(default = "time_limit_s")]
    pub time_limit_s: u64,
}

fn ssh_port() -> u16 {
    22
}

fn ftp_port() -> u16 {
    21
}

fn home() -> String {
    ".".to_owned()
}

fn rename() -> bool {
    true
}

fn time_limit_s() -> u64 {
    30
}

/// The one place that is named among the three; none if there is none or several.
pub(super) fn place(
    folder: Option<&String>,
    sftp: Option<&SftpText>,
    ftps: Option<&FtpsText>,
) -> Option<Place> {
    match (folder, sftp, ftps) {
        (Some(folder), None, None) => Some(Place::Folder(PathBuf::from(folder))),
        (None, Some(sftp), None) => Some(Place::Sftp(sftp.clone())),
        (None, None, Some(ftps)) => Some(Place::Ftps(ftps.clone())),
        _ => None,
    }
}

/// What is wrong with the places of sources and targets.
pub(super) fn all_problems(it: &Configuration) -> Vec<String> {
    let mut all = Vec::new();
    for target in it.targets.iter().filter(|it| it.format == TargetFormat::Plan2learn) {
        let what = format!("target {}", target.key);
        match target.place() {
            Some(place) => all.extend(problems(&what, &place)),
            None => all.push(format!("{what}: name one of folder, sftp and ftps, and only one")),
        }
    }
    for source in &it.sources {
        let what = format!("source {}", source.key);
        match source.place() {
            Some(place) => all.extend(problems(&what, &place)),
            None if source.sftp.is_some() => {
                all.push(format!("{what}: name one of folder and sftp, and only one"));
            }
            None => {}
        }
    }
    all
}

/// What is wrong with a place. `what` names it.
fn problems(what: &str, place: &Place) -> Vec<String> {
    let mut problems = Vec::new();
    match place {
        Place::Folder(_) => {}
        Place::Ftps(it) => problems.extend(host_problem(&format!("{what}.ftps"), &it.host)),
        Place::Sftp(it) => {
            problems.extend(host_problem(&format!("{what}.sftp"), &it.host));
            if it.key_file.is_some() == it.password_env.is_some() {
                problems.push(format!(
                    "{what}.sftp: name either key_file or password_env to log in with"
                ));
            }
            if it.host_key.as_deref().is_some_and(|it| HostKey::parse(it).is_none()) {
                problems.push(format!(
                    "{what}.sftp.host_key is neither SHA256:… nor a line of a known_hosts file"
                ));
            }
        }
    }
    problems
}

/// What is wrong with the name of a server. It is not told: a password may stand in it.
fn host_problem(what: &str, host: &str) -> Option<String> {
    let is_name = |it: char| it.is_alphanumeric() || matches!(it, '.' | '-' | '_');
    let is_host = !host.is_empty() && host.chars().all(is_name) || host.parse::<Ipv6Addr>().is_ok();
    (!is_host).then(|| {
        format!(
            "{what}.host is no name or address of a server: write that alone, and port, user and path \
             under their own keys; a password never stands in a configuration"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_its_name_or_address_and_nothing_of_what_else_stands_there_is_told() {
        for host in
            ["sftp.example.dk", "10.0.0.7", "2001:db8::7", "localhost", "filer_2", "blåbær.dk"]
        {
            assert_eq!(host_problem("target a.sftp", host), None, "{host}");
        }
        for host in
            ["", "kobling:hemmelig@sftp.example.dk", "sftp://sftp.example.dk", "a b", "a.dk:2222"]
        {
            let told = host_problem("target a.sftp", host).unwrap();
            assert!(told.starts_with("target a.sftp.host is no name"), "{told}");
            assert!(!told.contains("hemmelig"));
        }
    }
}
