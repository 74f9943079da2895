//! What the fuzz target holds the configuration text to, at every ordinary run.
#![expect(clippy::unwrap_used, reason = "what a test needs and cannot have ends the test")]

mod configuration;

#[test]
fn the_fuzz_corpus_of_configurations_is_read_lawfully_or_refused() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/configuration");
    let mut files = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        configuration::read_anything(&std::fs::read(entry.unwrap().path()).unwrap());
        files += 1;
    }
    assert!(files >= 4, "{files} files in the corpus");
}

#[test]
fn a_configuration_cut_anywhere_or_with_any_byte_changed_is_read_lawfully_or_refused() {
    let whole = include_bytes!("../data/fjordby.toml");
    for at in 0..whole.len() {
        configuration::read_anything(&whole[..at]);
        let mut changed = whole.to_vec();
        changed[at] = b'"';
        configuration::read_anything(&changed);
    }
}
