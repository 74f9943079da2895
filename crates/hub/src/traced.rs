//! What is told to whoever traces the program: that a request was answered, a job done, a source read,
//! a target delivered to. A span names what is configured and what came of it. Nothing of a person
//! stands in one, and nothing of an address but the template of its path.

use tracing::Span;
use tracing::field::Empty;

/// The target of every span.
pub const TARGET: &str = "kobling::traced";

/// A request; `route` is the template of its path.
pub fn request(method: &str, route: &str) -> Span {
    tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
    )
}

/// That a request was answered with that status.
pub fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// A job of a kind.
pub(crate) fn job(kind: &str) -> Span {
    tracing::info_span!(
        target: TARGET,
        "job",
        otel.name = format!("job {kind}"),
        otel.status_code = Empty,
        kobling.job = kind,
    )
}

/// A run, by its number, of the source of that key.
pub(crate) fn run(source: &str, run: i64) -> Span {
    tracing::info_span!(
        target: TARGET,
        "run",
        otel.name = format!("run {source}"),
        otel.status_code = Empty,
        kobling.source = source,
        kobling.run = run,
    )
}

/// A delivery to the target of that key.
pub(crate) fn delivery(target: &str) -> Span {
    tracing::info_span!(
        target: TARGET,
        "delivery",
        otel.name = format!("delivery {target}"),
        otel.status_code = Empty,
        kobling.target = target,
    )
}

/// What came of it. Why something failed is for the log.
pub(crate) fn ended<T, E>(span: &Span, done: &Result<T, E>) {
    if done.is_err() {
        span.record("otel.status_code", "ERROR");
    }
}
