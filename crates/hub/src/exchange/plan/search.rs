//! Looking for changes in a plan, and at what each of them changes.

use super::super::item::{PART_ITEM, Planned};
use super::super::run::RunError;
use super::{PAGE_ITEMS, PlanError, ShownItem, decided_item, decided_natives, find, shown_item};
use crate::Hub;
use kobling_domain::exchange::{PlanItem, Reason};
use kobling_domain::id::{SubjectId, TenantId};
use kobling_domain::people::{Field, FieldName, Kind, State, Value};
use kobling_store::engine::Tx;
use kobling_store::exchange::plan::{self, Plan, StoredItem};
use kobling_store::people::claim;
use kobling_store::people::subject::{self, Issuer, SubjectKey};
use serde::Serialize;
use std::collections::BTreeSet;

/// Where a change stands in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemPlace {
    /// What it is about.
    pub kind: Kind,
    /// The number of the source's key, in the store.
    pub number: i64,
}

/// Which changes are looked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What the name or the source's key must hold; nothing for any.
    pub find: String,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only for this reason.
    pub reason: Option<Reason>,
    /// Only those after this place.
    pub after: Option<ItemPlace>,
}

/// A change that was found.
#[derive(Clone, Debug, Serialize)]
pub struct FoundItem {
    /// The change.
    #[serde(flatten)]
    pub item: ShownItem,
    /// Where it stands in the plan: what is after it comes later.
    #[serde(skip)]
    pub place: ItemPlace,
    /// Whom it is about, if the hub knows them already.
    #[serde(skip)]
    pub person: Option<SubjectId>,
    /// The fields that would read otherwise on its last days; nothing of a decided plan.
    #[serde(skip)]
    pub fields: Vec<FieldChange>,
}

/// A field that would read otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Which.
    pub name: FieldName,
    /// What it reads; none if nothing, and of an address.
    pub before: Option<Value>,
    /// What it would read; likewise.
    pub after: Option<Value>,
}

/// The first `items_max` changes of a plan that are wanted, and whether there are more.
#[crate::boxed]
pub async fn search(
    hub: &Hub,
    tenant: TenantId,
    hash: &str,
    wanted: &Wanted,
    items_max: usize,
) -> Result<(Vec<FoundItem>, bool), PlanError> {
    let mut tx = hub.db.read().await?;
    let plan = find(&mut tx, tenant, hash).await?;
    let mut after = wanted.after.map(|it| (it.kind, it.number, i64::MAX));
    let mut found = Vec::new();
    loop {
        let page = plan::items(&mut tx, tenant, plan.run, after, PAGE_ITEMS).await?;
        let Some(last) = page.last() else { return Ok((found, false)) };
        after = Some((last.kind, last.native_no, last.part));
        let decided: Vec<&StoredItem> = page.iter().filter(|it| it.body.is_empty()).collect();
        let mut natives = decided_natives(&mut tx, tenant, &plan, &decided).await?;
        for it in page.iter().filter(|it| it.part == PART_ITEM && wanted.may_be(it)) {
            let (item, planned) = if it.body.is_empty() {
                (decided_item(it, natives.remove(&(it.kind, it.native_no))), None)
            } else {
                let planned = Planned::open(&hub.keys, tenant, plan.run, it);
                let planned = planned.map_err(RunError::Item)?;
                (shown_item(&planned), Some(planned.item))
            };
            if !wanted.is(&item) {
                continue;
            }
            if found.len() == items_max {
                return Ok((found, true));
            }
            let place = ItemPlace { kind: it.kind, number: it.native_no };
            found.push(told(&mut tx, tenant, &plan, (place, item, planned)).await?);
        }
    }
}

impl Wanted {
    /// Whether it can be, as far as the row tells.
    fn may_be(&self, it: &StoredItem) -> bool {
        self.kind.is_none_or(|kind| kind == it.kind)
            && self.reason.is_none_or(|reason| it.reason.as_deref() == Some(reason.name()))
    }

    fn is(&self, it: &ShownItem) -> bool {
        let find = self.find.trim().to_lowercase();
        let name = it.name.as_deref().unwrap_or_default().to_lowercase();
        let native = it.native.as_str().to_lowercase();
        find.split_whitespace().all(|word| name.contains(word) || native.contains(word))
    }
}

/// The change with whom it is about, and the fields in which the last days that are written differ
/// from the last ones they replace.
async fn told(
    tx: &mut Tx,
    tenant: TenantId,
    plan: &Plan,
    (place, shown, planned): (ItemPlace, ShownItem, Option<PlanItem>),
) -> Result<FoundItem, PlanError> {
    let Some(item) = planned else {
        return Ok(FoundItem { item: shown, place, person: None, fields: Vec::new() });
    };
    let key = item.renumbered_from.as_ref().unwrap_or(&item.native);
    let key = [SubjectKey::Native(key.clone())];
    let issuer = Issuer::Source(plan.source);
    let subject = subject::by_key(tx, tenant, issuer, item.kind, &key).await?.pop().flatten();
    let claims = match subject {
        Some(subject) => claim::at(tx, tenant, &[subject], plan.read_version).await?,
        None => Vec::new(),
    };
    let is_replaced = |it: &&claim::Claim| {
        let from = it.slice.validity.from();
        item.replaces.iter().any(|claim| claim.valid_from == from && claim.since == it.since)
    };
    let replaced = claims.iter().rfind(is_replaced);
    let person = match item.kind {
        Kind::Employment | Kind::Activity | Kind::Qualification | Kind::Absence => {
            replaced.and_then(|it| it.refs.person).or(subject)
        }
        Kind::Person => subject,
        Kind::Unit | Kind::Position => None,
    };
    let person = subject::by_no(tx, tenant, person.as_slice()).await?;
    let after = item.written.last().map(|it| &it.state);
    let fields = differing(replaced.map(|it| &it.slice.state), after);
    Ok(FoundItem { item: shown, place, person: person.first().map(|it| it.id), fields })
}

fn differing(before: Option<&State>, after: Option<&State>) -> Vec<FieldChange> {
    let names = |state: Option<&State>| -> BTreeSet<FieldName> {
        state.into_iter().flat_map(|it| it.iter().map(|(name, _)| name.clone())).collect()
    };
    let value = |state: Option<&State>, name: &FieldName| {
        let mut all = state?.iter();
        all.find(|it| it.0 == name).map(|it| it.1.clone())
    };
    let mut changes = Vec::new();
    for name in names(before).union(&names(after)) {
        let (before, after) = (value(before, name), value(after, name));
        if before == after {
            continue;
        }
        // Whether it is protected only shows when the plan is applied.
        let is_address = match name {
            FieldName::Known(field) => field.answered_with() == Field::PersonAddress,
            FieldName::Extra(_) => false,
        };
        let told = |it: Option<Value>| it.filter(|_| !is_address);
        changes.push(FieldChange { name: name.clone(), before: told(before), after: told(after) });
    }
    changes
}
