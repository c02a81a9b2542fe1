//! Location constraints.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_location.c`.

use cib_model::score::Score;
use cib_model::xml::ElementRef;
use regex::Regex;

use super::unpack::{End, Unpack, Unusable};
use super::{Location, LocationIdx, LocationOrigin};
use crate::facts::{ProbeMode, Role, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::unpack::rule::{self, RuleInput};

/// What a pattern matched in a resource's id: the whole, then its groups.
type Submatches = Vec<String>;

impl Plan {
    /// Adds a location constraint.
    ///
    /// # Source
    /// `pcmk__new_location()`
    pub(crate) fn add_location(&mut self, location: Location) -> LocationIdx {
        if location.probe_mode == ProbeMode::Exclusive {
            self.rscs[location.rsc].flags |= RscFlags::EXCLUSIVE_PROBES;
        }
        let rsc = location.rsc;
        let idx = self.constraints.locations.push(location);
        self.constraints.locations_of[rsc].push(idx);
        idx
    }
}

impl Unpack<'_> {
    /// Reads `rsc_location`.
    pub(super) fn location(&mut self, constraint: ElementRef<'_>, id: &str) {
        let ends = [End { attr: "rsc", qualifier: "role" }];
        let Ok(sets) = self.sets(constraint, &ends, false) else { return };
        if sets.is_empty() {
            self.simple_location(constraint, id);
        }
        for set in sets {
            for reference in &set.refs {
                let Ok(rsc) = self.expect_resource(&set.id, reference) else { return };
                let (role, score) = (set.qualifier("role"), set.attr("score"));
                self.locate(constraint, id, rsc, role, score, None);
            }
        }
    }

    fn simple_location(&mut self, constraint: ElementRef<'_>, id: &str) {
        if let Some(name) = constraint.attr("rsc") {
            match self.resource(name) {
                Some(rsc) => self.locate(constraint, id, rsc, None, None, None),
                None => self.plan.diagnostics.warn(format!(
                    "Ignoring constraint '{id}' because resource '{name}' does not exist"
                )),
            }
        }
        let Some(pattern) = constraint.attr("rsc-pattern") else { return };
        let (inverted, pattern) = match pattern.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let Ok(regex) = Regex::new(pattern) else {
            self.plan.diagnostics.error(format!(
                "Ignoring constraint '{id}' because rsc-pattern has invalid value '{pattern}'"
            ));
            return;
        };
        for rsc in self.plan.facts.top.clone() {
            let found = regex.captures(&self.plan.facts.rscs[rsc].id).map(|captures| {
                let text = |m: Option<regex::Match<'_>>| m.map_or("", |m| m.as_str()).to_owned();
                captures.iter().map(text).collect::<Submatches>()
            });
            match (inverted, found) {
                (false, Some(found)) => {
                    self.locate(constraint, id, rsc, None, None, Some(&found));
                }
                (true, None) => self.locate(constraint, id, rsc, None, None, None),
                _ => {}
            }
        }
    }

    fn locate(
        &mut self,
        constraint: ElementRef<'_>,
        id: &str,
        rsc: RscIdx,
        role: Option<&str>,
        score: Option<&str>,
        submatches: Option<&Submatches>,
    ) {
        let probe_mode = self.probe_mode(constraint);
        let score = score.or_else(|| constraint.attr("score"));
        let (Some(node), Some(score)) = (constraint.attr("node"), score) else {
            if let Some(rule) = constraint.child("rule") {
                // What is wrong with the rule has been said.
                let _ = self.locate_by_rule(rule, id, rsc, probe_mode, submatches);
            }
            return;
        };
        let Some(node) = self.plan.facts.node_by_name(node) else { return };
        let Ok(score) = Score::parse(score) else {
            self.plan.diagnostics.error(format!(
                "Ignoring location constraint {id} because '{score}' is not a valid score"
            ));
            return;
        };
        let role = role.or_else(|| constraint.attr("role"));
        let Some(role_filter) = location_role(role) else {
            self.plan.diagnostics.error(format!(
                "Ignoring location constraint {id} because '{}' is not a valid role",
                role.unwrap_or_default()
            ));
            return;
        };
        let nodes = vec![(node, score.value())];
        let origin = LocationOrigin::Constraint;
        let id = id.into();
        self.plan.add_location(Location { id, rsc, role_filter, probe_mode, nodes, origin });
    }

    fn probe_mode(&mut self, constraint: ElementRef<'_>) -> ProbeMode {
        let Some(text) = constraint.attr("resource-discovery") else { return ProbeMode::Always };
        match text.to_ascii_lowercase().as_str() {
            "always" => ProbeMode::Always,
            "never" => ProbeMode::Never,
            "exclusive" => ProbeMode::Exclusive,
            _ => {
                self.plan.diagnostics.error(format!(
                    "Invalid resource-discovery value {text} in location constraint"
                ));
                ProbeMode::Always
            }
        }
    }

    fn locate_by_rule(
        &mut self,
        rule: ElementRef<'_>,
        id: &str,
        rsc: RscIdx,
        probe_mode: ProbeMode,
        submatches: Option<&Submatches>,
    ) -> Result<(), Unusable> {
        let Some(rule_id) = rule.id() else {
            return Err(self.unusable_location(id, "its rule has no id"));
        };
        let role = rule.attr("role");
        let role_filter = location_role(role).ok_or_else(|| {
            let role = role.unwrap_or_default();
            self.unusable_location(id, &format!("rule '{rule_id}' has invalid role '{role}'"))
        })?;
        let combine = rule.attr("boolean-op").unwrap_or("and");
        if !["and", "or"].iter().any(|op| combine.eq_ignore_ascii_case(op)) {
            let what = format!("rule '{rule_id}' has invalid boolean-op '{combine}'");
            return Err(self.unusable_location(id, &what));
        }
        let by_attribute = rule
            .attr("score-attribute")
            .map(|name| rule::expand(name, submatches.map(Vec::as_slice)));
        let fixed = match (&by_attribute, rule.attr("score")) {
            (Some(_), _) => 0,
            (None, Some(text)) => Score::parse(text).map(Score::value).map_err(|_| {
                let what = format!("'{text}' of rule {rule_id} is not a valid score");
                self.unusable_location(id, &what)
            })?,
            (None, None) => {
                let what = format!("rule {rule_id} has neither score nor score-attribute");
                return Err(self.unusable_location(id, &what));
            }
        };
        let mut nodes = Vec::new();
        for node in self.plan.facts.node_order.clone() {
            if self.rule_passes(rule, rsc, node, submatches) {
                let score = by_attribute.as_ref().map(|name| self.attribute_score(name, node, rsc));
                if let Some(score) = score.unwrap_or(Some(fixed)) {
                    nodes.push((node, score));
                }
            }
        }
        // The reference prepends each node.
        nodes.reverse();
        let origin = LocationOrigin::Rule(id.into());
        let id = rule_id.into();
        self.plan.add_location(Location { id, rsc, role_filter, probe_mode, nodes, origin });
        Ok(())
    }

    fn unusable_location(&mut self, id: &str, why: &str) -> Unusable {
        let message = format!("Ignoring location constraint '{id}' because {why}");
        self.plan.diagnostics.error(message);
        Unusable
    }

    fn rule_passes(
        &mut self,
        rule: ElementRef<'_>,
        rsc: RscIdx,
        node: NodeIdx,
        submatches: Option<&Submatches>,
    ) -> bool {
        // Evaluating parameters costs more than the rest; few rules ask for them.
        let asks = rule.descendants().any(|e| e.attr("value-source") == Some("param"));
        let params = asks.then(|| self.plan.rsc_params(rsc, Some(node)));
        let input = RuleInput {
            now: self.plan.facts.now,
            node_attrs: Some(&self.plan.facts.nodes[node].attrs),
            params: params.as_deref(),
            meta: Some(&self.plan.facts.rscs[rsc].meta),
            submatches: submatches.map(Vec::as_slice),
            ..RuleInput::default()
        };
        let mut next_change = None;
        let passes = rule::evaluate(rule, &input, &mut next_change);
        if let Some(time) = next_change {
            self.plan.recheck_at(time);
        }
        passes
    }

    /// Reads a score from a node attribute; `None` where it is unset or no score.
    fn attribute_score(&self, name: &str, node: NodeIdx, rsc: RscIdx) -> Option<i32> {
        let target = self.plan.facts.rscs[rsc].meta.get("container-attribute-target");
        let host = target.filter(|t| t.eq_ignore_ascii_case("host")).and_then(|_| {
            self.plan.guest_launcher(node).and_then(|launcher| self.plan.current_node(launcher))
        });
        let attrs = &self.plan.facts.nodes[host.unwrap_or(node)].attrs;
        let text = attrs.get(name).filter(|text| !text.is_empty())?;
        Score::parse(text).ok().map(Score::value)
    }
}

/// Reads a location's role; `None` for a word that is none.
///
/// # Source
/// `parse_location_role()`
fn location_role(text: Option<&str>) -> Option<Role> {
    let Some(text) = text else { return Some(Role::Unknown) };
    match Role::parse(text)? {
        Role::Unknown => None,
        // Every instance is unpromoted before it is promoted, so these mean every role.
        Role::Started | Role::Unpromoted => Some(Role::Unknown),
        role => Some(role),
    }
}
