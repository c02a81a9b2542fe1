//! The CIB to simulate, and the time to judge it by.
//!
//! **Source:** pacemaker `tools/crm_simulate.c` (`setup_input()`), `lib/common/schemas.c`,
//! `lib/pacemaker/pcmk_simulate.c` (`set_effective_date()`).
//! **Differs:** of a CIB of the latest schema only the values of enumerated attributes are checked.

use std::io::Read as _;

use cib_model::time::DateTime;
use cib_model::upgrade::upgrade;
use cib_model::validate::{Finding, SchemaVersion, schema};
use cib_model::{Cib, Section};

use super::Refusal;
use super::options::Source;
use crate::backend::{Backend, BackendError, Place, Shadows, open, read_file};
use crate::exit::Exit;
use crate::ui::clock;

/// Opens the place that a live check works on.
pub(super) fn live() -> Box<dyn Backend> {
    open(&Place::Environment, &Shadows::new("/var/lib/pacemaker/cib"))
}

/// Reads the CIB. It has a status section afterwards, if an empty one.
pub(super) fn read(source: &Source) -> Result<Cib, Refusal> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Refusal::new(format!("Could not read input XML: {error}"), Exit::DATA)
    };
    let mut cib = match source {
        Source::Live => live().query().map_err(|error| match error {
            BackendError::File { .. } | BackendError::Xml { .. } => unreadable(&error),
            _ => Refusal::new(error.to_string(), Exit::DISCONNECTED),
        })?,
        Source::File(path) => read_file(path).map_err(|error| unreadable(&error))?,
        Source::Stdin => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(|error| unreadable(&error))?;
            Cib::read(&text).map_err(|error| unreadable(&error))?
        }
    };
    cib.ensure_section(Section::Status);
    Ok(cib)
}

/// Brings the CIB to the latest schema, as far as it is not there yet.
///
/// # Errors
/// Where it names no schema, or cannot be brought to the latest. One that names the latest is
/// taken at its word but for the values of enumerated attributes.
pub(super) fn bring_up(cib: &mut Cib) -> Result<(), Refusal> {
    let named = cib.schema().unwrap_or_default().to_owned();
    if !schema::is_known(&named) {
        let why = format!("the configuration names no known schema (validate-with=\"{named}\")");
        return Err(Refusal::quiet(why, Exit::CONFIG));
    }
    if named == schema::NONE {
        return Ok(());
    }
    if named == schema::LATEST {
        let findings = schema::enumerations(cib);
        return if findings.is_empty() { Ok(()) } else { Err(invalid(findings, None)) };
    }
    let report = upgrade(cib, SchemaVersion::LATEST);
    let (latest, reached) = (SchemaVersion::LATEST, report.to);
    if reached == Some(latest) {
        return Ok(());
    }
    let mut findings = schema::enumerations(cib);
    if findings.is_empty() {
        let next = SchemaVersion::ALL.into_iter().find(|version| Some(*version) > reached);
        let judge = if report.is_raised() { next } else { reached };
        findings = judge.map(|version| schema::check_as(cib, version)).unwrap_or_default();
    }
    let claim =
        format!("Cannot upgrade configuration (claiming {named} schema) to at least {latest}");
    let last = match (report.obstacle, reached) {
        (None, Some(reached)) => format!("{claim} because it would not upgrade past {reached}"),
        _ => format!(
            "{claim} because it does not validate with any schema from {named} to the latest"
        ),
    };
    Err(invalid(findings, Some(last)))
}

/// Refuses what does not follow its schema: with each thing that is wrong, and a last word.
fn invalid(findings: Vec<Finding>, last: Option<String>) -> Refusal {
    let lines: Vec<String> =
        findings.into_iter().map(|finding| finding.message).chain(last).collect();
    Refusal::new(lines.join("\n"), Exit::CONFIG).plain()
}

/// The time to judge a CIB by.
#[derive(Clone, Debug)]
pub(super) struct Effective {
    /// Seconds since 1970.
    pub(super) time: i64,
    /// The line that tells of it, where it is not the present.
    pub(super) told: Option<String>,
}

impl Effective {
    /// Returns the time asked for, or else the one that the CIB was made for, or else the present.
    /// What cannot be read as a time counts as the present.
    pub(super) fn of(asked: Option<&str>, cib: &Cib) -> Effective {
        let wall = clock::now();
        if let Some(date) = asked {
            let read = DateTime::parse(date, DateTime::from_epoch(wall, 0));
            let time = read.map_or(wall, DateTime::epoch_s);
            return Effective {
                time,
                told: Some(format!("Setting effective cluster time: {date}")),
            };
        }
        let recorded = cib.root().attr("execution-date").and_then(|d| d.parse::<i64>().ok());
        let told = recorded.map(|time| {
            format!("Using the original execution date of: {}", DateTime::from_epoch(time, 0))
        });
        Effective { time: recorded.unwrap_or(wall), told }
    }
}
