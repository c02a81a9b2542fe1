//! Clones, also in the old form `<master>`.

use crate::boolean;
use crate::cib::Cib;
use crate::names;
use crate::nvset::{self, NvSetKind};
use crate::resource::Resource;
use crate::view::view;

view! {
    /// Several instances of one resource: `<clone>`, or `<master>` before Pacemaker 2.
    Clone(names::CLONE | names::MASTER) {
        /// Returns the description.
        description = names::DESCRIPTION;
    }
}

impl<'a> Clone<'a> {
    /// Returns what is cloned: a primitive or a group.
    pub fn inner(self) -> Option<Resource<'a>> {
        self.0.children().find_map(Resource::cast)
    }

    /// Returns true for the old form.
    pub fn is_master(self) -> bool {
        self.0.name() == names::MASTER
    }

    /// Returns true where instances can be promoted: the old form, or a clone whose own
    /// meta-attribute `promotable` says so (sets with rules are not asked).
    pub fn is_promotable(self, cib: &'a Cib) -> bool {
        self.is_master()
            || nvset::plain_value(cib, self.0, NvSetKind::MetaAttributes, "promotable")
                .and_then(boolean::parse)
                .unwrap_or(false)
    }
}
