//! The policy engine as the controller's scheduler.

use cib_model::xml::Tree;

use crate::controller::{Plan, Scheduler};

/// Schedules with `policy`.
#[derive(Debug, Default)]
pub struct PolicyScheduler {}

impl Scheduler for PolicyScheduler {
    fn schedule(&mut self, _cib: &Tree, _epoch_s: i64) -> Plan {
        Plan::default()
    }
}
