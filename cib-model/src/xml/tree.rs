//! The ordered tree: elements, attributes in document order, text, comments.
//!
//! **Shape:** an arena of slots addressed by [`XmlId`], one list of all attributes and one text of
//! all values, so that an element costs some twenty bytes beside what it says. Removing a node frees
//! nothing until the tree is dropped; ids stay valid and are never reused.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::ops::Range;

use super::name::{Name, Names};
use super::texts::{Part, Texts};

/// Index of one node of a [`Tree`]. Valid only for the tree that gave it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct XmlId(NonZeroU32);

impl XmlId {
    const FIRST: XmlId = XmlId(NonZeroU32::MIN);

    fn new(index: usize) -> Self {
        let number = u32::try_from(index + 1).ok().and_then(NonZeroU32::new);
        XmlId(number.expect("a CIB has under 2^32 nodes"))
    }

    pub(super) fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    parent: Option<XmlId>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Element(Element),
    Text(Part),
    Comment(Part),
    CData(Part),
}

#[derive(Clone, Copy, Debug)]
struct Element {
    name: Name,
    /// Its attributes: where they begin in the tree's list, and how many they are.
    first_attr: u32,
    attrs: u32,
    /// Its children's place among the tree's lists, once it had any.
    children: Option<NonZeroU32>,
}

impl Element {
    fn named(name: Name) -> Self {
        Element { name, first_attr: 0, attrs: 0, children: None }
    }

    fn attr_range(self) -> Range<usize> {
        let first = self.first_attr as usize;
        first..first + self.attrs as usize
    }
}

/// An attribute: name and value.
pub(super) type Attr = (Name, Part);

/// One XML document: exactly one root element and what is below it.
#[derive(Clone, Debug)]
pub struct Tree {
    slots: Vec<Slot>,
    root: XmlId,
    /// The attributes of all elements; those of one stand together.
    attrs: Vec<Attr>,
    /// The children of all elements that had some.
    children: Vec<Vec<XmlId>>,
    names: Box<Names>,
    texts: Texts,
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
        let mut tree = Self::for_text(0);
        let name = tree.names.make(&name.into());
        tree.push_whole(None, name, &[]);
        tree
    }

    /// Makes a tree that lacks even its root, with room for what a text of `bytes` usually holds: the
    /// first element pushed becomes the root.
    pub(super) fn for_text(bytes: usize) -> Self {
        const ELEMENT_BYTES: usize = 128;
        const ATTR_BYTES: usize = 32;
        Tree {
            slots: Vec::with_capacity(bytes / ELEMENT_BYTES),
            root: XmlId::FIRST,
            attrs: Vec::with_capacity(bytes / ATTR_BYTES),
            children: Vec::new(),
            names: Box::default(),
            texts: Texts::with_capacity(bytes / 2),
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
        attrs: &[Attr],
    ) -> XmlId {
        let mut element = Element::named(name);
        let first = self.attrs.len();
        self.attrs.extend_from_slice(attrs);
        self.claim_attrs(&mut element, first);
        self.push_slot(parent, None, Kind::Element(element))
    }

    /// Makes the attributes that are listed from `first` on those of an element.
    fn claim_attrs(&self, element: &mut Element, first: usize) {
        let number = |length| u32::try_from(length).expect("a CIB has under 2^32 attributes");
        element.first_attr = number(first);
        element.attrs = number(self.attrs.len() - first);
    }

    /// Stores the text of an attribute that is about to be added.
    pub(super) fn store(&mut self, value: &str) -> Part {
        self.texts.add(value)
    }

    /// Stores the name of an element or attribute that is about to be added.
    pub(super) fn store_name(&mut self, name: &str) -> Name {
        self.names.make(name)
    }

    /// Gives back room that reading reserved and did not need.
    pub(super) fn shrink(&mut self) {
        self.texts.shrink();
        self.slots.shrink_to_fit();
        self.attrs.shrink_to_fit();
    }

    /// Returns the number of its parts: elements, texts and comments, detached ones too. It has one
    /// at least.
    #[allow(clippy::len_without_is_empty)] // there is always a root
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Returns how long the document is when written, roughly.
    pub(super) fn expected_bytes(&self) -> usize {
        const ELEMENT_BYTES: usize = 96;
        2 * self.texts.len() + ELEMENT_BYTES * self.slots.len()
    }

    /// Copies the attributes of an element of any tree into this one.
    fn copy_attrs(&mut self, element: &mut Element, source: ElementRef<'_>) {
        let first = self.attrs.len();
        for (name, value) in source.own_attrs() {
            let name = self.copy_name(*name, source.tree);
            let value = self.texts.add(source.tree.texts.get(*value));
            self.attrs.push((name, value));
        }
        self.claim_attrs(element, first);
    }

    fn copy_name(&mut self, name: Name, source: &Tree) -> Name {
        match name {
            Name::Known(_) => name,
            Name::Other(_) => self.names.make(source.names.text(name)),
        }
    }

    /// Copies an element of any tree without its children.
    fn copy_shell(&mut self, source: ElementRef<'_>) -> Kind {
        let mut element = Element::named(self.copy_name(source.element().name, source.tree));
        self.copy_attrs(&mut element, source);
        Kind::Element(element)
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
        value: impl AsRef<str>,
    ) {
        let Some(element) = self.element_ref(id).copied() else { return };
        let (name, value) = (self.names.make(&name.into()), value.as_ref());
        if let Some((_, part)) =
            self.attrs[element.attr_range()].iter_mut().find(|(n, _)| *n == name)
        {
            *part = self.texts.replace(*part, value);
            return;
        }
        let attr = (name, self.texts.add(value));
        self.add_attr(id, attr);
    }

    /// Adds an attribute to an element. Those that it has move to the end of the list, where they do
    /// not stand there already.
    fn add_attr(&mut self, id: XmlId, attr: Attr) {
        let Some(mut element) = self.element_ref(id).copied() else { return };
        let range = element.attr_range();
        let first = if range.end == self.attrs.len() {
            range.start
        } else {
            let end = self.attrs.len();
            self.attrs.extend_from_within(range);
            end
        };
        self.attrs.push(attr);
        self.claim_attrs(&mut element, first);
        self.slots[id.index()].kind = Kind::Element(element);
    }

    /// Removes an attribute and returns its value, or `None` where there was none.
    pub fn remove_attr(&mut self, id: XmlId, name: &str) -> Option<Box<str>> {
        let range = self.element_ref(id)?.attr_range();
        let name = self.names.find(name)?;
        let attrs = &mut self.attrs[range];
        let at = attrs.iter().position(|(n, _)| *n == name)?;
        let (_, value) = attrs[at];
        attrs[at..].rotate_left(1);
        self.element_mut(id)?.attrs -= 1;
        Some(self.texts.get(value).into())
    }

    /// Renames an attribute, which keeps its place and value. An attribute that has the new name
    /// already gives way: the value of the later of the two stays, in the place of the earlier.
    /// Does nothing where `id` is not an element or has no such attribute.
    pub fn rename_attr(&mut self, id: XmlId, from: &str, to: impl Into<Cow<'static, str>>) {
        let Some(mut element) = self.element_ref(id).copied() else { return };
        let (from, to) = (self.names.find(from), self.names.make(&to.into()));
        let old: Vec<Attr> = self.attrs[element.attr_range()].to_vec();
        let mut attrs: Vec<Attr> = Vec::with_capacity(old.len());
        for (name, value) in old {
            let name = if Some(name) == from { to } else { name };
            match attrs.iter_mut().find(|(n, _)| *n == name) {
                Some((_, slot)) => *slot = value,
                None => attrs.push((name, value)),
            }
        }
        let start = element.attr_range().start;
        self.attrs[start..start + attrs.len()].copy_from_slice(&attrs);
        element.attrs = u32::try_from(attrs.len()).unwrap_or(element.attrs);
        self.slots[id.index()].kind = Kind::Element(element);
    }

    /// Appends a new empty element as the last child of `parent` and returns its id.
    pub fn append(&mut self, parent: XmlId, name: impl Into<Cow<'static, str>>) -> XmlId {
        let name = self.names.make(&name.into());
        self.push_whole(Some(parent), name, &[])
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
        let element = Element::named(self.names.make(&name.into()));
        self.push_slot(Some(parent), Some(position), Kind::Element(element))
    }

    /// Appends a comment; `text` is what stands between `<!--` and `-->`.
    pub fn append_comment(&mut self, parent: XmlId, text: impl AsRef<str>) -> XmlId {
        let text = self.texts.add(text.as_ref());
        self.push_slot(Some(parent), None, Kind::Comment(text))
    }

    /// Appends character data, joining it to text that already stands last.
    pub fn append_text(&mut self, parent: XmlId, text: &str) {
        if let Some(last) = self.children_of(parent).last().copied()
            && let Kind::Text(old) = &mut self.slots[last.index()].kind
        {
            *old = self.texts.append(*old, text);
            return;
        }
        let text = self.texts.add(text);
        self.push_slot(Some(parent), None, Kind::Text(text));
    }

    /// Appends a CDATA section.
    pub fn append_cdata(&mut self, parent: XmlId, text: impl AsRef<str>) -> XmlId {
        let text = self.texts.add(text.as_ref());
        self.push_slot(Some(parent), None, Kind::CData(text))
    }

    /// Copies `source` (of this or another tree) with all below it to the end of `parent`.
    pub fn append_copy(&mut self, parent: XmlId, source: ElementRef<'_>) -> XmlId {
        let position = self.children_of(parent).len();
        self.insert_copy(parent, position, source)
    }

    /// Copies `source` with all below it before the child of `parent` at `position`.
    pub fn insert_copy(&mut self, parent: XmlId, position: usize, source: ElementRef<'_>) -> XmlId {
        let made = self.insert_node_copy(parent, position, source.tree, source.id);
        made.expect("an ElementRef's element is in its tree")
    }

    /// Moves a whole tree to the end of `parent`, and returns its root's new id. Takes less time and
    /// room than a copy: each part of the tree is let go before the next one is moved.
    pub fn append_tree(&mut self, parent: XmlId, source: Tree) -> XmlId {
        let Some(text) = self.texts.append_all(&source.texts) else {
            return self.append_copy(parent, source.root());
        };
        let Tree { mut slots, root, attrs, mut children, names, texts } = source;
        drop(texts);
        let (slot, list) = (self.slots.len(), self.children.len());
        let place = |id: XmlId| XmlId::new(id.index() + slot);
        let names = self.names.make_all(&names);
        let named = |name: Name| match name {
            Name::Other(at) => names.get(at as usize).copied().unwrap_or(name),
            Name::Known(_) => name,
        };
        self.attrs.reserve(attrs.len());
        for Slot { parent, kind } in &mut slots {
            *parent = parent.map(place);
            match kind {
                Kind::Element(element) => {
                    let first = self.attrs.len();
                    let own = attrs[element.attr_range()].iter();
                    self.attrs.extend(own.map(|(name, part)| (named(*name), part.moved(text))));
                    self.claim_attrs(element, first);
                    element.name = named(element.name);
                    element.children = element.children.map(|at| list_place(list, at));
                }
                Kind::Text(part) | Kind::Comment(part) | Kind::CData(part) => {
                    *part = part.moved(text);
                }
            }
        }
        drop(attrs);
        self.slots.append(&mut slots);
        for id in children.iter_mut().flatten() {
            *id = place(*id);
        }
        self.children.append(&mut children);
        let top = place(root);
        self.attach(parent, usize::MAX, top);
        top
    }

    /// Returns the node at `id`, whatever it is.
    pub fn node(&self, id: XmlId) -> Option<Child<'_>> {
        Some(match self.slots.get(id.index())?.kind {
            Kind::Element(_) => Child::Element(ElementRef { tree: self, id }),
            Kind::Text(text) => Child::Text(self.texts.get(text)),
            Kind::Comment(text) => Child::Comment(self.texts.get(text)),
            Kind::CData(text) => Child::CData(self.texts.get(text)),
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
        if id == source.root {
            self.slots.reserve(source.slots.len());
            self.attrs.reserve(source.attrs.len());
            self.texts.reserve(source.texts.len());
        }
        let top = self.copy_node(None, source, id)?;
        let mut work = vec![(id, top)];
        while let Some((from, to)) = work.pop() {
            let children = source.children_of(from);
            if children.is_empty() {
                continue;
            }
            self.list_mut(to).reserve_exact(children.len());
            for &child in children {
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
        let kind = match source.slots.get(id.index())?.kind {
            Kind::Element(_) => self.copy_shell(source.element(id)?),
            Kind::Text(text) => Kind::Text(self.texts.add(source.texts.get(text))),
            Kind::Comment(text) => Kind::Comment(self.texts.add(source.texts.get(text))),
            Kind::CData(text) => Kind::CData(self.texts.add(source.texts.get(text))),
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
        if self.element_ref(parent).is_none() {
            return;
        }
        for child in std::mem::take(self.list_mut(parent)) {
            self.orphan(child);
        }
        let elsewhere: BTreeSet<XmlId> =
            children.iter().filter_map(|child| self.parent_of(*child)).collect();
        for child in &children {
            self.slots[child.index()].parent = Some(parent);
        }
        for other in elsewhere.into_iter().filter(|other| *other != parent) {
            let mut left = std::mem::take(self.list_mut(other));
            left.retain(|child| self.parent_of(*child) == Some(other));
            *self.list_mut(other) = left;
        }
        *self.list_mut(parent) = children;
    }

    /// Appends an element with the name and attributes of `source`, without its children.
    pub fn append_shell(&mut self, parent: XmlId, source: ElementRef<'_>) -> XmlId {
        let shell = self.copy_shell(source);
        self.push_slot(Some(parent), None, shell)
    }

    /// Replaces all attributes by those of `source`, in its order.
    pub fn set_attrs(&mut self, id: XmlId, source: ElementRef<'_>) {
        let Some(mut element) = self.element_ref(id).copied() else { return };
        self.copy_attrs(&mut element, source);
        self.slots[id.index()].kind = Kind::Element(element);
    }

    /// Takes the node out of its parent. The root stays where it is.
    pub fn detach(&mut self, id: XmlId) {
        let Some(parent) = self.slots.get_mut(id.index()).and_then(|s| s.parent.take()) else {
            return;
        };
        // What is deleted in order stands near the start: looking for it costs little, and closing
        // the gap is one move of memory.
        let children = self.list_mut(parent);
        if let Some(at) = children.iter().position(|child| *child == id) {
            children.remove(at);
        }
    }

    /// Takes the children out of an element for which `stays` is false.
    pub fn retain_children(&mut self, parent: XmlId, mut stays: impl FnMut(XmlId) -> bool) {
        let mut gone = Vec::new();
        self.list_mut(parent).retain(|child| {
            let is_kept = stays(*child);
            gone.extend((!is_kept).then_some(*child));
            is_kept
        });
        for child in gone {
            self.slots[child.index()].parent = None;
        }
    }

    /// Moves a node (attached or detached) below `parent`, before the child at `position` counted
    /// after the node has left its old place. `parent` must not lie below `id`.
    pub fn attach(&mut self, parent: XmlId, position: usize, id: XmlId) {
        self.detach(id);
        self.slots[id.index()].parent = Some(parent);
        self.insert_child(parent, position, id);
    }

    /// Renames an element, keeping attributes and children.
    pub fn rename(&mut self, id: XmlId, name: impl Into<Cow<'static, str>>) {
        let name = self.names.make(&name.into());
        if let Some(element) = self.element_mut(id) {
            element.name = name;
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

    fn children_of(&self, id: XmlId) -> &[XmlId] {
        let list = self.element_ref(id).and_then(|element| element.children);
        list.and_then(|list| self.children.get(list.get() as usize - 1)).map_or(&[], Vec::as_slice)
    }

    /// Returns the list of an element's children, which is made where there was none.
    fn list_mut(&mut self, id: XmlId) -> &mut Vec<XmlId> {
        let next = list_place(self.children.len(), NonZeroU32::MIN);
        let mut at = next;
        if let Some(element) = self.element_mut(id) {
            at = *element.children.get_or_insert(next);
        }
        if at == next {
            self.children.push(Vec::new());
        }
        &mut self.children[at.get() as usize - 1]
    }

    fn insert_child(&mut self, parent: XmlId, position: usize, id: XmlId) {
        if self.element_ref(parent).is_some() {
            let children = self.list_mut(parent);
            children.insert(position.min(children.len()), id);
        }
    }

    fn push_slot(&mut self, parent: Option<XmlId>, position: Option<usize>, kind: Kind) -> XmlId {
        let id = XmlId::new(self.slots.len());
        self.slots.push(Slot { parent, kind });
        if let Some(parent) = parent {
            self.insert_child(parent, position.unwrap_or(usize::MAX), id);
        }
        id
    }
}

/// Returns the next element of the deepest list that has one; lists that are done go.
fn next_of<'a>(
    tree: &'a Tree,
    levels: &mut Vec<std::slice::Iter<'a, XmlId>>,
) -> Option<ElementRef<'a>> {
    loop {
        match levels.last_mut()?.next() {
            None => {
                levels.pop();
            }
            Some(id) => {
                if let Some(element) = tree.element(*id) {
                    return Some(element);
                }
            }
        }
    }
}

/// Returns the place of a list of children that comes after `before` others.
fn list_place(before: usize, at: NonZeroU32) -> NonZeroU32 {
    let place = u32::try_from(before).ok().and_then(|before| at.checked_add(before));
    place.expect("a CIB has under 2^32 nodes")
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
        self.tree.names.text(self.element().name)
    }

    /// Returns an attribute's value, unescaped.
    pub fn attr(self, name: &str) -> Option<&'a str> {
        // Most elements have three or four, and most names differ in length already.
        let names = &self.tree.names;
        let found = self.own_attrs().iter().find(|(other, _)| names.text(*other) == name);
        found.map(|(_, value)| self.tree.texts.get(*value))
    }

    fn own_attrs(self) -> &'a [Attr] {
        &self.tree.attrs[self.element().attr_range()]
    }

    /// Returns the `id` attribute.
    pub fn id(self) -> Option<&'a str> {
        self.attr("id")
    }

    /// Returns all attributes in document order.
    pub fn attrs(self) -> impl ExactSizeIterator<Item = (&'a str, &'a str)> + Clone {
        let tree = self.tree;
        let attrs = self.own_attrs().iter();
        attrs.map(move |(name, value)| (tree.names.text(*name), tree.texts.get(*value)))
    }

    /// Returns the child elements in document order.
    pub fn children(self) -> impl DoubleEndedIterator<Item = ElementRef<'a>> + Clone {
        let tree = self.tree;
        self.child_ids().iter().filter_map(move |id| tree.element(*id))
    }

    /// Returns all children, text and comments included, in document order.
    pub fn all_children(self) -> impl DoubleEndedIterator<Item = Child<'a>> + Clone {
        let tree = self.tree;
        self.child_ids().iter().filter_map(move |id| tree.node(*id))
    }

    /// Returns the ids of all children, text and comments included, in document order.
    pub fn child_ids(self) -> &'a [XmlId] {
        self.tree.children_of(self.id)
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
        // One list for each level, not each element: the children of one may be a million.
        let mut levels: Vec<std::slice::Iter<'a, XmlId>> = Vec::new();
        let mut root = Some(self);
        std::iter::from_fn(move || {
            let next = root.take().or_else(|| next_of(self.tree, &mut levels))?;
            if !next.child_ids().is_empty() {
                levels.push(next.child_ids().iter());
            }
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
        self.child_ids().is_empty()
    }
}
