//! The ordered tree: elements, attributes in document order, text, comments.
//!
//! **Shape:** an arena of slots addressed by [`XmlId`], and one text for all attribute values that
//! were read or copied; values set later are on their own. Removing a node frees nothing until the
//! tree is dropped; ids stay valid and are never reused.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::name::Name;
use crate::names;

/// Index of one node of a [`Tree`]. Valid only for the tree that gave it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct XmlId(u32);

impl XmlId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Debug)]
struct Slot {
    parent: Option<XmlId>,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Element(Element),
    Text(Box<str>),
    Comment(Box<str>),
    CData(Box<str>),
}

#[derive(Clone, Debug)]
struct Element {
    name: Name,
    attrs: Vec<Attr>,
    children: Vec<XmlId>,
}

/// An attribute: name and value.
pub(super) type Attr = (Name, Value);

/// Text of an attribute.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A part of the tree's text.
    Part { start: u32, len: u32 },
    /// Set after reading.
    Own(Box<str>),
}

/// One XML document: exactly one root element and what is below it.
#[derive(Clone, Debug)]
pub struct Tree {
    slots: Vec<Slot>,
    root: XmlId,
    /// Values of attributes, one after the other.
    text: String,
}

/// Two trees are equal where their documents are, detached nodes aside.
impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        self.root().same_as(other.root())
    }
}

/// One child of an element, in document order.
#[derive(Clone, Copy, Debug)]
pub enum Child<'a> {
    /// An element.
    Element(ElementRef<'a>),
    /// Character data, unescaped.
    Text(&'a str),
    /// The text between `<!--` and `-->`.
    Comment(&'a str),
    /// The text of a CDATA section.
    CData(&'a str),
}

impl Tree {
    /// Makes a tree of one empty element called `name`.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        let mut tree = Self::rootless();
        tree.push_whole(None, name.into().into(), Vec::new());
        tree
    }

    /// Makes a tree that lacks even its root: the first element pushed becomes that.
    pub(super) fn rootless() -> Self {
        Tree { slots: Vec::new(), root: XmlId(0), text: String::new() }
    }

    /// Makes a tree that lacks its root, with room for what a text of `bytes` usually holds.
    pub(super) fn for_text(bytes: usize) -> Self {
        const ELEMENT_BYTES: usize = 128;
        Tree {
            slots: Vec::with_capacity(bytes / ELEMENT_BYTES),
            root: XmlId(0),
            text: String::with_capacity(bytes / 2),
        }
    }

    /// Returns true once the root has been pushed.
    pub(super) fn has_root(&self) -> bool {
        !self.slots.is_empty()
    }

    /// Adds an element with its attributes, whose names differ, as the last child of `parent`, or
    /// as the root.
    pub(super) fn push_whole(
        &mut self,
        parent: Option<XmlId>,
        name: Name,
        attrs: Vec<Attr>,
    ) -> XmlId {
        self.push_slot(parent, None, Kind::Element(Element { name, attrs, children: Vec::new() }))
    }

    /// Stores the text of an attribute that is about to be added.
    pub(super) fn store(&mut self, value: &str) -> Value {
        let part = u32::try_from(self.text.len()).ok().zip(u32::try_from(value.len()).ok());
        match part {
            Some((start, len)) => {
                self.text.push_str(value);
                Value::Part { start, len }
            }
            None => Value::Own(value.into()),
        }
    }

    /// Gives back room that reading reserved and did not need.
    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.slots.shrink_to_fit();
    }

    /// Returns how long the document is when written, roughly.
    pub(super) fn expected_bytes(&self) -> usize {
        const ELEMENT_BYTES: usize = 96;
        2 * self.text.len() + ELEMENT_BYTES * self.slots.len()
    }

    fn value<'a>(&'a self, value: &'a Value) -> &'a str {
        match value {
            Value::Part { start, len } => {
                let start = *start as usize;
                &self.text[start..start + *len as usize]
            }
            Value::Own(text) => text,
        }
    }

    /// Copies the attributes of an element of any tree into this one.
    fn copy_attrs(&mut self, source: ElementRef<'_>) -> Vec<Attr> {
        let attrs = &source.element().attrs;
        attrs.iter().map(|(n, v)| (n.clone(), self.store(source.tree.value(v)))).collect()
    }

    /// Copies an element of any tree without its children.
    fn copy_shell(&mut self, source: ElementRef<'_>) -> Kind {
        let name = source.element().name.clone();
        let attrs = self.copy_attrs(source);
        Kind::Element(Element { name, attrs, children: Vec::new() })
    }

    /// Returns the root element.
    pub fn root(&self) -> ElementRef<'_> {
        ElementRef { tree: self, id: self.root }
    }

    /// Returns the root's id.
    pub fn root_id(&self) -> XmlId {
        self.root
    }

    /// Returns the element at `id`, or `None` where `id` is text or a comment.
    pub fn element(&self, id: XmlId) -> Option<ElementRef<'_>> {
        matches!(self.slots.get(id.index())?.kind, Kind::Element(_))
            .then_some(ElementRef { tree: self, id })
    }

    /// Sets an attribute; an existing one keeps its place, a new one goes last.
    /// Does nothing where `id` is not an element.
    pub fn set_attr(
        &mut self,
        id: XmlId,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Box<str>>,
    ) {
        let name = Name::from(name.into());
        let value = Value::Own(value.into());
        let Some(element) = self.element_mut(id) else { return };
        match element.attrs.iter_mut().find(|(n, _)| *n == name) {
            Some((_, slot)) => *slot = value,
            None => element.attrs.push((name, value)),
        }
    }

    /// Removes an attribute and returns its value, or `None` where there was none.
    pub fn remove_attr(&mut self, id: XmlId, name: &str) -> Option<Box<str>> {
        let element = self.element_mut(id)?;
        let at = element.attrs.iter().position(|(n, _)| n.as_str() == name)?;
        let (_, value) = element.attrs.remove(at);
        Some(self.value(&value).into())
    }

    /// Renames an attribute, which keeps its place and value. An attribute that has the new name
    /// already gives way: the value of the later of the two stays, in the place of the earlier.
    /// Does nothing where `id` is not an element or has no such attribute.
    pub fn rename_attr(&mut self, id: XmlId, from: &str, to: impl Into<Cow<'static, str>>) {
        let to = Name::from(to.into());
        let Some(element) = self.element_mut(id) else { return };
        let mut attrs: Vec<Attr> = Vec::with_capacity(element.attrs.len());
        for (name, value) in std::mem::take(&mut element.attrs) {
            let name = if name.as_str() == from { to.clone() } else { name };
            match attrs.iter_mut().find(|(n, _)| *n == name) {
                Some((_, slot)) => *slot = value,
                None => attrs.push((name, value)),
            }
        }
        element.attrs = attrs;
    }

    /// Appends a new empty element as the last child of `parent` and returns its id.
    pub fn append(&mut self, parent: XmlId, name: impl Into<Cow<'static, str>>) -> XmlId {
        self.push_whole(Some(parent), name.into().into(), Vec::new())
    }

    /// Appends a new element with these attributes as the last child of `parent` and returns its id.
    pub fn append_with(
        &mut self,
        parent: XmlId,
        name: impl Into<Cow<'static, str>>,
        attrs: &[(&'static str, &str)],
    ) -> XmlId {
        let element = self.append(parent, name);
        for (name, value) in attrs {
            self.set_attr(element, *name, *value);
        }
        element
    }

    /// Inserts a new empty element before the child at `position` (0-based among all children,
    /// text and comments included; clamped to the end) and returns its id.
    pub fn insert(
        &mut self,
        parent: XmlId,
        position: usize,
        name: impl Into<Cow<'static, str>>,
    ) -> XmlId {
        let name = name.into().into();
        let element = Element { name, attrs: Vec::new(), children: Vec::new() };
        self.push_child(parent, Some(position), Kind::Element(element))
    }

    /// Appends a comment; `text` is what stands between `<!--` and `-->`.
    pub fn append_comment(&mut self, parent: XmlId, text: impl Into<Box<str>>) -> XmlId {
        self.push_child(parent, None, Kind::Comment(text.into()))
    }

    /// Appends character data, joining it to text that already stands last.
    pub fn append_text(&mut self, parent: XmlId, text: &str) {
        if let Some(last) = self.element_ref(parent).and_then(|e| e.children.last().copied())
            && let Kind::Text(old) = &mut self.slots[last.index()].kind
        {
            *old = format!("{old}{text}").into();
            return;
        }
        self.push_child(parent, None, Kind::Text(text.into()));
    }

    /// Appends a CDATA section.
    pub fn append_cdata(&mut self, parent: XmlId, text: impl Into<Box<str>>) -> XmlId {
        self.push_child(parent, None, Kind::CData(text.into()))
    }

    /// Copies `source` (of this or another tree) with all below it to the end of `parent`.
    pub fn append_copy(&mut self, parent: XmlId, source: ElementRef<'_>) -> XmlId {
        let position = self.element_ref(parent).map_or(0, |e| e.children.len());
        self.insert_copy(parent, position, source)
    }

    /// Copies `source` with all below it before the child of `parent` at `position`.
    pub fn insert_copy(&mut self, parent: XmlId, position: usize, source: ElementRef<'_>) -> XmlId {
        let made = self.insert_node_copy(parent, position, source.tree, source.id);
        made.expect("an ElementRef's element is in its tree")
    }

    /// Returns the node at `id`, whatever it is.
    pub fn node(&self, id: XmlId) -> Option<Child<'_>> {
        Some(match &self.slots.get(id.index())?.kind {
            Kind::Element(_) => Child::Element(ElementRef { tree: self, id }),
            Kind::Text(t) => Child::Text(t),
            Kind::Comment(t) => Child::Comment(t),
            Kind::CData(t) => Child::CData(t),
        })
    }

    /// Returns the parent of any node; `None` for the root and for detached nodes.
    pub fn parent_of(&self, id: XmlId) -> Option<XmlId> {
        self.slots.get(id.index())?.parent
    }

    /// Copies any node of `source` with all below it before the child of `parent` at `position`.
    /// Returns `None` where `source` has no such node.
    pub fn insert_node_copy(
        &mut self,
        parent: XmlId,
        position: usize,
        source: &Tree,
        id: XmlId,
    ) -> Option<XmlId> {
        let made = self.copy_unlisted(None, source, id)?;
        self.attach(parent, position, made);
        Some(made)
    }

    /// Copies any node of `source` with all below it for `parent`, whose list of children is yet to
    /// be written by [`Self::set_children`].
    pub(crate) fn copy_unlisted(
        &mut self,
        parent: Option<XmlId>,
        source: &Tree,
        id: XmlId,
    ) -> Option<XmlId> {
        let top = self.copy_node(None, source, id)?;
        let mut work = vec![(id, top)];
        while let Some((from, to)) = work.pop() {
            let Some(element) = source.element_ref(from) else { continue };
            for &child in &element.children {
                if let Some(made) = self.copy_node(Some(to), source, child) {
                    work.push((child, made));
                }
            }
        }
        self.slots[top.index()].parent = parent;
        Some(top)
    }

    /// Copies one node without what is below it.
    fn copy_node(&mut self, parent: Option<XmlId>, source: &Tree, id: XmlId) -> Option<XmlId> {
        let kind = match &source.slots.get(id.index())?.kind {
            Kind::Element(_) => self.copy_shell(source.element(id)?),
            other => other.clone(),
        };
        Some(self.push_slot(parent, None, kind))
    }

    /// Takes a node from its parent, whose list of children is yet to be written by
    /// [`Self::set_children`].
    pub(crate) fn orphan(&mut self, id: XmlId) {
        if let Some(slot) = self.slots.get_mut(id.index()) {
            slot.parent = None;
        }
    }

    /// Makes these nodes, in this order, the children of `parent`: those that stand elsewhere leave
    /// their place, children that are not among them are detached. The cost is that of the lists,
    /// not of their number times their length. `parent` must not lie below one of `children`.
    pub fn set_children(&mut self, parent: XmlId, children: Vec<XmlId>) {
        let before = self.element_ref(parent).map(|e| e.children.clone()).unwrap_or_default();
        for child in before {
            self.orphan(child);
        }
        let elsewhere: BTreeSet<XmlId> =
            children.iter().filter_map(|child| self.parent_of(*child)).collect();
        for child in &children {
            self.slots[child.index()].parent = Some(parent);
        }
        for other in elsewhere.into_iter().filter(|other| *other != parent) {
            let mut left = self.element_ref(other).map(|e| e.children.clone()).unwrap_or_default();
            left.retain(|child| self.parent_of(*child) == Some(other));
            if let Some(element) = self.element_mut(other) {
                element.children = left;
            }
        }
        if let Some(element) = self.element_mut(parent) {
            element.children = children;
        }
    }

    /// Appends an element with the name and attributes of `source`, without its children.
    pub fn append_shell(&mut self, parent: XmlId, source: ElementRef<'_>) -> XmlId {
        let shell = self.copy_shell(source);
        self.push_child(parent, None, shell)
    }

    /// Replaces all attributes by those of `source`, in its order.
    pub fn set_attrs(&mut self, id: XmlId, source: ElementRef<'_>) {
        let attrs = self.copy_attrs(source);
        if let Some(element) = self.element_mut(id) {
            element.attrs = attrs;
        }
    }

    /// Takes the node out of its parent. The root stays where it is.
    pub fn detach(&mut self, id: XmlId) {
        let Some(parent) = self.slots.get_mut(id.index()).and_then(|s| s.parent.take()) else {
            return;
        };
        if let Some(element) = self.element_mut(parent) {
            // What is deleted in order stands near the start: looking for it costs little, and
            // closing the gap is one move of memory.
            if let Some(at) = element.children.iter().position(|child| *child == id) {
                element.children.remove(at);
            }
        }
    }

    /// Moves a node (attached or detached) below `parent`, before the child at `position` counted
    /// after the node has left its old place. `parent` must not lie below `id`.
    pub fn attach(&mut self, parent: XmlId, position: usize, id: XmlId) {
        self.detach(id);
        self.slots[id.index()].parent = Some(parent);
        if let Some(element) = self.element_mut(parent) {
            let at = position.min(element.children.len());
            element.children.insert(at, id);
        }
    }

    /// Renames an element, keeping attributes and children.
    pub fn rename(&mut self, id: XmlId, name: impl Into<Cow<'static, str>>) {
        if let Some(element) = self.element_mut(id) {
            element.name = name.into().into();
        }
    }

    fn element_ref(&self, id: XmlId) -> Option<&Element> {
        match &self.slots.get(id.index())?.kind {
            Kind::Element(e) => Some(e),
            _ => None,
        }
    }

    fn element_mut(&mut self, id: XmlId) -> Option<&mut Element> {
        match &mut self.slots.get_mut(id.index())?.kind {
            Kind::Element(e) => Some(e),
            _ => None,
        }
    }

    fn push_child(&mut self, parent: XmlId, position: Option<usize>, kind: Kind) -> XmlId {
        self.push_slot(Some(parent), position, kind)
    }

    fn push_slot(&mut self, parent: Option<XmlId>, position: Option<usize>, kind: Kind) -> XmlId {
        let id = XmlId(u32::try_from(self.slots.len()).expect("a CIB has under 2^32 nodes"));
        self.slots.push(Slot { parent, kind });
        if let Some(element) = parent.and_then(|parent| self.element_mut(parent)) {
            let at = position.unwrap_or(usize::MAX).min(element.children.len());
            element.children.insert(at, id);
        }
        id
    }
}

/// A borrowed element of a tree.
#[derive(Clone, Copy, Debug)]
pub struct ElementRef<'a> {
    tree: &'a Tree,
    id: XmlId,
}

impl<'a> ElementRef<'a> {
    fn element(self) -> &'a Element {
        match &self.tree.slots[self.id.index()].kind {
            Kind::Element(e) => e,
            _ => unreachable!("an ElementRef is only made for elements"),
        }
    }

    /// Returns the element's index in its tree.
    pub fn xml_id(self) -> XmlId {
        self.id
    }

    /// Returns the tree that holds the element.
    pub fn tree(self) -> &'a Tree {
        self.tree
    }

    /// Returns the tag name.
    pub fn name(self) -> &'a str {
        self.element().name.as_str()
    }

    /// Returns an attribute's value, unescaped.
    pub fn attr(self, name: &str) -> Option<&'a str> {
        let attrs = &self.element().attrs;
        // A known name is never stored as text, so only numbers are compared.
        let found = match names::position(name) {
            Some(wanted) => attrs.iter().find(|(n, _)| *n == Name::Known(wanted)),
            None => attrs.iter().find(|(n, _)| n.as_str() == name),
        };
        found.map(|(_, value)| self.tree.value(value))
    }

    /// Returns the `id` attribute.
    pub fn id(self) -> Option<&'a str> {
        self.attr("id")
    }

    /// Returns all attributes in document order.
    pub fn attrs(self) -> impl ExactSizeIterator<Item = (&'a str, &'a str)> + Clone {
        let tree = self.tree;
        self.element().attrs.iter().map(move |(n, v)| (n.as_str(), tree.value(v)))
    }

    /// Returns the child elements in document order.
    pub fn children(self) -> impl DoubleEndedIterator<Item = ElementRef<'a>> + Clone {
        let tree = self.tree;
        self.element().children.iter().filter_map(move |id| tree.element(*id))
    }

    /// Returns all children, text and comments included, in document order.
    pub fn all_children(self) -> impl DoubleEndedIterator<Item = Child<'a>> + Clone {
        let tree = self.tree;
        self.element().children.iter().map(move |id| match &tree.slots[id.index()].kind {
            Kind::Element(_) => Child::Element(ElementRef { tree, id: *id }),
            Kind::Text(t) => Child::Text(t),
            Kind::Comment(t) => Child::Comment(t),
            Kind::CData(t) => Child::CData(t),
        })
    }

    /// Returns the ids of all children, text and comments included, in document order.
    pub fn child_ids(self) -> &'a [XmlId] {
        &self.element().children
    }

    /// Returns the first child element called `name`.
    pub fn child(self, name: &str) -> Option<ElementRef<'a>> {
        self.children().find(|c| c.name() == name)
    }

    /// Returns the child elements called `name`, in document order.
    pub fn children_named(self, name: &str) -> impl DoubleEndedIterator<Item = ElementRef<'a>> {
        self.children().filter(move |c| c.name() == name)
    }

    /// Returns the parent element; `None` for the root and for detached nodes.
    pub fn parent(self) -> Option<ElementRef<'a>> {
        self.tree.element(self.tree.slots[self.id.index()].parent?)
    }

    /// Returns this element and all elements below it in document order.
    pub fn descendants(self) -> impl Iterator<Item = ElementRef<'a>> {
        let mut stack = vec![self];
        std::iter::from_fn(move || {
            let next = stack.pop()?;
            stack.extend(next.children().rev());
            Some(next)
        })
    }

    /// Returns true where both elements have the same name, the same attributes in the same order
    /// and the same children in the same order.
    pub fn same_as(self, other: ElementRef<'_>) -> bool {
        let mut work = vec![(self, other)];
        while let Some((a, b)) = work.pop() {
            let same = a.name() == b.name()
                && a.attrs().eq(b.attrs())
                && a.child_ids().len() == b.child_ids().len();
            if !same {
                return false;
            }
            for pair in a.all_children().zip(b.all_children()) {
                match pair {
                    (Child::Element(a), Child::Element(b)) => work.push((a, b)),
                    (Child::Text(a), Child::Text(b))
                    | (Child::Comment(a), Child::Comment(b))
                    | (Child::CData(a), Child::CData(b))
                        if a == b => {}
                    _ => return false,
                }
            }
        }
        true
    }

    /// Returns true where the element has no children of any kind.
    pub fn is_empty(self) -> bool {
        self.element().children.is_empty()
    }
}
