//! The ordered tree: elements, attributes in document order, text, comments.
//!
//! **Shape:** an arena of slots addressed by [`XmlId`]. Removing a node frees nothing until the
//! tree is dropped; ids stay valid and are never reused.

use std::borrow::Cow;

/// Index of one node of a [`Tree`]. Valid only for the tree that gave it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct XmlId(u32);

impl XmlId {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// Name of an element or attribute; names known in advance are borrowed.
pub(super) type Name = Cow<'static, str>;

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
    attrs: Vec<(Name, Box<str>)>,
    children: Vec<XmlId>,
}

/// One XML document: exactly one root element and what is below it.
#[derive(Clone, Debug)]
pub struct Tree {
    slots: Vec<Slot>,
    root: XmlId,
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
        let element = Element { name: name.into(), attrs: Vec::new(), children: Vec::new() };
        Tree { slots: vec![Slot { parent: None, kind: Kind::Element(element) }], root: XmlId(0) }
    }

    /// Makes a tree of one element with its attributes, whose names differ.
    pub(super) fn whole(name: Name, attrs: Vec<(Name, Box<str>)>) -> Self {
        let kind = Kind::Element(Element { name, attrs, children: Vec::new() });
        Tree { slots: vec![Slot { parent: None, kind }], root: XmlId(0) }
    }

    /// Appends an element with its attributes, whose names differ.
    pub(super) fn append_whole(
        &mut self,
        parent: XmlId,
        name: Name,
        attrs: Vec<(Name, Box<str>)>,
    ) -> XmlId {
        self.push_child(parent, None, Kind::Element(Element { name, attrs, children: Vec::new() }))
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
        let name = name.into();
        let Some(element) = self.element_mut(id) else { return };
        match element.attrs.iter_mut().find(|(n, _)| *n == name) {
            Some((_, slot)) => *slot = value.into(),
            None => element.attrs.push((name, value.into())),
        }
    }

    /// Removes an attribute and returns its value, or `None` where there was none.
    pub fn remove_attr(&mut self, id: XmlId, name: &str) -> Option<Box<str>> {
        let element = self.element_mut(id)?;
        let at = element.attrs.iter().position(|(n, _)| n == name)?;
        Some(element.attrs.remove(at).1)
    }

    /// Appends a new empty element as the last child of `parent` and returns its id.
    pub fn append(&mut self, parent: XmlId, name: impl Into<Cow<'static, str>>) -> XmlId {
        let element = Element { name: name.into(), attrs: Vec::new(), children: Vec::new() };
        self.push_child(parent, None, Kind::Element(element))
    }

    /// Inserts a new empty element before the child at `position` (0-based among all children,
    /// text and comments included; clamped to the end) and returns its id.
    pub fn insert(
        &mut self,
        parent: XmlId,
        position: usize,
        name: impl Into<Cow<'static, str>>,
    ) -> XmlId {
        let element = Element { name: name.into(), attrs: Vec::new(), children: Vec::new() };
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
        let shell = |e: &Element| Element {
            name: e.name.clone(),
            attrs: e.attrs.clone(),
            children: Vec::new(),
        };
        let top = self.push_child(parent, Some(position), Kind::Element(shell(source.element())));
        let mut work = vec![(source.id, top)];
        while let Some((from, to)) = work.pop() {
            let Some(element) = source.tree.element_ref(from) else { continue };
            for &child in &element.children {
                let kind = match &source.tree.slots[child.index()].kind {
                    Kind::Element(e) => Kind::Element(shell(e)),
                    other => other.clone(),
                };
                let made = self.push_child(to, None, kind);
                work.push((child, made));
            }
        }
        top
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
        match &source.slots.get(id.index())?.kind {
            Kind::Element(_) => Some(self.insert_copy(parent, position, source.element(id)?)),
            other => Some(self.push_child(parent, Some(position), other.clone())),
        }
    }

    /// Appends an element with the name and attributes of `source`, without its children.
    pub fn append_shell(&mut self, parent: XmlId, source: ElementRef<'_>) -> XmlId {
        let Element { name, attrs, children: _ } = source.element();
        let shell = Element { name: name.clone(), attrs: attrs.clone(), children: Vec::new() };
        self.push_child(parent, None, Kind::Element(shell))
    }

    /// Replaces all attributes by those of `source`, in its order.
    pub fn set_attrs(&mut self, id: XmlId, source: ElementRef<'_>) {
        let attrs = source.element().attrs.clone();
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
            element.children.retain(|c| *c != id);
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
            element.name = name.into();
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
        let id = XmlId(u32::try_from(self.slots.len()).expect("a CIB has under 2^32 nodes"));
        self.slots.push(Slot { parent: Some(parent), kind });
        if let Some(element) = self.element_mut(parent) {
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
        &self.element().name
    }

    /// Returns an attribute's value, unescaped.
    pub fn attr(self, name: &str) -> Option<&'a str> {
        self.element().attrs.iter().find(|(n, _)| n == name).map(|(_, v)| &**v)
    }

    /// Returns the `id` attribute.
    pub fn id(self) -> Option<&'a str> {
        self.attr("id")
    }

    /// Returns all attributes in document order.
    pub fn attrs(self) -> impl ExactSizeIterator<Item = (&'a str, &'a str)> + Clone {
        self.element().attrs.iter().map(|(n, v)| (n.as_ref(), &**v))
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
