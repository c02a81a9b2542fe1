//! What is wrong with a configuration: what came up while it was read and scheduled, and what the
//! scheduler passes over in silence.
//!
//! **Source:** pacemaker `pcmk__config_err()` and `pcmk__config_warn()` in `lib/pengine/complex.c`,
//! `utils.c`, `group.c`, `pe_actions.c`, `unpack.c`, `lib/pacemaker/pcmk_sched_recurring.c`,
//! `pcmk_sched_ordering.c`, `pcmk_scheduler.c`.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use cib_model::role::Role;
use cib_model::score::Score;
use cib_model::xml::ElementRef;
use cib_model::{Cib, boolean};

use crate::Options;
use crate::actions::recurring::cannot_recur;
use crate::constraints;
use crate::diagnostics::{Diagnostic, Diagnostics, Matter};
use crate::facts::{ClusterFlags, RscFlags, VariantFacts, op_interval};
use crate::index::RscIdx;
use crate::plan::Plan;
use crate::schedule::schedule_plan;
use crate::unpack;

/// Returns what is wrong with the configuration, each finding once: of everything where
/// `with_status`, else only of what is read before scheduling begins.
pub fn diagnose(cib: &Cib, options: &Options, with_status: bool) -> Vec<Diagnostic> {
    let mut plan = unpack::run(cib, options);
    let mut found = std::mem::take(&mut plan.diagnostics);
    for rsc in plan.facts.rscs.indices() {
        meta_attributes(&plan, rsc, &mut found);
    }
    node_scores(&plan, &mut found);
    if with_status {
        schedule_plan(&mut plan);
        found.list.append(&mut plan.diagnostics.list);
        for rsc in plan.facts.rscs.indices() {
            operations(&plan, rsc, &mut found);
        }
        unclean_nodes(&plan, &mut found);
    } else {
        plan.apply_node_health();
        constraints::run(&mut plan);
        found.list.append(&mut plan.diagnostics.list);
    }
    orderings(&plan, &mut found);
    expressions(&plan, &mut found);
    let mut told = BTreeSet::new();
    found.list.retain(|d| d.matter == Matter::Configuration && told.insert(d.message.clone()));
    found.list
}

/// Checks the values of a resource's meta attributes.
fn meta_attributes(plan: &Plan, rsc: RscIdx, found: &mut Diagnostics) {
    let facts = &plan.facts.rscs[rsc];
    let (id, meta) = (&facts.id, &facts.meta);
    let fencing = plan.facts.options.has(ClusterFlags::FENCING_ENABLED);
    let is_device = plan.rscs[rsc].has(RscFlags::FENCE_DEVICE);
    let reset = |why| format!("Resetting \"requires\" for {id} to \"quorum\" because {why}");
    match meta.get("requires").map(str::to_ascii_lowercase).as_deref() {
        Some("fencing") if !fencing => {
            found.warn(format!("{id} requires fencing but fencing is disabled"));
        }
        Some("unfencing") if is_device => {
            found.warn(reset("fencing devices cannot require unfencing"));
        }
        Some("unfencing") if !fencing => found.warn(reset("fencing is disabled")),
        _ => {}
    }
    for (name, subject, default) in [
        ("priority", "priority", "0"),
        ("resource-stickiness", "resource-stickiness", "0"),
        ("migration-threshold", "meta-attribute migration-threshold", "INFINITY"),
    ] {
        let value = meta.get(name).filter(|v| Score::parse(v).is_err());
        if let Some(value) = value.filter(|v| !v.eq_ignore_ascii_case("default")) {
            found.warn(format!(
                "Using default ({default}) for resource {id} {subject} because '{value}' is not a \
                 valid value: Bad input value provided"
            ));
        }
    }
    let responses = ["stop_only", "block", "stop_unexpected", "stop_start"];
    if let Some(value) = meta.get("multiple-active")
        && !responses.iter().any(|known| value.eq_ignore_ascii_case(known))
    {
        found.warn(format!(
            "{value} is not a valid value for multiple-active, using default of \"stop_start\""
        ));
    }
    target_role(plan, rsc, found);
    if matches!(facts.kind, VariantFacts::Group(_)) {
        for option in ["ordered", "collocated"] {
            if meta.get(option).and_then(boolean::parse) == Some(false) {
                found.warn(format!(
                    "Support for the '{option}' group meta-attribute is deprecated and will be \
                     removed in a future release (use a resource set instead)"
                ));
            }
        }
    }
}

/// # Source
/// `pe__target_role()`
fn target_role(plan: &Plan, rsc: RscIdx, found: &mut Diagnostics) {
    let facts = &plan.facts.rscs[rsc];
    let Some(value) = facts.meta.get("target-role") else { return };
    if value.eq_ignore_ascii_case("started") || value.eq_ignore_ascii_case("default") {
        return;
    }
    let why = match Role::parse(value).filter(|role| *role != Role::Unknown) {
        None => "is not valid",
        Some(role) if role > Role::Started => {
            let top = plan.facts.top_below_bundle(rsc);
            if plan.rscs[top].has(RscFlags::PROMOTABLE) {
                return;
            }
            "only makes sense for promotable clones"
        }
        Some(_) => return,
    };
    found.error(format!("Ignoring 'target-role' for {} because '{value}' {why}", facts.id));
}

fn node_scores(plan: &Plan, found: &mut Diagnostics) {
    let configuration = plan.facts.config.root().child("configuration");
    let nodes = configuration.and_then(|c| c.child("nodes"));
    for node in nodes.into_iter().flat_map(|nodes| nodes.children_named("node")) {
        let Some(score) = node.attr("score").filter(|score| Score::parse(score).is_err()) else {
            continue;
        };
        found.warn(format!(
            "Using 0 as score for node {} because '{score}' is not a valid score: Bad input value \
             provided",
            node.attr("uname").unwrap_or("without name")
        ));
    }
}

/// Checks the operations of a resource.
fn operations(plan: &Plan, rsc: RscIdx, found: &mut Diagnostics) {
    let id = &plan.facts.rscs[rsc].id;
    let ops: Vec<ElementRef<'_>> = plan.ops(rsc).collect();
    let mut ids: FxHashMap<(Option<&str>, u32), Vec<&str>> = FxHashMap::default();
    for op in ops.iter().filter(|op| op.attr("name").is_some()) {
        ids.entry((op.attr("name"), op_interval(*op))).or_default().extend(op.id());
    }
    for op in &ops {
        let name = op.attr("name").unwrap_or_default();
        let own = op.id().unwrap_or_default();
        if op_interval(*op) > 0 {
            let same = ids.get(&(op.attr("name"), op_interval(*op))).map_or(&[][..], Vec::as_slice);
            if cannot_recur(name) {
                found.error(format!("Ignoring {own} because {name} action cannot be recurring"));
            } else if let [first, second, ..] = same {
                found.error(format!(
                    "Operation {second} is duplicate of {first} (do not use same name and interval \
                     combination more than once per resource)"
                ));
            }
        }
        if let Some(value) = op.attr("on-fail") {
            on_fail(plan, (id, name, value), *op, found);
        }
    }
}

/// # Source
/// `validate_on_fail()`, `pcmk__parse_on_fail()`
fn on_fail(
    plan: &Plan,
    (id, name, value): (&str, &str, &str),
    op: ElementRef<'_>,
    found: &mut Diagnostics,
) {
    let word = value.to_ascii_lowercase();
    if name == "stop" && matches!(&*word, "standby" | "demote" | "stop") {
        found.error(format!(
            "Resetting 'on-fail' for {id} stop action to default value because '{value}' is not \
             allowed for stop"
        ));
        return;
    }
    let promoted = op.attr("role").and_then(Role::parse) == Some(Role::Promoted);
    let may_demote = name == "promote" || name == "monitor" && op_interval(op) > 0 && promoted;
    match &*word {
        "demote" if !may_demote => found.error(format!(
            "Resetting 'on-fail' for {id} {name} action to default value because 'demote' is not \
             allowed for it"
        )),
        "fence" if !plan.facts.options.has(ClusterFlags::FENCING_ENABLED) => found.error(format!(
            "Resetting 'on-fail' for {name} of {id} to 'stop' because 'fence' is not valid when \
             fencing is disabled"
        )),
        "block" | "fence" | "standby" | "ignore" | "nothing" | "migrate" | "stop" | "restart"
        | "restart-container" | "demote" => {}
        _ => found.error(format!(
            "Using default 'on-fail' for {name} of {id} because '{value}' is not valid"
        )),
    }
}

/// Names nodes whose state is unknown and that nobody can fence.
///
/// # Source
/// `schedule_fencing_and_shutdowns()`
fn unclean_nodes(plan: &Plan, found: &mut Diagnostics) {
    let mut lost = false;
    let managed = plan.has_managed();
    for node in plan.facts.node_order.iter().copied() {
        let fenced = managed && plan.can_fence(Some(node));
        if !plan.facts.is_guest(node) && plan.nodes[node].unclean && !fenced {
            let name = &plan.facts.nodes[node].name;
            found.warn(format!("Node {name} is unclean but cannot be fenced"));
            lost = true;
        }
    }
    if lost && !plan.facts.options.has(ClusterFlags::FENCING_ENABLED) {
        found.warn(
            "Resource functionality and data integrity cannot be guaranteed (configure, enable, \
             and test fencing to correct this)",
        );
    }
}

/// Names what orderings use and a later release will not read.
fn orderings(plan: &Plan, found: &mut Diagnostics) {
    let configuration = plan.facts.config.root().child("configuration");
    let constraints = configuration.and_then(|c| c.child("constraints"));
    for order in constraints.into_iter().flat_map(|c| c.children_named("rsc_order")) {
        if order.attr("kind").is_none() && order.attr("score").is_some() {
            found.warn(
                "Support for 'score' in rsc_order is deprecated and will be removed in a future \
                 release (use 'kind' instead)",
            );
        }
        let first = order.attr("first").and_then(|id| plan.facts.rsc_by_id(id));
        let is_clone = first.is_some_and(|rsc| {
            let facts = &plan.facts.rscs[rsc];
            matches!(facts.kind, VariantFacts::Clone(_)) && !facts.meta.contains("clone-min")
        });
        if is_clone && order.attr("require-all").is_some() {
            found.warn(
                "Support for require-all in ordering constraints is deprecated and will be removed \
                 in a future release (use clone-min clone meta-attribute instead)",
            );
        }
    }
}

/// Names expressions that never pass because something is missing in them.
fn expressions(plan: &Plan, found: &mut Diagnostics) {
    let all = plan.facts.config.root().descendants();
    for expression in all.filter(|e| e.name() == "expression") {
        let id = expression.id().unwrap_or_default();
        let missing = match (expression.attr("attribute"), expression.attr("operation")) {
            (None, _) => "attribute was not specified",
            (_, None) => "it has no operation",
            _ => continue,
        };
        found.error(format!("Treating expression {id} as not passing because {missing}"));
    }
}
