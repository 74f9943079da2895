//! From what somebody typed to the one subject that is meant.

use crate::access::ConfigureError;
use jiff::Timestamp;
use kobling_domain::id::{SubjectId, SubjectNo, TenantId};
use kobling_domain::people::{Kind, NationalNumber, NativeKey};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::source;
use kobling_store::people::subject::{self, Issuer, Subject, SubjectKey};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Why nothing can be shown.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// Nobody knows such an id.
    #[error("there is no {what} {id}")]
    Unknown {
        /// What was looked for.
        what: String,
        /// The id as given; a national number is not told.
        id: String,
    },
    /// The id is that of a subject of another kind.
    #[error("{id} is no {asked}; it is a {kind}")]
    OtherKind {
        /// The id as given.
        id: SubjectId,
        /// What was asked for.
        asked: Kind,
        /// What it is.
        kind: Kind,
    },
    /// No source knows a person by that key, and nobody is looked up by the national number.
    #[error(
        "a person is shown by the hub's id, or by the key of a register that knows them; `kobling \
         show employment NUMBER` tells whose employment it is"
    )]
    PersonByNumber,
    /// The number means one thing at one source and another at another, or a unit and an
    /// employment.
    #[error("{id} is not clear, it may be: {}; give the hub's id", candidates.join(", "))]
    Ambiguous {
        /// The number as given.
        id: String,
        /// What it may be, each with the hub's id.
        candidates: Vec<String>,
    },
    /// The ledger begins later.
    #[error("nothing was known yet at {at}{}", begins(*.first))]
    NothingKnown {
        /// The instant asked for.
        at: Timestamp,
        /// When the ledger was first written to.
        first: Option<Timestamp>,
    },
    /// The stored configuration cannot be used.
    #[error("the configuration of that time cannot be used")]
    Configure(#[from] ConfigureError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

fn begins(first: Option<Timestamp>) -> String {
    first.map(|it| format!("; the ledger begins at {it}")).unwrap_or_default()
}

/// The subject that `id` names: the hub's own id, or the number that a source gave it. Without a
/// kind, the number of a unit or of an employment.
///
/// # Errors
///
/// A number that is not clear is refused with all that it may be.
#[crate::boxed]
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    kind: Option<Kind>,
    id: &str,
) -> Result<Subject, PeopleError> {
    let unknown = || PeopleError::Unknown {
        what: kind.map_or_else(|| "unit, person or employment".to_owned(), |it| it.to_string()),
        id: untold(id),
    };
    if let Ok(uuid) = id.parse::<Uuid>() {
        let id = SubjectId(uuid);
        let found = subject::by_id(tx, tenant, id).await?.ok_or_else(unknown)?;
        return match kind.filter(|it| *it != found.kind) {
            Some(asked) => Err(PeopleError::OtherKind { id, asked, kind: found.kind }),
            None => Ok(found),
        };
    }
    let kinds = match kind {
        Some(kind) => vec![kind],
        None => vec![Kind::Unit, Kind::Employment],
    };
    let found = by_number(tx, tenant, &kinds, id).await?;
    let numbers: Vec<SubjectNo> = found.keys().copied().collect();
    let mut subjects = subject::by_no(tx, tenant, &numbers).await?;
    match (subjects.pop(), subjects.is_empty()) {
        (None, _) if kind == Some(Kind::Person) => Err(PeopleError::PersonByNumber),
        (None, _) => Err(unknown()),
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            subjects.push(last);
            let source = |it: &Subject| found.get(&it.no).cloned().unwrap_or_default();
            let named = |it: &Subject| format!("the {} {} of {}", it.kind, it.id, source(it));
            let candidates = subjects.iter().map(named).collect();
            Err(PeopleError::Ambiguous { id: untold(id), candidates })
        }
    }
}

/// What the sources call by that number, each with the source's key.
pub(super) async fn by_number(
    tx: &mut Tx,
    tenant: TenantId,
    kinds: &[Kind],
    id: &str,
) -> Result<BTreeMap<SubjectNo, String>, StoreError> {
    let key = [SubjectKey::Native(NativeKey::text(id.trim()))];
    let mut found = BTreeMap::new();
    for source in source::list(tx, tenant).await? {
        for kind in kinds {
            let issuer = Issuer::Source(source.no);
            let subjects = subject::by_key(tx, tenant, issuer, *kind, &key).await?;
            found.extend(subjects.into_iter().flatten().map(|it| (it, source.key.clone())));
        }
    }
    Ok(found)
}

/// The id as it may be told in an error.
fn untold(id: &str) -> String {
    match NationalNumber::parse(id) {
        Ok(_) => {
            "of that number (it looks like a national number, and none is repeated)".to_owned()
        }
        Err(_) => id.to_owned(),
    }
}
