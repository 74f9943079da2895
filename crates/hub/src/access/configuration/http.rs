use super::{TargetFormat, TargetText};
use serde::{Deserialize, Serialize};

/// How a message is handed to an HTTP address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// To the address itself.
    #[default]
    Post,
    /// To the address with the subject's id behind it.
    Put,
}

/// An HTTP address that messages are sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpText {
    /// The address: `https://…`.
    pub url: String,
    /// How a message is handed over.
    #[serde(default)]
    pub method: Method,
    /// The file that holds the bearer token to log in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_file: Option<String>,
    /// Certificates that vouch for the server's, in PEM; without, those of this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// How long an answer may take.
    #[serde(default = "time_limit_s")]
    pub time_limit_s: u64,
}

fn time_limit_s() -> u64 {
    30
}

/// What is wrong with where a target's files or messages go.
pub(super) fn problems(target: &TargetText) -> Vec<String> {
    let what = format!("target {}", target.key);
    let mut problems = Vec::new();
    match target.format {
        TargetFormat::Plan2learn => {
            if target.profile.is_none() {
                problems.push(format!("{what}: name the profile of the files"));
            }
            if target.http.is_some() {
                problems.push(format!("{what}: files are not sent over HTTP; take http out"));
            }
        }
        TargetFormat::Messages => {
            let elsewhere = target.sftp.is_some() || target.ftps.is_some();
            if elsewhere || target.folder.is_some() == target.http.is_some() {
                problems.push(format!(
                    "{what}: messages go to one of folder and http, so name one, and only one"
                ));
            }
        }
    }
    if let Some(http) = &target.http
        && !is_safe(&http.url)
    {
        problems.push(format!(
            "{what}.http.url: begin it with https://; http:// is for this machine only"
        ));
    }
    problems
}

/// Without TLS nothing leaves this machine.
pub(super) fn is_safe(url: &str) -> bool {
    let here = ["127.0.0.1", "localhost", "[::1]"];
    let host = |it: &str| it.split(['/', '?']).next().unwrap_or_default().to_owned();
    let is_here = |it: &str| {
        let host = host(it);
        let is_this = |here: &&str| host == *here || host.starts_with(&format!("{here}:"));
        !host.contains('@') && here.iter().any(is_this)
    };
    url.starts_with("https://") || url.strip_prefix("http://").is_some_and(is_here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_sent_in_the_clear_to_another_machine() {
        for url in ["https://fjordby.example/in", "http://127.0.0.1:8080/in", "http://localhost"] {
            assert!(is_safe(url), "{url}");
        }
        for url in [
            "http://fjordby.example/in",
            "http://localhost.example",
            "ftp://localhost",
            "",
            "http://127.0.0.1:80@fjordby.example",
        ] {
            assert!(!is_safe(url), "{url}");
        }
    }
}
