use std::io;
use xxhash_rust::xxh3::Xxh3;

/// An output that counts and digests its bytes. The digest is unkeyed, so it stays in memory.
#[derive(Default)]
pub(super) struct Output<W> {
    out: W,
    bytes: u64,
    /// Boxed for its size, as five of these go through futures.
    digest: Box<Xxh3>,
}

impl<W> Output<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, bytes: 0, digest: Box::default() }
    }

    pub(super) fn into_inner(self) -> W {
        self.out
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn digest(&self) -> u128 {
        self.digest.digest128()
    }
}

impl<W: io::Write> io::Write for Output<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.out.write(buffer)?;
        let (taken, _) = buffer.split_at_checked(written).unwrap_or((buffer, &[]));
        self.bytes = self.bytes.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
        self.digest.update(taken);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
