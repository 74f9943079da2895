#![no_main]

#[path = "../../crates/pii/tests/fuzzed/entry.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|input: &[u8]| entry::read_anything(input));
