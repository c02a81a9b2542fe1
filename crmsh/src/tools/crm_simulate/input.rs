//! The CIB to simulate, and the time to judge it by.
//!
//! **Source:** pacemaker `tools/crm_simulate.c` (`setup_input()`),
//! `lib/pacemaker/pcmk_simulate.c` (`set_effective_date()`).

use std::io::Read as _;

use cib_model::time::DateTime;
use cib_model::{Cib, Section};

use super::Refusal;
use super::options::Source;
use crate::backend::{Backend, BackendError, Place, Shadows, open, read_file};
use crate::exit::Exit;
use crate::tools::latest_schema::{self, Unusable};
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
/// Where it names no schema, or cannot be brought to the latest.
pub(super) fn bring_up(cib: &mut Cib) -> Result<(), Refusal> {
    latest_schema::bring_up(cib).map_err(|unusable| match unusable {
        Unusable::UnknownSchema(named) => {
            let why =
                format!("the configuration names no known schema (validate-with=\"{named}\")");
            Refusal::quiet(why, Exit::CONFIG)
        }
        Unusable::NotValid(lines) => Refusal::new(lines.join("\n"), Exit::CONFIG).plain(),
    })
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
