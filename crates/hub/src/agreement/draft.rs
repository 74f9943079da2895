//! What a configuration may do to agreements by itself, and what it may only draft.

use super::{CHANGE, Change, KIND, bound, drafts, goes_on, in_force, is_of_two, waiting};
use crate::Hub;
use crate::access::configuration::{Configuration, TargetText};
use crate::access::{ConfigureError, Differing};
use jiff::civil::Date;
use kobling_domain::agreement::AgreementText;
use kobling_domain::id::{TenantId, Version};
use kobling_store::access::setting;
use kobling_store::engine::Tx;
use std::collections::{BTreeMap, BTreeSet};

/// A configuration, parted into what it may bring into force by itself and what it drafts.
pub(crate) struct Parted {
    /// All of it, with those agreements, and what is agreed on of their targets, as they are in force
    /// that only their parties may change.
    pub(crate) effective: Configuration,
    /// The drafts it makes, by key.
    pub(crate) drafted: BTreeMap<String, Drafted>,
    /// The drafts that it takes back.
    pub(crate) withdrawn: BTreeSet<String>,
    /// Why it cannot be done: each with what to do.
    pub(crate) problems: Vec<String>,
}

/// What a draft would bring into force.
pub(crate) struct Drafted {
    /// The agreement.
    pub(crate) text: AgreementText,
    /// Its target; none if there is none of that key.
    pub(crate) target: Option<TargetText>,
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
    let bound = bound::bound(held, today);
    let mut parted = Parted {
        effective: wanted.clone(),
        drafted: BTreeMap::new(),
        withdrawn: BTreeSet::new(),
        problems: bound::problems(held, &bound, wanted),
    };
    bound::keep(&mut parted.effective.targets, &bound);
    parted.effective.agreements.clear();
    let keys = |it: &Configuration| -> BTreeSet<String> {
        it.agreements.iter().map(|it| it.key.clone()).collect()
    };
    let mut all: BTreeSet<String> = drafts.keys().cloned().collect();
    all.extend(keys(held));
    all.extend(keys(wanted));
    for key in all {
        let (old, new) = (in_force(held, &key), in_force(wanted, &key));
        let draft = drafts.get(&key);
        match becomes((old, new), today, |it| is_moved(&parted.effective, wanted, it)) {
            Becomes::Stands(text) => {
                parted.effective.agreements.extend(text.cloned());
                parted.withdrawn.extend(draft.map(|_| key));
            }
            Becomes::Drafted(text) => {
                parted.effective.agreements.extend(old.cloned());
                let target = wanted.targets.iter().find(|it| it.key == text.target).cloned();
                let it = Drafted { text: text.clone(), target };
                if !draft.is_some_and(|draft| is_same(&parted.effective, draft, &it)) {
                    parted.drafted.insert(key, it);
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

/// Whether what is wanted of an agreement's target is more than may come into force by itself.
fn is_moved(effective: &Configuration, wanted: &Configuration, it: &AgreementText) -> bool {
    let of = |all: &Configuration| {
        all.targets.iter().find(|target| target.key == it.target).map(TargetText::terms)
    };
    of(effective) != of(wanted)
}

/// Whether a draft that waits would bring the same into force as that one.
fn is_same(effective: &Configuration, waits: &Change, it: &Drafted) -> bool {
    let target = effective.targets.iter().find(|target| target.key == it.text.target);
    let would = |of: Option<&TargetText>| match (target, of) {
        (Some(target), Some(of)) => Some(target.under(of)),
        (target, _) => target.cloned(),
    };
    waits.text == it.text && would(waits.target.as_ref()) == would(it.target.as_ref())
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
    (old, new): (Option<&'a AgreementText>, Option<&'a AgreementText>),
    today: Date,
    is_moved: impl Fn(&AgreementText) -> bool,
) -> Becomes<'a> {
    match (old, new) {
        (old, Some(new))
            if old != Some(new) && [old, Some(new)].iter().flatten().any(|it| is_of_two(it)) =>
        {
            Becomes::Drafted(new)
        }
        (Some(_), Some(new)) if is_of_two(new) && goes_on(new, today) && is_moved(new) => {
            Becomes::Drafted(new)
        }
        (Some(old), None) if is_of_two(old) && goes_on(old, today) => Becomes::Refused(format!(
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
    for (key, Drafted { text, target }) in &parted.drafted {
        let (text, target, by) = (text.clone(), target.clone(), by.to_owned());
        let change = Change { text, target, by, reason: None, acts: Vec::new() };
        let unkept = |source| ConfigureError::Draft { key: key.clone(), source };
        let body = serde_json::to_value(&change).map_err(unkept)?;
        setting::put(tx, tenant, version, CHANGE, key, &body).await?;
        waiting::tell(hub, tx, (tenant, version), &parted.effective, &change)
            .await
            .map_err(|source| ConfigureError::Untold { key: key.clone(), source: source.into() })?;
    }
    Ok(())
}
