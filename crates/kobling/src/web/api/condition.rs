//! Which state of a thing an answer shows, and on condition of which state it is written.

use crate::web::problem::{Kind, Problem};
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Bytes of a digest that tell two states apart.
const MARK_BYTES: usize = 16;

/// How a thing must stand to be written.
pub(super) struct Condition {
    matches: Option<String>,
    none_matches: Option<String>,
}

impl Condition {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| Some(headers.get(name)?.to_str().ok()?.to_owned());
        Self { matches: text(IF_MATCH), none_matches: text(IF_NONE_MATCH) }
    }

    /// Refuses to write a thing that does not stand as the caller saw it; `now` is what reading it
    /// answers, none if there is no such thing.
    pub(super) fn check<T: Serialize>(&self, now: Option<&T>) -> Result<(), Problem> {
        let bytes = now.map(serde_json::to_vec).transpose().map_err(Problem::internal)?;
        let mark = bytes.as_deref().map(mark);
        let is_met = match (&self.matches, &self.none_matches, &mark) {
            (None, None, _) => {
                let detail = "say in If-Match which state is to be changed: the ETag of reading it; \
                              or If-None-Match: * to make something new";
                return Err(Problem::new(Kind::ConditionMissing, detail));
            }
            (Some(wanted), _, Some(mark)) => names(wanted, mark),
            (None, Some(refused), Some(mark)) => !names(refused, mark),
            (None, Some(_), None) => true,
            (Some(_), _, None) => false,
        };
        if is_met {
            return Ok(());
        }
        let detail = match &mark {
            Some(mark) => format!(
                "it stands as {mark}; `current` shows how: compare, and send what is meant with \
                 If-Match: {mark}"
            ),
            None => "it is not there; make it with If-None-Match: *".to_owned(),
        };
        let current = now.map(serde_json::to_value).transpose().map_err(Problem::internal)?;
        Err(Problem { current, ..Problem::new(Kind::ChangedMeanwhile, &detail) })
    }
}

/// The answer of these bytes with the mark of the state they show, or that it is the one the caller
/// has.
pub(super) fn answer(parts: &Parts, bytes: Vec<u8>) -> Response {
    let mark = mark(&bytes);
    let known = parts.headers.get(IF_NONE_MATCH).and_then(|it| it.to_str().ok());
    let is_known = parts.method.is_safe() && known.is_some_and(|it| names(it, &mark));
    let body = if is_known { Body::empty() } else { Body::from(bytes) };
    let mut response = Response::new(body);
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
    }
    response.headers_mut().extend(HeaderValue::try_from(mark).ok().map(|it| (ETAG, it)));
    response
}

/// What stands for the state that these bytes show.
fn mark(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let begin = digest.iter().take(MARK_BYTES);
    let number = begin.fold(0_u128, |all, byte| (all << 8) | u128::from(*byte));
    format!("\"{number:032x}\"")
}

/// Whether a list of marks names that one, or any.
fn names(list: &str, mark: &str) -> bool {
    list.trim() == "*" || list.split(',').any(|it| it.trim() == mark)
}
