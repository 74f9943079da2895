//! What a configuration may do to agreements by itself, and what it may only draft.

use super::{CHANGE, Change, KIND, drafts, in_force, waiting};
use crate::Hub;
use crate::access::configuration::Configuration;
use crate::access::{ConfigureError, Differing};
use jiff::civil::Date;
use kobling_domain::agreement::{AgreementText, Template};
use kobling_domain::id::{TenantId, Version};
use kobling_store::access::setting;
use kobling_store::engine::Tx;
use std::collections::{BTreeMap, BTreeSet};

/// A configuration, parted into what it may bring into force by itself and what it drafts.
pub(crate) struct Parted {
    /// All of it, with those agreements as they are in force that only their parties may change.
    pub(crate) effective: Configuration,
    /// The drafts it makes, by key.
    pub(crate) drafted: BTreeMap<String, AgreementText>,
    /// The drafts that it takes back.
    pub(crate) withdrawn: BTreeSet<String>,
    /// Why it cannot be done: each with what to do.
    pub(crate) problems: Vec<String>,
}

/// Parts what is `wanted`, where `held` is in force and these are the latest changes of its
/// agreements.
pub(crate) fn part(
    held: &Configuration,
    changes: BTreeMap<String, Change>,
    wanted: &Configuration,
    today: Date,
) -> Parted {
    let drafts = drafts(held, changes);
    let mut parted = Parted {
        effective: wanted.clone(),
        drafted: BTreeMap::new(),
        withdrawn: BTreeSet::new(),
        problems: Vec::new(),
    };
    parted.effective.agreements.clear();
    let keys = |it: &Configuration| -> BTreeSet<String> {
        it.agreements.iter().map(|it| it.key.clone()).collect()
    };
    let mut all: BTreeSet<String> = drafts.keys().cloned().collect();
    all.extend(keys(held));
    all.extend(keys(wanted));
    for key in all {
        let (old, new) = (in_force(held, &key), in_force(wanted, &key));
        let draft = drafts.get(&key).map(|it| &it.text);
        match becomes(old, new, today) {
            Becomes::Stands(text) => {
                parted.effective.agreements.extend(text.cloned());
                parted.withdrawn.extend(draft.map(|_| key));
            }
            Becomes::Drafted(text) => {
                parted.effective.agreements.extend(old.cloned());
                if draft != Some(text) {
                    parted.drafted.insert(key, text.clone());
                }
            }
            Becomes::Refused(problem) => {
                parted.effective.agreements.extend(old.cloned());
                parted.problems.push(problem);
            }
        }
    }
    parted
}

/// What becomes of an agreement.
enum Becomes<'a> {
    /// It is in force as that, or no longer at all.
    Stands(Option<&'a AgreementText>),
    /// It is in force as it was, and that is its draft.
    Drafted(&'a AgreementText),
    /// Neither.
    Refused(String),
}

fn becomes<'a>(
    old: Option<&'a AgreementText>,
    new: Option<&'a AgreementText>,
    today: Date,
) -> Becomes<'a> {
    let needs_others = |it: &AgreementText| match it.template {
        Template::OneParty => false,
        Template::Standard => true,
    };
    let goes_on = |it: &AgreementText| it.until.is_none_or(|until| today < until);
    match (old, new) {
        (old, Some(new))
            if old != Some(new) && [old, Some(new)].iter().flatten().any(|it| needs_others(it)) =>
        {
            Becomes::Drafted(new)
        }
        (Some(old), None) if needs_others(old) && goes_on(old) => Becomes::Refused(format!(
            "agreement {}: it is in force between two parties and cannot be taken out; close it \
             (`kobling agreement close {}`), or leave it in",
            old.key, old.key
        )),
        (_, new) => Becomes::Stands(new),
    }
}

/// Keeps what was parted: the drafts that are made; and of agreements that were `applied`, or whose
/// draft is taken back, that nobody's change is the latest any more. Whom a draft waits for is told.
pub(crate) async fn keep(
    hub: &Hub,
    tx: &mut Tx,
    (tenant, version): (TenantId, Version),
    applied: &[Differing],
    parted: &Parted,
    by: &str,
) -> Result<(), ConfigureError> {
    let applied = applied.iter().filter(|it| it.kind == KIND).map(|it| &it.key);
    for key in applied.chain(&parted.withdrawn) {
        setting::close(tx, tenant, version, CHANGE, key).await?;
    }
    for (key, text) in &parted.drafted {
        let change =
            Change { text: text.clone(), by: by.to_owned(), reason: None, acts: Vec::new() };
        let unkept = |source| ConfigureError::Draft { key: key.clone(), source };
        let body = serde_json::to_value(&change).map_err(unkept)?;
        setting::put(tx, tenant, version, CHANGE, key, &body).await?;
        waiting::tell(hub, tx, (tenant, version), &parted.effective, &change)
            .await
            .map_err(|source| ConfigureError::Untold { key: key.clone(), source: source.into() })?;
    }
    Ok(())
}
