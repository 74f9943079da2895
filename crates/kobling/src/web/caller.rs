use super::problem::{Kind, Problem};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kobling_domain::access::{Access, Operation};
use kobling_hub::access::session::Signed;

/// Who asks. Only a request that came through the gate of its route has one.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// Who they are, for whom, and in which roles.
    pub(super) signed: Signed,
    /// What the route is.
    pub(super) operation: Operation,
    /// How far they reach in the operation of the route.
    pub(super) access: Access,
    /// What every form they are shown must hold, in a hidden field `form_token`.
    pub(super) form_token: String,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Kind::NotSignedIn.into())
    }
}
