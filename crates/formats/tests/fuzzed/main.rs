//! What the fuzz targets hold plan2learn's reader to, at every ordinary run.
#![expect(clippy::unwrap_used, reason = "what a test needs and cannot have ends the test")]

mod plan2learn;

use proptest::prelude::*;

/// A set of two people in one unit, as the target takes it: a byte for the encoding, then the five
/// files between record separators.
fn a_set() -> Vec<u8> {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/plan2learn");
    std::fs::read(format!("{corpus}/two-people")).unwrap()
}

#[test]
fn the_fuzz_corpus_of_plan2learn_is_read_lawfully_or_refused() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/plan2learn");
    let mut files = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        plan2learn::read_anything(&std::fs::read(entry.unwrap().path()).unwrap());
        files += 1;
    }
    assert!(files >= 6, "{files} files in the corpus");
    assert!(plan2learn::read_anything(&a_set()), "the set that all begin from is read");
}

proptest! {
    #[test]
    fn a_set_with_any_byte_changed_is_read_lawfully_or_refused(
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut set = a_set();
        let at = at.index(set.len());
        set[at] = byte;
        plan2learn::read_anything(&set);
    }
}
