//! Fencing levels: which devices, in which order, for which node.

use crate::cib::Cib;
use crate::names;
use crate::view::view;

view! {
    /// One level: `<fencing-level>`.
    FencingLevel(names::FENCING_LEVEL) {
        /// Returns the node's name.
        target = names::TARGET;
        /// Returns the pattern of node names.
        target_pattern = names::TARGET_PATTERN;
        /// Returns the node attribute that picks nodes…
        target_attribute = names::TARGET_ATTRIBUTE;
        /// Returns … and the value it must have.
        target_value = names::TARGET_VALUE;
        /// Returns the level's number as written (1 to 9).
        index_text = names::INDEX;
        /// Returns the devices as written, separated by commas.
        devices_text = names::DEVICES;
    }
}

impl<'a> FencingLevel<'a> {
    /// Returns the level's number; `None` where missing or unreadable.
    pub fn index(self) -> Option<u32> {
        self.index_text()?.trim().parse().ok()
    }

    /// Returns the devices' ids in order.
    pub fn devices(self) -> impl Iterator<Item = &'a str> {
        self.devices_text().unwrap_or_default().split(',').map(str::trim).filter(|d| !d.is_empty())
    }
}

impl Cib {
    /// Returns the fencing levels in document order.
    pub fn fencing_levels(&self) -> impl Iterator<Item = FencingLevel<'_>> {
        self.fencing_topology()
            .into_iter()
            .flat_map(|s| s.children().filter_map(FencingLevel::cast))
    }
}
