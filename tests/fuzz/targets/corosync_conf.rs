//! Fuzz target of `fuzz::corosync_conf`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fuzz::corosync_conf(text));
