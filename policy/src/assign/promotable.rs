//! Chooses which instances of a promotable clone are promoted.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_promotable.c`.

use cib_model::{Role, Score};

use crate::constraints::ColocationIdx;
use crate::facts::{ClusterFlags, NoQuorumPolicy, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::colocation::{Select, same_text};
use crate::scores::colocation_list::Side;
use crate::scores::{INFINITY, MINUS_INFINITY, add_scores};
use crate::state::When;
use crate::trace::{Change, Reason, TraceLine};
use crate::unpack::lrm::base_name;

impl Plan {
    /// Adds the nodes' promotion scores to the instances' node scores, once.
    pub(super) fn add_promotion_scores(&mut self, clone: RscIdx) {
        if std::mem::replace(&mut self.rscs[clone].promotion_added, true) {
            return;
        }
        for instance in self.rscs[clone].children.clone() {
            let nodes: Vec<NodeIdx> = self.scores.allowed[instance].nodes().collect();
            for node in nodes {
                if !self.is_node_available(node) {
                    continue;
                }
                let score = self.promotion_score(instance, node).unwrap_or(0);
                if let (true, Some(cell)) = (score > 0, self.scores.allowed[instance].get_mut(node))
                {
                    cell.score = add_scores(cell.score, score);
                    let change = Change::Add(score);
                    self.trace.score(instance, node, change, Reason::PromotionScore);
                }
                let priority = &mut self.rscs[instance].priority;
                *priority = (*priority).max(score);
            }
        }
    }

    /// Returns an instance's promotion score on a node; of a cloned group its members' sum.
    /// `None` where nothing is set.
    fn promotion_score(&self, rsc: RscIdx, node: NodeIdx) -> Option<i32> {
        let members = &self.rscs[rsc].children;
        if !members.is_empty() {
            let scores = members.iter().filter_map(|m| self.promotion_score(*m, node));
            return scores.reduce(|a, b| a + b);
        }
        if !self.promotion_score_applies(rsc, node) {
            return None;
        }
        let id = &self.facts.rscs[rsc].id;
        let name = self.rscs[rsc].history_id.as_deref().unwrap_or(id);
        let base = base_name(id);
        let value = self.promotion_attr(rsc, node, name).or_else(|| {
            let anonymous = !self.rsc_has(rsc, RscFlags::UNIQUE);
            (anonymous && base != &**id).then(|| self.promotion_attr(rsc, node, base))?
        })?;
        Some(Score::parse(value).map_or(0, Score::value))
    }

    fn promotion_attr(&self, rsc: RscIdx, node: NodeIdx, name: &str) -> Option<&str> {
        let target = self.facts.rscs[rsc].meta.get("container-attribute-target");
        let by_host = target.is_some_and(|t| t.eq_ignore_ascii_case("host"));
        let from = match self.guest_launcher(node).filter(|_| by_host) {
            None => node,
            Some(launcher) if self.rsc_has(rsc, RscFlags::UNASSIGNED) => {
                *self.rscs[launcher].active.first()?
            }
            Some(launcher) => self.rscs[launcher].assigned?,
        };
        self.facts.nodes[from].attrs.get(&format!("master-{name}"))
    }

    fn promotion_score_applies(&self, rsc: RscIdx, node: NodeIdx) -> bool {
        let is_allowed = self.scores.allowed[rsc].score(node).is_some_and(|s| s >= 0);
        let state = &self.rscs[rsc];
        if !state.has(RscFlags::UNIQUE) {
            let clone = self.facts.top_below_bundle(rsc);
            let base = base_name(&self.facts.rscs[rsc].id);
            let active =
                self.find_member(clone, base, &|plan, r| plan.rscs[r].active.contains(&node));
            if active == Some(rsc) {
                return is_allowed;
            }
            let is_known = |plan: &Plan, r: RscIdx| plan.rscs[r].is_probed(node);
            if active.is_none() && self.find_member(clone, base, &is_known).is_some() {
                return is_allowed;
            }
        }
        if state.active.is_empty() && state.probed.is_empty() {
            return is_allowed;
        }
        (state.is_probed(node) || state.active.contains(&node)) && is_allowed
    }

    /// Returns the first member of the clone's instances whose configured id is `base` and that
    /// passes `test`.
    fn find_member(
        &self,
        rsc: RscIdx,
        base: &str,
        test: &dyn Fn(&Plan, RscIdx) -> bool,
    ) -> Option<RscIdx> {
        let matches = |r: RscIdx| {
            let facts = &self.facts.rscs[r];
            (*facts.id == *base || *facts.xml_id == *base) && test(self, r)
        };
        self.rscs[rsc].children.iter().find_map(|child| {
            if matches(*child) { Some(*child) } else { self.find_member(*child, base, test) }
        })
    }

    /// Chooses the roles of a clone's instances.
    pub(super) fn set_instance_roles(&mut self, clone: RscIdx) {
        for (_, cell) in self.scores.allowed[clone].iter_mut() {
            cell.count = 0;
        }
        for instance in self.rscs[clone].children.clone() {
            self.set_instance_priority(instance, clone);
        }
        self.sort_for_promotion(clone);
        let mut count = 0;
        for instance in self.rscs[clone].children.clone() {
            self.set_instance_role(instance, &mut count);
        }
    }

    fn set_instance_priority(&mut self, instance: RscIdx, clone: RscIdx) {
        if self.role(instance, When::Current) == Role::Started {
            self.set_current_unpromoted(instance);
        }
        let Some(node) = self.location(instance, When::Next) else { return };
        let next_role = self.role(instance, When::Next);
        let reason = match next_role {
            Role::Started | Role::Unknown => {
                let score = self.promotion_score(instance, node);
                self.rscs[instance].priority = score.unwrap_or(-1);
                if score.is_some() { Reason::PromotionScore } else { Reason::NoPromotionScore }
            }
            Role::Unpromoted | Role::Stopped => {
                self.rscs[instance].priority = MINUS_INFINITY;
                Reason::WantedRole
            }
            Role::Promoted => Reason::Priority,
        };
        self.trace.promotion(instance, Change::Set(self.rscs[instance].priority), reason);
        self.apply_promoted_locations(instance, instance, node);
        self.apply_promoted_locations(instance, clone, node);
        for idx in self.colocations_of(instance, Side::ThisWith) {
            let primary = self.constraints.colocations[idx].primary;
            self.apply_coloc_to_dependent(instance, primary, idx);
        }
        let state = &mut self.rscs[instance];
        state.promotion_priority = state.priority;
        if next_role == Role::Promoted {
            state.promotion_priority = INFINITY;
            self.trace.promotion(instance, Change::Set(INFINITY), Reason::WantedRole);
        }
    }

    fn apply_promoted_locations(&mut self, instance: RscIdx, of: RscIdx, node: NodeIdx) {
        for &idx in self.constraints.locations_of[of].iter().rev() {
            let location = &self.constraints.locations[idx];
            if location.role_filter != Role::Promoted {
                continue;
            }
            if let Some((_, score)) = location.nodes.iter().find(|(n, _)| *n == node) {
                let priority = &mut self.rscs[instance].priority;
                *priority = add_scores(*priority, *score);
                self.trace.promotion(instance, Change::Add(*score), Reason::Location(idx));
            }
        }
    }

    fn set_current_unpromoted(&mut self, rsc: RscIdx) {
        if self.rscs[rsc].orig_role == Role::Started {
            self.rscs[rsc].orig_role = Role::Unpromoted;
        }
        for child in self.rscs[rsc].children.clone() {
            self.set_current_unpromoted(child);
        }
    }

    fn sort_for_promotion(&mut self, clone: RscIdx) {
        if std::mem::replace(&mut self.rscs[clone].promotion_constrained, true) {
            return;
        }
        self.rscs[clone].flags |= RscFlags::UPDATING_NODES;
        let instances = self.rscs[clone].children.clone();
        for &instance in &instances {
            let priority = self.rscs[instance].promotion_priority;
            let node = self.location(instance, When::Next).filter(|_| priority >= 0);
            if let Some(cell) = node.and_then(|n| self.scores.allowed[clone].get_mut(n)) {
                cell.score = add_scores(priority, cell.score);
                if let Some(node) = node {
                    let change = Change::Add(priority);
                    self.trace.score(clone, node, change, Reason::Promotion(instance));
                }
            }
        }
        for idx in self.colocations_of(clone, Side::WithThis) {
            let role = self.constraints.colocations[idx].primary_role;
            if role == Role::Promoted && self.has_influence(idx, None) {
                self.add_to_primary(idx, clone, Select::ACTIVE | Select::NONNEGATIVE);
            }
        }
        self.require_promotion_tickets(clone);
        for &instance in &instances {
            let managed = self.rsc_has(instance, RscFlags::MANAGED);
            let node = self.location(instance, When::Next);
            let state = &mut self.rscs[instance];
            if !managed && state.next_role == Role::Promoted {
                state.promotion_priority = INFINITY;
                self.trace.promotion(instance, Change::Set(INFINITY), Reason::Unmanaged);
            } else if let Some(node) = node {
                if state.promotion_priority >= 0 {
                    let score = self.scores.allowed[clone].score(node);
                    state.promotion_priority = score.unwrap_or(MINUS_INFINITY);
                    let change = Change::Copy(clone, node);
                    self.trace.promotion(instance, change, Reason::Promotion(instance));
                }
            } else {
                state.promotion_priority = MINUS_INFINITY;
                self.trace.promotion(instance, Change::Set(MINUS_INFINITY), Reason::Unassigned);
            }
        }
        self.rscs[clone].children = self.sort_promotable(&instances);
        self.rscs[clone].flags -= RscFlags::UPDATING_NODES;
    }

    fn set_instance_role(&mut self, instance: RscIdx, count: &mut i32) {
        let node = self.location(instance, When::Next);
        let score = self.rscs[instance].promotion_priority;
        self.trace.push(|| TraceLine::Promotion { rsc: instance, node, score });
        let clone = self.facts.top_below_bundle(instance);
        let max = self.facts.rscs[clone].clone_facts().map_or(0, |c| c.promoted_max);
        let may = score >= 0 && (*count < max || !self.rsc_has(clone, RscFlags::MANAGED));
        let chosen = if may { self.node_to_be_promoted_on(instance) } else { None };
        let frozen = self.rscs[instance].orig_role < Role::Promoted
            && !self.cluster_has(ClusterFlags::QUORATE)
            && self.facts.options.no_quorum_policy == NoQuorumPolicy::Freeze;
        let Some(node) = chosen.filter(|_| !frozen) else {
            self.set_next_unpromoted(instance);
            return;
        };
        if let Some(cell) = self.scores.allowed[clone].get_mut(node) {
            cell.count += 1;
        }
        self.set_next_promoted(instance);
        *count += 1;
    }

    fn node_to_be_promoted_on(&self, rsc: RscIdx) -> Option<NodeIdx> {
        if self.rscs[rsc].children.iter().any(|c| self.node_to_be_promoted_on(*c).is_none()) {
            return None;
        }
        let node = self.location(rsc, When::Next)?;
        let managed = self.rsc_has(rsc, RscFlags::MANAGED);
        if managed {
            let usable = self.is_node_available(node) && !self.is_guest_homeless(node);
            if self.rscs[rsc].priority < 0 || !usable {
                return None;
            }
        } else if self.role(rsc, When::Current) != Role::Promoted {
            return None;
        }
        let clone = self.facts.top_below_bundle(rsc);
        let max = self.facts.rscs[clone].clone_facts().map_or(0, |c| c.promoted_node_max);
        let cell = self.scores.allowed[clone].get(node)?;
        (cell.count < max || !managed).then_some(node)
    }

    fn set_next_unpromoted(&mut self, rsc: RscIdx) {
        let is_assigned = !self.nodes_of(rsc, When::Next).is_empty();
        self.rscs[rsc].next_role = if is_assigned { Role::Unpromoted } else { Role::Stopped };
        for child in self.rscs[rsc].children.clone() {
            self.set_next_unpromoted(child);
        }
    }

    fn set_next_promoted(&mut self, rsc: RscIdx) {
        if self.rscs[rsc].next_role == Role::Unknown {
            self.rscs[rsc].next_role = Role::Promoted;
        }
        for child in self.rscs[rsc].children.clone() {
            self.set_next_promoted(child);
        }
    }

    /// Moves a dependent towards the nodes where instances have the colocation's role.
    ///
    /// # Source
    /// `pcmk__update_dependent_with_promotable()`
    pub(super) fn colocate_with_promotable(
        &mut self,
        clone: RscIdx,
        dependent: RscIdx,
        idx: ColocationIdx,
    ) {
        let colocation = &self.constraints.colocations[idx];
        let (score, name) = (colocation.score, colocation.node_attribute.clone());
        let (primary_role, dependent_role) = (colocation.primary_role, colocation.dependent_role);
        let mut affected = Vec::new();
        for instance in self.rscs[clone].children.clone() {
            let Some(node) = self.location(instance, When::Next) else { continue };
            if self.role(instance, When::Next) != primary_role {
                continue;
            }
            if score < INFINITY {
                let mut trace = std::mem::take(&mut self.trace);
                let value = self.colocation_attr(Some(node), &name, clone);
                let mut table = self.scores.allowed[dependent].clone();
                for (other, cell) in table.iter_mut() {
                    let own = self.colocation_attr(Some(other), &name, dependent);
                    if same_text(value, own) {
                        cell.score = add_scores(cell.score, score);
                        let change = Change::Add(score);
                        trace.score(dependent, other, change, Reason::Colocation(idx));
                    }
                }
                self.trace = trace;
                self.scores.allowed[dependent] = table;
            }
            affected.push((node, self.assigned_score(instance)));
        }
        let both_promoted = dependent_role == Role::Promoted && primary_role == Role::Promoted;
        if score >= INFINITY && !both_promoted {
            self.intersect_nodes(dependent, &affected, idx);
        }
    }

    /// Returns the score the instance's node had when it was chosen.
    fn assigned_score(&self, rsc: RscIdx) -> i32 {
        match self.rscs[rsc].children.first() {
            Some(child) => self.assigned_score(*child),
            None => self.rscs[rsc].assigned_score,
        }
    }

    /// Raises a dependent's promotion priority where the primary has the colocation's role.
    ///
    /// # Source
    /// `pcmk__update_promotable_dependent_priority()`
    pub(super) fn update_promotable_dependent(
        &mut self,
        clone: RscIdx,
        dependent: RscIdx,
        idx: ColocationIdx,
    ) -> i32 {
        let colocation = &self.constraints.colocations[idx];
        let (score, role) = (colocation.score, colocation.primary_role);
        let name = Some(&*colocation.node_attribute);
        let found = self.colocatable_instance(dependent, clone, role, When::Next, name);
        let priority = &mut self.rscs[dependent].priority;
        if found.is_some() {
            *priority = add_scores(*priority, score);
            self.trace.promotion(dependent, Change::Add(score), Reason::Colocation(idx));
            score
        } else if score >= INFINITY {
            *priority = MINUS_INFINITY;
            let change = Change::Set(MINUS_INFINITY);
            self.trace.promotion(dependent, change, Reason::Colocation(idx));
            MINUS_INFINITY
        } else {
            0
        }
    }
}
