//! Fuzz target of `fuzz::xml`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fuzz::xml(text));
