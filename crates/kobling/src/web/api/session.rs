//! `GET /api/v1/session`: who asks, and what they may.

use crate::web::caller::Caller;
use crate::web::route::{Gate, Route, Verb};
use axum::Json;
use kobling_domain::access::Operation;
use kobling_hub::access::users::RoleAt;
use serde::Serialize;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::api(Verb::Get, "/api/v1/session", Gate::For(Operation::OwnSession), show)]
}

/// Who is signed in.
#[derive(Serialize)]
struct Session {
    /// The employer's key.
    tenant: String,
    /// The name they sign in with.
    user: String,
    /// What people call them.
    name: String,
    /// Their roles.
    roles: Vec<RoleAt>,
    /// What they may.
    operations: Vec<&'static str>,
}

async fn show(caller: Caller) -> Json<Session> {
    let signed = caller.signed;
    let may = |it: &Operation| signed.access(*it).is_some();
    let operations = Operation::ALL.iter().filter(|it| may(it)).map(|it| it.name()).collect();
    let grants = signed.grants.into_iter();
    Json(Session {
        tenant: signed.tenant_key,
        user: signed.key,
        name: signed.name,
        roles: grants.map(|it| RoleAt { party: it.party, role: it.role.name() }).collect(),
        operations,
    })
}
