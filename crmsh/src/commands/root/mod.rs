//! The root level.

pub mod demo;
pub mod help;
mod status;
mod topics;

use crate::registry::Level;

/// The root of the tree.
pub static LEVEL: Level = Level {
    name: "root",
    summary: "The cluster shell",
    help: "",
    commands: &[&demo::COMMAND, &status::STATUS, &status::VERIFY],
    levels: &[
        &super::cib::LEVEL,
        &super::configure::LEVEL,
        &super::corosync::LEVEL,
        &super::maintenance::LEVEL,
        &super::node::LEVEL,
        &super::options::LEVEL,
        &super::ra::LEVEL,
        &super::resource::LEVEL,
    ],
    enter: None,
    leave: None,
};
