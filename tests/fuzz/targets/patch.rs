//! Fuzz target of `fuzz::patch`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fuzz::patch(text));
