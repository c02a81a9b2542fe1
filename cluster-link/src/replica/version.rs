//! The version triple of a CIB as it travels between members.

use std::fmt;

use cib_model::xml::Tree;
use serde::{Deserialize, Serialize};

/// `admin_epoch.epoch.num_updates`, compared in that order.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(default)]
pub struct CibVersion {
    /// Raised by hand to make a configuration win.
    pub admin_epoch: u64,
    /// Counts changes of the configuration.
    pub epoch: u64,
    /// Counts changes of the status since the last change of the configuration.
    pub num_updates: u64,
}

impl CibVersion {
    /// Reads the version of a CIB; a missing or malformed number counts as 0.
    pub fn of(cib: &Tree) -> Self {
        let root = cib.root();
        let number = |name| root.attr(name).and_then(|v| v.parse().ok()).unwrap_or(0);
        CibVersion {
            admin_epoch: number("admin_epoch"),
            epoch: number("epoch"),
            num_updates: number("num_updates"),
        }
    }

    /// Writes the version into a CIB.
    pub fn store(self, cib: &mut Tree) {
        let root = cib.root_id();
        cib.set_attr(root, "admin_epoch", self.admin_epoch.to_string());
        cib.set_attr(root, "epoch", self.epoch.to_string());
        cib.set_attr(root, "num_updates", self.num_updates.to_string());
    }
}

impl fmt::Display for CibVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.admin_epoch, self.epoch, self.num_updates)
    }
}
