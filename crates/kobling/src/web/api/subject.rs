//! What persons, employments and units have in common: one subject, on both axes of time.

use crate::web::caller::Caller;
use crate::web::problem::{Kind as Refusal, Problem};
use crate::web::state::Server;
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::id::SubjectId;
use kobling_domain::people::Kind;
use kobling_hub::people::{self, About, PeopleError, Shown};
use serde::Deserialize;

/// On which day, and as the hub knew it when.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct When {
    as_of: Option<Date>,
    known_at: Option<Timestamp>,
}

/// A subject within the caller's reach. That they see somebody's data is in the audit by then.
pub(super) async fn shown(
    server: &Server,
    caller: &Caller,
    (kind, id): (Kind, &str),
    when: When,
) -> Result<Shown, Problem> {
    let When { as_of, known_at } = when;
    let (hub, tenant) = (server.hub(), caller.signed.tenant);
    let when = people::When { as_of, known_at };
    let shown = people::show(hub, tenant, kind, id, when).await.map_err(refused)?;
    let person = match &shown.about {
        About::Person { .. } => Some(shown.id),
        About::Employment { person, .. } => Some(person.as_ref().map_or(shown.id, |it| it.id)),
        About::Unit { .. } => None,
    };
    if let Some(person) = person {
        if !caller.access.is_whole() && !leads(server, caller, person).await? {
            return Err(Problem::new(Refusal::NotFound, &format!("there is no {kind} {id}")));
        }
        server.note_read(caller, vec![person]).await?;
    }
    Ok(shown)
}

/// Whether somebody is one of the caller's own people today.
async fn leads(server: &Server, caller: &Caller, person: SubjectId) -> Result<bool, Problem> {
    let Some(own) = caller.signed.person.filter(|_| caller.access.has_led()) else {
        return Ok(false);
    };
    let team = people::team(server.hub(), caller.signed.tenant, &own.to_string(), None).await;
    match team {
        Ok(team) => Ok(team.people.iter().any(|it| it.person.id == person)),
        Err(PeopleError::Unknown { .. }) => Ok(false),
        Err(error) => Err(Problem::internal(error)),
    }
}

fn refused(error: PeopleError) -> Problem {
    match error {
        PeopleError::Unknown { .. }
        | PeopleError::OtherKind { .. }
        | PeopleError::PersonByNumber
        | PeopleError::NothingKnown { .. } => Problem::new(Refusal::NotFound, &error.to_string()),
        PeopleError::Ambiguous { .. } => Problem::new(Refusal::BadRequest, &error.to_string()),
        PeopleError::Configure(_) | PeopleError::Store(_) => Problem::internal(error),
    }
}
