//! An HTTP address that messages are sent to.

use super::{Parcel, unreachable};
use crate::access::configuration::{HttpText, Method};
use crate::connectors::trust::{self, TrustError};
use jiff::SignedDuration;
use kobling_domain::exchange::lane::{Answer, Delay};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode, redirect};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Names a message: the receiver does it once, however often it comes.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// In which a server tells people what it thinks; others may repeat what was sent.
const WORDS: [&str; 2] = ["text/plain", "application/problem+json"];
/// The most that is read of it.
const WORDS_BYTES_MAX: usize = 4_096;
/// The most that is kept of it, in characters.
const WORDS_MAX: usize = 200;

/// Why an address cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// The file of the token cannot be read.
    #[error("{} cannot be read", path.display())]
    Token { path: PathBuf, source: std::io::Error },
    /// The token is no header.
    #[error("the token in {} cannot stand in a header", path.display())]
    Header { path: PathBuf },
    /// TLS cannot be set up.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The client cannot be made.
    #[error("no HTTP client can be made")]
    Client(#[source] reqwest::Error),
}

pub(super) struct Client {
    sending: reqwest::Client,
    url: String,
    method: Method,
}

impl Client {
    pub(super) fn new(text: &HttpText) -> Result<Self, HttpError> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(trust::tls(text.ca_file.as_ref().map(Path::new))?)
            .default_headers(headers(text)?)
            // A message goes to whom the agreement names, not to where that one points.
            .redirect(redirect::Policy::none())
            .timeout(Duration::from_secs(text.time_limit_s))
            .build()
            .map_err(HttpError::Client)?;
        Ok(Self { sending: client, url: text.url.clone(), method: text.method })
    }

    pub(super) async fn send(&self, parcel: &Parcel) -> Answer {
        let request = self
            .request(parcel)
            .header(IDEMPOTENCY_KEY, &parcel.name)
            .header(CONTENT_TYPE, "application/json")
            .body(parcel.body.to_vec());
        match request.send().await {
            Ok(response) => {
                let (status, headers) = (response.status(), response.headers().clone());
                answer(status, &headers, &words(response).await)
            }
            // The URL may hold what nobody else should read.
            Err(error) => unreachable(&super::super::in_full(&error.without_url())),
        }
    }

    fn request(&self, parcel: &Parcel) -> RequestBuilder {
        match self.method {
            Method::Post => self.sending.post(&self.url),
            Method::Put => {
                let url = self.url.trim_end_matches('/');
                self.sending.put(format!("{url}/{}", parcel.subject))
            }
        }
    }
}

/// What the server says in words meant for people, after its status; nothing of an answer that may
/// repeat the message.
async fn words(mut response: Response) -> String {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let kind = kind.and_then(|it| it.split(';').next()).unwrap_or_default().trim();
    if !WORDS.iter().any(|it| it.eq_ignore_ascii_case(kind)) {
        return String::new();
    }
    let mut body = Vec::new();
    while let Ok(Some(part)) = response.chunk().await {
        body.extend_from_slice(&part);
        if body.len() >= WORDS_BYTES_MAX {
            body.truncate(WORDS_BYTES_MAX);
            break;
        }
    }
    let text = String::from_utf8_lossy(&body);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|it| !it.is_control()).take(WORDS_MAX).collect()
}

/// What a status means. What is wrong with the message is its end; what is wrong with us, the way
/// or the moment is not.
fn answer(status: StatusCode, headers: &HeaderMap, words: &str) -> Answer {
    let mut said = format!("HTTP {}", status.as_u16());
    if !words.is_empty() {
        said.push_str(": ");
        said.push_str(words);
    }
    match status {
        _ if status.is_success() => Answer::Accepted { said },
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            let delay = Delay::Throttled { rest: retry_after(headers) };
            Answer::Later { reason: said, delay }
        }
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::PROXY_AUTHENTICATION_REQUIRED
        | StatusCode::REQUEST_TIMEOUT
        | StatusCode::TOO_EARLY => Answer::Later { reason: said, delay: Delay::Unreachable },
        _ if status.is_client_error() => Answer::Rejected { reason: said },
        _ => Answer::Later { reason: said, delay: Delay::Unreachable },
    }
}

/// How long the target wants to rest. It may say so in seconds; a date is not trusted, as its
/// clock is another one.
fn retry_after(headers: &HeaderMap) -> Option<SignedDuration> {
    let seconds: u32 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(SignedDuration::from_secs(seconds.into()))
}

fn headers(text: &HttpText) -> Result<HeaderMap, HttpError> {
    let mut headers = HeaderMap::new();
    if let Some(path) = text.token_file.as_ref().map(PathBuf::from) {
        let read = std::fs::read_to_string(&path);
        let token = read.map_err(|source| HttpError::Token { path: path.clone(), source })?;
        let value = HeaderValue::from_str(&format!("Bearer {}", token.trim()));
        let mut value = value.map_err(|_| HttpError::Header { path })?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, retry_after: Option<&str>) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(RETRY_AFTER, value.parse().unwrap());
        }
        answer(StatusCode::from_u16(status).unwrap(), &headers, "")
    }

    #[test]
    fn a_wrong_message_is_rejected_and_a_wrong_moment_or_password_is_not() {
        for status in [400, 404, 409, 410, 413, 422] {
            assert!(matches!(of(status, None), Answer::Rejected { .. }), "{status}");
        }
        for status in [301, 401, 403, 407, 408, 425, 500, 502, 504] {
            let later = matches!(of(status, None), Answer::Later { delay: Delay::Unreachable, .. });
            assert!(later, "{status}");
        }
        assert!(matches!(of(204, None), Answer::Accepted { .. }));
    }

    #[test]
    fn how_long_a_target_wants_to_rest_is_read_in_seconds_only() {
        let later = |rest| Answer::Later {
            reason: "HTTP 429".to_owned(),
            delay: Delay::Throttled { rest },
        };
        assert_eq!(of(429, Some("120")), later(Some(SignedDuration::from_secs(120))));
        assert_eq!(of(429, Some("Wed, 21 Oct 2026 07:28:00 GMT")), later(None));
        assert_eq!(of(429, Some("-1")), later(None));
    }
}
