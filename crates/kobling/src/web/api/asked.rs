//! From a request to a question that is understood, and from its answer to bytes.

use super::condition::{self, Condition};
use super::once;
use crate::web::caller::Caller;
use crate::web::described::{Described, Nothing};
use crate::web::problem::{Kind, Problem};
use crate::web::query::Query;
use crate::web::route::{BODY_BYTES_MAX, Gate, Route, Verb};
use crate::web::state::Server;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::Response;
use kobling_domain::access::Operation;
use kobling_domain::id::{SubjectId, TenantId};
use kobling_hub::Hub;
use kobling_hub::agreement::Journal;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What JSON is called.
pub(super) const JSON: &str = "application/json";

/// A question that came through its gate and is understood: `P` stood in the path, `Q` after the
/// `?`, `B` in the body.
pub(super) struct Asked<P = Nothing, Q = Nothing, B = Nothing> {
    pub(super) by: Asker,
    pub(super) path: P,
    pub(super) query: Q,
    pub(super) body: B,
    /// How things must stand for it to be done.
    pub(super) condition: Condition,
}

/// Who asks, and whom.
pub(super) struct Asker {
    server: Server,
    pub(super) caller: Caller,
}

impl Asker {
    /// The store, the keys and the time.
    pub(super) fn hub(&self) -> &Hub {
        self.server.hub()
    }

    /// Whose data the caller is admitted to.
    pub(super) fn tenant(&self) -> TenantId {
        self.caller.signed.tenant
    }

    /// Where orders to close wait that cannot be carried out yet.
    pub(super) fn journal(&self) -> &Journal {
        self.server.journal()
    }

    /// The name of the caller, as it stands in the audit.
    pub(super) fn who(&self) -> &str {
        &self.caller.signed.key
    }

    /// Writes into the audit that the caller is about to see data of these people.
    pub(super) async fn note_read(&self, people: Vec<SubjectId>) -> Result<(), Problem> {
        self.server.note_read(&self.caller, people).await
    }
}

/// What answers a question.
type Handler<P, Q, B, F> = fn(Asked<P, Q, B>) -> F;

/// How the body of a question is read.
pub(super) struct Reading<B> {
    /// What it may be called in `Content-Type`.
    pub(super) media: &'static [&'static str],
    /// More bytes of it are refused.
    pub(super) bytes_max: usize,
    /// What stands in it, given what it is called; why it cannot be read.
    pub(super) read: fn(&str, &[u8]) -> Result<B, String>,
}

impl<B: DeserializeOwned> Reading<B> {
    const JSON: Self = Self {
        media: &[JSON],
        bytes_max: BODY_BYTES_MAX,
        read: |_, bytes| serde_json::from_slice(bytes).map_err(|it| it.to_string()),
    };
}

/// A route that reads. Its types are in the OpenAPI document by being those of its handler.
pub(super) fn get<P, Q, R, F>(
    path: &'static str,
    operation: Operation,
    told: (&'static str, &'static str),
    handler: fn(Asked<P, Q>) -> F,
) -> Route
where
    P: DeserializeOwned + JsonSchema + Send + 'static,
    Q: DeserializeOwned + JsonSchema + Send + 'static,
    R: Serialize + JsonSchema + 'static,
    F: Future<Output = Result<R, Problem>> + Send + 'static,
{
    route((Verb::Get, path, operation, StatusCode::OK), told, (Reading::JSON, handler))
}

/// A route that does something. A client that names its request may send it again.
pub(super) fn post<P, B, R, F>(
    path: &'static str,
    operation: Operation,
    told: (&'static str, &'static str),
    handler: fn(Asked<P, Nothing, B>) -> F,
) -> Route
where
    P: DeserializeOwned + JsonSchema + Send + 'static,
    B: DeserializeOwned + JsonSchema + Send + 'static,
    R: Serialize + JsonSchema + 'static,
    F: Future<Output = Result<R, Problem>> + Send + 'static,
{
    route((Verb::Post, path, operation, StatusCode::OK), told, (Reading::JSON, handler))
}

/// A route that asks for something that is done later; its answer tells how that stands.
pub(super) fn accept<P, B, R, F>(
    path: &'static str,
    operation: Operation,
    told: (&'static str, &'static str),
    handler: fn(Asked<P, Nothing, B>) -> F,
) -> Route
where
    P: DeserializeOwned + JsonSchema + Send + 'static,
    B: DeserializeOwned + JsonSchema + Send + 'static,
    R: Serialize + JsonSchema + 'static,
    F: Future<Output = Result<R, Problem>> + Send + 'static,
{
    route((Verb::Post, path, operation, StatusCode::ACCEPTED), told, (Reading::JSON, handler))
}

/// A route that writes something as a whole; where `refusing` says so, on condition that it stands as
/// its client saw it.
pub(super) fn put<P, B, R, F>(
    path: &'static str,
    operation: Operation,
    told: (&'static str, &'static str),
    handler: fn(Asked<P, Nothing, B>) -> F,
) -> Route
where
    P: DeserializeOwned + JsonSchema + Send + 'static,
    B: DeserializeOwned + JsonSchema + Send + 'static,
    R: Serialize + JsonSchema + 'static,
    F: Future<Output = Result<R, Problem>> + Send + 'static,
{
    route((Verb::Put, path, operation, StatusCode::OK), told, (Reading::JSON, handler))
}

/// The same of a route whose body is read in a way of its own.
pub(super) fn put_read<P, B, R, F>(
    path: &'static str,
    operation: Operation,
    told: (&'static str, &'static str),
    reading: Reading<B>,
    handler: fn(Asked<P, Nothing, B>) -> F,
) -> Route
where
    P: DeserializeOwned + JsonSchema + Send + 'static,
    B: JsonSchema + Send + 'static,
    R: Serialize + JsonSchema + 'static,
    F: Future<Output = Result<R, Problem>> + Send + 'static,
{
    route((Verb::Put, path, operation, StatusCode::OK), told, (reading, handler))
}

fn route<P, Q, B, R, F>(
    (verb, path, operation, status): (Verb, &'static str, Operation, StatusCode),
    (name, summary): (&'static str, &'static str),
    (reading, handler): (Reading<B>, Handler<P, Q, B, F>),
) -> Route
where
    P: DeserializeOwned + JsonSchema + Send + 'static,
    Q: DeserializeOwned + JsonSchema + Send + 'static,
    B: JsonSchema + Send + 'static,
    R: Serialize + JsonSchema + 'static,
    F: Future<Output = Result<R, Problem>> + Send + 'static,
{
    let media = reading.media;
    let described = Described { status, media, ..Described::of::<P, Q, B, R>(name, summary) };
    let Reading { bytes_max, read, .. } = reading;
    let answer = async move |State(server): State<Server>, request: Request| {
        let reading = Reading { media, bytes_max, read };
        let mut done = answer((verb, reading), server, request, handler).await?;
        if done.status() == StatusCode::OK {
            *done.status_mut() = status;
        }
        Ok::<_, Problem>(done)
    };
    Route::api(verb, path, Gate::For(operation), described, answer)
}

async fn answer<P, Q, B, R, F>(
    (verb, reading): (Verb, Reading<B>),
    server: Server,
    request: Request,
    handler: fn(Asked<P, Q, B>) -> F,
) -> Result<Response, Problem>
where
    P: DeserializeOwned + Send,
    Q: DeserializeOwned,
    R: Serialize,
    F: Future<Output = Result<R, Problem>>,
{
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &server).await?;
    let Path(path) = Path::<P>::from_request_parts(&mut parts, &server)
        .await
        .map_err(|it| Problem::new(Kind::BadRequest, &it.body_text()))?;
    let Query(query) = Query::<Q>::from_request_parts(&mut parts, &server).await?;
    let (media, bytes) = given(verb, &reading, &parts, body).await?;
    let body = (reading.read)(media, &bytes)
        .map_err(|it| Problem::new(Kind::BadRequest, &format!("the body: {it}")))?;
    let by = Asker { server: server.clone(), caller };
    let named = once::named(verb, &by, &parts, &bytes)?;
    if let Some(answered) = once::begin(server.hub(), named.as_ref()).await? {
        return Ok(condition::answer(&parts, answered));
    }
    let condition = Condition::of(&parts.headers);
    let told = handler(Asked { by, path, query, body, condition }).await;
    let told = told.and_then(|it| serde_json::to_vec(&it).map_err(Problem::internal));
    once::end(server.hub(), named.as_ref(), told.as_deref().ok()).await?;
    Ok(condition::answer(&parts, told?))
}

/// The body as it was given, and what it is called; that of a question in which nothing stands is `{}`.
async fn given<B>(
    verb: Verb,
    reading: &Reading<B>,
    parts: &Parts,
    body: Body,
) -> Result<(&'static str, Bytes), Problem> {
    let nothing = (JSON, Bytes::from_static(b"{}"));
    match verb {
        Verb::Get => return Ok(nothing),
        Verb::Post | Verb::Put => {}
    }
    let length = parts.headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
    if length.is_some_and(|it: usize| it > reading.bytes_max) {
        return Err(Kind::TooLarge.into());
    }
    let bytes = to_bytes(body, reading.bytes_max).await.map_err(|_| Kind::TooLarge)?;
    if bytes.is_empty() {
        return Ok(nothing);
    }
    let given = parts.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim();
    let media = reading.media.iter().find(|it| it.eq_ignore_ascii_case(given));
    let wanted = || format!("send it as {}", reading.media.join(" or "));
    Ok((media.ok_or_else(|| Problem::new(Kind::NotJson, &wanted()))?, bytes))
}
