//! Commands: making an object, or merging into a node, a property set or a primitive's operations.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};

use cib_model::cib::Section;
use cib_model::validate::schema;
use cib_model::xml::{self, ElementRef, Tree, XmlId};

use super::members::Given;
use super::places::all_at_statement;
use super::{Editor, Outcome, label};
use crate::ast::Object;
use crate::diag::{Code, Diagnostic};
use crate::kind::{ObjectKind, is_valid_id, object_id};
use crate::lower::ids::{defines, fill};
use crate::lower::{MEMBER, Refusal};
use crate::objects::is_member;
use crate::representable::is_unchanged;
use crate::style::Style;
use crate::text::{MISTAKES_MAX, Statement};

/// An object ready to go into the CIB.
pub(super) struct Ready {
    pub(super) tree: Tree,
    pub(super) kind: ObjectKind,
    pub(super) id: String,
    /// Where it was given as XML: what it says of members that are there already.
    pub(super) given: Option<Given>,
}

/// What a part of a property set is found by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Part<'a> {
    Name(&'a str),
    /// `@ID`, perhaps under another name.
    Reference(&'a str, Option<&'a str>),
    Id(&'a str),
}

impl<'a> Part<'a> {
    /// What finds the same part in the set as it was.
    fn of(element: ElementRef<'a>) -> Option<Self> {
        match (element.name(), element.attr("value")) {
            ("nvpair", Some(_)) => element.attr("name").map(Part::Name),
            ("nvpair", None) => {
                Part::reference(element).or_else(|| element.attr("name").map(Part::Name))
            }
            _ => element.id().map(Part::Id),
        }
    }

    /// All that may find this part.
    fn all(element: ElementRef<'a>) -> impl Iterator<Item = Self> {
        let name = element.attr("name").map(Part::Name);
        let id = element.id().map(Part::Id);
        [name, id, Part::reference(element)].into_iter().flatten()
    }

    fn reference(element: ElementRef<'a>) -> Option<Self> {
        Some(Part::Reference(element.attr("id-ref")?, element.attr("name")))
    }
}

impl Editor<'_> {
    pub(super) fn create(&mut self, statement: &Statement) -> Outcome {
        if let Object::Monitor(monitor) = &statement.object {
            return match self.add_monitor(monitor, statement) {
                Ok(()) => self.finish(),
                Err(error) => self.refuse(error.at_statement(statement)),
            };
        }
        self.notes.extend(statement.hints.iter().cloned());
        match self.make(statement) {
            Ok(()) => {
                self.hint_at_missing(statement);
                self.finish()
            }
            Err(errors) => self.refuse_with(errors),
        }
    }

    fn make(&mut self, statement: &Statement) -> Result<(), Vec<Diagnostic>> {
        let ready = self.ready(statement).map_err(|error| vec![error])?;
        self.hint_at_used_ids(&ready, statement);
        self.put(ready).map_err(|errors| all_at_statement(errors, statement))
    }

    /// Hints at ids that are given and that something else has already: crm takes them, and the
    /// schema refuses the CIB.
    pub(super) fn hint_at_used_ids(&mut self, ready: &Ready, statement: &Statement) {
        let own = self.index.get(ready.kind.namespace(), &ready.id);
        let own = own.and_then(|at| self.element(at));
        let own: LazyCell<HashSet<&str>, _> = LazyCell::new(|| {
            own.into_iter().flat_map(ElementRef::descendants).filter_map(ElementRef::id).collect()
        });
        let given = ready.tree.root().descendants().skip(1).filter(|e| defines(e.name()));
        let used: Vec<Diagnostic> = given
            .filter_map(ElementRef::id)
            .filter(|id| !id.is_empty() && self.index.ids.is_used(id) && !own.contains(id))
            .map(|id| {
                let message = format!("the id {id} is in use already");
                Diagnostic::hint(Code::IdInUse, message).about(id).at_statement(statement)
            })
            .collect();
        self.notes.extend(used);
    }

    /// Lowers a statement and checks its id.
    pub(super) fn ready(&mut self, statement: &Statement) -> Result<Ready, Diagnostic> {
        let told = self.notes.len();
        let tree = self.lower(&statement.object).map_err(|e| refusal(e, statement));
        for note in self.notes.split_off(told) {
            self.notes.push(note.at_statement(statement));
        }
        let tree = tree?;
        if let Some(name) = wrong_name(&tree) {
            return Err(
                statement.syntax_error(&format!("'{name}' is no name of an attribute"), None)
            );
        }
        let (mut tree, kind) = self
            .unwrap_defaults(tree, &statement.object)
            .map_err(|tree| not_recognized(tree.root().name(), statement))?;
        let id = object_id(tree.root()).unwrap_or_default().to_owned();
        let is_xml = matches!(statement.object, Object::Xml(_));
        let may_stand = is_xml && schema::may_identify(tree.root().name(), &id);
        if kind != ObjectKind::Node && !is_valid_id(&id) && !may_stand {
            if !id.is_empty() {
                let message = format!("{id}: invalid object id");
                self.notes.push(Diagnostic::error(Code::InvalidId, message));
            }
            drop_empty_ids(&mut tree);
            let text = xml::write(&tree, xml::Layout::Compact, xml::Dialect::default());
            let text = match kind {
                ObjectKind::RscDefaults | ObjectKind::OpDefaults => {
                    format!("<{0}>{text}</{0}>", kind.keyword())
                }
                _ => text,
            };
            let message = format!("No ID found for {}: {text}", kind.keyword());
            return Err(Diagnostic::error(Code::InvalidId, message).at_statement(statement));
        }
        let given = is_xml.then(Given::new);
        let mut ready = Ready { tree, kind, id, given };
        self.name_members(&mut ready).map_err(|error| error.at_statement(statement))?;
        Ok(ready)
    }

    /// Puts a new object into the CIB: merges what merges, refuses what exists.
    ///
    /// # Errors
    /// Why not, one error at least; nothing is changed then.
    pub(super) fn put(&mut self, mut ready: Ready) -> Result<(), Vec<Diagnostic>> {
        let existing = self.index.get(ready.kind.namespace(), &ready.id);
        if ready.kind.is_property()
            && let Some(existing) = existing
        {
            fill(&mut ready.tree, self.element(existing), self.style, &self.index.ids);
            self.merge_properties(existing, &ready.tree);
            return Ok(());
        }
        if ready.kind == ObjectKind::Node
            && let Some(node) = existing
        {
            fill(&mut ready.tree, None, self.style, &self.index.ids);
            self.merge_node(node, &ready.tree);
            return Ok(());
        }
        if let Some(other) = existing.and_then(|id| self.kind(id)) {
            let message = format!(
                "Cannot create {} with ID '{}': Found existing {} with same ID.",
                ready.kind.keyword(),
                ready.id,
                other.keyword()
            );
            return Err(vec![Diagnostic::error(Code::IdInUse, message).about(ready.id)]);
        }
        self.check_members(&ready, None)?;
        fill(&mut ready.tree, None, self.style, &self.index.ids);
        if ready.kind.is_property() && ready.given.is_none() {
            // of pairs with the same name the last one counts, as in a set that is there
            let hollow = hollow(&ready.tree);
            let full = std::mem::replace(&mut ready.tree, hollow);
            if let Some(at) = self.insert(ready) {
                self.merge_properties(at, &full);
            }
            return Ok(());
        }
        self.insert(ready);
        Ok(())
    }

    /// Appends an object to its section, takes its members in and redirects their constraints.
    fn insert(&mut self, ready: Ready) -> Option<XmlId> {
        let section = Section::named(ready.kind.section())?;
        let parent = self.cib.ensure_section(section);
        if ready.kind == ObjectKind::FencingTopology {
            // an empty section may stand there already
            let old = self.cib.fencing_topology().map(ElementRef::xml_id);
            if let Some(old) = old {
                self.cib.tree_mut().detach(old);
            }
        }
        let at = self.cib.tree_mut().append_tree(parent, ready.tree);
        self.adopt(at);
        self.settle_members(at, ready.given);
        if let Some(element) = self.cib.tree().element(at) {
            self.index.ids.add_all_but_members(element);
            self.index.add(element);
        }
        if ready.kind.is_container() {
            self.redirect_constraints(at);
        }
        self.normalise_parameters(at);
        Some(at)
    }

    /// Puts the resources that a new container names in the place of their names.
    pub(super) fn adopt(&mut self, container: XmlId) {
        let Some(element) = self.element(container) else { return };
        let mut taken = HashSet::new();
        // From the end: a member that is named twice stands where it is named last.
        let children = element.child_ids().iter().rev().filter_map(|id| {
            let placeholder = self.element(*id).filter(|e| e.name() == MEMBER);
            match placeholder.and_then(ElementRef::id) {
                None => Some(*id),
                Some(name) => self.index.resource(name).filter(|member| taken.insert(*member)),
            }
        });
        let mut children: Vec<XmlId> = children.collect();
        children.reverse();
        if children != element.child_ids() {
            self.cib.tree_mut().set_children(container, children);
        }
    }

    /// Checks that the members of a container exist and can become its own. `own` is the container
    /// that is being replaced.
    ///
    /// # Errors
    /// One for each member that is not there, in their order; else the first that cannot.
    pub(super) fn check_members(
        &self,
        ready: &Ready,
        own: Option<XmlId>,
    ) -> Result<(), Vec<Diagnostic>> {
        let members = ready.tree.root().children_named(MEMBER).filter_map(ElementRef::id);
        let mut other = None;
        let mut missing = Vec::new();
        for error in members.filter_map(|name| self.check_member(ready, name, own).err()) {
            if error.code == Code::NoSuchObject {
                missing.push(error);
            } else {
                other.get_or_insert(error);
            }
            if missing.len() >= MISTAKES_MAX {
                break;
            }
        }
        match other {
            _ if !missing.is_empty() => Err(missing),
            Some(error) => Err(vec![error]),
            None => Ok(()),
        }
    }

    fn check_member(
        &self,
        ready: &Ready,
        name: &str,
        own: Option<XmlId>,
    ) -> Result<(), Diagnostic> {
        let missing = || {
            let message = match self.style {
                Style::Modern => format!("{} refers to missing object {name}", ready.id),
                Style::Classic => format!("object {name} does not exist"),
            };
            Diagnostic::error(Code::NoSuchObject, message).about(name)
        };
        let member = self.index.resource(name).and_then(|id| self.element(id));
        let member = member.ok_or_else(missing)?;
        let kind = ObjectKind::of(member).ok_or_else(missing)?;
        let wrong = |message| Err(Diagnostic::error(Code::Child, message).about(name));
        if ready.kind == ObjectKind::Group && kind != ObjectKind::Primitive {
            return wrong(format!(
                "a group may contain only primitives; {name} is {}",
                kind.keyword()
            ));
        }
        if !is_member(member) {
            return wrong(format!(
                "{} may contain a primitive or a group; {name} is {}",
                ready.kind.tag(),
                kind.keyword()
            ));
        }
        let parent =
            member.parent().filter(|p| ObjectKind::of(*p).is_some_and(ObjectKind::is_container));
        // COMPAT(crmsh 1.2.6): a resource leaves its container for the new one
        if let Some(parent) = parent.filter(|_| self.style == Style::Modern)
            && Some(parent.xml_id()) != own
        {
            return wrong(format!(
                "Cannot create {}:{}: Child {} already in {}",
                ready.kind.keyword(),
                ready.id,
                label(member),
                label(parent)
            ));
        }
        Ok(())
    }

    /// Merges pairs by name and rules by id into a property set.
    ///
    /// **Source:** crmsh `copy_nvpairs()`.
    pub(super) fn merge_properties(&mut self, at: XmlId, new: &Tree) {
        // of a long set only what is asked for is remembered
        let wanted: Vec<Part<'_>> = new.root().children().filter_map(Part::of).collect();
        let places: HashMap<Part<'_>, usize> =
            wanted.iter().enumerate().map(|(place, part)| (*part, place)).collect();
        let mut known: HashMap<Part<'_>, XmlId> = HashMap::new();
        for child in self.element(at).into_iter().flat_map(ElementRef::children) {
            let places = Part::all(child).filter_map(|part| places.get(&part));
            for part in places.filter_map(|place| wanted.get(*place)) {
                known.entry(*part).or_insert(child.xml_id());
            }
        }
        for child in new.root().children() {
            let old = Part::of(child).and_then(|part| known.get(&part).copied());
            let made = match (old, child.attr("value")) {
                (Some(pair), Some(value)) => {
                    self.cib.tree_mut().set_attr(pair, "value", value);
                    continue;
                }
                (Some(old), None) => {
                    if self.element(old).is_some_and(|old| is_unchanged(old, child)) {
                        continue;
                    }
                    let Some(set) = self.element(at) else { return };
                    let position = set.child_ids().iter().position(|id| *id == old).unwrap_or(0);
                    let tree = self.cib.tree_mut();
                    tree.detach(old);
                    tree.insert_copy(at, position, child)
                }
                (None, _) => {
                    self.index.ids.add_all(child);
                    self.cib.tree_mut().append_copy(at, child)
                }
            };
            known.extend(Part::all(child).map(|part| (part, made)));
        }
    }

    /// Merges attribute sets into a node: pairs by name, in the first set of their kind. What finds
    /// no place is appended, with the ids of a node that is new.
    ///
    /// **Source:** crmsh `merge_nodes()` (xmlutil.py).
    /// **Differs:** a set with a rule stays by itself: crm takes its pairs and drops the rule, so
    /// that they would count everywhere.
    fn merge_node(&mut self, at: XmlId, new: &Tree) {
        let mut added = Vec::new();
        for set in new.root().children() {
            let Some(node) = self.element(at) else { return };
            match node.child(set.name()).filter(|_| set.child("rule").is_none()) {
                Some(old) => self.merge_pairs(old.xml_id(), set),
                None => added.push(set),
            }
        }
        for set in added {
            self.index.ids.add_all(set);
            self.cib.tree_mut().append_copy(at, set);
        }
    }

    /// Gives the pairs of a set the values of another set's pairs of the same name, and appends
    /// the pairs that it has not.
    ///
    /// **Source:** crmsh `merge_attributes()` (xmlutil.py).
    fn merge_pairs(&mut self, at: XmlId, new: ElementRef<'_>) {
        let mut added = Vec::new();
        for pair in new.children_named("nvpair") {
            let Some(set) = self.element(at) else { return };
            let is_same = |old: &ElementRef<'_>| old.attr("name") == pair.attr("name");
            let old = set.children_named("nvpair").find(is_same).map(ElementRef::xml_id);
            let Some(old) = old else {
                added.push(pair);
                continue;
            };
            for (name, value) in pair.attrs().filter(|(name, _)| *name != "id") {
                self.cib.tree_mut().set_attr(old, name.to_owned(), value);
            }
        }
        for pair in added {
            self.index.ids.add_all(pair);
            self.cib.tree_mut().append_copy(at, pair);
        }
    }

    /// Renames parameters to the agent's spelling: `foo-bar` becomes `foo_bar` where the agent has
    /// only that.
    pub(super) fn normalise_parameters(&mut self, at: XmlId) {
        let Some(element) = self.element(at).filter(|e| e.name() == "primitive") else { return };
        let (Some(class), Some(agent_type)) = (element.attr("class"), element.attr("type")) else {
            return;
        };
        let knows = |name: &str| {
            self.agents.has_parameter(class, element.attr("provider"), agent_type, name)
        };
        let renamed: Vec<(XmlId, String)> = element
            .children_named("instance_attributes")
            .flat_map(ElementRef::children)
            .filter_map(|pair| {
                let name = pair.attr("name").filter(|name| name.contains('-'))?;
                let spelled = name.replace('-', "_");
                (knows(name) == Some(false) && knows(&spelled) == Some(true))
                    .then(|| (pair.xml_id(), spelled))
            })
            .collect();
        for (pair, name) in renamed {
            self.cib.tree_mut().set_attr(pair, "name", name);
        }
    }

    /// Takes the set out of `<rsc_defaults>` and `<op_defaults>` given as XML, and names the kind.
    ///
    /// # Errors
    /// The element, where nothing tells its kind.
    #[expect(clippy::result_large_err, reason = "what was given comes back")]
    fn unwrap_defaults(&self, tree: Tree, object: &Object) -> Result<(Tree, ObjectKind), Tree> {
        if let Some(kind) = object.kind() {
            return Ok((tree, kind));
        }
        let root = tree.root();
        let kind = match root.name() {
            "rsc_defaults" => Some(ObjectKind::RscDefaults),
            "op_defaults" => Some(ObjectKind::OpDefaults),
            "meta_attributes" => self.kind_of_set(root),
            _ => ObjectKind::of(root),
        };
        let Some(kind) = kind else { return Err(tree) };
        if !matches!(root.name(), "rsc_defaults" | "op_defaults") {
            return Ok((tree, kind));
        }
        let Some(set) = root.child("meta_attributes") else { return Err(tree) };
        let mut inner = as_tree(set);
        let root = inner.root_id();
        for (name, value) in set.attrs() {
            inner.set_attr(root, name.to_owned(), value);
        }
        Ok((inner, kind))
    }

    /// Returns the kind of a set alone, as crm lists it: that of one with its id, or the one that may
    /// hold what is in it.
    fn kind_of_set(&self, set: ElementRef<'_>) -> Option<ObjectKind> {
        let same = set.id().and_then(|id| self.index.resource(id)).and_then(|at| self.kind(at));
        let is_of_operations = set.descendants().any(|e| e.name() == "op_expression");
        same.filter(|kind| kind.is_property())
            .or_else(|| is_of_operations.then_some(ObjectKind::OpDefaults))
    }
}

/// Copies a property set without what is in it but comments.
fn hollow(set: &Tree) -> Tree {
    let mut tree = Tree::new(set.root().name().to_owned());
    let root = tree.root_id();
    for (name, value) in set.root().attrs() {
        tree.set_attr(root, name.to_owned(), value);
    }
    for child in set.root().all_children() {
        if let xml::Child::Comment(text) = child {
            tree.append_comment(root, text);
        }
    }
    tree
}

/// Puts comments before everything else in an object.
pub(super) fn put_comments_first(tree: &mut Tree, object: XmlId, comments: &[String]) {
    for (position, comment) in comments.iter().enumerate() {
        let made = tree.append_comment(object, comment.as_str());
        tree.attach(object, position, made);
    }
}

/// Returns the first word that became an attribute's name and cannot be one.
fn wrong_name(tree: &Tree) -> Option<&str> {
    let names = tree.root().descendants().flat_map(|e| e.attrs().map(|(name, _)| name));
    names.into_iter().find(|name| !xml::is_name(name))
}

fn as_tree(element: ElementRef<'_>) -> Tree {
    let mut tree = Tree::new(element.name().to_owned());
    let root = tree.root_id();
    for child in element.children() {
        tree.append_copy(root, child);
    }
    tree
}

/// Says that nothing tells what an element is for.
fn not_recognized(tag: &str, statement: &Statement) -> Diagnostic {
    let help = "Put it into <rsc_defaults> or <op_defaults>, as `save` does.";
    let help = (tag == "meta_attributes").then(|| help.to_owned());
    statement.syntax_error(&format!("Element {tag} not recognized"), None).with_help(help)
}

pub(super) fn refusal(refusal: Refusal, statement: &Statement) -> Diagnostic {
    match refusal {
        Refusal::Syntax(text, near) => statement.syntax_error(&text, near),
        Refusal::Other(diagnostic) => diagnostic.at_statement(statement),
    }
}

/// Takes away the ids that are still to be filled in: crm's sentences show an element without them.
fn drop_empty_ids(tree: &mut Tree) {
    let is_open = |element: &ElementRef<'_>| element.id() == Some("");
    let open: Vec<XmlId> =
        tree.root().descendants().filter(is_open).map(ElementRef::xml_id).collect();
    for at in open {
        tree.remove_attr(at, "id");
    }
}
