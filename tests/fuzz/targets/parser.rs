//! Fuzz target of `fuzz::parser`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fuzz::parser(text));
