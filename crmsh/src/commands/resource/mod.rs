//! The `resource` level.
//!
//! **Source:** crmsh `ui_resource.py`; what crmsh leaves to `crm_resource` is done here, with the
//! same ids and sentences.

mod attribute;
mod constraints;
mod control;
mod find;
mod meta;
mod placement;
mod status;
mod trace;
mod why;

pub(crate) use find::{find, is_resource, require};

use crate::registry::Level;

/// The level.
pub static LEVEL: Level = Level {
    name: "resource",
    summary: "Manage resources",
    help: "Starts, stops and moves resources, and sets single attributes of them.",
    commands: &[
        &placement::BAN,
        &control::CLEANUP,
        &placement::CLEAR,
        &constraints::CONSTRAINTS,
        &meta::DEMOTE,
        &control::FAILCOUNT,
        &status::LOCATE,
        &meta::MAINTENANCE,
        &meta::MANAGE,
        &attribute::META,
        &placement::MOVE,
        &control::OPERATIONS,
        &attribute::PARAM,
        &meta::PROMOTE,
        &control::REFRESH,
        &control::RESTART,
        &control::SCORES,
        &control::SECRET,
        &meta::START,
        &status::STATUS,
        &meta::STOP,
        &trace::TRACE,
        &meta::UNMANAGE,
        &trace::UNTRACE,
        &attribute::UTILIZATION,
        &why::WHY,
    ],
    levels: &[],
    enter: None,
    leave: None,
};
