//! Constraints that name a resource: following it into a container, to another id, or away.
//!
//! **Source:** crmsh `rename_rscref()`, `delete_rscref()`, `silly_constraint()` (xmlutil.py).

use std::collections::{BTreeMap, HashMap, HashSet};

use cib_model::xml::{ElementRef, XmlId};

use super::lists::is_long;
use super::{Editor, label};
use crate::ast::{Colocation, Members, Object};
use crate::lower::ids::fill;
use crate::objects::{REFERENCES, is_member, references, set_members};
use crate::style::Style;
use crate::text::{Mode, parse};

impl Editor<'_> {
    /// Lets the constraints of a container's members name the container instead.
    pub(super) fn redirect_constraints(&mut self, container: XmlId) {
        let Some(element) = self.element(container) else { return };
        let Some(id) = element.id().map(str::to_owned) else { return };
        let members: Vec<String> = element
            .children()
            .filter(|child| is_member(*child))
            .filter_map(|child| child.id().map(str::to_owned))
            .collect();
        // long lists take all of them over together
        let mut long: BTreeMap<XmlId, HashSet<&str>> = BTreeMap::new();
        for member in &members {
            for constraint in self.constraints_of(member) {
                let Some(element) = self.element(constraint) else { continue };
                if long.contains_key(&constraint) || is_long(element) {
                    self.note_renamed(&label(element), member, &id);
                    long.entry(constraint).or_default().insert(member);
                } else {
                    self.rename_reference(constraint, member, &id);
                }
            }
        }
        for (constraint, names) in long {
            self.rename_references(constraint, |name| names.contains(name), &id);
        }
        for constraint in self.constraints_of(&id) {
            if self.element(constraint).is_some_and(|c| is_pointless(c, &id)) {
                self.drop_silently(constraint);
            }
        }
    }

    /// Returns the constraints that name a resource, in crm's order of kinds.
    pub(super) fn constraints_of(&self, rsc: &str) -> Vec<XmlId> {
        let mut found = self.index.constraints(rsc);
        found.sort_by_key(|at| self.kind(*at).map(|kind| kind.rank(self.style)));
        found
    }

    /// Takes a constraint out without a word.
    fn drop_silently(&mut self, at: XmlId) {
        self.unindex(at);
        self.cib.tree_mut().detach(at);
    }

    /// Lets a constraint name `new` where it names `old`, with crm's note.
    pub(super) fn rename_reference(&mut self, constraint: XmlId, old: &str, new: &str) {
        let Some(element) = self.element(constraint) else { return };
        if names_in(element, |name| name == old).is_empty() {
            return;
        }
        self.note_renamed(&label(element), old, new);
        self.rename_references(constraint, |name| name == old, new);
    }

    fn note_renamed(&mut self, title: &str, old: &str, new: &str) {
        self.note(match self.style {
            Style::Modern => format!("modified {title} from {old} to {new}"),
            Style::Classic => format!("resource references in {title} updated"),
        });
    }

    fn rename_references(&mut self, constraint: XmlId, is_old: impl Fn(&str) -> bool, new: &str) {
        let Some(element) = self.element(constraint) else { return };
        let named = names_in(element, &is_old);
        let kept = references(element).filter(|name| !is_old(name) && *name != new);
        let has_words = self.may_become_simple(element, kept.collect::<HashSet<_>>().len() + 1);
        self.index_constraint(constraint, false);
        let tree = self.cib.tree_mut();
        for (at, attribute) in named {
            tree.set_attr(at, attribute, new);
        }
        self.drop_repeated(constraint);
        self.index_constraint(constraint, true);
        self.simplify(constraint, has_words);
    }

    /// Returns true for a constraint of sets that has words, where two names are left in it. Others
    /// are not asked for their words, which takes a look at the whole CIB.
    fn may_become_simple(&self, element: ElementRef<'_>, left: usize) -> bool {
        left == 2 && has_sets(element) && self.has_words(element)
    }

    fn index_constraint(&mut self, at: XmlId, add: bool) {
        let Some(element) = self.cib.tree().element(at) else { return };
        if add { self.index.add(element) } else { self.index.remove(element) }
    }

    /// Drops all but the last mention of each resource in resource sets.
    fn drop_repeated(&mut self, constraint: XmlId) {
        let Some(element) = self.element(constraint) else { return };
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for id in set_members(element).filter_map(ElementRef::id) {
            *counts.entry(id).or_default() += 1;
        }
        let mut repeated = Vec::new();
        for member in set_members(element) {
            let count = member.id().and_then(|id| counts.get_mut(id));
            if let Some(count) = count.filter(|count| **count > 1) {
                *count -= 1;
                repeated.push(member.xml_id());
            }
        }
        for member in repeated {
            self.cib.tree_mut().detach(member);
        }
    }

    /// Reads a constraint again whose sets hold just two resources, so that it becomes simple.
    ///
    /// What was shown as XML, having no words for all of it, only loses `sequential`.
    ///
    /// **Source:** crmsh `rset_convert()`: in a colocation of one set the two change sides.
    fn simplify(&mut self, constraint: XmlId, has_words: bool) {
        let Some(element) = self.element(constraint) else { return };
        let sets: Vec<XmlId> =
            element.children_named("resource_set").map(ElementRef::xml_id).collect();
        if sets.is_empty() || references(element).count() != 2 {
            return;
        }
        for set in &sets {
            self.cib.tree_mut().remove_attr(*set, "sequential");
        }
        let Some(element) = self.element(constraint) else { return };
        // a name with a blank in it would be read as two
        if !has_words || references(element).any(|name| name.contains(char::is_whitespace)) {
            return;
        }
        let swaps = sets.len() == 1 && element.name() == "rsc_colocation";
        let Some(text) = self.flat_text(element) else { return };
        let text = text.replace("_rsc_set_ ", "");
        let Some(statement) = parse(&text, Mode::Load).statements.pop() else { return };
        let mut object = statement.object;
        if let Object::Colocation(Colocation { members: Members::Simple(refs), .. }) = &mut object
            && swaps
        {
            // only the names change sides, not the roles
            if let [first, second] = refs.as_mut_slice() {
                std::mem::swap(&mut first.rsc, &mut second.rsc);
            }
        }
        let told = self.notes.len();
        let Ok(mut tree) = self.lower(&object) else { return };
        self.notes.truncate(told);
        fill(&mut tree, self.element(constraint), self.style, &self.index.ids);
        let parent = self.element(constraint).and_then(ElementRef::parent);
        let Some(parent) = parent else { return };
        let position = parent.child_ids().iter().position(|id| *id == constraint);
        let parent = parent.xml_id();
        self.unindex(constraint);
        let cib = self.cib.tree_mut();
        let at = cib.insert_copy(parent, position.unwrap_or(usize::MAX), tree.root());
        cib.detach(constraint);
        if let Some(element) = self.cib.tree().element(at) {
            self.index.ids.add_all(element);
            self.index.add(element);
        }
    }

    /// Takes every mention of a resource out of a constraint. Returns the constraint's element,
    /// which is a new one where it was made simple, and whether anything was taken out.
    pub(super) fn delete_reference(&mut self, constraint: XmlId, rsc: &str) -> (XmlId, bool) {
        let Some(element) = self.element(constraint) else { return (constraint, false) };
        let id = element.id().unwrap_or_default().to_owned();
        let simple: Vec<&'static str> =
            REFERENCES.into_iter().filter(|name| element.attr(name) == Some(rsc)).collect();
        let members: Vec<XmlId> = names_in(element, |name| name == rsc)
            .into_iter()
            .filter(|(_, attribute)| *attribute == "id")
            .map(|(at, _)| at)
            .collect();
        if simple.is_empty() && members.is_empty() {
            return (constraint, false);
        }
        let left = references(element).filter(|name| *name != rsc).count();
        let has_words = self.may_become_simple(element, left);
        self.index_constraint(constraint, false);
        let tree = self.cib.tree_mut();
        for name in &simple {
            tree.remove_attr(constraint, name);
        }
        for member in &members {
            tree.detach(*member);
        }
        let (mut empty, mut has_parallel) = (Vec::new(), false);
        if let Some(element) = self.element(constraint) {
            for set in element.children_named("resource_set") {
                let count = set.children_named("resource_ref").count();
                if count == 0 {
                    empty.push(set.xml_id());
                } else if count > 1 {
                    let sequential = set.attr("sequential").and_then(crate::grammar::boolean);
                    has_parallel |= sequential == Some(false);
                }
            }
        }
        for set in empty {
            if let Some(element) = self.cib.tree().element(set) {
                self.index.ids.remove_all(element);
            }
            self.cib.tree_mut().detach(set);
        }
        self.index_constraint(constraint, true);
        if simple.is_empty() && !has_parallel {
            self.simplify(constraint, has_words);
        }
        (self.index.resource(&id).unwrap_or(constraint), true)
    }
}

fn has_sets(constraint: ElementRef<'_>) -> bool {
    constraint.child("resource_set").is_some()
}

/// Returns where a constraint has a name that is looked for: element and attribute.
fn names_in(
    element: ElementRef<'_>,
    is_wanted: impl Fn(&str) -> bool,
) -> Vec<(XmlId, &'static str)> {
    let at = element.xml_id();
    let simple: Vec<_> = REFERENCES
        .into_iter()
        .filter(|name| element.attr(name).is_some_and(&is_wanted))
        .map(|name| (at, name))
        .collect();
    if !simple.is_empty() {
        return simple;
    }
    set_members(element)
        .filter(|member| member.id().is_some_and(&is_wanted))
        .map(|member| (member.xml_id(), "id"))
        .collect()
}

/// Returns true where a constraint has lost its sense: it binds a resource to itself, or names
/// too few.
///
/// **Source:** crmsh `silly_constraint()` (xmlutil.py).
pub(super) fn is_pointless(element: ElementRef<'_>, rsc: &str) -> bool {
    let needs_one = matches!(element.name(), "rsc_location" | "rsc_ticket");
    let in_sets = set_members(element).count();
    if in_sets > 0 {
        return !needs_one && in_sets <= 1;
    }
    let named: Vec<&str> = REFERENCES.into_iter().filter_map(|name| element.attr(name)).collect();
    if needs_one {
        return named.is_empty() && element.attr("rsc-pattern").is_none();
    }
    named.len() < 2 || named.iter().filter(|name| **name == rsc).count() == 2
}
