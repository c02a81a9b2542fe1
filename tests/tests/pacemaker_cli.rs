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
fn crm_attribute() {
    judge("crm_attribute");
}

#[test]
fn crm_diff() {
    judge("crm_diff");
}

#[test]
fn crm_resource() {
    judge("crm_resource");
}

#[test]
fn crm_shadow() {
    judge("crm_shadow");
}

#[test]
fn crm_standby() {
    judge("crm_standby");
}

#[test]
fn crm_ticket() {
    judge("crm_ticket");
}

#[test]
fn crm_verify() {
    judge("crm_verify");
}

#[test]
fn crmadmin() {
    judge("crmadmin");
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
