//! The policy engine as the controller's scheduler.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cib_model::Cib;
use cib_model::xml::Tree;
use policy::diagnostics::Severity;

use crate::controller::{Plan, Scheduler};
use crate::log::Level;

/// Schedules with `policy`.
///
/// A bug in the engine must not end the daemon, whose executor watches running resources: a panic
/// becomes an error message and an empty transition.
#[derive(Debug, Default)]
pub struct PolicyScheduler {}

impl Scheduler for PolicyScheduler {
    fn schedule(&mut self, cib: &Tree, epoch_s: i64) -> Plan {
        let Ok(cib) = Cib::from_tree(cib.clone()) else {
            return failed("the CIB has no <cib> element");
        };
        let options = policy::Options { now: epoch_s, ..policy::Options::default() };
        let scheduled = catch_unwind(AssertUnwindSafe(|| policy::schedule(&cib, &options)));
        let Ok(scheduled) = scheduled else {
            return failed(
                "the policy engine failed on this CIB (a bug: please report it with the newest \
                 pe-input file); nothing is scheduled until the CIB changes",
            );
        };
        let messages = scheduled.plan.diagnostics.list.into_iter().map(|diagnostic| {
            let level = match diagnostic.severity {
                Severity::Warning => Level::Warning,
                Severity::Error => Level::Error,
            };
            (level, diagnostic.message)
        });
        Plan { messages: messages.collect(), transition: scheduled.transition }
    }
}

fn failed(text: &str) -> Plan {
    Plan { messages: vec![(Level::Error, text.to_owned())], ..Plan::default() }
}
