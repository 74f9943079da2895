//! What changed in the ledger, in the order in which it did: nothing is told twice or left out.

use super::find::PeopleError;
use crate::Hub;
use jiff::Timestamp;
use kobling_domain::id::{SubjectId, SubjectNo, TenantId, Version};
use kobling_domain::people::Kind;
use kobling_store::access::tenant;
use kobling_store::people::claim::{self, Changed, Place};
use kobling_store::people::subject;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// That what is known of a subject changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// The ledger's version since which it is known so.
    pub version: Version,
    /// When that version was taken.
    pub at: Option<Timestamp>,
    /// What it is about.
    pub kind: Kind,
    /// The hub's own id of it.
    pub id: SubjectId,
}

/// How far somebody has read: all of the versions before, and of this one up to a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    version: Version,
    subject: Option<SubjectId>,
}

impl Cursor {
    /// Before everything.
    pub const START: Self = Self { version: Version::ZERO, subject: None };
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.version.fmt(f)?;
        self.subject.map_or(Ok(()), |it| write!(f, ":{it}"))
    }
}

/// No cursor is written so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is a version, or a version and an id joined by a colon")]
pub struct NoCursor;

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let (version, subject) = match text.split_once(':') {
            Some((version, id)) => {
                (version, Some(id.parse().map(SubjectId).map_err(|_| NoCursor)?))
            }
            None => (text, None),
        };
        let version = version.parse().ok().filter(|it| *it >= 0).ok_or(NoCursor)?;
        Ok(Self { version: Version(version), subject })
    }
}

/// The first `count` changes after a cursor, and how far that is.
#[crate::boxed]
pub async fn changes(
    hub: &Hub,
    tenant: TenantId,
    after: Cursor,
    count: u32,
) -> Result<(Vec<Change>, Cursor), PeopleError> {
    let mut tx = hub.db.read().await?;
    let upto = tenant::version(&mut tx, tenant).await?;
    let place = match after.subject {
        None => Place::behind(after.version),
        Some(id) => {
            let what = "subject".to_owned();
            let unknown = || PeopleError::Unknown { what, id: id.to_string() };
            let found = subject::by_id(&mut tx, tenant, id).await?.ok_or_else(unknown)?;
            Place { version: after.version, subject: found.no }
        }
    };
    let found = claim::changed_since(&mut tx, tenant, place, upto, count).await?;
    let numbers: Vec<SubjectNo> = found.iter().map(|it| it.place.subject).collect();
    let subjects = subject::by_no(&mut tx, tenant, &numbers).await?;
    let ids: BTreeMap<SubjectNo, SubjectId> = subjects.iter().map(|it| (it.no, it.id)).collect();
    let mut taken: BTreeMap<Version, Option<Timestamp>> = BTreeMap::new();
    let mut changes = Vec::with_capacity(found.len());
    for Changed { place: Place { version, subject }, kind } in found {
        let at = match taken.get(&version) {
            Some(at) => *at,
            None => tenant::version_taken(&mut tx, tenant, version).await?.map(|it| it.0),
        };
        taken.insert(version, at);
        let Some(id) = ids.get(&subject) else { continue };
        changes.push(Change { version, at, kind, id: *id });
    }
    let last = changes.last().map(|it| Cursor { version: it.version, subject: Some(it.id) });
    Ok((changes, last.unwrap_or(after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_nothing_else_is_taken_for_one() {
        let id = "15a035c4-f2f4-8d88-85dc-c87174854689";
        for text in ["0", "7", &format!("7:{id}")] {
            assert_eq!(text.parse::<Cursor>().unwrap().to_string(), text);
        }
        for text in ["", "-1", "7:", ":", "7:8", "x", &format!("{id}:7")] {
            assert_eq!(text.parse::<Cursor>(), Err(NoCursor), "{text}");
        }
    }
}
