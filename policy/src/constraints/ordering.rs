//! Ordering constraints.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_ordering.c`.

use cib_model::boolean;
use cib_model::score::Score;
use cib_model::xml::ElementRef;

use super::unpack::{End as NamedEnd, RscSet, Unpack, Unusable};
use crate::actions::Task;
use crate::facts::Variant;
use crate::index::RscIdx;
use crate::relations::{End, RelationFlags};

/// `kind` of an ordering.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Optional,
    Mandatory,
    Serialize,
}

/// Which relation of an ordering is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Symmetry {
    /// The only one of an asymmetric ordering.
    Asymmetric,
    /// The configured one of a symmetric ordering.
    Symmetric,
    /// Its inverse.
    Inverse,
}

impl Kind {
    /// Returns what an ordering of this kind implies.
    ///
    /// # Source
    /// `ordering_flags_for_kind()`
    fn flags(self, first: Task, symmetry: Symmetry) -> RelationFlags {
        match (self, symmetry) {
            (Kind::Optional, _) => RelationFlags::ORDERED,
            (Kind::Serialize, _) => RelationFlags::SERIALIZE,
            (Kind::Mandatory, Symmetry::Asymmetric) => {
                RelationFlags::ORDERED | RelationFlags::ASYMMETRIC
            }
            (Kind::Mandatory, Symmetry::Symmetric) if first.is_up() => {
                RelationFlags::ORDERED
                    | RelationFlags::FIRST_IMPLIES_THEN
                    | RelationFlags::UNRUNNABLE_FIRST_BLOCKS
            }
            (Kind::Mandatory, Symmetry::Symmetric) => {
                RelationFlags::ORDERED | RelationFlags::FIRST_IMPLIES_THEN
            }
            (Kind::Mandatory, Symmetry::Inverse) => {
                RelationFlags::ORDERED | RelationFlags::THEN_IMPLIES_FIRST
            }
        }
    }
}

impl Unpack<'_> {
    /// Reads `rsc_order`.
    pub(super) fn order(&mut self, constraint: ElementRef<'_>, id: &str) {
        let attr = |name: &str| constraint.attr(name);
        let kind = self.kind(id, attr("kind"), attr("score"));
        let symmetry = self.symmetry(id, kind, attr("symmetrical"), None);
        let ends = [
            NamedEnd { attr: "first", qualifier: "first-action" },
            NamedEnd { attr: "then", qualifier: "then-action" },
        ];
        let Ok(sets) = self.sets(constraint, &ends, true) else { return };
        if sets.is_empty() {
            self.simple_order(constraint, id, kind, symmetry);
            return;
        }
        // What is wrong has been said; what was ordered before it stays.
        let _ = self.order_all_sets(id, &sets, kind, symmetry, attr("symmetrical"));
    }

    fn order_all_sets(
        &mut self,
        id: &str,
        sets: &[RscSet<'_>],
        kind: Kind,
        symmetry: Symmetry,
        symmetrical: Option<&str>,
    ) -> Result<(), Unusable> {
        let mut last: Option<&RscSet<'_>> = None;
        for set in sets {
            self.order_in_set(set, kind, symmetrical)?;
            if let Some(last) = last {
                self.order_sets(id, last, set, kind, symmetry)?;
                if symmetry == Symmetry::Symmetric {
                    self.order_sets(id, set, last, kind, Symmetry::Inverse)?;
                }
            }
            last = Some(set);
        }
        Ok(())
    }

    /// # Source
    /// `get_ordering_type()`
    fn kind(&mut self, id: &str, kind: Option<&str>, score: Option<&str>) -> Kind {
        match (kind, score) {
            (None, Some(score)) if Score::parse(score).map_or(0, Score::value) == 0 => {
                Kind::Optional
            }
            (None | Some("Mandatory"), _) => Kind::Mandatory,
            (Some("Optional"), _) => Kind::Optional,
            (Some("Serialize"), _) => Kind::Serialize,
            (Some(kind), _) => {
                self.plan.diagnostics.error(format!(
                    "Resetting 'kind' for constraint {id} to 'Mandatory' because '{kind}' is not \
                     valid"
                ));
                Kind::Mandatory
            }
        }
    }

    /// # Source
    /// `get_ordering_symmetry()`
    fn symmetry(
        &mut self,
        id: &str,
        kind: Kind,
        own: Option<&str>,
        parent: Option<&str>,
    ) -> Symmetry {
        let read = own.and_then(boolean::parse);
        let inherited = || parent.map(|text| boolean::parse(text) == Some(true));
        match read.or_else(inherited) {
            Some(true) if kind == Kind::Serialize => {
                self.plan.diagnostics.warn(format!(
                    "Ignoring symmetrical for '{id}' because not valid with kind of 'Serialize'"
                ));
                Symmetry::Asymmetric
            }
            None if kind == Kind::Serialize => Symmetry::Asymmetric,
            Some(true) | None => Symmetry::Symmetric,
            Some(false) => Symmetry::Asymmetric,
        }
    }

    fn simple_order(
        &mut self,
        constraint: ElementRef<'_>,
        id: &str,
        kind: Kind,
        symmetry: Symmetry,
    ) {
        let Ok(first) = self.ordering_resource(constraint, id, "first") else { return };
        let Ok(then) = self.ordering_resource(constraint, id, "then") else { return };
        let first_task = self.task(constraint.attr("first-action"));
        let then_task = constraint.attr("then-action").map_or(first_task, |t| self.task(Some(t)));
        let flags = kind.flags(first_task, symmetry);
        match self.minimum_first(first, constraint.attr("require-all")) {
            0 => self.plan.order_tasks((first, first_task), (then, then_task), flags),
            minimum => {
                let ends = ((first, first_task), (then, then_task));
                self.order_clone_min(id, ends.0, ends.1, flags, minimum);
            }
        }
        if symmetry == Symmetry::Symmetric {
            self.order_inverse(id, kind, (first, first_task), (then, then_task));
        }
    }

    fn ordering_resource(
        &mut self,
        constraint: ElementRef<'_>,
        id: &str,
        attr: &str,
    ) -> Result<RscIdx, Unusable> {
        let Some(name) = constraint.attr(attr) else {
            self.plan.diagnostics.error(format!("Ignoring constraint '{id}' without {attr}"));
            return Err(Unusable);
        };
        self.resource(name).ok_or_else(|| {
            self.plan.diagnostics.error(format!(
                "Ignoring constraint '{id}' because resource '{name}' does not exist"
            ));
            Unusable
        })
    }

    fn task(&mut self, name: Option<&str>) -> Task {
        name.map_or(Task::Start, |name| self.plan.actions.task_names.task(name))
    }

    /// Returns how many instances of a clone must be there first; 0 for all that there will be.
    ///
    /// # Source
    /// `get_minimum_first_instances()`
    fn minimum_first(&self, first: RscIdx, require_all: Option<&str>) -> u32 {
        let facts = &self.plan.facts.rscs[first];
        if facts.variant() != Variant::Clone {
            return 0;
        }
        if let Some(text) = facts.meta.get("clone-min") {
            return text.trim().parse::<i64>().map_or(0, |n| u32::try_from(n.max(0)).unwrap_or(0));
        }
        u32::from(require_all.is_some_and(|text| boolean::parse(text) != Some(true)))
    }

    /// # Source
    /// `clone_min_ordering()`
    fn order_clone_min(
        &mut self,
        id: &str,
        first: (RscIdx, Task),
        then: (RscIdx, Task),
        flags: RelationFlags,
        minimum: u32,
    ) {
        let met = self.plan.ensure_pseudo(&format!("clone-one-or-more:{id}"));
        self.plan.actions[met].required_runnable_before = minimum;
        let counts = RelationFlags::MIN_RUNNABLE | RelationFlags::FIRST_IMPLIES_THEN_GRAPHED;
        for child in self.plan.rscs[first.0].children.clone() {
            self.plan.order(End::task(child, first.1), End::action(met), counts);
        }
        let flags = flags | RelationFlags::UNRUNNABLE_FIRST_BLOCKS;
        self.plan.order(End::action(met), End::task(then.0, then.1), flags);
    }

    /// # Source
    /// `inverse_ordering()`
    fn order_inverse(&mut self, id: &str, kind: Kind, first: (RscIdx, Task), then: (RscIdx, Task)) {
        let inverted = (self.inverse(first.1), self.inverse(then.1));
        let (Some(first_task), Some(then_task)) = inverted else {
            self.plan
                .diagnostics
                .warn(format!("Cannot invert constraint '{id}' (please specify inverse manually)"));
            return;
        };
        let flags = kind.flags(first_task, Symmetry::Inverse);
        self.plan.order_tasks((then.0, then_task), (first.0, first_task), flags);
    }

    fn inverse(&mut self, task: Task) -> Option<Task> {
        let inverse = task.inverse();
        if inverse.is_none() {
            let name = self.plan.actions.task_names.name(task).to_owned();
            self.plan
                .diagnostics
                .warn(format!("Unknown action '{name}' specified in order constraint"));
        }
        inverse
    }

    /// Orders the members of one set.
    ///
    /// # Source
    /// `unpack_order_set()`
    fn order_in_set(
        &mut self,
        set: &RscSet<'_>,
        parent_kind: Kind,
        parent_symmetrical: Option<&str>,
    ) -> Result<(), Unusable> {
        let kind = match set.attr("kind") {
            Some(kind) => self.kind(&set.id, Some(kind), None),
            None => parent_kind,
        };
        let sequential = match set.attr("sequential") {
            Some(text) => boolean::parse(text) == Some(true),
            None => set.sequential() != Some(false),
        };
        let own = set.attr("symmetrical");
        let symmetry = self.symmetry(&set.id, kind, own, parent_symmetrical);
        let task = self.task(set.qualifier("action"));
        let flags = kind.flags(task, symmetry);
        let mut members = Vec::new();
        for reference in &set.refs {
            members.push(self.expect_resource(&set.id, reference)?);
        }
        if members.len() == 1 {
            return Ok(());
        }
        for (at, rsc) in members.iter().enumerate() {
            if kind == Kind::Serialize {
                for then in &members[at + 1..] {
                    self.plan.order(End::task(*rsc, task), End::task(*then, task), flags);
                }
            } else if let Some(last) = at.checked_sub(1).filter(|_| sequential) {
                self.plan.order_tasks((members[last], task), (*rsc, task), flags);
            }
        }
        if symmetry == Symmetry::Asymmetric {
            return Ok(());
        }
        let Some(task) = self.inverse(task) else { return Ok(()) };
        let flags = kind.flags(task, Symmetry::Inverse);
        if sequential {
            for pair in members.windows(2) {
                self.plan.order_tasks((pair[1], task), (pair[0], task), flags);
            }
        }
        Ok(())
    }

    /// Orders two sets: of a sequential one only the end that touches the other counts.
    ///
    /// # Source
    /// `order_rsc_sets()`
    fn order_sets(
        &mut self,
        id: &str,
        set1: &RscSet<'_>,
        set2: &RscSet<'_>,
        kind: Kind,
        symmetry: Symmetry,
    ) -> Result<(), Unusable> {
        let mut tasks = (self.task(set1.qualifier("action")), self.task(set2.qualifier("action")));
        if symmetry == Symmetry::Inverse {
            let (Some(task1), Some(task2)) = (self.inverse(tasks.0), self.inverse(tasks.1)) else {
                return Ok(());
            };
            tasks = (task1, task2);
        }
        let flags = kind.flags(tasks.0, symmetry);
        // "One or more" is about coming up; on the way down all must be gone.
        let down = matches!(tasks.0, Task::Stop | Task::Demote);
        if set1.attr("require-all").and_then(boolean::parse) == Some(false) && !down {
            return self.order_one_or_more(id, set1, set2, tasks, flags);
        }
        let is_sequential = |set: &RscSet<'_>| set.sequential() == Some(true);
        let firsts = touching(set1, is_sequential(set1), symmetry != Symmetry::Inverse);
        let thens = touching(set2, is_sequential(set2), symmetry == Symmetry::Inverse);
        for first in firsts {
            let first = self.expect_resource(id, first)?;
            for then in thens {
                let then = self.expect_resource(id, then)?;
                self.plan.order_tasks((first, tasks.0), (then, tasks.1), flags);
            }
        }
        Ok(())
    }

    fn order_one_or_more(
        &mut self,
        id: &str,
        set1: &RscSet<'_>,
        set2: &RscSet<'_>,
        tasks: (Task, Task),
        flags: RelationFlags,
    ) -> Result<(), Unusable> {
        let met = self.plan.ensure_pseudo(&format!("one-or-more:{}", set1.id));
        self.plan.actions[met].required_runnable_before = 1;
        let counts = RelationFlags::MIN_RUNNABLE | RelationFlags::FIRST_IMPLIES_THEN_GRAPHED;
        for reference in &set1.refs {
            let rsc = self.expect_resource(id, reference)?;
            self.plan.order(End::task(rsc, tasks.0), End::action(met), counts);
        }
        let flags = flags | RelationFlags::UNRUNNABLE_FIRST_BLOCKS;
        for reference in &set2.refs {
            let rsc = self.expect_resource(id, reference)?;
            self.plan.order(End::action(met), End::task(rsc, tasks.1), flags);
        }
        Ok(())
    }
}

/// Returns the members of a set that count for its relation to another: one end of a sequential
/// set, all of another.
fn touching<'s>(set: &'s RscSet<'_>, sequential: bool, at_end: bool) -> &'s [Box<str>] {
    let one = if at_end { set.refs.last() } else { set.refs.first() };
    match one {
        Some(one) if sequential => std::slice::from_ref(one),
        _ => &set.refs,
    }
}
