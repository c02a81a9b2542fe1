//! Members of a container that is given as XML.
//!
//! A listing shows a container that the language cannot say as `xml …` with its members in it, and
//! each member by itself too. Read back, each is one resource: the one that the container holds.
//!
//! **Source:** crmsh `CibContainer`, whose children are objects found by their ids (cibconfig.py).
//! **Differs:** a member that is no object yet is made; crm says that it is missing. Where the
//! container says otherwise of one that is there, a warning tells that this counts from now on.

use std::collections::HashMap;

use cib_model::xml::{ElementRef, Tree, XmlId};

use super::Editor;
use super::create::Ready;
use crate::diag::{Code, Diagnostic, Severity};
use crate::lower::MEMBER;
use crate::objects::is_member;
use crate::representable::is_unchanged;

/// What a container that is given as XML says of members that are there already, by their ids.
pub(super) type Given = HashMap<String, Tree>;

impl Editor<'_> {
    /// Puts names in the place of members that are resources already, and keeps what was said of
    /// them.
    ///
    /// # Errors
    /// A member has a resource in it that stands elsewhere.
    pub(super) fn name_members(&mut self, ready: &mut Ready) -> Result<(), Diagnostic> {
        let Some(given) = ready.given.as_mut().filter(|_| ready.kind.is_container()) else {
            return Ok(());
        };
        let members = ready.tree.root().children().filter(|child| is_member(*child));
        let members: Vec<XmlId> = members.map(ElementRef::xml_id).collect();
        for at in members {
            let Some(member) = ready.tree.element(at) else { continue };
            let there = member.id().and_then(|id| self.index.resource(id));
            self.check_inside(member, there)?;
            let (Some(id), Some(_)) = (member.id().map(str::to_owned), there) else { continue };
            let mut said = Tree::new("");
            said.append_copy(said.root_id(), member);
            given.insert(id.clone(), said);
            put_name(&mut ready.tree, at, id);
        }
        Ok(())
    }

    /// Checks that what stands inside a member is new, or inside of the same one that is there.
    fn check_inside(&self, member: ElementRef<'_>, there: Option<XmlId>) -> Result<(), Diagnostic> {
        for id in member.descendants().skip(1).filter(|e| is_member(*e)).filter_map(ElementRef::id)
        {
            let inner = self.index.resource(id).and_then(|at| self.element(at));
            let Some(inner) = inner else { continue };
            let holder = inner.parent().map(ElementRef::xml_id);
            if there.is_none() || holder != there {
                let member = member.id().unwrap_or_default();
                let message = format!("{id} is a resource already, and does not stand in {member}");
                return Err(Diagnostic::error(Code::IdInUse, message).about(id));
            }
        }
        Ok(())
    }

    /// Gives the members of a container that stands in the CIB and was given as XML what was said of
    /// them, and makes the new ones known.
    pub(super) fn settle_members(&mut self, container: XmlId, given: Option<Given>) {
        let (Some(mut given), Some(element)) = (given, self.element(container)) else { return };
        let named = element.id().unwrap_or_default().to_owned();
        let members: Vec<XmlId> =
            element.children().filter(|e| is_member(*e)).map(ElementRef::xml_id).collect();
        for at in members {
            let Some(member) = self.element(at) else { continue };
            let id = member.id().unwrap_or_default();
            if let Some(given) = given.remove(id) {
                let Some(given) = given.root().children().next() else { continue };
                if !is_unchanged(member, given) {
                    let message = format!("{id} is from now on what {named} says of it");
                    let warning = Diagnostic::new(Code::Duplicate, Severity::Warning, message);
                    self.notes.push(warning.about(id));
                }
                self.exchange(at, given);
            } else if self.index.resource(id) != Some(at) {
                self.index_with_members(at);
            }
        }
    }

    /// Puts another element in the place of a resource.
    fn exchange(&mut self, old: XmlId, new: ElementRef<'_>) {
        let Some(element) = self.cib.tree().element(old) else { return };
        let Some(parent) = element.parent() else { return };
        let position = parent.child_ids().iter().position(|id| *id == old);
        let parent = parent.xml_id();
        self.index.ids.remove_all(element);
        for member in element.descendants().filter(|e| is_member(*e)) {
            self.index.remove(member);
        }
        let tree = self.cib.tree_mut();
        let at = tree.insert_copy(parent, position.unwrap_or(usize::MAX), new);
        tree.detach(old);
        self.index_with_members(at);
    }

    fn index_with_members(&mut self, at: XmlId) {
        let Some(element) = self.cib.tree().element(at) else { return };
        self.index.ids.add_all(element);
        for member in element.descendants().filter(|e| is_member(*e)) {
            self.index.add(member);
        }
    }
}

/// Puts a member's name in its place.
fn put_name(tree: &mut Tree, member: XmlId, id: String) {
    let root = tree.root_id();
    let position = tree.root().child_ids().iter().position(|child| *child == member);
    let name = tree.insert(root, position.unwrap_or(usize::MAX), MEMBER);
    tree.set_attr(name, "id", id);
    tree.detach(member);
}
