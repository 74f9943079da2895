//! `GET /api/v1/session`: who asks, and what they may.

use super::asked::{Asked, get};
use crate::web::problem::Problem;
use crate::web::route::Route;
use kobling_domain::access::Operation;
use kobling_hub::access::users::RoleAt;
use schemars::JsonSchema;
use serde::Serialize;

pub(super) fn routes() -> Vec<Route> {
    let told = ("show_session", "Who asks, and what they may.");
    vec![get("/api/v1/session", Operation::OwnSession, told, show)]
}

/// Who is signed in.
#[derive(Serialize, JsonSchema)]
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

async fn show(asked: Asked) -> Result<Session, Problem> {
    let signed = asked.by.caller.signed;
    let may = |it: &Operation| signed.access(*it).is_some();
    let operations = Operation::ALL.iter().filter(|it| may(it)).map(|it| it.name()).collect();
    let grants = signed.grants.into_iter();
    Ok(Session {
        tenant: signed.tenant_key,
        user: signed.key,
        name: signed.name,
        roles: grants.map(|it| RoleAt { party: it.party, role: it.role.name() }).collect(),
        operations,
    })
}
