//! Plans in part: all but what a brake holds, or only what protects somebody.

mod survey;

use super::apply;
use super::conclude::hold;
use super::decide::{decided, held, lock, releasable};
use super::decision::Decision;
use super::hash;
use super::judge::{self, InputFacts, Judged};
use super::plan::{EXCEPT, PROTECT, PlanError, find, summary, tripped};
use super::progress::Silent;
use super::run::RunError;
use super::source::Source;
use super::summary::Summary;
use crate::Hub;
use crate::hex::hex;
use crate::people::roster;
use kobling_domain::exchange::brake::{self, Brake, KnownName, Records, Tripped};
use kobling_domain::id::TenantId;
use kobling_domain::people::{Kind, NativeKey};
use kobling_store::StoreError;
use kobling_store::access::audit;
use kobling_store::engine::Tx;
use kobling_store::exchange::draft;
use kobling_store::exchange::plan::{self, Plan};
use serde_json::json;
use std::collections::BTreeSet;
use survey::{Mark, Placed, Survey, survey};

/// What is left of a plan without a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Its hash.
    pub hash: String,
    /// The brakes that hold it still.
    pub brakes: Vec<Brake>,
    /// The changes that are no longer part of it.
    pub taken_out: u64,
}

/// Makes a plan of the items of a held plan without those that `brake` holds, under a hash of its
/// own, in the place of it: the audit says of which and why. What is left out comes again with the
/// next input. The caller releases the rest by its hash, unless other brakes hold it.
///
/// # Errors
///
/// A brake that does not hold the plan, or that is about the input as a whole, is refused, and so is a
/// plan that the ledger has left behind.
#[crate::boxed(?Send)]
pub async fn except(
    hub: &Hub,
    tenant: TenantId,
    hash: &str,
    brake: &str,
    decision: &Decision<'_>,
) -> Result<Rest, PlanError> {
    let decided = decided(hub, decision);
    let brake = Brake::from_name(brake).ok_or_else(|| PlanError::UnknownBrake {
        brake: brake.to_owned(),
        known: Brake::ALL.map(Brake::name).join(", "),
    })?;
    let plan = find(&mut hub.db.read().await?, tenant, hash).await?;
    let summary = summary(&plan)?;
    let _lock = lock(hub, tenant, &plan, &summary).await?;
    let mut tx = hub.db.write().await?;
    let mut parting = Parting::begin(hub, &mut tx, tenant, plan).await?;
    // Of a plan that can no longer be released nothing is taken out: what is left could not be either.
    releasable(&mut tx, tenant, &parting.plan, &parting.summary).await?;
    let before = parting.plan.clone();
    let holding: Vec<Tripped> =
        tripped(&parting.plan)?.into_iter().filter(|it| it.brake == brake).collect();
    if let Some(why) = inseparable(brake, &holding, &parting.summary) {
        return Err(PlanError::NotSeparable { hash: hex(&parting.plan.hash), brake, why });
    }
    let survey = parting.survey(&mut tx).await?;
    let judged = parting.judge(&mut tx, &survey).await?;
    let left_out = parting.left_out(brake, &holding, &survey, &judged);
    let records = left_out.iter().filter(|it| !it.is(Mark::Gone));
    parting.summary.counts.leave_out(records.count());
    parting.summary.settled.settles_epochs = false;
    let rest = parting.without(hub, &mut tx, left_out, Some(brake)).await?;
    write_audit(&mut tx, tenant, (EXCEPT, Some(brake)), (&before, &rest), decided).await?;
    tx.commit().await?;
    // It stands. A roster that cannot follow now does so with the next run.
    drop(roster::bring_up(hub, tenant, &Silent).await);
    Ok(rest)
}

/// Applies of a held plan only what newly protects somebody's address. The rest stays held, under
/// a hash of its own.
///
/// # Errors
///
/// Refuses, and changes nothing, if the plan protects nobody, or if the ledger or the source's
/// configuration has moved on.
#[crate::boxed]
pub async fn protect(
    hub: &Hub,
    tenant: TenantId,
    hash: &str,
    decision: &Decision<'_>,
) -> Result<Rest, PlanError> {
    let decided = decided(hub, decision);
    let plan = find(&mut hub.db.read().await?, tenant, hash).await?;
    let summary = summary(&plan)?;
    let _lock = lock(hub, tenant, &plan, &summary).await?;
    let mut tx = hub.db.write().await?;
    let mut parting = Parting::begin(hub, &mut tx, tenant, plan).await?;
    let (before, run) = (parting.plan.clone(), parting.plan.run);
    if parting.summary.is_first_load || parting.summary.protects.is_empty() {
        return Err(PlanError::ProtectsNobody { hash: hex(&before.hash) });
    }
    if hash::of_stored(&mut tx, tenant, run).await? != before.hash {
        return Err(PlanError::Tampered { hash: hex(&before.hash) });
    }
    let survey = parting.survey(&mut tx).await?;
    let protecting: Vec<Placed> =
        survey.items.into_iter().filter(|it| it.is(Mark::Protects)).collect();
    let mut items = Vec::with_capacity(protecting.len());
    for it in &protecting {
        items.extend(draft::item(&mut tx, tenant, run, it.kind, it.native_no).await?);
    }
    apply::some(hub, &mut tx, tenant, (&parting.source, run), items)
        .await
        .map_err(RunError::Apply)?;
    parting.summary.counts.apply_apart(protecting.len());
    let rest = parting.without(hub, &mut tx, protecting, None).await?;
    write_audit(&mut tx, tenant, (PROTECT, None), (&before, &rest), decided).await?;
    tx.commit().await?;
    Ok(rest)
}

/// A held plan of which a part is taken out, inside a transaction.
struct Parting<'a> {
    hub: &'a Hub,
    tenant: TenantId,
    source: Source,
    plan: Plan,
    summary: Summary,
}

impl<'a> Parting<'a> {
    async fn begin(
        hub: &'a Hub,
        tx: &mut Tx,
        tenant: TenantId,
        found: Plan,
    ) -> Result<Self, PlanError> {
        let plan = held(tx, tenant, &found).await?;
        let summary = summary(&plan)?;
        let source = Source::load(tx, tenant, &summary.source).await?;
        if source.configured != summary.configured {
            return Err(PlanError::Reconfigured { key: summary.source });
        }
        Ok(Self { hub, tenant, source, plan, summary })
    }

    async fn survey(&self, tx: &mut Tx) -> Result<Survey, RunError> {
        let of = (self.source.no, self.plan.run);
        survey(self.hub, tx, self.tenant, of, self.summary.settled, self.summary.date).await
    }

    /// What the brakes say of these items; nothing of the input as a whole.
    async fn judge(&self, tx: &mut Tx, survey: &Survey) -> Result<Judged, RunError> {
        let facts = InputFacts {
            date: self.summary.date,
            older_than: None,
            known_name: KnownName::Fits,
            records: Records::default(),
            is_first_load: false,
            is_snapshot: false,
            root_missing: None,
        };
        judge::judge(tx, self.tenant, &self.source, &survey.figures, facts).await
    }

    /// The items that a brake holds, and the end of every unit in or above which somebody or
    /// something is then left.
    fn left_out(
        &self,
        brake: Brake,
        holding: &[Tripped],
        survey: &Survey,
        judged: &Judged,
    ) -> Vec<Placed> {
        let is_held = self.held_by(brake, holding, judged);
        let (mut left_out, kept): (Vec<&Placed>, Vec<&Placed>) =
            survey.items.iter().partition(|it| is_held(it));
        let stays_in = left_out.iter().filter_map(|it| match it.kind {
            Kind::Unit => judged.tree.parent(&it.native),
            Kind::Employment
            | Kind::Person
            | Kind::Position
            | Kind::Activity
            | Kind::Qualification
            | Kind::Absence => it.before.as_ref(),
        });
        let needed: BTreeSet<&NativeKey> = stays_in
            .flat_map(|unit| std::iter::once(unit).chain(judged.tree.ancestors(unit)))
            .collect();
        left_out
            .extend(kept.into_iter().filter(|it| it.ends_unit() && needed.contains(&it.native)));
        left_out.into_iter().cloned().collect()
    }

    /// Tells whether a brake holds an item.
    fn held_by<'b>(
        &self,
        brake: Brake,
        holding: &'b [Tripped],
        judged: &'b Judged,
    ) -> impl Fn(&Placed) -> bool + use<'b> {
        let limits = &self.source.text.brakes;
        let off = judged.tree.subtrees(&limits.off_below(brake));
        let units = brake::units_held(limits, brake, &judged.plan);
        let subtrees = judged.tree.subtrees(&units);
        let is_in = |units: &BTreeSet<NativeKey>, it: Option<&NativeKey>| {
            it.is_some_and(|unit| units.contains(unit))
        };
        let is_counted = move |tripped: &Tripped, it: &Placed| match &tripped.below {
            None => !is_in(&off, it.place()),
            Some(top) => it.place().is_some_and(|unit| judged.tree.is_within(unit, top)),
        };
        move |it| match brake {
            Brake::Gone => {
                let of_kind = |tripped: &&Tripped| tripped.kind == Some(it.kind);
                it.is_gone_or_ends() && holding.iter().filter(of_kind).any(|by| is_counted(by, it))
            }
            Brake::RootMissing => {
                holding.iter().any(|by| by.items.contains(&it.native)) && it.ends_unit()
            }
            Brake::UnitEmptied => match it.kind {
                Kind::Unit => it.ends_unit() && subtrees.contains(&it.native),
                Kind::Employment
                | Kind::Person
                | Kind::Position
                | Kind::Activity
                | Kind::Qualification
                | Kind::Absence => {
                    is_in(&subtrees, it.before.as_ref()) && !is_in(&subtrees, it.after.as_ref())
                }
            },
            Brake::UnitMoved => it.kind == Kind::Unit && units.contains(&it.native),
            Brake::ProtectionLost => {
                it.is(Mark::LosesProtection) && holding.iter().any(|by| is_counted(by, it))
            }
            Brake::FewerRecords
            | Brake::OlderThanApplied
            | Brake::SameNameOtherBytes
            | Brake::ManagerTreeBroken
            | Brake::MassInactivation
            | Brake::MassCreation
            | Brake::MassChange => false,
        }
    }

    /// Takes items out of the plan and names what is left of it. `except` has been decided on;
    /// what is said of the input as a whole stays.
    async fn without(
        mut self,
        hub: &Hub,
        tx: &mut Tx,
        out: Vec<Placed>,
        except: Option<Brake>,
    ) -> Result<Rest, PlanError> {
        let (tenant, run) = (self.tenant, self.plan.run);
        for it in &out {
            draft::withdraw(tx, tenant, run, it.kind, it.native_no).await?;
        }
        let survey = self.survey(tx).await?;
        let judged = self.judge(tx, &survey).await?;
        let is_about_whole = |it: &Tripped| {
            !it.brake.is_by_unit() && Some(it.brake) != except && it.brake != Brake::RootMissing
        };
        let mut brakes: Vec<Tripped> =
            tripped(&self.plan)?.into_iter().filter(is_about_whole).collect();
        brakes.extend(judged.tripped);
        brakes.sort_by_key(|it| it.brake);
        self.summary.take_figures(&survey.figures);
        self.plan.hash = hash::of_stored(tx, tenant, run).await?;
        let hash = hex(&self.plan.hash);
        let unwritable = |source| PlanError::Unreadable { hash: hash.clone(), source };
        self.plan.summary = serde_json::to_value(&self.summary).map_err(unwritable)?;
        self.plan.brakes = serde_json::to_value(&brakes).map_err(unwritable)?;
        plan::put(tx, tenant, &self.plan).await?;
        hold(tx, hub, tenant, run, &self.summary, self.plan.hash).await?;
        let taken_out = u64::try_from(out.len()).unwrap_or(u64::MAX);
        Ok(Rest { hash, brakes: brakes.iter().map(|it| it.brake).collect(), taken_out })
    }
}

/// Writes down of which plan a part was taken out, by whom and why, and what is left of it.
async fn write_audit(
    tx: &mut Tx,
    tenant: TenantId,
    (action, brake): (&str, Option<Brake>),
    (before, rest): (&Plan, &Rest),
    decided: plan::Decision,
) -> Result<(), StoreError> {
    let entry = audit::Entry {
        at: decided.at,
        who: decided.by,
        action: action.to_owned(),
        detail: json!({
            "plan": hex(&before.hash),
            "reason": decided.reason,
            "brake": brake,
            "taken_out": rest.taken_out,
            "rest": rest.hash,
        }),
    };
    audit::write(tx, tenant, &entry).await
}

/// Why a plan cannot do without what a brake holds, if it cannot.
fn inseparable(brake: Brake, holding: &[Tripped], summary: &Summary) -> Option<&'static str> {
    if holding.is_empty() {
        return Some("this brake does not hold it");
    }
    if summary.is_first_load {
        return Some("it is a first load");
    }
    match brake {
        Brake::Gone
        | Brake::RootMissing
        | Brake::UnitEmptied
        | Brake::UnitMoved
        | Brake::ProtectionLost => None,
        Brake::FewerRecords | Brake::OlderThanApplied | Brake::SameNameOtherBytes => {
            Some("the brake is about the file as a whole; release or reject it")
        }
        Brake::ManagerTreeBroken => {
            Some("other changes may rest on what it holds; release or reject it")
        }
        Brake::MassInactivation | Brake::MassCreation | Brake::MassChange => {
            Some("it holds deliveries, not plans")
        }
    }
}
