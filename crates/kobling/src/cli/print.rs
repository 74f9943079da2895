//! The one place that writes to the terminal.
#![expect(clippy::print_stderr, reason = "this is the terminal's edge")]

use super::arguments::Common;
use super::failure::Failure;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_hub::clock::Clock;
use serde::Serialize;
use std::fmt::Display;
use std::io::Write;

/// Prints a result: its JSON, or its text.
pub(crate) fn result<T: Serialize + Display>(common: &Common, result: &T) -> Result<(), Failure> {
    if common.json {
        let json = serde_json::to_string_pretty(result)
            .map_err(|it| Failure::failed("the result cannot be written as JSON", &it))?;
        text(&json);
    } else {
        text(result.to_string().trim_end());
    }
    Ok(())
}

/// Prints text. A reader that has seen enough, such as `head`, is no failure.
pub(crate) fn text(text: &str) {
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}

/// Tells of something on the way; not part of the result.
pub(crate) fn note(text: &str) {
    eprintln!("{}", kobling_pii::mask(text, today()));
}

/// Tells why a command did not do what was asked. What the user or a file gave is told back, and
/// may hold a national number: terminals are watched and their output is kept, so it is masked.
pub(crate) fn failure(failure: &Failure) {
    let today = today();
    let tell = |text: &str| eprintln!("{}", kobling_pii::mask(text, today));
    tell(&format!("error: {}", failure.what()));
    for cause in failure.causes() {
        tell(&format!("  because {cause}"));
    }
    if let Some(advice) = failure.advice() {
        tell(&format!("  what to do: {advice}"));
    }
}

fn today() -> Date {
    Clock::System.civil(&TimeZone::UTC).date()
}
