//! Bringing a CIB to the latest schema before it is judged, as Pacemaker's tools do.
//!
//! **Source:** pacemaker `lib/common/schemas.c`, `pcmk__update_configured_schema()`.
//! **Differs:** of a CIB of the latest schema only the values of enumerated attributes are checked.

use cib_model::Cib;
use cib_model::upgrade::upgrade;
use cib_model::validate::{Finding, SchemaVersion, schema};

/// Why a CIB cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It names no schema that there is; what it names.
    UnknownSchema(String),
    /// It does not follow the schemas; a line for each reason.
    NotValid(Vec<String>),
}

/// Brings the CIB to the latest schema, as far as it is not there yet. One that names `none` stays
/// as it is.
///
/// # Errors
/// Where it names no schema, or cannot be brought to the latest.
pub(super) fn bring_up(cib: &mut Cib) -> Result<(), Unusable> {
    let named = cib.schema().unwrap_or_default().to_owned();
    if !schema::is_known(&named) {
        return Err(Unusable::UnknownSchema(named));
    }
    if named == schema::NONE {
        return Ok(());
    }
    if named == schema::LATEST {
        let findings = schema::enumerations(cib);
        return if findings.is_empty() { Ok(()) } else { Err(not_valid(findings, None)) };
    }
    raise(cib, &named, SchemaVersion::LATEST)
}

/// Brings a CIB of before Pacemaker 2 to the latest schema that it can follow; a later one stays
/// as it is.
///
/// # Errors
/// Where it cannot be brought to the schemas of Pacemaker 2.
pub(super) fn bring_up_old(cib: &mut Cib) -> Result<(), Unusable> {
    let Some(named) = cib.schema().map(str::to_owned) else { return Ok(()) };
    let least = SchemaVersion::named("pacemaker-3.0");
    match (SchemaVersion::named(&named), least) {
        (Some(own), Some(least)) if own < least => raise(cib, &named, least),
        _ => Ok(()),
    }
}

/// Raises a CIB as far as it goes; to no later schema than `least` is not enough.
fn raise(cib: &mut Cib, named: &str, least: SchemaVersion) -> Result<(), Unusable> {
    let report = upgrade(cib, SchemaVersion::LATEST);
    let reached = report.to;
    if reached >= Some(least) {
        return Ok(());
    }
    let mut findings = schema::enumerations(cib);
    if findings.is_empty() {
        let next = SchemaVersion::ALL.into_iter().find(|version| Some(*version) > reached);
        let judge = if report.is_raised() { next } else { reached };
        findings = judge.map(|version| schema::check_as(cib, version)).unwrap_or_default();
    }
    let claim =
        format!("Cannot upgrade configuration (claiming {named} schema) to at least {least}");
    let summary = match (report.obstacle, reached) {
        (None, Some(reached)) => format!("{claim} because it would not upgrade past {reached}"),
        _ => format!(
            "{claim} because it does not validate with any schema from {named} to the latest"
        ),
    };
    Err(not_valid(findings, Some(summary)))
}

fn not_valid(findings: Vec<Finding>, summary: Option<String>) -> Unusable {
    let lines = findings.into_iter().map(|finding| finding.message);
    Unusable::NotValid(lines.chain(summary).collect())
}
