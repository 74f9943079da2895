#![no_main]

#[path = "../../crates/hub/tests/fuzzed/configuration.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|input: &[u8]| entry::read_anything(input));
