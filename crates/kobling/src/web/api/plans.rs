//! `GET /api/v1/plans`, `/api/v1/plans/{plan}` and `/api/v1/plans/{plan}/changes`: what runs would change
//! in the ledger.

use super::asked::{Asked, Asker, get, post};
use super::page::{Limit, Page, Wanted, count, number};
use super::word::{Word, decision};
use crate::web::apart::apart;
use crate::web::described::Nothing;
use crate::web::problem::{Kind as Refusal, Problem};
use crate::web::route::Route;
use jiff::civil::Date;
use kobling_domain::access::Operation;
use kobling_domain::exchange::Reason;
use kobling_domain::exchange::brake::Tripped;
use kobling_domain::id::SubjectId;
use kobling_domain::people::Kind;
use kobling_hub::access::civil_now;
use kobling_hub::exchange::decide;
use kobling_hub::exchange::figures::ByReason;
use kobling_hub::exchange::plan::{
    self, Decided, FoundItem, ItemPlace, Listed, PlanError, ShownItem, ShownUnit,
};
use kobling_hub::exchange::progress::Silent;
use kobling_hub::exchange::run::RunError;
use kobling_hub::exchange::undo::Undoes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) fn routes() -> Vec<Route> {
    let (read, decide) = (Operation::ReadPlans, Operation::DecidePlan);
    let release_told = ("release_plan", "Applies a held plan, exactly as it was shown.");
    let reject_told = ("reject_plan", "Puts a held plan aside for good.");
    let changes = ("list_plan_changes", "What a plan would change, one by one, with names.");
    vec![
        get("/api/v1/plans", read, ("list_plans", "Plans, the latest first."), list),
        get("/api/v1/plans/{plan}", read, ("show_plan", "A plan in figures."), show)
            .refusing(&[Refusal::NotFound]),
        get("/api/v1/plans/{plan}/changes", read, changes, changes_of)
            .refusing(&[Refusal::NotFound]),
        post("/api/v1/plans/{plan}/release", decide, release_told, release)
            .refusing(&[Refusal::NotFound, Refusal::Conflict]),
        post("/api/v1/plans/{plan}/reject", decide, reject_told, reject)
            .refusing(&[Refusal::NotFound, Refusal::Conflict]),
    ]
}

/// Which plan.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Which {
    /// Its hash, or the first six characters of it or more.
    pub(super) plan: String,
}

/// A plan in figures.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Plan")]
pub(super) struct Told {
    /// Its hash.
    plan: String,
    /// `held`, `applied`, `superseded` or `rejected`.
    state: &'static str,
    /// The source's key.
    source: String,
    /// The input's name.
    input: String,
    /// The date for which it speaks.
    date: Date,
    /// How many changes newly protect an address, while the plan is held.
    protects: usize,
    /// Changes of units by reason.
    units: ByReason,
    /// Changes of employments by reason.
    employments: ByReason,
    /// Changes of persons, activities, qualifications and absences by reason.
    others: BTreeMap<Kind, ByReason>,
    /// What happens to the people of each unit, the largest losses first.
    by_unit: Vec<ShownUnit>,
    /// The run it undoes, if it was made to.
    undoes: Option<Undoes>,
    /// What held it.
    brakes: Vec<Tripped>,
    /// Who decided, when and why.
    decided: Option<Decided>,
}

/// Which changes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sought {
    /// The `next` of the page before; the first page without it.
    after: Option<String>,
    /// How many at most; 50 without it.
    limit: Option<Limit>,
    /// Words that the name or the source's key has.
    find: Option<String>,
    /// Only of this kind.
    kind: Option<Kind>,
    /// Only for this reason.
    reason: Option<Reason>,
}

/// A change of a plan.
#[derive(Serialize, JsonSchema)]
struct Change {
    /// The change.
    #[serde(flatten)]
    item: ShownItem,
    /// The hub's own id of whom it is about, if they are known.
    person: Option<SubjectId>,
}

async fn list(asked: Asked<Nothing, Wanted>) -> Result<Page<Listed>, Problem> {
    let (before, count) = (number(asked.query.after.as_deref())?, count(asked.query.limit));
    let mut all = plan::list(asked.by.hub(), asked.by.tenant()).await.map_err(refused)?;
    all.retain(|it| before.is_none_or(|before| it.run < before));
    Ok(Page::of(all, count, |it| it.run.to_string()))
}

async fn show(asked: Asked<Which>) -> Result<Told, Problem> {
    told(&asked.by, &asked.path.plan).await
}

/// The plan of that hash as it is told.
pub(super) async fn told(by: &Asker, hash: &str) -> Result<Told, Problem> {
    let shown = plan::show(by.hub(), by.tenant(), hash, 0).await.map_err(refused)?;
    let plan::Shown { plan, state, source, input, date, protects, units, employments, .. } = shown;
    let plan::Shown { others, by_unit, undoes, brakes, decided, .. } = shown;
    let protects = protects.len();
    Ok(Told {
        plan,
        state,
        source,
        input,
        date,
        protects,
        units,
        employments,
        others,
        by_unit,
        undoes,
        brakes,
        decided,
    })
}

async fn release(asked: Asked<Which, Nothing, Word>) -> Result<Told, Problem> {
    decided(asked, Verdict::Release).await
}

async fn reject(asked: Asked<Which, Nothing, Word>) -> Result<Told, Problem> {
    decided(asked, Verdict::Reject).await
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Release,
    Reject,
}

async fn decided(asked: Asked<Which, Nothing, Word>, verdict: Verdict) -> Result<Told, Problem> {
    let Asked { by, path: Which { plan: hash }, body: Word { reason }, .. } = asked;
    let (hub, tenant, who) = (by.hub().clone(), by.tenant(), by.who().to_owned());
    let given = hash.clone();
    let done = apart(move || async move {
        let today = civil_now(&hub, tenant).await.map_err(Problem::internal)?.date();
        let decision = decision(&who, &reason, today)?;
        match verdict {
            Verdict::Release => {
                decide::release(&hub, tenant, &given, &decision, &Silent).await.map(drop)
            }
            Verdict::Reject => decide::reject(&hub, tenant, &given, &decision).await.map(drop),
        }
        .map_err(refused)
    });
    done.await??;
    told(&by, &hash).await
}

async fn changes_of(asked: Asked<Which, Sought>) -> Result<Page<Change>, Problem> {
    let Sought { after, limit, find, kind, reason } = &asked.query;
    let after = after.as_deref().map(place).transpose()?;
    let find = find.clone().unwrap_or_default();
    let wanted = plan::Wanted { find, kind: *kind, reason: *reason, after };
    let (hub, tenant, hash) = (asked.by.hub(), asked.by.tenant(), &asked.path.plan);
    let found = plan::search(hub, tenant, hash, &wanted, count(*limit)).await;
    let (items, has_more) = found.map_err(refused)?;
    let next = items.last().filter(|_| has_more).map(|it| cursor(it.place));
    let people = items.iter().filter_map(|it| it.person).collect();
    asked.by.note_read(people).await?;
    let change = |FoundItem { item, person, .. }| Change { item, person };
    Ok(Page { items: items.into_iter().map(change).collect(), next })
}

fn cursor(ItemPlace { kind, number }: ItemPlace) -> String {
    format!("{kind}:{number}")
}

fn place(cursor: &str) -> Result<ItemPlace, Problem> {
    let read = || {
        let (name, number) = cursor.split_once(':')?;
        let kind = Kind::ALL.into_iter().find(|it| it.name() == name)?;
        Some(ItemPlace { kind, number: number.parse().ok()? })
    };
    let told = "after: give the `next` of the page before";
    read().ok_or_else(|| Problem::new(Refusal::BadRequest, told))
}

/// A plan that is not there is not found; what else is wrong with a question about one is told.
pub(super) fn refused(error: PlanError) -> Problem {
    let kind = match &error {
        PlanError::Unknown { .. } | PlanError::Parted { .. } => Refusal::NotFound,
        PlanError::TooShort { .. } | PlanError::Ambiguous { .. } => Refusal::BadRequest,
        PlanError::NotHeld { .. }
        | PlanError::Reconfigured { .. }
        | PlanError::Tampered { .. }
        | PlanError::OtherFile { .. }
        | PlanError::MovedOn { .. }
        | PlanError::UndoMovedOn { .. }
        | PlanError::NoRun { .. }
        | PlanError::NotApplied { .. }
        | PlanError::UnknownBrake { .. }
        | PlanError::ProtectsNobody { .. }
        | PlanError::NotSeparable { .. }
        | PlanError::Run(RunError::UnderWay { .. }) => Refusal::Conflict,
        PlanError::Run(_) | PlanError::Store(_) | PlanError::Unreadable { .. } => {
            return Problem::internal(error);
        }
    };
    Problem::new(kind, &error.to_string())
}
