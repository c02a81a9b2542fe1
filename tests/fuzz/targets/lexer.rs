//! Fuzz target of `fuzz::lexer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fuzz::lexer(text));
