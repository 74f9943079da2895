use super::arguments::Keys;
use super::{Failure, print};
use kobling_hub::access::keys;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

pub(super) fn execute(command: &Keys) -> Result<(), Failure> {
    let Keys::New { out } = command;
    let text = keys::generate().map_err(|it| Failure::failed("no keys were made", &it))?;
    match out {
        None => print::text(text.trim_end()),
        Some(path) => {
            write(path, &text).map_err(|it| {
                Failure::bad_input(format!("{} was not written", path.display()), &it)
            })?;
            print::note(&format!("{} is yours alone to read; keep a copy safe", path.display()));
        }
    }
    Ok(())
}

/// Writes a key file that its owner alone may read. One that is there stays: a store cannot be read
/// without it.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
