//! `Idempotency-Key`: a request that its client names is carried out once, however often it is sent.

use super::asked::Asker;
use crate::web::problem::{Kind, Problem};
use crate::web::route::Verb;
use axum::http::request::Parts;
use kobling_hub::Hub;
use kobling_hub::access::once::{self, Named, Turn};
use sha2::{Digest, Sha256};

/// In which a client names its request.
pub(super) const HEADER: &str = "idempotency-key";
/// Letters of such a name.
pub(super) const LETTERS_MAX: usize = 100;

/// A request that has a name.
pub(super) fn named(
    verb: Verb,
    by: &Asker,
    parts: &Parts,
    body: &[u8],
) -> Result<Option<Named>, Problem> {
    let given = match verb {
        // What is written as a whole is the same however often it is sent, but perhaps not after
        // something else was written.
        Verb::Post | Verb::Put => parts.headers.get(HEADER),
        Verb::Get => None,
    };
    let Some(given) = given else { return Ok(None) };
    let key = given.to_str().ok().filter(|it| (1..=LETTERS_MAX).contains(&it.len()));
    let wrong = || {
        let detail = format!("Idempotency-Key: 1 to {LETTERS_MAX} letters, digits and signs");
        Problem::new(Kind::BadRequest, &detail)
    };
    let mut digest = Sha256::new();
    digest.update(parts.uri.path());
    digest.update([0]);
    digest.update(body);
    Ok(Some(Named {
        tenant: by.tenant(),
        who: by.who().to_owned(),
        key: key.ok_or_else(wrong)?.to_owned(),
        digest: digest.finalize().into(),
    }))
}

/// What was answered before; none if the request is to be carried out.
pub(super) async fn begin(hub: &Hub, named: Option<&Named>) -> Result<Option<Vec<u8>>, Problem> {
    let Some(named) = named else { return Ok(None) };
    match once::begin(hub, named).await.map_err(Problem::internal)? {
        Turn::First => Ok(None),
        Turn::Answered(body) => Ok(Some(body)),
        Turn::UnderWay => {
            let detail = "the same request is being carried out; send it again in a moment";
            Err(Problem::new(Kind::Conflict, detail))
        }
        Turn::Other => {
            let detail = "another request had this Idempotency-Key; give each its own";
            Err(Problem::new(Kind::KeyReused, detail))
        }
    }
}

/// Keeps what is answered, or forgets a request that was refused.
pub(super) async fn end(
    hub: &Hub,
    named: Option<&Named>,
    told: Option<&[u8]>,
) -> Result<(), Problem> {
    let Some(named) = named else { return Ok(()) };
    match told {
        Some(body) => once::keep(hub, named, body).await,
        None => once::forget(hub, named).await,
    }
    .map_err(Problem::internal)
}
