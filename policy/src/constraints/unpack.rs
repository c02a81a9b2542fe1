//! Phase 2, `pcmk__unpack_constraints()`: from the configuration to tables.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_constraints.c`.
//! **Differs:** tags and templates become resource sets as values; the XML is not rewritten.

use rustc_hash::FxHashMap;
use std::sync::Arc;

use cib_model::boolean;
use cib_model::xml::{ElementRef, Tree};

use crate::facts::Role;
use crate::index::RscIdx;
use crate::plan::Plan;

/// Reads all constraints in document order; tickets are applied at once, as in the reference.
pub fn run(plan: &mut Plan) {
    let count = plan.facts.rscs.len();
    plan.constraints.make_room(count);
    let config = Arc::clone(&plan.facts.config);
    let by_history = history_ids(plan);
    let mut unpack = Unpack { plan, by_history };
    let Some(section) = constraints_section(&config) else { return };
    for constraint in section.children() {
        let Some(id) = constraint.id() else {
            let message = format!("Ignoring <{}> constraint without id", constraint.name());
            unpack.plan.diagnostics.error(message);
            continue;
        };
        match constraint.name() {
            "rsc_order" => unpack.order(constraint, id),
            "rsc_colocation" => unpack.colocation(constraint, id),
            "rsc_location" => unpack.location(constraint, id),
            "rsc_ticket" => unpack.ticket(constraint, id),
            other => {
                unpack.plan.diagnostics.error(format!("Unsupported constraint type: {other}"));
            }
        }
    }
}

fn constraints_section(config: &Tree) -> Option<ElementRef<'_>> {
    config.root().child("configuration")?.child("constraints")
}

/// Lists the names that only the history knows, each with the first resource that has it.
fn history_ids(plan: &Plan) -> FxHashMap<Box<str>, RscIdx> {
    let mut ids = FxHashMap::default();
    let mut stack: Vec<RscIdx> = plan.facts.top.iter().rev().copied().collect();
    while let Some(rsc) = stack.pop() {
        let state = &plan.rscs[rsc];
        if let Some(id) = &state.history_id {
            ids.entry(id.clone()).or_insert(rsc);
        }
        stack.extend(state.children.iter().rev());
    }
    ids
}

/// What reading one constraint may touch.
pub(super) struct Unpack<'p> {
    pub(super) plan: &'p mut Plan,
    by_history: FxHashMap<Box<str>, RscIdx>,
}

/// A constraint that cannot be used; what is wrong has been said.
pub(super) struct Unusable;

/// What an id in a constraint means.
enum Meaning {
    Resource,
    /// The ids a template or tag stands for.
    Several(Vec<Box<str>>),
}

/// A resource set as written, or as a tag or template in a constraint's attribute stands for.
pub(super) struct RscSet<'a> {
    pub(super) id: Box<str>,
    pub(super) refs: Vec<Box<str>>,
    /// `role` or `action`, where the constraint's own attribute was moved into the set.
    moved: Option<&'a str>,
    /// Made from a tag or template: nothing in it is ordered.
    unordered: bool,
    xml: Option<ElementRef<'a>>,
}

impl<'a> RscSet<'a> {
    /// Returns an attribute of a set that is written as one.
    pub(super) fn attr(&self, name: &str) -> Option<&'a str> {
        self.xml.and_then(|xml| xml.attr(name))
    }

    /// Returns the set's role or action, whichever attribute the constraint's kind uses.
    pub(super) fn qualifier(&self, name: &str) -> Option<&'a str> {
        self.moved.or_else(|| self.attr(name))
    }

    /// Returns `sequential` where it is set and readable.
    pub(super) fn sequential(&self) -> Option<bool> {
        if self.unordered { Some(false) } else { self.attr("sequential").and_then(boolean::parse) }
    }
}

/// One attribute of a simple constraint that names a resource.
pub(super) struct End {
    /// `rsc`, `with-rsc`, `first`, `then`.
    pub(super) attr: &'static str,
    /// The attribute that qualifies it and moves into a set made from it.
    pub(super) qualifier: &'static str,
}

impl Unpack<'_> {
    /// Finds the resource an id in a constraint means. A name that only an instance's history
    /// has means the whole collective.
    ///
    /// # Source
    /// `pcmk__find_constraint_resource()`
    pub(super) fn resource(&self, id: &str) -> Option<RscIdx> {
        let exact = self.plan.facts.rsc_by_id(id);
        exact.or_else(|| Some(self.plan.facts.top_below_bundle(*self.by_history.get(id)?)))
    }

    /// Finds a resource, and says so where there is none.
    pub(super) fn expect_resource(&mut self, set: &str, id: &str) -> Result<RscIdx, Unusable> {
        self.resource(id).ok_or_else(|| {
            self.plan.diagnostics.error(format!("{set}: No resource found for {id}"));
            Unusable
        })
    }

    fn meaning(&mut self, id: &str) -> Option<Meaning> {
        if self.resource(id).is_some() {
            return Some(Meaning::Resource);
        }
        let facts = &self.plan.facts;
        match facts.templates.get(id).or_else(|| facts.tags.get(id)) {
            Some([]) => None,
            Some(refs) => Some(Meaning::Several(refs.to_vec())),
            None => {
                let message = format!("No resource, template, or tag named '{id}'");
                self.plan.diagnostics.warn(message);
                None
            }
        }
    }

    /// Returns the resource sets of a constraint; empty for a simple one.
    ///
    /// A simple constraint with a tag or template becomes one of sets: of all its ends where
    /// `all_ends`, else of that end alone.
    ///
    /// # Source
    /// `pcmk__expand_tags_in_sets()`, `pcmk__tag_to_set()`
    pub(super) fn sets<'a>(
        &mut self,
        constraint: ElementRef<'a>,
        ends: &[End],
        all_ends: bool,
    ) -> Result<Vec<RscSet<'a>>, Unusable> {
        let written: Vec<ElementRef<'a>> = constraint.children_named("resource_set").collect();
        if !written.is_empty() {
            return Ok(self.written_sets(constraint, &written));
        }
        let named: Vec<&'a str> = ends.iter().filter_map(|e| constraint.attr(e.attr)).collect();
        if named.len() < ends.len() {
            return Ok(Vec::new());
        }
        let mut meanings = Vec::new();
        for id in &named {
            let Some(meaning) = self.meaning(id) else {
                let own = constraint.id().unwrap_or_default();
                self.plan.diagnostics.error(format!(
                    "Ignoring constraint '{own}' because '{id}' is not a valid resource or tag"
                ));
                return Err(Unusable);
            };
            meanings.push(meaning);
        }
        if meanings.iter().all(|m| matches!(m, Meaning::Resource)) {
            return Ok(Vec::new());
        }
        let mut sets = Vec::new();
        for ((end, id), meaning) in ends.iter().zip(named).zip(meanings) {
            let (refs, unordered) = match meaning {
                Meaning::Several(refs) => (refs, true),
                Meaning::Resource if all_ends => (vec![id.into()], false),
                Meaning::Resource => continue,
            };
            let moved = constraint.attr(end.qualifier);
            sets.push(RscSet { id: id.into(), refs, moved, unordered, xml: None });
        }
        Ok(sets)
    }

    /// Reads sets as written, with tags and templates among their references replaced. Where one
    /// reference means nothing no tag is replaced, and using the sets will fail.
    fn written_sets<'a>(
        &mut self,
        constraint: ElementRef<'a>,
        written: &[ElementRef<'a>],
    ) -> Vec<RscSet<'a>> {
        let mut expanded = Vec::new();
        let mut usable = true;
        for set in written {
            let mut refs = Vec::new();
            for id in set.children_named("resource_ref").filter_map(ElementRef::id) {
                match self.meaning(id) {
                    Some(Meaning::Resource) => refs.push(id.into()),
                    Some(Meaning::Several(several)) => refs.extend(several),
                    None => {
                        let own = constraint.id().unwrap_or_default();
                        self.plan.diagnostics.error(format!(
                            "Ignoring resource sets for constraint '{own}' because '{id}' is not \
                             a valid resource or tag"
                        ));
                        usable = false;
                    }
                }
            }
            expanded.push(refs);
        }
        let plain = |set: &ElementRef<'a>| {
            let ids = set.children_named("resource_ref").filter_map(ElementRef::id);
            ids.map(Into::into).collect()
        };
        let pairs = written.iter().zip(expanded);
        pairs
            .map(|(set, refs)| RscSet {
                id: set.id().unwrap_or_default().into(),
                refs: if usable { refs } else { plain(set) },
                moved: None,
                unordered: false,
                xml: Some(*set),
            })
            .collect()
    }

    /// Reads a role filter of a colocation or ticket: "started" means any role.
    ///
    /// # Source
    /// `pcmk__parse_constraint_role()`
    pub(super) fn role(&mut self, id: &str, text: Option<&str>) -> Result<Role, Unusable> {
        let Some(text) = text else { return Ok(Role::Unknown) };
        match Role::parse(text) {
            None | Some(Role::Unknown) => {
                let message = format!("Ignoring constraint {id}: Invalid role '{text}'");
                self.plan.diagnostics.error(message);
                Err(Unusable)
            }
            Some(Role::Started) => Ok(Role::Unknown),
            Some(role) => Ok(role),
        }
    }
}
