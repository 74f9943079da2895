//! `kobling keys`: the secrets that seal what is stored, and others in their place.

use super::arguments::{Common, Keys};
use super::key_file::{lock, replace, write};
use super::{Failure, Outcome, print, settings};
use jiff::{SignedDuration, Timestamp};
use kobling_hub::Hub;
use kobling_hub::access::keys::{self, Does, KeyError, KeyFile};
use kobling_hub::access::reseal::{self, Resealed, Standing};
use kobling_store::StoreError;
use kobling_store::sealed::KeyId;
use serde::Serialize;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A process that began before another key sealed may seal with the older one for so long: a command
/// that reads a large file. Servers take the new one within a second.
const LAST_USED: SignedDuration = SignedDuration::from_hours(24);

/// Who changes keys, in the audit.
const BY: &str = "kobling keys";

pub(super) async fn execute(common: &Common, command: &Keys) -> Result<Outcome, Failure> {
    match command {
        Keys::New { out } => make(common, out.as_deref())?,
        Keys::List => print::result(common, &list(&Work::begin().await?).await?)?,
        Keys::Add => {
            let mut work = Work::begin().await?;
            let key = work.file.add().map_err(|it| unchanged(&it))?;
            work.keep("keys.add", key).await?;
            let (done, next) = (
                "added",
                "it opens and does not seal yet; have every machine use \
                                 this file, then run `kobling keys rotate`",
            );
            print::result(common, &Changed { key: key.to_string(), done, next })?;
        }
        Keys::Rotate => {
            let mut work = Work::begin().await?;
            let now = work.hub.clock.now();
            let key = work.file.rotate(now).map_err(|it| unchanged(&it))?;
            work.keep("keys.rotate", key).await?;
            print::note(&format!("{key} seals from now on"));
            print::result(common, &anew(&work.hub).await?)?;
        }
        Keys::Reseal => print::result(common, &anew(&Work::begin().await?.hub).await?)?,
        Keys::Drop => print::result(common, &forget(&mut Work::begin().await?).await?)?,
    }
    Ok(Outcome::Done)
}

/// The store, and the key file that opens it, which nobody else changes meanwhile.
struct Work {
    hub: Hub,
    path: PathBuf,
    file: KeyFile,
    _lock: File,
}

impl Work {
    async fn begin() -> Result<Self, Failure> {
        let settings = settings::read()?;
        let hub = settings::hub_of(&settings).await?;
        let path = settings.keys_file.ok_or_else(|| {
            Failure::refused("the keys stand in KOBLING_KEYS, and not in a file").advise(
                "write them into a file, name it with keys.file, and take the variable away",
            )
        })?;
        let unusable = |it| Failure::bad_input(format!("{} cannot be used", path.display()), &it);
        let lock = lock(&path).map_err(unusable)?.ok_or_else(|| {
            Failure::refused("another `kobling keys` is under way").advise("wait for its end")
        })?;
        // Another one may have changed it since the settings were read.
        let keys = Zeroizing::new(std::fs::read_to_string(&path).map_err(unusable)?);
        let file = KeyFile::parse(&keys).map_err(|it| unchanged(&it))?;
        hub.keys.renew(&file.ring());
        Ok(Self { hub, path, file, _lock: lock })
    }

    /// Writes the file, and says in the audit what was done with a key.
    async fn keep(&self, action: &str, key: KeyId) -> Result<(), Failure> {
        replace(&self.path, &self.file.text()).map_err(|it| {
            Failure::failed(
                format!("{} was not written; nothing was changed", self.path.display()),
                &it,
            )
        })?;
        self.hub.keys.renew(&self.file.ring());
        reseal::tell(&self.hub, action, key, BY).await.map_err(|it| failed(&it))
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Made<'a> {
    Text { keys: &'a str },
    File { file: String },
}

impl fmt::Display for Made<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { keys } => keys.fmt(f),
            Self::File { file } => write!(f, "{file} is yours alone to read; keep a copy safe"),
        }
    }
}

fn make(common: &Common, out: Option<&Path>) -> Result<(), Failure> {
    let text = keys::generate().map_err(|it| Failure::failed("no keys were made", &it))?;
    let Some(path) = out else {
        return print::result(common, &Made::Text { keys: text.trim_end() });
    };
    let file = path.display().to_string();
    write(path, &text).map_err(|it| Failure::bad_input(format!("{file} was not written"), &it))?;
    print::result(common, &Made::File { file })
}

#[derive(Serialize)]
struct Changed {
    key: String,
    done: &'static str,
    next: &'static str,
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} was {}: {}", self.key, self.done, self.next)
    }
}

/// The keys of the file, and how much each has sealed.
#[derive(Serialize)]
struct Listed {
    keys: Vec<Row>,
    /// Sealed before keys had names, or with keys that are not in the file.
    otherwise: u64,
}

#[derive(Serialize)]
struct Row {
    key: String,
    does: &'static str,
    since: Option<Timestamp>,
    values: u64,
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Row { key, does, since, values } in &self.keys {
            write!(f, "{key}  {does:<9}  {values} values")?;
            match since {
                Some(since) => writeln!(f, ", sealed until {since}")?,
                None => writeln!(f)?,
            }
        }
        match self.otherwise {
            0 => Ok(()),
            n => writeln!(
                f,
                "{n} values name none of these keys: from before keys had names, or lost"
            ),
        }
    }
}

async fn list(work: &Work) -> Result<Listed, Failure> {
    let Standing { under, otherwise } = standing(&work.hub).await?;
    let row = |(key, does): (KeyId, Does)| {
        let values = under.iter().find(|it| it.0 == key).map_or(0, |it| it.1);
        let (does, since) = match does {
            Does::Seals => ("seals", None),
            Does::WillSeal => ("will seal", None),
            Does::Sealed(since) => ("opens", Some(since)),
        };
        Row { key: key.to_string(), does, since, values }
    };
    Ok(Listed { keys: work.file.keys().into_iter().map(row).collect(), otherwise })
}

/// What sealing anew came to, as told.
#[derive(Serialize)]
struct Anew {
    #[serde(flatten)]
    done: Resealed,
    behind: u64,
}

impl fmt::Display for Anew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Resealed { resealed, unopened } = self.done;
        writeln!(f, "{resealed} values were sealed anew")?;
        if unopened > 0 {
            writeln!(
                f,
                "{unopened} values open with no key of this file; look for the file they need"
            )?;
        }
        match self.behind {
            0 => {
                writeln!(f, "nothing is left under an older key; `kobling keys drop` removes those")
            }
            n => writeln!(f, "{n} values are under an older key still; run `kobling keys reseal`"),
        }
    }
}

async fn anew(hub: &Hub) -> Result<Anew, Failure> {
    let mut told = 0;
    let mut tell = |done: u64| {
        if done / 100_000 > told {
            told = done / 100_000;
            print::note(&format!("{done} values so far"));
        }
    };
    let done = reseal::all(hub, &mut tell).await.map_err(|it| {
        failed(&it).advise("what is done stays done; run `kobling keys reseal` again")
    })?;
    Ok(Anew { done, behind: standing(hub).await?.behind() })
}

/// The keys that were forgotten.
#[derive(Serialize)]
struct Dropped {
    dropped: Vec<String>,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.dropped.join(", ");
        writeln!(f, "dropped {all}: copies of the store from before need the key file of then")
    }
}

async fn forget(work: &mut Work) -> Result<Dropped, Failure> {
    let now = work.hub.clock.now();
    let standing = standing(&work.hub).await?;
    let mut old = Vec::new();
    for (key, does) in work.file.keys() {
        if let Does::Sealed(since) = does {
            refuse_used(key, since, now)?;
            old.push(key);
        }
    }
    if old.is_empty() {
        return Err(
            Failure::refused("there is no older key").advise("`kobling keys list` tells all")
        );
    }
    if standing.behind() > 0 {
        let what = format!("{} values are under older keys still", standing.behind());
        return Err(Failure::refused(what).advise("run `kobling keys reseal` first"));
    }
    for key in &old {
        work.file.forget(*key);
        work.keep("keys.drop", *key).await?;
    }
    Ok(Dropped { dropped: old.iter().map(ToString::to_string).collect() })
}

fn refuse_used(key: KeyId, since: Timestamp, now: Timestamp) -> Result<(), Failure> {
    let from = since.checked_add(LAST_USED).unwrap_or(Timestamp::MAX);
    if now >= from {
        return Ok(());
    }
    Err(Failure::refused(format!("{key} sealed until {since}, less than a day ago"))
        .advise(format!("a command that began before may use it still; run this after {from}")))
}

async fn standing(hub: &Hub) -> Result<Standing, Failure> {
    reseal::standing(hub).await.map_err(|it| failed(&it))
}

fn failed(error: &StoreError) -> Failure {
    Failure::failed("the store failed", error)
}

fn unchanged(error: &KeyError) -> Failure {
    Failure::bad_input("the keys were not changed", error)
}
