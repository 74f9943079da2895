//! The key file on the disk: made, replaced whole, and followed while a server runs.

use super::settings::Settings;
use kobling_hub::Hub;
use kobling_hub::access::keys;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// So often a process looks whether the file is another one.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(1);

/// Writes a key file that its owner alone may read. One that is there stays: a store cannot be read
/// without it.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// The right to change the key file, which ends when it is dropped and with the process; none while
/// somebody else has it.
pub(super) fn lock(path: &Path) -> io::Result<Option<File>> {
    let path = fs::canonicalize(path)?;
    // The file itself is replaced.
    let dir = File::open(path.parent().unwrap_or(Path::new("/")))?;
    match dir.try_lock() {
        Ok(()) => Ok(Some(dir)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(it)) => Err(it),
    }
}

/// Puts a text in the place of the one that is there, whole or not at all; the same people may read it.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let mut part = path.clone().into_os_string();
    part.push(".new");
    let part = PathBuf::from(part);
    // One that a process left which died has never been read.
    match fs::remove_file(&part) {
        Err(it) if it.kind() != io::ErrorKind::NotFound => return Err(it),
        Ok(()) | Err(_) => {}
    }
    write(&part, text)?;
    let put = same_readers(&path, &part).and_then(|()| fs::rename(&part, &path));
    if put.is_err() {
        fs::remove_file(&part)?;
    }
    put?;
    let dir = path.parent().unwrap_or(Path::new("/"));
    File::open(dir)?.sync_all()
}

/// Gives `part` the owner and the mode of `path`: a server that could read the one must read the other.
fn same_readers(path: &Path, part: &Path) -> io::Result<()> {
    let file = File::open(part)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let before = fs::metadata(path)?;
        fchown(&file, Some(before.uid()), Some(before.gid()))?;
        file.set_permissions(before.permissions())?;
    }
    file.sync_all()
}

/// Seals with the newest key of the file, from a second after it is written.
pub(super) fn follow(settings: &Settings, hub: &Hub) {
    let Some(path) = settings.keys_file.clone() else { return };
    let hub = hub.clone();
    tokio::spawn(async move {
        let mut before = seen(&path);
        loop {
            pause().await;
            let now = seen(&path);
            if now.is_some() && now != before {
                before = now;
                renew(&hub, &path);
            }
        }
    });
}

#[expect(clippy::disallowed_methods, reason = "whoever changes the file tells nobody")]
async fn pause() {
    tokio::time::sleep(LOOKED_AT_EVERY).await;
}

/// Takes the keys of the file, if they are those of the same store.
fn renew(hub: &Hub, path: &Path) {
    let read = fs::read_to_string(path).ok().and_then(|it| keys::parse(&it).ok());
    let Some(ring) = read.filter(|it| it.check() == hub.keys.check()) else {
        tracing::error!("the new key file is not used: it holds other keys, or none");
        return;
    };
    hub.keys.renew(&ring);
    tracing::info!(seals = ring.current().map(|it| it.to_string()), "the keys were read anew");
}

fn seen(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_file_is_replaced_whole_and_read_by_the_same_people() {
        let name = format!("kobling-key-file-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        drop(fs::remove_file(&path));
        write(&path, "one").unwrap();
        assert!(write(&path, "another").is_err());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let left = path.with_extension("new");
        fs::write(&left, "of a process that died").unwrap();
        replace(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(!left.exists());
        fs::remove_file(&path).unwrap();
    }
}
