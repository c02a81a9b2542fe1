//! The report as text.

use std::fmt::Write as _;

use super::{Report, StatusSections, StatusTitle, TimeTexts};
use crate::plan::Plan;
use crate::render::scores::{self, Evidence};
use crate::render::sections;
use crate::render::status_text::{self, StatusStyle};
use crate::render::summary::transition_summary;
use crate::simulate::{Event, Modification};

/// Text, with a blank line between sections.
pub struct TextReport<'a> {
    out: String,
    times: TimeTexts<'a>,
    /// Whether sections have titles and their lines bullets.
    fancy: bool,
    quiet: bool,
    /// Whether there was a section that the next one is set off from.
    printed: bool,
}

impl<'a> TextReport<'a> {
    /// Makes an empty report. `quiet` leaves out all but scores and utilization; scores alone have
    /// then neither title nor bullets.
    pub fn new(quiet: bool, shows_scores: bool, times: TimeTexts<'a>) -> Self {
        let fancy = !(quiet && shows_scores);
        TextReport { out: String::new(), times, fancy, quiet, printed: false }
    }

    fn space(&mut self) {
        if self.printed {
            self.out.push('\n');
        }
        self.printed = true;
    }

    fn title(&mut self, title: &str) {
        self.space();
        if self.fancy {
            let _ = writeln!(self.out, "{title}:");
        }
    }

    fn item(&mut self, text: &str) {
        let bullet = if self.fancy { "  * " } else { "" };
        let _ = writeln!(self.out, "{bullet}{text}");
    }
}

impl Report for TextReport<'_> {
    fn info(&mut self, line: &str) {
        if !self.quiet {
            let _ = writeln!(self.out, "{line}");
        }
    }

    fn notices(&mut self, plan: &Plan) {
        if self.quiet {
            return;
        }
        let notices = status_text::notices(plan);
        self.printed |= !notices.is_empty();
        self.out.push_str(&notices);
    }

    fn status(&mut self, title: StatusTitle, plan: &Plan, shown: StatusSections) {
        if self.quiet {
            return;
        }
        self.title(match title {
            StatusTitle::Current => "Current cluster status",
            StatusTitle::Revised => "Revised Cluster Status",
        });
        let pending = title == StatusTitle::Current;
        self.out.push_str(&status_text::status(plan, StatusStyle { pending }));
        if shown.attributes {
            self.out.push_str(&sections::attributes_text(plan));
        }
        if shown.failcounts {
            self.out.push_str(&sections::failcounts_text(plan, self.times));
        }
    }

    fn modifications(&mut self, modifications: &[Modification]) {
        self.space();
        if self.quiet {
            return;
        }
        self.out.push_str("Performing Requested Modifications:\n");
        for modification in modifications {
            self.item(&modification.to_string());
        }
    }

    fn evidence(&mut self, plan: &Plan, evidence: Evidence) {
        self.title(match evidence {
            Evidence { scores: true, utilization: true } => {
                "Assignment Scores and Utilization Information"
            }
            Evidence { utilization: true, .. } => "Utilization Information",
            Evidence { .. } => "Assignment Scores",
        });
        for note in &plan.trace.notes {
            self.info(note);
        }
        for line in scores::lines(plan, evidence) {
            self.item(&line);
        }
    }

    fn summary(&mut self, plan: &Plan) {
        if self.quiet {
            return;
        }
        self.title("Transition Summary");
        for line in transition_summary(plan) {
            self.item(&line);
        }
    }

    fn execution(&mut self, events: &[Event]) {
        self.space();
        if self.quiet {
            return;
        }
        self.out.push_str("Executing Cluster Transition:\n");
        for event in events {
            match event {
                Event::Failed { .. } => self.info(&event.to_string()),
                _ => self.item(&event.to_string()),
            }
        }
    }

    fn timings(&mut self, timings: &[(String, f64)]) {
        self.title("Timings");
        for (path, seconds) in timings {
            self.item(&format!("Testing {path} ... {seconds:.2} secs"));
        }
    }

    fn finish(&mut self, _code: u8, _message: &str, _errors: &[String]) -> String {
        self.take()
    }

    fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }
}
