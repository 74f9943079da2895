//! What a server tells of itself: its log, and spans where somebody wants them.

use super::Failure;
use super::settings::{Log, Otlp};
use super::traces::{self, Traces};
use std::io;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::{fmt, registry};

/// Sends what happens to the standard error stream, a line each, and spans to where they are wanted.
pub(super) fn begin(how: Log, otlp: Option<&Otlp>) -> Result<Option<Traces>, Failure> {
    let (spans, traces) = otlp.map(traces::open).transpose()?.unzip();
    let lines = fmt::layer().with_writer(io::stderr).with_target(false);
    // A line tells what happened, not in the middle of what.
    let is_line = |it: &Metadata<'_>| it.is_event() && *it.level() <= Level::INFO;
    let subscriber = registry().with(spans).with(match how {
        Log::Text => lines.with_ansi(false).with_filter(filter_fn(is_line)).boxed(),
        Log::Json => lines.json().with_filter(filter_fn(is_line)).boxed(),
    });
    let set = tracing::subscriber::set_global_default(subscriber);
    debug_assert!(set.is_ok(), "the log is set up once");
    Ok(traces)
}
