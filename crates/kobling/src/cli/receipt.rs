//! `kobling receipt`: signed receipts of closings, shown and verified.

use super::arguments::{Common, Receipt};
use super::emergency::{self, Told};
use super::{Failure, Outcome, print, settings};
use kobling_hub::access::keys;
use kobling_hub::agreement;
use kobling_hub::agreement::receipt::{self, HubKey, ReceiptError};
use serde::Serialize;
use std::fmt;
use std::path::{Path, PathBuf};

pub(super) async fn execute(common: &Common, command: Receipt) -> Result<Outcome, Failure> {
    match command {
        Receipt::Show { agreement } => {
            let hub = settings::hub().await?;
            let tenant = settings::tenant(&hub, common).await?;
            let found = agreement::closed(&hub, tenant, &agreement).await;
            emergency::show(common, &found.map_err(emergency::failed)?.signed);
        }
        Receipt::Verify { file, key } => {
            let key = key.map_or_else(own_key, |it| given_key(&it))?;
            let verified = receipt::verify(&read(&file)?, &key);
            let receipt = verified.map_err(|it| refused(&file, &it))?;
            print::result(common, &Verified { file, hub_key: key.name(), receipt })?;
        }
        Receipt::Key => {
            let key = own_key()?;
            print::result(common, &Key { hub_key: key.name(), pem: key.pem() })?;
        }
    }
    Ok(Outcome::Done)
}

/// The public key of the hub in this directory.
fn own_key() -> Result<HubKey, Failure> {
    let settings = settings::read()?;
    let keys = keys::parse(&settings.keys)
        .map_err(|it| Failure::bad_input("the key file cannot be used", &it))?;
    HubKey::of(&keys).map_err(|it| Failure::failed("the hub has no key for receipts", &it))
}

fn given_key(path: &Path) -> Result<HubKey, Failure> {
    HubKey::parse(&read(path)?)
        .map_err(|it| Failure::bad_input(format!("{} cannot be used", path.display()), &it))
        .map_err(|it| it.advise("have the other hub print it: kobling receipt key > hub.pem"))
}

fn read(path: &Path) -> Result<String, Failure> {
    let cannot = |it| Failure::bad_input(format!("{} cannot be read", path.display()), &it);
    std::fs::read_to_string(path).map_err(cannot)
}

fn refused(file: &Path, error: &ReceiptError) -> Failure {
    Failure::bad_input(format!("{} is not to be trusted", file.display()), error).advise(
        "ask whoever gave it for the file as the hub printed it (kobling receipt show KEY --json); \
         name another hub's key by --key",
    )
}

#[derive(Serialize)]
struct Verified {
    file: PathBuf,
    hub_key: String,
    receipt: kobling_domain::agreement::Receipt,
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, hub_key, receipt } = self;
        writeln!(f, "every byte of {} was signed by hub {hub_key}", file.display())?;
        Told(receipt).fmt(f)
    }
}

#[derive(Serialize)]
struct Key {
    hub_key: String,
    pem: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pem)
    }
}
