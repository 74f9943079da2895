//! A person's own extract: what the hub knows of them, which systems were given it, and who saw it.

use super::find::{PeopleError, find};
use super::show::show;
use super::shown::{About, Shown, When};
use crate::Hub;
use crate::access::audit::{self, Told};
use crate::exchange::deliver::DeliverError;
use crate::exchange::deliver::went::{Went, went};
use jiff::Timestamp;
use kobling_domain::id::{SubjectId, TenantId};
use kobling_domain::people::Kind;
use serde::Serialize;

/// Readings that an extract tells of, at most: the latest.
const READINGS_MAX: u32 = 10_000;

/// What a person may ask for: who got what about them.
#[derive(Clone, Debug, Serialize)]
pub struct Extract {
    /// The hub's own id of them.
    pub person: SubjectId,
    /// When the extract was made.
    pub made_at: Timestamp,
    /// What the hub knows of them, then of each of their employments.
    pub known: Vec<Shown>,
    /// The systems that may have data of them, and what each took.
    pub targets: Vec<Went>,
    /// Who saw their data, the latest first.
    pub read: Vec<Read>,
}

/// That somebody saw data of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Read {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// What they did: `person.read`, or `number.reveal`.
    pub action: String,
    /// In doing what; see docs/access.md.
    pub operation: Option<String>,
    /// What for, where they had to say so.
    pub purpose: Option<String>,
}

impl From<Told> for Read {
    fn from(it: Told) -> Self {
        let text = |key: &str| it.detail.get(key).and_then(|it| it.as_str()).map(str::to_owned);
        let (operation, purpose) = (text("operation"), text("reason"));
        Self { at: it.at, who: it.who, action: it.action, operation, purpose }
    }
}

/// Why there is no extract.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// The person cannot be told of.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// Where their data went cannot be told.
    #[error(transparent)]
    Deliver(#[from] DeliverError),
}

/// The extract of the person with the hub's own id, or with a register's key.
#[crate::boxed]
pub async fn extract(hub: &Hub, tenant: TenantId, id: &str) -> Result<Extract, ExtractError> {
    let person = {
        let mut tx = hub.db.read().await.map_err(PeopleError::from)?;
        find(&mut tx, tenant, Some(Kind::Person), id).await?.id
    };
    let shown = show(hub, tenant, Kind::Person, &person.to_string(), When::default()).await?;
    let employments = match &shown.about {
        About::Person { employments, .. } => employments.iter().map(|it| it.id).collect(),
        About::Unit { .. } | About::Employment { .. } => Vec::new(),
    };
    let mut known = vec![shown];
    for it in employments {
        let id = it.to_string();
        known.push(show(hub, tenant, Kind::Employment, &id, When::default()).await?);
    }
    let targets = went(hub, tenant, person).await?;
    let read = audit::readings_of(hub, tenant, person, READINGS_MAX).await;
    let read = read.map_err(PeopleError::from)?.into_iter().map(Read::from).collect();
    Ok(Extract { person, made_at: hub.clock.now(), known, targets, read })
}
