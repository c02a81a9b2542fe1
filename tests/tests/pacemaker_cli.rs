//! Pacemaker's command line suites: the same command lines, the same answers.

use conformance::cli::judge;

#[test]
fn access_render() {
    judge("access_render");
}

#[test]
fn cibadmin() {
    judge("cibadmin");
}

#[test]
fn crm_diff() {
    judge("crm_diff");
}

#[test]
fn crm_verify() {
    judge("crm_verify");
}

#[test]
fn dates() {
    judge("dates");
}

#[test]
fn error_codes() {
    judge("error_codes");
}

#[test]
fn rules() {
    judge("rules");
}
