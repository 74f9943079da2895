//! What is on its way to a target and what a person decides on it, whether it goes as messages or
//! as sets of files.

use super::decision::Decision;
use super::deliver::manage::{self as sets, ListedSet};
use super::deliver::{DeliverError, Delivery};
use super::lane::manage::{self as messages, Decided};
use super::lane::{self, LaneError, Report, Standing};
use crate::Hub;
use kobling_domain::id::{SubjectId, TenantId};
use kobling_store::StoreError;
use serde::Serialize;
use std::fmt;

/// Why nothing can be told or decided.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// Of a target that takes messages.
    #[error(transparent)]
    Messages(#[from] LaneError),
    /// Of a target that takes sets of files.
    #[error(transparent)]
    Set(#[from] DeliverError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl DeliveryError {
    /// Whether what was given or configured is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::Messages(it) => it.is_bad_input(),
            Self::Set(it) => it.is_bad_input(),
            Self::Store(_) => false,
        }
    }

    /// Whether something else stands there by now than what a person looked at.
    pub fn is_otherwise(&self) -> bool {
        matches!(
            self,
            Self::Messages(LaneError::HeldOtherwise { .. } | LaneError::Otherwise { .. })
                | Self::Set(DeliverError::HeldOtherwise { .. } | DeliverError::OtherSet { .. })
        )
    }
}

/// What was delivered.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Delivered {
    /// Messages.
    Messages(Report),
    /// A set of files.
    Set(Delivery),
}

impl fmt::Display for Delivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Messages(it) => it.fmt(f),
            Self::Set(it) => it.fmt(f),
        }
    }
}

/// What has not been accepted yet.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Listed {
    /// A message.
    Message(messages::Listed),
    /// A set of files.
    Set(ListedSet),
}

/// Where the target of that key stands.
#[crate::boxed]
pub async fn standing(hub: &Hub, tenant: TenantId, key: &str) -> Result<Standing, DeliveryError> {
    if lane::takes_messages(hub, tenant, key).await? {
        Ok(lane::standing(hub, tenant, key).await?)
    } else {
        Ok(sets::standing(hub, tenant, key).await?)
    }
}

/// What the target of that key has not accepted yet, in the order in which it is sent.
#[crate::boxed]
pub async fn list(hub: &Hub, tenant: TenantId, key: &str) -> Result<Vec<Listed>, DeliveryError> {
    if lane::takes_messages(hub, tenant, key).await? {
        let all = messages::list(hub, tenant, key).await?;
        Ok(all.into_iter().map(Listed::Message).collect())
    } else {
        let set = sets::list(hub, tenant, key).await?;
        Ok(set.into_iter().map(Listed::Set).collect())
    }
}

/// Lets go what a brake of the target holds, if it is what `hash` names: what a person looked at.
#[crate::boxed]
pub async fn release(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    hash: &str,
    decision: &Decision<'_>,
) -> Result<Decided, DeliveryError> {
    if lane::takes_messages(hub, tenant, key).await? {
        return Ok(messages::release(hub, tenant, key, hash, decision).await?);
    }
    sets::release(hub, tenant, key, hash, decision).await?;
    Ok(one(key))
}

/// What of a target is decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Of {
    /// The subject of a message; none for all messages, or of a target that takes sets.
    pub subject: Option<SubjectId>,
    /// The number of the message or the set that was looked at; none for whichever it is.
    pub seen: Option<i64>,
}

/// What the target has not accepted yet of a subject, or, without one, the set on its way to it.
pub async fn find(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    subject: Option<SubjectId>,
) -> Result<Option<Listed>, DeliveryError> {
    match (lane::takes_messages(hub, tenant, key).await?, subject) {
        (true, Some(subject)) => {
            Ok(messages::find(hub, tenant, key, subject).await?.map(Listed::Message))
        }
        (false, None) => Ok(sets::list(hub, tenant, key).await?.map(Listed::Set)),
        (true, None) | (false, Some(_)) => Ok(None),
    }
}

/// Lets be sent again what the target rejected: of one subject, or all.
#[crate::boxed]
pub async fn retry(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    Of { subject, seen }: Of,
    decision: &Decision<'_>,
) -> Result<Decided, DeliveryError> {
    if lane::takes_messages(hub, tenant, key).await? {
        return Ok(messages::retry(hub, tenant, key, (subject, seen), decision).await?);
    }
    refuse_subject(key, subject)?;
    sets::retry(hub, tenant, key, seen, decision).await?;
    Ok(one(key))
}

/// Lets nobody send any more what is on its way: to a target of messages that of a subject, else
/// the set.
#[crate::boxed]
pub async fn give_up(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    Of { subject, seen }: Of,
    decision: &Decision<'_>,
) -> Result<Decided, DeliveryError> {
    if lane::takes_messages(hub, tenant, key).await? {
        let subject = subject.ok_or_else(|| LaneError::WhoseMessage { key: key.to_owned() })?;
        return Ok(messages::give_up(hub, tenant, key, (subject, seen), decision).await?);
    }
    refuse_subject(key, subject)?;
    sets::give_up(hub, tenant, key, seen, decision).await?;
    Ok(one(key))
}

fn refuse_subject(key: &str, of: Option<SubjectId>) -> Result<(), DeliverError> {
    match of {
        Some(_) => Err(DeliverError::NoSubjects { target: key.to_owned() }),
        None => Ok(()),
    }
}

fn one(key: &str) -> Decided {
    Decided { target: key.to_owned(), messages: 1 }
}
