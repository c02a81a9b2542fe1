//! The operations of a resource that has many, by name and interval.

use rustc_hash::FxHashMap;

use cib_model::xml::{ElementRef, XmlId};
use cib_model::{boolean, interval};

/// Returns true where `op` is not disabled.
pub(crate) fn is_enabled(op: ElementRef<'_>) -> bool {
    op.attr("enabled").and_then(boolean::parse) != Some(false)
}

/// Returns how often `op` recurs, ms.
pub(crate) fn op_interval(op: ElementRef<'_>) -> u32 {
    interval::interval_ms(op.attr("interval"))
}

/// Resources of fewer operations are asked one by one.
const LONG: usize = 16;

/// What there is of one name and interval.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SameOps {
    /// The first `<op>` in document order.
    pub(crate) first: XmlId,
    /// The first that is not disabled.
    pub(crate) enabled: Option<XmlId>,
    /// How many have an id.
    pub(crate) with_id: usize,
}

/// Operations by name and interval (ms).
#[derive(Clone, Debug, Default)]
pub(crate) struct OpTable {
    by_name: FxHashMap<Box<str>, FxHashMap<u32, SameOps>>,
}

impl OpTable {
    /// Makes a table of `<operations>`; `None` where they are few.
    pub(crate) fn of(operations: ElementRef<'_>) -> Option<OpTable> {
        operations.children_named("op").nth(LONG)?;
        let mut table = OpTable::default();
        for op in operations.children_named("op") {
            let Some(name) = op.attr("name") else { continue };
            let same = table.by_name.entry(name.into()).or_default().entry(op_interval(op));
            let at = op.xml_id();
            let same = same.or_insert(SameOps { first: at, enabled: None, with_id: 0 });
            same.enabled = same.enabled.or(is_enabled(op).then_some(at));
            same.with_id += usize::from(op.id().is_some());
        }
        Some(table)
    }

    /// Returns what there is of a name and interval.
    pub(crate) fn get(&self, name: &str, interval_ms: u32) -> Option<SameOps> {
        self.by_name.get(name)?.get(&interval_ms).copied()
    }
}
