//! What is where: objects by id, ids in use, constraints by the resources they name.

use std::collections::{BTreeSet, HashMap};

use cib_model::cib::Cib;
use cib_model::xml::{ElementRef, XmlId};

use crate::kind::{Namespace, ObjectKind, object_id};
use crate::lower::ids::IdRegistry;
use crate::objects::{objects, references};

/// Where something stands, in order of appearance: mostly one place, which costs no list.
#[derive(Debug)]
enum Places {
    One(XmlId),
    #[expect(
        clippy::box_collection,
        reason = "it is rare, and would make the others thrice as large"
    )]
    More(Box<BTreeSet<XmlId>>),
}

impl Places {
    fn first(&self) -> Option<XmlId> {
        self.iter().next()
    }

    fn iter(&self) -> impl Iterator<Item = XmlId> {
        let (one, more) = match self {
            Places::One(at) => (Some(*at), None),
            Places::More(all) => (None, Some(all.iter().copied())),
        };
        one.into_iter().chain(more.into_iter().flatten())
    }
}

/// Adds a place to what stands at a key.
fn put(map: &mut HashMap<Box<str>, Places>, key: &str, at: XmlId) {
    match map.get_mut(key) {
        None => {
            map.insert(key.into(), Places::One(at));
        }
        Some(Places::More(all)) => {
            all.insert(at);
        }
        Some(one) => {
            if one.first() != Some(at) {
                *one = Places::More(Box::new(one.iter().chain([at]).collect()));
            }
        }
    }
}

/// Removes a place from what stands at a key.
fn take(map: &mut HashMap<Box<str>, Places>, key: &str, at: XmlId) {
    match map.get_mut(key) {
        Some(Places::More(all)) => {
            all.remove(&at);
        }
        Some(Places::One(only)) if *only == at => {
            map.remove(key);
        }
        _ => {}
    }
}

/// The index of one CIB. Whoever changes an object adds and removes it here.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) ids: IdRegistry,
    /// Every object but nodes and users, by object id; several only in a CIB with clashing ids.
    objects: HashMap<Box<str>, Places>,
    /// Nodes by id and by name.
    nodes: HashMap<Box<str>, Places>,
    /// Holders of rights by name.
    users: HashMap<Box<str>, Places>,
    /// Constraints by resource; in order of appearance.
    constraints: HashMap<Box<str>, Places>,
    /// Tags by what they hold.
    tags: HashMap<Box<str>, Places>,
}

impl Index {
    pub(super) fn of(cib: &Cib) -> Self {
        let mut index = Index::default();
        if let Some(configuration) = cib.configuration() {
            index.ids.add_all(configuration);
            for element in objects(configuration) {
                index.add(element);
            }
        }
        index
    }

    /// Returns the object with this id, or this name of a node, in a namespace.
    pub(super) fn get(&self, namespace: Namespace, id: &str) -> Option<XmlId> {
        let map = match namespace {
            Namespace::Nodes => &self.nodes,
            Namespace::Users => &self.users,
            Namespace::Objects => &self.objects,
        };
        map.get(id)?.first()
    }

    /// Returns the object with this id that is no node and no user.
    pub(super) fn resource(&self, id: &str) -> Option<XmlId> {
        self.get(Namespace::Objects, id)
    }

    /// Returns the id that is nearest to one that is not there.
    pub(super) fn closest(&self, id: &str) -> Option<String> {
        let mut known: Vec<&str> = self.objects.keys().map(AsRef::as_ref).collect();
        known.sort_unstable();
        crate::expect::closest(id, known.into_iter()).map(str::to_owned)
    }

    /// Returns the constraints that name a resource.
    pub(super) fn constraints(&self, rsc: &str) -> Vec<XmlId> {
        self.constraints.get(rsc).into_iter().flat_map(Places::iter).collect()
    }

    /// Returns the tags that hold an id.
    pub(super) fn tags(&self, id: &str) -> Vec<XmlId> {
        self.tags.get(id).into_iter().flat_map(Places::iter).collect()
    }

    fn named(&mut self, namespace: Namespace) -> &mut HashMap<Box<str>, Places> {
        match namespace {
            Namespace::Nodes => &mut self.nodes,
            Namespace::Users => &mut self.users,
            Namespace::Objects => &mut self.objects,
        }
    }

    /// Adds one object; not its ids, and not the objects inside it.
    pub(super) fn add(&mut self, element: ElementRef<'_>) {
        let at = element.xml_id();
        let Some(kind) = ObjectKind::of(element) else { return };
        if kind == ObjectKind::Node {
            for name in node_keys(element) {
                put(&mut self.nodes, name, at);
            }
            return;
        }
        if let Some(id) = object_id(element) {
            put(self.named(kind.namespace()), id, at);
        }
        for rsc in references(element) {
            put(&mut self.constraints, rsc, at);
        }
        if kind == ObjectKind::Tag {
            for id in element.children().filter_map(ElementRef::id) {
                put(&mut self.tags, id, at);
            }
        }
    }

    /// Removes one object; not its ids, and not the objects inside it.
    pub(super) fn remove(&mut self, element: ElementRef<'_>) {
        let at = element.xml_id();
        for name in node_keys(element) {
            take(&mut self.nodes, name, at);
        }
        if let Some(id) = object_id(element) {
            take(self.named(Namespace::of(element.name())), id, at);
        }
        for rsc in references(element) {
            take(&mut self.constraints, rsc, at);
        }
        if element.name() == "tag" {
            for id in element.children().filter_map(ElementRef::id) {
                take(&mut self.tags, id, at);
            }
        }
    }
}

fn node_keys(element: ElementRef<'_>) -> impl Iterator<Item = &str> {
    let id = element.id().filter(|_| element.name() == "node");
    let uname = element
        .attr("uname")
        .filter(|name| element.name() == "node" && Some(*name) != element.id());
    id.into_iter().chain(uname)
}
