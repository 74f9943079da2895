//! Where the lists of a set lie while it is made and compared: sealed, in a file without a name.

use super::Order;
use super::spool::nameless_file;
use crate::Hub;
use kobling_domain::id::TenantId;
use kobling_formats::plan2learn::Shelf;
use kobling_store::sealed::{KeyRing, context};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// A shelf on a disk. Lists of few rows never reach it, so the file is made with the first block.
pub(super) struct SealedShelf {
    keys: KeyRing,
    tenant: TenantId,
    target: String,
    file: Option<File>,
    blocks: Vec<Block>,
}

/// Where a block lies.
#[derive(Clone, Copy)]
struct Block {
    start: u64,
    bytes: u32,
}

impl Block {
    fn end(&self) -> u64 {
        self.start.saturating_add(u64::from(self.bytes))
    }
}

impl SealedShelf {
    pub(super) fn new(hub: &Hub, order: &Order) -> Self {
        let (keys, tenant, target) = (hub.keys.clone(), order.tenant, order.target.key.clone());
        Self { keys, tenant, target, file: None, blocks: Vec::new() }
    }

    fn context(&self, place: usize) -> Vec<u8> {
        context::shelved(self.tenant, &self.target, place)
    }
}

impl Shelf for SealedShelf {
    fn put(&mut self, block: &[u8]) -> io::Result<usize> {
        let place = self.blocks.len();
        let sealed = self.keys.seal(&self.context(place), block).map_err(io::Error::other)?;
        let start = self.blocks.last().map_or(0, Block::end);
        let bytes = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        let file = match self.file.take() {
            Some(file) => file,
            None => nameless_file("list")?,
        };
        self.file.insert(file).write_all_at(&sealed, start)?;
        self.blocks.push(Block { start, bytes });
        Ok(place)
    }

    fn block(&self, place: usize) -> io::Result<Vec<u8>> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        let at = self.blocks.get(place).ok_or_else(missing)?;
        let mut sealed = vec![0; usize::try_from(at.bytes).map_err(io::Error::other)?];
        self.file.as_ref().ok_or_else(missing)?.read_exact_at(&mut sealed, at.start)?;
        let plain = self.keys.open(&self.context(place), &sealed).map_err(io::Error::other)?;
        Ok(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_taken_back_from_its_place_and_lies_sealed() {
        let keys = KeyRing::new(&[1; 32], &[2; 32]);
        let (tenant, target) = (TenantId(1), "plan2learn".to_owned());
        let mut shelf = SealedShelf { keys, tenant, target, file: None, blocks: Vec::new() };
        let blocks: Vec<Vec<u8>> = (1..=9_u8).map(|it| vec![it; 1_000 * usize::from(it)]).collect();
        for (place, block) in blocks.iter().enumerate() {
            assert_eq!(shelf.put(block).unwrap(), place);
        }
        for (place, block) in blocks.iter().enumerate().rev() {
            assert_eq!(shelf.block(place).unwrap(), *block);
        }
        let mut lies = vec![0; 1_000];
        shelf.file.as_ref().unwrap().read_exact_at(&mut lies, 0).unwrap();
        assert!(!lies.windows(8).any(|it| it == [1; 8]));
        // Exchanged, they open as nothing.
        shelf.blocks.swap(3, 4);
        assert!(shelf.block(3).is_err() && shelf.block(9).is_err());
    }
}
