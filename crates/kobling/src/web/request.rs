//! A request from its first byte to its answer: its id, its time limit, its line in the log.

use super::problem::{Kind, Problem};
use super::state::Server;
use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kobling_hub::traced;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tracing::Instrument;

/// A request that takes longer, its body included, is given up.
const TIME_MAX: Duration = Duration::from_secs(30);
const REQUEST_ID: &str = "x-request-id";

tokio::task_local! {
    static CURRENT: RequestId;
}

/// What a request is known by in its answer and in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RequestId(u32, u64);

impl RequestId {
    fn next() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        Self(std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
    }

    /// That of the request that is being answered.
    pub(super) fn current() -> Option<String> {
        CURRENT.try_with(ToString::to_string).ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}", self.0, self.1)
    }
}

/// Gives a request its id and its time limit, and writes its line into the log. The line names the
/// route and not the address: what stands in an address is nobody's business.
pub(super) async fn follow(State(server): State<Server>, request: Request, next: Next) -> Response {
    let id = RequestId::next();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|it| it.as_str().to_owned());
    let begun = Instant::now();
    let span = traced::request(method.as_str(), route.as_deref().unwrap_or("none"));
    let answer = tokio::time::timeout(TIME_MAX, next.run(request)).instrument(span.clone());
    let answered = CURRENT.scope(id, answer).await;
    let mut response = match answered {
        Ok(response) => response,
        Err(_) => CURRENT.sync_scope(id, || Problem::from(Kind::TooSlow).into_response()),
    };
    traced::answered(&span, response.status().as_u16());
    server.durations().note(route.as_deref(), &method, response.status(), begun.elapsed());
    let id = id.to_string();
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    tracing::info!(
        request = id,
        method = method.as_str(),
        route = route.as_deref().unwrap_or("none"),
        status = response.status().as_u16(),
        ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
    response
}
