//! Renaming an object, with everything that names it.
//!
//! **Source:** crmsh `rename()` (cibconfig.py).
//! **Differs:** tags, templates, fencing levels and roles follow too; crm leaves them naming nothing.

use std::collections::BTreeSet;

use cib_model::validate::refs::referrers;
use cib_model::xml::{ElementRef, XmlId};

use super::{Editor, Outcome};
use crate::diag::{Code, Diagnostic};
use crate::kind::{Namespace, is_valid_id};

impl Editor<'_> {
    /// Gives an object a new id. The ids of its parts stay.
    ///
    /// # Errors
    /// `X: id is already in use`, `object X does not exist`, `X: invalid object id`; nodes and the
    /// fencing topology cannot be renamed. Nothing is changed then.
    pub fn rename(&mut self, old: &str, new: &str) -> Outcome {
        if self.index.ids.is_used(new) || self.index.get(Namespace::Users, new).is_some() {
            let message = format!("{new}: id is already in use");
            return self.refuse(Diagnostic::error(Code::IdInUse, message).about(new));
        }
        let Some(at) = self.find(old) else {
            let message = format!("object {old} does not exist");
            return self.refuse(Diagnostic::error(Code::NoSuchObject, message).about(old));
        };
        let tag = self.element(at).map_or("", ElementRef::name);
        if matches!(tag, "node" | "fencing-topology") {
            let what = if tag == "node" { "nodes" } else { "fencing_topology" };
            let message = format!("cannot rename {what}");
            return self.refuse(Diagnostic::error(Code::Child, message).about(old));
        }
        if !is_valid_id(new) {
            let message = format!("{new}: invalid object id");
            return self.refuse(Diagnostic::error(Code::InvalidId, message).about(new));
        }
        // a user is named nowhere else
        let is_named = Namespace::of(tag) == Namespace::Objects;
        if is_named {
            for constraint in self.constraints_of(old) {
                self.rename_reference(constraint, old, new);
            }
        }
        self.unindex(at);
        self.cib.tree_mut().set_attr(at, "id", new);
        if let Some(element) = self.cib.tree().element(at) {
            self.index.ids.add_all_but_members(element);
            self.index.add(element);
        }
        if is_named {
            self.rename_elsewhere(old, new);
        }
        self.finish()
    }

    /// Renames what tags, templated primitives, fencing levels, rights and references by id name.
    fn rename_elsewhere(&mut self, old: &str, new: &str) {
        for tag in self.index.tags(old) {
            let Some(element) = self.cib.tree().element(tag) else { continue };
            self.index.remove(element);
            let own: Vec<XmlId> = element
                .children()
                .filter(|child| child.id() == Some(old))
                .map(ElementRef::xml_id)
                .collect();
            for child in own {
                self.cib.tree_mut().set_attr(child, "id", new);
            }
            if let Some(element) = self.cib.tree().element(tag) {
                self.index.add(element);
            }
        }
        let named: BTreeSet<(XmlId, &str)> = referrers(self.cib, old)
            .into_iter()
            .map(|found| (found.from.xml_id, found.attr))
            .collect();
        for (at, attribute) in named {
            let Some(value) = self.element(at).and_then(|element| element.attr(attribute)) else {
                continue;
            };
            // Of fencing devices there may be several.
            let names: Vec<&str> =
                value.split(',').map(|name| if name == old { new } else { name }).collect();
            let value = names.join(",");
            self.cib.tree_mut().set_attr(at, attribute, value);
        }
    }
}
