//! The corpus of the fuzz target, replayed.

mod entry;

#[test]
fn the_corpus_of_the_fuzz_target_is_read_and_holds_the_laws() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/pii");
    let mut read = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        entry::read_anything(&std::fs::read(entry.unwrap().path()).unwrap());
        read += 1;
    }
    assert!(read > 0);
}
