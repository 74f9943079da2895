//! A synthetic employer's first nights, in a working directory that stays.

mod admitted;
mod directory;
mod learning;
mod story;

use super::arguments::{Common, Demo, ServeRole};
use super::progress::Terminal;
use super::{Failure, Outcome, config, decision, deliver, print, run, serve, settings};
use admitted::SignIn;
use directory::Directory;
use kobling_domain::id::TenantId;
use kobling_formats::synthetic::{Employer, Extract, Flaw};
use kobling_hub::Hub;
use kobling_hub::access::{self, Write as Apply, keys};
use kobling_hub::connectors::hook::Reach;
use kobling_hub::exchange::decide;
use kobling_hub::exchange::deliver::{Delivery, Intent as DeliverIntent};
use kobling_hub::exchange::plan::{self, PlanError, Shown};
use kobling_hub::exchange::report::{RunReport, RunState};
use kobling_hub::exchange::run::Intent;
use kobling_hub::people;
use kobling_hub::people::group::{self, Members};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// The source that reads extracts.
const OPUS: &str = "opus";
/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 1 << 20;
/// Changes of the second night that are named.
const ITEMS_MAX: usize = 200;

/// All that happened; printed as JSON at the end.
#[derive(Serialize)]
struct Told {
    dir: String,
    employees: u32,
    seed: u64,
    first: RunReport,
    second: RunReport,
    plan: Shown,
    delivery: Delivery,
    group: Members,
    flawed: RunReport,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    learning: Vec<RunReport>,
    next: [String; 3],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    sign_in: BTreeMap<&'static str, SignIn>,
}

pub(super) async fn execute(common: &Common, arguments: Demo) -> Result<Outcome, Failure> {
    let Demo { dir, employees, seed, serve, listen } = arguments;
    let employer = Employer::new(employees, seed)
        .map_err(|it| Failure::bad_input("no such employer can be made", &it))?;
    let days = [0, 1, 2].map(|day| employer.extract(day));
    let [first, second, third] = &days;
    let flawed = Path::new(directory::FLAWED).join(noon_name(third));
    let given_back = learning::Tables::of(second.date());
    let mut made = vec![inbox(first), inbox(second), flawed.clone(), admitted::FILE.into()];
    made.extend(given_back.paths());
    // Who cannot listen need not wait for the rest.
    let door = if serve { Some(open(&listen).await?) } else { None };
    let say = |text: String| {
        if !common.json {
            print::text(&text);
        }
    };
    say(story::opening(&dir, employees, seed));
    let more = if serve { learning::CONFIGURATION } else { "" };
    let here = Directory::make(&dir, &made, more)?;
    let hub = hub().await?;
    let tenant = configure(&hub, &here).await?;

    write(first, &inbox(first))?;
    let first = read(&hub, tenant, OPUS, &inbox(first), Intent::Apply).await?;
    say(story::first_night(&first));

    write(second, &inbox(second))?;
    let (plan, second) = look_and_apply(&hub, tenant, &inbox(second)).await?;
    say(story::second_night(&second, &plan));

    let delivery = deliver::deliver(&hub, tenant, "plan2learn", DeliverIntent::Deliver).await?;
    let group = members(&hub, tenant).await?;
    say(story::delivery(&delivery) + &story::group(&group));

    let held = read_flawed(&hub, tenant, third, &flawed).await?;
    say(story::held(&held, &flawed));
    say(story::receipts(&delivery));

    let mut learning = Vec::new();
    let mut sign_in = BTreeMap::new();
    if let Some(door) = &door {
        learning = learning::give_back(&hub, tenant, given_back).await?;
        sign_in = admitted::admit(&hub, tenant, &door.site).await?;
        say(story::learning(&learning));
    }
    let next = next_commands(employees, seed, third, &held)?;
    say(story::next(&dir, &next));
    if !sign_in.is_empty() {
        say(admitted::told(&sign_in));
    }
    if common.json {
        let (dir, flawed) = (dir.display().to_string(), held);
        tell(&Told {
            dir,
            employees,
            seed,
            first,
            second,
            plan,
            delivery,
            group,
            flawed,
            learning,
            next,
            sign_in,
        })?;
    }
    if let Some(door) = door {
        serve::answer(door, &hub, ServeRole::All, serve::Ways::default()).await?;
    }
    Ok(Outcome::Done)
}

fn tell(told: &Told) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(told)
        .map_err(|it| Failure::failed("the result cannot be written as JSON", &it))?;
    print::text(&json);
    Ok(())
}

async fn open(listen: &str) -> Result<serve::Door, Failure> {
    serve::open(&settings::ServerSettings::default(), Some(listen)).await
}

/// Where an extract arrives.
fn inbox(extract: &Extract<'_>) -> PathBuf {
    Path::new(directory::INBOX).join(extract.file_name())
}

/// Another name than the good extract of the same day has, so that both can be tried.
fn noon_name(extract: &Extract<'_>) -> String {
    let date = extract.date();
    format!("ZLPE{:04}{:02}{:02}120000_delta.xml", date.year(), date.month(), date.day())
}

/// The hub of the demo's own directory, whatever the environment says.
async fn hub() -> Result<Hub, Failure> {
    let hub = settings::open(&settings::Settings {
        database_url: directory::DATABASE_URL.to_owned(),
        keys: keys::DEMO_KEYS.to_owned(),
        keys_file: None,
        server: settings::ServerSettings::default(),
        mail: None,
        oidc: None,
        otlp: None,
        hooks_reach: Reach::Public,
        hooks_ca_file: None,
    })?;
    hub.db
        .migrate()
        .await
        .map_err(|it| Failure::failed("the store's tables were not made", &it))?;
    Ok(hub)
}

async fn configure(hub: &Hub, here: &Directory) -> Result<TenantId, Failure> {
    let failed = |it| Failure::failed("the demo's configuration was not applied", &it);
    let configuration = config::read(&here.configuration())?;
    access::apply(hub, &configuration, Apply::Yes).await.map_err(failed)?;
    access::tenant(hub, Some(&configuration.tenant.key)).await.map_err(failed)
}

fn write(extract: &Extract<'_>, path: &Path) -> Result<(), Failure> {
    let mut out = create(path)?;
    extract.write(&mut out).map_err(|it| not_written(path, &it))?;
    Ok(())
}

fn create(path: &Path) -> Result<BufWriter<File>, Failure> {
    let file = File::create(path).map_err(|it| not_written(path, &it))?;
    Ok(BufWriter::with_capacity(BUFFER_BYTES, file))
}

fn not_written(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("{} was not written", path.display()), error)
}

async fn read(
    hub: &Hub,
    tenant: TenantId,
    source: &str,
    path: &Path,
    intent: Intent,
) -> Result<RunReport, Failure> {
    let input = run::input(hub, tenant, source, path, None).await?;
    run::read(hub, tenant, source, &input, intent).await
}

/// An extract in which a school is missing.
async fn read_flawed(
    hub: &Hub,
    tenant: TenantId,
    extract: &Extract<'_>,
    path: &Path,
) -> Result<RunReport, Failure> {
    let mut out = create(path)?;
    extract.write_flawed(Flaw::MissingSchool, &mut out).map_err(|it| not_written(path, &it))?;
    drop(out);
    let held = read(hub, tenant, OPUS, path, Intent::Apply).await?;
    match held.state {
        RunState::Held => Ok(held),
        RunState::Applied | RunState::Unchanged => {
            Err(Failure::refused("no brake held the extract without a school: this is a bug"))
        }
    }
}

/// Makes the plan, keeps what it says by name, and applies it: once it is applied the names are
/// only in the ledger.
async fn look_and_apply(
    hub: &Hub,
    tenant: TenantId,
    path: &Path,
) -> Result<(Shown, RunReport), Failure> {
    let made = read(hub, tenant, OPUS, path, Intent::Make).await?;
    let hash = made.plan.as_deref().unwrap_or_default();
    let failed = |it: &PlanError| Failure::failed("the plan cannot be used", it);
    let shown = plan::show(hub, tenant, hash, ITEMS_MAX).await.map_err(|it| failed(&it))?;
    let decision = decision::of(hub, "kobling demo", "no brake has anything against it")?;
    let progress = Terminal::new();
    let applied = decide::release(hub, tenant, hash, &decision, &progress).await;
    progress.finish();
    Ok((shown, applied.map_err(|it| failed(&it))?))
}

async fn members(hub: &Hub, tenant: TenantId) -> Result<Members, Failure> {
    let members = group::show(hub, tenant, directory::GROUP, people::When::default()).await;
    members.map_err(|it| Failure::failed("the target group cannot be shown", &it))
}

/// Three commands worth trying, as they can be typed.
fn next_commands(
    employees: u32,
    seed: u64,
    third: &Extract<'_>,
    held: &RunReport,
) -> Result<[String; 3], Failure> {
    let program = std::env::current_exe()
        .map_err(|it| Failure::failed("the program does not know where it is", &it))?;
    let program = program.display();
    let plan: String = held.plan.iter().flat_map(|it| it.chars()).take(12).collect();
    let good = inbox(third);
    let person = directory::first_person()?;
    Ok([
        format!("{program} plan show {plan} --items"),
        format!("{program} show person {person}"),
        format!(
            "{program} generate opus --employees {employees} --seed {seed} --day 2 --out {} && \
             {program} run opus && {program} deliver plan2learn",
            good.display()
        ),
    ])
}
