//! Deleting objects, with what hangs on them.
//!
//! **Source:** crmsh `delete()`, `_remove_obj()`, `erase()` (cibconfig.py).

use std::collections::{HashMap, HashSet};

use cib_model::cib::Section;
use cib_model::xml::{ElementRef, XmlId};

use super::reference::is_pointless;
use super::{Editor, Outcome, label};
use crate::diag::{Code, Diagnostic};
use crate::kind::{Namespace, ObjectKind, object_id};
use crate::objects::{is_member, objects};
use crate::style::Style;

impl Editor<'_> {
    /// Deletes objects by id.
    ///
    /// A container goes with its only member; other members stay and take over its constraints.
    /// Constraints and tags that have nothing left to name go too, and so do the primitives of a
    /// template.
    ///
    /// # Errors
    /// `object X does not exist`; nothing is deleted then.
    pub fn delete(&mut self, ids: &[String]) -> Outcome {
        let mut found: Vec<XmlId> = Vec::new();
        let mut seen = HashSet::new();
        let mut templates = HashMap::new();
        for id in ids {
            let Some(at) = self.find(id) else {
                let message = format!("object {id} does not exist");
                let error = Diagnostic::error(Code::NoSuchObject, message).about(id.as_str());
                self.notes.push(error);
                continue;
            };
            if self.kind(at) == Some(ObjectKind::Template) {
                let number = templates.len();
                templates.entry(id.as_str()).or_insert(number);
            }
            if seen.insert(at) {
                found.push(at);
            }
        }
        if !self.notes.is_empty() {
            return Err(std::mem::take(&mut self.notes));
        }
        let hanging = self.primitives_of(&templates, &ids.iter().map(String::as_str).collect());
        for primitive in &hanging {
            let title = self.label(*primitive);
            self.note(format!("hanging {title} deleted"));
        }
        found.extend(hanging);
        self.delete_elements(&found);
        self.finish()
    }

    /// Deletes everything but the nodes. Returns crm's notes on constraints that changed on the
    /// way.
    pub fn erase(&mut self) -> Vec<Diagnostic> {
        self.is_quiet = true;
        let Some(configuration) = self.cib.configuration() else { return Vec::new() };
        let has_members = |e: ElementRef<'_>| {
            ObjectKind::of(e).is_some_and(ObjectKind::is_container)
                && e.children().any(|c| is_member(c))
        };
        let mut bottom: Vec<(u8, XmlId)> = objects(configuration)
            .filter(|element| element.name() != "node" && !has_members(*element))
            .filter_map(|element| Some((ObjectKind::of(element)?, element.xml_id())))
            .filter(|(kind, _)| !kind.is_constraint())
            .map(|(kind, at)| (kind.rank(self.style), at))
            .collect();
        bottom.sort_unstable();
        for (_, at) in bottom {
            self.delete_with_container(at);
        }
        self.shrink_all();
        // what is left names nothing that was there
        let Some(configuration) = self.cib.configuration() else { return Vec::new() };
        let left: Vec<XmlId> = objects(configuration)
            .filter(|element| element.name() != "node")
            .map(ElementRef::xml_id)
            .collect();
        for at in left.into_iter().rev() {
            self.unindex(at);
            self.cib.tree_mut().detach(at);
        }
        self.is_quiet = false;
        std::mem::take(&mut self.notes)
    }

    /// Deletes all nodes.
    pub fn erase_nodes(&mut self) {
        let nodes: Vec<XmlId> = self
            .cib
            .nodes()
            .into_iter()
            .flat_map(|nodes| nodes.children_named("node"))
            .map(ElementRef::xml_id)
            .collect();
        for at in nodes {
            self.unindex(at);
            self.cib.tree_mut().detach(at);
        }
    }

    /// Returns the primitives of templates, but for some, by the templates' numbers.
    fn primitives_of(&self, templates: &HashMap<&str, usize>, but: &HashSet<&str>) -> Vec<XmlId> {
        let configuration = self.cib.configuration().filter(|_| !templates.is_empty());
        let mut found: Vec<(usize, XmlId)> = configuration
            .into_iter()
            .flat_map(objects)
            .filter(|e| e.name() == "primitive" && !e.id().is_some_and(|id| but.contains(id)))
            .filter_map(|e| Some((*templates.get(e.attr("template")?)?, e.xml_id())))
            .collect();
        found.sort_by_key(|(number, _)| *number);
        found.into_iter().map(|(_, at)| at).collect()
    }

    /// Deletes elements from the end of the display order to its start.
    pub(super) fn delete_elements(&mut self, found: &[XmlId]) {
        let mut found: Vec<(u8, String, XmlId)> = found
            .iter()
            .filter_map(|at| {
                let element = self.element(*at)?;
                let rank = ObjectKind::of(element)?.rank(Style::Modern);
                Some((rank, object_id(element)?.to_owned(), *at))
            })
            .collect();
        found.sort();
        for (_, _, at) in found.into_iter().rev() {
            self.delete_with_container(at);
        }
        self.shrink_all();
    }

    /// Deletes an object, and its container before it where it is the only member.
    fn delete_with_container(&mut self, at: XmlId) {
        let Some(parent) = self.element(at).and_then(ElementRef::parent) else { return };
        let is_container = ObjectKind::of(parent).is_some_and(ObjectKind::is_container);
        if is_container && parent.children().filter(|c| is_member(*c)).nth(1).is_none() {
            self.delete_with_container(parent.xml_id());
        }
        self.remove(at);
    }

    /// Removes one object and what hangs on it.
    fn remove(&mut self, at: XmlId) {
        let Some(element) = self.element(at) else { return };
        let Some(id) = object_id(element).map(str::to_owned) else { return };
        let kind = ObjectKind::of(element);
        let members: Vec<XmlId> = element
            .children()
            .filter(|child| kind.is_some_and(ObjectKind::is_container) && is_member(*child))
            .map(ElementRef::xml_id)
            .collect();
        for member in &members {
            self.move_to_top(*member);
        }
        self.unindex(at);
        self.cib.tree_mut().detach(at);
        if kind.is_some_and(|kind| kind.namespace() == Namespace::Objects) {
            self.leave_tags(&id);
        }
        if kind.is_some_and(ObjectKind::is_resource) {
            let heir = members.first().and_then(|m| self.element(*m)).and_then(ElementRef::id);
            let heir = heir.map(str::to_owned);
            self.leave_constraints(&id, heir.as_deref());
        }
    }

    /// Moves a member resource out of its container to the end of the resources.
    pub(super) fn move_to_top(&mut self, member: XmlId) {
        let resources = self.cib.ensure_section(Section::Resources);
        self.cib.tree_mut().attach(resources, usize::MAX, member);
    }

    /// Takes an id out of the tags that hold it. A tag that holds nothing any more goes, out of the
    /// tags that hold it too, the innermost last.
    fn leave_tags(&mut self, id: &str) {
        let mut path = vec![(id.to_owned(), String::new(), self.index.tags(id).into_iter())];
        while let Some((id, _, tags)) = path.last_mut() {
            let Some(tag) = tags.next() else {
                let title = path.pop().map(|(_, title, _)| title).unwrap_or_default();
                if !path.is_empty() {
                    self.note_hanging(&title);
                }
                continue;
            };
            // it may have gone with another that held it
            if self.cib.tree().parent_of(tag).is_none() {
                continue;
            }
            let id = id.clone();
            self.leave_tag(tag, &id);
            let Some(element) = self.cib.tree().element(tag) else { continue };
            if element.children_named("obj_ref").next().is_none() {
                let (id, title) = (element.id().unwrap_or_default().to_owned(), label(element));
                self.unindex(tag);
                self.cib.tree_mut().detach(tag);
                let tags = self.index.tags(&id).into_iter();
                path.push((id, title, tags));
            }
        }
    }

    fn leave_tag(&mut self, tag: XmlId, id: &str) {
        if self.forgets_later(tag, id) {
            return;
        }
        let Some(element) = self.cib.tree().element(tag) else { return };
        self.index.remove(element);
        let own: Vec<XmlId> =
            element.children().filter(|c| c.id() == Some(id)).map(ElementRef::xml_id).collect();
        for child in own {
            self.cib.tree_mut().detach(child);
        }
        if let Some(element) = self.cib.tree().element(tag) {
            self.index.add(element);
        }
    }

    fn note_hanging(&mut self, title: &str) {
        if !self.is_quiet {
            self.note(format!("hanging {title} deleted"));
        }
    }

    fn leave_constraints(&mut self, id: &str, heir: Option<&str>) {
        for constraint in self.constraints_of(id) {
            let Some(element) = self.element(constraint) else { continue };
            let title = label(element);
            let is_simple = element.child("resource_set").is_none();
            if is_simple && let Some(heir) = heir {
                self.rename_reference(constraint, id, heir);
            }
            if self.forgets_later(constraint, id) {
                self.note(format!("constraint {title} updated"));
                continue;
            }
            let (constraint, deleted) = self.delete_reference(constraint, id);
            let Some(element) = self.element(constraint) else { continue };
            if is_pointless(element, id) {
                self.remove(constraint);
                self.note_hanging(&title);
            } else if deleted {
                self.note(format!("constraint {title} updated"));
            }
        }
    }
}
