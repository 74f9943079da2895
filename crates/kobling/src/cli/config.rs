use super::arguments::{Common, Config};
use super::{Failure, Outcome, print, settings};
use kobling_hub::access::configuration::{self, Configuration};
use kobling_hub::access::{self, ConfigureError, Write};
use serde::Serialize;
use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

pub(super) async fn execute(common: &Common, command: Config) -> Result<Outcome, Failure> {
    match command {
        Config::Check { file } => {
            let configuration = read(&file)?;
            print::result(common, &Checked::of(&configuration))?;
        }
        Config::Apply { file, dry_run } => {
            let configuration = read(&file)?;
            let hub = settings::hub().await?;
            let write = if dry_run { Write::No } else { Write::Yes };
            let difference = access::apply(&hub, &configuration, write).await;
            let difference = difference.map_err(|it| unapplied(&it))?;
            print::result(common, &difference)?;
        }
        Config::Export { file, dry_run } => export(common, &file, dry_run).await?,
    }
    Ok(Outcome::Done)
}

/// Reads a configuration file; says what is wrong with it by file, line and key.
pub(super) fn read(file: &Path) -> Result<Configuration, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|it| Failure::bad_input(format!("{} cannot be read", file.display()), &it))?;
    configuration::parse(&text)
        .map_err(|it| Failure::bad_input(format!("{} is not accepted", file.display()), &it))
}

fn unapplied(error: &ConfigureError) -> Failure {
    let what = "the configuration was not applied";
    if error.is_bad_input() {
        Failure::bad_input(what, error)
    } else {
        Failure::failed(what, error)
    }
}

async fn export(common: &Common, file: &Path, dry_run: bool) -> Result<(), Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    let failed = |it| Failure::failed("the configuration was not exported", &it);
    let text = access::export(&hub, tenant).await.map_err(failed)?;
    if file == Path::new("-") {
        let configuration = access::written(&hub, tenant).await.map_err(failed)?;
        return print::result(common, &Whole { configuration, text });
    }
    // What lies there may have comments, which no export has.
    if !dry_run && std::fs::read_to_string(file).ok().as_ref() != Some(&text) {
        let written = File::create_new(file).and_then(|mut it| it.write_all(text.as_bytes()));
        written.map_err(|it| {
            let what = format!("{} was not written; name a file that is not there", file.display());
            Failure::bad_input(what, &it)
        })?;
    }
    print::result(common, &Exported { file: file.display().to_string(), written: !dry_run })
}

#[derive(Serialize)]
struct Checked {
    tenant: String,
    parties: usize,
    systems: usize,
    sources: usize,
    interfaces: usize,
    targets: usize,
    groups: usize,
    agreements: usize,
}

impl Checked {
    fn of(it: &Configuration) -> Self {
        Self {
            tenant: it.tenant.key.clone(),
            parties: it.parties.len(),
            systems: it.systems.len(),
            sources: it.sources.len(),
            interfaces: it.interfaces.len(),
            targets: it.targets.len(),
            groups: it.groups.len(),
            agreements: it.agreements.len(),
        }
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, parties, systems, interfaces, sources, targets, groups, agreements } =
            self;
        write!(
            f,
            "{tenant}: in order. Parties: {parties}, systems: {systems}, interfaces: \
             {interfaces}, sources: {sources}, targets: {targets}, groups: {groups}, agreements: {agreements}"
        )
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Whole {
    configuration: Configuration,
    #[serde(skip)]
    text: String,
}

impl fmt::Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.trim_end())
    }
}

#[derive(Serialize)]
struct Exported {
    file: String,
    written: bool,
}

impl fmt::Display for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = if self.written { "written" } else { "would be written" };
        write!(f, "{} {said}", self.file)
    }
}
