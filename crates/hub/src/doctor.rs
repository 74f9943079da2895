//! Looks for what is wrong or unsafe in an employer's part of an installation.

mod closings;
mod sealed;
mod work;

use crate::Hub;
use crate::access::configuration::{Configuration, SourceText, TargetFormat, TargetText};
use crate::access::{self, ConfigureError};
use crate::connectors::Place;
use crate::exchange::mint::open_number;
use crate::people::{self, PeopleError};
use crate::webhook::WebhookError;
use jiff::civil::Date;
use kobling_domain::id::TenantId;
use kobling_domain::time::Days;
use kobling_domain::time::calendar::{self, Gap};
use kobling_formats::plan2learn::File;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::plan::{self, PlanState};
use kobling_store::exchange::run::RunState;
use kobling_store::exchange::target as stored_target;
use kobling_store::exchange::{delivered, input, lane, quarantine, source};
use kobling_store::people::subject;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;

/// An agreement that ends within so many days is told of.
const EXPIRES_WITHIN_DAYS: i32 = 60;
/// Plans of a source that are looked at.
const LOOKED_AT: u32 = 1_000;

/// Things of one kind that are named.
const NAMED_MAX: usize = 5;

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Somebody should look at it.
    Warning,
    /// It does not work, or is not safe.
    Problem,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What was looked at.
    pub what: String,
    /// What was found.
    pub found: String,
    /// What to do; none if nothing.
    pub advice: Option<String>,
}

impl Finding {
    /// The same, said of one of several employers.
    #[must_use]
    pub fn of(self, employer: &str) -> Self {
        Self { what: format!("{employer}, {}", self.what), ..self }
    }

    /// What is as it should be.
    pub fn ok(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { level: Level::Ok, what: what.into(), found: found.into(), advice: None }
    }

    /// What somebody should look at.
    pub fn warning(
        what: impl Into<String>,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let advice = Some(advice.into());
        Self { level: Level::Warning, what: what.into(), found: found.into(), advice }
    }

    /// What does not work, or is not safe.
    pub fn problem(
        what: impl Into<String>,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { level: Level::Problem, ..Self::warning(what, found, advice) }
    }
}

/// Why an employer could not be examined.
#[derive(Debug, thiserror::Error)]
pub enum ExamineError {
    /// The configuration cannot be read.
    #[error(transparent)]
    Configure(#[from] ConfigureError),
    /// Webhooks cannot be read.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
    /// The organisation cannot be read.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Looks at everything that belongs to one employer.
#[crate::boxed]
pub async fn examine(hub: &Hub, tenant: TenantId) -> Result<Vec<Finding>, ExamineError> {
    let today = access::civil_now(hub, tenant).await?.date();
    let mut tx = hub.db.read().await?;
    let configuration = access::load(&mut tx, tenant).await?;
    let mut findings = vec![keys(hub, &mut tx, tenant).await?];
    findings.extend(sealed::examine(hub, &mut tx, tenant).await?);
    for it in &configuration.sources {
        findings.push(place(&format!("source {}", it.key), it.place().as_ref()));
        let days = it.working_days(&configuration.tenant.time_zone);
        findings.extend(source(&mut tx, tenant, it, (today, days)).await?);
    }
    for it in &configuration.targets {
        if it.http.is_none() {
            findings.push(place(&format!("target {}", it.key), it.place().as_ref()));
            findings.extend(exposed_set(it));
        }
        findings.push(match it.format {
            TargetFormat::Plan2learn => target(&mut tx, tenant, it).await?,
            TargetFormat::Messages => lanes(&mut tx, tenant, it).await?,
        });
    }
    findings.extend(agreements(&configuration, today));
    findings.extend(closings::examine(&mut tx, tenant).await?);
    findings.extend(organisation(&mut tx, tenant, today).await?);
    findings.extend(work::examine(&mut tx, tenant).await?);
    Ok(findings)
}

/// Whether the keys open what is stored.
async fn keys(hub: &Hub, tx: &mut Tx, tenant: TenantId) -> Result<Finding, StoreError> {
    let what = "keys";
    if !access::are_keys(hub).await.unwrap_or(true) {
        return Ok(Finding::problem(
            what,
            "they are not those this store was made with",
            "restore the key file that belongs to this store; until then nothing is read or written",
        ));
    }
    let Some(no) = subject::any_numbered(tx, tenant).await? else {
        return Ok(Finding::ok(what, "nothing is sealed yet"));
    };
    let person = subject::by_no(tx, tenant, &[no]).await?;
    let person = person.first().ok_or(StoreError::Missing { what: "person" })?;
    let Some(sealed) = &person.number_sealed else {
        return Ok(Finding::ok(what, "nothing is sealed yet"));
    };
    match open_number(hub, tenant, person.id, sealed) {
        Ok(_) => Ok(Finding::ok(what, "they open what is stored")),
        Err(StoreError::Sealed) => Ok(Finding::problem(
            what,
            "they do not open what is stored",
            "use the key file with which this store was filled",
        )),
        Err(other) => Err(other),
    }
}

fn place(what: &str, place: Option<&Place>) -> Finding {
    let what = format!("{what}: folder");
    let folder = match place {
        None => return Finding::ok(what, "none; files are named by hand"),
        Some(Place::Folder(folder)) => folder,
        Some(remote @ (Place::Sftp(_) | Place::Ftps(_))) => {
            return Finding::ok(what, format!("{remote}; `kobling … test KEY` tries it"));
        }
    };
    let shown = folder.display();
    match std::fs::read_dir(folder) {
        Ok(_) => Finding::ok(what, shown.to_string()),
        Err(why) => Finding::problem(
            what,
            format!("{shown} cannot be read: {why}"),
            "make the folder, or let the user that runs kobling read and write it",
        ),
    }
}

async fn source(
    tx: &mut Tx,
    tenant: TenantId,
    text: &SourceText,
    (today, days): (Date, Days),
) -> Result<Vec<Finding>, StoreError> {
    let what = |part: &str| format!("source {}: {part}", text.key);
    let Some(it) = source::by_key(tx, tenant, &text.key).await? else { return Ok(Vec::new()) };
    let mut findings = vec![match &it.applied {
        None => Finding::warning(
            what("last input"),
            "nothing was read yet",
            format!("run `kobling run {}`", text.key),
        ),
        Some(applied) => last_input(what("last input"), applied, (today, days)),
    }];
    let plans = plan::list(tx, tenant, it.no, LOOKED_AT).await?;
    let held = plans.iter().filter(|it| it.state == PlanState::Held).count();
    findings.push(match held {
        0 => Finding::ok(what("held plans"), "none"),
        n => Finding::warning(
            what("held plans"),
            format!("{n} waiting"),
            "look with `kobling plan list`, then release or reject",
        ),
    });
    findings.push(refused(tx, tenant, text, &it, what("refused files")).await?);
    let counts = quarantine::counts(tx, tenant, it.no).await?;
    let counts: Vec<String> = counts.iter().map(|(code, n)| format!("{n} {code}")).collect();
    findings.push(match counts.as_slice() {
        [] => Finding::ok(what("records set aside"), "none"),
        counts => Finding::warning(
            what("records set aside"),
            counts.join(", "),
            "look with `kobling quarantine list`, have them corrected at the source or decide; they are \
             read again with its next file",
        ),
    });
    Ok(findings)
}

/// Files that were refused when they were met last and lie in the folder still. Of those that
/// arrive elsewhere, the ones that nothing newer was applied after.
async fn refused(
    tx: &mut Tx,
    tenant: TenantId,
    text: &SourceText,
    source: &source::Source,
    what: String,
) -> Result<Finding, StoreError> {
    let met = input::met(tx, tenant, source.no).await?;
    let today = met.first().map_or(Date::MIN, |it| it.today);
    let mut names = BTreeSet::new();
    let latest = met.iter().filter(|it| names.insert(&it.name));
    let is_there = |it: &&input::Met| match text.place() {
        Some(Place::Folder(folder)) => folder.join(&it.name).exists(),
        Some(Place::Sftp(_) | Place::Ftps(_)) | None => {
            source.applied.as_ref().is_none_or(|last| it.date.is_some_and(|it| it > last.date))
        }
    };
    let told = |it: &input::Met| {
        let why = it.detail.get("problem").and_then(serde_json::Value::as_str).unwrap_or_default();
        kobling_pii::mask(&format!("{}: {why}", it.name), today).to_string()
    };
    let refused = latest.filter(|it| it.state == RunState::Refused && it.mac.is_some());
    let refused: Vec<String> = refused.filter(is_there).map(told).collect();
    let advice = "have it delivered again, and remove the one that was refused";
    Ok(listed(&what, (refused.len(), refused.as_slice()), advice))
}

/// What is wrong with the units, who leads them and who works in them.
async fn organisation(
    tx: &mut Tx,
    tenant: TenantId,
    today: Date,
) -> Result<Vec<Finding>, ExamineError> {
    let faults = people::faults(tx, tenant, today).await?;
    let issues = people::open_issues(tx, tenant, today).await?;
    let waiting: Vec<String> = issues.employments.iter().map(ToString::to_string).collect();
    Ok(vec![
        listed(
            "unit tree",
            (faults.tree.len(), &faults.tree),
            "managers cannot be found across it; have it corrected at the source",
        ),
        listed(
            "managers",
            (faults.ties.len(), &faults.ties),
            "the lowest employment number is taken; have one of them told as the manager at the \
             source",
        ),
        listed(
            "employments without a unit",
            (issues.count, &waiting),
            "deliveries leave them out until the source tells of the unit",
        ),
    ])
}

/// A warning that names the first of what was found, if anything was.
fn listed(what: &str, (count, found): (usize, &[String]), advice: &str) -> Finding {
    if count == 0 {
        return Finding::ok(what, "nothing to look at");
    }
    let mut named: Vec<&str> = found.iter().take(NAMED_MAX).map(String::as_str).collect();
    let more = format!("and {} more", count.saturating_sub(NAMED_MAX));
    if count > NAMED_MAX {
        named.push(&more);
    }
    Finding::warning(what, named.join("; "), advice)
}

/// Who else may read a file, as far as this system tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Its owner alone.
    Owner,
    /// Its group too.
    Group,
    /// Everybody.
    Everybody,
}

/// Who may read the file at `path`; none if there is no such file, or nothing tells.
pub fn readers(path: &Path) -> Option<Readers> {
    let metadata = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode();
        Some(match (mode & 0o040, mode & 0o004) {
            (0, 0) => Readers::Owner,
            (_, 0) => Readers::Group,
            (_, _) => Readers::Everybody,
        })
    }
    #[cfg(not(unix))]
    {
        drop(metadata);
        None
    }
}

/// The delivered files that everybody may read.
fn exposed_set(text: &TargetText) -> Option<Finding> {
    let folder = Path::new(text.folder.as_ref()?);
    let is_exposed = |it: &File| readers(&folder.join(it.name())) == Some(Readers::Everybody);
    let exposed: Vec<&str> = File::ALL.into_iter().filter(is_exposed).map(File::name).collect();
    (!exposed.is_empty()).then(|| {
        Finding::warning(
            format!("target {}: files", text.key),
            format!("everybody on this machine may read {}", exposed.join(", ")),
            format!(
                "run `chmod o-rwx {}/*.csv`; the next delivery makes them so",
                folder.display()
            ),
        )
    })
}

fn last_input(what: String, applied: &source::Applied, (today, days): (Date, Days)) -> Finding {
    let source::Applied { name, date, .. } = applied;
    match calendar::gap(*date, today, days) {
        Gap::Usual => Finding::ok(what, name.as_str()),
        Gap::Missing { working_days } => Finding::warning(
            what,
            format!("{name}; {} without a newer one", counted(working_days)),
            "ask the sender why no newer file has come",
        ),
    }
}

fn counted(working: u32) -> String {
    match working {
        1 => "1 working day".to_owned(),
        n => format!("{n} working days"),
    }
}

/// Where the lanes of a target stand.
async fn lanes(tx: &mut Tx, tenant: TenantId, text: &TargetText) -> Result<Finding, StoreError> {
    let (what, key) = (format!("target {}: messages", text.key), &text.key);
    let stored = stored_target::by_key(tx, tenant, key).await?;
    let Some((stored, _)) = stored.and_then(|it| it.done.map(|done| (it, done))) else {
        return Ok(Finding::warning(what, "none yet", format!("run `kobling deliver {key}`")));
    };
    let counts = lane::counts(tx, tenant, stored.no).await?;
    let lane::Counts { due, accepted, pending, held, rejected } = counts;
    let found = format!(
        "{due} due = {accepted} accepted + {pending} pending + {held} held + {rejected} rejected"
    );
    let advice = format!("look at them with `kobling delivery list {key}` and decide");
    let is_well = held + rejected == 0;
    Ok(if is_well { Finding::ok(what, found) } else { Finding::warning(what, found, advice) })
}

async fn target(tx: &mut Tx, tenant: TenantId, text: &TargetText) -> Result<Finding, StoreError> {
    let what = format!("target {}: last delivery", text.key);
    let files = delivered::list(tx, tenant, &text.key).await?;
    Ok(match files.iter().map(|it| it.at).max() {
        Some(at) => Finding::ok(what, format!("{at}, {} files", files.len())),
        None => Finding::warning(what, "none yet", format!("run `kobling deliver {}`", text.key)),
    })
}

fn agreements(configuration: &Configuration, today: Date) -> Vec<Finding> {
    let finding = |it: &kobling_domain::agreement::AgreementText| {
        let what = format!("agreement {}", it.key);
        let advice = "agree on a new end, and apply the configuration with it";
        match it.until {
            _ if it.from > today => Finding::ok(what, format!("begins on {}", it.from)),
            None => Finding::ok(what, "in force, without an end"),
            Some(until) if until <= today => {
                Finding::warning(what, format!("ended on {until}; nothing is delivered"), advice)
            }
            Some(until) if (until - today).get_days() <= EXPIRES_WITHIN_DAYS => {
                Finding::warning(what, format!("in force, ends on {until}"), advice)
            }
            Some(until) => Finding::ok(what, format!("in force until {until}")),
        }
    };
    configuration.agreements.iter().map(finding).collect()
}
