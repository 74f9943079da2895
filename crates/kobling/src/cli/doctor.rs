use super::arguments::Common;
use super::{Failure, Outcome, print, settings};
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::access::{self, keys};
use kobling_hub::agreement::Order;
use kobling_hub::agreement::receipt::HubKey;
use kobling_hub::doctor::{self, Finding, Level, Readers};
use serde::Serialize;
use std::fmt;
use std::path::Path;

pub(super) async fn execute(common: &Common) -> Result<Outcome, Failure> {
    let report = Report { findings: examine(common).await };
    print::result(common, &report)?;
    let problems = report.findings.iter().filter(|it| it.level == Level::Problem).count();
    if problems == 0 { Ok(Outcome::Done) } else { Err(Failure::unwell(problems)) }
}

/// Looks from the outside in; what cannot be reached ends the list.
async fn examine(common: &Common) -> Vec<Finding> {
    let mut findings = Vec::new();
    let settings = match settings::read() {
        Ok(settings) => settings,
        Err(it) => return vec![unreachable("settings", &it)],
    };
    findings.push(Finding::ok("settings", settings::FILE));
    if keys::are_demo_keys(&settings.keys) {
        findings.push(Finding::warning(
            "keys",
            "these are the demo's, which everybody knows",
            "make your own with `kobling keys new --out FILE` before real people are read",
        ));
    }
    findings.extend(exposed(&settings));
    let hub = match settings::hub_of_any_keys().await {
        Ok(hub) => hub,
        Err(it) => {
            findings.push(unreachable("database", &it));
            return findings;
        }
    };
    findings.push(Finding::ok("database", "reachable, and of this program's version"));
    findings.push(hub_key(&hub));
    findings.extend(orders());
    match employers(&hub, common).await {
        Ok(employers) => {
            for (key, tenant) in &employers {
                let of_employer = examine_employer(&hub, *tenant).await;
                let is_one = employers.len() == 1;
                findings.extend(of_employer.into_iter().map(
                    |it| {
                        if is_one { it } else { it.of(key) }
                    },
                ));
            }
        }
        Err(it) => findings.push(unreachable("employer", &it)),
    }
    findings
}

/// By what receipts of closings are verified.
fn hub_key(hub: &Hub) -> Finding {
    let what = "hub key";
    match HubKey::of(&hub.keys) {
        Ok(key) => Finding::ok(what, format!("{}; `kobling receipt key` prints it", key.name())),
        Err(it) => Finding::problem(what, it.to_string(), "restore the key file"),
    }
}

/// Orders to close that wait in this directory.
fn orders() -> Vec<Finding> {
    let journal = settings::journal();
    let advice = "see that the database can be written; any command here tries again";
    match journal.orders() {
        Ok(all) => {
            let finding = |it: &Order| {
                let found = format!("ordered at {:.0} by {}, not done yet", it.at, it.by);
                Finding::problem(format!("closing of {}", it.agreement), found, advice)
            };
            all.iter().map(finding).collect()
        }
        Err(it) => vec![Finding::problem("orders to close", it.to_string(), advice)],
    }
}

/// The employer that was named, or all.
async fn employers(hub: &Hub, common: &Common) -> Result<Vec<(String, TenantId)>, Failure> {
    let all = access::tenants(hub).await;
    let all = all.map_err(|it| Failure::failed("the employers cannot be listed", &it))?;
    if all.len() > 1 && common.tenant.is_none() {
        return Ok(all.into_iter().map(|it| (it.key, it.id)).collect());
    }
    Ok(vec![(String::new(), settings::tenant(hub, common).await?)])
}

async fn examine_employer(hub: &Hub, tenant: TenantId) -> Vec<Finding> {
    let what = "what is stored of the employer cannot be read";
    doctor::examine(hub, tenant)
        .await
        .unwrap_or_else(|it| vec![unreachable("employer", &Failure::failed(what, &it))])
}

/// Files that more people may read than should.
fn exposed(settings: &settings::Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut warn = |what: &str, path: &Path, who: &str| {
        let found = format!("{who} may read {}", path.display());
        findings.push(Finding::warning(what, found, format!("run `chmod 600 {}`", path.display())));
    };
    if let Some(path) = &settings.keys_file {
        match doctor::readers(path) {
            Some(Readers::Group) => warn("key file", path, "its group"),
            Some(Readers::Everybody) => warn("key file", path, "everybody on this machine"),
            Some(Readers::Owner) | None => {}
        }
    }
    if let Some(path) = settings.database_url.strip_prefix("sqlite:").map(Path::new) {
        match doctor::readers(path) {
            Some(Readers::Everybody) => warn("database file", path, "everybody on this machine"),
            Some(Readers::Group | Readers::Owner) | None => {}
        }
    }
    findings
}

fn unreachable(what: &str, failure: &Failure) -> Finding {
    let causes = failure.causes().iter().map(String::as_str);
    let all: Vec<&str> = std::iter::once(failure.what()).chain(causes).collect();
    Finding::problem(what, all.join(", because "), failure.advice().unwrap_or("see the cause"))
}

#[derive(Serialize)]
struct Report {
    findings: Vec<Finding>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for it in &self.findings {
            let level = match it.level {
                Level::Ok => "ok",
                Level::Warning => "warning",
                Level::Problem => "PROBLEM",
            };
            writeln!(f, "{level:<8} {}: {}", it.what, it.found)?;
            if let Some(advice) = &it.advice {
                writeln!(f, "{:<8} {advice}", "")?;
            }
        }
        Ok(())
    }
}
