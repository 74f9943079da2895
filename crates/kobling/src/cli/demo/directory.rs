//! The demo's working directory: what it makes, and that it replaces nothing else.

use super::super::key_file::write as write_keys;
use super::super::{Failure, settings};
use kobling_formats::plan2learn::{Bruger, File as Name, Form, Profile, rows};
use kobling_hub::access::keys;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where extracts arrive.
pub(super) const INBOX: &str = "inbox";
/// Where the bad extract lies.
pub(super) const FLAWED: &str = "flawed";
/// The ledger.
pub(super) const DATABASE_URL: &str = "sqlite:kobling.db";

/// The first line of the settings of every demo: by it a later one knows what it may replace.
const MARKER: &str = "# Made by `kobling demo`. A later demo replaces it and the ledger beside it.";
/// The target group that is configured.
pub(super) const GROUP: &str = "leaders";

const CONFIGURATION: &str = "fjordby.toml";
const KEYS: &str = "kobling.keys";
const TARGET: &str = "plan2learn";

const README: &str = "\
This directory was made by `kobling demo`. Everybody in it is made up, with identity numbers that
cannot exist. The keys are those of every demo: never use them for real people.

  kobling.toml   where the store and the keys are
  kobling.keys   two secrets (of the demo)
  kobling.db     the ledger
  fjordby.toml   who exchanges what with whom; change it and run `kobling config apply fjordby.toml`
  inbox/         extracts as the payroll system writes them
  flawed/        an extract in which a school is missing
  plan2learn/    the five files of the learning system
  kvalifikationer/, aktiviteter/   what it gives back (with --serve)

Copy an extract, edit somebody in it, and run `kobling run opus COPY` and `kobling deliver
plan2learn`: exactly the rows that follow from the edit change. Give the copy a name without a date,
such as mine.xml: it then corrects the last extract that was read. One that was read before under the
same dated name with other bytes is held.
";

/// The directory; the process works in it from now on.
pub(super) struct Directory(());

impl Directory {
    /// Makes it, or what a demo left there anew, and goes into it. `made` are the files that the
    /// demo is going to write, `more` what is configured beside what every demo has.
    pub(super) fn make(dir: &Path, made: &[PathBuf], more: &str) -> Result<Self, Failure> {
        let failed = |it| Failure::failed(format!("{} cannot be used", dir.display()), &it);
        fs::create_dir_all(dir).map_err(failed)?;
        let is_empty = fs::read_dir(dir).map_err(failed)?.next().is_none();
        if !is_empty && !is_demo(dir) {
            let what = format!("{} holds something that is no demo", dir.display());
            return Err(Failure::refused(what).advise("name another directory with --dir"));
        }
        std::env::set_current_dir(dir).map_err(failed)?;
        clear(made)?;
        for folder in [INBOX, FLAWED] {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let settings = format!(
            "{MARKER}\n\n[database]\nurl = \"{DATABASE_URL}\"\n\n[keys]\nfile = \"kobling.keys\"\n"
        );
        let configured = concat!(include_str!("fjordby.toml"), include_str!("groups.toml"));
        for (name, text) in [
            (settings::FILE, settings.as_str()),
            (CONFIGURATION, (configured.to_owned() + more).as_str()),
            ("README.txt", README),
        ] {
            fs::write(name, text).map_err(failed)?;
        }
        match write_keys(Path::new(KEYS), keys::DEMO_KEYS) {
            Err(it) if it.kind() == ErrorKind::AlreadyExists => fs::write(KEYS, keys::DEMO_KEYS),
            done => done,
        }
        .map_err(failed)?;
        Ok(Self(()))
    }

    /// The employer's configuration.
    pub(super) fn configuration(&self) -> PathBuf {
        let Self(()) = self;
        PathBuf::from(CONFIGURATION)
    }
}

/// Our own id of somebody who was delivered.
pub(super) fn first_person() -> Result<String, Failure> {
    Ok(persons()?.into_iter().next().unwrap_or_default())
}

/// Our own ids of all who were delivered.
pub(super) fn persons() -> Result<Vec<String>, Failure> {
    let path = Path::new(TARGET).join(Name::Bruger.name());
    let failed = |it: &dyn std::error::Error| {
        Failure::failed(format!("{} cannot be read", path.display()), it)
    };
    let file = File::open(&path).map_err(|it| failed(&it))?;
    let form = Form::of(&Profile::VIBORG);
    let all = rows::<Bruger, _>(file, &form).map_err(|it| failed(&it))?;
    all.map(|it| Ok(it.map_err(|it| failed(&it))?.id.0.to_string())).collect()
}

fn is_demo(dir: &Path) -> bool {
    let text = fs::read_to_string(dir.join(settings::FILE)).unwrap_or_default();
    text.lines().next() == Some(MARKER)
}

/// Removes what an earlier demo made; files of the user stay.
fn clear(made: &[PathBuf]) -> Result<(), Failure> {
    let store = ["kobling.db", "kobling.db-wal", "kobling.db-shm"].map(PathBuf::from);
    let delivered = Name::ALL.map(|it| Path::new(TARGET).join(it.name()));
    for path in store.iter().chain(&delivered).chain(made) {
        match fs::remove_file(path) {
            Err(it) if it.kind() != ErrorKind::NotFound => {
                let what = format!("{} of an earlier demo cannot be removed", path.display());
                return Err(Failure::failed(what, &it));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
