//! Fuzz target of `fuzz::rule`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fuzz::rule(text));
