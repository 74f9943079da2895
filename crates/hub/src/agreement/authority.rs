//! Who may close an agreement in emergency, and who may open it again.

use super::emergency::EmergencyError;
use crate::Hub;
use crate::access::session::Signed;
use crate::access::users;
use crate::exchange::decision::Decision;
use kobling_domain::access::{Grant, Operation, Role, access, may};
use kobling_domain::id::TenantId;

/// How somebody is known who closes an agreement or opens it again.
#[derive(Debug)]
pub enum Known<'a> {
    /// They are signed in, in some roles.
    Signed(&'a Signed),
    /// They run commands beside the hub's keys, which makes an operator of them. Who gives the name of
    /// a user must be one whose roles allow it.
    BesideKeys,
}

/// Refuses whoever may not do it.
pub(super) async fn refuse_not_allowed(
    hub: &Hub,
    tenant: TenantId,
    (known, operation): (&Known<'_>, Operation),
    decision: &Decision<'_>,
) -> Result<(), EmergencyError> {
    let is_allowed = match known {
        Known::Signed(it) => is_allowed(&it.grants, operation),
        Known::BesideKeys => match users::grants_of(hub, tenant, decision.by()).await? {
            Some(grants) => is_allowed(&grants, operation),
            None => true,
        },
    };
    if is_allowed {
        return Ok(());
    }
    Err(EmergencyError::NotAllowed { by: decision.by().to_owned(), who: who_may(operation) })
}

/// Refuses a program where a person is needed.
pub(super) fn refuse_program(known: &Known<'_>) -> Result<(), EmergencyError> {
    match known {
        Known::Signed(it) if it.is_program() => {
            Err(EmergencyError::NoPerson { by: it.key.clone() })
        }
        Known::Signed(_) | Known::BesideKeys => Ok(()),
    }
}

fn is_allowed(grants: &[Grant], operation: Operation) -> bool {
    access(grants, operation).is_some_and(|it| it.is_whole())
}

fn who_may(operation: Operation) -> String {
    let roles = Role::ALL.into_iter().filter(|it| may(*it, operation).is_some());
    roles.map(Role::name).collect::<Vec<_>>().join(", ")
}
