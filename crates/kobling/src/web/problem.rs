//! Why a request was refused, as RFC 9457 wants it told.

use super::request::RequestId;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use kobling_hub::clock::Clock;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::any::Any;
use std::error::Error;

/// What kind of refusal it is. docs/problems.md tells what to do about each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    NotSignedIn,
    NotAllowed,
    CrossSite,
    FormToken,
    BadRequest,
    NoSuchPath,
    NoSuchMethod,
    NotFound,
    Conflict,
    LinkSpent,
    ChangedMeanwhile,
    TooLarge,
    NotJson,
    KeyReused,
    ConditionMissing,
    TooManyRequests,
    TooSlow,
    NotReady,
    Internal,
}

impl Kind {
    #[cfg(test)]
    pub(super) const ALL: [Self; 19] = [
        Self::NotSignedIn,
        Self::NotAllowed,
        Self::CrossSite,
        Self::FormToken,
        Self::BadRequest,
        Self::NoSuchPath,
        Self::NoSuchMethod,
        Self::NotFound,
        Self::Conflict,
        Self::LinkSpent,
        Self::ChangedMeanwhile,
        Self::TooLarge,
        Self::NotJson,
        Self::KeyReused,
        Self::ConditionMissing,
        Self::TooManyRequests,
        Self::TooSlow,
        Self::NotReady,
        Self::Internal,
    ];

    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::NotAllowed | Self::CrossSite | Self::FormToken => StatusCode::FORBIDDEN,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::NoSuchPath | Self::NotFound => StatusCode::NOT_FOUND,
            Self::NoSuchMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::LinkSpent => StatusCode::GONE,
            Self::ChangedMeanwhile => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::ConditionMissing => StatusCode::PRECONDITION_REQUIRED,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::TooSlow | Self::NotReady => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The last part of its type. It never changes: programs decide by it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NotSignedIn => "not-signed-in",
            Self::NotAllowed => "not-allowed",
            Self::CrossSite => "cross-site",
            Self::FormToken => "form-token",
            Self::BadRequest => "bad-request",
            Self::NoSuchPath => "no-such-path",
            Self::NoSuchMethod => "no-such-method",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::LinkSpent => "link-spent",
            Self::ChangedMeanwhile => "changed-meanwhile",
            Self::TooLarge => "too-large",
            Self::NotJson => "not-json",
            Self::KeyReused => "key-reused",
            Self::ConditionMissing => "condition-missing",
            Self::TooManyRequests => "too-many-requests",
            Self::TooSlow => "too-slow",
            Self::NotReady => "not-ready",
            Self::Internal => "internal",
        }
    }

    /// What it is, for people.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::NotSignedIn => "Nobody is signed in",
            Self::NotAllowed => "Your roles do not allow this",
            Self::CrossSite => "The request came from a page of another site",
            Self::FormToken => "The form token is missing or is that of another session",
            Self::BadRequest => "The request is not understood",
            Self::NoSuchPath => "There is nothing at this address",
            Self::NoSuchMethod => "This address is not asked with this method",
            Self::NotFound => "There is no such thing",
            Self::Conflict => "What is there stands in the way",
            Self::LinkSpent => "The link has been used, or has ended",
            Self::ChangedMeanwhile => "It does not stand as it was seen",
            Self::TooLarge => "The request is too large",
            Self::NotJson => "The body is not JSON",
            Self::KeyReused => "Another request had the same key",
            Self::ConditionMissing => "The request does not say what it changes",
            Self::TooManyRequests => "Too many requests in too short a time",
            Self::TooSlow => "The answer took too long",
            Self::NotReady => "The server is not ready",
            Self::Internal => "Something went wrong here",
        }
    }
}

/// A refusal. As an answer it is problem+json; the gate of a page makes a page of it.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) kind: Kind,
    /// What exactly, and what to do.
    pub(super) detail: Option<String>,
    /// How that stands which was to be changed.
    pub(super) current: Option<Value>,
    /// In how many seconds it is worth asking again.
    pub(super) retry_after_s: Option<i64>,
}

impl Problem {
    /// A refusal of which more can be said. What the client gave is masked where it may be a
    /// national number.
    pub(super) fn new(kind: Kind, detail: &str) -> Self {
        Self { detail: Some(masked(detail)), ..kind.into() }
    }

    /// What failed is for the log; who asked learns only that something did.
    pub(super) fn internal(error: impl Error) -> Self {
        let mut text = error.to_string();
        let mut next = error.source();
        while let Some(cause) = next {
            text.extend([": ", &cause.to_string()]);
            next = cause.source();
        }
        tracing::error!(request = RequestId::current(), error = masked(&text), "a request failed");
        Kind::Internal.into()
    }
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Self { kind, detail: None, current: None, retry_after_s: None }
    }
}

/// A refusal (RFC 9457).
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(super) struct Told<'a> {
    /// `urn:kobling:problem:` and the name of its kind, which never changes.
    r#type: String,
    /// What kind it is, for people.
    title: &'a str,
    /// The status of the answer.
    status: u16,
    /// What exactly, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// `urn:kobling:request:` and the id of the request, as the log names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// How that stands which was to be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<&'a Value>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let told = Told {
            r#type: format!("urn:kobling:problem:{}", self.kind.name()),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: self.detail.as_deref(),
            instance: RequestId::current().map(|it| format!("urn:kobling:request:{it}")),
            current: self.current.as_ref(),
        };
        let body = serde_json::to_vec(&told).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.kind.status();
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        let wait = self.retry_after_s.map(|it| (RETRY_AFTER, HeaderValue::from(it)));
        response.headers_mut().extend(wait);
        response.extensions_mut().insert(self);
        response
    }
}

/// A defect of ours: the request is answered, and the others go on.
#[expect(clippy::needless_pass_by_value, reason = "the layer gives it so")]
pub(super) fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = cause.downcast_ref::<&str>().copied();
    let text = text.or_else(|| cause.downcast_ref::<String>().map(String::as_str));
    let text = masked(text.unwrap_or("no message"));
    tracing::error!(request = RequestId::current(), error = text, "a request panicked");
    Problem::from(Kind::Internal).into_response()
}

fn masked(text: &str) -> String {
    kobling_pii::mask(text, Clock::System.civil(&TimeZone::UTC).date()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_type_names_one_kind_only_and_is_told_of_in_the_documents() {
        let names: BTreeSet<&str> = Kind::ALL.into_iter().map(Kind::name).collect();
        assert_eq!(names.len(), Kind::ALL.len());
        let document = include_str!("../../../../docs/problems.md");
        for kind in Kind::ALL {
            let row = format!("| `{}` | {} |", kind.name(), kind.status().as_u16());
            assert!(document.contains(&row), "docs/problems.md lacks: {row}");
        }
    }

    #[test]
    fn what_a_client_gave_is_told_back_without_its_national_number() {
        let problem = Problem::new(Kind::NotFound, "there is no person 110785-1301");
        assert!(!problem.detail.unwrap().contains("1301"));
    }
}
