//! Monitor operations that are added to a primitive one by one.

use std::collections::HashSet;

use cib_model::interval::crm_msec;
use cib_model::xml::{ElementRef, XmlId};

use super::Editor;
use super::create::{put_comments_first, refusal};
use crate::ast::Monitor;
use crate::diag::{Code, Diagnostic};
use crate::kind::{ObjectKind, is_valid_id};
use crate::lower::ids::fill;
use crate::style::Style;
use crate::text::Statement;

/// The monitors of the primitive that was given one last: mostly the next is for it too.
#[derive(Debug)]
pub(super) struct Monitors {
    primitive: XmlId,
    /// How many operations and comments the primitive had when it was looked at.
    ops: usize,
    count: usize,
    /// In ms; `None` for what is no interval.
    intervals: HashSet<Option<i64>>,
}

impl Monitors {
    fn of(primitive: ElementRef<'_>) -> Self {
        let at = primitive.xml_id();
        let mut found = Monitors { primitive: at, ops: 0, count: 0, intervals: HashSet::new() };
        for list in primitive.children_named("operations") {
            list.children().for_each(|op| found.add(op));
            found.ops += list.child_ids().len();
        }
        found
    }

    fn add(&mut self, op: ElementRef<'_>) {
        if op.attr("name") == Some("monitor") {
            self.count += 1;
            self.intervals.insert(op.attr("interval").and_then(crm_msec));
        }
    }

    fn are_of(&self, primitive: ElementRef<'_>) -> bool {
        let lists = primitive.children_named("operations");
        let ops: usize = lists.map(|list| list.child_ids().len()).sum();
        self.primitive == primitive.xml_id() && self.ops == ops
    }
}

impl Editor<'_> {
    /// Adds a monitor operation to a primitive.
    pub(super) fn add_monitor(
        &mut self,
        monitor: &Monitor,
        statement: &Statement,
    ) -> Result<(), Diagnostic> {
        let Some(primitive) = self.index.resource(&monitor.rsc) else {
            let message = format!("object {} does not exist", monitor.rsc);
            return Err(Diagnostic::error(Code::NoSuchObject, message));
        };
        if self.kind(primitive) != Some(ObjectKind::Primitive) {
            let message = format!("{} is not a primitive", monitor.rsc);
            return Err(Diagnostic::error(Code::Child, message));
        }
        let interval = (!monitor.interval.is_empty()).then_some(monitor.interval.as_str());
        if self.has_monitor(primitive, interval) {
            let message = format!(
                "{} already has a monitor op with interval {}",
                monitor.rsc,
                interval.unwrap_or("None")
            );
            return Err(Diagnostic::error(Code::IdInUse, message));
        }
        let wanted = match interval {
            None if self.style == Style::Modern => format!("{}-monitor", monitor.rsc),
            _ => format!("{}-monitor-{}", monitor.rsc, monitor.interval),
        };
        if !is_valid_id(&wanted) {
            let message = format!("{wanted}: invalid object id");
            return Err(Diagnostic::error(Code::InvalidId, message));
        }
        let told = self.notes.len();
        let tree = self.lower(&statement.object).map_err(|e| refusal(e, statement));
        for note in self.notes.split_off(told) {
            self.notes.push(note.at_statement(statement));
        }
        let mut tree = tree?;
        let id = tree.root_id();
        let unused = self.index.ids.free(wanted);
        tree.set_attr(id, "id", unused);
        fill(&mut tree, None, self.style, &self.index.ids);
        self.index.ids.add_all(tree.root());
        let operations = self
            .element(primitive)
            .and_then(|element| element.child("operations"))
            .map(ElementRef::xml_id);
        let cib = self.cib.tree_mut();
        let operations = operations.unwrap_or_else(|| cib.append(primitive, "operations"));
        let made = cib.append_copy(operations, tree.root());
        put_comments_first(cib, primitive, &statement.comments);
        if let (Some(known), Some(op)) = (&mut self.monitors, self.cib.tree().element(made)) {
            known.add(op);
            known.ops += 1;
        }
        Ok(())
    }

    /// Returns true where a primitive has a monitor operation as often as `interval` says: `10` and `10s`
    /// are the same, and so are all that crm cannot read. Without an interval the only one that is
    /// there counts, or else one with 0.
    ///
    /// **Source:** crmsh `find_operation()` (xmlutil.py).
    fn has_monitor(&mut self, primitive: XmlId, interval: Option<&str>) -> bool {
        let Some(element) = self.cib.tree().element(primitive) else { return false };
        let known = self.monitors.take().filter(|known| known.are_of(element));
        let known = self.monitors.insert(known.unwrap_or_else(|| Monitors::of(element)));
        let wanted = crm_msec(interval.unwrap_or("0"));
        interval.is_none() && known.count == 1 || known.intervals.contains(&wanted)
    }
}
