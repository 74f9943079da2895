//! The one entry of the fuzz target and of the test that replays its corpus.

use kobling_hub::access::configuration::parse;

/// Reads whatever `input` is as a configuration: what is accepted survives being exported.
pub(crate) fn read_anything(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(read) = parse(text) else { return };
    let exported = toml::to_string_pretty(&read).unwrap();
    assert_eq!(parse(&exported).unwrap(), read);
}
