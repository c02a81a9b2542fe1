//! Loading a text: all of it or nothing.
//!
//! **Source:** crmsh `CibDiff`, `_cli_set_update()` (cibconfig.py).

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use cib_model::xml::{ElementRef, XmlId};

use super::create::{Ready, put_comments_first};
use super::places::{all_at_statement, places};
use super::{Editor, Index, Outcome};
use crate::ast::Object;
use crate::diag::{Code, Diagnostic, Severity};
use crate::kind::{Namespace, ObjectKind, object_id};
use crate::lower::ids::fill;
use crate::objects::{is_member, objects, references};
use crate::representable::is_unchanged;
use crate::show::ObjectEntry;
use crate::style::Style;
use crate::text::{MISTAKES_MAX, Mode, Statement, parse};

/// What happens to objects that the text does not mention.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LoadMethod {
    /// They stay. Objects that are mentioned are replaced, property sets are merged.
    Update,
    /// Everything but the nodes goes first.
    Replace,
    /// They go, nodes too. Objects that are mentioned are replaced, property sets are merged.
    Push,
}

/// What a text is taken over for.
struct Scope {
    /// The objects it was made from, with their places; all where `None`.
    listed: Option<HashMap<XmlId, usize>>,
    /// Whether objects that it leaves out are deleted.
    is_complete: bool,
    /// Whether property sets are merged.
    merges: bool,
}

impl Scope {
    fn has(&self, at: XmlId) -> bool {
        self.listed.as_ref().is_none_or(|listed| listed.contains_key(&at))
    }
}

impl Editor<'_> {
    /// Loads a text.
    ///
    /// # Errors
    /// Every diagnostic found; nothing is changed then.
    pub fn load(&mut self, text: &str, method: LoadMethod) -> Outcome {
        let parsed = parse(text, Mode::Load);
        if !parsed.diagnostics.is_empty() {
            return Err(parsed.diagnostics);
        }
        self.load_all(parsed.statements, method)
    }

    /// Takes over an edited listing of some objects: what the text leaves out is deleted.
    ///
    /// # Errors
    /// Every diagnostic found, `Elements X already exist` where the text names objects that were
    /// not in the listing; nothing is changed then.
    pub fn edit(&mut self, text: &str, listed: &[ObjectEntry]) -> Outcome {
        let parsed = parse(text, Mode::Load);
        if !parsed.diagnostics.is_empty() {
            return Err(parsed.diagnostics);
        }
        let scope = Scope {
            listed: Some(listed.iter().enumerate().map(|(n, entry)| (entry.at, n)).collect()),
            is_complete: true,
            merges: false,
        };
        self.load_in(parsed.statements, &scope, false)
    }

    pub(super) fn load_all(&mut self, statements: Vec<Statement>, method: LoadMethod) -> Outcome {
        let scope = Scope {
            listed: None,
            is_complete: method == LoadMethod::Push,
            merges: method != LoadMethod::Replace,
        };
        self.load_in(statements, &scope, method == LoadMethod::Replace)
    }

    fn load_in(&mut self, statements: Vec<Statement>, scope: &Scope, erases: bool) -> Outcome {
        let before = self.cib.clone();
        let notes = if erases { self.erase() } else { Vec::new() };
        self.notes.extend(notes);
        let outcome = self.try_load(statements, scope);
        if outcome.is_err() {
            *self.cib = before;
            self.index = Index::of(self.cib);
            self.monitors = None;
            self.notes.clear();
        }
        outcome
    }

    fn try_load(&mut self, mut statements: Vec<Statement>, scope: &Scope) -> Outcome {
        let (named, kinds): (Vec<Option<Named>>, Vec<Option<ObjectKind>>) =
            statements.iter().map(about).unzip();
        if let Some(diagnostics) = duplicates(&statements, &named) {
            return Err(diagnostics);
        }
        self.notes.extend(statements.iter_mut().flat_map(|s| std::mem::take(&mut s.hints)));
        // what is there before the first statement is applied decides between new and updated
        let (mut new, mut updated, mut locked) = (Vec::new(), Vec::new(), Vec::new());
        for (number, named) in named.iter().enumerate() {
            match named.as_ref().and_then(|named| self.existing(&named.id, named.namespace)) {
                None => new.push(number),
                Some(at) if scope.has(at) => updated.push((self.place(at, scope), number)),
                Some(at) => locked.push(at),
            }
        }
        if !locked.is_empty() {
            let ids: Vec<&str> =
                locked.iter().filter_map(|at| object_id(self.element(*at)?)).collect();
            let message = format!("Elements {} already exist", ids.join(", "));
            return self.refuse(Diagnostic::error(Code::IdInUse, message));
        }
        let gone = if scope.is_complete { self.unmentioned(&named, scope) } else { Vec::new() };
        let is_first = |kind: ObjectKind| kind.is_constraint() || kind.is_container();
        let (first, last): (Vec<_>, Vec<_>) =
            gone.into_iter().partition(|id| self.kind(*id).is_some_and(is_first));
        self.delete_elements(&first);
        let kind = |number: &usize| kinds.get(*number).copied().flatten();
        new.sort_by_key(|number| kind(number).map_or(u8::MAX, |kind| kind.rank(Style::Modern)));
        // as listed: which container is changed first decides whether a member is free
        updated.sort_by_key(|(place, _)| *place);
        let mut errors: Vec<Diagnostic> = Vec::new();
        for number in new.into_iter().chain(updated.into_iter().map(|(_, number)| number)) {
            let Some(statement) = statements.get_mut(number) else { continue };
            if let Err(found) = self.load_one(statement, scope) {
                errors.extend(all_at_statement(found, statement));
                if errors.len() >= MISTAKES_MAX {
                    break;
                }
            }
        }
        if !errors.is_empty() {
            return self.refuse_all(errors, &named);
        }
        self.delete_elements(&last);
        self.check_references(&statements, &named);
        self.finish()
    }

    /// Refuses with every error but those that only follow from another: what could not be made is
    /// missing elsewhere, and of members that two containers exchange one is in the way of the other.
    ///
    /// **Differs:** crm stops at the first.
    fn refuse_all(&mut self, errors: Vec<Diagnostic>, named: &[Option<Named>]) -> Outcome {
        let named: HashSet<&str> = named.iter().flatten().map(|named| &*named.id).collect();
        let mut has_child = false;
        for (position, error) in errors.into_iter().enumerate() {
            let subject = error.advice.subject.as_deref();
            let is_missing = error.code == Code::NoSuchObject
                && subject.is_some_and(|subject| named.contains(subject));
            let follows = is_missing || (error.code == Code::Child && has_child);
            has_child |= error.code == Code::Child;
            if position == 0 || !follows {
                self.notes.push(error);
            }
        }
        Err(std::mem::take(&mut self.notes))
    }

    /// Returns an object's place in the order of changes.
    fn place(&self, at: XmlId, scope: &Scope) -> (usize, XmlId) {
        let listed = scope.listed.as_ref().and_then(|listed| listed.get(&at));
        let rank = || self.kind(at).map_or(0, |kind| kind.rank(self.style).into());
        (listed.copied().unwrap_or_else(rank), at)
    }

    /// Returns the object that a statement with this id replaces.
    fn existing(&self, id: &str, namespace: Namespace) -> Option<XmlId> {
        // a node is found by its name too
        let has_id = |at: &XmlId| self.element(*at).and_then(object_id) == Some(id);
        self.index.get(namespace, id).filter(has_id)
    }

    /// Brings one statement in. What it says is let go as soon as it is an element: a text is many
    /// times as long when it is read.
    fn load_one(
        &mut self,
        statement: &mut Statement,
        scope: &Scope,
    ) -> Result<(), Vec<Diagnostic>> {
        if let Object::Monitor(monitor) = &statement.object {
            let added = self.add_monitor(monitor, statement);
            return added.map_err(|error| vec![error.at_statement(statement)]);
        }
        let mut ready = self.ready(statement).map_err(|error| vec![error])?;
        statement.object = Object::Xml(String::new());
        let top = ready.tree.root_id();
        put_comments_first(&mut ready.tree, top, &statement.comments);
        self.hint_at_used_ids(&ready, statement);
        let existing = self.existing(&ready.id, ready.kind.namespace());
        match existing {
            Some(existing) if self.kind(existing) == Some(ready.kind) => {
                if ready.kind.is_property() && scope.merges {
                    fill(&mut ready.tree, self.element(existing), self.style, &self.index.ids);
                    self.merge_properties(existing, &ready.tree);
                    return Ok(());
                }
                self.replace(existing, ready)
            }
            _ => self.put(ready),
        }
    }

    /// Puts an object in the place of another with the same id.
    ///
    /// # Errors
    /// One for each member that it cannot have; nothing is changed then.
    pub(super) fn replace(&mut self, old: XmlId, mut ready: Ready) -> Result<(), Vec<Diagnostic>> {
        self.check_members(&ready, Some(old))?;
        fill(&mut ready.tree, self.element(old), self.style, &self.index.ids);
        let Some(element) = self.element(old) else { return Ok(()) };
        if is_unchanged(element, ready.tree.root()) {
            self.settle_members(old, ready.given);
            return Ok(());
        }
        let Some(parent) = element.parent().map(ElementRef::xml_id) else { return Ok(()) };
        let members: Vec<XmlId> = element
            .children()
            .filter(|child| ready.kind.is_container() && is_member(*child))
            .map(ElementRef::xml_id)
            .collect();
        let position = self
            .element(parent)
            .and_then(|parent| parent.child_ids().iter().position(|id| *id == old))
            .unwrap_or(usize::MAX);
        self.unindex(old);
        let tree = self.cib.tree_mut();
        let at = tree.insert_copy(parent, position, ready.tree.root());
        tree.detach(old);
        self.adopt(at);
        self.settle_members(at, ready.given);
        for member in members {
            // One that was exchanged stands nowhere any more.
            let holder = self.cib.tree().parent_of(member);
            if holder.is_some_and(|holder| holder != at) {
                self.move_to_top(member);
            }
        }
        if let Some(element) = self.cib.tree().element(at) {
            self.index.ids.add_all_but_members(element);
            self.index.add(element);
        }
        self.normalise_parameters(at);
        Ok(())
    }

    /// Takes an object out of the index, its ids included.
    pub(super) fn unindex(&mut self, at: XmlId) {
        if let Some(element) = self.cib.tree().element(at) {
            self.index.ids.remove_all_but_members(element);
            self.index.remove(element);
        }
    }

    /// Returns the objects of the listing that no statement mentions, in document order.
    fn unmentioned(&self, named: &[Option<Named>], scope: &Scope) -> Vec<XmlId> {
        let mentioned: HashSet<&Named> = named.iter().flatten().collect();
        let Some(configuration) = self.cib.configuration() else { return Vec::new() };
        objects(configuration)
            .filter(|element| scope.has(element.xml_id()))
            .filter(|element| {
                let namespace = Namespace::of(element.name());
                object_id(*element)
                    .is_none_or(|id| !mentioned.contains(&Named { id: id.into(), namespace }))
            })
            .map(ElementRef::xml_id)
            .collect()
    }

    /// Notes an error for each constraint of the text that names a missing resource.
    fn check_references(&mut self, statements: &[Statement], named: &[Option<Named>]) {
        let mut errors = Vec::new();
        for (statement, named) in statements.iter().zip(named) {
            let Some(Named { id, namespace: Namespace::Objects }) = named else { continue };
            if errors.len() >= MISTAKES_MAX {
                break;
            }
            let missing = self.missing(id);
            let places = places(statement, &missing);
            for rsc in &missing {
                let message =
                    format!("constraint {id} references a resource {rsc} which doesn't exist");
                let place = places.get(&**rsc).copied().unwrap_or(statement.span);
                let error = Diagnostic::error(Code::NoSuchObject, message).about(&**id);
                let error = error.at(place, statement.line);
                errors.push(error.with_help(self.meant(rsc, errors.len())));
            }
        }
        self.notes.extend(errors);
    }

    /// Returns the resources that a constraint names and that are not there; not more than are told.
    fn missing(&self, constraint: &str) -> Vec<Box<str>> {
        let element = self.index.resource(constraint).and_then(|at| self.element(at));
        let named = element.into_iter().flat_map(references);
        let missing = named.filter(|rsc| self.index.resource(rsc).is_none());
        missing.take(MISTAKES_MAX).map(Box::from).collect()
    }

    /// Hints at resources that a constraint names before they are there: crm takes it at the
    /// prompt, and refuses to commit it.
    pub(super) fn hint_at_missing(&mut self, statement: &Statement) {
        let (Some(Named { id, namespace: Namespace::Objects }), _) = about(statement) else {
            return;
        };
        let missing = self.missing(&id);
        let places = places(statement, &missing);
        for rsc in &missing {
            let message = format!("{id} names {rsc}, which is not there yet");
            let place = places.get(&**rsc).copied().unwrap_or(statement.span);
            let hint = Diagnostic::new(Code::NoSuchObject, Severity::Hint, message).about(&*id);
            let hint = hint.at(place, statement.line).with_help(self.meant(rsc, self.notes.len()));
            self.notes.push(hint);
        }
    }

    /// Returns a question for the id that may be meant by one that is missing, where not too much
    /// has been told already.
    fn meant(&self, rsc: &str, told: usize) -> Option<String> {
        let closest = if told < HELPS_MAX { self.index.closest(rsc) } else { None };
        closest.map(|id| format!("Did you mean `{id}`?"))
    }
}

/// How many missing ids of one text are compared with all that are there.
const HELPS_MAX: usize = 100;

/// What names the object that a statement is about.
#[derive(PartialEq, Eq, Hash)]
struct Named {
    id: Box<str>,
    namespace: Namespace,
}

/// Returns what names the object that a statement is about, and its kind.
fn about(statement: &Statement) -> (Option<Named>, Option<ObjectKind>) {
    let named = |id: &str, namespace| Some(Named { id: id.into(), namespace });
    let of_id = |id: &str| named(id, Namespace::Objects);
    let name = match &statement.object {
        Object::Node(node) => named(node.id.as_ref().unwrap_or(&node.uname), Namespace::Nodes),
        Object::Primitive(object) => of_id(&object.id),
        Object::Group(object) => of_id(&object.id),
        Object::Clone(object) => of_id(&object.id),
        Object::Bundle(object) => of_id(&object.id),
        Object::Location(object) => of_id(&object.id),
        Object::Colocation(object) => of_id(&object.id),
        Object::Order(object) => of_id(&object.id),
        Object::Ticket(object) => of_id(&object.id),
        Object::Property(set) => of_id(set.id.as_deref().unwrap_or(set.kind.default_id())),
        Object::FencingTopology(_) => of_id("fencing_topology"),
        Object::AclRole(object) => of_id(&object.id),
        Object::AclUser(object) => of_id(&object.id),
        Object::AclPrincipal(object) if object.is_group => of_id(&object.id),
        Object::AclPrincipal(object) => named(&object.id, Namespace::Users),
        Object::Tag(object) => of_id(&object.id),
        Object::Alert(object) => of_id(&object.id),
        Object::Monitor(_) => None,
        Object::Xml(text) => {
            let Ok(tree) = cib_model::xml::read(text) else { return (None, None) };
            let root = tree.root();
            let inner = root.child("meta_attributes").filter(|_| root.id().is_none());
            let id = object_id(inner.unwrap_or(root));
            let name = id.and_then(|id| named(id, Namespace::of(root.name())));
            return (name, ObjectKind::of(root));
        }
    };
    (name, statement.object.kind())
}

fn duplicates(statements: &[Statement], named: &[Option<Named>]) -> Option<Vec<Diagnostic>> {
    let mut seen: HashMap<&Named, &Statement> = HashMap::new();
    let mut found = Vec::new();
    let place =
        |statement: &Statement| statement.words().get(1).map_or(statement.span, |word| word.span);
    for (statement, named) in statements.iter().zip(named) {
        let Some(named) = named.as_ref().filter(|_| found.len() < MISTAKES_MAX) else { continue };
        match seen.entry(named) {
            Entry::Occupied(first) => {
                let is_node = named.namespace == Namespace::Nodes;
                let what = if is_node { "node" } else { "resource" };
                let message = format!("Duplicate {what}: {}", named.id);
                let error = Diagnostic::error(Code::Duplicate, message).about(&*named.id);
                let error = error.at(place(statement), statement.line);
                found.push(error.with_label(place(first.get()), "first defined here"));
            }
            Entry::Vacant(free) => {
                free.insert(statement);
            }
        }
    }
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use cib_model::cib::Cib;

    use crate::agents::NoAgents;
    use crate::style::Style;
    use crate::{Editor, LoadMethod, Options};

    #[test]
    fn a_monitor_leaves_what_was_noted_before() {
        let mut cib = Cib::read("<cib><configuration/></cib>").unwrap();
        let options = Options::new(Style::Modern, &NoAgents);
        let text = "primitive p Dummy meta $id-ref=nowhere\nmonitor p 10s\n";
        let notes = Editor::new(&mut cib, &options).load(text, LoadMethod::Update).unwrap();
        let said: Vec<&str> = notes.iter().map(|note| note.message.as_str()).collect();
        assert_eq!(said, ["Reference not found: nowhere"]);
    }
}
