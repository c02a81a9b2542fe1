//! Colocation constraints.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_colocation.c`.

use std::cmp::Ordering;

use cib_model::boolean;
use cib_model::score::Score;
use cib_model::xml::ElementRef;

use super::unpack::{End, RscSet, Unpack, Unusable};
use super::{Colocation, ColocationFlags, ColocationIdx};
use crate::actions::Task;
use crate::facts::{Role, RscFlags, Variant};
use crate::glib::insert_sorted;
use crate::index::RscIdx;
use crate::plan::Plan;
use crate::relations::RelationFlags;
use crate::scores::MINUS_INFINITY;

/// What the node must agree in, where the constraint does not say.
pub(crate) const UNAME: &str = "#uname";

impl Plan {
    /// Adds a colocation; one with score 0 is none. A mandatory anti-colocation also orders who
    /// leaves before who comes.
    ///
    /// # Source
    /// `pcmk__new_colocation()`
    pub(crate) fn add_colocation(&mut self, colocation: Colocation) {
        if colocation.score == 0 {
            return;
        }
        let (dependent, primary) = (colocation.dependent, colocation.primary);
        let roles = (colocation.dependent_role, colocation.primary_role);
        let mandatory_anti = colocation.score <= MINUS_INFINITY;
        let idx = self.constraints.colocations.push(colocation);
        let mut this_with = std::mem::take(&mut self.constraints.this_with[dependent]);
        insert_sorted(&mut this_with, idx, |a, b| self.compare_by_primary(*a, *b));
        self.constraints.this_with[dependent] = this_with;
        let mut with_this = std::mem::take(&mut self.constraints.with_this[primary]);
        insert_sorted(&mut with_this, idx, |a, b| self.compare_by_dependent(*a, *b));
        self.constraints.with_this[primary] = with_this;
        if mandatory_anti {
            self.order_anti_colocation((dependent, roles.0), (primary, roles.1));
            self.order_anti_colocation((primary, roles.1), (dependent, roles.0));
        }
    }

    /// Compares colocations of one dependent: which primary is considered first.
    ///
    /// # Source
    /// `cmp_primary_priority()`
    pub(crate) fn compare_by_primary(&self, a: ColocationIdx, b: ColocationIdx) -> Ordering {
        let colocations = &self.constraints.colocations;
        self.compare_priority(colocations[a].primary, colocations[b].primary)
    }

    /// Compares colocations of one primary: which dependent is considered first.
    ///
    /// # Source
    /// `cmp_dependent_priority()`
    pub(crate) fn compare_by_dependent(&self, a: ColocationIdx, b: ColocationIdx) -> Ordering {
        let colocations = &self.constraints.colocations;
        self.compare_priority(colocations[a].dependent, colocations[b].dependent)
    }

    fn compare_priority(&self, a: RscIdx, b: RscIdx) -> Ordering {
        let key = |rsc: RscIdx| (self.rscs[rsc].priority, self.facts.rscs[rsc].variant());
        let promotable = |rsc: RscIdx| {
            self.facts.rscs[rsc].variant() == Variant::Clone
                && self.rscs[rsc].has(RscFlags::PROMOTABLE)
        };
        key(b)
            .cmp(&key(a))
            .then_with(|| promotable(b).cmp(&promotable(a)))
            .then_with(|| self.facts.rscs[a].id.cmp(&self.facts.rscs[b].id))
    }

    /// Orders what makes one resource lose its role before what makes the other gain its.
    ///
    /// # Source
    /// `anti_colocation_order()`
    fn order_anti_colocation(&mut self, first: (RscIdx, Role), then: (RscIdx, Role)) {
        let leave: &[Task] = match first.1 {
            Role::Promoted => &[Task::Demote],
            Role::Unpromoted => &[Task::Stop, Task::Promote],
            _ => &[Task::Stop],
        };
        let come: &[Task] = match then.1 {
            Role::Promoted => &[Task::Promote],
            Role::Unpromoted => &[Task::Start, Task::Demote],
            _ => &[Task::Start],
        };
        for first_task in leave {
            for then_task in come {
                self.order_tasks(
                    (first.0, *first_task),
                    (then.0, *then_task),
                    RelationFlags::IF_REQUIRED_ON_SAME_NODE,
                );
            }
        }
    }
}

/// What all colocations of one constraint share.
struct Shared<'a> {
    id: &'a str,
    score: i32,
    influence: Option<&'a str>,
}

impl Unpack<'_> {
    /// Reads `rsc_colocation`.
    pub(super) fn colocation(&mut self, constraint: ElementRef<'_>, id: &str) {
        let ends = [
            End { attr: "rsc", qualifier: "rsc-role" },
            End { attr: "with-rsc", qualifier: "with-rsc-role" },
        ];
        let Ok(sets) = self.sets(constraint, &ends, true) else { return };
        let written = constraint.child("resource_set").is_some();
        if !written && sets.iter().filter(|s| s.sequential() == Some(false)).count() > 1 {
            self.plan.diagnostics.error(format!(
                "Ignoring constraint '{id}' because two templates or tags cannot be colocated"
            ));
            return;
        }
        let text = constraint.attr("score");
        let Ok(score) = text.map_or(Ok(0), |t| Score::parse(t).map(Score::value)) else {
            self.plan.diagnostics.error(format!(
                "Ignoring colocation {id} because '{}' is not a valid score",
                text.unwrap_or_default()
            ));
            return;
        };
        let shared = Shared { id, score, influence: constraint.attr("influence") };
        if sets.is_empty() {
            self.simple_colocation(constraint, &shared);
            return;
        }
        let mut last: Option<&RscSet<'_>> = None;
        for set in &sets {
            // What is wrong with a set has been said, and the others still count.
            let _ = self.colocate_in_set(set, &shared);
            if let Some(last) = last {
                self.colocate_sets(last, set, &shared);
            }
            last = Some(set);
        }
    }

    fn simple_colocation(&mut self, constraint: ElementRef<'_>, shared: &Shared<'_>) {
        let named = |attr: &str| constraint.attr(attr).unwrap_or_default();
        let ids = (named("rsc"), named("with-rsc"));
        let found = (self.resource(ids.0), self.resource(ids.1));
        let (Some(dependent), Some(primary)) = found else {
            let missing = if found.0.is_none() { ids.0 } else { ids.1 };
            self.plan.diagnostics.error(format!(
                "Ignoring constraint '{}' because resource '{missing}' does not exist",
                shared.id
            ));
            return;
        };
        let roles = (constraint.attr("rsc-role"), constraint.attr("with-rsc-role"));
        let attribute = constraint.attr("node-attribute");
        self.colocate(shared.id, shared, (dependent, roles.0), (primary, roles.1), attribute);
    }

    fn colocate(
        &mut self,
        id: &str,
        shared: &Shared<'_>,
        dependent: (RscIdx, Option<&str>),
        primary: (RscIdx, Option<&str>),
        attribute: Option<&str>,
    ) {
        let influence = self.influence(shared, dependent.0);
        self.colocate_with(id, shared.score, influence, dependent, primary, attribute);
    }

    fn colocate_with(
        &mut self,
        id: &str,
        score: i32,
        influence: ColocationFlags,
        dependent: (RscIdx, Option<&str>),
        primary: (RscIdx, Option<&str>),
        attribute: Option<&str>,
    ) {
        let (Ok(dependent_role), Ok(primary_role)) =
            (self.role(id, dependent.1), self.role(id, primary.1))
        else {
            return;
        };
        self.plan.add_colocation(Colocation {
            id: id.into(),
            dependent: dependent.0,
            primary: primary.0,
            dependent_role,
            primary_role,
            node_attribute: attribute.unwrap_or(UNAME).into(),
            score,
            flags: ColocationFlags::EXPLICIT | influence,
        });
    }

    /// Returns whether the dependent's preferences count for the primary.
    ///
    /// # Source
    /// `unpack_influence()`
    fn influence(&mut self, shared: &Shared<'_>, dependent: RscIdx) -> ColocationFlags {
        let read = shared.influence.map(boolean::parse);
        if read == Some(None) {
            self.plan.diagnostics.error(format!(
                "Constraint '{}' has invalid value for influence (using default)",
                shared.id
            ));
        }
        let critical = self.plan.rscs[dependent].has(RscFlags::CRITICAL);
        if read.flatten().unwrap_or(critical) {
            ColocationFlags::INFLUENCE
        } else {
            ColocationFlags::empty()
        }
    }

    /// Colocates the members of one set.
    ///
    /// # Source
    /// `unpack_colocation_set()`
    fn colocate_in_set(&mut self, set: &RscSet<'_>, shared: &Shared<'_>) -> Result<(), Unusable> {
        let score = match set.attr("score").map(Score::parse) {
            Some(Ok(score)) => score.value(),
            Some(Err(_)) => return Err(self.bad_set_score(set, shared)),
            None => shared.score,
        };
        if score == 0 || set.sequential() == Some(false) {
            return Ok(());
        }
        // Deprecated: whether a member follows the one before it or the one after it.
        let with_previous =
            set.attr("ordering").is_none_or(|text| text.eq_ignore_ascii_case("group"));
        let role = set.qualifier("role");
        let mut members: Vec<RscIdx> = Vec::new();
        for reference in &set.refs {
            let Some(rsc) = self.resource(reference) else {
                self.plan.diagnostics.error(format!(
                    "Ignoring {reference} and later resources in set {}: No such resource",
                    set.id
                ));
                return Err(Unusable);
            };
            let influence = self.influence(shared, rsc);
            let partners: Vec<RscIdx> = if score > 0 {
                members.last().copied().into_iter().collect()
            } else {
                // Nobody in the set may run with anybody else in it.
                members.iter().copied().take_while(|m| *m != rsc).collect()
            };
            for other in partners {
                let (dependent, primary) =
                    if score < 0 || with_previous { (rsc, other) } else { (other, rsc) };
                let ends = ((dependent, role), (primary, role));
                self.colocate_with(&set.id, score, influence, ends.0, ends.1, None);
            }
            members.push(rsc);
        }
        Ok(())
    }

    fn bad_set_score(&mut self, set: &RscSet<'_>, shared: &Shared<'_>) -> Unusable {
        self.plan.diagnostics.error(format!(
            "Ignoring colocation '{}' for set '{}' because '{}' is not a valid score",
            shared.id,
            set.id,
            set.attr("score").unwrap_or_default()
        ));
        Unusable
    }

    /// Colocates a set with the one after it: of a sequential set only the end that touches the
    /// other counts.
    ///
    /// # Source
    /// `colocate_rsc_sets()`
    fn colocate_sets(&mut self, set1: &RscSet<'_>, set2: &RscSet<'_>, shared: &Shared<'_>) {
        if shared.score == 0 {
            return;
        }
        let first = set1.refs.first().map(std::slice::from_ref);
        let last = set2.refs.last().map(std::slice::from_ref);
        let sequential = |set: &RscSet<'_>| set.sequential() != Some(false);
        let dependents = if sequential(set1) { first } else { Some(&set1.refs[..]) };
        let primaries = if sequential(set2) { last } else { Some(&set2.refs[..]) };
        let (Some(dependents), Some(primaries)) = (dependents, primaries) else { return };
        for dependent in dependents {
            for primary in primaries {
                let found = (self.resource(dependent), self.resource(primary));
                let (Some(dependent_rsc), Some(primary_rsc)) = found else {
                    let missing = if found.0.is_none() { dependent } else { primary };
                    self.plan.diagnostics.error(format!(
                        "Ignoring colocation of set {} with set {} because resource {missing} \
                         not found",
                        set1.id, set2.id
                    ));
                    continue;
                };
                let roles = (set1.qualifier("role"), set2.qualifier("role"));
                let ends = ((dependent_rsc, roles.0), (primary_rsc, roles.1));
                self.colocate(shared.id, shared, ends.0, ends.1, None);
            }
        }
    }
}
