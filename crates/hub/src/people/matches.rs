//! Persons who may be one: suggested, linked, parted or kept apart, always by a person's word.
//!
//! A link is a row of its own, versioned like a claim: who is linked is told of under the other. No
//! claim and no key moves, so undoing the link leaves everything as it would have been.

mod suggest;

pub use suggest::{Conflict, Linked, Said, Suggested, Suggestions, Who};

use super::find::{PeopleError, find};
use crate::Hub;
use crate::exchange::decision::Decision;
use kobling_domain::id::{SubjectId, SubjectNo, TenantId, Version};
use kobling_domain::people::{Kind, Links};
use kobling_store::StoreError;
use kobling_store::access::{audit, tenant};
use kobling_store::engine::Tx;
use kobling_store::exchange::{lane, pending};
use kobling_store::job;
use kobling_store::people::same::{self, Link};
use kobling_store::people::subject::{self, Subject};
use serde::Serialize;
use serde_json::json;

/// Why nothing was decided. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum MatchError {
    /// Nobody knows such a person.
    #[error(transparent)]
    Find(#[from] PeopleError),
    /// It is one person already.
    #[error("{a} and {b} are one person already")]
    One {
        /// As given.
        a: String,
        /// As given.
        b: String,
    },
    /// The register says that they are two.
    #[error(
        "{a} and {b} have national numbers of their own: the register says that they are two; if a \
         number was corrected, say so (kobling quarantine decide)"
    )]
    TwoNumbers {
        /// As given.
        a: String,
        /// As given.
        b: String,
    },
    /// There is no link to undo.
    #[error("{id} is linked to nobody{}", hint(.linked))]
    NotLinked {
        /// As given.
        id: String,
        /// Who is linked to it.
        linked: Vec<SubjectId>,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

fn hint(linked: &[SubjectId]) -> String {
    if linked.is_empty() {
        return String::new();
    }
    let all: Vec<String> = linked.iter().map(ToString::to_string).collect();
    format!("; linked to it are {}: split one of those", all.join(", "))
}

impl MatchError {
    /// Whether what was given is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::Find(PeopleError::Store(_) | PeopleError::Configure(_)) | Self::Store(_) => false,
            Self::Find(_) | Self::One { .. } | Self::TwoNumbers { .. } | Self::NotLinked { .. } => {
                true
            }
        }
    }
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// What: `link`, `split` or `reject`.
    pub action: &'static str,
    /// Who was linked, parted or kept apart.
    pub person: SubjectId,
    /// From or to whom. After a link, both are told of under this one.
    pub other: SubjectId,
    /// The ledger version since which it is so.
    pub version: Version,
}

/// One decision inside its transaction.
struct Deciding<'a> {
    hub: &'a Hub,
    tenant: TenantId,
    tx: Tx,
    version: Version,
    links: Links,
    decision: &'a Decision<'a>,
}

/// Says that two persons are one. Both are told of under the one who has a national number, else
/// under the one known longer.
///
/// # Errors
///
/// Refuses two persons with national numbers of their own, and those who are one already.
#[crate::boxed]
pub async fn link(
    hub: &Hub,
    tenant: TenantId,
    (a, b): (&str, &str),
    decision: &Decision<'_>,
) -> Result<Decided, MatchError> {
    let mut deciding = Deciding::begin(hub, tenant, decision).await?;
    let (first, second) = (deciding.person(a).await?, deciding.person(b).await?);
    let given = || (a.to_owned(), b.to_owned());
    if first.no == second.no {
        let (a, b) = given();
        return Err(MatchError::One { a, b });
    }
    if first.number_sealed.is_some() && second.number_sealed.is_some() {
        let (a, b) = given();
        return Err(MatchError::TwoNumbers { a, b });
    }
    let rank = |it: &Subject| (it.number_sealed.is_none(), it.no);
    let (one, other) =
        if rank(&first) <= rank(&second) { (first, second) } else { (second, first) };
    let row = Link {
        subject: other.no,
        same_as: one.no,
        since: deciding.version,
        until: Version::OPEN,
        who: decision.by().to_owned(),
        reason: decision.reason().to_owned(),
    };
    same::link(&mut deciding.tx, tenant, &row).await?;
    deciding.protect_all(one.no, other.no).await?;
    deciding.end("link", other.id, one.id).await
}

/// Undoes the link of a person: from now on they are told of by themselves again.
///
/// # Errors
///
/// Refuses a person who is linked to nobody.
#[crate::boxed]
pub async fn split(
    hub: &Hub,
    tenant: TenantId,
    id: &str,
    decision: &Decision<'_>,
) -> Result<Decided, MatchError> {
    let mut deciding = Deciding::begin(hub, tenant, decision).await?;
    let person = find(&mut deciding.tx, tenant, Some(Kind::Person), id).await?;
    let Some(one) = deciding.links.same_as(person.no) else {
        let others = deciding.links.others(person.no).to_vec();
        let linked = subject::by_no(&mut deciding.tx, tenant, &others).await?;
        let linked = linked.into_iter().map(|it| it.id).collect();
        return Err(MatchError::NotLinked { id: id.to_owned(), linked });
    };
    same::part(&mut deciding.tx, tenant, person.no, deciding.version).await?;
    let one = subject::by_no(&mut deciding.tx, tenant, &[one]).await?;
    let one = one.first().map_or(person.id, |it| it.id);
    deciding.end("split", person.id, one).await
}

/// Says that two persons are two, so that they are not suggested again.
///
/// # Errors
///
/// Refuses those who are one already.
#[crate::boxed]
pub async fn reject(
    hub: &Hub,
    tenant: TenantId,
    (a, b): (&str, &str),
    decision: &Decision<'_>,
) -> Result<Decided, MatchError> {
    let mut deciding = Deciding::begin(hub, tenant, decision).await?;
    let (first, second) = (deciding.person(a).await?, deciding.person(b).await?);
    if first.no == second.no {
        return Err(MatchError::One { a: a.to_owned(), b: b.to_owned() });
    }
    let (pair, version) = ((first.no, second.no), deciding.version);
    let said = (decision.by(), decision.reason());
    same::keep_apart(&mut deciding.tx, tenant, pair, version, said).await?;
    deciding.end("reject", first.id, second.id).await
}

/// Who may be one, where sources differ, and who is linked.
#[crate::boxed]
pub async fn list(hub: &Hub, tenant: TenantId) -> Result<Suggestions, PeopleError> {
    suggest::all(hub, tenant, None).await
}

/// The same of one person.
#[crate::boxed]
pub async fn of(hub: &Hub, tenant: TenantId, id: &str) -> Result<Suggestions, PeopleError> {
    let mut tx = hub.db.read().await?;
    let person = find(&mut tx, tenant, Some(Kind::Person), id).await?;
    drop(tx);
    suggest::all(hub, tenant, Some(person.no)).await
}

/// Who is one with whom, as the ledger had it at `version`.
pub(crate) async fn links(
    tx: &mut Tx,
    tenant: TenantId,
    version: Version,
) -> Result<Links, StoreError> {
    Ok(Links::new(same::at(tx, tenant, version).await?))
}

impl<'a> Deciding<'a> {
    async fn begin(
        hub: &'a Hub,
        tenant: TenantId,
        decision: &'a Decision<'a>,
    ) -> Result<Self, MatchError> {
        let mut tx = hub.db.write().await?;
        let version = tenant::take_version(&mut tx, tenant, hub.clock.now(), None).await?;
        let links = links(&mut tx, tenant, version).await?;
        Ok(Self { hub, tenant, tx, version, links, decision })
    }

    /// The one under whom the person that `id` names is told of.
    async fn person(&mut self, id: &str) -> Result<Subject, MatchError> {
        let found = find(&mut self.tx, self.tenant, Some(Kind::Person), id).await?;
        let one: SubjectNo = self.links.one(found.no);
        let one = subject::by_no(&mut self.tx, self.tenant, &[one]).await?.pop();
        Ok(one.unwrap_or(found))
    }

    /// If one of those who are one from now on is protected, what targets were told of the others
    /// may hold what must not be told any more.
    async fn protect_all(&mut self, one: SubjectNo, other: SubjectNo) -> Result<(), StoreError> {
        let all = [self.links.all_of(one), self.links.all_of(other)].concat();
        let subjects = subject::by_no(&mut self.tx, self.tenant, &all).await?;
        if subjects.iter().any(|it| it.protected) {
            lane::forget(&mut self.tx, self.tenant, &all).await?;
            pending::give_up_all(&mut self.tx, self.tenant).await?;
        }
        Ok(())
    }

    async fn end(
        mut self,
        action: &'static str,
        person: SubjectId,
        other: SubjectId,
    ) -> Result<Decided, MatchError> {
        let entry = audit::Entry {
            at: self.hub.clock.now(),
            who: self.decision.by().to_owned(),
            action: format!("match.{action}"),
            detail: json!({
                "person": person,
                "other": other,
                "version": self.version,
                "reason": self.decision.reason(),
            }),
        };
        audit::write(&mut self.tx, self.tenant, &entry).await?;
        job::ask_to_deliver(&mut self.tx, self.tenant, self.hub.clock.now()).await?;
        self.tx.commit().await?;
        Ok(Decided { action, person, other, version: self.version })
    }
}
