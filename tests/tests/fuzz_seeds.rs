//! The seeds and regressions of the fuzz targets, through the same checks with plain cargo.

use std::fs;

use conformance::prerequisite::workspace;

#[expect(unreachable_pub, reason = "a library of the fuzz targets, here a module")]
#[path = "../fuzz/src/lib.rs"]
mod checks;

fn all(target: &str, check: fn(&str)) {
    let fuzz = workspace().join("tests/fuzz");
    let mut count = 0;
    for folder in ["seeds", "regressions"] {
        let Ok(entries) = fs::read_dir(fuzz.join(folder).join(target)) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let bytes = fs::read(&path).unwrap();
            check(&String::from_utf8_lossy(&bytes));
            count += 1;
        }
    }
    assert!(count > 0, "{target} has seeds");
}

#[test]
fn lexer() {
    all("lexer", checks::lexer);
}

#[test]
fn parser() {
    all("parser", checks::parser);
}

#[test]
fn xml() {
    all("xml", checks::xml);
}

#[test]
fn cib() {
    all("cib", checks::cib);
}

#[test]
fn patch() {
    all("patch", checks::patch);
}

#[test]
fn corosync_conf() {
    all("corosync_conf", checks::corosync_conf);
}

#[test]
fn xpath() {
    all("xpath", checks::xpath);
}

#[test]
fn rule() {
    all("rule", checks::rule);
}
