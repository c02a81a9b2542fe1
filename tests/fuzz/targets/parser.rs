//! Fuzz target of `fuzz::parser`: each text is loaded in one way, which its bytes decide, so that six
//! times as many are tried.
#![no_main]

use fuzz::LOADS;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let sum: usize = text.bytes().map(usize::from).sum();
    fuzz::parser_by(text, &LOADS[sum % LOADS.len()..][..1]);
});
