//! From a request to a question that is understood, and from its answer to bytes.

use crate::web::caller::Caller;
use crate::web::described::{Described, Nothing};
use crate::web::problem::{Kind, Problem};
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::state::Server;
use axum::Json;
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::response::{IntoResponse, Response};
use kobling_domain::access::Operation;
use kobling_domain::id::{SubjectId, TenantId};
use kobling_hub::Hub;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A question that came through its gate and is understood: `P` stood in the path, `Q` after the
/// `?`.
pub(super) struct Asked<P = Nothing, Q = Nothing> {
    pub(super) by: Asker,
    pub(super) path: P,
    pub(super) query: Q,
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

    /// Writes into the audit that the caller is about to see data of these people.
    pub(super) async fn note_read(&self, people: Vec<SubjectId>) -> Result<(), Problem> {
        self.server.note_read(&self.caller, people).await
    }
}

/// A route that reads. Its types are in the OpenAPI document by being those of its handler.
pub(super) fn get<P, Q, R, F>(
    path: &'static str,
    operation: Operation,
    (name, summary): (&'static str, &'static str),
    handler: fn(Asked<P, Q>) -> F,
) -> Route
where
    P: DeserializeOwned + JsonSchema + Send + 'static,
    Q: DeserializeOwned + JsonSchema + Send + 'static,
    R: Serialize + JsonSchema + 'static,
    F: Future<Output = Result<R, Problem>> + Send + 'static,
{
    let described = Described::of::<P, Q, Nothing, R>(name, summary);
    let answer = async move |State(server): State<Server>, request: Request| {
        answer(server, request, handler).await
    };
    Route::api(Verb::Get, path, Gate::For(operation), described, answer)
}

async fn answer<P, Q, R, F>(
    server: Server,
    request: Request,
    handler: fn(Asked<P, Q>) -> F,
) -> Result<Response, Problem>
where
    P: DeserializeOwned + Send,
    Q: DeserializeOwned,
    R: Serialize,
    F: Future<Output = Result<R, Problem>>,
{
    let (mut parts, _) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &server).await?;
    let Path(path) = Path::<P>::from_request_parts(&mut parts, &server)
        .await
        .map_err(|it| Problem::new(Kind::BadRequest, &it.body_text()))?;
    let Query(query) = Query::<Q>::from_request_parts(&mut parts, &server).await?;
    let told = handler(Asked { by: Asker { server, caller }, path, query }).await?;
    Ok(Json(told).into_response())
}
