//! A simulation's report: the sections that `crm_simulate` prints, as text or as XML.
//!
//! Whoever simulates hands over one section after the other; what stands between them is the
//! format's business.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_simulate.c` (`pcmk__simulate()`), `pcmk_output.c`,
//! `lib/common/output_{text,xml}.c`.

mod text;
mod xml;

pub use text::TextReport;
pub use xml::XmlReport;

pub use super::sections::TimeTexts;
use crate::plan::Plan;
use crate::render::scores::Evidence;
use crate::simulate::{Event, Modification};

/// Which status a section shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StatusTitle {
    /// Before anything is done. Actions that are pending are shown.
    Current,
    /// After the simulation.
    Revised,
}

/// What a status shows beside nodes and resources.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StatusSections {
    /// Node attributes.
    pub attributes: bool,
    /// Fail counts and failed actions.
    pub failcounts: bool,
}

/// A report that is being put together.
pub trait Report {
    /// A line about the run itself; XML has no place for it.
    fn info(&mut self, line: &str);

    /// That resource management is off, and how many instances are disabled or blocked; nothing
    /// where that is not so.
    fn notices(&mut self, plan: &Plan);

    /// The status of the cluster.
    fn status(&mut self, title: StatusTitle, plan: &Plan, sections: StatusSections);

    /// What was changed in the input.
    fn modifications(&mut self, modifications: &[Modification]);

    /// Scores and utilization; what the scheduler had to tell beside them.
    fn evidence(&mut self, plan: &Plan, evidence: Evidence);

    /// What the cluster will do.
    fn summary(&mut self, plan: &Plan);

    /// What the simulation did.
    fn execution(&mut self, events: &[Event]);

    /// How long the scheduler took for each file: its path and seconds of CPU time.
    fn timings(&mut self, timings: &[(String, f64)]);

    /// Ends the report with the exit code, its words and what went wrong. Returns all text that
    /// [`Report::take`] has not returned.
    fn finish(&mut self, code: u8, message: &str, errors: &[String]) -> String;

    /// The answer to the question for the version; only formats that are one document have it.
    fn version(&mut self, _program: &str, _version: &str) {}

    /// Returns the text that is complete so far, once; formats that are one document have none
    /// before the end.
    fn take(&mut self) -> String;
}

/// A report that nobody reads.
#[derive(Clone, Copy, Debug)]
pub struct NoReport;

impl Report for NoReport {
    fn info(&mut self, _line: &str) {}
    fn notices(&mut self, _plan: &Plan) {}
    fn status(&mut self, _title: StatusTitle, _plan: &Plan, _sections: StatusSections) {}
    fn modifications(&mut self, _modifications: &[Modification]) {}
    fn evidence(&mut self, _plan: &Plan, _evidence: Evidence) {}
    fn summary(&mut self, _plan: &Plan) {}
    fn execution(&mut self, _events: &[Event]) {}
    fn timings(&mut self, _timings: &[(String, f64)]) {}
    fn finish(&mut self, _code: u8, _message: &str, _errors: &[String]) -> String {
        String::new()
    }
    fn take(&mut self) -> String {
        String::new()
    }
}
