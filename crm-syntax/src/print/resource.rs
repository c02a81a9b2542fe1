//! Nodes and resources.

use super::{Layout, Printer};
use crate::ast::{
    Agent, BodyItem, Bundle, BundleItem, Clone, CloneKind, Container, Group, Node, Op, Operations,
    Pair, Primitive, PrimitiveKind, SetKind,
};
use crate::style::{Release, Style};

impl Printer<'_> {
    pub(super) fn node(&self, node: &Node) -> Vec<String> {
        let mut head = "node ".to_owned();
        if let Some(id) = &node.id {
            head.push_str(&self.words.head_id(id));
            head.push(' ');
        }
        head.push_str(&node.uname);
        if let Some(node_type) = &node.node_type {
            head.push(':');
            head.push_str(node_type);
        }
        let mut lines = vec![head];
        lines.extend(self.description(node.description.as_ref()));
        lines.extend(node.sets.iter().map(|set| match set.kind {
            SetKind::Instance => self.set("attributes", set),
            _ => self.resource_set(set),
        }));
        lines
    }

    pub(super) fn primitive(&self, primitive: &Primitive) -> Vec<String> {
        let keyword = match primitive.kind {
            PrimitiveKind::Primitive => "primitive",
            PrimitiveKind::Template => "rsc_template",
        };
        let mut lines = vec![match &primitive.agent {
            Agent::Template(name) => format!("{keyword} {} @{name}", primitive.id),
            Agent::Name(name) => format!("{keyword} {} {name}", primitive.id),
        }];
        lines.extend(self.description(primitive.description.as_ref()));
        for item in &primitive.body {
            match item {
                BodyItem::Set(set) => lines.push(self.resource_set(set)),
                BodyItem::Operations(operations) => self.operations(&mut lines, operations),
            }
        }
        lines
    }

    fn operations(&self, lines: &mut Vec<String>, operations: &Operations) {
        match (&operations.id, &operations.id_ref) {
            (None, None) => {}
            (Some(id), None) => {
                lines.push(format!("operations {}", self.words.assign("$id", id)));
            }
            (id, Some(id_ref)) => {
                // COMPAT(crmsh): two blanks stand before a reference that stands alone
                let id = id.as_ref().map(|id| self.words.assign("$id", id)).unwrap_or_default();
                let id_ref = self.words.assign("$id-ref", id_ref);
                lines.push(format!("operations {id} {id_ref}"));
            }
        }
        for op in &operations.ops {
            self.op(lines, op);
        }
    }

    fn op(&self, lines: &mut Vec<String>, op: &Op) {
        let parts = op.pairs.iter().map(|pair| self.attribute(pair));
        let head: Vec<String> = std::iter::once(format!("op {}", op.name)).chain(parts).collect();
        lines.push(head.join(" "));
        lines.extend(self.description(op.description.as_ref()));
        lines.extend(op.sets.iter().map(|set| match set.kind {
            SetKind::Instance => self.set("op_params", set),
            SetKind::Meta => self.set("op_meta", set),
            SetKind::Utilization => self.set("utilization", set),
        }));
    }

    pub(super) fn group(&self, group: &Group) -> Vec<String> {
        let mut lines = vec![format!("group {} {}", group.id, group.members.join(" "))];
        lines.extend(self.description(group.description.as_ref()));
        lines.extend(group.sets.iter().map(|set| self.resource_set(set)));
        lines
    }

    pub(super) fn clone_resource(&self, clone: &Clone) -> Vec<String> {
        let keyword = match clone.kind {
            CloneKind::Clone => "clone",
            CloneKind::Ms => "ms",
        };
        let mut lines = vec![format!("{keyword} {} {}", clone.id, clone.members.join(" "))];
        lines.extend(self.description(clone.description.as_ref()));
        lines.extend(clone.sets.iter().map(|set| self.resource_set(set)));
        lines
    }

    pub(super) fn bundle(&self, bundle: &Bundle, layout: Layout) -> Vec<String> {
        let mut lines = vec![format!("bundle {}", bundle.id)];
        lines.extend(self.description(bundle.description.as_ref()));
        lines.extend(bundle.items.iter().map(|item| match item {
            BundleItem::Container(part) => self.container(part, layout),
            BundleItem::Primitive(id) => format!("primitive {id}"),
            BundleItem::Set(set) => self.resource_set(set),
        }));
        lines
    }

    fn container(&self, part: &Container, layout: Layout) -> String {
        if self.release == Release::Five && self.style == Style::Modern {
            return self.broken_container(part, layout);
        }
        let mut words = vec![part.tag.clone()];
        words.extend(part.pairs.iter().map(|pair| self.attribute(pair)));
        for (tag, pairs) in &part.mappings {
            words.push(tag.clone());
            words.extend(pairs.iter().map(|pair| self.attribute(pair)));
        }
        words.join(" ")
    }

    /// A part as crm 5 shows it: what follows the first attribute of a container, and each mapping,
    /// on lines of their own; the ids of mappings are left out.
    ///
    /// **Source:** crmsh 5.1 `cibconfig.py`, `_attr_set_str()`.
    fn broken_container(&self, part: &Container, layout: Layout) -> String {
        let joint = if layout == Layout::Broken { " \\\n\t\t" } else { " " };
        let mut pairs: Vec<&Pair> = part.pairs.iter().collect();
        pairs.sort_by_key(|pair| pair.name() != Some("image"));
        let pairs: Vec<String> = pairs.into_iter().map(|pair| self.attribute(pair)).collect();
        let mut text = part.tag.clone();
        let between = if matches!(part.tag.as_str(), "network" | "storage") { " " } else { joint };
        if !pairs.is_empty() {
            text = format!("{text} {}", pairs.join(between));
        }
        for (tag, pairs) in &part.mappings {
            let shown = pairs.iter().filter(|pair| pair.name() != Some("id"));
            let words: Vec<String> = std::iter::once(tag.clone())
                .chain(shown.map(|pair| self.attribute(pair)))
                .collect();
            text = format!("{text}{joint}{}", words.join(" "));
        }
        text
    }
}
