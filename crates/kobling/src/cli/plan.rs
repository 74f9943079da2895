use super::arguments::{Common, Only, Plan, Preview, Release, Undo};
use super::progress::Terminal;
use super::{Failure, Outcome, config, decision, print, run, settings};
use kobling_domain::id::{RunNo, TenantId, Version};
use kobling_domain::people::Kind;
use kobling_hub::Hub;
use kobling_hub::exchange::figures::UnitChange;
use kobling_hub::exchange::plan::{self, Listed, PlanError, Shown};
use kobling_hub::exchange::preview::{self, Asked};
use kobling_hub::exchange::run::Intent;
use kobling_hub::exchange::undo::{self, Which};
use kobling_hub::exchange::{decide, part};
use serde::Serialize;
use std::fmt;

/// Changes named when all are wanted.
const ITEMS_MAX: usize = 100_000;
/// Units named without it.
const UNITS_NAMED: usize = 20;

pub(super) async fn execute(common: &Common, command: Plan) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    match command {
        Plan::Make { source, file, date } => {
            let input = run::input(&hub, tenant, &source, &file, date).await?;
            let report = run::read(&hub, tenant, &source, &input, Intent::Make).await?;
            print::result(common, &report)?;
            // That it waits was asked for; only a brake makes it held.
            let is_braked = !report.brakes.is_empty();
            return Ok(if is_braked { Outcome::Held } else { Outcome::Done });
        }
        Plan::List => {
            let plans = plan::list(&hub, tenant).await.map_err(|it| failed(&it))?;
            print::result(common, &List(plans))?;
        }
        Plan::Show { hash, items } => {
            let items_max = if items { ITEMS_MAX } else { 0 };
            let shown =
                plan::show(&hub, tenant, &hash, items_max).await.map_err(|it| failed(&it))?;
            print::result(common, &Page(shown))?;
        }
        Plan::Undo(it) => {
            let undone = undo::undo(&hub, tenant, which(&it)).await.map_err(|it| failed(&it))?;
            print::result(common, &undone)?;
        }
        Plan::Preview(it) => preview(common, &hub, tenant, &it).await?,
        Plan::Release(it) => return release(common, &hub, tenant, it).await,
        Plan::Reject { hash, decision } => {
            let shown =
                decide::reject(&hub, tenant, &hash, &decision::typed(&hub, &decision)?).await;
            print::result(common, &Page(shown.map_err(|it| failed(&it))?))?;
        }
    }
    Ok(Outcome::Done)
}

async fn release(
    common: &Common,
    hub: &Hub,
    tenant: TenantId,
    arguments: Release,
) -> Result<Outcome, Failure> {
    let decision = decision::typed(hub, &arguments.decision)?;
    if let Some(Only::Protected) = arguments.only {
        let rest = part::protect(hub, tenant, &arguments.hash, &decision).await;
        let rest = rest.map_err(|it| failed(&it))?;
        let addresses = if rest.taken_out == 1 { "address is" } else { "addresses are" };
        print::note(&format!("{} {addresses} protected; the rest is held", rest.taken_out));
        let shown = plan::show(hub, tenant, &rest.hash, 0).await;
        print::result(common, &Page(shown.map_err(|it| failed(&it))?))?;
        return Ok(Outcome::Done);
    }
    let hash = match &arguments.except {
        None => arguments.hash,
        Some(brake) => {
            let rest = part::except(hub, tenant, &arguments.hash, brake, &decision).await;
            let rest = rest.map_err(|it| failed(&it))?;
            print::note(&match rest.taken_out {
                1 => "1 change left out; it comes again with the next file".to_owned(),
                several => {
                    format!("{several} changes left out; they come again with the next file")
                }
            });
            if !rest.brakes.is_empty() {
                print::note("other brakes hold the rest; look at it and decide on it by its hash");
                let shown = plan::show(hub, tenant, &rest.hash, 0).await;
                print::result(common, &Page(shown.map_err(|it| failed(&it))?))?;
                return Ok(Outcome::Held);
            }
            rest.hash
        }
    };
    let progress = Terminal::new();
    let report = decide::release(hub, tenant, &hash, &decision, &progress).await;
    progress.finish();
    print::result(common, &report.map_err(|it| failed(&it))?)?;
    Ok(Outcome::Done)
}

/// The run that was named; the parser lets exactly one way of naming it through.
fn which(arguments: &Undo) -> Which<'_> {
    match (&arguments.plan, arguments.version, arguments.run) {
        (Some(hash), _, _) => Which::Plan(hash),
        (None, Some(version), _) => Which::Version(Version(version)),
        (None, None, run) => Which::Run(RunNo(run.unwrap_or_default())),
    }
}

async fn preview(
    common: &Common,
    hub: &Hub,
    tenant: TenantId,
    arguments: &Preview,
) -> Result<(), Failure> {
    let configuration = arguments.config.as_deref().map(config::read).transpose()?;
    let asked = Asked {
        target: arguments.target.as_deref(),
        at: arguments.at,
        configuration: configuration.as_ref(),
        plan: arguments.plan.as_deref(),
    };
    let progress = Terminal::new();
    let foreseen = preview::preview(hub, tenant, asked, &progress).await;
    progress.finish();
    let what = "what targets would be sent cannot be told";
    match foreseen {
        Ok(foreseen) => print::result(common, &foreseen),
        Err(it) if it.is_bad_input() => Err(Failure::bad_input(what, &it)),
        Err(it) => Err(Failure::failed(what, &it)),
    }
}

fn failed(error: &PlanError) -> Failure {
    let what = "the plan cannot be used";
    if error.is_bad_input() {
        Failure::bad_input(what, error)
    } else {
        Failure::failed(what, error)
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct List(Vec<Listed>);

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no plans yet");
        }
        for it in &self.0 {
            let hash = it.plan.get(..12).unwrap_or(&it.plan);
            write!(f, "{hash}  {:<10} {} {}: ", it.state, it.source, it.input)?;
            let (units, employments) = (Kind::Unit, Kind::Employment);
            write!(f, "{}, {}", units.counted(it.units), employments.counted(it.employments))?;
            for (kind, count) in &it.others {
                write!(f, ", {}", kind.counted(*count))?;
            }
            let mut brakes: Vec<&str> = it.brakes.iter().map(|it| it.name()).collect();
            brakes.dedup();
            if !brakes.is_empty() {
                write!(f, "; brakes: {}", brakes.join(", "))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Page(pub(super) Shown);

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.0;
        writeln!(f, "plan {}", it.plan)?;
        writeln!(f, "  {} ({} of {} from {})", it.state, it.input, it.date, it.source)?;
        if !it.protects.is_empty() {
            writeln!(f, "  NOT PROTECTED YET (--only protected applies these alone):")?;
        }
        for item in &it.protects {
            let name = item.name.as_deref().unwrap_or("");
            writeln!(f, "    employment {} {name}", item.native)?;
        }
        let others = it.others.iter().map(|(kind, counts)| (kind.plural(), counts));
        let first =
            [(Kind::Unit.plural(), &it.units), (Kind::Employment.plural(), &it.employments)];
        for (what, counts) in first.into_iter().chain(others) {
            writeln!(f, "  {what}: {counts}")?;
        }
        if let Some(undoes) = &it.undoes {
            write!(f, "  {undoes}")?;
        }
        for brake in &it.brakes {
            writeln!(f, "  brake {}: {}", brake.brake, brake.text)?;
        }
        if let Some(decided) = &it.decided {
            writeln!(f, "  decided by {} at {}: {}", decided.by, decided.at, decided.reason)?;
        }
        if !it.by_unit.is_empty() {
            writeln!(f, "  people per unit (left / joined / changed):")?;
        }
        for it in it.by_unit.iter().take(UNITS_NAMED) {
            let UnitChange { left, joined, changed } = it.change;
            let name = it.name.as_deref().unwrap_or("a new unit");
            writeln!(f, "    {} {name}: {left} / {joined} / {changed}", it.unit)?;
        }
        if let Some(more) = it.by_unit.len().checked_sub(UNITS_NAMED).filter(|it| *it > 0) {
            writeln!(f, "    … and {more} more units (--json names them all)")?;
        }
        for item in &it.items {
            let name = item.name.as_deref().unwrap_or("");
            let days: Vec<String> = item.written.iter().map(ToString::to_string).collect();
            let (kind, native, reason) = (item.kind, &item.native, item.reason.name());
            writeln!(f, "  {kind} {native} {reason} {} {name} {}", item.effective, days.join(" "))?;
        }
        Ok(())
    }
}
