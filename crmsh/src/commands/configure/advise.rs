//! What crmsh 5 adds to an object that is typed: units of time, the operations that the agent
//! advises, ids of a bundle's mappings, `interleave` of a clone.
//!
//! Nothing is added to what a file or an editor says.
//!
//! **Source:** crmsh 5.1 `parse.py`, `add_default_advised_ops()`, `match_op()`; `cibconfig.py`,
//! `add_promotable_default_meta_attr()`.

use cib_model::Cib;
use crm_syntax::ast::{
    Agent, BodyItem, Bundle, BundleItem, Object, Op, Operations, Pair, Primitive, PrimitiveKind,
};

use crate::agents::Agents;
use crate::agents::metadata::{Action, Metadata};
use crate::session::attributes::{self, SetKind};

/// The operations that are advised.
const ADVISED: [&str; 5] = ["monitor", "start", "stop", "promote", "demote"];

/// What an advised operation takes from the agent.
const ADVISED_ATTRIBUTES: [&str; 3] = ["timeout", "interval", "role"];

/// Interval of an operation that is typed without one, where the agent advises none.
const DEFAULT_INTERVAL: &str = "20s";

/// What the user wants to be added.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// The operations that resource agents advise.
    pub(super) resource_agents: bool,
    /// The operations that fence agents advise.
    pub(super) fence_agents: bool,
}

/// Completes a typed object before it is applied.
pub(super) fn complete(object: &mut Object, agents: &Agents, wanted: Wanted) {
    match object {
        Object::Primitive(primitive) => {
            let Agent::Name(name) = &primitive.agent else { return };
            let name = name.clone();
            for op in ops_mut(primitive) {
                add_units(op);
            }
            if primitive.kind == PrimitiveKind::Primitive && wanted.resource_agents {
                let (class, provider, kind) = agents.resolve(&name);
                if (class != "stonith" || wanted.fence_agents)
                    && let Some(found) = agents.described(&class, provider.as_deref(), &kind)
                {
                    add_operations(primitive, &found);
                }
            }
        }
        Object::Bundle(bundle) if wanted.resource_agents => name_mappings(bundle),
        _ => {}
    }
}

fn ops_mut(primitive: &mut Primitive) -> impl Iterator<Item = &mut Op> {
    primitive.body.iter_mut().flat_map(|item| match item {
        BodyItem::Operations(operations) => operations.ops.as_mut_slice(),
        BodyItem::Set(_) => &mut [],
    })
}

/// Puts a unit after the times of an operation.
fn add_units(op: &mut Op) {
    for pair in &mut op.pairs {
        if let Pair::Value { name, value: Some(value), .. } = pair
            && matches!(name.as_str(), "interval" | "timeout")
        {
            *value = with_unit(value);
        }
    }
}

/// Returns a time with a unit: what has none is seconds.
fn with_unit(time: &str) -> String {
    let letters = time.trim_start_matches(|c: char| c.is_ascii_digit());
    let has_unit = letters.len() < time.len()
        && !letters.is_empty()
        && letters.chars().all(|c| c.is_ascii_lowercase());
    if has_unit { time.to_owned() } else { format!("{time}s") }
}

fn add_operations(primitive: &mut Primitive, agent: &Metadata) {
    let place = primitive.body.iter().position(|i| matches!(i, BodyItem::Operations(_)));
    let mut operations = match place.map(|at| primitive.body.remove(at)) {
        Some(BodyItem::Operations(operations)) => operations,
        _ => Operations::default(),
    };
    let mut configured = Vec::new();
    for op in &mut operations.ops {
        complete_op(op, agent);
        configured.push(op.name.clone());
    }
    // monitor comes first, the others in the agent's order
    let others = agent.actions.iter().filter(|a| a.name != "monitor");
    for action in agent.named("monitor").chain(others) {
        let advised = ADVISED.contains(&action.name.as_str());
        if advised && !configured.contains(&action.name) {
            operations.ops.push(advised_op(action));
        }
    }
    if !operations.ops.is_empty() || operations.id.is_some() || operations.id_ref.is_some() {
        primitive.body.push(BodyItem::Operations(operations));
    }
}

fn advised_op(action: &Action) -> Op {
    let mut pairs = Vec::new();
    for (name, value) in &action.advice {
        let times = matches!(name.as_str(), "interval" | "timeout");
        if ADVISED_ATTRIBUTES.contains(&name.as_str()) || (action.name != "monitor" && !times) {
            let value = if times { with_unit(value) } else { value.clone() };
            pairs.push(Pair::new(name.as_str(), value));
        }
    }
    if action.advised("interval").is_none() {
        pairs.push(Pair::new("interval", "0s"));
    }
    Op { name: action.name.clone(), pairs, description: None, sets: Vec::new() }
}

/// Adds the interval and the timeout that are not typed.
fn complete_op(op: &mut Op, agent: &Metadata) {
    if !ADVISED.contains(&op.name.as_str()) {
        return;
    }
    let role = op.pairs.iter().find(|p| p.name() == Some("role")).and_then(Pair::value);
    let action = match role.filter(|_| op.name == "monitor") {
        None => agent.actions.iter().find(|a| a.name == op.name),
        Some(role) => {
            let fits = |a: &&Action| a.advised("role").is_some_and(|r| same_role(r, role));
            agent.named("monitor").filter(fits).last()
        }
    };
    let advised = |name: &str| action.and_then(|a| a.advised(name)).map(with_unit);
    let has = |op: &Op, name| op.pairs.iter().any(|p| p.name() == Some(name));
    if !has(op, "interval") {
        let default = if op.name == "monitor" { DEFAULT_INTERVAL } else { "0s" };
        let interval = advised("interval").unwrap_or_else(|| default.to_owned());
        add_attribute(op, Pair::new("interval", interval));
    }
    if let Some(timeout) = advised("timeout")
        && !has(op, "timeout")
    {
        add_attribute(op, Pair::new("timeout", timeout));
    }
}

/// Adds an attribute after the last one, before what goes into the operation's parameters.
fn add_attribute(op: &mut Op, pair: Pair) {
    let is_attribute = |p: &Pair| p.name().is_some_and(|n| OP_ATTRIBUTES.contains(&n));
    let at = op.pairs.iter().rposition(is_attribute).map_or(0, |last| last + 1);
    op.pairs.insert(at, pair);
}

const OP_ATTRIBUTES: [&str; 10] = [
    "description",
    "enabled",
    "interval",
    "interval-origin",
    "on-fail",
    "record-pending",
    "requires",
    "role",
    "start-delay",
    "timeout",
];

fn same_role(a: &str, b: &str) -> bool {
    let class = |role: &str| match role {
        "Promoted" | "Master" => Some(true),
        "Unpromoted" | "Slave" => Some(false),
        _ => None,
    };
    class(a).is_some() && class(a) == class(b)
}

/// Gives the mappings of a new bundle ids that say what they are.
fn name_mappings(bundle: &mut Bundle) {
    let id = bundle.id.clone();
    for item in &mut bundle.items {
        let BundleItem::Container(part) = item else { continue };
        for (at, (tag, pairs)) in part.mappings.iter_mut().enumerate() {
            if !pairs.iter().any(|p| p.name() == Some("id")) {
                let name = format!("{id}_{}_{}", tag.replace('-', "_"), at + 1);
                pairs.insert(0, Pair::new("id", name));
            }
        }
    }
}

/// Completes a clone that has just been made: its instances do not wait for each other across
/// nodes, and it is promotable where its agent can be promoted.
pub(super) fn complete_clone(cib: &mut Cib, id: &str, agents: &Agents) {
    let Some(clone) = cib.find(id).filter(|e| e.name() == "clone") else { return };
    let Some(primitive) = clone.child("primitive") else { return };
    let unset = |name: &str| attributes::find(clone, SetKind::Meta, name).next().is_none();
    let agent = agents.described(
        primitive.attr("class").unwrap_or_default(),
        primitive.attr("provider"),
        primitive.attr("type").unwrap_or_default(),
    );
    let can = |name| agent.as_ref().is_some_and(|a| a.named(name).next().is_some());
    let promotable = unset("promotable") && can("promote") && can("demote");
    let interleave = unset("interleave");
    let at = clone.xml_id();
    let set = format!("{id}-meta_attributes");
    let names = [("promotable", promotable), ("interleave", interleave)];
    for (name, _) in names.into_iter().filter(|(_, wanted)| *wanted) {
        attributes::set(cib, at, SetKind::Meta, &set, name, "true");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_without_unit_are_seconds() {
        assert_eq!(with_unit("10"), "10s");
        assert_eq!(with_unit("10ms"), "10ms");
        assert_eq!(with_unit("PT5M"), "PT5Ms");
    }

    #[test]
    fn attributes_stand_before_parameters() {
        let mut op = Op {
            name: "monitor".to_owned(),
            pairs: vec![Pair::new("interval", "9s"), Pair::new("OCF_CHECK_LEVEL", "10")],
            description: None,
            sets: Vec::new(),
        };
        add_attribute(&mut op, Pair::new("timeout", "20s"));
        let names: Vec<_> = op.pairs.iter().filter_map(Pair::name).collect();
        assert_eq!(names, ["interval", "timeout", "OCF_CHECK_LEVEL"]);
    }
}
