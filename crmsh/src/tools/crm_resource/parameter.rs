//! Parameters of a resource by `crm_resource`: which resource's is meant, and what becomes of it.
//!
//! **Source:** pacemaker `tools/crm_resource_runtime.c`, `find_matching_attr_resources()`,
//! `update_attribute()`, `cli_resource_delete_attribute()`.

use cib_model::operation::{Author, Operation, ReplaceVersions, Target};
use cib_model::resource::Resource;
use cib_model::xml::{ElementRef, Tree};
use cib_model::{Cib, Section};

use super::super::cib_place::CibPlace;
use super::super::nvpair;
use super::super::reply::{Reply, Stop, element, set};
use super::Options;
use crate::exit::Exit;

/// Where a parameter stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Holder {
    /// In sets of this name.
    Sets(&'static str),
    /// In the resource's own element.
    Element,
}

impl Holder {
    pub(super) fn of(options: &Options) -> Holder {
        match (options.meta, options.utilization, options.element) {
            (true, ..) => Holder::Sets("meta_attributes"),
            (_, true, _) => Holder::Sets("utilization"),
            (.., true) => Holder::Element,
            _ => Holder::Sets("instance_attributes"),
        }
    }
}

/// What is to be done, and where.
pub(super) struct Desk<'a> {
    pub(super) options: &'a Options,
    pub(super) place: &'a CibPlace,
    /// The resource's id as it stands in the CIB.
    pub(super) rsc: &'a str,
    pub(super) name: &'a str,
}

/// What was set.
struct Done {
    rsc: String,
    /// The element name of the resource.
    kind: String,
    sets: &'static str,
    /// The set's id where it is new or was given.
    set_id: Option<String>,
    id: String,
}

impl Desk<'_> {
    /// Sets the parameter.
    pub(super) fn set(&self, value: &str, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
        let Holder::Sets(sets) = Holder::of(self.options) else {
            self.in_element(Some(value))?;
            reply.info(&format!("Set attribute: name={} value={value}", self.name));
            return Ok(Exit::OK);
        };
        let (told, done) = self.place.change(|cib, author| {
            let mut told = self.ambiguities(cib);
            self.forbid_shadowing(cib, sets, reply)?;
            let meant = self.meant(cib, sets, "update", &mut told);
            let only = self.options.set_name.is_some() || self.options.nvpair.is_some();
            let skipped = if only { meant.len().saturating_sub(1) } else { 0 };
            let mut done = Vec::new();
            for rsc in meant.iter().skip(skipped) {
                done.push(self.set_one(cib, author, rsc, sets, value)?);
            }
            Ok((told, done))
        })?;
        for line in &told {
            reply.info(line);
        }
        self.tell(&done, value, reply);
        Ok(Exit::OK)
    }

    fn tell(&self, done: &[Done], value: &str, reply: &mut Reply<'_>) {
        let name = self.name;
        let mut tree = Tree::new("resource-settings");
        let root = tree.root_id();
        for Done { rsc, kind, sets, set_id, id } in done {
            let set_text = set_id.as_ref().map_or(String::new(), |set| format!(" set={set}"));
            reply.info(&format!("Set '{rsc}' option: id={id}{set_text} name={name} value={value}"));
            let at = tree.append(root, kind.clone());
            set(&mut tree, at, &[("id", rsc)]);
            let at = tree.append(at, *sets);
            if let Some(set_id) = set_id {
                set(&mut tree, at, &[("id", set_id)]);
            }
            let at = tree.append(at, "nvpair");
            set(&mut tree, at, &[("id", id), ("value", value), ("name", name)]);
        }
        reply.element(&tree);
    }

    /// Takes the parameter away.
    pub(super) fn delete(&self, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
        let Holder::Sets(sets) = Holder::of(self.options) else {
            self.in_element(None)?;
            reply.info(&format!("Deleted attribute: {}", self.name));
            return Ok(Exit::OK);
        };
        let told = self.place.change(|cib, author| {
            let mut told = self.ambiguities(cib);
            let meant = if sets == "meta_attributes" {
                self.meant(cib, sets, "delete", &mut told)
            } else {
                vec![self.rsc.to_owned()]
            };
            for rsc in &meant {
                let Some(pair) = self.one(cib, rsc, sets)? else { continue };
                let gone = nvpair::named(Some(&pair), self.name);
                self.operate(cib, author, Operation::Delete(gone.root()))?;
                let set_name = self.options.set_name.as_ref();
                let set_text = set_name.map_or(String::new(), |set| format!(" set={set}"));
                let name = self.name;
                told.push(format!("Deleted '{rsc}' option: id={pair}{set_text} name={name}"));
            }
            Ok(told)
        })?;
        for line in &told {
            reply.info(line);
        }
        Ok(Exit::OK)
    }

    /// Sets an attribute of the resource's element, or removes it.
    fn in_element(&self, value: Option<&str>) -> Result<(), Stop> {
        self.place.change(|cib, author| {
            let found = cib.resource(self.rsc).ok_or_else(|| self.place.absent())?;
            let mut tree = Tree::new(found.element().name().to_owned());
            let root = tree.root_id();
            tree.set_attrs(root, found.element());
            for (position, id) in found.element().child_ids().iter().enumerate() {
                tree.insert_node_copy(root, position, cib.tree(), *id);
            }
            match value {
                Some(value) => tree.set_attr(root, self.name.to_owned(), value),
                None => drop(tree.remove_attr(root, self.name)),
            }
            let versions = ReplaceVersions::Managed;
            self.operate(cib, author, Operation::Replace { input: tree.root(), versions })
        })
    }

    /// Tells of all parameters of that name in the outermost resource, where there are several.
    fn ambiguities(&self, cib: &Cib) -> Vec<String> {
        if self.options.force || self.options.nvpair.is_some() {
            return Vec::new();
        }
        let Some(rsc) = cib.resource(self.rsc) else { return Vec::new() };
        let found = pairs(rsc.top().element(), None, None, None, self.name);
        if found.len() < 2 {
            return Vec::new();
        }
        let mut told = nvpair::several(&found, self.name);
        told.push(String::new());
        told
    }

    /// Refuses a parameter whose name a meta-attribute has.
    fn forbid_shadowing(&self, cib: &Cib, sets: &str, reply: &mut Reply<'_>) -> Result<(), Stop> {
        let Some(rsc) = cib.resource(self.rsc) else { return Ok(()) };
        if self.options.force || sets != "instance_attributes" {
            return Ok(());
        }
        let top = rsc.top();
        let (set_id, id) = (self.options.set_name.as_deref(), self.options.nvpair.as_deref());
        let meta = pairs(top.element(), Some("meta_attributes"), set_id, id, self.name);
        let Some(pair) = meta.first() else { return Ok(()) };
        let (pair, top) = (pair.id().unwrap_or_default(), top.id());
        if !self.options.quiet {
            let name = self.name;
            reply.error(&format!(
                "WARNING: There is already a meta attribute for '{top}' called '{name}' (id={pair})"
            ));
            reply.error(&format!(
                "         Delete '{pair}' first or use the force option to override"
            ));
        }
        Err(super::failed(Exit::MULTIPLE))
    }

    /// Returns the resources whose parameter is meant: of a clone and what is in it the one that has
    /// it, with members of a group those that have it before the group.
    fn meant(&self, cib: &Cib, sets: &str, task: &str, told: &mut Vec<String>) -> Vec<String> {
        let (own, name) = (self.rsc, self.name);
        let (Some(rsc), false) =
            (cib.resource(own), self.options.force || sets == "instance_attributes")
        else {
            return vec![own.to_owned()];
        };
        let has = |rsc: Resource<'_>| self.found(rsc, sets).len() == 1;
        match rsc.parent() {
            Some(parent @ Resource::Clone(_)) => {
                if has(rsc) {
                    return vec![own.to_owned()];
                }
                let id = parent.id();
                told.push(format!(
                    "Performing {task} of '{name}' on '{id}', the parent of '{own}'"
                ));
                vec![id.to_owned()]
            }
            None if matches!(rsc, Resource::Clone(_)) => {
                let child = rsc.members().next().filter(|m| matches!(m, Resource::Primitive(_)));
                let Some(child) = child.filter(|child| has(*child)) else {
                    return vec![own.to_owned()];
                };
                let id = child.id();
                told.push(format!(
                    "A value for '{name}' already exists in child '{id}', performing {task} on that \
                     instead of '{own}'"
                ));
                vec![id.to_owned()]
            }
            _ => {
                let inside = rsc.with_members().skip(1).filter(|inside| has(*inside));
                inside.map(|inside| inside.id().to_owned()).chain([own.to_owned()]).collect()
            }
        }
    }

    fn found<'c>(&self, rsc: Resource<'c>, sets: &str) -> Vec<ElementRef<'c>> {
        let (set_id, id) = (self.options.set_name.as_deref(), self.options.nvpair.as_deref());
        pairs(rsc.element(), Some(sets), set_id, id, self.name)
    }

    /// Returns the id of the one pair that a resource has; none where it has none.
    fn one(&self, cib: &Cib, rsc: &str, sets: &str) -> Result<Option<String>, Stop> {
        let rsc = cib.resource(rsc).ok_or_else(|| self.place.absent())?;
        match self.found(rsc, sets).as_slice() {
            [] => Ok(None),
            [one] => Ok(one.id().map(str::to_owned)),
            _ => Err(super::failed(Exit::MULTIPLE)),
        }
    }

    fn set_one(
        &self,
        cib: &mut Cib,
        author: &Author<'_>,
        rsc: &str,
        sets: &'static str,
        value: &str,
    ) -> Result<Done, Stop> {
        let kind = cib.resource(rsc).map_or("", |rsc| rsc.element().name()).to_owned();
        let given = self.options.set_name.clone();
        let (input, set_id, id) = if let Some(id) = self.one(cib, rsc, sets)? {
            let attrs = [("id", id.as_str()), ("name", self.name), ("value", value)];
            (element("nvpair", &attrs), given, id)
        } else {
            let set_id = given.unwrap_or_else(|| format!("{rsc}-{sets}"));
            let id = self.options.nvpair.clone();
            let id = id.unwrap_or_else(|| format!("{set_id}-{}", self.name));
            let mut tree = Tree::new(kind.clone());
            let root = tree.root_id();
            set(&mut tree, root, &[("id", rsc)]);
            let holder = tree.append(root, sets);
            set(&mut tree, holder, &[("id", &set_id)]);
            let at = tree.append(holder, "nvpair");
            set(&mut tree, at, &[("id", &id), ("name", self.name), ("value", value)]);
            (tree, Some(set_id), id)
        };
        let input = input.root();
        let operation = Operation::Modify { input, can_create: false, score_update: false };
        self.operate(cib, author, operation)?;
        Ok(Done { rsc: rsc.to_owned(), kind, sets, set_id, id })
    }

    fn operate(
        &self,
        cib: &mut Cib,
        author: &Author<'_>,
        operation: Operation<'_>,
    ) -> Result<(), Stop> {
        let target = Target::Section(Section::Resources);
        self.place.perform(cib, author, operation, target).map(|_| ())
    }
}

/// Returns the pairs below `owner`: in its own sets of a name (and an id), else anywhere.
fn pairs<'c>(
    owner: ElementRef<'c>,
    sets: Option<&str>,
    set_id: Option<&str>,
    id: Option<&str>,
    name: &str,
) -> Vec<ElementRef<'c>> {
    let is_set = |set: &ElementRef<'_>| set_id.is_none_or(|id| set.id() == Some(id));
    let roots: Vec<ElementRef<'c>> = match sets {
        Some(sets) => owner.children_named(sets).filter(is_set).collect(),
        None => vec![owner],
    };
    roots.into_iter().flat_map(|root| nvpair::below(root, id, Some(name))).collect()
}
