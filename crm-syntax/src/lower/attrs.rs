//! Sets of pairs.

use cib_model::xml::{Tree, XmlId};

use super::{Lower, root, set_some};
use crate::ast::{AttrSet, Pair, PropertyItem, PropertySet};

impl Lower<'_> {
    /// Appends a set to `parent`.
    pub(super) fn set(&mut self, tree: &mut Tree, parent: XmlId, set: &AttrSet) {
        let element = tree.append(parent, set.kind.tag());
        if let Some(id_ref) = &set.id_ref {
            let id_ref = self.resolve(set.kind.tag(), id_ref);
            tree.set_attr(element, "id-ref", id_ref);
            return;
        }
        set_some(tree, element, "id", set.id.as_deref().filter(|id| !id.is_empty()));
        set_some(tree, element, "score", set.score.as_deref());
        for rule in &set.rules {
            self.rule(tree, element, rule);
        }
        for pair in &set.pairs {
            self.pair(tree, element, pair);
        }
    }

    /// Appends an nvpair to `parent`.
    pub(super) fn pair(&mut self, tree: &mut Tree, parent: XmlId, pair: &Pair) {
        let element = tree.append(parent, "nvpair");
        match pair {
            Pair::Ref { id_ref, name } => {
                let id_ref = self.resolve("nvpair", id_ref);
                tree.set_attr(element, "id-ref", id_ref);
                set_some(tree, element, "name", name.as_deref());
            }
            Pair::Value { id, name, value } => {
                set_some(tree, element, "id", id.as_deref());
                tree.set_attr(element, "name", name.as_str());
                if let Some(value) = value {
                    let value = self.pair_value(name, value);
                    tree.set_attr(element, "value", value);
                }
                if id.is_none() {
                    // filled in later: an attribute that is added then moves the others
                    tree.set_attr(element, "id", "");
                }
            }
        }
    }

    /// Converts the value where it is a role.
    pub(super) fn pair_value(&mut self, name: &str, value: &str) -> String {
        if matches!(name, "role" | "target-role") { self.role(value) } else { value.to_owned() }
    }

    pub(super) fn property(&mut self, set: &PropertySet) -> Tree {
        let (mut tree, top) = root(set.kind.tag(), &[]);
        if let Some(id_ref) = &set.id_ref {
            let id_ref = self.resolve(set.kind.tag(), id_ref);
            tree.set_attr(top, "id-ref", id_ref);
        }
        let id = set.id.as_deref().unwrap_or(set.kind.default_id());
        tree.set_attr(top, "id", id);
        for item in &set.items {
            match item {
                PropertyItem::Rule(rule) => self.rule(&mut tree, top, rule),
                PropertyItem::Pair(pair) => self.pair(&mut tree, top, pair),
            }
        }
        tree
    }
}
