//! The load generator: wrk, of Debian.

use crate::failure::Failure;
use crate::{command, repository};
use std::path::Path;
use std::process::Command;

/// How hard is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    connections: u32,
}

/// As much as the server answers. Answers leave in groups, each after its entries in the audit are on the
/// disk, so what waits for a disk of some milliseconds must be many.
pub(super) const BUSY: Load = Load { connections: 64 };
/// One request after the other, so that a time is that of the server alone.
pub(super) const ALONE: Load = Load { connections: 1 };

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figures {
    pub(super) per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

/// Asks for these paths in turn, for so many seconds after a second that does not count.
pub(super) fn ask(
    dir: &Path,
    (url, token): (&str, &str),
    paths: &[String],
    (load, seconds): (Load, u32),
) -> Result<Figures, Failure> {
    let script = dir.join("ask.lua");
    repository::write(&script, &lua(token, paths))?;
    let run = |seconds: u32| {
        let mut wrk = Command::new("wrk");
        wrk.arg("--threads=1").arg(format!("--connections={}", load.connections));
        wrk.arg(format!("--duration={seconds}s")).arg("--latency").arg("--script").arg(&script);
        command::output(wrk.arg(url))
    };
    run(1)?;
    let told = run(seconds)?;
    let unread = |what: &str| Failure::Unmeasured {
        command: format!("wrk {url}{}", paths.first().map_or("", String::as_str)),
        status: format!("{what}:\n{told}"),
    };
    if told.contains("Non-2xx") || told.contains("Socket errors") {
        return Err(unread("an answer that is none"));
    }
    parse(&told).ok_or_else(|| unread("no figures"))
}

fn lua(token: &str, paths: &[String]) -> String {
    let paths: Vec<String> = paths.iter().map(|it| format!("{it:?}")).collect();
    let authorization = match token {
        "" => String::new(),
        token => format!("wrk.headers[\"Authorization\"] = \"Bearer {token}\"\n"),
    };
    format!(
        "{authorization}local paths, nth = {{ {} }}, 0\n\
         request = function()\n  nth = nth % #paths + 1\n  return wrk.format(\"GET\", paths[nth])\nend\n",
        paths.join(", ")
    )
}

/// The figures that wrk prints.
fn parse(told: &str) -> Option<Figures> {
    let after = |word: &str| {
        let line = told.lines().find(|it| it.trim_start().starts_with(word))?;
        line.trim_start().strip_prefix(word).map(str::trim)
    };
    Some(Figures {
        per_second: after("Requests/sec:")?.parse().ok()?,
        p50_ms: milliseconds(after("50%")?)?,
        p99_ms: milliseconds(after("99%")?)?,
    })
}

fn milliseconds(text: &str) -> Option<f64> {
    let unit = text.find(|it: char| it.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit);
    let number: f64 = number.parse().ok()?;
    match unit {
        "us" => Some(number / 1_000.0),
        "ms" => Some(number),
        "s" => Some(number * 1_000.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "\
Running 10s test @ http://127.0.0.1:8080
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.50ms    1.20ms  31.00ms   90.00%
    Req/Sec     6.40k   500.00     7.00k    80.00%
  Latency Distribution
     50%  812.00us
     75%    3.00ms
     90%    4.00ms
     99%    1.02s 
  64000 requests in 10.00s, 30.00MB read
Requests/sec:   6399.12
Transfer/sec:      3.00MB
";

    #[test]
    fn figures_are_read_in_whatever_unit_they_are_told() {
        let figures = Figures { per_second: 6_399.12, p50_ms: 0.812, p99_ms: 1_020.0 };
        assert_eq!(parse(TOLD), Some(figures));
        assert_eq!(parse("unable to connect"), None);
    }
}
