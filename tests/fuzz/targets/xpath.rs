//! Fuzz target of `fuzz::xpath`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fuzz::xpath(text));
