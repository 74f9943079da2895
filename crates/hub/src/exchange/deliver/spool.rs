//! Where a set lies between its making and the store: sealed, in files without a name.
//!
//! The five files grow beside each other while the ledger is read, and the store is not held open
//! meanwhile. Nothing lies on a disk in clear, and memory holds one part of each file.

use kobling_domain::id::TenantId;
use kobling_store::sealed::{KeyRing, context};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;

/// Bytes of a file that are sealed, stored and sent together.
const PART_BYTES: usize = 1 << 20;

/// Whose parts are sealed.
#[derive(Clone)]
pub(super) struct Sealing {
    pub(super) keys: KeyRing,
    pub(super) tenant: TenantId,
    pub(super) target: String,
    pub(super) set_no: i64,
}

/// A file in the making.
pub(super) struct Spool {
    sealing: Sealing,
    position: i64,
    file: BufWriter<File>,
    part: Vec<u8>,
    parts: i64,
}

/// A file that was made, part by part.
pub(super) struct Parts {
    file: BufReader<File>,
    next: i64,
    count: i64,
}

impl Sealing {
    /// The context of a part: it opens as this part of this file of this set and as nothing else.
    pub(super) fn context(&self, position: i64, part: i64) -> Vec<u8> {
        context::pending_part(self.tenant, &self.target, (self.set_no, position, part))
    }
}

impl Spool {
    pub(super) fn new(sealing: Sealing, position: i64) -> io::Result<Self> {
        let file = BufWriter::new(nameless_file(&format!("{}-{position}", sealing.set_no))?);
        Ok(Self { sealing, position, file, part: Vec::with_capacity(PART_BYTES), parts: 0 })
    }

    /// Ends the file.
    pub(super) fn end(mut self) -> io::Result<Parts> {
        if !self.part.is_empty() {
            self.seal_part()?;
        }
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Parts { file: BufReader::new(file), next: 0, count: self.parts })
    }

    fn seal_part(&mut self) -> io::Result<()> {
        let context = self.sealing.context(self.position, self.parts);
        let sealed = self.sealing.keys.seal(&context, &self.part).map_err(io::Error::other)?;
        let length = u64::try_from(sealed.len()).map_err(io::Error::other)?;
        self.file.write_all(&length.to_be_bytes())?;
        self.file.write_all(&sealed)?;
        self.part.clear();
        self.parts += 1;
        Ok(())
    }
}

impl Write for Spool {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let room = PART_BYTES - self.part.len();
        let (taken, _) = buffer.split_at_checked(room).unwrap_or((buffer, &[]));
        self.part.extend_from_slice(taken);
        if self.part.len() == PART_BYTES {
            self.seal_part()?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Parts {
    /// The next part's number and sealed bytes; none after the last.
    pub(super) fn next(&mut self) -> io::Result<Option<(i64, Vec<u8>)>> {
        if self.next == self.count {
            return Ok(None);
        }
        let mut length = [0; 8];
        self.file.read_exact(&mut length)?;
        let length = usize::try_from(u64::from_be_bytes(length)).map_err(io::Error::other)?;
        let mut sealed = vec![0; length];
        self.file.read_exact(&mut sealed)?;
        self.next += 1;
        Ok(Some((self.next - 1, sealed)))
    }
}

/// A file only this process can reach, which is gone when it is closed.
pub(super) fn nameless_file(hint: &str) -> io::Result<File> {
    /// Names tried, if others left files of ours behind.
    const TRIES: u32 = 1_000;
    let mut options = File::options();
    options.read(true).write(true).create_new(true).mode(0o600);
    for nth in 0..TRIES {
        let name = format!("kobling-{}-{hint}-{nth}", std::process::id());
        let path = std::env::temp_dir().join(name);
        match options.open(&path) {
            Ok(file) => {
                std::fs::remove_file(&path)?;
                return Ok(file);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spooled_comes_back_in_parts_that_open_in_their_place_only() {
        let keys = KeyRing::new(&[1; 32], &[2; 32]);
        let target = "plan2learn".to_owned();
        let sealing = Sealing { keys: keys.clone(), tenant: TenantId(1), target, set_no: 7 };
        let mut spool = Spool::new(sealing.clone(), 2).unwrap();
        let plain: Vec<u8> =
            (0..2_500_000_u32).flat_map(u32::to_be_bytes).take(2_500_000).collect();
        for chunk in plain.chunks(3_333) {
            spool.write_all(chunk).unwrap();
        }
        let mut parts = spool.end().unwrap();
        let mut all = Vec::new();
        while let Some((part, sealed)) = parts.next().unwrap() {
            assert!(keys.open(&sealing.context(2, part + 1), &sealed).is_err());
            all.extend_from_slice(&keys.open(&sealing.context(2, part), &sealed).unwrap());
        }
        assert_eq!(all, plain);
        assert_eq!(parts.count, 3);
    }

    #[test]
    fn an_empty_file_has_no_parts() {
        let keys = KeyRing::new(&[1; 32], &[2; 32]);
        let sealing = Sealing { keys, tenant: TenantId(1), target: String::new(), set_no: 1 };
        assert!(Spool::new(sealing, 0).unwrap().end().unwrap().next().unwrap().is_none());
    }
}
