//! Fuzz target of `fuzz::cib`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fuzz::cib(text));
